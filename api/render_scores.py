"""Scores as tables: by kind beside the baselines, by source, by class of error, look-alikes, and the largest mistakes in words."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from cityweave.api import render_evaluation, words
from cityweave.api.render_table import Rendered, table

SHOWN = 12
SHORT = {"legal_entity": "法人 firm"}
TITLES = {"cityweave": "", "keys": " 号码", "splink": " Splink"}
SAID = (
    "P 精确 precision，R 召回 recall，F1 成对 pairwise，B³ B-cubed；无号 pairs where a side lacks a usable identifier；"
    "号码 按号码、否则按姓名和出生连接 a join on identifier, else name and birth；Splink 其推荐做法、事后最佳阈值 its recipe, best threshold in hindsight"
)


def scores(data: dict[str, Any]) -> Rendered:
    """Ours beside the baselines, by kind; then what truth tells of errors."""
    systems = [name for name in TITLES if any(name in kind for kind in data["kinds"])]
    heads = ["类 kind", "记录 n", "真 true", "得 got", "P", "R", "F1", "无号 F1", "B³ F1", *(f"F1{TITLES[name]}" for name in systems[1:])]
    rows = [_line(kind, systems) for kind in data["kinds"]]
    made: Rendered = [table("", tuple(heads), rows, right=tuple(heads[1:])), Text(SAID, style="dim")]
    for kind in data["kinds"]:
        for name, title in (("sources", "来源 source"), ("classes", "错误 error")):
            lost = [line for line in kind[name] if line["f1"] < 1]
            made += _groups(f"{words.KINDS[kind['kind']]}：{title}", lost[:SHOWN])
    if data["lookalikes"]:
        alike = "易混淆的人 look-alikes: {pairs:,} 对 pairs，误合 wrongly merged {merged:,}；{people:,} / {of_people:,} 人 people"
        made.append(Text(alike.format(**data["lookalikes"])))
    for item in data["mistakes"]:
        made.append(Text("{kind} {wrong} {pairs} 对 pairs: {left} · {right}".format(**item), style="bold"))
        made += [Text(f"  {sentence}") for sentence in item["sentences"]]
    return [*made, *render_evaluation.cleaning(data["cleaning"]), *render_evaluation.facts(data["facts"])]


def _line(kind: dict[str, Any], systems: list[str]) -> tuple[Any, ...]:
    ours = kind["cityweave"]
    pair = ours["pairwise"]
    name = SHORT.get(kind["kind"], words.KINDS[kind["kind"]])
    said = (f"{pair['precision']:.3f}", f"{pair['recall']:.3f}", f"{pair['f1']:.4f}", f"{ours['without_identifier']['f1']:.4f}", f"{ours['b_cubed']['f1']:.4f}")
    return name, kind["records"], kind["true_entities"], kind["entities"], *said, *(f"{kind[system]['pairwise']['f1']:.4f}" for system in systems[1:])


def _groups(title: str, lines: list[dict[str, Any]]) -> Rendered:
    heads = ("", "记录 n", "无号 no id", "P", "R", "F1")
    rows = [
        (line["group"], line["records"], line["without_identifier"], f"{line['precision']:.3f}", f"{line['recall']:.3f}", f"{line['f1']:.4f}") for line in lines
    ]
    return [table(title, heads, rows, right=heads[1:])] if rows else []
