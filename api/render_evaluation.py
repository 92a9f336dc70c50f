"""Evaluations of cleaning and of facts as a person reads them."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import table

MILLION = 1_000_000
SHOWN = 12
"""Kinds of error that a person is shown; JSON has all, also by source."""


def cleaning(data: dict[str, Any]) -> list[RenderableType]:
    """Wrong cells by kind: found, repaired rightly; then what repairs and findings are worth."""
    if not data:
        return []
    total, repairs = data["total"], data["repairs"]
    heads = ("错误 error", "单元格 cells", "查出 found", "%", "修对 repaired rightly", "% ")
    lines = [(item["kind"], *_rates(item)) for item in data["kinds"][:SHOWN]]
    said = (
        f"修复 repairs: {repairs['cells']:,}，准确 precision {percent(repairs['rightly'], repairs['cells'])} · "
        f"改坏的对的单元格 right cells changed: {repairs['changed_right_cells']:,} / {data['cells'] - total['cells']:,} · "
        f"误报 false findings: {data['false_findings']:,} / {data['findings']:,} = {percent(data['false_findings'], data['findings'])}"
    )
    title = "部门写错的单元格 cells that departments wrote wrongly"
    return [table(title, heads, [*lines, ("合计 all", *_rates(total))], right=heads[1:]), Text(said)]


def facts(data: dict[str, Any]) -> list[RenderableType]:
    """Facts by type: how many true ones are told, found, rightly dated; how many of ours are right."""
    if not data:
        return []
    heads = ("事 fact", "真 true", "讲 told", "得 found", "准 dated", "限 bound", "%", "ours", "right")
    rows = [
        (
            words.FACT_TYPES.get(item["type"], item["type"]) or "合计 all",
            *(item[name] for name in ("true", "told", "found", "dated", "bounded")),
            percent(item["dated"] + item["bounded"], item["told"]),
            item["ours"],
            item["right"],
        )
        for item in (*data["types"], data["total"])
    ]
    said = "讲 有来源讲到，得 找到，准 起止日都对；限 没有来源写明起日，只知登记时已成立"
    meant = "bound: no source dates the beginning, only that it held when it was recorded"
    return [table("事实与日期 facts and their dates", heads, rows, right=heads[1:]), Text(f"{said} / {meant}", style="dim")]


def _rates(item: dict[str, Any]) -> tuple[Any, ...]:
    return item["cells"], item["detected"], percent(item["detected"], item["cells"]), item["repaired"], percent(item["repaired"], item["cells"])


def percent(part: int, whole: int) -> str:
    """A share with one place."""
    return f"{part * 1000 // whole / 10:.1f}" if whole else ""
