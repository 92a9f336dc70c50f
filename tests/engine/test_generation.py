"""Reading a generation: whole tables, columns, look-ups by key, scans."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cityweave.engine.duck import DuckEngine
from cityweave.engine.errors import StoreError
from cityweave.engine.generation import Generation
from cityweave.engine.manifest import Manifest
from cityweave.engine.model import Column, Step, Table
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store
from cityweave.engine.trial import given

RECORD = Table("record", "记录 / records", (Column("id", "BIGINT"), Column("part", "INTEGER"), Column("name", "VARCHAR")), ("id", "part"), served=True)
ENTITY = Table("entity", "主体 / entities", (Column("entity_id", "VARCHAR"), Column("name", "VARCHAR")), ("entity_id",), served=True, also=("name",))
ROWS = 300_000


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    numbers = np.random.default_rng(7).permutation(ROWS)
    source = pa.table({"id": numbers // 3, "part": numbers % 3, "name": [f"张{number}" for number in numbers]})
    steps = [
        given("source", source),
        Step(RECORD, "记录 / records", ("source",), "SELECT id, part, name FROM source"),
        Step(ENTITY, "主体 / entities", ("source",), "SELECT 'p' || name AS entity_id, min(name) AS name FROM source GROUP BY name"),
    ]
    store = Store(tmp_path_factory.mktemp("store"))
    made = run(Plan(steps), ["source", "record", "entity"], store, DuckEngine(threads=2, memory="1GB"), check_keys=True, shuffle=3)
    return Generation(store, Manifest(1, made.tables))


def test_look_up_by_leading_key_gives_all_rows_of_it_in_key_order(generation: Generation) -> None:
    found = generation.where("record", "id", [77_777, 5, -1, 5])
    assert [(row["id"], row["part"], row["name"]) for row in found.to_pylist()] == [
        (number // 3, number % 3, f"张{number}") for number in (15, 16, 17, 233_331, 233_332, 233_333)
    ]


def test_look_up_by_text_key(generation: Generation) -> None:
    assert generation.where("entity", "entity_id", ["p张299999", "p张0", "q"]).to_pylist() == [
        {"entity_id": "p张0", "name": "张0"},
        {"entity_id": "p张299999", "name": "张299999"},
    ]


def test_other_columns_and_tables_not_served_are_scanned(generation: Generation) -> None:
    assert generation.where("record", "name", ["张10"], ["part"]).to_pylist() == [{"part": 1}]
    assert generation.where("source", "id", [2], ["name"])["name"].to_pylist().sort() == ["张6", "张7", "张8"].sort()


def test_look_up_by_an_indexed_column_gives_the_rows_in_key_order(generation: Generation) -> None:
    assert generation.store.index_path(generation.key("entity"), "name").exists()
    assert generation.where("entity", "name", ["张299999", "张7", "nobody"], ["entity_id"])["entity_id"].to_pylist() == ["p张299999", "p张7"]
    assert generation.where("entity", "name", ["nobody"]).num_rows == 0
    assert generation.where("entity", "name", [None]).num_rows == 0


def test_many_values_are_scanned_and_give_the_same(generation: Generation) -> None:
    many = list(range(4_000))
    assert generation.where("record", "id", many).num_rows == 12_000


def test_read_and_rows(generation: Generation) -> None:
    assert generation.rows("record") == generation.read("record").num_rows == ROWS
    assert generation.read("entity", ["name"]).column_names == ["name"]
    with pytest.raises(StoreError, match="nosuch"):
        generation.read("nosuch")


def test_a_damaged_served_file_is_told(generation: Generation, tmp_path: Path) -> None:
    key = generation.key("entity")
    (tmp_path / key).mkdir()
    (tmp_path / key / "table.arrow").write_bytes(b"no arrow")
    with pytest.raises(StoreError, match="damaged"):
        Generation(Store(tmp_path), Manifest(1, {"entity": key})).where("entity", "entity_id", ["p"])


def test_a_look_up_is_quick(generation: Generation) -> None:
    generation.where("record", "id", [1])
    started = time.perf_counter()
    found = [generation.where("record", "id", [number * 400]).num_rows for number in range(200)]
    print(f"\n{(time.perf_counter() - started) / 200 * 1e6:.0f} µs a look-up in {ROWS} rows")
    assert found == [3] * 200
