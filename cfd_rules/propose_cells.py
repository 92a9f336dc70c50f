"""What the values of a column ask of a contract: how its dates are written, whether its cells hold lists, whether its numbers are hidden in part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
from polars.selectors import by_name

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.guess import is_name, is_organisation
from cityweave.cfd_rules.read_excel import workbook
from cityweave.cfd_rules.read_table import ITEM

DAY = re.compile(r"(1[0-9]{3}|20[0-9]{2})([-/.年]?)[01]?[0-9]\2?[-/.月]?[0-3]?[0-9]日?([ T][0-9:.]+Z?)?")
MASKED = re.compile(r"[0-9A-Z]{1,10}([*×●＊]{3,}|X{4,})[0-9]{0,8}[0-9X]?|([*×●]{4,}|X{4,})[0-9]{2,6}[0-9X]?", re.IGNORECASE)
_WAYS: tuple[tuple[str, str], ...] = (
    # how a value looks, and the format that reads it
    (r"[一二〇零○九]{2}[〇零○一二三四五六七八九]{2}年.*|民国.*年.*", ""),
    (r"(1[89]|20)[0-9]{2}([-/.][01]?[0-9]|年([01]?[0-9]月)?)?", ""),
    (r"(1[89]|20)[0-9]{2}(0[1-9]|1[0-2])", "YYYYMM"),
    (r"[0-9]{2}[.][0-9]{1,2}[.][0-9]{1,2}", "YY.M.D"),
    (r"[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}", "YY-M-D"),
    (r"[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日", "YY年M月D日"),
    (r"[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]", "YYMMDD"),
    (r"[1-6][0-9]{4}([.]0)?", "excel"),
)
_TURNED = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{4}")
LIST_MARKS = "、，,;；/／|｜\n "
LEAST_LISTS = 3


def date_forms(values: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The formats a contract must name for these values, and how many per cent of them are dates then. What begins with the year needs no format."""
    forms: dict[str, int] = {}
    for value in values:
        form = _form(value.strip())
        if form is not None:
            forms[form] = forms.get(form, 0) + 1
    told = sum(forms.values()) * 100 // max(len(values), 1)
    usual = [form for form, count in sorted(forms.items(), key=lambda item: -item[1]) if form and count * 50 >= len(values)]
    return tuple(_turned(values) if form == "turned" else form for form in usual), told


def _form(value: str) -> str | None:
    if DAY.fullmatch(value) and len(value) >= 8:
        return ""
    if _TURNED.fullmatch(value):
        return "turned"
    return next((form for pattern, form in _WAYS if re.fullmatch(pattern, value)), None)


def _turned(values: Sequence[str]) -> str:
    """DD/MM/YYYY or MM/DD/YYYY: whichever of the two is never above 12 is the month; the day first where both may be."""
    found = [match for value in values if (match := _TURNED.fullmatch(value.strip()))]
    mark = found[0][2]
    month_first = any(int(match[3]) > 12 for match in found) and not any(int(match[1]) > 12 for match in found)
    return mark.join(("M", "D", "YYYY") if month_first else ("D", "M", "YYYY"))


def list_marks(values: Sequence[str]) -> str:
    """The characters that part the items in cells of this column; empty when its cells hold one item each. ␟ stands for an array of JSON."""
    if any(value.startswith(ITEM) for value in values):
        return ITEM
    marks = ""
    for mark in LIST_MARKS:
        parted = [[item.strip() for item in value.split(mark)] for value in values if mark in value.strip()]
        several = [items for items in parted if sum(1 for item in items if item) >= 2]
        named = sum(1 for items in several for item in items if is_name(item)) * 2 >= sum(len(items) for items in several)
        tests: tuple[Callable[[str], object], ...] = (*_ITEMS, _HAN.fullmatch) if named else _ITEMS  # a rare surname among names is a name's, too
        fitting = [items for items in several if any(all(test(item) for item in items if item) for test in tests)]
        if len(fitting) >= max(LEAST_LISTS, len(values) // 100) and len(fitting) * 100 >= 80 * len(parted):
            marks += mark
    return marks


def items(values: Sequence[str], marks: str) -> list[str]:
    """The items of list cells."""
    return [item.strip() for value in values for item in re.split(f"[{re.escape(marks)}]", value) if item.strip()]


_HAN = re.compile(r"[一-龥]{2,4}")
_ITEMS: tuple[Callable[[str], object], ...] = (
    lambda item: is_name(item) or is_organisation(item),
    re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]|[0-9A-Z]{18}").fullmatch,
    MASKED.fullmatch,
    re.compile(r"[0-9]{1,3}([.][0-9]+)?%|0[.][0-9]+|[0-9]{1,3}/[0-9]{1,3}").fullmatch,
)


def parallel(frame: pl.DataFrame, marks: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Column -> a list beside it whose cells hold as many items, and what parts its own: relations, ages, phones, dates of each."""
    found: dict[str, tuple[str, str]] = {}
    for name, mark in marks.items():
        for other in frame.columns:
            if other == name or other in found:
                continue
            for each in (marks[other],) if other in marks else dict.fromkeys((mark, *LIST_MARKS)):
                both = frame.select(one=_count(name, mark), other=_count(other, each)).drop_nulls().filter(pl.col("one") > 1)
                if both.height >= LEAST_LISTS and int((both["one"] == both["other"]).sum()) * 100 >= PARALLEL * both.height:
                    found[other] = name, each
                    break
    return found


PARALLEL = 80
"""Of a hundred cells with several items so many have as many beside them."""


def _count(name: str, marks: str) -> pl.Expr:
    return by_name(name).str.count_matches(f"[{re.escape(marks)}]").cast(pl.Int64) + (0 if ITEM in marks else 1)


def blocks(frame: pl.DataFrame) -> tuple[str, ...]:
    """Columns that are empty together, from the left, in rows that go on with others: what was merged in a workbook before it became this file."""
    first = next((name for name in frame.columns if frame[name].null_count() < frame.height), "")
    if not first or not 0.2 * frame.height <= frame[first].null_count() <= 0.95 * frame.height or frame[first][0] is None:
        return ()
    empty = frame[first].is_null()
    alike = [name for name in frame.columns if int((frame[name].is_null() != empty).sum()) * 20 <= frame.height]
    others = [name for name in frame.columns if name not in alike and int((frame[name].is_not_null() & empty).sum()) * 10 >= 9 * int(empty.sum())]
    return tuple(alike) if len(alike) > 1 and len(others) > 1 else ()


def merged(path: Path, form: Format, names: Sequence[str]) -> tuple[str, ...]:
    """The columns of a workbook that have merged cells one above the other below the headings."""
    if form.kind != "xlsx":
        return ()
    book = workbook(path)
    titles = [name for name in book.sheet_names if not form.sheets or form.sheets == ("all",) or name in form.sheets]
    first = [name for name in names if name != form.sheet_column]
    counts: dict[int, int] = {}
    for title in titles if form.sheets else titles[:1]:
        for (top, left), (bottom, right) in book.get_sheet_by_name(title).merged_cell_ranges or ():
            if left == right and bottom > top >= form.skip + form.header:
                counts[left] = counts.get(left, 0) + 1
    return tuple(first[place] for place in sorted(counts) if counts[place] >= LEAST_LISTS and place < len(first))
