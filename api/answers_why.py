"""Answers that explain resolution: why, why-not, how. The resolver explains with records and elements; values are added here, as cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from cityweave.api.answers_graph import redirected
from cityweave.api.desk import Desk
from cityweave.api.model import Cell, Found, How, Why, WhyNot
from cityweave.api.served import label_element
from cityweave.engine.errors import InputError


def why(desk: Desk, asked: Why) -> Found:
    """The evidence for a pair, the sum, what it led to, and the chain that joins the two."""
    left, right = _two(desk, asked.left, asked.right)
    answer = desk.floors.why(left, right)
    sides = _sides(desk, answer.kind, (left, right, *(end for link in answer.chain for end in (link.left, link.right))))
    data = {
        **_pair(desk, answer, sides),
        "identifier": answer.identifier,
        "chain": [{**_link(link, sides), "by": link.by, "weight": link.weight, "decision": link.decision} for link in answer.chain],
    }
    return Found(data, _entities(sides))


def why_not(desk: Desk, asked: WhyNot) -> Found:
    """What keeps two records or entities apart: which leads brought them together or did not, the weight, the links refused."""
    left, right = _two(desk, asked.left, asked.right)
    answer = desk.floors.why_not(left, right)
    sides = _sides(desk, answer.kind, (left, right, *(end for link in answer.refused for end in (link.left, link.right))))
    data = {
        **_pair(desk, answer, sides),
        "candidate": answer.candidate,
        "numbers": answer.numbers,
        "blocks": [{"rule": block.rule, "says": block.says, "met": block.met, "reason": block.reason, "sentence": block.sentence()} for block in answer.blocks],
        "refused": [{**_link(link, sides), "weight": link.weight, "reason": link.reason, "sentence": link.sentence()} for link in answer.refused],
    }
    return Found(data, _entities(sides))


def how(desk: Desk, asked: How) -> Found:
    """Its records, and the joins in their order, strongest first; then the links to others that were refused."""
    found = desk.entity(asked.id)
    answer = desk.floors.how(found)
    ends = (*answer.records, *(end for link in answer.refused for end in (link.left, link.right)))
    sides = _sides(desk, answer.kind, ends)
    data = {
        **redirected(asked.id, found),
        "entity": found,
        "kind": answer.kind,
        "records": [sides[record] for record in answer.records],
        "joins": [
            {
                **_link(join.link, sides),
                "by": join.link.by,
                "weight": join.link.weight,
                "decision": join.link.decision,
                "sizes": [len(join.left), len(join.right)],
            }
            for join in answer.joins
        ],
        "refused": [{**_link(link, sides), "weight": link.weight, "reason": link.reason, "sentence": link.sentence()} for link in answer.refused],
    }
    return Found(data, _entities(sides))


def worded(desk: Desk, answer: Any) -> tuple[str, str, list[str]]:
    """The names of the two records, and the sentences of `why` or `why_not` with names where the resolver has ids."""
    chain = getattr(answer, "chain", ())
    sides = _sides(desk, answer.kind, (answer.left, answer.right, *(end for link in chain for end in (link.left, link.right))))
    names = {str(record): side["name"] for record, side in sides.items()}
    said = [re.sub(r"\d{13,}", lambda found: names.get(found[0], found[0]), sentence) for sentence in answer.sentences]
    return names[str(answer.left)], names[str(answer.right)], said


def _pair(desk: Desk, answer: Any, sides: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """What why and why-not both say of two records."""
    scored = answer.scored
    values = {record: _values(desk, answer.kind, record) for record in (answer.left, answer.right)}
    compared = {item.comparison for item in (scored.evidence if scored else ())}
    evidence = [
        {
            "comparison": item.comparison,
            "says": item.says,
            "element": item.element,
            **{side: _cell(answer, item, values[getattr(answer, side)], compared) for side in ("left", "right")},
            "level": item.level,
            "level_says": item.level_says,
            "part": item.part,
            "rarity": item.rarity,
        }
        for item in (scored.evidence if scored else ())
    ]
    return {
        "kind": answer.kind,
        "left": sides[answer.left],
        "right": sides[answer.right],
        "together": answer.together,
        "decision": answer.decision,
        "prior": scored.prior if scored else None,
        "evidence": evidence,
        "weight": scored.weight if scored else None,
        "merge": desk.floors.merge(answer.kind),
        "sentences": worded(desk, answer)[2],
    }


def _cell(answer: Any, item: Any, values: dict[str, str | None], compared: set[str]) -> Cell | None:
    """The record's own value of what is compared; None for what a comparison takes from other records (such as the spouse's name)."""
    own = item.comparison == item.element or item.element not in compared
    return Cell(answer.kind, item.element, values.get(item.element)) if own else None


def _sides(desk: Desk, kind: str, records: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Record -> how it is named, where it stands, whose it is."""
    rows = desk.served.where(f"record_{kind}", "record_id", records).filter(pl.col("known_to").is_null()).to_dicts()
    entities = desk.served.entities_of(row["record_id"] for row in rows)
    element = label_element(kind)
    return {
        row["record_id"]: {
            "record": row["record_id"],
            "name": f"{row['source']}:{row['batch']}:{row['row_no']}:{row['role']}",
            "source": row["source"],
            "label": Cell(kind, element, row[element]),
            "entity": entities.get(row["record_id"]),
        }
        for row in rows
    }


def _values(desk: Desk, kind: str, record: int) -> dict[str, str | None]:
    rows = desk.served.where(f"record_{kind}", "record_id", [record]).filter(pl.col("known_to").is_null()).to_dicts()
    return rows[0] if rows else {}


def _link(link: Any, sides: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {"left": sides.get(link.left, {}).get("name", str(link.left)), "right": sides.get(link.right, {}).get("name", str(link.right))}


def _two(desk: Desk, left: str, right: str) -> tuple[int, int]:
    one, other = desk.record_entity(left), desk.record_entity(right)
    if one == other:
        raise InputError("两边是同一条记录 / both are the same record", "", "给出两条不同的记录 / name two different records")
    return one, other


def _entities(sides: dict[int, dict[str, Any]]) -> tuple[str, ...]:
    return tuple(sorted({side["entity"] for side in sides.values() if side["entity"]}))
