"""Where a value comes from, and under which condition, as a contract writes it."""

from __future__ import annotations

import datetime as dt
import re
from typing import cast

from cityweave.cfd_rules.cell import ALWAYS, MEASURES, Cell, Code, Measure, When
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known
from cityweave.cfd_rules.dates import EXCEL, TOKENS
from cityweave.cfd_rules.errors import suggestion

UNITS = {"millionths": ("percent", "share"), "amount": ("元", "万元", "亿元")}
"""Measure -> the units that a plain number may have."""


def cell_of(parent: Node, name: str) -> Cell:
    """The cell under a word: a column, a mapping, or a list of mappings of which the first counts whose condition holds."""
    raw = parent.raw[name]
    if isinstance(raw, list):
        cases = [_cell(node) for node in parent.nodes(name)]
        for place, case in enumerate(cases[:-1]):
            if case.when == ALWAYS:
                todo = "写 when，或移到最后 / say when, or move it last"
                parent.fail(f"{name}[{place}]", "没有条件的只能在最后 / only the last may be without a condition", todo)
        return Cell(cases=tuple(cases))
    if not isinstance(raw, dict):
        return Cell(column=parent.text(name))
    cell = _cell(parent.node(name))
    return cell if cell.when == ALWAYS else Cell(cases=(cell,))


def _cell(node: Node) -> Cell:
    node.only(known("cell"))
    if node.has("column") == node.has("constant"):
        node.fail("", "须写 column 或 constant 之一 / say either column or constant")
    formats = (*node.texts("format"), *node.texts("formats"))
    _check_formats(node, formats)
    measure = cast(Measure, node.choice("measure", MEASURES)) if node.has("measure") else ""
    if node.has("at") and measure not in ("age", "nominal_age"):
        node.fail("at", "at 只用于年龄 / at is for ages only", "measure: age")
    return Cell(
        column=node.text("column", ""),
        constant=node.text("constant", ""),
        formats=formats,
        pivot=_pivot(node, formats),
        day=_day_of_month(node),
        codes=_codes(node),
        list=node.text("list", "").lstrip("@"),
        pattern=pattern_of(node, "pattern"),
        measure=measure,
        unit=_unit(node, measure),
        at=node.text("at", ""),
        placeholders=node.texts("placeholders"),
        confirmed=node.flag("confirmed", True),
        when=when_of(node),
    )


def pattern_of(node: Node, name: str, groups: int = 1) -> str:
    """The pattern under a word, empty where there is none; both engines agree on it."""
    pattern = node.text(name, "")
    check_pattern(node, name, pattern)
    if pattern and re.compile(pattern).groups != groups:
        node.fail(name, "正则须恰有一组括号 / the pattern needs exactly one group", "其余的括号写作 (?:…) / write other brackets (?:…)")
    return pattern


def check_pattern(node: Node, name: str, pattern: str) -> None:
    """Refuse what is no pattern, or what one of the engines would read otherwise."""
    try:
        re.compile(pattern)
    except re.error as error:
        node.fail(name, f"不是正则表达式 / not a regular expression: {error}", f"特殊字符前加 \\ / put \\ before special characters: {pattern}")
    if re.search(r"\(\?[=!<]|\\[1-9pPbBsSAZ]", pattern):
        what = "正则不能前后查看、回指，也不用 \\s \\b \\p / a pattern cannot look ahead, refer back or use \\s \\b \\p"
        node.fail(name, what, f"用 [ ] 和 [一-龥] 等字符类 / use classes such as [ ] and [一-龥]: {pattern}")


def when_of(node: Node) -> When:
    """The condition under `when`; without one it always holds."""
    return _condition(node.node("when")) if node.has("when") else ALWAYS


def _condition(when: Node) -> When:
    when.only(known("when"))
    equals, matches = (when.node(word) if when.has(word) else Node({}, when.file, when.path) for word in ("equals", "matches"))
    for column in matches.words:
        check_pattern(matches, column, matches.text(column))
    inner = when.node("not") if when.has("not") else None
    if inner and inner.has("not"):
        inner.fail("not", "not 之中不能再有 not / not cannot stand inside not", "写成 equals、filled、empty 或 matches / write it as one of these")
    made = When(
        filled=when.texts("filled"),
        equals=tuple((column, equals.texts(column)) for column in equals.words),
        empty=when.texts("empty"),
        matches=tuple((column, matches.text(column)) for column in matches.words),
        none=_condition(inner) if inner else None,
    )
    if made == ALWAYS:
        when.fail("", "条件是空的 / the condition is empty", suggestion("", known("when").split()))
    return made


def _check_formats(node: Node, formats: tuple[str, ...]) -> None:
    for form in formats:
        letters = sorted(token[0] for token in re.findall(TOKENS, form))
        rest = re.sub(TOKENS, "", form)
        if form != EXCEL and (letters not in (["D", "M", "Y"], ["M", "Y"], ["Y"]) or set(rest) & set("YMD") or "Y" * 5 in form):
            todo = "例如 YYYYMMDD、YYYY-MM-DD、DD/MM/YYYY、YY.M.D、YYYY年M月、YYYY、excel / for example"
            node.fail("format", f"不是日期格式 {form} / not a date format {form}", todo)


def _pivot(node: Node, formats: tuple[str, ...]) -> int | None:
    short = any("YY" in re.findall(TOKENS, form) for form in formats)
    if short and not node.has("pivot"):
        node.fail("pivot", "两位年份须写 pivot / years of two digits need a pivot", "pivot: 25，即 00–25 为 20 世纪后 / 25: 00 to 25 are 2000 to 2025")
    if not node.has("pivot"):
        return None
    if not short:
        node.fail("pivot", "pivot 只用于两位年份 / a pivot is for years of two digits", "format: YY.M.D")
    pivot = node.number("pivot")
    if pivot > 99:
        node.fail("pivot", "pivot 须为 0 到 99 / the pivot is between 0 and 99")
    return pivot


def _day_of_month(node: Node) -> int | None:
    if not node.has("day"):
        return None
    day = node.number("day")
    if not 1 <= day <= 28:
        node.fail("day", "day 须为 1 到 28，每个月都有的日子 / the day is between 1 and 28, which every month has")
    return day


def _unit(node: Node, measure: str) -> str:
    if not node.has("unit"):
        return ""
    if measure not in UNITS:
        node.fail("unit", "unit 只用于 measure: millionths 或 amount / a unit is for millionths and amount only", "写明 measure / say measure")
    return node.choice("unit", UNITS[measure])


def _codes(node: Node) -> tuple[Code, ...]:
    if not node.has("codes"):
        return ()
    codes = node.node("codes")
    made: list[Code] = []
    for word in codes.raw:
        raw = codes.raw[word]
        if isinstance(raw, list | dict):
            entries = raw if isinstance(raw, list) else [raw]
            made += [_dated_code(Node(entry, codes.file, f"{codes.path}.{word}"), str(word)) for entry in entries]
        else:
            made.append(Code(str(word), codes.text(word)))
    return tuple(made)


def _dated_code(node: Node, word: str) -> Code:
    node.only(known("code"))
    code = Code(word, node.text("code"), _day(node, "from"), _day(node, "to"))
    if code.since and code.until and code.since >= code.until:
        node.fail("to", "to 须晚于 from / to must be later than from")
    return code


def _day(node: Node, name: str) -> str:
    day = node.text(name, "")
    try:
        return dt.date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        node.fail(name, f"不是日期 {day} / not a date: {day}", "YYYY-MM-DD")
