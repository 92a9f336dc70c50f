"""Spark: the engine past one machine. The same steps, transpiled by sqlglot; the only module that imports pyspark, and it needs no DuckDB."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyspark
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.functions import arrow_udf
from pyspark.sql.types import IntegerType
from sqlglot.errors import SqlglotError

from cityweave.engine.dialect import spark_script
from cityweave.engine.disk import disk_full, is_disk_full
from cityweave.engine.errors import EngineError
from cityweave.engine.functions import PYTHON_BACKED
from cityweave.engine.model import Step, Table
from cityweave.engine.write import by_key, conform, undeclared, write_parquet

JAVA = 17

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a cast that fails and a sum that overflows raise, as in DuckDB
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # In one process the work is small and the JVM's own start is most of it: half the processor time of its defaults, measured.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
}


_DIGEST = hashlib.sha256(Path(__file__).read_bytes() + Path(__file__).with_name("dialect.py").read_bytes()).hexdigest()[:12]


class SparkEngine:
    """Runs a step's SQL on Spark."""

    name = "spark"
    at_once = 1  # Spark spreads a step by itself
    version = f"{pyspark.__version__}/{importlib.metadata.version('sqlglot')}/{_DIGEST}"

    def __init__(self, threads: int = 2, memory: str = "4GB", temporary: Path | None = None) -> None:
        _need_java()
        os.environ["PYSPARK_PYTHON"] = sys.executable  # pyspark asks nothing else which Python its workers are
        builder = SparkSession.builder.master(f"local[{threads}]").appName("cityweave")
        settings = {
            **_SETTINGS,
            "spark.driver.memory": memory.upper().removesuffix("B"),
            "spark.sql.shuffle.partitions": str(threads),
            **({"spark.local.dir": str(temporary)} if temporary else {}),
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("OFF")
        arrow: Any = arrow_udf  # its stubs know only functions of their own protocol
        for name, backed in PYTHON_BACKED.items():
            self._session.udf.register(name, arrow(backed.function, IntegerType()))

    def execute(self, step: Step, inputs: Mapping[str, Path], out: Path) -> int:
        """Write the step's result as one Parquet file with the declared columns and types (in key order if served); the number of rows."""
        table = step.writes
        *parts, (_, query) = transpile(step)
        try:
            for name, path in inputs.items():
                self._read(path).createOrReplaceTempView(f"`{name}`")
            for name, part in parts:
                self._session.sql(part).localCheckpoint().createOrReplaceTempView(f"`{name}`")
            frame = self._session.sql(query)
            _check_columns(frame, table)
            rows = conform(frame.selectExpr(*_casts(table)).toArrow(), table)
        except PySparkException as error:
            if is_disk_full(error):
                raise disk_full(out.parent.parent) from None
            raise EngineError(_without_values(error), f"步骤 / step {step.name} (Spark)") from None
        finally:
            for name in (*inputs, *(name for name, _ in parts)):
                self._session.catalog.dropTempView(name)
        write_parquet(by_key(rows, table) if table.served else rows, out)
        return rows.num_rows

    def interrupt(self) -> None:
        """End the jobs that run now."""
        self._session.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """Stop the JVM's session."""
        self._session.stop()

    def _read(self, path: Path) -> DataFrame:
        """The file's frame; its schema comes from Arrow, which spares Spark a job."""
        fields = ", ".join(f"`{field.name}` {_SPARK_TYPE[str(field.type)]}" for field in pq.read_schema(path))
        return self._session.read.schema(fields).parquet(str(path))


_SPARK_TYPE = {"int64": "BIGINT", "int32": "INT", "string": "STRING", "large_string": "STRING", "date32[day]": "DATE", "bool": "BOOLEAN"}


def transpile(step: Step) -> list[tuple[str, str]]:
    """The step's SQL as a chain of queries in Spark's dialect (see `spark_script`); an EngineError where there is no equal of it."""
    try:
        return spark_script(step.sql)
    except SqlglotError as error:
        raise EngineError(f"SQL 不能译成 Spark / the SQL has no equal in Spark: {error}", f"步骤 / step {step.name}", "见 engine/functions.py") from error


def _casts(table: Table) -> list[str]:
    names = {"INTEGER": "INT", "VARCHAR": "STRING"}
    return [f"CAST(`{column.name}` AS {names.get(column.type, column.type)}) AS `{column.name}`" for column in table.columns]


def _check_columns(frame: DataFrame, table: Table) -> None:
    stray, missing = sorted(set(frame.columns) - set(table.names)), sorted(set(table.names) - set(frame.columns))
    if stray or missing:
        raise undeclared(table, stray, missing)
    floats = [name for name, type_ in frame.dtypes if type_ in ("double", "float") or type_.startswith("decimal")]
    if floats:
        raise EngineError(
            f"步骤不得产生小数列 {floats} / a step must not make fractional columns {floats}", f"步骤 / step {table.name}", "取整 / make integers"
        )


def _without_values(error: PySparkException) -> str:
    """The kind of error, never its sentence, which may hold cells; of an error in the SQL itself also the sentence."""
    condition: Any = error.getCondition()
    about_sql = type(error).__name__ in ("AnalysisException", "ParseException")
    return f"步骤执行失败 / the step failed: {type(error).__name__} {condition or ''} {str(error).splitlines()[0] if about_sql else ''}".strip()


def _need_java() -> None:
    try:
        told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    except FileNotFoundError:
        told = ""
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < JAVA:
        raise EngineError(
            f"Spark 需要 Java {JAVA} / Spark needs Java {JAVA}; {'没有找到 / none found' if found is None else f'找到 / found {found[1]}'}",
            todo=f"安装 Java {JAVA}，或用默认引擎 DuckDB / install Java {JAVA}, or use the default engine, DuckDB",
        )
