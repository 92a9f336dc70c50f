"""Answers from the graph: neighbours, picture, path, who turns an age. Stores answer with ids, edges and intervals; values are added here, as cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from cityweave.api.answers_entities import SHOWN, THING_LENGTH, labels, possible
from cityweave.api.desk import Desk, day, month_of
from cityweave.api.model import Cell, Found, Turning
from cityweave.api.model_graph import Draw, Neighbours, Path, Paths
from cityweave.api.served import kind_of
from cityweave.engine.errors import InputError

DEEPEST = 4
MOST_PATHS, DEAREST = 20, 40


def neighbours(desk: Desk, asked: Neighbours) -> Found:
    """Who and what was reached, nearest first, each with the edges that lead there; what the limit cut is counted."""
    found = desk.entity(asked.id)
    answer = desk.floors.neighbours(found, _depth(asked.depth), asked.types, day(asked.as_of) or desk.today, asked.limit)
    named = labels(desk, {found, *(item.node_id for item in answer.found), *_ends(edge for item in answer.found for edge in item.edges)})
    several = possible(desk, [item.node_id for item in answer.found])
    rows = [
        {
            "node": item.node_id,
            "kind": item.kind,
            "label": named[item.node_id],
            "possible": several.get(item.node_id),
            "distance": item.distance,
            "edges": [edge_row(edge) for edge in item.edges],
        }
        for item in answer.found
    ]
    return Found({**redirected(asked.id, found), "entity": found, "label": named[found], "found": rows, "cut": answer.cut}, entities_of(named))


def draw(desk: Desk, asked: Draw) -> Found:
    """The nodes of a picture, nearest first, and every relation among them, also between two that are equally near."""
    found = desk.entity(asked.id)
    as_of = day(asked.as_of) or desk.today
    answer = desk.floors.neighbours(found, _depth(asked.depth), asked.types, as_of, asked.limit)
    shown = (found, *(item.node_id for item in answer.found))
    named = labels(desk, shown)
    nodes = [{"node": item.node_id, "kind": item.kind, "label": named[item.node_id], "distance": item.distance} for item in answer.found]
    root = {"node": found, "kind": kind_of(found), "label": named[found], "distance": 0}
    edges = [edge_row(edge) for edge in desk.floors.relations(shown, asked.types, as_of)]
    data = {**redirected(asked.id, found), "entity": found, "label": named[found], "depth": asked.depth, "as_of": as_of.isoformat()}
    return Found({**data, "nodes": [root, *nodes], "edges": edges, "cut": answer.cut}, entities_of(named))


def _depth(depth: int) -> int:
    if not 1 <= depth <= DEEPEST:
        raise InputError(f"步数应为 1 到 {DEEPEST} / depth is from 1 to {DEEPEST}", "--depth", "换一个步数 / give another number")
    return depth


def path(desk: Desk, asked: Path) -> Found:
    """The nodes and edges of a shortest chain, both empty when there is none within the limit."""
    left, right = desk.entity(asked.left), desk.entity(asked.right)
    answer = desk.floors.path(left, right, asked.types, day(asked.as_of) or desk.today, asked.limit)
    nodes, edges = ((), ()) if answer is None else (answer.nodes, answer.edges)
    named = labels(desk, {left, right, *nodes})
    data = {"left": left, "right": right, "nodes": [{"node": node, "label": named[node]} for node in nodes], "edges": [edge_row(edge) for edge in edges]}
    return Found(data, entities_of(named))


def paths(desk: Desk, asked: Paths) -> Found:
    """The best chains, cheapest first; `more`: there are others that cost at most two more than the cheapest."""
    left, right = desk.entity(asked.left), desk.entity(asked.right)
    if not (1 <= asked.best <= MOST_PATHS and asked.limit <= DEAREST):
        raise InputError(
            f"应为 1 到 {MOST_PATHS} 条、代价至多 {DEAREST} / 1 to {MOST_PATHS} chains of a cost of at most {DEAREST}",
            "--best, --limit",
            "换一个数 / give another number",
        )
    answer = desk.floors.best_paths(left, right, asked.types, day(asked.as_of) or desk.today, asked.best, asked.limit)
    named = labels(desk, {left, right, *(node for one in answer.found for node in one.nodes)})
    chains = [
        {"cost": one.cost, "nodes": [{"node": node, "label": named[node]} for node in one.nodes], "edges": [edge_row(edge) for edge in one.edges]}
        for one in answer.found
    ]
    return Found({"left": left, "right": right, "paths": chains, "more": answer.more}, entities_of(named))


def turning(desk: Desk, asked: Turning) -> Found:
    """Who turns that age in that month, by birthday; who would have but has died; who may, the day of birth being unknown."""
    if not 0 < asked.age <= 150:
        raise InputError(f"没有这个年龄 / no such age: {asked.age}", "AGE", "1 到 150 / from 1 to 150")
    as_of = day(asked.as_of) or desk.today
    month = month_of(asked.month, as_of)
    answer = desk.floors.turning(asked.age, month, as_of)
    shown = answer.turning[: asked.limit]
    elements = (*SHOWN["person"], "phone")
    rows = {row["entity_id"]: row for row in desk.served.where("entity_person", "entity_id", [item.entity_id for item in shown]).to_dicts()}
    people = [{"entity": item.entity_id, "on": item.on.isoformat(), **_cells(rows[item.entity_id], elements)} for item in shown]
    passed = [
        {"entity": item.entity_id, "on": item.on.isoformat(), "died": item.died.isoformat(), "sources": list(item.sources)}
        for item in answer.passed[: asked.limit]
    ]
    vague = list(answer.unknown_day[: asked.limit])
    data = {
        "age": asked.age,
        "month": month,
        "people": people,
        "total": len(answer.turning),
        "cut": len(answer.turning) - len(shown),
        "passed": passed,
        "unknown_day": vague,
    }
    return Found(data, (*(item.entity_id for item in shown), *(item["entity"] for item in passed), *vague))


def _cells(row: dict[str, Any], elements: Iterable[str]) -> dict[str, Cell]:
    return {name: Cell("person", name, row[name]) for name in elements if name in row}


def edge_row(edge: Any) -> dict[str, Any]:
    """A relation as JSON."""
    return {
        "type": edge.type,
        "from": edge.from_id,
        "to": edge.to_id,
        "valid_from": iso(edge.valid_from),
        "valid_to": iso(edge.valid_to),
        "detail": edge.detail,
        "sources": list(edge.sources),
        "events": edge.events,
        "fact": edge.fact_id,
    }


def _ends(edges: Iterable[Any]) -> set[str]:
    return {end for edge in edges for end in (edge.from_id, edge.to_id)}


def entities_of(named: dict[str, Cell]) -> tuple[str, ...]:
    """Those of the named nodes that are entities: the audit keeps them."""
    return tuple(node for node in sorted(named) if len(node) < THING_LENGTH)


def redirected(asked: str, found: str) -> dict[str, str]:
    """What an answer says when the id asked for has been merged into another."""
    return {} if asked == found else {"asked": asked, "note_id": "该编号已并入 / the id asked for now resolves to this entity"}


def iso(date: dt.date | None) -> str | None:
    """A date as text."""
    return None if date is None else date.isoformat()
