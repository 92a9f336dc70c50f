"""JSON Lines, Excel and Parquet to rows of text."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json as pajson
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.errors import InputError, suggestion

EXCEL_ROWS = 50_000
"""Excel is for small sources: larger ones come as CSV or Parquet."""


@dataclass(frozen=True)
class Cells:
    """The data rows of a file in its order: all columns as text (empty cells NULL), and why a row cannot be read (NULL: it can)."""

    table: pa.Table
    problem: pl.Series


def distinct_headings(fields: Iterable[Any], path: Path) -> list[str]:
    """The headings of a file, trimmed; one that is empty is named by its place. InputError when one stands twice."""
    names = [str(name or "").strip() or f"c{place}" for place, name in enumerate(fields, start=1)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(f"表头重复 {'、'.join(doubled)} / headings stand twice", path.name, "请部门改表头 / ask for distinct headings")
    return names


def _fine(rows: int) -> pl.Series:
    return pl.Series("problem", [None], dtype=pl.String).new_from_index(0, rows)


def _text(table: pa.Table, names: list[str]) -> pa.Table:
    """The columns as the text a person would have written: whole numbers without a point, dates as YYYY-MM-DD, empty texts NULL."""
    frame = pl.DataFrame(pl.from_arrow(table))
    return pl.DataFrame([_column(column).alias(name) for column, name in zip(frame.get_columns(), names, strict=True)]).to_arrow(
        compat_level=pl.CompatLevel.oldest()
    )


def _column(column: pl.Series) -> pl.Series:
    if column.dtype.is_float() and bool((column.drop_nulls() == column.drop_nulls().floor()).all()):
        column = column.cast(pl.Int64)
    if isinstance(column.dtype, pl.Datetime):
        midnight = bool((column.drop_nulls() == column.drop_nulls().dt.truncate("1d")).all())
        column = column.dt.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        column = pl.Series([None if item is None else str(item) for item in column.to_list()], dtype=pl.String)
    text = column.cast(pl.String)
    return text.set(text == "", None)


def read_parquet(path: Path) -> Cells:
    """The rows of a Parquet file."""
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError):
        raise InputError("不是 Parquet 文件 / not a Parquet file", path.name, "看合同的 format.kind / look at format.kind in the contract") from None
    return Cells(_text(table, distinct_headings(table.column_names, path)), _fine(len(table)))


def read_xlsx(path: Path, form: Format) -> Cells:
    """The rows of a worksheet; date cells as YYYY-MM-DD. InputError above 50,000 rows."""
    try:
        book = CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError):
        raise InputError("不是 Excel 文件 / not an Excel file", path.name, "看合同的 format.kind / look at format.kind in the contract") from None
    if form.sheet and form.sheet not in book.sheet_names:
        raise InputError(f"没有工作表 {form.sheet} / there is no sheet {form.sheet}", path.name, suggestion(form.sheet, book.sheet_names))
    grid = book.get_sheet_by_name(form.sheet or book.sheet_names[0]).to_python(skip_empty_area=False)[form.skip :]
    while grid and not any(cell != "" for cell in grid[-1]):
        grid.pop()
    if not grid:
        raise InputError("工作表是空的 / the sheet is empty", path.name, "请部门重新交付 / ask the department to deliver it again")
    if len(grid) > EXCEL_ROWS:
        raise InputError(f"Excel 超过 {EXCEL_ROWS} 行 / more than {EXCEL_ROWS} rows of Excel", path.name, "改交 CSV / deliver CSV instead")
    headings = distinct_headings(grid[0] if form.header else [None] * len(grid[0]), path)
    columns = list(zip(*grid[1:] if form.header else grid, strict=True)) or [()] * len(headings)
    table = pa.table([pa.array(map(_cell, column), pa.string()) for column in columns], names=headings)
    return Cells(table, _fine(len(table)))


def _cell(value: Any) -> str | None:
    if value == "" or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def read_jsonl(path: Path, form: Format) -> Cells:
    """The rows of a JSON Lines file: one object a line. A line that is no object is that row's problem."""
    raw = path.read_bytes()
    if form.encoding.lower().replace("-", "") not in ("utf8", "utf8sig"):
        try:
            raw = raw.decode(form.encoding).encode()
        except UnicodeDecodeError:
            what = f"编码不是 {form.encoding} / the encoding is not {form.encoding}"
            raise InputError(what, path.name, "改合同的 format.encoding / change format.encoding") from None
    lines = [line for line in raw.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
    if not lines:
        raise InputError("文件是空的 / the file is empty", path.name, "请部门重新交付 / ask the department to deliver it again")
    table = _uniform(raw, len(lines))
    return Cells(table, _fine(len(table))) if table is not None else _line_by_line(lines)


def _uniform(raw: bytes, rows: int) -> pa.Table | None:
    """The fast way: every line an object whose values are all text. None when it is not so."""
    try:
        table = pajson.read_json(io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf")), pajson.ReadOptions(block_size=1 << 24))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    types = [column.type for column in table.columns]
    # Arrow reads what looks like a date as a timestamp: the delivered text is then lost, so such files take the slow way.
    if len(table) != rows or not all(pa.types.is_string(type_) or pa.types.is_null(type_) for type_ in types):
        names = table.column_names
        return _explicit(raw, rows, names) if len(table) == rows and not any(map(_numeric, types)) else None
    return _text(table, table.column_names)


def _numeric(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_) or pa.types.is_nested(type_))


def _explicit(raw: bytes, rows: int, names: list[str]) -> pa.Table | None:
    schema = pa.schema([(name, pa.string()) for name in names])
    try:
        table = pajson.read_json(
            io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf")), pajson.ReadOptions(block_size=1 << 24), pajson.ParseOptions(explicit_schema=schema)
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return _text(table, table.column_names) if len(table) == rows else None


def _line_by_line(lines: list[bytes]) -> Cells:
    """The slow way, for files with numbers, nested values or broken lines: every line by itself."""
    objects = [_object(line) for line in lines]
    names = list(dict.fromkeys(name for item in objects if isinstance(item, dict) for name in item))
    columns = {name: pa.array([_scalar(item.get(name)) if isinstance(item, dict) else None for item in objects], pa.string()) for name in names}
    problem = pl.Series("problem", [None if isinstance(item, dict) else item for item in objects], dtype=pl.String)
    return Cells(pa.table(columns), problem)


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        item = json.loads(line.decode(), parse_int=str, parse_float=str)
    except UnicodeDecodeError:
        return "有无法解码的字节 / holds bytes that cannot be decoded"
    except json.JSONDecodeError as error:
        return f"不是 JSON：第 {error.colno} 个字符 / not JSON: character {error.colno}"
    return item if isinstance(item, dict) else "不是 JSON 对象 / not a JSON object"


def _scalar(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


