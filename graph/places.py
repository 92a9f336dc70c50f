"""Who lives where, owns what and belongs to which household, on a day and at other times."""

from __future__ import annotations

from datetime import date
from typing import Final

from cityweave.graph.model import Edge
from cityweave.graph.model_answers import Household, Member, Occupant, Occupants, Time
from cityweave.graph.store import GraphStore

_ORDER: Final[tuple[Time, ...]] = ("now", "later", "before")


def household(store: GraphStore, person: str, as_of: date) -> Household:
    """Those in the same household register page as the person on that day, in the order of household, relation to the head and id."""
    pages = sorted({edge.to_id for edge in store.incident([person], ("household",), as_of, "from")})
    edges = store.incident(pages, ("household",), as_of, "to") if pages else []
    ends = store.ends(sorted({edge.from_id for edge in edges}))
    members = sorted((Member(edge.from_id, edge.to_id, edge) for edge in edges), key=lambda m: (m.household, m.edge.detail or "", m.person, m.edge.edge_id))
    passed = [member for member in members if _over(ends.get(member.person), as_of)]
    return Household(person, as_of, tuple(member for member in members if member not in passed), tuple(passed))


def occupants(store: GraphStore, place: str, as_of: date) -> Occupants:
    """Residents and owners of a room, or of a building and each of its rooms: on that day, before and later. Who has died by then is so no more."""
    rooms = sorted({edge.from_id for edge in store.incident([place], ("room_in_building",), None, "to")}) if place.startswith("b") else []
    edges = store.incident(sorted({place, *rooms}), ("lives_in", "owns"), None, "to")
    ends = store.ends(sorted({edge.from_id for edge in edges}))
    found = [_occupant(edge, ends.get(edge.from_id), as_of) for edge in edges]
    found.sort(key=_place)
    return Occupants(place, as_of, tuple(rooms), tuple(found))


def _occupant(edge: Edge, end: date | None, as_of: date) -> Occupant:
    until = min((day for day in (edge.valid_to, end) if day is not None), default=None)
    time: Time = "before" if _over(until, as_of) else "later" if edge.valid_from is not None and edge.valid_from > as_of else "now"
    return Occupant(edge.from_id, edge.to_id, edge.type, time, until, edge)


def _place(one: Occupant) -> tuple[int, str, str, int, str, int]:
    return _ORDER.index(one.time), one.place, one.role, -one.edge.valid_from.toordinal() if one.edge.valid_from else 0, one.node_id, one.edge.edge_id


def _over(end: date | None, as_of: date) -> bool:
    return end is not None and end <= as_of
