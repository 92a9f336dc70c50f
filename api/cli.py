"""The command line: thin. Every read is a question to the door, every write a call of workspace, state or pipeline. No value of a record is an argument."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from cityweave.api import audit, cli_ask, cli_graph, cli_lists, cli_neo4j, cli_prove, cli_screen, demo_text, errors, pipeline, render, render_work, words
from cityweave.api.cli_app import HERE, AsOf, Because, By, Clear, Generation, Json, Known, Limit, Purpose, Where, app, ask, at, note, out, say, standard_input
from cityweave.api.desk import day
from cityweave.api.door import Door
from cityweave.api.model import (
    Diff,
    Digest,
    Entity,
    Evaluate,
    Export,
    Find,
    How,
    Possible,
    Quality,
    Status,
    Timeline,
    Turning,
    Why,
    WhyNot,
)
from cityweave.api.progress import StepLines
from cityweave.api.state import Grant
from cityweave.api.workspace import Workspace, write_table
from cityweave.engine.errors import InputError

MORE = (cli_ask, cli_graph, cli_lists, cli_neo4j, cli_prove, cli_screen)
"""Modules with further commands; importing them puts these on the application."""


def fixtures() -> Any:
    """The synthetic city (cityweave.fixtures), loaded only by the commands that make or show one."""
    return importlib.import_module("cityweave.fixtures")


@app.command()
def generate(
    out_folder: Annotated[Path, typer.Argument(metavar="OUT")],
    tier: str = "S",
    seed: int = 1,
    errors: Annotated[str, typer.Option("--errors", help="部门写错多少：light、real、harsh / how much departments get wrong: light, real, harsh")] = "real",
    rings: Annotated[bool, typer.Option("--rings/--no-rings", help="投标人中有无围串标团伙 / whether some bidders are rings")] = True,
    as_json: Json = False,
) -> None:
    """造一座城市：部门文件和真相 / make a synthetic city: its departments' files and the truth."""
    fixtures().generate(out_folder, tier, seed, errors, rings)
    say(as_json, {"out": str(out_folder), "tier": tier, "seed": seed}, f"已生成 / made: {out_folder} (tier {tier}, seed {seed})")


@app.command()
def init(
    workspace: Where = HERE,
    city: Annotated[Path | None, typer.Option("--city", help="cityweave generate 造出的文件夹 / a folder made by cityweave generate")] = None,
    batches: Annotated[str, typer.Option("--batches", help="first 或 all：只交第一批，还是全部 / the first batch only, or all")] = "first",
    from_: Annotated[
        list[Path] | None, typer.Option("--from", help="自己的文件或文件夹：提出合同，由人确认 / your own files or folder: contracts are proposed")
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="--from 之后还可列更多文件 / more files after --from")] = None,
    as_json: Json = False,
) -> None:
    """建立工作区 / make a workspace: empty, from a synthetic city, or with contracts proposed for your own files."""
    files = [*(from_ or []), *(more or [])]
    missing = [file for file in files if not file.exists()]
    if missing:
        raise InputError("没有这个文件 / there is no such file", ", ".join(map(str, missing)), "检查路径 / check the path")
    if batches not in {"first", "all"}:
        raise InputError(f"看不懂 {batches} / {batches} is not understood", "--batches", "first 或 all / first or all")
    opened = Workspace.create(workspace, demo=city is not None) if not (files and Workspace.exists(workspace)) else at(workspace)
    if city is not None:
        delivered = opened.take_city(city, fixtures().CONTRACTS, first_only=batches == "first")
        words.know(opened.titles())
        say(
            as_json,
            {"workspace": str(workspace), "delivered": [batch.manifest() for batch, _ in delivered]},
            *(render_work.delivered(batch, check) for batch, check in delivered),
        )
    elif files:
        proposals = opened.propose(files)
        if as_json:
            typer.echo(render.json_text({"workspace": str(workspace), "proposals": [item.document() for item in proposals]}))
        else:
            for item in proposals:
                out.print(*render_work.proposal(item), sep="\n")
    else:
        say(
            as_json,
            {"workspace": str(workspace)},
            f"已建立工作区 / made the workspace {workspace}",
            "把合同放进 contracts/，然后 / put contracts into contracts/, then: cityweave deliver SOURCE FILE",
        )


