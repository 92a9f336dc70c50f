"""A life: every fact an entity takes part in, what registers say of its status, and what cannot be true of it; as of a day, and as known on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cityweave.api.answers_entities import THING_LENGTH, labels, summary
from cityweave.api.answers_graph import redirected
from cityweave.api.desk import Desk, day
from cityweave.api.model import Cell, Found, Timeline

GRADED = {3: "address", 4: "marital"}
"""The element under whose grade a sentence about a conflict goes out."""


def timeline(desk: Desk, asked: Timeline) -> Found:
    """Facts by date: what, with whom, told by which sources; states that only a register tells; conflicts, each with its sentence.
    A bounded fact held by its day: since when, nobody says.

    As of a day only what held then (of moments, what had happened); as known on a day the facts are made anew from what was told by then.
    """
    found = desk.entity(asked.id)
    as_of, known = day(asked.as_of), day(asked.known)
    facts = _now(desk, found) if known is None else desk.floors.facts_known(found, known)
    rows = [row for row in facts if as_of is None or _holds(row, as_of)]
    named = labels(desk, {who or thing for row in rows for _, who, thing in row["parties"] if (who or thing) not in (None, found)})
    told = [_fact(row, found, named) for row in sorted(rows, key=lambda row: (row["valid_from"] or dt.date.min, row["type"], row["fact_id"]))]
    data = {**redirected(asked.id, found), "entity": summary(desk, found), "as_of": asked.as_of, "known": asked.known, "facts": told}
    if known is None:
        data |= {"states": _states(desk, found, as_of), "conflicts": _conflicts(desk, found)}
    else:
        data |= {"states": [], "conflicts": []}
    return Found(data, tuple(sorted({found, *(node for node in named if len(node) < THING_LENGTH)})))


def _now(desk: Desk, found: str) -> list[dict[str, Any]]:
    mine = desk.served.where("fact_party", "entity_id", [found])["fact_id"].to_list()
    parties: dict[int, list[tuple[str, str | None, str | None]]] = {}
    for row in desk.served.where("fact_party", "fact_id", mine).sort("fact_id", "role").to_dicts():
        parties.setdefault(row["fact_id"], []).append((row["role"], row["entity_id"], row["thing_id"]))
    return [row | {"parties": parties[row["fact_id"]]} for row in desk.served.where("fact", "fact_id", mine).to_dicts()]


MOMENTS = ("birth", "death", "founding", "cancellation", "divorce", "adoption", "departure", "tender", "bid")


def _holds(row: dict[str, Any], as_of: dt.date) -> bool:
    begun = row["valid_from"] is None or row["valid_from"] <= as_of
    return begun and (row["type"] in MOMENTS or row["valid_to"] is None or as_of < row["valid_to"])


def _fact(row: dict[str, Any], found: str, named: dict[str, Cell]) -> dict[str, Any]:
    mine = [role for role, who, _ in row["parties"] if who == found]
    others = [(role, who or thing) for role, who, thing in row["parties"] if who != found and (who or thing) is not None]
    return {
        "from": _iso(row["valid_from"]),
        "bounded": row["bounded"],
        "to": _iso(row["valid_to"]),
        "type": row["type"],
        "role": mine[0] if mine else "",
        "detail": row["detail"],
        "with": [{"role": role, "node": node, "label": named[node]} for role, node in others],
        "sources": row["sources"].split("+"),
        "events": row["events"],
        "fact": row["fact_id"],
    }


def _states(desk: Desk, found: str, as_of: dt.date | None) -> list[dict[str, Any]]:
    """What no fact tells: a golden date of birth or founding, a status in a register, a new name or seat."""
    rows = desk.served.where("lifecycle", "entity_id", [found]).filter(pl.col("fact_id").is_null()).sort("valid_from", "state")
    held = [row for row in rows.to_dicts() if as_of is None or ((row["valid_from"] or as_of) <= as_of and (row["valid_to"] is None or as_of < row["valid_to"]))]
    return [{"state": row["state"], "from": _iso(row["valid_from"]), "to": _iso(row["valid_to"])} for row in held]


def _conflicts(desk: Desk, found: str) -> list[dict[str, Any]]:
    rows = desk.served.where("life_conflict", "entity_id", [found]).sort("rule", "fact_id", "against_id").to_dicts()
    return [{"rule": row["rule"], "says": _sentence(desk, row), "fact": row["fact_id"], "against": row["against_id"]} for row in rows]


def _sentence(desk: Desk, row: dict[str, Any]) -> str | Cell:
    says = desk.floors.sentence(row["rule"])
    return Cell("person", GRADED[row["grade"]], says) if row["grade"] in GRADED else says


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
