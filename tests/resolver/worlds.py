"""The tables of floor 2 for whole worlds: the smallest city, and the public people of the past."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from cityweave import fixtures
from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules import plan as rules
from cityweave.cfd_rules.model import Batch
from cityweave.engine.duck import DuckEngine
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store
from cityweave.resolver.plan import KINDS
from tests.resolver.village import record_table, tables

CONTRACTS = Path(__file__).parents[2] / "fixtures" / "contracts"
TABLES = (*(f"record_{kind}" for kind in KINDS), "address", "event", "participant")


@cache
def _city(folder: Path) -> dict[str, pa.Table]:
    fixtures.generate(folder / "city", "XS", 1)
    known = registry.load()
    contracts = contract_file.load_all(CONTRACTS, known)
    batches = []
    for number, delivery in enumerate(json.loads((folder / "city" / "deliveries.json").read_text()), 1):
        path = folder / "city" / delivery["file"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        batches.append(Batch(number, delivery["source"], path, digest, dt.date.fromisoformat(delivery["on"]), delivery["file"]))
    store = Store(folder / "store")
    made = run(Plan(rules.steps(contracts, batches, (), known)), TABLES, store, DuckEngine(threads=2, memory="1GB")).tables
    return {name: store.read(key) for name, key in made.items()}


_FOLDER: list[Path] = []


def city_tables(factory: pytest.TempPathFactory) -> Mapping[str, pa.Table]:
    """Records, addresses and events of the smallest city, all batches; made once a session."""
    if not _FOLDER:
        _FOLDER.append(factory.mktemp("smallest_city"))
    return _city(_FOLDER[0])


def historical_tables(data: Path) -> Mapping[str, pa.Table]:
    """Records of historical_50k, without its labels, in an order drawn by a hash."""
    path = data / "er" / "historical_50k" / "historical_figures_with_errors_50k.parquet"
    declared = record_table("person")
    said = {
        "name": "full_name",
        "sex": "case gender when 'male' then '1' when 'female' then '2' end",
        "birth": "dob",
        "birth_place": "birth_place",
        "postcode": "upper(postcode_fake)",
        "occupation": "occupation",
        "record_id": "n",
        "ref": "'h|' || n || '|person'",
        "source": "'h'",
        "key": "cast(n as varchar)",
        "role": "'person'",
        "batch": "1",
        "row_no": "n",
        "known_from": "date '2026-01-01'",
        "recorded_at": "date '2026-01-01'",
    }
    columns = ", ".join(f"cast({said.get(column.name, 'null')} as {column.type}) as {column.name}" for column in declared.columns)
    with duckdb.connect(":memory:") as connection:
        rows = connection.sql(f"select {columns} from (select *, row_number() over (order by md5(unique_id || '7')) as n from '{path}')").to_arrow_table()
    return tables({}) | {"record_person": rows}
