"""The format of a file nobody has described: by its first bytes, by the shape of its first rows, by what stands below."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from cityweave.cfd_rules.contract import FileKind, Format
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.read_csv import likely_encoding
from cityweave.cfd_rules.read_excel import workbook

LOOKED_AT = 1 << 18
"""Bytes of a text file that are looked at, and as many from its end."""

ROWS = 200
SEPARATORS = ("^|^", "||", "@@", "\x01", "\t", ",", ";", "|", "^", "~", "，", "；")
_VALUE = re.compile(r"^[0-9./-]+$|[0-9]{5}|^[0-9]+(岁|年|元|%)")
_FOOT = ("合计", "总计", "小计", "共计", "制表", "填表", "审核", "打印", "备注", "说明", "注：", "注:", "以上", "Total", "TOTAL", "Sum", "Note")


@dataclass(frozen=True)
class Sniffed:
    """A format with the reasons for what is unusual in it."""

    format: Format
    why: tuple[str, ...] = ()


def sniff(path: Path) -> Sniffed:
    """The format of a file. InputError when there is none, or it is empty."""
    if not path.is_file():
        raise InputError("没有这个文件 / there is no such file", str(path.name))
    with path.open("rb") as file:
        head = file.read(LOOKED_AT)
    empty = InputError("文件是空的 / the file is empty", path.name, "换一个有数据的文件 / take a file with data")
    if not head.strip(b"\x00\r\n\t "):
        raise empty
    if head.startswith(b"PAR1"):
        return Sniffed(Format("parquet"))
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(path)
    encoding = likely_encoding(head)
    text = head.decode(encoding, errors="ignore").removeprefix("\ufeff")
    if not text.strip():
        raise empty
    if text.lstrip().startswith(("{", "[")):
        found = _json(path, encoding, text.lstrip())
        if found:
            return found
        if re.match(r"\[\s*\{|\{\s*[\"}]|[{[]\s*$", text.lstrip()):
            todo = "文件可能没有传完；请部门重新交付 / it may have been cut off: ask the department to deliver it again"
            raise InputError("不是完整的 JSON，或其中没有一组对象 / not whole JSON, or no array of objects in it", path.name, todo)
    return _delimited(text, encoding)


def _json(path: Path, encoding: str, text: str) -> Sniffed | None:
    """An object a line, or a whole document with an array of objects somewhere."""
    first = text.split("\n", 1)[0].strip()
    try:
        if first.startswith("{") and isinstance(json.loads(first), dict) and "\n{" in text.replace("\r", ""):
            return Sniffed(Format("jsonl", encoding))
    except json.JSONDecodeError:
        pass
    try:
        whole = json.loads(path.read_bytes().decode(encoding).removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return Sniffed(Format("jsonl", encoding)) if first.startswith("{") and first.endswith("}") else None
    way = _array(whole)
    if way is None:
        return Sniffed(Format("jsonl", encoding)) if isinstance(whole, dict) else None
    why = (f"行在 {way} 里 / the rows stand in {way}",) if way else ()
    return Sniffed(Format("json", encoding, rows=way), why)


def _array(whole: Any, way: str = "") -> str | None:
    """The way to the first array of objects; "" when it is the top."""
    if isinstance(whole, list):
        return way if whole and all(isinstance(item, dict) for item in whole[:ROWS]) else None
    if isinstance(whole, dict) and way.count(".") < 3:
        for key, value in whole.items():
            found = _array(value, f"{way}.{key}" if way else str(key))
            if found is not None:
                return found
    return None


def _delimited(text: str, encoding: str) -> Sniffed:
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    separator = _separator(lines[: ROWS + 1])
    kind: FileKind = "tsv" if separator == "\t" else "csv"
    rows = [_fields(line, separator) for line in lines]
    skip, header, why = _shape(rows[:ROWS])
    ignore = _feet(rows)
    form = Format(kind, encoding, separator, skip=skip, header=header, ignore=ignore)
    return Sniffed(form, (*why, *([f"表尾行 / footnotes: {'、'.join(ignore)}"] if ignore else [])))


def _fields(line: str, separator: str) -> list[str]:
    if len(separator) > 1 or not separator.isascii():
        return line.split(separator)
    try:
        return next(csv.reader(io.StringIO(line), delimiter=separator), [])
    except csv.Error:
        return line.split(separator)


def _separator(lines: Sequence[str]) -> str:
    """The separator that gives most lines the same number of fields, more than one; of several characters before one of them."""
    best = (0, 0, ",")
    for place, mark in enumerate(SEPARATORS):
        widths = Counter(len(_fields(line, mark)) for line in lines)
        common = max(sorted(widths), key=lambda width: (widths[width], width))
        share = widths[common] * 100 // max(len(lines), 1)
        if common > 1 and share >= 50:
            best = max(best, (share // 5 * 1000 + min(common, 900 if len(mark) == 1 else 999) * (3 if len(mark) > 1 else 1), -place, mark))
    return best[2]


def _shape(rows: Sequence[Sequence[str]]) -> tuple[int, int, tuple[str, ...]]:
    """Title lines, lines of headings, and why."""
    width = _width(rows)
    titles = 0
    while titles < min(len(rows) - 1, 10) and _is_title(rows[titles], width):
        titles += 1
    header = _header(rows[titles:], width)
    why = [f"前 {titles} 行是标题 / {titles} title lines"] if titles else []
    why += [f"表头有 {header} 行 / headings in {header} lines"] if header > 1 else []
    return titles, header, tuple(why)


def _width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return max(sorted(widths), key=lambda width: (widths[width], width))


def _is_title(row: Sequence[str], width: int) -> bool:
    """One cell alone, or a few that say something of the whole: 填报单位：某局, 填报日期：2026年3月."""
    filled = [text for cell in row if (text := str(cell).strip())]
    noted = all(re.search("[：:].", text) for text in filled)
    return width > 2 and len(filled) <= max(1, width // (2 if noted else 4))


def _header(rows: Sequence[Sequence[str]], width: int) -> int:
    first = [str(cell).strip() for cell in rows[0]]
    if len(first) == width and all(first):
        return int(len(set(first)) == len(first) and not any(map(_VALUE.search, first)))
    second = [str(cell).strip() for cell in rows[1]] if len(rows) > 1 else []
    both = len(second) == len(first) and all(upper or lower for upper, lower in zip(first, second, strict=False)) and not all(second)
    if both and not any(_VALUE.search(cell) for cell in (*first, *second) if cell):
        return 2
    return int(bool(first) and not any(_VALUE.search(cell) for cell in first if cell))


def _feet(rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """Words with which totals and footnotes begin, as patterns."""
    firsts = [next((str(cell).strip() for cell in row if str(cell).strip()), "") for row in rows]
    return tuple(f"^{re.escape(word)}" for word in _FOOT if any(first.startswith(word) for first in firsts[1:]))


def _workbook(path: Path) -> Sniffed:
    """The sheets that hold rows: several with the same headings are read together."""
    try:
        book = workbook(path)
        grids = {name: _grid(book, name) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError):
        raise InputError("不是 Excel 文件，或已加密 / not an Excel file, or encrypted", path.name, "另存为 xlsx 或 CSV / save it as xlsx or CSV") from None
    grids = {name: grid for name, grid in grids.items() if len(grid) > 1}
    if not grids:
        raise InputError("没有数据行 / there is no data row", path.name, "换一个有数据的文件 / take a file with data")
    shapes = {name: _shape(grid[:ROWS]) for name, grid in grids.items()}
    heads = {name: frozenset(str(cell).strip() for row in grids[name][shapes[name][0] : shapes[name][0] + shapes[name][1]] for cell in row) for name in grids}
    main = max(grids, key=lambda name: (len(grids[name]) * max(map(len, grids[name][:ROWS])), -list(grids).index(name)))
    alike = [name for name in grids if heads[name] == heads[main]]
    skip, header, why = shapes[main]
    ignore = _feet([row for name in alike for row in grids[name]])
    form = Format("xlsx", skip=skip, header=header, ignore=ignore)
    reasons = [*why, *([f"表尾行 / footnotes: {'、'.join(ignore)}"] if ignore else [])]
    if len(alike) > 1:
        reasons.append(f"{len(alike)} 个工作表的表头相同 / sheets with the same headings")
        return Sniffed(replace(form, sheets=tuple(alike), sheet_column="工作表"), tuple(reasons))
    if main != book.sheet_names[0]:
        return Sniffed(replace(form, sheets=(main,)), (*reasons, f"数据在工作表 {main} / the rows stand in sheet {main}"))
    return Sniffed(form, tuple(reasons))


def _grid(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    grid: list[list[Any]] = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    while grid and not any(str(cell) for cell in grid[-1]):
        grid.pop()
    return grid
