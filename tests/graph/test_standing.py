"""What service lists read: dates of birth as they are told, by sources and by numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.engine.trial import trial
from cityweave.graph import standing
from cityweave.resolver import model
from cityweave.resolver.model_life import entity_table

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
