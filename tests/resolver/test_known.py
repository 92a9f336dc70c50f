"""What was known on a day: facts are made anew from the versions of events that were told by then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.cfd_rules.model import EVENT, PARTICIPANT, record_table
from cityweave.resolver import known
from cityweave.resolver.model import MEMBERSHIP
from cityweave.resolver.model_life import HOME, PAST_PARTY, Trust
from tests.resolver.test_survive import Tables

TRUST = Trust({"hukou": 900, "marriage": 900}, succession={"ownership": {"hukou": "room"}})
HOMES = {1: "a" * 32, 2: "b" * 32}


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def told(number: int, type_: str, parties: dict[str, Any], batch: int = 1, **times: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A version of event `number` in a batch, with its participants (a number is a record, a text a thing)."""
    event = {"event_id": number << 12, "batch": batch, "row_no": number, "type": type_, "source": "hukou", "known_from": date(2020, batch, 1)}
    event |= {name: value if name == "closed" else day(value) for name, value in times.items()}
    named = [
        {"event_id": number << 12, "batch": batch, "row_no": number, "role": role, "record_id": who if isinstance(who, int) else None}
        | {"thing_id": who if isinstance(who, str) else None}
        for role, who in parties.items()
    ]
    return event, named


def facts_of(entity: str, on: str, *versions: tuple[dict[str, Any], list[dict[str, Any]]], recorded: Sequence[dict[str, Any]] = ()) -> list[tuple[Any, ...]]:
    """(type, from, to, parties) of the entity's facts as known on a day; record n is entity pn."""
    records = sorted({row["record_id"] for _, rows in versions for row in rows if row["record_id"]})
    content = {
        EVENT: [event for event, _ in versions],
        PARTICIPANT: [row for _, rows in versions for row in rows],
        MEMBERSHIP: [{"record_id": n, "kind": "person", "entity_id": f"p{n}"} for n in records],
        PAST_PARTY: [],
        record_table("person", ("marital",)): list(recorded),
        HOME: [{"thing_id": HOMES[1], "entity_id": "r1"}],
    }
    tables = Tables({table.name: pa.Table.from_pylist(rows, schema=table.schema) for table, rows in content.items()})
    made = known.facts_on(tables, TRUST, entity, date.fromisoformat(on))
    return sorted(
        (row["type"], str(row["valid_from"] or ""), str(row["valid_to"] or ""), tuple(sorted(who or thing or "" for _, who, thing in row["parties"])))
        for row in made
    )


MOVED = (
    told(
        1,
        "residence",
        {"resident": 1, "home": HOMES[1]},
        valid_from="2000-01-01",
        valid_to="2019-06-06",
        known_to="2020-03-01",
        closed="changed",
        closed_on="2020-03-01",
    ),
    told(1, "residence", {"resident": 1, "home": HOMES[2]}, batch=3, valid_from="2019-06-06"),
)


def test_an_end_is_not_known_before_we_learned_of_it() -> None:
    assert facts_of("p1", "2019-12-31", *MOVED) == []
    assert facts_of("p1", "2020-02-01", *MOVED) == [("residence", "2000-01-01", "", ("p1", "r1"))]
    assert facts_of("p1", "2020-03-01", *MOVED) == [("residence", "2000-01-01", "2019-06-06", ("p1", "r1")), ("residence", "2019-06-06", "", ("b" * 32, "p1"))]


def test_a_room_knows_who_lived_in_it_by_its_address() -> None:
    assert facts_of("r1", "2020-02-01", *MOVED) == [("residence", "2000-01-01", "", ("p1", "r1"))]


def test_what_was_corrected_later_still_held_then() -> None:
    wrong = told(1, "death", {"deceased": 1}, valid_from="2019-01-01", known_to="2020-02-01", closed="retracted", closed_on="2020-02-01")
    assert facts_of("p1", "2020-01-15", wrong) == [("death", "2019-01-01", "2019-01-01", ("p1",))]
    assert facts_of("p1", "2020-02-01", wrong) == []


def test_what_another_came_to_own_is_seen_from_the_one_who_owned_it_before() -> None:
    sold = (
        told(1, "ownership", {"owner": 1, "room": HOMES[1]}, valid_from="2000-01-01"),
        told(2, "ownership", {"owner": 2, "room": HOMES[1]}, batch=3, valid_from="2020-02-02"),
    )
    assert facts_of("p1", "2020-04-01", *sold) == [("ownership", "2000-01-01", "2020-02-02", ("p1", "r1"))]
    assert facts_of("p1", "2020-02-03", *sold) == [("ownership", "2000-01-01", "", ("p1", "r1"))]


def test_a_divorce_that_was_not_told_yet_ends_nothing() -> None:
    couple = {"spouse_a": 1, "spouse_b": 2}
    both = (told(1, "marriage", couple, valid_from="2000-01-01"), told(2, "divorce", couple, batch=2, valid_from="2010-01-01"))
    assert facts_of("p1", "2020-01-15", *both) == [("marriage", "2000-01-01", "", ("p1", "p2"))]
    assert ("marriage", "2000-01-01", "2010-01-01", ("p1", "p2")) in facts_of("p2", "2020-02-15", *both)


def test_who_was_recorded_as_divorced_by_then_was_no_longer_married() -> None:
    wedding = told(1, "marriage", {"spouse_a": 1, "spouse_b": 2}, valid_from="2000-05-01")
    row = {"record_id": 2, "batch": 3, "row_no": 1, "marital": "40", "known_from": date(2020, 3, 1), "recorded_at": date(2019, 8, 1)}
    ends = {on: facts_of("p1", on, wedding, recorded=[row])[0][2] for on in ("2020-02-01", "2020-04-01")}
    assert ends == {"2020-02-01": "", "2020-04-01": "2019-08-01"}
