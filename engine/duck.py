"""DuckDB: the default engine. One in-memory connection; each step sees exactly the tables it says it reads."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import PythonUDFType

from cityweave.engine.disk import disk_full, is_disk_full
from cityweave.engine.errors import EngineError, OutOfMemoryError
from cityweave.engine.functions import MACROS, PYTHON_BACKED
from cityweave.engine.model import Step, Table
from cityweave.engine.write import fractional, undeclared

_PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"  # level 1: as quick as snappy, less than half its size

GROUP = 122_880
"""Rows of a row group, as DuckDB writes them."""

AS_WRITTEN = "build_side_probe_side"
"""What of DuckDB's optimizer is switched off where the result is large. It thinks that a fifth of the records are open, holds them in memory for it, and reads
the table they are joined with: the forms of ten million people took 214 s so, and 55 s as the step is written. DuckDB has one such setting for all cursors:
it may hit the step beside this one, and changes how that is done and never what comes out."""

PART = 2_000_000
"""Rows of the table that a step names as `apart` that are worked on at a time, if it has three times as many or more."""

CELL = 24
"""Bytes that a cell takes while its row is sorted, roughly: a text has 16 of its own, empty or not."""

AT_ONCE = 2
"""Steps beside each other, where there are as many threads. One keeps two cores three quarters busy, two nine tenths (a run of M: 134 s and 118 s)."""

_SAFE = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.NotImplementedException, duckdb.SyntaxException)
"""Errors that speak of the SQL and never of a cell."""


class DuckEngine:
    """Runs a step's SQL on DuckDB. Steps beside each other share its threads and its memory, each on its own cursor."""

    name = "duckdb"
    version = f"{duckdb.__version__}/{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}"

    def __init__(self, threads: int = 2, memory: str = "4GB", temporary: Path | None = None) -> None:
        self.at_once = min(threads, AT_ONCE)
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._checked: set[tuple[str, Table, tuple[pa.Schema, ...]]] = set()  # SQL whose columns are known to be those declared, over inputs of these schemas
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": str(temporary or Path(tempfile.gettempdir()) / "cityweave-spill"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            },
        )
        self._sortable = self._memory() // 4  # bytes of a result that are sorted at a time: it takes several times as much, and a step runs beside another
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        for name, backed in PYTHON_BACKED.items():
            self._connection.create_function(name, backed.function, ["VARCHAR", "VARCHAR"], "INTEGER", type=PythonUDFType.ARROW)

        for name, macro in MACROS.items():
            self._connection.execute(f"CREATE MACRO {name}({macro.parameter}) AS {macro.sql}")

    def execute(self, step: Step, inputs: Mapping[str, Path], out: Path) -> int:
        """Write the step's result as one Parquet file with the declared columns and types (in key order if served); the number of rows."""
        table = step.writes
        with self._connection.cursor() as cursor:
            self._running.add(cursor)
            try:
                for name, path in inputs.items():
                    cursor.execute(f"CREATE TEMP VIEW {_quoted(name)} AS SELECT * FROM read_parquet({_literal(path)}, hive_partitioning = false)")
                found = {name: pq.read_metadata(path) for name, path in inputs.items()}
                known = (step.sql, table, tuple(found[name].schema.to_arrow_schema() for name in step.reads))
                if known not in self._checked:
                    _check_columns(cursor, step)
                    self._checked.add(known)
                if step.apart and found[step.apart].num_rows >= 3 * PART:
                    return _part_by_part(cursor, step, inputs[step.apart], out)
                most = max((metadata.num_rows for metadata in found.values()), default=0)
                large = most * len(table.columns) * CELL > self._sortable
                cursor.execute(f"SET disabled_optimizers = '{AS_WRITTEN if large else ''}'")
                if large and table.served:
                    return self._in_ranges(cursor, step, out)
                try:
                    return int(cursor.execute(f"COPY ({_select(step.sql, table)}) TO {_literal(out)} {_PARQUET}").fetchall()[0][0])
                except duckdb.OutOfMemoryException:  # many small inputs may make a large result
                    if not table.served:
                        raise
                    return self._in_ranges(cursor, step, out)
            except RuntimeError as error:
                if "interrupted" in str(error):  # how DuckDB says that Ctrl-C came while it worked
                    raise KeyboardInterrupt from None
                raise
            except duckdb.Error as error:
                if is_disk_full(error):
                    raise disk_full(out.parent.parent) from None
                if isinstance(error, duckdb.OutOfMemoryException):
                    raise OutOfMemoryError(
                        "内存不足 / out of memory",
                        f"步骤 / step {step.name}",
                        "在 cityweave.toml 的 [engine] 里加大 memory / raise memory under [engine] in cityweave.toml",
                    ) from None
                if isinstance(error, _SAFE):
                    raise EngineError(f"SQL 不能执行 / the SQL cannot run: {error}", f"步骤 / step {step.name}") from error
                raise EngineError(
                    _without_values(error), f"步骤 / step {step.name}", "用 try_cast 或先检查取值 / use try_cast or check the values first"
                ) from None
            finally:
                self._running.discard(cursor)

    def _memory(self) -> int:
        """The limit of memory, in bytes."""
        said = self._connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]  # "3.7 GiB"
        number, unit = said.split()
        return int(float(number) * 1024 ** ("KiB", "MiB", "GiB", "TiB").index(unit) * 1024) if unit.endswith("iB") else int(number)

    def _in_ranges(self, cursor: duckdb.DuckDBPyConnection, step: Step, out: Path) -> int:
        """As one COPY in key order, for what may be too much to sort at once: written as it comes, then a range of the key after the other is read and sorted.

        DuckDB's own sort of wide rows gives up where memory ends: 11 million records of 40 columns want 6 GB.
        """
        table, aside = step.writes, out.with_suffix(".unsorted")
        written = cursor.execute(f"COPY ({_select(step.sql, table, ordered=False)}) TO {_literal(aside)} {_PARQUET}").fetchall()
        rows, first = int(written[0][0]), _quoted(table.key[0])
        parts = rows * len(table.columns) * CELL // self._sortable + 1
        shares = ", ".join(f"{part} / {parts}" for part in range(1, parts))
        quantiles = f"SELECT quantile_disc({first}, [{shares}]::DOUBLE[]) FROM read_parquet({_literal(aside)})"
        bounds = sorted(set(cursor.execute(quantiles).fetchall()[0][0] or ())) if shares else []
        with pq.ParquetWriter(out, table.schema, compression="zstd", compression_level=1) as sink:
            for low, high in zip([None, *bounds], [*bounds, None], strict=True):
                tests = [f"{first} >= $low"] * (low is not None) + [f"{first} < $high"] * (high is not None)
                within = f"WHERE {' AND '.join(tests)}{f' OR {first} IS NULL' if high is None else ''}" if tests else ""
                given = {name: value for name, value in (("low", low), ("high", high)) if value is not None}
                part = cursor.sql(f"SELECT * FROM read_parquet({_literal(aside)}) {within} {_order(table)}", params=given)
                for batch in part.to_arrow_reader(GROUP):
                    sink.write_batch(batch.cast(table.schema))
        aside.unlink()
        return rows

    def interrupt(self) -> None:
        """End the queries that run now."""
        for cursor in list(self._running):
            cursor.interrupt()

    def close(self) -> None:
        """Give back the connection's memory."""
        self._connection.close()


