"""Reading a generation. Nothing here writes or locks: tables are immutable, so any number of readers may be inside."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from cityweave.engine.errors import StoreError
from cityweave.engine.manifest import Manifest
from cityweave.engine.store import Store, damaged
from cityweave.engine.write import LEADING, ROW

MANY = 2_000  # from so many values on, one scan is quicker than a search for each


class Generation:
    """The tables of one manifest."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self.store = store
        self.manifest = manifest
        self._served: dict[str, _Served | None] = {}
        self._sound: set[str] = set()

    def key(self, name: str) -> str:
        """The store's key of a table; a StoreError if the generation has none of that name."""
        try:
            return self.manifest.tables[name]
        except KeyError:
            raise StoreError(
                f"第 {self.manifest.number} 代没有表 {name} / generation {self.manifest.number} has no table {name}", todo="重新运行 run / run again"
            ) from None

    def sound(self, name: str) -> None:
        """A StoreError if a table is gone from the store, or damaged; looked at once."""
        if name not in self._sound:
            self.store.meta(self.key(name))
            self._sound.add(name)

    def rows(self, name: str) -> int:
        """How many rows a table has."""
        return self.store.meta(self.key(name)).rows

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A whole table, or some of its columns; a served one is mapped, not read."""
        served = self._open(name)
        if served is None:
            return self.store.read(self.key(name), None if columns is None else list(columns))
        return served.table if columns is None else served.table.select(list(columns))

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows whose `column` is one of `values`: by search if it leads the key of a served table or has an index (then in key order), else by a scan."""
        served = self._open(name)
        if served is not None and len(values) <= MANY:
            if column == served.leading:
                return served.find(values, columns)
            index = self._index(name, column)
            if index is not None:
                return served.take(index.find(values, (ROW,))[ROW], columns)
        source = ds.dataset(self.store.path(self.key(name)), format="parquet") if served is None else ds.dataset(served.table)
        wanted = pa.array(values, source.schema.field(column).type)
        return source.to_table(filter=pc.field(column).isin(wanted), columns=None if columns is None else list(columns))

    def _index(self, name: str, column: str) -> _Served | None:
        place = f"{name}.{column}"
        if place not in self._served:
            path = self.store.index_path(self.key(name), column)
            self._served[place] = _map(path) if path.exists() else None
        return self._served[place]

    def _open(self, name: str) -> _Served | None:
        if name not in self._served:
            self.sound(name)
            path = self.store.arrow_path(self.key(name))
            self._served[name] = _map(path) if path.exists() else None
        return self._served[name]


@dataclass(frozen=True)
class _Served:
    """A mapped file whose rows are in key order, and the first key of each of its batches."""

    table: pa.Table
    whole: list[pa.RecordBatch]
    starts: list[int]  # the number of the first row of each
    batches: list[pa.RecordBatch]  # those in which the leading key is known
    leading: str
    firsts: list[Any]

    def find(self, values: Sequence[Any], columns: Sequence[str] | None) -> pa.Table:
        """The rows whose leading key is one of `values`, in key order."""
        wanted: dict[int, list[Any]] = {}  # by batch: equal keys may run from the one before the first that starts with the value to the last that does
        for value in sorted({value for value in values if value is not None}):
            for place in range(max(0, bisect_left(self.firsts, value) - 1), bisect_right(self.firsts, value)):
                wanted.setdefault(place, []).append(value)
        return self._told([piece for place in sorted(wanted) for piece in self._pieces(self.batches[place], wanted[place])], columns)

    def take(self, rows: pa.ChunkedArray[Any], columns: Sequence[str] | None) -> pa.Table:
        """The rows of these numbers, in key order."""
        found = []
        for row in sorted(int(row) for row in rows.to_numpy()):
            place = bisect_right(self.starts, row) - 1
            found.append(self.whole[place].slice(row - self.starts[place], 1))
        return self._told(found, columns)

    def _told(self, found: Sequence[pa.RecordBatch], columns: Sequence[str] | None) -> pa.Table:
        """The pieces as one table in one piece: many small ones cost whoever reads them more than the copy."""
        table = pa.Table.from_batches(found, self.table.schema)
        return (table if columns is None else table.select(list(columns))).combine_chunks()

    def _pieces(self, batch: pa.RecordBatch, values: Sequence[Any]) -> list[pa.RecordBatch]:
        """Where each of these sorted values stands in a batch."""
        keys = batch.column(self.leading)
        told = pa.array(values, keys.type)
        starts, ends = (pc.search_sorted(keys, told, side=side).to_pylist() for side in ("left", "right"))  # type: ignore[attr-defined]
        return [batch.slice(start, end - start) for start, end in zip(starts, ends, strict=True) if end > start]


def _map(path: Path) -> _Served:
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        leading = table.schema.metadata[LEADING].decode()
    except (OSError, pa.ArrowInvalid, KeyError, TypeError) as error:
        raise damaged(path.parent, type(error).__name__) from error
    table = table.replace_schema_metadata(None)
    whole = [batch for batch in table.to_batches() if batch.num_rows]
    starts = list(accumulate((batch.num_rows for batch in whole), initial=0))[:-1]
    batches = [batch for batch in whole if batch.column(leading)[0].is_valid]
    return _Served(table, whole, starts, batches, leading, [batch.column(leading)[0].as_py() for batch in batches])
