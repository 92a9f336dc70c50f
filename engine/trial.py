"""Trying a step: rows in, rows out. For tests of steps, and for whoever wants to see what one does."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, get_args

import pyarrow as pa

from cityweave.engine.engines import load_engine
from cityweave.engine.model import ARROW, Arguments, Column, Files, Inputs, Step, Table, Type
from cityweave.engine.plan import Plan
from cityweave.engine.run import Engine, run
from cityweave.engine.store import Store
from cityweave.engine.write import by_key

Rows: TypeAlias = pa.Table | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Constant:
    rows: pa.Table

    def __call__(self, inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
        return self.rows


def given(table: Table | str, rows: Rows) -> Step:
    """A step that gives these rows; its key follows their content.

    `rows` is an Arrow table, or a list of dicts, in which columns left out are NULL.
    Of a bare name the columns are taken from the rows and the key is all of them.
    """
    declared = table if isinstance(table, Table) else _declare(table, rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows)))
    content = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=declared.schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, content.schema) as writer:
        writer.write_table(content)
    return Step(declared, "给定的行 / given rows", python=_Constant(content), arguments={"content": hashlib.sha256(sink.getvalue()).hexdigest()})


def trial(
    steps: Iterable[Step], tables: Mapping[str, Rows], targets: Iterable[str] | None = None, *, engine: Engine | None = None, shuffle: int | None = None
) -> dict[str, pa.Table]:
    """Table -> its rows in key order, for `targets` (default: every step given), each key verified.

    `tables` gives what the steps read and none of them makes, or replaces what one of them makes.
    """
    making = {step.name: step for step in steps}
    wanted = list(targets) if targets is not None else [name for name in making if name not in tables]
    declared = {name: step.writes for name, step in making.items()}
    plan = Plan([*(given(declared.get(name, name), rows) for name, rows in tables.items()), *(step for step in making.values() if step.name not in tables)])
    with tempfile.TemporaryDirectory(prefix="cityweave-trial-") as folder:
        store = Store(Path(folder))
        made = run(plan, wanted, store, engine or _duck(), shuffle=shuffle, check_keys=True).tables
        return {name: by_key(store.read(made[name]), plan.steps[name].writes).combine_chunks() for name in wanted}


def _declare(name: str, rows: pa.Table) -> Table:
    columns = tuple(Column(field.name, _type(field.type)) for field in rows.schema)
    names = tuple(rows.column_names)
    return Table(name, name, columns, names, nullable=names)


def _type(found: pa.DataType) -> Type:
    names: dict[pa.DataType, Type] = {ARROW[name]: name for name in get_args(Type)}
    return names.get(found, "VARCHAR")


@cache
def _duck() -> Engine:
    return load_engine("duckdb", threads=1, memory="1GB")