def _part_by_part(cursor: duckdb.DuckDBPyConnection, step: Step, path: Path, out: Path) -> int:
    """As one COPY, with the table that the step names as `apart` read a part of its rows after the other, so that what is joined to it need not all be held."""
    name = _quoted(step.apart)
    parts: list[Path] = []
    cursor.execute("SET disabled_optimizers = ''")
    cursor.execute(f"DROP VIEW {name}")  # a table instead: DuckDB knows how large it is
    for start in range(0, pq.read_metadata(path).num_rows, PART):
        rows = f"SELECT * EXCLUDE (file_row_number) FROM read_parquet({_literal(path)}, file_row_number = true, hive_partitioning = false)"
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows} WHERE file_row_number >= {start} AND file_row_number < {start + PART}")
        parts.append(out.with_suffix(f".{len(parts)}"))
        cursor.execute(f"COPY ({_select(step.sql, step.writes, ordered=False)}) TO {_literal(parts[-1])} {_PARQUET}").fetchall()
    made = f"SELECT * FROM read_parquet([{', '.join(map(_literal, parts))}]){_order(step.writes) if step.writes.served else ''}"
    written = cursor.execute(f"COPY ({made}) TO {_literal(out)} {_PARQUET}").fetchall()
    for part in parts:
        part.unlink()
    return int(written[0][0])


def _select(sql: str, table: Table, *, ordered: bool = True) -> str:
    columns = ", ".join(f"CAST({_quoted(column.name)} AS {column.type}) AS {_quoted(column.name)}" for column in table.columns)
    return f"SELECT {columns} FROM (\n{sql}\n){_order(table) if ordered and table.served else ''}"


def _order(table: Table) -> str:
    return " ORDER BY " + ", ".join(f"{_quoted(name)} ASC NULLS LAST" for name in table.key)


def _check_columns(cursor: duckdb.DuckDBPyConnection, step: Step) -> None:
    described = {str(row[0]): str(row[1]) for row in cursor.execute(f"DESCRIBE {step.sql}").fetchall()}
    stray, missing = sorted(set(described) - set(step.writes.names)), sorted(set(step.writes.names) - set(described))
    if stray or missing:
        raise undeclared(step.writes, stray, missing)
    floats = [name for name, type_ in described.items() if type_ in ("DOUBLE", "FLOAT") or type_.startswith("DECIMAL")]
    if floats:
        raise fractional(step.writes, floats)


def _without_values(error: duckdb.Error) -> str:
    """The kind of error and its sentence, with every quoted text, number and non-ASCII character blanked: they may be cells."""
    sentence = str(error).split("\n", 1)[0]
    blanked = re.sub(r"[0-9]+|[^\x00-\x7f]+", "#", re.sub(r"'.*'|\".*\"", "'…'", sentence))
    return f"步骤执行失败 / the step failed: {type(error).__name__}: {blanked}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