@app.command()
def deliver(
    source: str,
    file: Path,
    workspace: Where = HERE,
    on: Annotated[str | None, typer.Option("--on", help="交付日期，缺省为今天 / date of the delivery, by default today")] = None,
    accept_absences: Annotated[bool, typer.Option("--accept-absences", help="全量交付确实少了许多 / a full delivery that really lacks many keys")] = False,
    as_json: Json = False,
) -> None:
    """交付一个文件：先检查，再原样存入日志 / deliver a file: checked first, then kept as it is in the log."""
    batch, check = at(workspace).deliver(source, file, day(on) or dt.date.today(), accept_absences=accept_absences)  # noqa: DTZ011
    say(
        as_json,
        {**batch.manifest(), "rows": check.rows, "quarantined": check.quarantined, "unmapped": list(check.unmapped)},
        render_work.delivered(batch, check),
    )


@app.command()
def train(workspace: Where = HERE, as_json: Json = False) -> None:
    """从数据学习证据的分量，存成模型 / learn from the data what evidence weighs; the result is a saved model."""
    with StepLines(note) as progress:
        report = pipeline.train(at(workspace), progress)
    say(as_json, {"models": report}, *render_work.models(report))


@app.command()
def run(
    workspace: Where = HERE,
    engine: Annotated[str | None, typer.Option("--engine", help="duckdb 或 spark / duckdb or spark")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="只显示计划 / show the plan only")] = False,
    as_json: Json = False,
) -> None:
    """从日志到答案：只做还没做过的步骤 / from the log to a generation: only steps that were not done before."""
    opened = at(workspace)
    if explain:
        plan = pipeline.explain(opened, engine)
        typer.echo(render.json_text({"steps": [render_work.explained_document(item) for item in plan]})) if as_json else out.print(*render_work.explained(plan))
        return
    with StepLines(note) as progress:
        outcome = pipeline.run(opened, engine, progress)
    say(as_json, outcome.document(), *render_work.ran(outcome))


@app.command()
def status(workspace: Where = HERE, generation: Generation = None, as_json: Json = False) -> None:
    """有哪些交付、哪一代结果、多少实体 / what was delivered, which generation is served, how many entities."""
    ask(workspace, Status(generation=generation), as_json)


@app.command()
def digest(workspace: Where = HERE, generation: Generation = None, as_json: Json = False) -> None:
    """每张表内容的指纹 / the fingerprint of each table's content."""
    ask(workspace, Digest(generation=generation), as_json)


@app.command()
def diff(
    old: Annotated[int | None, typer.Argument()] = None, workspace: Where = HERE, generation: Generation = None, limit: Limit = 20, as_json: Json = False
) -> None:
    """与上一代（或 OLD）相比：合并、拆分、新增、消失的实体 / against the generation before (or OLD): entities merged, split, new, gone."""
    ask(workspace, Diff(old=old, generation=generation, limit=limit), as_json)


@app.command()
def gc(
    workspace: Where = HERE, keep: Annotated[int, typer.Option("--keep", help="保留最近几代 / how many generations to keep")] = 2, as_json: Json = False
) -> None:
    """删去没有哪一代还需要的表 / remove tables that no kept generation needs."""
    done = pipeline.collect(at(workspace), keep)
    say(
        as_json,
        {"kept": done.kept, "removed": done.removed, "freed": done.freed},
        f"保留 {done.kept} 张表，删去 {done.removed} 张，腾出 / kept {done.kept}, removed {done.removed}, freed: {done.freed:,} B",
    )


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Option("--truth", help="真相所在的文件夹 / the folder with the truth")],
    workspace: Where = HERE,
    baselines: Annotated[str, typer.Option("--baselines", help="与何相比：keys、splink / beside what: keys, splink")] = "keys",
    mistakes: Annotated[int, typer.Option("--mistakes", help="列出最大的几个错误 / how many of the largest mistakes to explain")] = 0,
    generation: Generation = None,
    as_json: Json = False,
) -> None:
    """对照真相评分 / score the generation against a truth."""
    ask(workspace, Evaluate(truth=str(truth), baselines=baselines, mistakes=mistakes, generation=generation), as_json)


