"""Read me first: what floor 1 works with. A step makes one table; a table is columns and a key; nothing else is passed between floors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa

Type: TypeAlias = Literal["BIGINT", "INTEGER", "VARCHAR", "DATE", "BOOLEAN"]
"""Column types. No floats: rates are rounded to integers where they are made (DESIGN, section 1)."""

ARROW: Mapping[str, pa.DataType] = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "VARCHAR": pa.string(), "DATE": pa.date32(), "BOOLEAN": pa.bool_()}

Arguments: TypeAlias = Mapping[str, Any]
"""JSON values only: they enter the step's key as canonical JSON."""

Inputs: TypeAlias = Mapping[str, pa.Table]
Files: TypeAlias = Mapping[str, Path]
PythonStep: TypeAlias = Callable[[Inputs, Arguments, Files], pa.Table]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: Type
    says: str = ""  # one line, English, for docs/reference.md


@dataclass(frozen=True)
class Table:
    """A table that a step makes."""

    name: str
    says: str  # one line: 中文 / English
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # columns that are unique per row; the canonical order of the table
    served: bool = False  # also written as memory-mapped Arrow IPC sorted by its key, for point look-ups by the first key column
    nullable: tuple[str, ...] = ()  # key columns that may be NULL
    also: tuple[str, ...] = ()  # of a served table: other columns by which rows are looked up; each gets a sorted index

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the declared order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema that the table is stored with."""
        return pa.schema([(column.name, ARROW[column.type]) for column in self.columns])


@dataclass(frozen=True)
class Step:
    """One thought that makes one table; its name is the table's name. Either `sql` (one DuckDB SELECT that names the tables it reads) or `python`."""

    writes: Table
    says: str  # what a person reads while it runs: 中文 / English
    reads: tuple[str, ...] = ()
    sql: str = ""
    python: PythonStep | None = None
    arguments: Arguments = field(default_factory=dict)  # enter the key
    files: Files = field(default_factory=dict)  # do not enter the key: their content hash must stand in `arguments`
    uses: tuple[str, ...] = ()  # digests of the contract, pack, model or settings used: enter the key
    apart: str = ""  # a table it reads of which each part of rows makes that part of the result: a large one is worked on a part at a time
    total: tuple[str, ...] = ()  # columns by which an ordering is total (for row_number and first/last ... order by)

    @property
    def name(self) -> str:
        """The name of the table it writes."""
        return self.writes.name
