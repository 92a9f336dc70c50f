"""Spark: the same plan gives the same digest; what a machine lacks is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cityweave.engine.digest import digest
from cityweave.engine.duck import DuckEngine
from cityweave.engine.engines import load_engine
from cityweave.engine.errors import EngineError
from cityweave.engine.functions import SAMPLE
from cityweave.engine.model import Column, Step, Table
from cityweave.engine.plan import Plan
from cityweave.engine.run import Engine, run
from cityweave.engine.store import Store
from cityweave.engine.trial import trial
from tests.engine import city

NUMBER = Table("number", "数 / numbers", (Column("n", "BIGINT"),), ("n",))


@pytest.mark.spark
def test_both_engines_give_the_same_digests(tmp_path: Path, duck: DuckEngine, spark: Engine) -> None:
    plan = Plan(city.steps())
    assert not set(plan.keys(duck).values()) & set(plan.keys(spark).values())
    found = []
    for engine in (duck, spark):
        store = Store(tmp_path / engine.name)
        made = run(plan, plan.steps, store, engine, check_keys=True, shuffle=1).tables
        found.append(digest(store, made))
        with (store.arrow_path(made["home"])).open("rb") as file:
            assert file.read(6) == b"ARROW1"
    print(found[0])
    assert found[0] == found[1]


@pytest.mark.spark
@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1 AS m FROM sample", "not those declared"),
        ("SELECT 1.5 AS n FROM sample", "fractional"),
        ("SELECT nosuch AS n FROM sample", "nosuch"),
        ("SELECT cast(han AS BIGINT) AS n FROM sample", "CAST_INVALID_INPUT"),
        ("SELECT 1 AS n FROM elsewhere", "elsewhere"),
    ],
)
def test_errors_on_spark_name_the_step_and_no_value(spark: Engine, sql: str, says: str) -> None:
    with pytest.raises(EngineError, match=says) as told:
        trial([Step(NUMBER, "", ("sample",), sql)], {"sample": SAMPLE}, engine=spark)
    assert "number" in told.value.where
    assert "张三丰" not in str(told.value)


@pytest.mark.spark
def test_spark_needs_no_duckdb() -> None:
    script = "import sys; sys.modules['duckdb'] = None\nimport cityweave.engine.spark, cityweave.engine.run, cityweave.engine.digest"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_engine_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match="no engine flink"):
        load_engine("flink")


def test_without_java_or_pyspark_the_error_says_what_to_install() -> None:
    load = "from cityweave.engine.engines import load_engine\nload_engine('spark')"
    no_pyspark = subprocess.run([sys.executable, "-c", f"import sys; sys.modules['pyspark'] = None\n{load}"], capture_output=True, text=True, check=False)
    assert "pip install 'cityweave[spark]'" in no_pyspark.stderr


@pytest.mark.spark
def test_without_java_the_error_says_so() -> None:
    load = "from cityweave.engine.engines import load_engine\nload_engine('spark')"
    no_java = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=False, env={"PATH": "/nonexistent"})
    assert "Spark needs Java 17" in no_java.stderr
