"""The firms of a person, and of close relatives (近亲属, 民法典第一千零四十五条: spouse, parents, children, siblings, grandparents, grandchildren)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from cityweave.graph.closure import closure, passing, summed, told
from cityweave.graph.model import Edge
from cityweave.graph.model_answers import MILLION, FirmsOf, Position, Relative, Stake
from cityweave.graph.store import GraphStore

ROLES = ("legal_representative", "shareholder")


def firms_of(store: GraphStore, person: str, as_of: date, *, relatives: bool = False) -> FirmsOf:
    """Of what firms a person is legal representative or shareholder on that day, and what is held through other firms; with `relatives` theirs too."""
    people = (Relative(person, "self", ()), *(close_relatives(store, person, as_of) if relatives else ()))
    ids = [one.entity_id for one in people]
    direct = store.incident(ids, ROLES, as_of, "from")
    below, complete = closure(store, ids, as_of, up=False)
    reached = sorted({stake.firm for stake in below})
    above, _ = closure_of(store, reached, as_of)
    ends = store.ends(sorted({*(edge.to_id for edge in direct), *reached}))
    ended = {firm: day for firm, day in ends.items() if day <= as_of}
    positions = [position for one in ids for position in _positions(one, [edge for edge in direct if edge.from_id == one], above, ended)]
    return FirmsOf(person, as_of, people, tuple(positions), complete)


def closure_of(store: GraphStore, firms: Sequence[str], as_of: date) -> tuple[list[Stake], bool]:
    """Every stake in these firms, one level up only: what their told shares leave open is seen from it."""
    return closure(store, firms, as_of, up=True) if firms else ([], True)


def _positions(person: str, edges: Iterable[Edge], stakes: Sequence[Stake], ended: dict[str, date]) -> list[Position]:
    sums = told(stakes)
    least, _ = summed(person, passing(stakes, sums, open_=False, up=False))
    most, rested = summed(person, passing(stakes, sums, open_=True, up=False))
    reach = _below(person, stakes)

    def position(firm: str, role: str, edge: Edge | None) -> Position:
        if role == "legal_representative":
            return Position(person, firm, role, edge, None, None, ended.get(firm))
        low = min(MILLION, least.get(firm, 0))
        high = max(low, min(MILLION, most.get(firm, 0))) if rested else MILLION
        return Position(person, firm, role, edge, low, high, ended.get(firm))

    direct = [position(edge.to_id, edge.type, edge) for edge in edges]
    own = {edge.to_id for edge in edges if edge.type == "shareholder"}
    through = [position(firm, "indirect", None) for firm in sorted(reach - own)]
    return sorted(direct, key=lambda p: (p.role, p.firm, p.edge.edge_id if p.edge else 0)) + through


def _below(person: str, stakes: Sequence[Stake]) -> set[str]:
    down: dict[str, set[str]] = {}
    for stake in stakes:
        down.setdefault(stake.holder, set()).add(stake.firm)
    reached, level = set[str](), {person}
    while level:
        level = {firm for node in level for firm in down.get(node, ())} - reached
        reached |= level
    return reached


def close_relatives(store: GraphStore, person: str, as_of: date) -> tuple[Relative, ...]:
    """Close relatives by what the graph holds on that day: marriages that hold, births whenever, and who is kin to the head of the household."""
    parents = store.incident([person], ("parent",), None, "to")
    children = store.incident([person], ("parent",), None, "from")
    spouses = store.incident([person], ("spouse",), as_of, "either")
    above = store.incident([edge.from_id for edge in parents], ("parent",), None, "either") if parents else []
    below = store.incident([edge.to_id for edge in children], ("parent",), None, "from") if children else []
    kin = store.incident([person], ("kin",), as_of, "either")
    mine = {edge.from_id for edge in parents}
    found: dict[str, tuple[str, list[Edge]]] = {}

    def add(who: str, relation: str, *edges: Edge) -> None:
        if who != person and found.setdefault(who, (relation, []))[0] == relation:
            found[who][1].extend(edge for edge in edges if edge not in found[who][1])

    for edge in spouses:
        add(edge.to_id if edge.from_id == person else edge.from_id, "spouse", edge)
    for edge in parents:
        add(edge.from_id, "parent", edge)
    for edge in children:
        add(edge.to_id, "child", edge)
    for edge in above:
        if edge.from_id in mine:
            add(edge.to_id, "sibling", edge)
        if edge.to_id in mine:
            add(edge.from_id, "grandparent", edge)
    for edge in below:
        add(edge.to_id, "grandchild", edge)
    for edge in kin:
        add(edge.to_id if edge.from_id == person else edge.from_id, "kin", edge)
    places = {name: place for place, name in enumerate(("spouse", "parent", "child", "sibling", "grandparent", "grandchild", "kin"))}
    order = sorted(found, key=lambda who: (places[found[who][0]], who))
    return tuple(Relative(who, found[who][0], tuple(found[who][1])) for who in order)
