"""The lint: each thing a step may not say, and the nearest it may."""

from __future__ import annotations

import pytest

from cityweave.engine.errors import PlanError
from cityweave.engine.lint import check, lint
from cityweave.engine.model import Column, Step, Table
from tests.engine import city

TABLE = Table("t", "表 / a table", (Column("a", "BIGINT"),), ("a",))


def _findings(sql: str, reads: tuple[str, ...] = ("s",)) -> str:
    return "\n".join(map(str, lint(Step(TABLE, "", reads, sql, total=("ref",)))))


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT first(a) AS a FROM s", "first"),
        ("SELECT any_value(a) AS a FROM s", "any_value"),
        ("SELECT mode(a) AS a FROM s", "mode"),
        ("SELECT list(a) AS a FROM s", "lists are not for steps"),
        ("SELECT arg_max(a, b) AS a FROM s", "arg_max"),
        ("SELECT min_by(a, b) AS a FROM s", "arg_min"),
        ("SELECT string_agg(a, ',') AS a FROM s", "string_agg"),
        ("SELECT string_agg(a, ',' ORDER BY a) AS a FROM s", "string_agg"),
        ("SELECT row_number() OVER () AS a FROM s", "ORDER BY term"),
        ("SELECT row_number() OVER (PARTITION BY b ORDER BY a) AS a FROM s", "ORDER BY term"),
        ("SELECT lag(a) OVER (ORDER BY ref, a) AS a FROM s", "ORDER BY term"),
        ("SELECT sum(a) OVER (ORDER BY a ROWS UNBOUNDED PRECEDING) AS a FROM s", "ORDER BY term"),
        ("SELECT a FROM s LIMIT 3", "limit"),
        ("SELECT a FROM (SELECT a FROM s ORDER BY a LIMIT 3)", "limit"),
        ("SELECT DISTINCT ON (b) a FROM s ORDER BY ref", "distinct on"),
        ("SELECT avg(a) AS a FROM s", "sum and count"),
        ("SELECT a / 2 AS a FROM s", "use //"),
        ("SELECT sum(cast(a AS DOUBLE)) AS a FROM s", "cast double"),
        ("SELECT a::DECIMAL(9, 2) AS a FROM s", "cast decimal"),
        ("SELECT a * 1.5 AS a FROM s", "fraction"),
        ("SELECT now() AS a FROM s", "never see today"),
        ("SELECT current_date AS a FROM s", "never see today"),
        ("SELECT today() AS a FROM s", "never see today"),
        ("SELECT random() AS a FROM s", "random"),
        ("SELECT hash(a) AS a FROM s", "md5"),
        ("SELECT levenshtein(a, b) AS a FROM s", "edit"),
        ("SELECT jaro_winkler_similarity(a, b) AS a FROM s", "jaro"),
        ("SELECT try_cast(a AS BIGINT) AS a FROM s", "as_int"),
        ("SELECT try_cast(a AS DATE) AS a FROM s", "as_date"),
        ("SELECT date_diff('year', a, b) AS a FROM s", "whole years"),
        ("SELECT extract(dow FROM a) AS a FROM s", "Sunday"),
        ("SELECT regexp_replace(a, 'b', '') AS a FROM s", "always with 'g'"),
        ("SELECT regexp_matches(a, 'b', 'i') AS a FROM s", "without flags"),
        ("SELECT no_such_function(a) AS a FROM s", "not in the table of functions"),
        ("SELECT unnest(a) AS a FROM s", "not for steps"),
        ("SELECT a FROM s USING SAMPLE 10 ROWS", "tablesample"),
        ("SELECT a FROM s JOIN u USING (a)", "does not declare: u"),
        ("WITH s AS (SELECT 1 AS a) SELECT a FROM s", "does not read: s"),
        ("WITH RECURSIVE x AS (SELECT a FROM s UNION ALL SELECT a FROM x) SELECT a FROM x", "with recursive"),
        ("SELEC", "not one SELECT"),
        ("SELECT (a FROM s", "no equal in Spark"),
    ],
)
def test_what_a_step_may_not_say(sql: str, says: str) -> None:
    assert says in _findings(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT row_number() OVER (PARTITION BY b ORDER BY a DESC, ref) AS a FROM s",
        "SELECT rank() OVER (ORDER BY a) AS a FROM s",
        "SELECT sum(a) OVER (PARTITION BY b) AS a FROM s",
        "SELECT a FROM s ORDER BY a, ref LIMIT 3",
        "SELECT string_agg(a, ',' ORDER BY b, ref) AS a FROM s",
        "SELECT min(a) AS a FROM s GROUP BY b HAVING count(DISTINCT c) > 1",
        "WITH x AS (SELECT a FROM s) SELECT x.a FROM x JOIN s USING (a)",
    ],
)
def test_what_it_may(sql: str) -> None:
    assert _findings(sql) == ""


def test_check_tells_all_at_once() -> None:
    check(city.steps())
    with pytest.raises(PlanError, match=r"(?s)any_value.*random"):
        check([Step(TABLE, "", ("s",), "SELECT any_value(a) AS a FROM s"), Step(TABLE, "", ("s",), "SELECT a * random() AS a FROM s")])
