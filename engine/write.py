"""Tables to files: the declared columns and types, the served copy, the shuffled copy, the checks of the key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cityweave.engine.errors import EngineError
from cityweave.engine.model import Table

BATCH = 65_536  # rows a record batch of the served file: a look-up searches the batches, then one batch

ROW = "row"  # in an index: the number of a row of the served file

LEADING = b"leading"  # in the served file's metadata: the first column of its key


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """The rows with exactly the declared columns in the declared order and types; an EngineError where they are not so."""
    stray, missing = sorted(set(rows.column_names) - set(table.names)), sorted(set(table.names) - set(rows.column_names))
    if stray or missing:
        raise undeclared(table, stray, missing)
    columns = [_cast(rows[column.name], field.type, f"{table.name}.{column.name}") for column, field in zip(table.columns, table.schema, strict=True)]
    return pa.table(columns, schema=table.schema)


def _cast(column: pa.ChunkedArray[Any], wanted: pa.DataType, where: str) -> pa.ChunkedArray[Any]:
    if column.type == wanted:
        return column
    if pa.types.is_floating(column.type):
        raise EngineError("步骤不得产生浮点列 / a step must not make a floating-point column", where, "在产生处取整 / round it where it is made")
    try:
        return column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise EngineError(f"列的类型 {column.type} 不能变为 {wanted} / a column of type {column.type} does not become {wanted}", where) from (
            error if isinstance(error, pa.ArrowNotImplementedError) else None
        )


def undeclared(table: Table, stray: list[str], missing: list[str]) -> EngineError:
    """The error for a result whose columns are not the declared ones."""
    return EngineError(
        f"结果的列与声明不符：多 {stray}，缺 {missing} / the columns are not those declared: too many {stray}, missing {missing}", f"步骤 / step {table.name}"
    )


def fractional(table: Table, columns: list[str]) -> EngineError:
    """The error for a result that has columns of floats or decimals."""
    return EngineError(f"步骤不得产生小数列 {columns} / a step must not make fractional columns {columns}", f"步骤 / step {table.name}", "取整 / make integers")


def by_key(rows: pa.Table, table: Table, order: Sequence[str] = ()) -> pa.Table:
    """The rows in key order, or in the order of other columns: strings by code point, NULL last."""
    rows = rows.combine_chunks()
    return rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in order or table.key]))


def write_parquet(rows: pa.Table, path: Path) -> None:
    """Write one Parquet file."""
    pq.write_table(rows, path, compression="zstd", compression_level=1, write_statistics=True)


def write_served(parquet: Path, out: Path, table: Table) -> None:
    """Write the Arrow copy of a Parquet file whose rows are in key order, a batch at a time."""
    schema = table.schema.with_metadata({LEADING: table.key[0].encode()})
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, schema) as writer, pq.ParquetFile(parquet, memory_map=True) as source:
        for batch in source.iter_batches(BATCH, columns=list(table.names)):
            writer.write_batch(batch.cast(schema))


def write_index(served: Path, out: Path, column: str) -> None:
    """Write the values of a column of a served file in order, NULL left out, each with the number of its row; equal values in the order of the rows."""
    with pa.memory_map(str(served)) as source:
        values = pa.ipc.open_file(source).read_all()[column]
    frame = pl.DataFrame({column: values}).with_row_index(ROW).drop_nulls(column).sort(column, ROW)
    schema = pa.schema([(column, values.type), (ROW, pa.int64())], {LEADING: column.encode()})
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(frame.select(column, ROW).to_arrow().cast(schema), BATCH)


def shuffle_parquet(path: Path, seed: int, name: str) -> None:
    """Put the rows of a file in another order, which depends only on the seed and the name. A correct plan does not notice."""
    rows = pq.read_table(path, partitioning=None)
    number = int.from_bytes(hashlib.sha256(f"{seed}|{name}".encode()).digest()[:8], "big")
    write_parquet(rows.take(np.random.default_rng(number).permutation(rows.num_rows)), path)


def check_key(path: Path, table: Table) -> None:
    """Raise an EngineError unless the key is unique and without NULL (but for the columns declared `nullable`)."""
    keys = pq.read_table(path, columns=list(table.key), partitioning=None)
    for name in table.key:
        if name not in table.nullable and keys[name].null_count:
            raise EngineError(f"键列有 {keys[name].null_count} 个空值 / a key column has {keys[name].null_count} NULLs", f"{table.name}.{name}")
    distinct = keys.group_by(list(table.key)).aggregate([]).num_rows
    if distinct != keys.num_rows:
        raise EngineError(
            f"键不唯一：{keys.num_rows} 行只有 {distinct} 个键 / the key is not unique: {distinct} keys in {keys.num_rows} rows",
            f"步骤 / step {table.name} ({', '.join(table.key)})",
        )
