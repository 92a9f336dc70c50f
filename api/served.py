"""A generation as questions see it: its tables, read only where needed. Values stay values here; the door turns them into text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa

from cityweave.engine.errors import InputError

KINDS = ("building", "room", "person", "legal_entity")
LETTERS = {"b": "building", "r": "room", "p": "person", "l": "legal_entity"}


class Reader(Protocol):
    """A generation's point look-ups (engine/generation.py)."""

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows whose `column` is one of `values`."""

    def sound(self, name: str) -> None:
        """StoreError if the table is gone or damaged."""


@dataclass(frozen=True)
class Record:
    """A record that a question named."""

    kind: str
    record_id: int
    ref: str
    entity_id: str | None  # None: withdrawn


@dataclass(frozen=True)
class Served:
    """The tables of one generation by name."""

    generation: int
    paths: Mapping[str, Path]
    reader: Reader
    files: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # batch -> (source, delivered file name)

    def has(self, table: str) -> bool:
        """Whether this generation has that table."""
        return table in self.paths

    def scan(self, table: str) -> pl.LazyFrame:
        """The table, lazily."""
        if table not in self.paths:
            raise self._missing(table)
        self.reader.sound(table)
        return pl.scan_parquet(self.paths[table])

    def _missing(self, table: str) -> InputError:
        return InputError(
            f"第 {self.generation} 代没有表 {table} / generation {self.generation} has no table {table}", "", "见 cityweave digest / see cityweave digest"
        )

    def where(self, table: str, column: str, values: Iterable[Any], columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of `table` whose `column` is one of `values`: by binary search where the table is served and the column leads its key."""
        if table not in self.paths:
            raise self._missing(table)
        return frame(self.reader.where(table, column, sorted(set(values)), columns))

    def kinds(self) -> tuple[str, ...]:
        """The kinds that this generation resolved."""
        return tuple(kind for kind in KINDS if f"entity_{kind}" in self.paths)

    def records_of(self, entity_id: str) -> list[int]:
        """The live records of an entity, oldest first."""
        return sorted(self.where("membership", "entity_id", [entity_id], ("record_id",))["record_id"].to_list())

    def entities_of(self, records: Iterable[int]) -> dict[int, str]:
        """Live record -> entity."""
        found = self.where("membership", "record_id", records, ("record_id", "entity_id"))
        return dict(zip(found["record_id"].to_list(), found["entity_id"].to_list(), strict=True))

    def record(self, name: str) -> Record:
        """The record called `name`: its id, source:batch:row:role, or source|key|role; InputError when there is none."""
        for kind in self.kinds():
            rows = self.scan(f"record_{kind}").filter(_named(name)).select("record_id", "ref").unique().collect()
            if rows.height:
                record_id, ref = rows.row(0)
                return Record(kind, record_id, ref, self.entities_of([record_id]).get(record_id))
        raise InputError("没有这条记录 / there is no such record", "", "写成 来源:批次:行:角色，或记录编号 / write source:batch:row:role, or its id")

    def named(self, name: str) -> Record:
        """The record that `name` says, or of the entity that it says the one that tells most (then the oldest)."""
        if ":" in name or "|" in name or name.isdigit():
            return self.record(name)
        kind, records = kind_of(name), self.records_of(name)
        if not records:
            raise InputError("没有这个实体 / there is no such entity", name, "用 cityweave find 查找 / look it up with cityweave find")
        rows = self.where(f"record_{kind}", "record_id", records).filter(pl.col("known_to").is_null())
        told = rows.select("record_id", said=pl.sum_horizontal(pl.all().is_not_null().cast(pl.Int32)))
        return self.record(str(told.sort("said", "record_id", descending=[True, False])["record_id"][0]))

    def labels(self, entities: Iterable[str]) -> dict[str, dict[str, str | None]]:
        """Entity -> the elements by which a person recognises it (name, or address for rooms and buildings)."""
        wanted: dict[str, list[str]] = {}
        for entity in set(entities):
            wanted.setdefault(LETTERS.get(entity[:1], ""), []).append(entity)
        found: dict[str, dict[str, str | None]] = {}
        for kind, ids in wanted.items():
            if kind and self.has(f"entity_{kind}"):
                element = label_element(kind)
                rows = self.where(f"entity_{kind}", "entity_id", ids, ("entity_id", element))
                found |= {entity: {element: text} for entity, text in rows.iter_rows()}
        return found


def frame(table: pa.Table) -> pl.DataFrame:
    """An Arrow table as a frame."""
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)
    return made


def label_element(kind: str) -> str:
    """The element that stands for an entity of that kind in a list."""
    return "address" if kind in {"room", "building"} else "name"


def kind_of(entity_id: str) -> str:
    """The kind an entity id tells; InputError when it is not an entity id."""
    kind = LETTERS.get(entity_id[:1])
    if kind is None:
        raise InputError(
            "不是实体编号 / not an entity id",
            "ID",
            "以 p、l、b 或 r 开头；用 cityweave find 查找 / it begins with p, l, b or r; look it up with cityweave find"
        )
    return kind


def _named(name: str) -> pl.Expr:
    if name.isdigit():
        return pl.col("record_id") == int(name)
    if name.count("|") >= 2:
        return pl.col("ref") == name
    parts = name.split(":")
    if len(parts) != 4 or not (parts[1].isdigit() and parts[2].isdigit()):
        raise InputError("看不懂这个记录名 / this is no name of a record", "", "写成 来源:批次:行:角色，或记录编号 / write source:batch:row:role, or its id")
    source, batch, row, role = parts
    return (pl.col("source") == source) & (pl.col("batch") == int(batch)) & (pl.col("row_no") == int(row)) & (pl.col("role") == role)
