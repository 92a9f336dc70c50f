"""Service lists and proofs as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.answers_lists import BASES
from cityweave.api.render_table import Rendered, table

HEADS = {"eligible": "符合 eligible", "to_check": "待核实 to check", "left_out": "不列 left out"}


def service_list(data: dict[str, Any]) -> Rendered:
    """What is not known first, then the three parts."""
    made: Rendered = [Text(f"{data['says']}：{data['first']} … {data['last']}（{data['as_of']} 的处境 as of that day）", style="bold")]
    made += [Text(f"⚠ 未装载 not loaded: {item['what']} → {item['then']}", style="yellow") for item in data["missing"]]
    for part, head in HEADS.items():
        lines = data[part]
        if not lines and part != "eligible":
            continue
        rows = [_row(line, part) for line in lines]
        heads = ("日 on", "谁 who", "依据 rests on", "地址 address" if part == "eligible" else "原因 why", "编号 id")
        made.append(table(f"{head}: {data['total'][part]}", heads, rows))
        if data["cut"][part]:
            made.append(Text(f"另有 {data['cut'][part]} 个未列出 / {data['cut'][part]} more not listed: --limit", style="yellow"))
    return made


def _row(line: dict[str, Any], part: str) -> tuple[str, ...]:
    who = " ".join(filter(None, (line.get("name"), words.code("sex", line.get("sex")).split(" ")[0], line.get("birth"), line.get("uscc"))))
    last = _address(line) if part == "eligible" else "；".join(map(_reason, line["reasons"]))
    return line["on"] or "", who, _rests(line), last, line["entity"]


def _address(line: dict[str, Any]) -> str:
    sure = f"（{line['address_sure'].split(' ')[0]}）" if "address_sure" in line else ""
    return f"{line.get('address') or ''}{sure}"


def _rests(line: dict[str, Any]) -> str:
    said = []
    if "birth_sources" in line:
        told = "、".join(map(words.source, line["birth_sources"])) or "—"
        said.append(f"出生 birth: {told}{' + 号码 number' if line['birth_by_number'] else ''}")
    if line.get("certificate"):
        said.append(f"{words.source(line['certificate'])} {line.get('number') or ''}")
    if line["basis"] or line["basis_sources"]:
        basis, told = BASES.get(line["basis"] or "", "").split(" ")[0], "、".join(map(words.source, line["basis_sources"]))
        said.append(f"{basis} {told} {line['confirmed'] or ''}".strip())
    return "；".join(said)


def _reason(reason: dict[str, Any]) -> str:
    told = "、".join(map(words.source, reason["sources"]))
    return " ".join(filter(None, (words.chinese(reason["says"]), reason["on"], told, reason["other"])))


def proof(data: dict[str, Any]) -> Rendered:
    """The verdict, then the documents, or what is missing."""
    style = {"yes": "bold green", "no": "bold magenta", "unknown": "bold yellow"}[data["verdict"]]
    kind = {"birth": "", "adoption": "（收养 by adoption）", "any": "（不论生养 by birth or not）"}[data["by"]]
    made: Rendered = [Text(f"{data['says']}{kind}：{data['verdict_says']}", style=style)]
    if data["documents"]:
        rows = ((one["title"], words.source(one["source"] or ""), one["on"], one["states"]) for one in data["documents"])
        made.append(table("", ("文件 document", "来源 source", "日 on", "载明 states"), rows))
    made += [Text(f"缺 missing: {text}", style="yellow") for text in data["missing"]]
    return [*made, *([Text(data["note"], style="dim")] if data["note"] else [])]


RENDERERS: dict[str, Callable[[dict[str, Any]], Rendered]] = {"list": service_list, "prove": proof}
