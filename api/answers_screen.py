"""Answers of tender screening: the graph floor says who and on what evidence, here values are added, as cells. A lead is never a finding, and says so."""

from __future__ import annotations

from typing import Any

from cityweave.api.answers_entities import labels
from cityweave.api.desk import Desk, day
from cityweave.api.model import Cell, Found
from cityweave.api.model_screen import Ring, Rings
from cityweave.engine.errors import InputError

NOTE = "线索，非认定 / a lead, not a finding"
BANDS = {
    "identity": "重点：有身份证据 / upper band: identity evidence",
    "lead": "线索：只有同场、报价或未证实的身份 / lead: joint lots, prices or unproven identity only",
}


def rings(desk: Desk, asked: Rings) -> Found:
    """All leads, best first, a line each: members, evidence with what chance would give, innocent explanations that hold."""
    made = _screening(desk, asked)
    shown = made.candidates[: asked.limit]
    named = labels(desk, {firm for one in shown for firm in one.members})
    data = {
        "note": NOTE,
        **_looked_at(made, asked),
        "total": len(made.candidates),
        "cut": len(made.candidates) - len(shown),
        "candidates": [
            {
                **_head(one),
                "members": [{"entity": firm, "name": named[firm]} for firm in one.members],
                "evidence": [_brief(item) for item in one.evidence],
                "conflicts": [_brief(item) for item in one.conflicts],
                "innocent": [item.says for item in one.innocent if item.holds == "yes"],
            }
            for one in shown
        ],
    }
    return Found(data, tuple(sorted({firm for one in shown for firm in one.members})))


def ring(desk: Desk, asked: Ring) -> Found:
    """One lead in full. InputError when there is none of that id on that day."""
    made = _screening(desk, asked)
    one = next((item for item in made.candidates if item.id == asked.id), None)
    if one is None:
        raise InputError(
            "没有这条线索 / there is no such lead",
            asked.id,
            "用 cityweave rings 查看；成员一变编号就变，--as-of 须相同 / see cityweave rings: the id changes with the members; say the same --as-of",
        )
    items = (*one.evidence, *one.conflicts)
    named = labels(desk, {*one.members, *(link.mark for item in items for link in item.links), *(_thing(lot) for item in items for lot in item.lots)})
    rows = {row["entity_id"]: row for row in desk.served.where("entity_legal_entity", "entity_id", one.members).to_dicts()}
    files = {batch.number: batch.file_name for batch in desk.batches}
    data = {
        "note": NOTE,
        **_looked_at(made, asked),
        **_head(one),
        "members": [_member(firm, rows.get(firm, {}), firm in one.accepted) for firm in one.members],
        "evidence": [_full(item, named, files) for item in one.evidence],
        "conflicts": [_full(item, named, files) for item in one.conflicts],
        "innocent": [{"kind": item.kind, "says": item.says, "holds": item.holds, "because": item.because} for item in one.innocent],
        "missing": list(one.missing),
    }
    people = {link.mark for item in items for link in item.links if len(link.mark) < len("0" * 32)}
    return Found(data, tuple(sorted({*one.members, *people})))


def _screening(desk: Desk, asked: Rings | Ring) -> Any:
    return desk.floors.screening(day(asked.as_of) or desk.today, day(asked.known) or desk.today)


def _looked_at(made: Any, asked: Rings | Ring) -> dict[str, Any]:
    return {"as_of": made.as_of.isoformat(), "known": asked.known, "lots": made.lots, "bids": made.entries, "firms": made.firms}


def _head(one: Any) -> dict[str, Any]:
    return {"id": one.id, "band": one.band, "says": BANDS[one.band], "score": one.score, "joint_lots": one.joint_lots}


def _brief(item: Any) -> dict[str, Any]:
    said = {"kind": item.kind, "item": item.item or None, "says": item.says, "value": item.value, "unit": item.unit, "chance": item.chance}
    return {**said, "bits": item.bits, "accepted": item.accepted}


def _full(item: Any, named: dict[str, Cell], files: dict[int, str]) -> dict[str, Any]:
    links = [
        {"left": link.left, "right": link.right, "mark": link.mark, "label": named.get(link.mark), "p_same": link.p_same, "accepted": link.accepted}
        | {"lots": [_lot(lot, named) for lot in link.lots]}
        for link in item.links
    ]
    rows = [{"source": row.source, "file": files.get(row.batch, ""), "row": row.row} for row in item.rows]
    return {**_brief(item), "links": links, "lots": [_lot(lot, named) for lot in item.lots], "rows": rows}


def _thing(lot: str) -> str:
    """The thing of a lot: without the part."""
    return lot.partition("#")[0]


def _lot(lot: str, named: dict[str, Cell]) -> dict[str, Any]:
    return {"lot": named.get(_thing(lot)), "part": lot.partition("#")[2] or None}


def _member(firm: str, row: dict[str, Any], accepted: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {name: Cell("legal_entity", name, row[name]) for name in ("name", "uscc", "status", "founded", "address") if name in row}
    return {"entity": firm, **shown, "accepted": accepted}
