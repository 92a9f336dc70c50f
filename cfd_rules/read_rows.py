"""From the rows of a file to those the contract means: which column is which, which rows are none, merged cells, list cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TypeAlias

import polars as pl
from polars.selectors import by_name

from cityweave.cfd_rules.cell import Each
from cityweave.cfd_rules.classes import INVISIBLE, NARROW, SPACES, WIDE
from cityweave.cfd_rules.errors import InputError, nearest
from cityweave.cfd_rules.read_table import IGNORED, ITEM

Heading: TypeAlias = tuple[str, tuple[str, ...]]
"""A column, and what else it is called."""

_FOLD = str.maketrans(WIDE, NARROW, SPACES + INVISIBLE + " *")


def called(delivered: Sequence[str], columns: Iterable[str], headings: Iterable[Heading], optional: Sequence[str], where: str) -> dict[str, str]:
    """Column of the contract -> what the file calls it: exactly so, by another of its headings, or but for width, spaces, marks and case.

    An optional column that is not there is left out.

    InputError names what is missing and what is near, or the heading that stands twice.
    """
    names = found(delivered, columns, headings)
    missing = [column for column in columns if column not in names and column not in optional]
    if missing:
        what = f"缺少列 {'、'.join(missing)} / missing columns: {', '.join(missing)}"
        raise InputError(what, where, _mended(missing, [name for name in delivered if name not in names.values()], headed=bool(names)))
    taken = set(names.values())
    doubled = [name for name in taken if f"{name}#2" in delivered and f"{name}#2" not in taken]
    if doubled:
        what = f"表头重复 {'、'.join(sorted(doubled))} / headings stand twice: {', '.join(sorted(doubled))}"
        raise InputError(what, where, f"请部门改表头，或在合同中写明第几个，如 {doubled[0]}#2 / ask for distinct headings, or name them {doubled[0]}#2")
    return names


def found(delivered: Sequence[str], columns: Iterable[str], headings: Iterable[Heading]) -> dict[str, str]:
    """Those columns of a contract that the file has -> what it calls them."""
    others = dict(headings)
    return {column: name for column in columns if (name := _called(column, delivered, others.get(column, ())))}


def _mended(missing: Sequence[str], spare: Sequence[str], *, headed: bool) -> str:
    """What to do about missing columns. Where the first row may hold values, none of it is shown."""
    marks = next((mark for mark in _MARKS if len(spare) == 1 and spare[0].count(mark) >= len(missing) - 1 > 0), "")
    if marks and not headed:
        return f"分隔符可能是 {marks!r}，写进合同的 format / the separator may be {marks!r}: say so in the contract's format"
    if not headed or any(_VALUE.search(name) for name in spare):
        return "第一行不像合同的表头：看 format 的 header、skip 和 separator / the first row is not the contract's headings: look at header, skip and separator"
    near = {name: found for name in missing if (found := nearest(name, spare))}
    said = "; ".join(f"{name}: 是否指 {found}？ / did you mean {found}?" for name, found in near.items())
    rest = "" if near else f"文件里另有 / the file also has: {', '.join(spare[:_SHOWN]) or '-'}"
    return f"{said or rest}。改了名的列写进合同的 headings，可以没有的写进 optional / renamed columns belong into headings, those that may lack into optional"


_MARKS = (";", "\t", ",", "|")
_SHOWN = 20
_VALUE = re.compile(r"[0-9０-９]{5}")
"""What stands in cells and not in headings."""


def _called(column: str, delivered: Sequence[str], others: Iterable[str]) -> str:
    wanted = (column, *others)
    for name in wanted:
        if name in delivered:
            return name
    folded = {_folded(name) for name in wanted}
    near = [name for name in delivered if _folded(name) in folded]
    return near[0] if len(near) == 1 else ""


def _folded(heading: str) -> str:
    return heading.translate(_FOLD).lower()


def counted_out(rows: pl.DataFrame, problem: pl.Series, ignore: Sequence[str]) -> pl.Series:
    """The problems, with those rows marked that are none: empty ones, the headings once more, and those whose first filled cell a pattern fits."""
    columns = [by_name(name) for name in rows.columns]
    if not columns or not rows.height:
        return problem
    nothing = [pl.lit(False)]
    if all(rows[name].null_count() for name in rows.columns):
        nothing.append(pl.all_horizontal(pl.all().is_null()))
    first = rows.columns[0]
    if (rows[first] == first).any():
        nothing.append(pl.all_horizontal(*(by_name(name).is_null() | (by_name(name) == name) for name in rows.columns), by_name(first) == first))
    if ignore:
        cell = pl.coalesce(columns).str.strip_chars()
        nothing += [cell.str.contains(pattern) for pattern in ignore]
    marked = rows.select(pl.any_horizontal(test.fill_null(False) for test in nothing).alias("none")).to_series()
    if not marked.any():
        return problem
    return pl.DataFrame([problem.alias("problem"), marked]).select(
        pl.when(pl.col("none") & pl.col("problem").is_null()).then(pl.lit(IGNORED)).otherwise("problem").alias("problem")
    )["problem"]


def filled_down(rows: pl.DataFrame, problem: pl.Series, columns: Sequence[str], sheet: pl.Series | None) -> pl.DataFrame:
    """The rows, with what stands above in the empty cells of these columns, within a sheet; rows that are none do not count."""
    if not columns:
        return rows
    own = pl.when(pl.col(" problem").is_null()).then(pl.col(columns)).forward_fill()
    beside = [problem.alias(" problem"), (sheet if sheet is not None else pl.Series([""]).new_from_index(0, rows.height)).alias(" sheet")]
    return rows.with_columns(beside).with_columns(own.over(" sheet")).drop(" problem", " sheet")


def listed(rows: pl.DataFrame, problem: pl.Series, lists: Sequence[Each]) -> tuple[pl.DataFrame, pl.Series]:
    """The rows, with ␟ between the items of list cells, and the problems; arrays of JSON that are not read as lists become texts.

    The columns of a list that have equally many places are matched place by place. Where they have not, empty places are left out first.
    """
    named = {column: each for each in lists for column in each.columns if column in rows.columns}
    arrays = [name for name in rows.columns if name not in named and rows[name].str.starts_with(ITEM).any()]
    if arrays:
        rows = rows.with_columns(pl.col(arrays).str.strip_chars(ITEM).str.replace_all(ITEM, "、", literal=True))
    for each in lists:
        own = [column for column in each.columns if column in rows.columns]
        rows = rows.with_columns(_parted(column, each) for column in own)
        rows = _aligned(rows, own)
        many = reduce(lambda one, other: one | other, (pl.col(column).str.count_matches(ITEM, literal=True).fill_null(0) >= each.most for column in own))
        if rows.select(many.any()).item():
            says = f"列表 {own[0]} 超过 {each.most} 项，可调大 each.most / more than {each.most} items in {own[0]}: raise each.most"
            marked = pl.DataFrame([problem.alias("problem")]).hstack(rows.select(many.alias("many")))
            problem = marked.select(pl.coalesce("problem", pl.when("many").then(pl.lit(says))).alias("problem"))["problem"]
    return rows, problem


def _parted(column: str, each: Each) -> pl.Expr:
    """The items of a cell with ␟ between. An array of JSON has its items already; a space that separates is none beside another separator."""
    cell = pl.col(column)
    text = cell.str.strip_chars(" \u3000\t")
    if each.marks:
        text = text.str.replace_all(f"[ \u3000\t]*{each.marks}[ \u3000\t]*", ITEM)
    if " " in each.separators:
        text = text.str.replace_all("[ \u3000\t]+", ITEM)
    parted = text.str.strip_chars_end(ITEM)
    return pl.when(cell.str.starts_with(ITEM)).then(cell.str.slice(1)).otherwise(pl.when(parted != "").then(parted)).alias(column)


def _aligned(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    places = [pl.col(column).str.count_matches(ITEM, literal=True) for column in columns]
    even = pl.max_horizontal(places) == pl.min_horizontal(places)
    tight = {column: pl.col(column).str.replace_all(f"{ITEM}{ITEM}+", ITEM).str.strip_chars(ITEM) for column in columns}
    return rows.with_columns(pl.when(even).then(pl.col(column)).otherwise(tight[column]).alias(column) for column in columns)
