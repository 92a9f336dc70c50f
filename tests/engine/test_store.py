"""The store: whole or absent, whatever happens."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cityweave.engine.duck import DuckEngine
from cityweave.engine.errors import StoreError
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import PARQUET, Meta, Store
from tests.engine import city

KEY = "0" * 32


def _put(store: Store, rows: int = 3, key: str = KEY) -> None:
    with store.draft(key, "t") as folder:
        pq.write_table(pa.table({"n": list(range(rows))}), folder / PARQUET)
        store.commit(folder, Meta(key, "t", rows, inputs={"s": "1"}))


def test_an_entry_is_read_as_written(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.has(KEY)
    _put(store)
    assert store.has(KEY)
    assert store.keys() == [KEY]
    assert store.read(KEY, ["n"])["n"].to_pylist() == [0, 1, 2]
    meta = store.meta(KEY)
    assert (meta.name, meta.rows, meta.inputs, list(meta.files)) == ("t", 3, {"s": "1"}, [PARQUET])


def test_a_draft_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.draft(KEY, "t") as folder:
        (folder / PARQUET).write_bytes(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_of_two_that_write_the_same_key_the_first_stays(tmp_path: Path) -> None:
    one, two = Store(tmp_path), Store(tmp_path)
    with one.draft(KEY, "t") as folder:
        pq.write_table(pa.table({"n": [1]}), folder / PARQUET)
        aside = folder.rename(folder.with_name(f".tmp-{KEY}-1"))  # as another process would name it
        _put(two)
        one.commit(aside, Meta(KEY, "t", 1))
    assert one.read(KEY)["n"].to_pylist() == [0, 1, 2]
    one.sweep()
    assert one.keys() == [KEY]


def test_many_processes_make_the_same_tables_at_once(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from tests.engine import city; from cityweave.engine.duck import DuckEngine; from cityweave.engine.plan import Plan\n"
        "from cityweave.engine.run import run; from cityweave.engine.store import Store\n"
        "print(sorted(run(Plan(city.steps()), city.TARGETS, Store(pathlib.Path(sys.argv[1])), DuckEngine(1, '200MB')).tables.items()))"
    )
    root = Path(__file__).parent.parent.parent
    runs = [subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    told = [(process.communicate(), process.returncode) for process in runs]
    assert [code for _, code in told] == [0, 0, 0], told
    assert len({out for (out, _), _ in told}) == 1
    assert len(Store(tmp_path).keys()) == len(city.steps())
    assert list(tmp_path.glob(".tmp-*")) == []


@pytest.mark.parametrize("damage", ["truncate", "remove", "meta"])
def test_a_damaged_entry_is_told_with_what_to_do(tmp_path: Path, duck: DuckEngine, damage: str) -> None:
    plan = Plan(city.steps())
    key = run(plan, ["home"], Store(tmp_path), duck).tables["home"]
    if damage == "truncate":
        os.truncate(tmp_path / key / PARQUET, 100)
    elif damage == "remove":
        (tmp_path / key / "table.arrow").unlink()
    else:
        (tmp_path / key / "meta.json").write_text("{")
    with pytest.raises(StoreError, match="damaged") as told:
        run(plan, ["home"], Store(tmp_path), duck)
    assert key in told.value.where
    assert "delete that folder" in told.value.todo


def test_a_file_that_is_no_table_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _put(store)
    store.path(KEY).write_bytes(b"x" * store.path(KEY).stat().st_size)
    with pytest.raises(StoreError, match="damaged"):
        store.read(KEY)


def test_what_the_dead_left_is_swept_and_what_the_living_write_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / f".tmp-{KEY}-{gone.pid}").mkdir()
    (tmp_path / f".tmp-{KEY}-{os.getpid()}").mkdir()
    assert store.sweep() == 1
    assert [folder.name for folder in tmp_path.iterdir()] == [f".tmp-{KEY}-{os.getpid()}"]


@pytest.mark.parametrize("limit", [0, 200, 900])
def test_a_full_disk_is_told_and_leaves_nothing_half_written(tmp_path: Path, duck: DuckEngine, limit: int) -> None:
    """A limit on the size of files stands for the full disk: the system refuses the write in the same way."""
    plan = Plan(city.steps(people=500))
    store = Store(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(StoreError, match="disk is full"):
            run(plan, city.TARGETS, store, duck)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.glob(".*")) == []
    left = store.keys()
    assert [store.meta(key).key for key in left] == left
    assert set(run(plan, city.TARGETS, store, duck).tables) == set(city.TARGETS)


def test_meta_is_json_for_people(tmp_path: Path) -> None:
    _put(Store(tmp_path))
    assert json.loads((tmp_path / KEY / "meta.json").read_text())["rows"] == 3
