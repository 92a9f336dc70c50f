"""Excel workbooks: one sheet or several, each with its headings, to rows of text."""

from __future__ import annotations

import datetime as dt
import fnmatch
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.errors import InputError, suggestion
from cityweave.cfd_rules.read_table import Cells, distinct_headings, fine, joined_headings

EXCEL_ROWS = 50_000
"""Excel is for small sources: larger ones come as CSV or Parquet."""

UNPACKED = 512 << 20
"""So many bytes a workbook may unpack to."""

SHEET = " sheet"
"""The column that names the sheet where the contract does not ask for it."""


def read_xlsx(path: Path, form: Format) -> Cells:
    """The rows of the chosen sheets, one sheet after the other; date cells as YYYY-MM-DD. Sheets may have their columns in another order.

    InputError above 50,000 rows, or when no sheet is called so.
    """
    try:
        book = workbook(path)
        names = _chosen(book.sheet_names, form.sheets, path)
        grids = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except (CalamineError, OSError, ValueError):
        raise InputError("不是 Excel 文件 / not an Excel file", path.name, "看合同的 format.kind / look at format.kind in the contract") from None
    frames = [frame for name, grid in grids.items() if (frame := _frame(name, grid, form)) is not None]
    if not frames:
        raise InputError("工作表是空的 / the sheet is empty", path.name, "请部门重新交付 / ask the department to deliver it again")
    frame = pl.concat(frames, how="diagonal")
    if frame.height > EXCEL_ROWS:
        raise InputError(f"Excel 超过 {EXCEL_ROWS} 行 / more than {EXCEL_ROWS} rows of Excel", path.name, "改交 CSV / deliver CSV instead")
    column = form.sheet_column or SHEET
    if form.sheet_column and any(form.sheet_column in other.columns[1:] for other in frames):
        where = f"{path.name}: format.sheet_column"
        raise InputError(f"文件里已有列 {column} / there is a column {column} in the file", where, "另取一个名字 / choose another name")
    frame = frame.rename({SHEET: column})
    if len(frames) == 1 and not form.sheet_column:
        return Cells(_arrow(frame.drop(column)), fine(frame.height))
    return Cells(_arrow(frame), fine(frame.height), column)


def workbook(path: Path) -> CalamineWorkbook:
    """The workbook, opened. InputError where it would unpack to more than a source of 50,000 rows can be: it is a zip, and a small one may fill the memory.

    CalamineError, OSError, ValueError where it is no workbook.
    """
    size = 0
    with suppress(zipfile.BadZipFile, OSError, NotImplementedError), zipfile.ZipFile(path) as packed:  # the old form, xls, is no zip
        size = sum(item.file_size for item in packed.infolist())
    if size > UNPACKED:
        what = f"解压后有 {size >> 20:,} MB，超过 {UNPACKED >> 20} MB / it unpacks to {size >> 20:,} MB, more than {UNPACKED >> 20} MB"
        raise InputError(what, path.name, "改交 CSV，或查明文件来历 / deliver CSV instead, or find out where the file comes from")
    return CalamineWorkbook.from_path(str(path))


def _chosen(there: list[str], wanted: tuple[str, ...], path: Path) -> list[str]:
    """The sheets wanted, in the order of the workbook."""
    if not wanted:
        return there[:1]
    for name in wanted:
        if not any(fnmatch.fnmatchcase(sheet, name) or sheet == name for sheet in there):
            raise InputError(f"没有工作表 {name} / there is no sheet {name}", path.name, suggestion(name, there))
    return [sheet for sheet in there if any(fnmatch.fnmatchcase(sheet, name) or sheet == name for name in wanted)]


def _frame(sheet: str, grid: list[list[Any]], form: Format) -> pl.DataFrame | None:
    """The rows of a sheet with its name in front; None when there is nothing in it."""
    grid = grid[form.skip :]
    while grid and not any(cell != "" for cell in grid[-1]):
        grid.pop()
    if len(grid) <= form.header and not (grid and form.header):
        return None
    width = max(map(len, grid))
    while width and not any(row[width - 1] != "" for row in grid if len(row) >= width):
        width -= 1
    headings = distinct_headings(joined_headings([row[:width] for row in grid[: form.header]]) if form.header else [None] * width)
    body = grid[form.header :]
    columns = [pl.Series(name, [_cell(row[place]) if place < len(row) else None for row in body], pl.String) for place, name in enumerate(headings)]
    return pl.DataFrame([pl.Series(SHEET, [sheet] * len(body), pl.String), *columns])


def _cell(value: Any) -> str | None:
    if value == "" or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
