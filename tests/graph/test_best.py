"""Best chains: hubs are gone round, ties are by id; random graphs against the list of all chains."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.graph.store import GraphStore
from tests.graph.stores import EACH, STORES, Opener, edges, in_memory, nodes


@pytest.fixture(params=EACH)
def opener(request: pytest.FixtureRequest) -> Opener:
    """Each store in turn."""
    return STORES[request.param](request)


@pytest.fixture
def town(opener: Opener, tmp_path: Path) -> GraphStore:
    """p1 and p2 work at l1 with 60 others, and are brothers-in-law by way of p3 and p4."""
    crowd = [("works_for", f"q{n:03d}", "l1", None, None) for n in range(60)]
    told = edges(
        ("works_for", "p1", "l1", None, None),
        ("works_for", "p2", "l1", None, None),
        ("spouse", "p1", "p3", None, None),
        ("parent", "p4", "p3", None, None),
        ("parent", "p4", "p2", None, None),
        ("parent", "p5", "p3", None, None),
        ("parent", "p5", "p2", None, None),
        *crowd,
    )
    return opener(told, nodes({*told["from_id"].to_pylist(), *told["to_id"].to_pylist(), "p9"}), tmp_path)


def test_the_way_round_a_hub_is_better_than_through_it(town: GraphStore) -> None:
    found = town.best_paths("p1", "p2", best=5)
    assert [(r.cost, r.nodes) for r in found.found] == [(3, ("p1", "p3", "p4", "p2")), (3, ("p1", "p3", "p5", "p2")), (4, ("p1", "l1", "p2"))]
    assert not found.more
    assert [e.type for e in found.found[0].edges] == ["spouse", "parent", "parent"]
    assert town.best_paths("p1", "p2", best=2).more


def test_types_and_the_most_it_may_cost(town: GraphStore) -> None:
    assert [r.nodes for r in town.best_paths("p1", "p2", ["works_for"]).found] == [("p1", "l1", "p2")]
    assert town.best_paths("p1", "p2", most=2).found == ()
    assert town.best_paths("p1", "p9").found == ()
    assert [(r.cost, r.nodes) for r in town.best_paths("p1", "p1").found] == [(0, ("p1",))]


LINKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40)


@settings(max_examples=80, deadline=None)
@given(LINKS, st.integers(0, 9), st.integers(0, 9), st.integers(1, 6))
def test_best_chains_are_the_first_of_all_chains(links: list[tuple[int, int]], a: int, b: int, count: int) -> None:
    names = [f"p{n}" for n in range(10)]
    told = [("spouse", names[x], names[y], None, None) for x, y in links if x != y]
    told += [("works_for", f"q{n:03d}", "p3", None, None) for n in range(20)]  # p3 is a hub
    store = in_memory(edges(*told), nodes([*names, *(f"q{n:03d}" for n in range(20))]))
    near, degree = defaultdict(set), defaultdict(int)
    for _, x, y, _, _ in told:
        near[x].add(y)
        near[y].add(x)
        degree[x] += 1
        degree[y] += 1
    every: list[tuple[int, tuple[str, ...]]] = []
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, (names[a],))]
    while waiting:
        cost, way = waiting.pop()
        if way[-1] == names[b]:
            every.append((cost, way))
            continue
        through = cost + 1 + (max(0, degree[way[-1]].bit_length() - 4) if len(way) > 1 else 0)
        waiting += [(through, (*way, after)) for after in near[way[-1]] if after not in way and through <= 12]
    every = sorted(one for one in every if one[0] <= 12)
    wanted = [one for one in every if one[0] <= every[0][0] + 2] if every else []
    found = store.best_paths(names[a], names[b], best=count)
    assert [(r.cost, r.nodes) for r in found.found] == wanted[:count]
    assert found.more == (len(wanted) > count)
