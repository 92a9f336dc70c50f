"""Facts become lives: the states of an entity, what ends them, and what cannot be true of one life."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.engine.lint import check
from cityweave.engine.trial import trial
from cityweave.resolver import facts, lifecycle, survive
from cityweave.resolver.model_life import FACT, FACT_PARTY, ROLES, Trust, entity_table

KINDS = {"person": "birth", "legal_entity": "founded", "building": "built"}
GRADES = {"person.birth": 2, "person.address": 3, "person.marital": 4}
HOME = "c" * 32


def lives(*told: tuple[str, tuple[str | None, ...], str], began: dict[str, str] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """`lifecycle` and `life_conflict` of facts (type, parties, "from/to"), numbered from 1, as plain rows."""
    facts, parties = [], []
    for number, (type_, who, span) in enumerate(told, start=1):
        start, _, end = span.partition("/")
        dates = {"valid_from": date.fromisoformat(start) if start else None, "valid_to": date.fromisoformat(end) if end else None}
        facts.append({"fact_id": number, "type": type_, "events": 1, "sources": "hukou"} | dates)
        for role, party in zip(ROLES[type_], who, strict=True):
            if party:
                thing = len(party) == 32
                parties.append({"fact_id": number, "role": role, "entity_id": None if thing else party, "thing_id": party if thing else None})
    tables: dict[str, Any] = {"fact": pa.Table.from_pylist(facts, schema=FACT.schema), "fact_party": pa.Table.from_pylist(parties, schema=FACT_PARTY.schema)}
    for kind, element in KINDS.items():
        table = entity_table(kind, (element,))
        rows = [{"entity_id": entity, element: text} for entity, text in (began or {}).items() if entity[0] == kind[0]]
        tables[table.name] = pa.Table.from_pylist(rows, schema=table.schema)
    made = trial(lifecycle.steps(tuple(KINDS), GRADES), tables, ["lifecycle", "life_conflict"], shuffle=1)
    states = [
        (r["entity_id"], r["state"], str(r["valid_from"] or ""), str(r["valid_to"] or ""), r["fact_id"], r["other_id"]) for r in made["lifecycle"].to_pylist()
    ]
    conflicts = [(r["entity_id"], r["rule"], r["fact_id"], r["against_id"], r["grade"]) for r in made["life_conflict"].to_pylist()]
    return {"states": sorted(states, key=str), "conflicts": sorted(conflicts, key=str)}


def of(made: dict[str, list[tuple[Any, ...]]], entity: str, *states: str) -> list[tuple[Any, ...]]:
    return [row[1:4] for row in made["states"] if row[0] == entity and (not states or row[1] in states)]


def test_a_life_is_its_facts_from_birth_to_death() -> None:
    made = lives(
        ("birth", ("p1", "p2", "p3"), "1950-01-01"),
        ("residence", ("p1", HOME), "1950-01-01"),
        ("employment", ("p1", "l1"), "1970-01-01/1980-01-01"),
        ("employment", ("p1", "l2"), "1980-01-01"),
        ("ownership", ("p1", "r1"), "1990-01-01"),
        ("death", ("p1",), "2010-05-05"),
    )
    assert of(made, "p1") == [
        ("born", "1950-01-01", ""),
        ("died", "2010-05-05", ""),
        ("employed", "1970-01-01", "1980-01-01"),
        ("employed", "1980-01-01", "2010-05-05"),
        ("owner", "1990-01-01", "2010-05-05"),
        ("resident", "1950-01-01", "2010-05-05"),
    ]
    assert (of(made, "p2"), of(made, "p3"), of(made, "r1")) == (
        [("became_mother", "1950-01-01", "")],
        [("became_father", "1950-01-01", "")],
        [("owned_by", "1990-01-01", "2010-05-05")],
    )
    assert made["conflicts"] == []


def test_a_spouses_death_leaves_a_widow_until_she_marries_again() -> None:
    made = lives(("marriage", ("p1", "p2"), "1980-01-01"), ("death", ("p1",), "1990-01-01"), ("marriage", ("p2", "p3"), "1995-01-01"))
    assert of(made, "p2") == [("married", "1980-01-01", "1990-01-01"), ("married", "1995-01-01", ""), ("widowed", "1990-01-01", "1995-01-01")]
    assert of(made, "p1", "married", "widowed") == [("married", "1980-01-01", "1990-01-01")]
    assert made["conflicts"] == []


def test_after_a_divorce_there_is_no_widow() -> None:
    made = lives(("marriage", ("p1", "p2"), "1980-01-01/1985-01-01"), ("divorce", ("p1", "p2"), "1985-01-01"), ("death", ("p1",), "1990-01-01"))
    assert of(made, "p2") == [("divorced", "1985-01-01", ""), ("married", "1980-01-01", "1985-01-01")]


def test_a_firm_ends_what_it_holds_when_it_is_cancelled() -> None:
    made = lives(("legal_representative", ("p1", "l1"), "2000-01-01"), ("cancellation", ("l1",), "2005-01-01"), began={"l1": "1999-09-09"})
    assert of(made, "l1") == [("cancelled", "2005-01-01", ""), ("founded", "1999-09-09", ""), ("represented_by", "2000-01-01", "2005-01-01")]
    assert of(made, "p1") == [("legal_representative", "2000-01-01", "2005-01-01")]


def test_golden_values_begin_a_life_where_no_fact_does() -> None:
    made = lives(("birth", ("p1", None, "p3"), "1950-01-01"), began={"p1": "1950-01-02", "p2": "1960-01-01", "p4": "1960-13-01", "b1": "1980"})
    assert [row[:5] for row in made["states"] if row[1] in ("born", "built")] == [
        ("b1", "built", "1980-01-01", "", None),
        ("p1", "born", "1950-01-01", "", 1),
        ("p2", "born", "1960-01-01", "", None),
    ]


def test_lives_that_cannot_be_are_flagged_with_the_grade_of_what_was_compared() -> None:
    made = lives(
        ("death", ("p1",), "2000-01-01"),
        ("employment", ("p1", "l1"), "2001-01-01"),
        ("residence", ("p1", HOME), "2002-01-01"),
        ("death", ("p2",), "1950-01-01"),
        ("birth", ("p3", "p4", None), "1980-01-01"),
        ("marriage", ("p5", "p6"), "1990-01-01"),
        ("marriage", ("p5", "p7"), "1995-01-01"),
        ("cancellation", ("l2",), "2000-01-01"),
        ("founding", ("l2",), "2001-01-01"),
        began={"p2": "1960-01-01", "p4": "1980-01-01", "p5": "1960-01-01"},
    )
    assert made["conflicts"] == [
        ("l2", "founded_after_cancellation", 9, 8, 2),
        ("p1", "employed_after_death", 2, 1, 2),
        ("p1", "moved_after_death", 3, 1, 3),
        ("p2", "died_before_birth", 4, None, 2),
        ("p4", "mother_not_older", 5, None, 2),
        ("p5", "two_marriages", 7, 6, 4),
    ]
    assert {rule for _, rule, *_ in made["conflicts"]} <= set(lifecycle.SENTENCES)


def test_a_child_may_be_born_after_the_fathers_death_and_a_widow_may_marry() -> None:
    made = lives(
        ("death", ("p1",), "2000-01-01"),
        ("birth", ("p2", "p3", "p1"), "2000-06-01"),
        ("marriage", ("p3", "p1"), "1990-01-01"),
        ("marriage", ("p3", "p4"), "2001-01-01"),
    )
    assert made["conflicts"] == []


def test_the_steps_keep_to_what_steps_may_say() -> None:
    trust = Trust({"hukou": 900, "marriage": 800}, {"person": {"name": ("hukou",)}}, {"marriage": ("marriage",)}, {"person": {"name|hukou": 950}})
    check([*survive.steps("person", ("name", "birth"), trust, ("validity",)), *facts.steps(trust, KINDS), *lifecycle.steps(tuple(KINDS), GRADES)])
