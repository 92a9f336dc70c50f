"""Answers of service lists: the graph floor says who and why, here values are added, as cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from cityweave.api.answers_entities import labels
from cityweave.api.desk import Desk, day, month_of
from cityweave.api.model import Cell, Found
from cityweave.api.model_lists import ServiceList
from cityweave.api.served import kind_of
from cityweave.engine.errors import InputError

BASES = {"household": "户籍 household register", "permit": "居住证 residence permit", "residence": "居住登记 registered residence"}
SHOWN = {"person": ("name", "sex", "birth", "id_no", "phone", "address"), "legal_entity": ("name", "uscc", "phone", "address")}
OLD = 3 * 366
"""After so many days an address is less sure."""
SURE = ("无 none", "低 low", "中 middling", "高 high")
FARTHEST = 3660


def service_list(desk: Desk, asked: ServiceList) -> Found:
    """Three parts (eligible, to_check, left_out), each by the day due, with what every line rests on; `missing` names sources that nobody delivered."""
    as_of, known = day(asked.as_of) or desk.today, day(asked.known)
    if asked.days is not None and not 1 <= asked.days <= FARTHEST:
        raise InputError(f"天数应为 1 到 {FARTHEST} / days are from 1 to {FARTHEST}", "--days", "换一个天数 / give another number")
    month = None if asked.month is None else dt.date.fromisoformat(f"{month_of(asked.month, as_of)}-01")
    made = desk.floors.roll(asked.rule, month, asked.days, asked.what, as_of, known)
    parts = {"eligible": made.eligible, "to_check": made.to_check, "left_out": made.left_out}
    shown = {name: part[: asked.limit] for name, part in parts.items()}
    lines = _lines(desk, [item for part in shown.values() for item in part], as_of)
    missing = [{"what": item.what, "then": item.then} for item in made.missing]
    if known is not None and all(batch.delivered > known for batch in desk.batches):
        then = "空名单不说明任何事 / that the list is empty says nothing"
        missing.insert(0, {"what": "那一天之前没有任何交付 / nothing had been delivered by then", "then": then})
    data: dict[str, Any] = {
        "rule": made.rule,
        "says": made.says,
        "first": made.first.isoformat(),
        "last": made.last.isoformat(),
        "as_of": as_of.isoformat(),
        "known": asked.known,
        "missing": missing,
        "total": {name: len(part) for name, part in parts.items()},
        "cut": {name: len(part) - len(shown[name]) for name, part in parts.items()},
    }
    for name, part in shown.items():
        data[name] = [lines[id(item)] for item in part]
    return Found(data, tuple(sorted({item.entity_id for part in shown.values() for item in part})))


def _lines(desk: Desk, items: list[Any], as_of: dt.date) -> dict[int, dict[str, Any]]:
    """A line each, by the object's id."""
    wanted = {item.entity_id for item in items}
    rows: dict[str, Mapping[str, Any]] = {}
    for kind in SHOWN:
        mine = [entity for entity in wanted if kind_of(entity) == kind]
        if mine and desk.served.has(f"entity_{kind}"):
            rows |= {row["entity_id"]: row for row in desk.served.where(f"entity_{kind}", "entity_id", mine).to_dicts()}
    people = [entity for entity in wanted if entity.startswith("p")]
    contact = {row["entity_id"]: row for row in desk.served.where("contact", "entity_id", people).to_dicts()} if people and desk.served.has("contact") else {}
    things = labels(desk, [item.item for item in items if item.item])
    return {id(item): _line(desk, item, rows.get(item.entity_id, {}), contact.get(item.entity_id), things, as_of) for item in items}


def _line(
    desk: Desk, item: Any, row: Mapping[str, Any], contact: Mapping[str, Any] | None, things: Mapping[str, Cell], as_of: dt.date
) -> dict[str, Any]:
    kind = kind_of(item.entity_id)
    line: dict[str, Any] = {"entity": item.entity_id, "on": _iso(item.due), **{name: Cell(kind, name, row[name]) for name in SHOWN[kind] if name in row}}
    if item.birth is not None:
        line["birth"] = Cell(kind, "birth", item.birth)
        line["birth_sources"] = list(item.birth_sources)
        line["birth_by_number"] = item.by_number
    if item.item is not None or item.item_kind is not None:
        line |= {"certificate": item.item_kind, "number": things.get(item.item or "")}
    line |= {"basis": item.basis, "basis_sources": list(item.basis_sources), "confirmed": _iso(item.confirmed), "home": item.home}
    if kind == "person":
        line["address_sure"] = SURE[sure(contact, as_of)] if row.get("address") else SURE[0]
    line["reasons"] = [
        {"code": one.code, "says": desk.floors.reason(one.code), "on": _iso(one.on), "sources": list(one.sources), "other": one.other} for one in item.reasons
    ]
    return line


def sure(contact: Mapping[str, Any] | None, as_of: dt.date) -> int:
    """How sure an address is: 3 several sources tell it and none another; 2 one does, or most do; 1 others differ, or it is old; 0 none."""
    if contact is None:
        return 1
    same, other = contact["same"], contact["other"]
    level = 3 if same >= 2 and not other else 2 if same > other else 1
    old = contact["recorded"] is None or (as_of - contact["recorded"]).days > OLD
    return max(1, level - old)


def entities(data: Mapping[str, Any], parts: Iterable[str] = ("eligible",)) -> list[str]:
    """The entities of these parts of a list's answer."""
    return [line["entity"] for part in parts for line in data[part]]


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
