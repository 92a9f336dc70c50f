"""Both stores answer alike: random small graphs, every question, whole answers compared. The Neo4j is given an address only, never a table."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cityweave.graph.control import control
from cityweave.graph.firms import firms_of
from cityweave.graph.model import EDGE, EDGE_TYPES, KINSHIP
from cityweave.graph.places import household, occupants
from cityweave.graph.store import GraphStore
from tests.graph.neo4j import Server, loaded
from tests.graph.stores import day, in_memory, nodes

PEOPLE, FIRMS = [f"p{n}" for n in range(6)], [f"l{n}" for n in range(4)]
ROOMS, PAGES = ["r0", "r1", "b0"], ["0" * 31 + "1", "f" * 32, "b" * 32]
ENDS = {
    "shareholder": (PEOPLE + FIRMS, FIRMS),
    "legal_representative": (PEOPLE, FIRMS),
    "works_for": (PEOPLE, FIRMS),
    "branch_of": (FIRMS, FIRMS),
    "household": (PEOPLE, PAGES),
    "lives_in": (PEOPLE, ROOMS + PAGES),
    "owns": (PEOPLE + FIRMS, ROOMS),
    "room_in_building": (["r0", "r1"], ["b0"]),
    "guardian": (PEOPLE, PEOPLE),
    "studies_at": (PEOPLE, FIRMS),
} | dict.fromkeys(KINSHIP, (PEOPLE, PEOPLE))
STARTS, UNTIL = [None, "1990-05-01", "2005-01-01"], [None, "2000-01-01", "2010-12-31"]


@st.composite
def edge(draw: st.DrawFn) -> tuple[Any, ...]:
    """An edge of any type between what such an edge joins."""
    type_ = draw(st.sampled_from(EDGE_TYPES))
    start, end = ENDS[type_]
    detail = draw(st.sampled_from([None, "100000", "400000", "01", "20"]))
    return type_, draw(st.sampled_from(start)), draw(st.sampled_from(end)), draw(st.sampled_from(STARTS)), draw(st.sampled_from(UNTIL)), detail


def tables(told: list[tuple[Any, ...]]) -> tuple[pa.Table, pa.Table]:
    """Tables `edge` and `node` of them."""
    rows = [
        {"edge_id": n << 33, "type": t, "from_id": a, "to_id": b, "valid_from": day(start), "valid_to": day(end), "detail": detail, "fact_id": n, "events": 1}
        | {"sources": "business+hukou" if n % 2 else "hukou"}
        for n, (t, a, b, start, end, detail) in enumerate(told, start=1)
        if a != b
    ]
    begins = {"p0": "1960-02-29", "p1": "1960-02-01", "p2": "1960-02", "p3": "196002", "p4": "1960-02-28", "p5": "1960-13-77"}
    everything = [*PEOPLE, *FIRMS, *ROOMS, *PAGES]
    return pa.Table.from_pylist(rows, schema=EDGE.schema), nodes(everything, begins, {"p1": "2003-03-03", "l1": "2001-01-01"})


def answers(store: GraphStore) -> list[Any]:
    """Every question about everybody, then and now."""
    found: list[Any] = []
    for as_of in (date(1995, 1, 1), date(2007, 1, 1)):
        found += [control(store, firm, as_of) for firm in FIRMS]
        found += [firms_of(store, person, as_of, relatives=True) for person in PEOPLE[:3]]
        found += [household(store, person, as_of) for person in PEOPLE[:3]]
        found += [occupants(store, place, as_of) for place in ("r0", "b0")]
        found += [store.neighbours(node, 2, as_of=as_of, limit=5) for node in ("p0", "l0", PAGES[1])]
        found.append(store.turning_age(65, "2025-02", as_of))
    for other in ("p1", "l2", PAGES[0]):
        found += [store.path("p0", other), store.path("p0", other, KINSHIP, date(1995, 1, 1)), store.best_paths("p0", other, best=4)]
    found.append(store.incident(["p0", PAGES[0]], (), None, "either"))
    return found


@pytest.mark.neo4j
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])  # no shrinking: a load each
@given(st.lists(edge(), min_size=8, max_size=40))
def test_both_stores_answer_alike(neo4j: Server, told: list[tuple[Any, ...]]) -> None:
    made = tables(told)
    for ours, theirs in zip(answers(in_memory(*made)), answers(loaded(neo4j.address, *made)), strict=True):
        assert ours == theirs
