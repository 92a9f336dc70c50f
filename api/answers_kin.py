"""The answer to who somebody's close relatives are: each with the relations that say it, and by father or mother where the word asked for tells them apart."""

from __future__ import annotations

from typing import Any

from cityweave.api.answers_control import of_kind
from cityweave.api.answers_entities import labels
from cityweave.api.answers_graph import edge_row, entities_of, redirected
from cityweave.api.desk import Desk, day
from cityweave.api.model import Found
from cityweave.api.model_graph import GRANDPARENTS, KIN, Relatives
from cityweave.engine.errors import InputError


def relatives(desk: Desk, asked: Relatives) -> Found:
    """Close relatives of the relation asked for (all of them when none is), nearest first; what the limit cut is counted."""
    person = of_kind(desk, asked.id, "person", "人 / a person")
    if asked.relation and asked.relation not in KIN:
        raise InputError(f"没有这种关系 / there is no such relation: {asked.relation}", "--relation", f"可用 / use: {', '.join(KIN)}")
    as_of = day(asked.as_of) or desk.today
    every = desk.floors.relatives(person, as_of)
    found = [one for one in every if not asked.relation or _is(one, asked.relation, every)]
    shown = found[: asked.limit]
    named = labels(desk, {person, *(one.entity_id for one in shown), *(end for one in shown for edge in one.edges for end in (edge.from_id, edge.to_id))})
    data = {
        **redirected(asked.id, person),
        "person": person,
        "label": named[person],
        "as_of": as_of.isoformat(),
        "relation": asked.relation,
        "relatives": [
            {"entity": one.entity_id, "label": named[one.entity_id], "relation": one.relation, "edges": [edge_row(edge) for edge in one.edges]} for one in shown
        ],
        "cut": len(found) - len(shown),
    }
    return Found(data, entities_of(named))


def _is(one: Any, relation: str, every: Any) -> bool:
    if relation not in GRANDPARENTS:
        return bool(one.relation == relation)
    side, role = GRANDPARENTS[relation]
    between = {edge.from_id: edge.detail for parent in every if parent.relation == "parent" for edge in parent.edges}
    return one.relation == "grandparent" and any(_ends(edge.detail, role) and _ends(between.get(edge.to_id), side) for edge in one.edges)


def _ends(detail: str | None, role: str) -> bool:
    """Whether a parent's edge says father or mother, by birth or by adoption; an empty role: either."""
    return detail is not None and detail.endswith(role)