@app.command()
def export(
    table: str,
    file: Annotated[Path, typer.Option("-o", "--output", help="csv、parquet 或 jsonl 文件 / a csv, parquet or jsonl file")],
    workspace: Where = HERE,
    raw: Annotated[bool, typer.Option("--raw", help="csv 不加 Excel 用的标记和保护 / a csv without the mark and the guard for Excel")] = False,
    everything: Annotated[bool, typer.Option("--all", help="membership：每一个交付的行 / membership: every delivered row")] = False,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """整张表写成文件 / write a whole table into a file."""
    answer = Door(at(workspace)).ask(Export(table=table, all=everything, generation=generation), purpose, clear=clear)
    write_table(answer.frame, file, raw=raw)
    say(as_json, {**answer.document(), "file": str(file)}, f"{answer.data['rows']:,} 行已写入 / rows written: {file}")


@app.command()
def quality(
    workspace: Where = HERE,
    source: Annotated[str | None, typer.Option("--source", help="只看一个来源 / one source only")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="逐行列出文件、行、列、规则 / list file, row, column, rule")] = False,
    limit: Limit = 1000,
    generation: Generation = None,
    as_json: Json = False,
) -> None:
    """查出了什么问题、修复了什么 / what was found wrong and what was repaired."""
    ask(workspace, Quality(source=source, rows=rows, limit=limit, generation=generation), as_json)


