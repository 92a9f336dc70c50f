"""From events to lots, entries and marks, on a handful of rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.model import EVENT, EVENT_DETAIL, PARTICIPANT, record_table
from cityweave.engine.lint import check
from cityweave.engine.trial import trial
from cityweave.graph.screen import plan
from cityweave.resolver.model import MEMBERSHIP, unit
from cityweave.resolver.model_life import PAST_PARTY

LOT, MACHINE = "a" * 32, "b" * 32
KINDS = ("person", "legal_entity")


def _made(details: dict[str, str] | None = None, known_to: date | None = None) -> dict[str, list[dict[str, Any]]]:
    """One lot and one bid for it, with a delegate whose number is borne out and a machine."""
    times = {"known_from": date(2025, 1, 5), "known_to": known_to, "recorded_at": date(2025, 1, 1), "valid_to": None, "closed": None, "closed_on": None}
    event = [
        {"event_id": 1, "batch": 1, "row_no": 1, "type": "tender", "source": "lots", "valid_from": date(2024, 5, 2), "detail": None, **times},
        {"event_id": 2, "batch": 2, "row_no": 7, "type": "bid", "source": "bids", "valid_from": date(2024, 5, 1), "detail": None, **times},
    ]
    parties = [(1, 1, 1, "lot", None, LOT), (1, 1, 1, "buyer", 90, None), (2, 2, 7, "lot", None, LOT), (2, 2, 7, "bidder", 10, None)]
    parties += [(2, 2, 7, "delegate", 11, None), (2, 2, 7, "device", None, MACHINE), (2, 2, 7, "staff", 12, None)]
    said = {"price": "980", "state": "valid", "won": "1", **(details or {})}
    detail = [{"event_id": 2, "batch": 2, "row_no": 7, "name": name, "value": value} for name, value in said.items()]
    detail.append({"event_id": 1, "batch": 1, "row_no": 1, "name": "ceiling", "value": "1000"})
    member = [{"record_id": number, "kind": kind, "entity_id": entity} for number, kind, entity in ((10, "legal_entity", "la"), (11, "person", "pa"))]
    elements = registry.load()
    given: dict[str, Any] = {
        "event": pa.Table.from_pylist(event, schema=EVENT.schema),
        "participant": pa.Table.from_pylist([dict(zip(PARTICIPANT.names, row, strict=True)) for row in parties], schema=PARTICIPANT.schema),
        "event_detail": pa.Table.from_pylist(detail, schema=EVENT_DETAIL.schema),
        "membership": pa.Table.from_pylist(member, schema=MEMBERSHIP.schema),
        "past_party": PAST_PARTY.schema.empty_table(),
    }
    for kind, number in (("person", 11), ("legal_entity", 10)):
        table = record_table(kind, elements.names(kind))  # type: ignore[arg-type]
        rows = [{"record_id": number, "ref": f"bids|7|{kind}", "batch": 2, "row_no": 7}]
        given[f"record_{kind}"] = pa.Table.from_pylist(rows, schema=table.schema)
        given[f"unit_{kind}"] = pa.Table.from_pylist([{"record_id": number, "unit": number, "accepted": True}], schema=unit(kind).schema)
    targets = ["tender_lot", "tender_entry", "tender_mark"]
    return {name: rows.to_pylist() for name, rows in trial(plan.steps(KINDS), given, targets, shuffle=1).items()}


def test_a_lot_with_its_details() -> None:
    (lot,) = _made()["tender_lot"]
    assert (lot["lot_id"], lot["ceiling"], lot["opened"], lot["buyer_id"]) == (LOT, "1000", date(2024, 5, 2), None)


def test_an_entry_with_its_bidder_and_price() -> None:
    (entry,) = _made()["tender_entry"]
    assert (entry["lot_id"], entry["firm_id"], entry["price"], entry["won"], entry["accepted"]) == (LOT, "la", "980", "1", True)


def test_marks_are_people_and_things_and_withdrawn_people_are_none() -> None:
    marks = {mark["role"]: mark for mark in _made()["tender_mark"]}
    assert set(marks) == {"delegate", "device"}  # the record of `staff` is no longer live
    assert (marks["delegate"]["mark_id"], marks["delegate"]["accepted"]) == ("pa", True)
    assert (marks["device"]["mark_id"], marks["device"]["record_id"]) == (MACHINE, None)


def test_a_part_tells_lots_of_one_number_apart() -> None:
    made = _made({"part": "2"})
    assert made["tender_entry"][0]["lot_id"] == f"{LOT}#2" == made["tender_mark"][0]["lot_id"]


def test_steps_are_clean() -> None:
    check(plan.steps(KINDS))
    check(plan.steps(("room",)))
