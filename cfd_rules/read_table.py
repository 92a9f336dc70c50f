"""What every reader gives: the data rows of a file as text. Headings of one or several lines; Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from cityweave.cfd_rules.errors import InputError

ITEM = "␟"
"""Between the items of a list, in front of the first: a character that no department writes."""

IGNORED = "␟"
"""The problem of a row that is none: empty, a total, a footnote, the headings once more. It is dropped and counted."""


@dataclass(frozen=True)
class Cells:
    """The data rows of a file in its order: all columns as text (empty cells NULL), and why a row cannot be read (NULL: it can)."""

    table: pa.Table
    problem: pl.Series
    sheet: str = ""  # the column that names the sheet, where there are several


def distinct_headings(fields: Iterable[Any]) -> list[str]:
    """The headings of a file, trimmed; one that is empty is named by its place, one that stands again gets #2, #3, …"""
    names: list[str] = []
    seen: dict[str, int] = {}
    for place, field in enumerate(fields, start=1):
        name = heading("" if field is None else field) or f"c{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def heading(field: Any) -> str:
    """A heading on one line, without what cannot be seen or encoded."""
    text = " ".join(str(field).replace("\ufeff", "").split())
    return text if text.isprintable() else "".join(character for character in text if character.isprintable())


def joined_headings(lines: Sequence[Sequence[Any]]) -> list[str]:
    """The headings that stand in several lines: 住址 over 省 and 市 gives 住址.省 and 住址.市.

    An empty cell above a heading belongs to the cell to its left (merged cells); an empty cell below ends the heading above it.
    """
    width = max(map(len, lines))
    above = [""] * width
    for line in lines:
        texts = [heading("" if cell is None else cell) for cell in [*line, *[None] * (width - len(line))]]
        above = _under(above, texts)
    return above


def _under(above: Sequence[str], below: Sequence[str]) -> list[str]:
    made = []
    group = ""
    for place, (upper, lower) in enumerate(zip(above, below, strict=True)):
        group = upper or (group if lower and place else "")
        made.append(f"{group}.{lower}" if group and lower and group != lower else lower or upper)
    return made


def fine(rows: int) -> pl.Series:
    """The problems of rows that have none."""
    return pl.Series("problem", [None], dtype=pl.String).new_from_index(0, rows)


def as_text(table: pa.Table, names: list[str]) -> pa.Table:
    """The columns as the text a person would have written: whole numbers without a point, dates as YYYY-MM-DD, empty texts NULL."""
    frame = pl.DataFrame(pl.from_arrow(table))
    return pl.DataFrame([_column(column).alias(name) for column, name in zip(frame.get_columns(), names, strict=True)]).to_arrow(
        compat_level=pl.CompatLevel.oldest()
    )


def _column(column: pl.Series) -> pl.Series:
    if column.dtype.is_float() and bool((column.drop_nulls() == column.drop_nulls().floor()).all()):
        column = column.cast(pl.Int64, strict=False)
    if isinstance(column.dtype, pl.Datetime):
        midnight = bool((column.drop_nulls() == column.drop_nulls().dt.truncate("1d")).all())
        column = column.dt.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    if isinstance(column.dtype, pl.List) and not column.dtype.inner.is_nested():
        column = column.cast(pl.List(pl.String)).list.eval(pl.lit(ITEM) + pl.element().fill_null("")).list.join("")
    elif column.dtype.is_nested() or column.dtype == pl.Binary:
        column = pl.Series([None if item is None else str(item) for item in column.to_list()], dtype=pl.String)
    text = column.cast(pl.String)
    return text.set(text == "", None)


def read_parquet(path: Path) -> Cells:
    """The rows of a Parquet file; a struct gives columns named by their way (户主.姓名), a list is a list cell."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        raise InputError("不是 Parquet 文件 / not a Parquet file", path.name, "看合同的 format.kind / look at format.kind in the contract") from None
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return Cells(as_text(table, distinct_headings(table.column_names)), fine(len(table)))
