"""Commands of the service officer: lists by rule, and who does not want to be listed."""

from __future__ import annotations

from typing import Annotated

import typer

from cityweave.api.cli_app import HERE, AsOf, Because, By, Clear, Generation, Json, Known, Limit, Purpose, Where, app, ask, at, say
from cityweave.api.door import Door
from cityweave.api.model_lists import ServiceList


@app.command("list")
def service_list(
    rule: Annotated[str, typer.Argument(metavar="LIST")],
    workspace: Where = HERE,
    month: Annotated[
        str | None, typer.Option("--month", help="哪个月：this、next（缺省）、2020-07、next-09（明年9月）；学年写9月 / a school year by its September")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", help="按天的名单：今后几天之内，缺省 30 / lists by days: within how many, by default 30")] = None,
    what: Annotated[str | None, typer.Option("--what", help="证照名单：只列名称含此词的证照 / only certificates whose kind contains this word")] = None,
    as_of: AsOf = None,
    known: Known = None,
    limit: Limit = 1000,
    generation: Generation = None,
    purpose: Purpose = "",
    clear: Clear = False,
    as_json: Json = False,
) -> None:
    """按规则列名单：senior-card、school-entry、certificate-expiring、permit-expiring / a list by a rule: eligible, to check, left out, with reasons."""
    asked = ServiceList(rule=rule, month=month, days=days, what=what, as_of=as_of, known=known, limit=limit, generation=generation)
    ask(workspace, asked, as_json, purpose, clear)


@app.command("opt-out")
def opt_out(
    who: Annotated[str, typer.Argument(metavar="ENTITY|RECORD")],
    by: By,
    because: Because,
    workspace: Where = HERE,
    rule: Annotated[str, typer.Option("--list", help="只对一张名单，缺省为全部 / for one list only, by default for all")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="收回 / take it back")] = False,
    as_json: Json = False,
) -> None:
    """记下本人不愿列入名单；--undo 收回，都留存 / keep that somebody does not want to be listed; --undo takes it back, both stay on record."""
    opened = at(workspace)
    door = Door(opened)
    ref = door.ref(who)
    if rule:
        door.service(rule)
    number = opened.state.opt_out(ref, rule, by, because, undo=undo)
    say(
        as_json,
        {"number": number, "list": rule or None, "opted_out": not undo},
        f"第 {number} 号已记下，即刻生效 / number {number} is kept and counts from now on",
    )
