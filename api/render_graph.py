"""Answers of the graph as a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.text import Text

from cityweave.api import words
from cityweave.api.render_table import Rendered, table


def neighbours(data: dict[str, Any]) -> Rendered:
    """Who was reached, and by which relations."""
    rows = []
    for item in data["found"]:
        for edge in item["edges"]:
            arrow = "→" if edge["to"] == item["node"] else "←"
            node = item["node"] if item["kind"] != "thing" else ""
            until = f"{edge['valid_from'] or '—'} … {edge['valid_to'] or ''}"
            rows.append(
                (
                    item["distance"],
                    f"{arrow} {words.EDGES.get(edge['type'], edge['type'])}",
                    item["label"],
                    node,
                    until,
                    "、".join(map(words.source, edge["sources"])),
                )
            )
    columns = ("步 step", "关系 relation", "谁 who", "编号 id", "起止 held", "来源 sources")
    made: Rendered = [table(f"{data['label'] or ''} {data['entity']}", columns, rows, right=("步 step",))]
    if data["cut"]:
        made.append(Text(f"另有 {data['cut']} 个未列出 / {data['cut']} more not listed: --limit", style="yellow"))
    return made


def path(data: dict[str, Any]) -> Rendered:
    """The chain, a line a step."""
    if not data["nodes"]:
        return [Text("在此步数内没有关系链 / no chain within that many steps")]
    labels = {node["node"]: node["label"] or node["node"] for node in data["nodes"]}
    rows = []
    for before, after, edge in zip(data["nodes"], data["nodes"][1:], data["edges"], strict=False):
        arrow = "→" if edge["to"] == after["node"] else "←"
        rows.append(
            (
                labels[before["node"]],
                f"{arrow} {words.EDGES.get(edge['type'], edge['type'])}",
                labels[after["node"]],
                "、".join(map(words.source, edge["sources"])),
            )
        )
    return [table(f"{len(rows)} 步 steps", ("从 from", "关系 relation", "到 to", "来源 sources"), rows)]

RENDERERS: dict[str, Callable[[dict[str, Any]], Rendered]] = {"neighbours": neighbours, "path": path}
