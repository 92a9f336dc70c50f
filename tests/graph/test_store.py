"""What every graph store must answer, alike. A new store is added to STORES and must pass all of it.

The small city is made by hand: two families, a firm with fifty more employees (a hub), two rooms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.engine.errors import InputError
from cityweave.graph.model import KINSHIP
from cityweave.graph.store import GraphStore
from tests.graph.stores import EACH, STORES, Opener, edges, in_memory, nodes

HOUSEHOLD = "0" * 32


TOLD = edges(
    ("spouse", "p1", "p2", "1990-01-01", "2000-01-01"),
    ("spouse", "p1", "p3", "2001-01-01", None),
    ("parent", "p1", "p4", "1992-01-01", None),
    ("parent", "p2", "p4", "1992-01-01", None),
    ("parent", "p5", "p3", None, None),
    ("lives_in", "p1", "r1", "1990-01-01", "2010-01-01"),
    ("lives_in", "p1", "r2", "2010-01-01", None),
    ("owns", "p1", "r2", "2010-01-01", None),
    ("room_in_building", "r1", "b1", None, None),
    ("room_in_building", "r2", "b1", None, None),
    ("works_for", "p1", "l1", "1999-01-01", None),
    ("household", "p1", HOUSEHOLD, None, None),
    ("household", "p2", HOUSEHOLD, None, None),
    *(("works_for", f"q{n:03d}", "l1", None, None) for n in range(50)),
)

BIRTHS = {"p1": "1960-02-29", "p2": "1960-02-01", "p3": "1960-02-28", "p4": "1992-02-29", "p5": "1960-02", "p6": "1960-03-01", "p7": "1960-02-10", "p8": "不详"}
PEOPLE = nodes(
    {*(f"p{n}" for n in range(1, 9)), "r1", "r2", "b1", "l1", HOUSEHOLD, *(f"q{n:03d}" for n in range(50))}, BIRTHS, {"p7": "2020-01-01", "p2": "2026-01-01"}
)


@pytest.fixture(params=EACH)
def opener(request: pytest.FixtureRequest) -> Opener:
    """Each store in turn."""
    return STORES[request.param](request)


@pytest.fixture
def store(opener: Opener, tmp_path: Path) -> GraphStore:
    """The small city in it."""
    return opener(TOLD, PEOPLE, tmp_path)


def reached(store: GraphStore, *args: Any, **options: Any) -> list[tuple[str, int, list[int]]]:
    return [(n.node_id, n.distance, [e.edge_id for e in n.edges]) for n in store.neighbours(*args, **options).found]


def test_neighbours_come_nearest_first_with_every_edge_that_leads_to_them(store: GraphStore) -> None:
    assert reached(store, "p2") == [(HOUSEHOLD, 1, [13]), ("p1", 1, [1]), ("p4", 1, [4])]
    two = reached(store, "p2", 2)
    assert two[:3] == reached(store, "p2")
    assert two[3:] == [("l1", 2, [11]), ("p3", 2, [2]), ("r1", 2, [6]), ("r2", 2, [7, 8])]
    assert [n.kind for n in store.neighbours("p2", 2).found] == ["thing", "person", "person", "legal_entity", "person", "room", "room"]


def test_an_edge_says_from_whom_to_whom_since_when_and_who_tells_it(store: GraphStore) -> None:
    (found,) = store.neighbours("p3", types=["spouse"]).found
    edge = found.edges[0]
    assert (edge.type, edge.from_id, edge.to_id, edge.valid_from, edge.valid_to) == ("spouse", "p1", "p3", date(2001, 1, 1), None)
    assert (edge.edge_id, edge.fact_id, edge.events, edge.sources, edge.detail) == (2, 2, 1, ("hukou", "marriage"), None)


def test_types_and_the_day_asked_choose_the_edges(store: GraphStore) -> None:
    assert [n for n, _, _ in reached(store, "p1", types=["spouse"])] == ["p2", "p3"]
    assert [n for n, _, _ in reached(store, "p1", types=["spouse"], as_of=date(1995, 1, 1))] == ["p2"]
    assert [n for n, _, _ in reached(store, "p1", types=["spouse"], as_of=date(2000, 1, 1))] == []
    assert [n for n, _, _ in reached(store, "p1", types=["lives_in"], as_of=date(2010, 1, 1))] == ["r2"]
    assert [n for n, _, _ in reached(store, "p3", types=["parent"], as_of=date(1900, 1, 1))] == ["p5"]


def test_the_limit_cuts_the_farthest_and_counts_them(store: GraphStore) -> None:
    answer = store.neighbours("p1", 2, limit=9)
    assert (len(answer.found), answer.cut) == (9, 7 + 52 - 9)
    assert [n.distance for n in answer.found] == [1] * 7 + [2] * 2
    assert store.neighbours("p1", 1, limit=0).cut == 7


def test_a_path_is_the_shortest_then_the_smallest(store: GraphStore) -> None:
    path = store.path("p2", "p1")
    assert path is not None
    assert (path.nodes, [e.edge_id for e in path.edges]) == (("p2", "p1"), [1])
    chain = store.path("r1", "r2")
    assert chain is not None
    assert chain.nodes == ("r1", "b1", "r2")
    own = store.path("p1", "p1")
    assert own is not None
    assert (own.nodes, own.edges) == (("p1",), ())


def test_of_several_edges_the_first_is_taken_whichever_way_it_points(opener: Opener, tmp_path: Path) -> None:
    both = opener(edges(("parent", "p0", "p1", None, None), ("kin", "p1", "p0", None, None)), nodes(["p0", "p1"]), tmp_path)
    chain = both.path("p0", "p1")
    assert chain is not None
    assert [e.type for e in chain.edges] == ["kin"]


def test_a_path_keeps_to_types_days_and_hops(store: GraphStore) -> None:
    kin = store.path("p2", "p5", KINSHIP)
    assert kin is not None
    assert kin.nodes == ("p2", "p1", "p3", "p5")
    assert store.path("p2", "p5", KINSHIP, max_hops=2) is None
    later = store.path("p2", "p5", KINSHIP, date(2005, 1, 1))
    assert later is not None
    assert later.nodes == ("p2", "p4", "p1", "p3", "p5")
    assert store.path("p2", "p5", ["spouse"]) is None
    assert store.path("p2", "p8") is None


def test_who_turns_an_age_leaves_out_the_dead_and_says_who_told_it(store: GraphStore) -> None:
    answer = store.turning_age(65, "2025-02", date(2025, 1, 15))
    assert [(b.entity_id, b.on.isoformat(), b.home) for b in answer.turning] == [
        ("p2", "2025-02-01", None),
        ("p1", "2025-02-28", "r2"),
        ("p3", "2025-02-28", None),
    ]
    assert [(p.entity_id, p.on.isoformat(), p.died.isoformat(), p.sources) for p in answer.passed] == [("p7", "2025-02-10", "2020-01-01", ("death", "hukou"))]
    assert answer.unknown_day == ("p5",)
    assert "p2" in [p.entity_id for p in store.turning_age(65, "2025-02", date(2026, 1, 1)).passed]


def test_a_leap_day_comes_on_the_29th_when_there_is_one(store: GraphStore) -> None:
    assert [(b.entity_id, b.on.isoformat()) for b in store.turning_age(64, "2024-02", date(2005, 1, 1)).turning if b.entity_id == "p1"] == [
        ("p1", "2024-02-29")
    ]
    assert [b.entity_id for b in store.turning_age(65, "2025-03", date(2025, 1, 1)).turning] == ["p6"]
    assert store.turning_age(65, "2025-04", date(2025, 1, 1)).turning == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.neighbours("p99"),
        lambda s: s.path("p1", "z"),
        lambda s: s.path("p1", "p2", ["friend"]),
        lambda s: s.turning_age(65, "2025-13", date(2025, 1, 1)),
    ],
)
def test_what_is_not_there_is_said(store: GraphStore, ask: Callable[[GraphStore], Any]) -> None:
    with pytest.raises(InputError):
        ask(store)


def test_an_empty_graph_answers(opener: Opener, tmp_path: Path) -> None:
    empty = opener(edges(), nodes(["p1"]), tmp_path)
    assert empty.neighbours("p1").found == ()
    assert empty.turning_age(65, "2025-02", date(2025, 1, 1)).turning == ()


LINKS = st.lists(
    st.tuples(
        st.sampled_from(["spouse", "parent"]),
        st.integers(0, 11),
        st.integers(0, 11),
        st.sampled_from([None, "2000-01-01"]),
        st.sampled_from([None, "2010-01-01"]),
    ),
    max_size=24,
)


def smallest_path(links: dict[str, set[str]], a: str, b: str, max_hops: int) -> tuple[str, ...] | None:
    """The reference: all paths of each length in order of their nodes, without repeats."""
    level = [(a,)]
    for _ in range(max_hops + 1):
        for path in sorted(level):
            if path[-1] == b:
                return path
        level = [(*path, after) for path in level for after in links[path[-1]] if after not in path]
    return None


@settings(max_examples=60, deadline=None)
@given(LINKS, st.integers(0, 11), st.integers(0, 11), st.sampled_from([None, date(2005, 1, 1), date(2015, 1, 1)]), st.integers(1, 5))
def test_paths_are_those_of_plain_enumeration(links: list[Any], a: int, b: int, as_of: date | None, hops: int) -> None:
    names = [f"p{n:02d}" for n in range(12)]
    told = [(type_, names[x], names[y], start, end) for type_, x, y, start, end in links if x != y]
    store = in_memory(edges(*told), nodes(names))
    near: dict[str, set[str]] = defaultdict(set)
    for _, x, y, start, end in told:
        if as_of is None or ((start is None or as_of >= date.fromisoformat(start)) and (end is None or as_of < date.fromisoformat(end))):
            near[x].add(y)
            near[y].add(x)
    found = store.path(names[a], names[b], as_of=as_of, max_hops=hops)
    assert (found.nodes if found else None) == smallest_path(near, names[a], names[b], hops)
    for number, edge in enumerate(found.edges if found else ()):
        assert {edge.from_id, edge.to_id} == {found.nodes[number], found.nodes[number + 1]} if found else False


def test_numbers_of_nodes_follow_ids_not_the_order_of_rows(opener: Opener, tmp_path: Path) -> None:
    def answers(edge: pa.Table, node: pa.Table, folder: str) -> tuple[Any, Any]:
        made = opener(edge, node, tmp_path / folder)
        return made.neighbours("p1", 2, limit=20), made.turning_age(65, "2025-02", date(2025, 1, 1))

    turned = [table.take(pa.array(list(reversed(range(table.num_rows))))) for table in (TOLD, PEOPLE)]
    assert answers(*turned, "other") == answers(TOLD, PEOPLE, "same")
