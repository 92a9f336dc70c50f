"""A town of a handful of rows, written by hand: contracts and deliveries go in, the tables of floor 2 come out, on the real engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from cityweave.cfd_rules import contract_file, plan, registry
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.model import Batch
from cityweave.cfd_rules.pack import Pack
from cityweave.cfd_rules.yaml_text import from_yaml
from cityweave.engine.engines import load_engine
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store

CITY = Path(__file__).parents[2] / "fixtures" / "contracts"


def city_contract(source: str) -> Contract:
    """A contract of the demo city."""
    return contract_file.load(CITY / f"{source}.yaml", registry.load())


def contract(text: str) -> Contract:
    """A contract written in a test."""
    return contract_file.parse(from_yaml(text), "test.yaml", registry.load())


class Town:
    """Deliveries in the order they are made, and what floor 2 makes of them."""

    def __init__(self, folder: Path, contracts: Sequence[Contract], packs: Sequence[Pack] | None = None) -> None:
        self.folder = folder
        self.contracts = contracts
        self.packs = packs
        self.batches: list[Batch] = []
        self.executed: tuple[str, ...] = ()

    def deliver(self, source: str, content: bytes | str, on: str = "") -> Town:
        """Put a file into the log; without a day the n-th delivery comes on the n-th of January 2024."""
        raw = content.encode() if isinstance(content, str) else content
        number = len(self.batches) + 1
        path = self.folder / f"{number}.bin"
        path.write_bytes(raw)
        day = date.fromisoformat(on) if on else date(2024, 1, number)
        self.batches.append(Batch(number, source, path, hashlib.sha256(raw).hexdigest(), day, f"{source}_{number}"))
        return self

    def tables(self, *names: str, shuffle: int | None = None) -> dict[str, pa.Table]:
        """The named tables."""
        steps = Plan(plan.steps(self.contracts, self.batches, self.packs))
        store = Store(self.folder / "store" if shuffle is None else self.folder / f"store{shuffle}")
        outcome = run(steps, names, store, load_engine("duckdb"), check_keys=True, shuffle=shuffle)
        self.executed = outcome.executed
        return {name: store.read(key) for name, key in outcome.tables.items()}

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table, sorted as text."""
        table = self.tables(name)[name]
        rows = table.select(list(columns) or table.column_names).to_pylist()
        return sorted((tuple(row.values()) for row in rows), key=repr)


def csv(header: str, *lines: str) -> str:
    """A CSV file."""
    return "\n".join([header, *lines]) + "\n"


def by(table: pa.Table, *key: str) -> Mapping[tuple[Any, ...], dict[str, Any]]:
    """Rows by some columns."""
    return {tuple(row[name] for name in key): row for row in table.to_pylist()}
