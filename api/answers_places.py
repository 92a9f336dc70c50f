"""Answers about households, rooms and buildings. Names and addresses are added here, as cells."""

from __future__ import annotations

from typing import Any

from cityweave.api.answers_control import of_kind
from cityweave.api.answers_entities import labels
from cityweave.api.answers_graph import entities_of, iso, redirected
from cityweave.api.desk import Desk, day
from cityweave.api.model import Cell, Found
from cityweave.api.model_graph import Household, Occupants
from cityweave.api.served import kind_of
from cityweave.engine.errors import InputError


def household(desk: Desk, asked: Household) -> Found:
    """The members of that day with their relation to the head, and those who had died by then; `known` false: no household of that day is known."""
    person = of_kind(desk, asked.id, "person", "人 / a person")
    answer = desk.floors.household(person, day(asked.as_of) or desk.today)
    everybody = (*answer.members, *answer.passed)
    named = labels(desk, {person, *(end for m in everybody for end in (m.person, m.household))})
    data = {
        **redirected(asked.id, person),
        "person": person,
        "label": named[person],
        "as_of": answer.as_of.isoformat(),
        "known": bool(answer.members),
        "members": [_member(desk, member, named) for member in answer.members],
        "passed": [_member(desk, member, named) for member in answer.passed],
    }
    return Found(data, entities_of(named))


def _member(desk: Desk, member: Any, named: dict[str, Cell]) -> dict[str, Any]:
    relation = member.edge.detail
    return {
        "entity": member.person,
        "label": named[member.person],
        "household": named.get(member.household),
        "relation": Cell("person", "relation", relation),
        "means": Cell("person", "relation", desk.means("person", "relation", relation)),
        "valid_from": iso(member.edge.valid_from),
        "valid_to": iso(member.edge.valid_to),
        "sources": list(member.edge.sources),
    }


def occupants(desk: Desk, asked: Occupants) -> Found:
    """Residents and owners by room: now, later, before; what the limit cut is counted."""
    place = desk.entity(asked.id)
    if kind_of(place) not in {"room", "building"}:
        raise InputError("这里要的是房屋或楼栋 / this question wants a room or a building", asked.id, "用 cityweave find --kind room 查找 / look one up so")
    answer = desk.floors.occupants(place, day(asked.as_of) or desk.today)
    shown = answer.found[: asked.limit]
    named = labels(desk, {place, *(end for one in shown for end in (one.node_id, one.place))})
    rows = [
        {
            "entity": one.node_id,
            "label": named[one.node_id],
            "place": one.place,
            "place_label": named[one.place],
            "role": one.role,
            "time": one.time,
            "valid_from": iso(one.edge.valid_from),
            "valid_to": iso(one.until),
            "sources": list(one.edge.sources),
        }
        for one in shown
    ]
    counts = {time: sum(one.time == time for one in answer.found) for time in ("now", "later", "before")}
    data = {"place": place, "label": named[place], "as_of": answer.as_of.isoformat(), "rooms": len(answer.rooms), "counts": counts, "found": rows}
    return Found({**redirected(asked.id, place), **data, "cut": len(answer.found) - len(shown)}, entities_of(named))
