"""The functions that steps may use. What has examples is tried on both engines and gives the same; all else is a finding of the lint.

An example (`examples.py`) is an expression over the one row of SAMPLE, or a query over PEOPLE, with its value. A function, operator or cast is allowed
because an example of it is there: to allow one more, add its examples, and run `pytest tests/engine/test_functions.py` with Java at hand. Where an engine
differs only for some arguments, the text there says which to keep away from.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa

from cityweave.engine.distance import Values, edit, jaro

Value: TypeAlias = str | int | bool | datetime.date | None
Rows: TypeAlias = list[tuple[Value, ...]]


@dataclass(frozen=True)
class PythonBacked:
    """A SQL function of two texts that both engines call back on Arrow columns; NULL in, NULL out."""

    says: str
    function: Callable[[Values, Values], Values]


@dataclass(frozen=True)
class Macro:
    """A SQL function of one argument that stands for an expression: DuckDB keeps it as a macro, for Spark it is written out."""

    says: str
    parameter: str
    sql: str


PYTHON_BACKED: Mapping[str, PythonBacked] = {
    "jaro": PythonBacked("Jaro-Winkler similarity over code points in thousandths / 以码点计的 Jaro-Winkler 相似度（千分）", jaro),
    "edit": PythonBacked("Damerau-Levenshtein distance over code points / 以码点计的编辑距离", edit),
}

_YEAR = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"

MACROS: Mapping[str, Macro] = {
    "as_date": Macro(
        "the date that a text YYYY-MM-DD names, else NULL; the engines' own casts read different texts as dates / 文本转日期",
        "x",
        f"CASE WHEN regexp_matches(x, '^{_YEAR}-[0-9]{{2}}-[0-9]{{2}}$') THEN try_cast(x AS DATE) END",
    ),
    "as_int": Macro(
        "the BIGINT that a text of up to 18 digits with an optional sign names, else NULL; the engines' own casts differ on 1.5, 1e3, 0x1F / 文本转整数",
        "x",
        "CASE WHEN regexp_matches(x, '^[+-]?[0-9]{1,18}$') THEN try_cast(x AS BIGINT) END",
    ),
}

FORBIDDEN: Mapping[str, str] = {
    "div": "`/` makes a float; use // on integers (and say how it rounds)",
    "avg": "a float mean; keep sum and count",
    "first": "depends on the order of rows; use row_number() over (... order by ..., a total column)",
    "last": "depends on the order of rows; use row_number()",
    "any_value": "depends on the order of rows; use min or max",
    "mode": "ties depend on the order of rows; count, then row_number()",
    "array_agg": "lists are not for steps; use string_agg(... order by a total column)",
    "arg_max": "ties depend on the order of rows; use row_number()",
    "arg_min": "ties depend on the order of rows; use row_number()",
    "approx_distinct": "an estimate; use count(distinct ...)",
    "hash": "differs between versions; use md5",
    "rand": "random",
    "random": "random",
    "uuid": "random",
    "current_date": "steps never see today: take the date of the row's delivery",
    "current_timestamp": "steps never see today",
    "current_time": "steps never see today",
    "now": "steps never see today",
    "today": "steps never see today",
    "levenshtein": "DuckDB's counts bytes; use edit(a, b)",
    "damerau_levenshtein": "counts bytes; use edit(a, b)",
    "jaro_winkler_similarity": "counts bytes; use jaro(a, b)",
    "jarowinkler_similarity": "counts bytes; use jaro(a, b)",
    "jaro_similarity": "counts bytes; use jaro(a, b)",
    "hamming": "counts bytes; use edit(a, b)",
    "try_cast bigint": "the engines read different texts as numbers (1.5, 1e3, 0x1F, 12_000); use as_int(x)",
    "try_cast int": "the engines read different texts as numbers (1.5, 1e3, 0x1F, 12_000); use as_int(x)",
    "try_cast date": "the engines read different texts as dates (2023, 2023/02/09, today, infinity); use as_date(x)",
    "date_diff year": "DuckDB counts borders, Spark whole years; compare year, month and day",
    "date_diff month": "DuckDB counts borders, Spark whole months",
    "dayofweek": "DuckDB counts from Sunday = 0, Spark from 1",
    "day_of_week": "DuckDB counts from Sunday = 0, Spark from 1",
    "extract dow": "DuckDB counts from Sunday = 0, Spark from 1",
    "sub dates": "a number of days in DuckDB, an interval in Spark; use date_diff('day', a, b)",
    "chr": "Spark's stops at 255; write the character itself",
    "sign": "a float in Spark",
    "round": "a float or decimal",
    "floor": "a float or decimal",
    "ceil": "a float or decimal",
    "format": "another language of formats in Spark",
    "bitwiseleftshift": "an error on negative numbers in DuckDB, silent in Spark; multiply by a power of two",
    "split": "lists are not for steps; use split_part",
    "explode": "lists are not for steps",
    "regexp_extract_all": "lists are not for steps",
    "list": "lists are not for steps",
    "array": "lists are not for steps",
    "strip_accents": "not in Spark",
}
"""Why a function is not allowed, where a person would ask; the names are sqlglot's."""

SAMPLE: pa.Table = pa.table(
    {
        "han": ["张三丰"],
        "rare": ["𠮷野家"],  # the first character lies beyond the basic plane
        "mixed": ["  Ab-12 c "],
        "wide": ["\u3000张\u3000"],
        "lines": ["a\n"],
        "digits": ["007"],
        "parts": ["a|b||c"],
        "day": ["2024-02-29"],
        "empty": [""],
        "none": pa.array([None], pa.string()),
        "n": pa.array([-7], pa.int64()),
        "m": pa.array([3], pa.int64()),
        "i": pa.array([7], pa.int32()),
        "nn": pa.array([None], pa.int64()),
        "d": [datetime.date(2024, 2, 29)],
        "e": [datetime.date(2023, 12, 31)],
        "nd": pa.array([None], pa.date32()),
        "t": [True],
        "f": [False],
        "nb": pa.array([None], pa.bool_()),
    }
)

PEOPLE: pa.Table = pa.table(
    {
        "id": pa.array([1, 2, 3, 4, 5, 6], pa.int64()),
        "home": ["甲", "甲", "乙", "乙", None, "𠮷"],
        "name": ["张三", "李四", "张三", None, "", "𠮷野"],
        "points": pa.array([5, 5, -2, None, 0, 9_000_000_000], pa.int64()),
        "born": [datetime.date(1960, 2, 29), datetime.date(1960, 2, 29), None, datetime.date(1999, 12, 31), datetime.date(2000, 1, 1), datetime.date(1, 1, 1)],
    }
)
