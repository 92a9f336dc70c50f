"""Who owns a firm: hand-made holdings, and random ones against the exact solution of the linear system."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.graph.control import control
from cityweave.graph.firms import firms_of
from cityweave.graph.model import EDGE
from cityweave.graph.model_answers import Control
from cityweave.graph.store import GraphStore
from tests.graph.stores import EACH, STORES, Opener, day, in_memory, nodes

TODAY = date(2025, 6, 1)


@pytest.fixture(params=EACH)
def opener(request: pytest.FixtureRequest) -> Opener:
    """Each store in turn."""
    return STORES[request.param](request)


def held(*stakes: tuple[Any, ...], others: tuple[tuple[str, str, str], ...] = (), ends: dict[str, str] | None = None) -> tuple[pa.Table, pa.Table]:
    """Tables of stakes (holder, firm, share in per cent or None, from, to) and other edges (type, from, to)."""
    told = [("shareholder", a, b, None if share is None else str(round(share * 10_000)), *(rest or (None, None))) for a, b, share, *rest in stakes]
    told += [(type_, a, b, None, None, None) for type_, a, b in others]
    rows = [
        {"edge_id": n, "type": type_, "from_id": a, "to_id": b, "valid_from": day(start), "valid_to": day(end), "detail": detail, "fact_id": n, "events": 1}
        | {"sources": "business"}
        for n, (type_, a, b, detail, start, end) in enumerate(told, start=1)
    ]
    edge = pa.Table.from_pylist(rows, schema=EDGE.schema)
    return edge, nodes({*edge["from_id"].to_pylist(), *edge["to_id"].to_pylist(), "l9"}, ends=ends)


@pytest.fixture
def ask(opener: Opener, tmp_path: Path) -> Any:
    """Control of l1 over these stakes."""

    def asked(*stakes: tuple[Any, ...], firm: str = "l1", as_of: date = TODAY) -> Control:
        return control(opener(*held(*stakes), tmp_path), firm, as_of)

    return asked


def owners(answer: Control) -> dict[str, tuple[int, int]]:
    return {owner.entity_id: (owner.least, owner.most) for owner in answer.owners if owner.ultimate}


def test_shares_are_multiplied_along_chains_and_added_over_them(ask: Any) -> None:
    answer = ask(("l2", "l1", 60), ("p1", "l1", 40), ("p1", "l2", 50), ("p2", "l2", 50))
    assert owners(answer) == {"p1": (700_000, 700_000), "p2": (300_000, 300_000)}
    assert [(c.nodes, c.share) for c in answer.chains] == [(("l1", "p1"), 400_000), (("l1", "l2", "p1"), 300_000), (("l1", "l2", "p2"), 300_000)]
    assert [o.reached for o in answer.owners] == [("yes", "yes"), ("yes", "no"), ("yes", "yes")]
    assert answer.majority == ("l1", "l2")
    assert (answer.untold, answer.loops, answer.complete) == (0, (), True)


def test_an_untold_share_stays_untold(ask: Any) -> None:
    answer = ask(("p1", "l1", 30), ("p2", "l1", None), ("p3", "l1", 40))
    assert owners(answer) == {"p1": (300_000, 300_000), "p2": (0, 300_000), "p3": (400_000, 400_000)}
    assert {o.entity_id: o.reached for o in answer.owners}["p2"] == ("unknown", "no")
    assert {c.nodes[-1]: c.share for c in answer.chains}["p2"] is None
    assert answer.untold == 300_000


def test_a_circle_is_named_and_taken_to_its_limit(ask: Any) -> None:
    answer = ask(("p1", "l1", 60), ("l2", "l1", 40), ("l1", "l2", 40), ("p2", "l2", 60))
    assert owners(answer) == {"p1": (714_286, 714_286), "p2": (285_714, 285_714)}
    assert (answer.loops, answer.self_held, answer.complete) == ((("l1", "l2"),), 160_000, True)
    assert [c.nodes for c in answer.chains] == [("l1", "p1"), ("l1", "l2", "p2")]


def test_a_circle_nobody_owns_ends(ask: Any) -> None:
    answer = ask(("l2", "l1", 100), ("l1", "l2", 100))
    assert owners(answer) == {}
    assert (answer.untold, answer.complete, answer.majority) == (1_000_000, False, ("l1", "l2"))


def test_none_known_is_an_answer(ask: Any) -> None:
    answer = ask(("p1", "l2", 100), firm="l9")
    assert (answer.owners, answer.stakes, answer.chains, answer.untold) == ((), (), (), 1_000_000)


def test_the_day_asked_chooses_the_facts_and_the_later_one_speaks(ask: Any) -> None:
    told = (("p1", "l1", 100, None, "2010-01-01"), ("p2", "l1", 100, "2010-01-01", None), ("p2", "l1", 30, "2020-01-01", None))
    assert owners(ask(*told, as_of=date(2005, 1, 1))) == {"p1": (1_000_000, 1_000_000)}
    assert owners(ask(*told, as_of=date(2015, 1, 1))) == {"p2": (1_000_000, 1_000_000)}
    assert owners(ask(*told)) == {"p2": (300_000, 300_000)}


def test_shares_beyond_the_whole_are_named(ask: Any) -> None:
    assert ask(("p1", "l1", 80), ("p2", "l1", 70)).over == ("l1",)


def test_a_quarter_exactly_is_a_quarter(ask: Any) -> None:
    assert [o.reached[0] for o in ask(("l2", "l1", 50), ("p1", "l2", 50)).owners if o.ultimate] == ["yes"]


def test_many_shareholders_and_layers_do_not_hang(opener: Opener, tmp_path: Path) -> None:
    crowd = [(f"p{n:04d}", "l1", 0.05) for n in range(2_000)]
    layers = [(f"l{depth + 1}{a}", f"l{depth}{b}", 25) for depth in range(1, 9) for a in range(4) for b in range(4)]
    store = opener(*held(*crowd, *layers), tmp_path)
    assert len(control(store, "l1", TODAY).owners) == 2_000
    deep = control(store, "l10", TODAY)
    assert {o.least for o in deep.owners if o.ultimate} == {250_000}
    assert (len(deep.chains), deep.more_chains) == (20, True)


@pytest.fixture
def family(opener: Opener, tmp_path: Path) -> GraphStore:
    """p1, wife p2, child p3, brother p5 by parents p4; firms l1 (p1 60 %), l2 (l1 50 %), l3 (p3, unknown), represented l4."""
    others = (
        ("spouse", "p1", "p2"),
        *(("parent", a, b) for a, b in (("p1", "p3"), ("p2", "p3"), ("p4", "p1"), ("p4", "p5"), ("p6", "p4"))),
        ("legal_representative", "p1", "l4"),
        ("legal_representative", "p5", "l1"),
        ("branch_of", "l3", "l1"),  # gives nobody a share
    )
    return opener(*held(("p1", "l1", 60), ("l1", "l2", 50), ("p3", "l3", None), others=others, ends={"l4": "2020-01-01"}), tmp_path)


def test_the_firms_of_a_person(family: GraphStore) -> None:
    answer = firms_of(family, "p1", TODAY)
    assert [(p.firm, p.role, p.least, p.most, str(p.ended or "")) for p in answer.positions] == [
        ("l4", "legal_representative", None, None, "2020-01-01"),
        ("l1", "shareholder", 600_000, 600_000, ""),
        ("l2", "indirect", 300_000, 300_000, ""),
    ]


def test_the_firms_of_relatives(family: GraphStore) -> None:
    answer = firms_of(family, "p1", TODAY, relatives=True)
    assert [(r.entity_id, r.relation) for r in answer.relatives] == [
        ("p1", "self"),
        ("p2", "spouse"),
        ("p4", "parent"),
        ("p3", "child"),
        ("p5", "sibling"),
        ("p6", "grandparent"),
    ]
    assert [(p.person, p.firm, p.role, p.most) for p in answer.positions[3:]] == [
        ("p3", "l3", "shareholder", 1_000_000),
        ("p5", "l1", "legal_representative", None),
    ]


FIRMS = ["l1", "l2", "l3", "l4"]
STAKES = st.lists(st.tuples(st.sampled_from([*FIRMS, "p1", "p2", "p3"]), st.sampled_from(FIRMS), st.integers(1, 99)), min_size=1, max_size=12)


def solved(shares: dict[tuple[str, str], Fraction], firm: str) -> dict[str, Fraction]:
    """The reference: y = a + A y solved exactly for people, by elimination."""
    firms = sorted({f for _, f in shares} | {firm})
    found = {}
    for person in sorted({h for h, _ in shares if h.startswith("p")}):
        rows = [[Fraction(int(i == j)) - shares.get((firms[j], firms[i]), Fraction(0)) for j in range(len(firms))] for i in range(len(firms))]
        right = [shares.get((person, f), Fraction(0)) for f in firms]
        for i in range(len(firms)):
            pivot = next(r for r in range(i, len(firms)) if rows[r][i])
            rows[i], rows[pivot], right[i], right[pivot] = rows[pivot], rows[i], right[pivot], right[i]
            for r in range(len(firms)):
                if r != i and rows[r][i]:
                    factor = rows[r][i] / rows[i][i]
                    rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i], strict=True)]
                    right[r] -= factor * right[i]
        found[person] = right[firms.index(firm)] / rows[firms.index(firm)][firms.index(firm)]
    return found


@settings(max_examples=60, deadline=None)
@given(STAKES)
def test_the_sum_is_the_solution_of_the_linear_system(stakes: list[tuple[str, str, int]]) -> None:
    whole: dict[tuple[str, str], int] = {(h, f): s for h, f, s in stakes if h != f}
    total = {f: sum(s for (_, g), s in whole.items() if g == f) + 5 for _, f in whole}
    told = [(h, f, round(100 * s / total[f], 4)) for (h, f), s in whole.items()]
    answer = control(in_memory(*held(*told)), "l9" if not told else told[0][1], TODAY)
    exact = solved({(h, f): Fraction(round(s * 10_000), 1_000_000) for h, f, s in told}, answer.firm)
    people = {owner.entity_id for owner in answer.owners if owner.kind == "person"}
    assert people >= {person for person, share in exact.items() if share}, "whoever has a share is among the owners"
    for owner in answer.owners:
        if owner.kind == "person":
            assert abs(owner.least - exact[owner.entity_id] * 1_000_000) <= 1
            assert owner.most == owner.least
