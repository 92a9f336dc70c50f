"""The stores that answer alike, and small graphs to ask them: shared by the conformance suite (test_store, test_control, test_places, test_best)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest

from cityweave.graph.embedded import EmbeddedStore
from cityweave.graph.model import EDGE, NODE, kind_of
from cityweave.graph.snapshot import build
from cityweave.graph.store import GraphStore
from tests.graph.neo4j import Server, loaded

Opener = Callable[[pa.Table, pa.Table, Path], GraphStore]


def embedded(request: pytest.FixtureRequest) -> Opener:
    """The default store."""
    return lambda edge, node, folder: EmbeddedStore(build(edge, node, folder / "snapshot"))


def in_memory(edge: pa.Table, node: pa.Table) -> GraphStore:
    """The default store over a folder that is gone again: its files stay mapped."""
    with TemporaryDirectory() as folder:
        return EmbeddedStore(build(edge, node, Path(folder) / "snapshot"))


def neo4j(request: pytest.FixtureRequest) -> Opener:
    """A real Neo4j, emptied and loaded each time; it is given no folder, so there is nothing else it could answer from."""
    server: Server = request.getfixturevalue("neo4j")
    return lambda edge, node, folder: loaded(server.address, edge, node)


STORES: dict[str, Callable[[pytest.FixtureRequest], Opener]] = {"embedded": embedded, "neo4j": neo4j}
EACH = [pytest.param("embedded"), pytest.param("neo4j", marks=pytest.mark.neo4j)]
"""Parameters of a fixture that gives each store in turn."""


def day(text: str | None) -> date | None:
    """A date, or None."""
    return date.fromisoformat(text) if text else None


def edges(*told: tuple[Any, ...]) -> pa.Table:
    """Table `edge` of (type, from, to, valid_from, valid_to), numbered in the order given."""
    rows = [
        {
            "edge_id": number,
            "type": type_,
            "from_id": a,
            "to_id": b,
            "valid_from": day(start),
            "valid_to": day(end),
            "fact_id": number,
            "events": 1,
            "sources": "hukou+marriage",
        }
        for number, (type_, a, b, start, end) in enumerate(told, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=EDGE.schema)


def nodes(ids: Iterable[str], begins: dict[str, str] | None = None, ends: dict[str, str] | None = None) -> pa.Table:
    """Table `node`."""
    begins, ends = begins or {}, ends or {}
    rows = [
        {"node_id": n, "kind": kind_of(n), "begins": begins.get(n), "ends": day(ends.get(n)), "ends_sources": "death+hukou" if n in ends else None} for n in ids
    ]
    return pa.Table.from_pylist(rows, schema=NODE.schema)
