"""What service lists read: dates of birth as they are told, by sources and by numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.cfd_rules.model import EVENT, PARTICIPANT
from cityweave.engine.trial import trial
from cityweave.graph import standing
from cityweave.resolver import model
from cityweave.resolver.model_life import PAST_PARTY, entity_table

DAY = date(2025, 10, 5)


def told(*records: tuple[str, str | None, str | None, bool], golden: str | None = None) -> list[dict[str, Any]]:
    """`birth_told` of one entity, of records (source, birth, birth in the number, whether the number is accepted)."""
    rows = list(enumerate(records, start=1))
    tables = {
        "membership": pa.table({"record_id": [n for n, _ in rows], "kind": ["person"] * len(rows), "entity_id": ["p1"] * len(rows)}),
        "record_person": pa.table(
            {
                "record_id": [n for n, _ in rows],
                "source": [row[0] for _, row in rows],
                "birth": pa.array([row[1] for _, row in rows], pa.string()),
                "known_from": [DAY] * len(rows),
                "known_to": pa.array([None] * len(rows), pa.date32()),
            }
        ),
        "form_person": pa.Table.from_pylist(
            [{"record_id": n, "source": source, "id_birth": number} for n, (source, _, number, _) in rows], schema=model.form("person").schema
        ),
        "unit_person": pa.Table.from_pylist(
            [{"record_id": n, "unit": n, "accepted": accepted} for n, (_, _, _, accepted) in rows], schema=model.unit("person").schema
        ),
        "entity_person": pa.Table.from_pylist([{"entity_id": "p1", "birth": golden}], schema=entity_table("person", ("birth", "address")).schema),
    }
    steps = [step for step in standing.steps(("person",), ("hukou", "permit"), {}) if step.name == "birth_told"]
    return trial(steps, tables, ["birth_told"])["birth_told"].to_pylist()


def test_an_accepted_number_speaks_for_itself() -> None:
    (row,) = told(("hukou", "1961-02-24", "1961-02-24", True), golden="1961-02-24")
    assert (row["birth"], row["sources"], row["tellers"], row["number"], row["golden"], row["known_from"]) == ("1961-02-24", "hukou", 1, True, True, DAY)


def test_a_number_that_nothing_bears_out_is_its_sources_word() -> None:
    made = {row["birth"]: row for row in told(("permit", "1971-02-24", "1961-02-24", False), golden="1971-02-24")}
    assert {birth: (row["sources"], row["number"], row["golden"]) for birth, row in made.items()} == {
        "1971-02-24": ("permit", False, True),
        "1961-02-24": ("permit", False, False),
    }
    assert all(row["known_to"] is None for row in made.values())
    (alone,) = told(("permit", None, "1961-02-24", False))
    assert (alone["birth"], alone["sources"], alone["tellers"]) == ("1961-02-24", "permit", 1)


def test_a_school_whose_name_says_so_is_one_before_school() -> None:
    schools = {"l1": "春蕾幼儿园", "l2": "春蕾小学", "l3": "春蕾学校"}
    day = {"known_from": DAY, "recorded_at": DAY, "valid_from": DAY, "batch": 1, "row_no": 1}
    events = [day | {"event_id": n, "type": "schooling", "source": "s", "detail": "小学" if school == "l3" else None} for n, school in enumerate(schools)]
    parts = [
        {"event_id": n, "batch": 1, "row_no": 1, "role": role, "record_id": 10 * n + place}
        for n in range(len(schools))
        for place, role in enumerate(("pupil", "school"))
    ]
    held = [
        {"record_id": 10 * n + place, "kind": kind, "entity_id": entity}
        for n, school in enumerate(schools)
        for place, (kind, entity) in enumerate((("person", f"p{n}"), ("legal_entity", school)))
    ]
    tables = {
        "event": pa.Table.from_pylist(events, schema=EVENT.schema),
        "participant": pa.Table.from_pylist(parts, schema=PARTICIPANT.schema),
        "membership": pa.Table.from_pylist(held, schema=model.MEMBERSHIP.schema),
        "past_party": pa.Table.from_pylist([], schema=PAST_PARTY.schema),
        "entity_legal_entity": pa.Table.from_pylist(
            [{"entity_id": school, "name": name} for school, name in schools.items()], schema=entity_table("legal_entity", ("name",)).schema
        ),
    }
    steps = [step for step in standing.steps(("person", "legal_entity"), ("s",), {}) if step.name == "standing"]
    made = trial(steps, tables, ["standing"])["standing"].to_pylist()
    assert {row["entity_id"]: row["detail"] for row in made} == {"p0": "学前", "p1": None, "p2": "小学"}
