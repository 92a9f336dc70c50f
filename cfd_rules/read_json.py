"""JSON Lines and JSON files to rows of text: nested objects give columns named by their way (户主.姓名), arrays give list cells."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json as pajson

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.errors import InputError, suggestion
from cityweave.cfd_rules.read_csv import refuse_other_encoding
from cityweave.cfd_rules.read_table import ITEM, Cells, as_text, distinct_headings, fine

_EMPTY = "文件是空的 / the file is empty"
_AGAIN = "请部门重新交付 / ask the department to deliver it again"


def read_jsonl(path: Path, form: Format) -> Cells:
    """The rows of a JSON Lines file: one object a line. A line that is no object is that row's problem."""
    raw = _utf8(path, form.encoding)
    lines = [line for line in raw.splitlines() if line.strip()]
    if not lines:
        raise InputError(_EMPTY, path.name, _AGAIN)
    if lines[0].strip() in (b"[", b"[{") or (len(lines) == 1 and lines[0].lstrip().startswith(b"[")):
        raise InputError("是 JSON 数组，不是一行一个对象 / a JSON array, not an object a line", path.name, "在合同中写 kind: json / write kind: json")
    table = _uniform(raw, len(lines))
    return Cells(table, fine(len(table))) if table is not None else _slowly([_object(line) for line in lines], path)


def read_json(path: Path, form: Format) -> Cells:
    """The rows of a JSON file: an array of objects, at the top or where `rows` says. What is no object is that row's problem."""
    text = _utf8(path, form.encoding).decode(errors="replace")
    if not text.strip():
        raise InputError(_EMPTY, path.name, _AGAIN)
    try:
        whole = _loads(text)
    except json.JSONDecodeError as error:
        todo = "一行一个对象的写 kind: jsonl；否则请部门重新交付 / kind: jsonl for an object a line; else ask the department to deliver it again"
        raise InputError(f"不是 JSON / not JSON: {error.msg}", f"{path.name}, 行 / line {error.lineno}, 字符 / character {error.colno}", todo) from None
    except RecursionError:
        raise InputError("JSON 嵌套太深 / the JSON is nested too deeply", path.name, _AGAIN) from None
    rows = _at(whole, form.rows, path)
    return _slowly([item if isinstance(item, dict) else "不是 JSON 对象 / not a JSON object" for item in rows], path)


def _at(whole: Any, way: str, path: Path) -> list[Any]:
    """The array at a way of keys. InputError names the keys that are there."""
    here = whole
    for key in way.split(".") if way else []:
        if not isinstance(here, dict) or key not in here:
            there = list(here) if isinstance(here, dict) else []
            raise InputError(f"JSON 中没有 {way} / there is no {way} in the JSON", f"{path.name}: format.rows", suggestion(key, there))
        here = here[key]
    if not isinstance(here, list):
        arrays = [key for key, value in here.items() if isinstance(value, list)] if isinstance(here, dict) else []
        todo = f"在合同中写 format.rows / say format.rows: {', '.join(arrays)}" if arrays else _AGAIN
        raise InputError("JSON 中这里不是数组 / there is no array of rows here", f"{path.name}: {way or 'format.rows'}", todo)
    return here


def _utf8(path: Path, encoding: str) -> bytes:
    raw = path.read_bytes()
    refuse_other_encoding(raw, encoding, path)
    if encoding.lower().replace("-", "").replace("_", "") not in ("utf8", "utf8sig"):
        try:
            raw = raw.decode(encoding).encode()
        except UnicodeError:
            what = f"编码不是 {encoding} / the encoding is not {encoding}"
            raise InputError(what, path.name, "改合同的 format.encoding / change format.encoding") from None
    return raw.removeprefix(b"\xef\xbb\xbf")


def _uniform(raw: bytes, rows: int) -> pa.Table | None:
    """The fast way: every line an object whose values are all text. None when it is not so."""
    try:
        table = pajson.read_json(io.BytesIO(raw), pajson.ReadOptions(block_size=1 << 24))
        _ = table.column_names  # Arrow takes keys of any bytes and says so only here
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None
    types = [column.type for column in table.columns]
    # Arrow reads what looks like a date as a timestamp: the delivered text is then lost, so such files take the slow way.
    if len(table) != rows or not all(pa.types.is_string(type_) or pa.types.is_null(type_) for type_ in types):
        names = table.column_names
        return _explicit(raw, rows, names) if len(table) == rows and not any(map(_numeric, types)) else None
    return as_text(table, distinct_headings(table.column_names))


def _numeric(type_: pa.DataType) -> bool:
    return bool(pa.types.is_floating(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_) or pa.types.is_nested(type_))


def _explicit(raw: bytes, rows: int, names: list[str]) -> pa.Table | None:
    schema = pa.schema([(name, pa.string()) for name in names])
    try:
        table = pajson.read_json(io.BytesIO(raw), pajson.ReadOptions(block_size=1 << 24), pajson.ParseOptions(explicit_schema=schema))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return as_text(table, distinct_headings(table.column_names)) if len(table) == rows else None


def _slowly(items: list[dict[str, Any] | str], path: Path) -> Cells:
    """The slow way, for files with numbers, nested values or broken lines: every object by itself."""
    flat = [dict(_flat(item)) if isinstance(item, dict) else {} for item in items]
    names = list(dict.fromkeys(name for row in flat for name in row))
    called = distinct_headings(names)
    if not names and items:
        said = next((item for item in items if isinstance(item, str)), "对象是空的 / the objects are empty")
        raise InputError("没有一行可读 / no row can be read", f"{path.name}, 行 / row 1", f"{said}。看合同的 format / look at format in the contract")
    columns = {name: _array([row.get(key) for row in flat]) for key, name in zip(names, called, strict=True)}
    problem = pl.Series("problem", [None if isinstance(item, dict) else item for item in items], dtype=pl.String)
    return Cells(pa.table(columns), problem)


def _array(values: list[str | None]) -> pa.StringArray:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, written as an escape
        return pa.array([value and _encodable(value) for value in values], pa.string())


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str)


def _object(line: bytes) -> dict[str, Any] | str:
    try:
        item = _loads(line.decode())
    except UnicodeDecodeError:
        return "有无法解码的字节 / holds bytes that cannot be decoded"
    except json.JSONDecodeError as error:
        return f"不是 JSON：第 {error.colno} 个字符 / not JSON: character {error.colno}"
    except RecursionError:
        return "JSON 嵌套太深 / the JSON is nested too deeply"
    return item if isinstance(item, dict) else "不是 JSON 对象 / not a JSON object"


def _flat(item: dict[str, Any], way: str = "") -> Iterator[tuple[str, str | None]]:
    """The values of an object by their way. An array of objects gives a list for each of their keys, equally long."""
    for key, value in item.items():
        name = f"{way}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            rows = [dict(_flat(one)) for one in value]
            for inner in dict.fromkeys(inner for row in rows for inner in row):
                yield f"{name}.{inner}", _items(row.get(inner) for row in rows)
        elif isinstance(value, list):
            yield name, _items(map(_scalar, value)) if value else None
        else:
            yield name, _scalar(value)


def _items(values: Iterable[str | None]) -> str | None:
    texts = [value or "" for value in values]
    return ITEM + ITEM.join(text.strip(ITEM).replace(ITEM, "、") for text in texts) if any(texts) else None


def _scalar(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
