"""Plans: what does not fit is refused; what enters a key, and what never does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cityweave.engine import code
from cityweave.engine.duck import DuckEngine
from cityweave.engine.errors import PlanError
from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.engine.plan import Plan, calls_python
from tests.engine import city

A, B = (Table(name, name, (Column("n", "BIGINT"),), ("n",)) for name in "ab")
ONE = Step(A, "一 / one", sql="SELECT 1 AS n")
TWO = Step(B, "二 / two", ("a",), "SELECT n FROM a")


class Other:
    name, version = "duckdb", "0"


def nothing(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    return pa.table({"n": pa.array([], pa.int64())})


def something(inputs: Inputs, arguments: Arguments, files: Files, more: int = 1) -> pa.Table:
    return pa.table({"n": [more]})


def enclosed(value: int) -> Callable[[Inputs, Arguments, Files], pa.Table]:
    return lambda inputs, arguments, files: pa.table({"n": [value]})


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([ONE, ONE], "two steps write table a"),
        ([TWO], "no step makes a"),
        ([dataclasses.replace(ONE, reads=("b",)), TWO], "circle"),
        ([dataclasses.replace(ONE, sql="")], "either SQL or Python"),
        ([dataclasses.replace(ONE, python=nothing)], "either SQL or Python"),
        ([dataclasses.replace(ONE, writes=dataclasses.replace(A, key=("m",)))], "not among the columns: m"),
        ([dataclasses.replace(ONE, writes=dataclasses.replace(A, key=()))], "not among the columns"),
        ([dataclasses.replace(ONE, writes=dataclasses.replace(A, columns=A.columns * 2))], "occurs twice"),
        ([ONE, dataclasses.replace(TWO, reads=("a", "a"))], "read twice"),
        ([dataclasses.replace(ONE, sql="", python=enclosed(1))], "outside its key"),
        ([dataclasses.replace(ONE, sql="", python=something)], "outside its key"),
        ([dataclasses.replace(ONE, sql="", python=partial(something, more=2))], "outside its key"),
    ],
)
def test_steps_that_do_not_fit_are_refused(steps: list[Step], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Plan(steps)


def test_arguments_are_json(duck: DuckEngine) -> None:
    with pytest.raises(PlanError, match="not JSON"):
        Plan([dataclasses.replace(ONE, arguments={"path": Path("x")})]).keys(duck)


def test_order_is_backwards_from_the_targets_and_after_what_is_read() -> None:
    plan = Plan(city.steps())
    assert plan.order(["home"]) == ["person", "home"]
    assert plan.order(["entity"]) == ["person", "pair", "cluster", "entity"]
    with pytest.raises(PlanError, match="nosuch"):
        plan.order(["nosuch"])


@pytest.mark.parametrize(
    "change",
    [
        {"sql": "SELECT 2 AS n"},
        {"arguments": {"x": 1}},
        {"uses": ("digest of a contract",)},
        {"writes": dataclasses.replace(A, served=True)},
        {"writes": dataclasses.replace(A, columns=(Column("n", "INTEGER"),))},
        {"writes": dataclasses.replace(A, nullable=("n",))},
    ],
)
def test_what_decides_a_result_is_in_its_key_and_in_those_of_what_reads_it(duck: DuckEngine, change: dict[str, Any]) -> None:
    before, after = Plan([ONE, TWO]).keys(duck), Plan([dataclasses.replace(ONE, **change), TWO]).keys(duck)
    assert before["a"] != after["a"]
    assert before["b"] != after["b"]


def test_the_engine_is_in_the_key_but_not_its_threads_or_memory(duck: DuckEngine) -> None:
    assert Plan([ONE]).keys(duck) == Plan([ONE]).keys(DuckEngine(threads=1, memory="100MB"))
    assert Plan([ONE]).keys(duck) != Plan([ONE]).keys(Other())


@pytest.mark.parametrize(
    "change",
    [
        {"says": "other words"},
        {"files": {"a": Path("a.csv")}},
        {"total": ("n",)},
        {"writes": dataclasses.replace(A, says="other words", columns=(Column("n", "BIGINT", "more words"),))},
    ],
)
def test_words_and_paths_are_not_in_the_key(duck: DuckEngine, change: dict[str, Any]) -> None:
    assert Plan([ONE]).keys(duck) == Plan([dataclasses.replace(ONE, **change)]).keys(duck)


def test_the_order_of_the_plan_is_not_in_the_keys(duck: DuckEngine) -> None:
    steps = city.steps()
    assert Plan(steps).keys(duck) == Plan(reversed(steps)).keys(duck)


def test_python_and_what_calls_it_follow_the_code(duck: DuckEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = dataclasses.replace(ONE, sql="", python=nothing)
    calls = dataclasses.replace(TWO, sql="SELECT edit('a', 'b') AS n FROM a WHERE EDIT (n, n) > 1")
    assert calls_python(calls)
    assert not calls_python(dataclasses.replace(TWO, sql="SELECT credit AS n FROM a"))
    before = {**Plan([ONE, calls]).keys(duck), "python": Plan([python]).keys(duck)["a"]}
    lock = tmp_path / "requirements.lock"
    lock.write_text("other versions")
    monkeypatch.setattr(code, "LOCK", lock)
    caches = (code.code_digest, code.lock_digest)
    try:
        for cache in caches:
            cache.cache_clear()
        after = {**Plan([ONE, calls]).keys(duck), "python": Plan([python]).keys(duck)["a"]}
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()
    assert before["a"] == after["a"]
    assert before["b"] != after["b"]
    assert before["python"] != after["python"]


def test_a_floor_counts_with_all_below_it_and_none_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below, own, above = (code.code_digest(f"cityweave.{floor}.any") for floor in ("cfd_rules", "resolver", "graph"))
    assert len({below, own, above}) == 3
    (tmp_path / "helper.py").write_text("X = 1")
    folders = code._folders
    monkeypatch.setattr(code, "_folders", lambda floor: [*folders(floor), *([tmp_path] if floor == "resolver" else [])])
    try:
        code.floor_digest.cache_clear()
        code.code_digest.cache_clear()
        assert code.code_digest("cityweave.cfd_rules.any") == below
        assert code.code_digest("cityweave.resolver.any") != own
        assert code.code_digest("cityweave.graph.any") != above
    finally:
        monkeypatch.undo()
        code.floor_digest.cache_clear()
        code.code_digest.cache_clear()
