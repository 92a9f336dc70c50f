"""Answers to sentences, and what can be asked, as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import Rendered, table

ALLOWED = {"yes": "可以 yes", "partly": "部分 partly", "no": "不能 no"}


def understood(data: dict[str, Any]) -> Rendered:
    """How a sentence was understood; where it asks how many, the count first."""
    said = data["understood"]
    fields = "，".join(f"{name} = {value}" for name, value in said["fields"].items())
    count = [Text(f"共 count: {data['count']}", style="bold")] if data.get("count") is not None else []
    return [Text(f"理解为 understood as: {said['question']}{f'（{fields}）' if fields else ''}", style="dim"), *count]


def which(data: dict[str, Any], line: Callable[[Any], str]) -> Rendered:
    """The entities that one name may mean."""
    found = data["which"]
    rows = ((item["entity"], line(item), "、".join(map(words.source, item["sources"]))) for item in found["entities"])
    head = f"同名者 of that name: {found['total']}；请在句中写编号 / write the id in the sentence"
    return [*understood(data), table(head, ("编号 id", "是谁 who", "来源 sources"), rows)]


def can(data: dict[str, Any]) -> Rendered:
    """A line a question, its gaps below."""
    rows = []
    for line in data["questions"]:
        gaps = "\n".join(f"{words.chinese(gap['what'])}：{words.chinese(gap['then'])}" for gap in line["gaps"])
        sources = sorted({source for has in line["has"] for source in has["sources"]})
        rows.append((f"{line['question']} {line['list'] or ''}".strip(), ALLOWED[line["allowed"]], "、".join(map(words.source, sources)), gaps))
    return [table("能问什么 what can be asked", ("问题 question", "能否 allowed", "来源 sources", "缺 gaps"), rows)]
