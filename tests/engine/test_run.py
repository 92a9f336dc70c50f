"""Running: what is there is skipped, what is killed goes on, what is shuffled stays the same, what is wrong is told."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cityweave.engine.digest import digest
from cityweave.engine.duck import DuckEngine
from cityweave.engine.errors import EngineError, InputError, PlanError
from cityweave.engine.manifest import Generations
from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.engine.plan import Plan
from cityweave.engine.run import StepReport, explain, run
from cityweave.engine.store import Store
from cityweave.engine.trial import given, trial
from tests.engine import city

NUMBER = Table("number", "数 / numbers", (Column("n", "BIGINT"),), ("n",))


def _digest(folder: Path, engine: DuckEngine, **options: Any) -> dict[str, str]:
    store = Store(folder)
    made = run(Plan(city.steps()), city.TARGETS, store, engine, check_keys=True, **options).tables
    return digest(store, made)


def test_built_twice_and_by_other_threads_is_equal(tmp_path: Path, duck: DuckEngine) -> None:
    first = _digest(tmp_path / "a", duck)
    assert first == _digest(tmp_path / "b", duck) == _digest(tmp_path / "c", DuckEngine(threads=1, memory="300MB"))


def test_shuffled_rows_change_nothing(tmp_path: Path, duck: DuckEngine) -> None:
    plain = _digest(tmp_path / "plain", duck)
    orders = set()
    for seed in range(5):
        assert _digest(tmp_path / str(seed), duck, shuffle=seed) == plain
        store = Store(tmp_path / str(seed))
        orders.add(tuple(store.read(Plan(city.steps()).keys(duck)["pair"])["left_id"].to_pylist()))
    assert len(orders) == 5, "the rows were not shuffled"


def test_a_shuffle_shows_a_step_that_looks_at_the_order_of_rows(tmp_path: Path, duck: DuckEngine) -> None:
    rows = given("source", [{"n": n} for n in range(100)])
    step = Step(NUMBER, "首行 / first row", ("source",), "SELECT first(n) AS n FROM source")
    found = {tuple(trial([rows, step], {}, ["number"], shuffle=seed)["number"]["n"].to_pylist()) for seed in range(5)}
    assert len(found) > 1


def test_an_unchanged_run_executes_nothing_and_a_change_only_what_depends_on_it(tmp_path: Path, duck: DuckEngine) -> None:
    store = Store(tmp_path)
    assert run(Plan(city.steps()), city.TARGETS, store, duck).executed == ("person", "home", "pair", "cluster", "entity")
    assert run(Plan(city.steps()), city.TARGETS, store, duck).executed == ()
    assert run(Plan(city.steps(threshold=950)), city.TARGETS, store, duck).executed == ("cluster", "entity")
    assert run(Plan(city.steps()), city.TARGETS, store, duck).executed == ()


def test_what_nobody_asks_for_any_more_need_not_be_there(tmp_path: Path, duck: DuckEngine) -> None:
    store = Store(tmp_path)
    plan = Plan(city.steps())
    run(plan, city.TARGETS, store, duck)
    for name in ("person", "pair", "cluster"):
        store.remove(plan.keys(duck)[name])
    assert run(plan, city.TARGETS, store, duck).executed == ()
    states = {line.name: line.state for line in explain(plan, city.TARGETS, store, duck)}
    assert states == {"person": "not needed", "pair": "not needed", "cluster": "not needed", "entity": "cached", "home": "cached"}
    assert run(plan, ["cluster"], store, duck).executed == ("person", "pair", "cluster")


def test_killed_at_every_moment_and_run_again_is_equal(tmp_path: Path, duck: DuckEngine) -> None:
    script = subprocess.run([sys.executable, Path(__file__).with_name("kill_chain.py"), tmp_path / "killed"], capture_output=True, text=True, check=False)
    assert script.returncode == 0, script.stderr
    told = json.loads(script.stdout)
    print(f"kills = {len(told['killed'])}: {', '.join(told['killed'])}")
    assert len(told["killed"]) == len(set(told["killed"])) == 3 * len(city.steps()) + 1
    assert told["digest"] == _digest(tmp_path / "whole", duck)
    assert told["left"] == []
    assert told["current"] == "0001\n"
    assert Generations(tmp_path / "killed").numbers() == [1]


class _Told:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def start(self, steps: int) -> None:
        self.lines.append(f"{steps} steps")

    def step(self, name: str, says: str) -> None:
        self.lines.append(f"{name}: {says}")

    def done(self, report: StepReport) -> None:
        self.lines.append(f"{report.name}: {report.rows_in} -> {report.rows_out}")


def test_progress_and_reports(tmp_path: Path, duck: DuckEngine) -> None:
    told = _Told()
    outcome = run(Plan(city.steps()), ["home"], Store(tmp_path), duck, progress=told)
    homes = outcome.reports[-1].rows_out
    assert told.lines == [
        "2 steps",
        "person: 给定的行 / given rows",
        "person: 0 -> 60",
        "home: 户主为最先登记者 / the head of a home is who registered first",
        f"home: 60 -> {homes}",
    ]
    assert all(report.seconds > 0 and report.peak_mb > 0 and report.executed for report in outcome.reports)
    again = run(Plan(city.steps()), ["home"], Store(tmp_path), duck)
    assert [(report.rows_out, report.executed) for report in again.reports] == [(homes, False)]


def _long(name: str, reads: tuple[str, ...] = ()) -> Step:
    table = Table(name, "很久 / long", (Column("n", "BIGINT"),), ("n",))
    return Step(table, table.says, reads, "SELECT sum(a.range * b.range % 7) AS n FROM range(10000000) a, range(100000) b")


def test_steps_that_do_not_wait_for_each_other_run_beside_each_other(tmp_path: Path, duck: DuckEngine) -> None:
    told = _Told()
    a, b = given("a", [{"n": 1}]), given("b", [{"n": 2}])
    last = Step(NUMBER, "数 / numbers", ("a", "b"), "SELECT n FROM a UNION ALL SELECT n FROM b")
    outcome = run(Plan([a, b, last]), ["number"], Store(tmp_path), duck, progress=told)
    assert told.lines[1:3] == ["a: 给定的行 / given rows", "b: 给定的行 / given rows"], "both began before either ended"
    assert told.lines[-2:] == ["number: 数 / numbers", "number: 2 -> 2"]
    assert outcome.executed == ("a", "b", "number")


def test_an_error_ends_what_runs_beside_it_and_what_was_finished_stays(tmp_path: Path, duck: DuckEngine) -> None:
    good = given("good", [{"n": 1}])
    wrong = Step(NUMBER, "数 / numbers", ("good",), "SELECT nosuch FROM good")
    store, plan = Store(tmp_path), Plan([good, _long("long", ("good",)), wrong])
    with pytest.raises(EngineError, match="nosuch"):
        run(plan, ["long", "number"], store, duck)
    keys = plan.keys(duck)
    assert [name for name in plan.steps if store.has(keys[name])] == ["good"]
    assert list(tmp_path.glob(".tmp-*")) == []


def test_ctrl_c_ends_all_that_runs(tmp_path: Path, duck: DuckEngine) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(Plan([_long("one"), _long("other")]), ["one", "other"], Store(tmp_path), duck)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.glob(".tmp-*")) == []


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1 AS n, 2 AS m", r"too many \['m'\]"),
        ("SELECT 1 AS m", r"missing \['n'\]"),
        ("SELECT 1.5 AS n", "fractional"),
        ("SELECT n FROM elsewhere", "elsewhere"),
        ("SELECT n FROM numbers UNION ALL SELECT n FROM numbers", "not unique"),
        ("SELECT NULL AS n", "NULL"),
        ("SELECT nosuch FROM numbers", "nosuch"),
        ("SELEC", "cannot run"),
    ],
)
def test_a_result_that_is_not_as_declared_is_told(tmp_path: Path, duck: DuckEngine, sql: str, says: str) -> None:
    plan = Plan([given("numbers", [{"n": 1}]), given("elsewhere", [{"n": 2}]), Step(NUMBER, "数 / numbers", ("numbers",), sql)])
    with pytest.raises(EngineError, match=says) as told:
        run(plan, ["number"], Store(tmp_path), duck, check_keys=True)
    assert "number" in told.value.where
    assert not Store(tmp_path).has(plan.keys(duck)["number"])


def test_a_step_sees_only_what_it_reads_even_if_made_before(tmp_path: Path, duck: DuckEngine) -> None:
    plan = Plan([given("elsewhere", [{"n": 2}]), Step(NUMBER, "数 / numbers", (), "SELECT n FROM elsewhere")])
    with pytest.raises(EngineError, match="elsewhere"):
        run(plan, ["elsewhere", "number"], Store(tmp_path), duck)


def fractions(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    return pa.table({"n": [0.5]})


def refuse(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    raise InputError("缺少列 x / column x is missing", "a.csv")


def typed(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    return pa.table({"n": pa.chunked_array([pa.array([3], pa.int32()), pa.array([1], pa.int32())])})


def test_python_steps_are_held_to_the_same(tmp_path: Path, duck: DuckEngine) -> None:
    with pytest.raises(EngineError, match="floating-point"):
        run(Plan([Step(NUMBER, "", python=fractions)]), ["number"], Store(tmp_path), duck)
    with pytest.raises(InputError, match="missing"):
        run(Plan([Step(NUMBER, "", python=refuse)]), ["number"], Store(tmp_path), duck)
    served = Step(dataclasses.replace(NUMBER, served=True), "", python=typed)
    store = Store(tmp_path)
    key = run(Plan([served]), ["number"], store, duck).tables["number"]
    assert store.read(key).schema == NUMBER.schema
    assert store.read(key)["n"].to_pylist() == [1, 3]


def test_a_served_table_is_written_in_key_order_whatever_the_parquet_file_holds(tmp_path: Path, duck: DuckEngine) -> None:
    store = Store(tmp_path)
    key = run(Plan(city.steps()), ["home"], store, duck, shuffle=5).tables["home"]
    with pa.memory_map(str(store.arrow_path(key))) as source:
        served = pa.ipc.open_file(source).read_all()["home"].to_pylist()
    shuffled = pq.read_table(store.path(key))["home"].to_pylist()
    assert served == sorted(served) == sorted(shuffled) != shuffled


def test_ctrl_c_while_duckdb_works_is_ctrl_c(tmp_path: Path) -> None:
    """DuckDB itself says RuntimeError."""
    long = Step(NUMBER, "很久 / long", sql="SELECT sum(a.range * b.range % 7) AS n FROM range(10000000) a, range(100000) b")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            DuckEngine(threads=1, memory="200MB").execute(long, {}, tmp_path / "long.parquet")
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)


WIDE = ("a", "b", "c", "d", "e", "f", "g", "h")


def _wide(key: tuple[str, ...]) -> list[Step]:
    """60,000 rows that come out of order; `part` is a day, the same for many rows, or NULL, `name` a text."""
    columns = (Column("n", "BIGINT"), Column("part", "DATE"), Column("name", "VARCHAR"), *(Column(name, "VARCHAR") for name in WIDE))
    cells = ", ".join(f"CASE WHEN i % {place + 2} = 0 THEN md5(CAST(i AS VARCHAR)) END AS {name}" for place, name in enumerate(WIDE))
    days = "CASE WHEN i % 7 > 0 THEN DATE '2020-01-01' + CAST(i % 5 AS INTEGER) END AS part"
    rows = f"SELECT i AS n, {days}, md5(CAST(i % 100 AS VARCHAR)) AS name, {cells} FROM (SELECT 7919 * r % 60000 AS i FROM range(60000) t(r)) s"
    source = Table("source", "行 / rows", columns, ("n",))
    wide = Table("wide", "宽表 / wide", columns, key, served=True, nullable=("part",))
    return [Step(source, source.says, sql=rows), Step(wide, wide.says, ("source",), "SELECT * FROM source")]


@pytest.mark.parametrize("key", [("n",), ("part", "n"), ("name", "n")])
def test_what_is_too_much_to_sort_at_once_is_sorted_a_part_after_the_other(tmp_path: Path, duck: DuckEngine, key: tuple[str, ...]) -> None:
    tables = []
    for name, engine in (("little", DuckEngine(memory="40MB")), ("much", duck)):
        store = Store(tmp_path / name)
        made = run(Plan(_wide(key)), ["wide"], store, engine, check_keys=True).tables["wide"]
        tables.append(store.read(made))
        assert not list(store.path(made).parent.glob("*.unsorted"))
    assert tables[0].to_pylist() == tables[1].to_pylist()


def test_a_step_that_has_too_little_memory_beside_another_is_made_alone(tmp_path: Path) -> None:
    text = "SELECT length(string_agg(md5(CAST(i * {} AS VARCHAR)), '' ORDER BY i)) AS n FROM range(1200000) t(i)"
    steps = [Step(dataclasses.replace(NUMBER, name=f"n{place}"), "长 / long", sql=text.format(place)) for place in (3, 5)]
    store = Store(tmp_path)
    made = run(Plan(steps), ["n3", "n5"], store, DuckEngine(memory="450MB")).tables
    assert [store.read(made[name])["n"].to_pylist() for name in ("n3", "n5")] == [[38_400_000]] * 2


def test_a_large_table_is_worked_on_a_part_at_a_time(tmp_path: Path, duck: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Step(dataclasses.replace(NUMBER, name="source"), "数 / numbers", sql="SELECT range AS n FROM range(10000)")
    wanted = Table("twice", "倍 / twice", (Column("n", "BIGINT"), Column("m", "BIGINT")), ("n",))
    twice = Step(wanted, wanted.says, ("source",), "SELECT s.n, s.n * 2 AS m FROM source s WHERE s.n % 3 = 0", apart="source")
    tables = []
    for part in (10_000_000, 3000):
        monkeypatch.setattr("cityweave.engine.duck.PART", part)
        store = Store(tmp_path / str(part))
        made = run(Plan([source, twice]), ["twice"], store, duck, check_keys=True).tables["twice"]
        assert [path.name for path in store.path(made).parent.iterdir() if path.suffix[1:].isdigit()] == []
        tables.append(sorted(store.read(made).to_pylist(), key=str))
    assert tables[0] == tables[1] and len(tables[0]) == 3334
    with pytest.raises(PlanError, match="does not read"):
        Plan([source, dataclasses.replace(twice, apart="other")])
