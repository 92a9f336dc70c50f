"""Leads of tender screening as a person reads them; every page says that they are leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import Rendered, table

UNITS = {"meetings": "次同场 / meetings", "pairs": "对 / pairs", "lots": "个标段 / lots"}
HOLDS = {"yes": "成立 holds", "no": "不成立 does not", "unknown": "不知 not known"}
SHORT = {
    "device": "机器码 / device",
    "delegate": "委托人 / delegate",
    "contact": "联系人 / contact",
    "staff": "项目成员 / staff",
    "account": "保证金账户 / account",
    "prices": "报价 / prices",
    "joint": "同场 / joint lots",
    "subcontract": "分包 / subcontract",
    "phone": "电话 / phone",
    "control": "资格冲突 / conflict",
}
SHOWN = 5
"""Lots and rows of one evidence that a person is shown; JSON has all."""


def rings(data: dict[str, Any]) -> Rendered:
    """A line a lead."""
    rows = [
        (
            one["id"],
            words.chinese(one["says"]).split("：")[0],
            f"{one['score'] / 1e6:.1f}",
            "\n".join(member["name"] or member["entity"] for member in one["members"]),
            "\n".join(f"{words.chinese(SHORT[item['kind']])} {_short(item)}" for item in (*one["evidence"], *one["conflicts"]) if item["bits"] > 0),
            "\n".join(map(words.chinese, one["innocent"])),
        )
        for one in data["candidates"]
    ]
    heads = ("编号 id", "档 band", "分 bits", "成员 members", "证据 实见/按机会 seen/by chance", "也可能 or else")
    made: Rendered = [Text(f"{data['note']}　{_looked_at(data)}", style="bold"), table("", heads, rows, right=("分 bits",))]
    if data["cut"]:
        made.append(Text(f"另有 {data['cut']} 条未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    return [*made, Text("看一条 / look at one: cityweave ring 编号", style="dim")]


def ring(data: dict[str, Any]) -> Rendered:
    """Members, evidence, innocent explanations, what is missing."""
    made: Rendered = [Text(f"{data['note']}　{data['id']}　{data['says']}　{data['score'] / 1e6:.1f} bits", style="bold")]
    members = [
        (one.get("name"), one.get("uscc"), "证实 accepted" if one["accepted"] else "未证实 not", one.get("address"), one["entity"]) for one in data["members"]
    ]
    made.append(table("成员 members", ("名称 name", "信用代码 uscc", "身份 identity", "住所 address", "编号 id"), members))
    names = {one["entity"]: one.get("name") or one["entity"] for one in data["members"]}
    for title, items in (("证据 evidence", data["evidence"]), ("资格冲突（第三十四条）：同一标段不得同时投标，本身不是串通 / Art. 34", data["conflicts"])):
        for item in items:
            made += _evidence(title, item, names)
    tried = [(item["says"], HOLDS[item["holds"]], item["because"]) for item in data["innocent"]]
    made.append(table("试过的无辜解释 innocent explanations", ("解释 explanation", "是否成立", "因为 because"), tried))
    return [*made, *(Text(f"缺 missing: {text}", style="yellow") for text in data["missing"])]


def _evidence(title: str, item: dict[str, Any], names: dict[str, str]) -> Rendered:
    law = f"第四十条第{'一二三四五六'[int(item['item'][-1]) - 1]}项" if (item["item"] or "").startswith("40.") else ""
    head = f"{title}｜{item['says']} {law}｜{_measure(item)}｜{item['bits'] / 1e6:.1f} bits"
    made: Rendered = [Text(head, style="bold" if item["bits"] > 0 else "dim")]
    links = [
        (names.get(link["left"]), names.get(link["right"]), link["label"] or link["mark"], f"{link['p_same'] / 1000:.3f}", _lots(link["lots"]))
        for link in item["links"]
    ]
    if links:
        made.append(table("", ("一家 one", "另一家 other", "共用 shared", "P(同 same)", "同场标段 lots"), links[:SHOWN]))
    made.append(Text(f"  标段 lots: {_lots(item['lots'])}", style="dim"))
    rows = "、".join(f"{words.source(row['source'])} {row['file']}:{row['row']}" for row in item["rows"][:SHOWN])
    more = f" … +{len(item['rows']) - SHOWN}" if len(item["rows"]) > SHOWN else ""
    return [*made, Text(f"  原始行 rows: {rows}{more}", style="dim")]


def _measure(item: dict[str, Any]) -> str:
    """What was seen, and what chance would give."""
    if item["unit"] == "0.001 %":
        return f"{item['value'] / 1000:.2f}%（同类标段 {item['chance'] / 1_000_000:.2f}%）"
    return f"{item['value']} {words.chinese(UNITS[item['unit']])}（按机会 {item['chance'] / 1000:.2f}）"


def _short(item: dict[str, Any]) -> str:
    if item["unit"] == "0.001 %":
        return f"{item['value'] / 1000:.2f}%/{item['chance'] / 1_000_000:.2f}%"
    return f"{item['value']}/{item['chance'] / 1000:.2f}"


def _lots(lots: list[dict[str, Any]]) -> str:
    said = [f"{lot['lot'] or ''}{'#' + lot['part'] if lot['part'] else ''}" for lot in lots[:SHOWN]]
    return "、".join(said) + (f" … +{len(lots) - SHOWN}" if len(lots) > SHOWN else "")


def _looked_at(data: dict[str, Any]) -> str:
    return f"{data['as_of']} 前 {data['lots']:,} 个标段、{data['bids']:,} 次投标、{data['firms']:,} 家 / lots, bids, firms"


RENDERERS: dict[str, Callable[[dict[str, Any]], Rendered]] = {"rings": rings, "ring": ring}
