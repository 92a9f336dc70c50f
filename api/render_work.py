"""What writing commands say a person: deliveries, proposals, models, plans, runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import Rendered, table
from cityweave.api.workspace import Batch, Proposed


def delivered(batch: Batch, check: Any = None) -> Text:
    """A line for a delivery; `check` is a cfd_rules.model.DeliveryCheck."""
    rows = "" if check is None else f", {check.rows:,} 行 rows"
    said = Text(f"第 {batch.number} 批 batch: {words.source(batch.source)} ({batch.source}) {batch.file_name}, {batch.delivered}{rows}")
    if check is not None and check.quarantined:
        said.append(", ").append(f"{check.quarantined:,} 行读不了，将隔离 / rows will be quarantined", "yellow")
    if check is not None and check.unmapped:
        said.append(f"\n  合同没有提到的列，不会带入 / columns the contract says nothing of, never carried on: {', '.join(check.unmapped)}", "dim")
    return said


def models(report: Iterable[Mapping[str, Any]]) -> list[str]:
    """A line per trained model, and one on the rules that were vetted."""
    said = [
        f"{words.KINDS[item['kind']]}: 学自 {item['records']:,} 条记录 / learned from {item['records']:,} records (m: {item['m']}) → {item['file']}"
        for item in report
        if item["kind"] != "rules"
    ]
    return said + [
        f"规则 rules: 检验 {len(item['vetted'])} 条 vetted; 只报告不修复 may only report: {'、'.join(item['held_back']) or '—'} → {item['file']}"
        for item in report
        if item["kind"] == "rules"
    ]


def explained(plan: Iterable[Any]) -> Rendered:
    """The plan, a line per step (engine.run.Explained)."""
    named = {"cached": "已有 cached", "to run": "要做 to run", "not needed": "不需要 not needed"}
    rows = ((item.name, named[item.state], item.says, ", ".join(item.reads)) for item in plan)
    return [table("", ("步骤 step", "状态 state", "做什么 what", "读 reads"), rows)]


def explained_document(item: Any) -> dict[str, Any]:
    """A step of the plan as JSON."""
    return {"step": item.name, "key": item.key, "state": item.state, "says": item.says, "reads": list(item.reads)}


def ran(done: Any) -> list[Text]:
    """What a run did (pipeline.Ran)."""
    steps = [item for item in done.reports if item.executed]
    peak = max((item.peak_mb for item in steps), default=0)
    took = f"{len(steps)} 步 steps, {done.seconds:.1f} 秒 s"
    served = f"第 {done.generation} 代已可用 / generation {done.generation} is served"
    same = f"没有变化，沿用第 {done.generation} 代 / nothing changed, generation {done.generation} stays"
    lines = [Text.assemble((served, "bold"), f": {took}, 内存峰值 peak {peak:,} MB") if done.new else Text.assemble((same, "bold"), f": {took}")]
    if not done.retired:
        gone = "上一代的表已丢失，消失的编号无从记下 / the former generation's tables were gone: ids that vanished could not be kept"
        lines.append(Text(gone, "yellow"))
    if done.quarantined:
        lines.append(Text(f"{done.quarantined:,} 行读不了，已隔离 / rows could not be read and are in quarantine: cityweave quality --rows", "yellow"))
    return lines


def proposal(given: Proposed) -> Rendered:
    """A proposed contract: which column is which element, how sure, why."""
    rows = (
        (line["column"], words.element(line["element"]), f"{line['sure']} %", line["why"])
        if line["element"]
        else (line["column"], line["use"] or "— 不用 unused", "", line["why"])
        for line in given.lines
    )
    made: Rendered = [
        Text(f"{given.file} ({given.rows:,} 行 rows) → {given.contract}", style="bold"),
        table("", ("列 column", "数据元 element", "把握 sure", "为什么 why"), rows, right=("把握 sure",)),
        Text(f"主键 key: {', '.join(given.key) or '没有 none'}"),
    ]
    if given.unconfirmed:
        made.append(
            Text(
                f"号码类的列须由人确认 / identifier columns want a person's word: {', '.join(given.unconfirmed)}\n"
                f"看过后把 {given.contract} 里的 confirmed: false 改为 true / look, then change confirmed: false to true there",
                style="yellow",
            )
        )
    made += [Text(f"然后 / then: cityweave deliver {given.source} {file}", style="green") for file in (given.file, *given.later)]
    return made
