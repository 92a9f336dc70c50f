"""Households, residents and owners, on a day and at other times."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cityweave.graph.places import household, occupants
from cityweave.graph.store import GraphStore
from tests.graph.stores import EACH, STORES, edges, nodes

PAGE, OTHER = "0" * 32, "1" * 32
TOLD = edges(
    ("household", "p1", PAGE, "1990-01-01", None),
    ("household", "p2", PAGE, "1990-01-01", "2010-01-01"),
    ("household", "p3", PAGE, None, None),
    ("household", "p4", OTHER, None, None),
    ("lives_in", "p1", "r1", "1990-01-01", "2010-01-01"),
    ("lives_in", "p1", "r2", "2010-01-01", None),
    ("lives_in", "p3", "r2", None, None),
    ("lives_in", "p4", "b1", "2030-01-01", None),
    ("owns", "l1", "r1", "2000-01-01", None),
    ("owns", "p2", "r1", None, "2000-01-01"),
    ("room_in_building", "r1", "b1", None, None),
    ("room_in_building", "r2", "b1", None, None),
)


@pytest.fixture(params=EACH)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> GraphStore:
    """Each store in turn, with two rooms and two register pages."""
    ids = {*TOLD["from_id"].to_pylist(), *TOLD["to_id"].to_pylist(), "p9"}
    return STORES[request.param](request)(TOLD, nodes(ids, ends={"p3": "2020-01-01"}), tmp_path)


def test_a_household_is_that_of_the_day(store: GraphStore) -> None:
    assert [m.person for m in household(store, "p1", date(2005, 1, 1)).members] == ["p1", "p2", "p3"]
    later = household(store, "p1", date(2025, 1, 1))
    assert ([m.person for m in later.members], [m.person for m in later.passed]) == (["p1"], ["p3"])
    assert household(store, "p9", date(2025, 1, 1)).members == ()
    assert household(store, "p2", date(2025, 1, 1)).members == ()


def test_residents_and_owners_then_and_now(store: GraphStore) -> None:
    room = [(o.node_id, o.role, o.time) for o in occupants(store, "r1", date(2025, 1, 1)).found]
    assert room == [("l1", "owns", "now"), ("p1", "lives_in", "before"), ("p2", "owns", "before")]
    then = [(o.node_id, o.role, o.time) for o in occupants(store, "r1", date(1995, 1, 1)).found]
    assert then == [("p1", "lives_in", "now"), ("p2", "owns", "now"), ("l1", "owns", "later")]


def test_a_building_is_all_its_rooms_and_the_dead_live_nowhere(store: GraphStore) -> None:
    answer = occupants(store, "b1", date(2025, 1, 1))
    assert answer.rooms == ("r1", "r2")
    assert [(o.node_id, o.place, o.time, str(o.until or "")) for o in answer.found] == [
        ("l1", "r1", "now", ""),
        ("p1", "r2", "now", ""),
        ("p4", "b1", "later", ""),
        ("p1", "r1", "before", "2010-01-01"),
        ("p2", "r1", "before", "2000-01-01"),
        ("p3", "r2", "before", "2020-01-01"),
    ]
