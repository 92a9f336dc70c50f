"""Generations: numbered, served by one rename, written by one process at a time, collected when no one names them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cityweave.engine.duck import DuckEngine
from cityweave.engine.errors import StoreError
from cityweave.engine.generation import Generation
from cityweave.engine.manifest import Generations, Manifest, gc
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store
from tests.engine import city


def test_a_generation_is_served_only_when_current_names_it(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    assert generations.current() is None
    first = generations.write({"a": "1"}, {"log": 3})
    assert generations.current() is None
    generations.serve(first)
    assert generations.current() == first == Manifest(1, {"a": "1"}, {"log": 3})
    second = generations.write({"a": "2"}, {"log": 4})
    assert generations.current() == first
    generations.serve(second)
    assert generations.current() == second
    assert generations.numbers() == [1, 2]
    assert generations.load(1) == first
    generations.serve(first)
    assert generations.write({"a": "3"}, {}).number == 3


def test_equal_is_the_same_generation(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    first = generations.write({"a": "1"}, {})
    assert generations.write({"a": "1"}, {}) == first  # written before a kill, never served
    generations.serve(first)
    assert generations.write({"a": "1"}, {}) == first
    assert generations.numbers() == [1]


def test_what_is_missing_or_damaged_is_told(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    with pytest.raises(StoreError, match="no generation 7"):
        generations.load(7)
    generations.serve(generations.write({}, {}))
    (tmp_path / "generations" / "0001.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        generations.current()
    (tmp_path / "CURRENT").write_text("x")
    with pytest.raises(StoreError, match="CURRENT"):
        generations.current()


def test_one_writes_and_all_may_read(tmp_path: Path) -> None:
    generations = Generations(tmp_path)
    generations.serve(generations.write({"a": "1"}, {}))
    hold = (
        "import sys, pathlib; from cityweave.engine.manifest import Generations\n"
        "with Generations(pathlib.Path(sys.argv[1])).writing(): print('held', flush=True); input()"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(StoreError, match="another process is writing"), generations.writing():
        pass
    assert generations.current() is not None
    other.kill()
    other.wait()
    other.stdout.close()
    if other.stdin is not None:
        other.stdin.close()
    with generations.writing():
        pass


def test_gc_keeps_what_a_kept_generation_names_and_reports_the_rest(tmp_path: Path, duck: DuckEngine) -> None:
    store, generations = Store(tmp_path / "store"), Generations(tmp_path)
    for threshold in (900, 950, 990):
        generations.serve(generations.write(run(Plan(city.steps(threshold=threshold)), city.TARGETS, store, duck).tables, {"threshold": threshold}))
    before = set(store.keys())
    done = gc(store, generations)
    assert done.removed == 2 + 3  # person and pair; a cluster of each
    assert done.kept == 1 + 3  # home; an entity of each
    assert done.freed > 0
    done = gc(store, generations, keep=[])
    assert (done.kept, done.removed) == (2, 2)
    assert generations.numbers() == [3]
    current = generations.current()
    assert current is not None
    assert set(store.keys()) == set(current.tables.values()) < before
    assert Generation(store, current).rows("home") > 0
    assert gc(store, generations).removed == 0
