"""Where a value comes from, and under which condition, as a contract writes it."""

from __future__ import annotations

import re
from typing import Literal, cast

from cityweave.cfd_rules.contract import Cell, When
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known


def cell_of(parent: Node, name: str) -> Cell:
    """The cell under a word."""
    raw = parent.raw[name]
    if isinstance(raw, str):
        return Cell(column=raw)
    node = parent.node(name)
    node.only(known("cell"))
    if node.has("column") == node.has("constant"):
        node.fail("", "须写 column 或 constant 之一 / say either column or constant")
    pattern = node.text("pattern", "")
    try:
        if pattern and re.compile(pattern).groups != 1:
            node.fail("pattern", "正则须恰有一组括号 / the pattern needs exactly one group")
    except re.error as error:
        node.fail("pattern", f"不是正则表达式 / not a regular expression: {error}")
    formats = (*node.texts("format"), *node.texts("formats"))
    for form in formats:
        if not re.fullmatch(r"[^YMD]*(YYYY|MM?|DD?)([^YMD]*)(YYYY|MM?|DD?)([^YMD]*)(YYYY|MM?|DD?)[^YMD]*", form):
            node.fail("format", f"不是日期格式 {form} / not a date format {form}", "例如 YYYYMMDD、YYYY-MM-DD、DD/MM/YYYY / for example")
    measure = cast(Literal["", "millionths"], node.choice("measure", ("", "millionths"), ""))
    codes: tuple[tuple[str, str], ...] = ()
    if node.has("codes"):
        codes = tuple((str(word), str(code)) for word, code in node.node("codes").raw.items())
    listed = node.text("list", "").lstrip("@")
    return Cell(node.text("column", ""), node.text("constant", ""), formats, codes, listed, pattern, measure, node.flag("confirmed", True))


def when_of(node: Node) -> When:
    """The condition under `when`; without one it always holds."""
    if not node.has("when"):
        return When()
    when = node.node("when")
    when.only(known("when"))
    equals = when.node("equals") if when.has("equals") else None
    return When(when.texts("filled"), tuple((column, equals.texts(column)) for column in equals.words) if equals else ())
