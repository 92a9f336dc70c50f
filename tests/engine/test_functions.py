"""The table of functions: every example gives on DuckDB and on Spark what it says, over Han, beyond the basic plane, NULL, empty, ties."""

from __future__ import annotations

import pytest

from cityweave.engine.dialect import java_pattern, java_replacement, spark_script
from cityweave.engine.errors import EngineError
from cityweave.engine.examples import EXPRESSIONS, QUERIES
from cityweave.engine.functions import PEOPLE, SAMPLE, Rows, Value
from cityweave.engine.lint import lint
from cityweave.engine.model import Column, Step, Table, Type
from cityweave.engine.run import Engine
from cityweave.engine.trial import trial

ALL = [(expression, value) for group in EXPRESSIONS.values() for expression, value in group.items()]
CASES = [f"case_{number}" for number in range(len(ALL))]


def _type(value: Value) -> Type:
    return (
        "BOOLEAN"
        if isinstance(value, bool)
        else "BIGINT"
        if isinstance(value, int)
        else "DATE"
        if value is not None and not isinstance(value, str)
        else "VARCHAR"
    )


def _expressions(engine: Engine) -> list[tuple[str, Value, Value]]:
    """Every expression, what it should give, what it gives: one query for all."""
    table = Table("examples", "", tuple(Column(name, _type(value)) for name, (_, value) in zip(CASES, ALL, strict=True)), ("case_0",))
    sql = "SELECT " + ",\n".join(f"({expression}) AS {name}" for name, (expression, _) in zip(CASES, ALL, strict=True)) + " FROM sample"
    row = trial([Step(table, "", ("sample",), sql)], {"sample": SAMPLE}, engine=engine)["examples"].to_pylist()[0]
    return [(expression, value, row[name]) for name, (expression, value) in zip(CASES, ALL, strict=True)]


def _queries(engine: Engine) -> list[tuple[str, Rows, Rows]]:
    """Every query, the rows it should give, the rows it gives, both sorted."""
    steps, found = [], []
    for number, (query, rows) in enumerate(QUERIES.items()):
        columns = tuple(Column(f"c{place}", next((_type(row[place]) for row in rows if row[place] is not None), "VARCHAR")) for place in range(len(rows[0])))
        names = tuple(column.name for column in columns)
        steps.append(Step(Table(f"q{number}", "", columns, names, nullable=names), "", ("people",), f"SELECT * FROM ({query}) AS q({', '.join(names)})"))
    made = trial(steps, {"people": PEOPLE}, engine=engine)
    for number, (query, rows) in enumerate(QUERIES.items()):
        found.append((query, sorted(rows, key=repr), sorted((tuple(row.values()) for row in made[f"q{number}"].to_pylist()), key=repr)))
    return found


def _wrong(engine: Engine) -> list[tuple[str, object, object]]:
    found: list[tuple[str, object, object]] = [*_expressions(engine), *_queries(engine)]
    return [case for case in found if case[1] != case[2] or type(case[1]) is not type(case[2])]


def _say(wrong: list[tuple[str, object, object]]) -> str:
    return "".join(f"\n{sql}\n    should give {should!r}\n    gives       {gives!r}" for sql, should, gives in wrong)


def test_every_example_on_duckdb(duck: Engine) -> None:
    wrong = _wrong(duck)
    print(f"{len(ALL)} expressions and {len(QUERIES)} queries on DuckDB")
    assert not wrong, _say(wrong)


@pytest.mark.spark
def test_every_example_on_spark(spark: Engine) -> None:
    wrong = _wrong(spark)
    print(f"{len(ALL)} expressions and {len(QUERIES)} queries on Spark")
    assert not wrong, _say(wrong)


def test_the_lint_has_nothing_against_the_examples() -> None:
    table = Table("t", "", (Column("a", "BIGINT"),), ("a",))
    sql = [f"SELECT {expression} AS a FROM sample" for expression, _ in ALL]
    found = [finding for query in sql for finding in lint(Step(table, "", ("sample",), query, total=("id",)))]
    found += [finding for query in QUERIES for finding in lint(Step(table, "", ("people",) if "people" in query else (), query, total=("id",)))]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("expression", ["n // z", "cast(han AS BIGINT)", "9223372036854775807 + n"])
def test_what_is_an_error_is_one_without_the_value(duck: Engine, expression: str) -> None:
    with pytest.raises(EngineError) as told:
        trial(
            [Step(Table("t", "", (Column("a", "BIGINT"),), ("a",)), "", ("sample",), f"SELECT {expression} AS a FROM (SELECT *, 0 AS z, 1 AS n FROM sample)")],
            {"sample": SAMPLE.drop_columns(["n"])},
            engine=duck,
        )
    assert "张三丰" not in str(told.value)
    assert "步骤 / step t" in str(told.value)


def test_what_is_named_twice_is_a_query_of_its_own() -> None:
    script = spark_script("WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a), c AS (SELECT x FROM b), d AS (SELECT x FROM c) SELECT x FROM d JOIN c USING (x)")
    assert script == [
        ("c", "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT x FROM b"),
        ("", "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a), d AS (SELECT x FROM c) SELECT x FROM d JOIN c USING (x)"),
    ]


def test_patterns_for_java() -> None:
    assert java_pattern(r"^a[$\]]\$$") == r"(?d)^a[$\]]\$\z"
    assert java_pattern("[^]$]$") == r"(?d)[^]$]\z"
    assert java_replacement(r"<\1>$") == r"<$1>\$"