@app.command()
def find(
    text: Annotated[str | None, typer.Argument(help="姓名或地址；号码请从标准输入给出 / a name or an address; give numbers on standard input")] = None,
    workspace: Where = HERE,
    kind: Annotated[str | None, typer.Option("--kind", help="person、legal_entity、building、room")] = None,
    limit: Limit = 20,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """找实体；要找的内容从标准输入读 / find entities; reads what to look for from standard input."""
    if text is not None and re.search(r"[0-9０-９]{5}", text):
        raise InputError(
            "号码不能写在命令行上 / numbers may not stand on the command line", "find", "从标准输入给出：cityweave find < FILE / give it on standard input"
        )
    if text in (None, "-"):
        if sys.stdin.isatty():
            note.print("要找的内容，然后回车 / what to look for, then Enter:")
        text = standard_input(one_line=True).strip()
    ask(workspace, Find(text=text or "", kind=kind, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def entity(
    id: str,
    workspace: Where = HERE,
    as_of: AsOf = None,
    known: Known = None,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一个实体：取值、出处、记录 / one entity: its values, where each comes from, its records."""
    ask(workspace, Entity(id=id, known=known, as_of=as_of, generation=generation), as_json, purpose, clear)


@app.command()
def timeline(
    id: str,
    workspace: Where = HERE,
    as_of: AsOf = None,
    known: Known = None,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """一生：何时发生了什么、哪些来源说的 / a life: what happened when, and which sources say so."""
    ask(workspace, Timeline(id=id, as_of=as_of, known=known, generation=generation), as_json, purpose, clear)


@app.command()
def why(
    left: str, right: str, workspace: Where = HERE, generation: Generation = None, purpose: Purpose = "", clear: Clear = False, as_json: Json = False
) -> None:
    """两条记录为什么合并：每一项证据与总和 / why two records were merged: every piece of evidence, and the sum."""
    ask(workspace, Why(left=left, right=right, generation=generation), as_json, purpose, clear)


@app.command("why-not")
def why_not(
    left: str, right: str, workspace: Where = HERE, generation: Generation = None, purpose: Purpose = "", clear: Clear = False, as_json: Json = False
) -> None:
    """两条记录或两个实体为什么没有合并 / why two records, or two entities, were not merged."""
    ask(workspace, WhyNot(left=left, right=right, generation=generation), as_json, purpose, clear)


@app.command()
def how(id: str, workspace: Where = HERE, generation: Generation = None, purpose: Purpose = "", clear: Clear = False, as_json: Json = False) -> None:
    """一个实体是怎样一步步合成的 / how an entity came together, step by step."""
    ask(workspace, How(id=id, generation=generation), as_json, purpose, clear)


@app.command()
def possible(
    workspace: Where = HERE, kind: Annotated[str | None, typer.Option("--kind")] = None, limit: Limit = 20, generation: Generation = None, as_json: Json = False
) -> None:
    """可能相同、待人判断的记录对 / pairs that may be the same and wait for a person."""
    ask(workspace, Possible(kind=kind, limit=limit, generation=generation), as_json)


@app.command()
def decide(
    verb: Annotated[str, typer.Argument(metavar="same|different")],
    left: str,
    right: str,
    by: By,
    because: Because,
    workspace: Where = HERE,
    as_json: Json = False,
) -> None:
    """人的判断：两条记录是同一个，或不是 / a person's word: two records are one, or are not. Counts from the next run on."""
    number = pipeline.decide(at(workspace), verb, left, right, by, because)
    say(
        as_json,
        {"decision": number, "verb": verb},
        f"决定 {number} 已记下，下次 run 生效 / decision {number} is kept and counts from the next run on",
        f"撤销 / to undo: cityweave undo {number} --by … --because …",
    )


@app.command()
def undo(decision: int, by: By, because: Because, workspace: Where = HERE, as_json: Json = False) -> None:
    """撤销一个决定，记录留存 / undo a decision; it stays on record."""
    number = at(workspace).state.undo(decision, by, because)
    say(as_json, {"undone": decision, "number": number}, f"决定 {decision} 已撤销，下次 run 生效 / decision {decision} is undone from the next run on")


@app.command()
def turning(
    age: int,
    workspace: Where = HERE,
    month: Annotated[str, typer.Option("--month", help="this、next 或 2020-07 / this, next, or 2020-07")] = "next",
    limit: Limit = 1000,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """谁在某月满若干岁 / who turns that age in a month."""
    ask(workspace, Turning(age=age, month=month, limit=limit, generation=generation), as_json, purpose, clear)


@app.command()
def grant(
    caller: str,
    by: By,
    because: Because,
    grade: Annotated[int, typer.Option("--grade", help="最高可见几级 / up to which grade")] = 3,
    until: Annotated[str | None, typer.Option("--until", help="到哪一天为止，缺省为 30 天 / until which date, by default 30 days")] = None,
    workspace: Where = HERE,
    as_json: Json = False,
) -> None:
    """授权某人看未遮盖的值 / let somebody see unmasked values, for a time."""
    opened = at(workspace)
    last = day(until) or opened.date() + dt.timedelta(days=30)
    if not 3 <= grade <= 4:
        raise InputError("授权级别为 3 或 4 / a grant is for grade 3 or 4", "--grade", "3 或 4 / 3 or 4")
    if last < opened.date():
        raise InputError("授权已过期 / the grant would be over already", "--until", f"在 {opened.date()} 之后 / after {opened.date()}")
    number = opened.state.grant(Grant(caller, grade, last, by, because))
    say(
        as_json,
        {"grant": number, "caller": caller, "grade": grade, "until": last.isoformat()},
        f"{caller} 可看 {grade} 级，到 {last} / {caller} may see grade {grade} until {last}",
    )


@app.command("audit")
def audit_command(
    workspace: Where = HERE, verify: Annotated[bool, typer.Option("--verify", help="核对整条链 / check the whole chain")] = False, as_json: Json = False
) -> None:
    """核对审计链：改动、缺失的行都会被发现 / check the audit: finds changed and missing rows."""
    check = audit.verify(at(workspace).state)
    say(as_json, {"rows": check.rows, "sound": check.sound, "broken_at": check.broken_at}, f"审计 / audit: {check.says}")
    if not check.sound:
        raise typer.Exit(errors.TAMPERED)


@app.command()
def serve(workspace: Where = HERE, port: Annotated[int | None, typer.Option("--port")] = None) -> None:
    """在本机开门：同样的问题，经 HTTP / open the door on this machine: the same questions over HTTP."""
    opened = at(workspace)
    settings = opened.settings.serve
    opened.token()  # made before the processes look for it
    server = importlib.import_module("cityweave.api.http")  # FastAPI takes long to load, and nothing else needs it
    listening = server.listen(settings.host, port or settings.port)
    note.print(f"http://{settings.host}:{listening.getsockname()[1]}/docs  令牌在 / token in: {opened.token_file}", highlight=False)
    server.serve(workspace, listening, settings.workers)


@app.command()
def demo(folder: Annotated[Path, typer.Argument()] = Path("demo"), tier: str = "S", seed: int = 1) -> None:
    """造一座两万人的城市，从部门文件走到答案 / a city of 20,000 people, from its departments' files to answers."""
    made = fixtures()
    demo_text.show(folder, demo_text.City(tier, seed, lambda target: made.generate(target, tier, seed), made.CONTRACTS), out, note)


def main() -> None:
    """The entry point."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    app()
