"""The digest of a generation: what "equal" means (DESIGN, section 1). Rows and values count; how a file holds them does not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cityweave.engine.model import Column, Table
from cityweave.engine.store import Store, damaged
from cityweave.engine.write import by_key, conform

TOTAL = "total"


def digest(store: Store, tables: Mapping[str, str]) -> dict[str, str]:
    """Table -> the hex sha256 of its canonical rows, for every one of `tables` (name -> key) in order of name, and last "total" over them all.

    Every entry of the store knows how its table was declared, so a generation can be read whatever became of contracts, rules and models since.
    """
    found = {name: table_digest(store.read(tables[name]), _declared(store, tables[name])) for name in sorted(tables)}
    total = hashlib.sha256("".join(f"{name} {value}\n" for name, value in found.items()).encode()).hexdigest()
    return {**found, TOTAL: total}


def _declared(store: Store, key: str) -> Table:
    meta = store.meta(key)
    if not meta.columns:
        raise damaged(store.root / key, "columns")
    return Table(meta.name, meta.name, tuple(Column(name, kind) for name, kind in meta.columns.items()), tuple(meta.order))


def table_digest(rows: pa.Table, table: Table) -> str:
    """The hex sha256 of the rows in key order: each column's name and type, which values are NULL, and the values.

    Row order, chunks, encodings (dictionary, large_string), and what lies in the slots of NULLs do not enter. Rows of one key are ordered by the other columns.
    """
    ordered = _in_order(conform(_plain(rows), table), table)
    result = hashlib.sha256(f"{ordered.num_rows}\n".encode())
    for column in table.columns:
        result.update(f"{column.name}\0{column.type}\0".encode())
        _update(result, ordered[column.name])
    return result.hexdigest()


def _plain(rows: pa.Table) -> pa.Table:
    plain = [column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column for column in rows.columns]
    return pa.table(plain, names=rows.column_names)


def _in_order(rows: pa.Table, table: Table) -> pa.Table:
    return by_key(rows, table, (*table.key, *(name for name in table.names if name not in table.key)))


def _update(result: Any, column: Any) -> None:
    """Feed a column: the bits of what is NULL, then the values as little-endian integers (NULL as 0), or lengths and UTF-8 bytes (NULL as empty)."""
    result.update(np.packbits(column.is_null().to_numpy()).tobytes())
    if pa.types.is_string(column.type):
        text = column.fill_null("")
        result.update(pc.binary_length(text).to_numpy().astype("<i4").tobytes())
        for chunk in text.chunks:
            result.update(_bytes(chunk))
    else:
        numbers = column.cast({pa.bool_(): pa.int8(), pa.date32(): pa.int32()}.get(column.type, column.type))
        result.update(numbers.fill_null(0).to_numpy().astype("<i8").tobytes())


def _bytes(text: pa.Array[Any]) -> memoryview:
    """The bytes of a string array that has no NULL, without a copy."""
    _, offsets, data = text.buffers()
    if data is None or offsets is None or len(text) == 0:
        return memoryview(b"")
    places = np.frombuffer(memoryview(offsets), dtype=np.int32)[text.offset : text.offset + len(text) + 1]
    return memoryview(data)[int(places[0]) : int(places[-1])]
