"""Facts become lives: the states of an entity, what ends them, and what cannot be true of one life."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.model import record_table
from cityweave.engine.lint import check
from cityweave.engine.trial import trial
from cityweave.resolver import facts, life_rules, lifecycle, survive
from cityweave.resolver.model import MEMBERSHIP
from cityweave.resolver.model_life import FACT, FACT_PARTY, ROLES, Trust, entity_table

KINDS = {"person": "birth", "legal_entity": "founded", "building": "built"}
GRADES = {"person.birth": 2, "person.address": 3, "person.marital": 4}
HOME = "c" * 32


FIRM = record_table("legal_entity", registry.load().names("legal_entity"))


def lives(
    *told: tuple[str, tuple[str | None, ...], str], began: dict[str, str] | None = None, sex: str = "", bounded: bool = False, register: list[dict[str, Any]] | None = None
) -> dict[str, list[tuple[Any, ...]]]:
    """`lifecycle` and `life_conflict` of facts (type, parties, "from/to"), numbered from 1, as plain rows."""
    facts, parties = [], []
    for number, (type_, who, span) in enumerate(told, start=1):
        start, _, end = span.partition("/")
        dates = {"valid_from": date.fromisoformat(start) if start else None, "valid_to": date.fromisoformat(end) if end else None}
        facts.append({"fact_id": number, "type": type_, "events": 1, "sources": "hukou", "bounded": bounded} | dates)
        for role, party in zip(ROLES[type_], who, strict=True):
            if party:
                thing = len(party) == 32
                parties.append({"fact_id": number, "role": role, "entity_id": None if thing else party, "thing_id": party if thing else None})
    tables: dict[str, Any] = {"fact": pa.Table.from_pylist(facts, schema=FACT.schema), "fact_party": pa.Table.from_pylist(parties, schema=FACT_PARTY.schema)}
    for kind, element in KINDS.items():
        table = entity_table(kind, (element, "sex"))
        rows = [{"entity_id": entity, element: text, "sex": sex or None} for entity, text in (began or {}).items() if entity[0] == kind[0]]
        tables[table.name] = pa.Table.from_pylist(rows, schema=table.schema)
    versions = [{"record_id": 1, "ref": "r", "source": "s", "key": "k", "role": "f", "batch": n, "row_no": n} | row for n, row in enumerate(register or [])]
    tables["record_legal_entity"] = pa.Table.from_pylist(versions, schema=FIRM.schema)
    tables["membership"] = pa.Table.from_pylist([{"record_id": 1, "kind": "legal_entity", "entity_id": "l1"}] if register else [], schema=MEMBERSHIP.schema)
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
        ("p1", "moved_in_after_death", 3, 1, 3),
        ("p2", "died_before_birth", 4, None, 2),
        ("p4", "mother_too_young", 5, None, 2),
        ("p5", "two_marriages", 7, 6, 4),
    ]
    assert {rule for _, rule, *_ in made["conflicts"]} <= set(life_rules.SENTENCES)


def test_what_was_recorded_after_a_death_may_have_begun_before_it_but_not_what_was_recorded_before_a_birth() -> None:
    told = [("death", ("p1",), "2005-01-01"), ("employment", ("p1", "l1"), "2006-01-01"), ("employment", ("p2", "l1"), "1970-01-01")]
    made = lives(*told, began={"p2": "1975-01-01"}, bounded=True)
    assert [row[:3] for row in made["conflicts"]] == [("p2", "employed_before_birth", 3)]


def test_a_child_may_be_born_after_the_fathers_death_and_a_widow_may_marry() -> None:
    made = lives(
        ("death", ("p1",), "2000-01-01"),
        ("birth", ("p2", "p3", "p1"), "2000-06-01"),
        ("marriage", ("p3", "p1"), "1990-01-01"),
        ("marriage", ("p3", "p4"), "2001-01-01"),
    )
    assert made["conflicts"] == []


@pytest.mark.parametrize(
    ("birth", "sex", "day", "wrong"),
    [
        ("1970-03-01", "1", "1992-03-01", False),
        ("1970-03-01", "1", "1992-02-29", True),
        ("1970-03-01", "2", "1990-03-01", False),
        ("1970-03-01", "2", "1990-02-28", True),
        ("1972-02-29", "2", "1992-02-29", False),
        ("1971-02-28", "", "1971-03-01", True),
        ("1950-01-01", "", "1985-01-01", False),
        ("1960-01-01", "1", "1979-01-01", False),
    ],
)
def test_nobody_marries_below_the_legal_age_of_the_time(birth: str, sex: str, day: str, wrong: bool) -> None:
    """Men at 22, women at 20 since 1981; before, at 18; of whom no register tells the sex nothing is said."""
    made = lives(("marriage", ("p1", "p2"), day), began={"p1": birth}, sex=sex)
    assert [row[1] for row in made["conflicts"]] == (["married_too_young"] if wrong else [])


def test_work_school_and_firms_have_their_time() -> None:
    made = lives(
        ("employment", ("p1", "l1"), "1995-01-01"),
        ("schooling", ("p1", "l2"), "1979-01-01"),
        ("founding", ("l1",), "1996-01-01"),
        ("birth", ("p3", "p4", None), "1990-01-01"),
        ("birth", ("p3", "p5", None), "1990-01-01"),
        began={"p1": "1980-01-01"},
    )
    assert [row[:4] for row in made["conflicts"]] == [
        ("l1", "hired_before_founding", 1, 3),
        ("p1", "employed_too_young", 1, None),
        ("p1", "enrolled_before_birth", 2, None),
        ("p3", "two_births", 5, 4),
    ]


def test_who_leaves_the_city_lives_there_no_more() -> None:
    made = lives(("residence", ("p1", HOME), "1990-01-01"), ("departure", ("p1",), "1999-09-09"), ("residence", ("p1", "d" * 32), "2005-01-01"))
    assert of(made, "p1") == [("moved_out", "1999-09-09", ""), ("resident", "1990-01-01", "1999-09-09"), ("resident", "2005-01-01", "")]


def test_a_birth_without_a_day_takes_it_from_the_golden_value() -> None:
    assert of(lives(("birth", ("p1", "p2", None), ""), began={"p1": "1980-01-01"}), "p1") == [("born", "1980-01-01", "")]


def test_a_firms_register_tells_its_states_and_one_that_cannot_follow() -> None:
    def told(name: str, status: str, day: str, known: str, until: str | None) -> dict[str, Any]:
        closed = {"known_to": date.fromisoformat(until), "closed": "changed"} if until else {}
        return {"name": name, "status": status, "valid_from": date.fromisoformat(day), "known_from": date.fromisoformat(known)} | closed

    register = [
        told("甲公司", "存续（在营、开业、在册）", "2000-01-01", "2020-01-01", "2020-02-01"),
        told("乙公司", "吊销，未注销", "2010-01-01", "2020-02-01", "2020-03-01"),
        told("乙公司", "存续", "2011-01-01", "2020-03-01", None),
    ]
    made = lives(register=register)
    assert of(made, "l1") == [("active", "2000-01-01", "2010-01-01"), ("renamed", "2010-01-01", ""), ("revoked", "2010-01-01", "")]
    assert made["conflicts"] == []
    late = lives(("cancellation", ("l1",), "2005-01-01"), register=[told("甲公司", "存续", "2008-01-01", "2020-01-01", None)])
    assert [row[:4] for row in late["conflicts"]] == [("l1", "active_after_cancelled", None, 1)]


def test_the_machines_are_whole_and_every_conflict_has_its_sentence() -> None:
    for kind, machine in life_rules.MACHINE.items():
        reached = {state for after in machine.values() for state in after}
        assert "" in machine and {state for state in machine if state and state not in reached} <= {"unmarried", "registered", "employed"}, kind
    assert all(" / " in sentence for sentence in life_rules.SENTENCES.values())


def test_the_steps_keep_to_what_steps_may_say() -> None:
    trust = Trust({"hukou": 900, "marriage": 800}, {"person": {"name": ("hukou",)}}, {"marriage": ("marriage",)}, {"person": {"name|hukou": 950}})
    check([*survive.steps("person", ("name", "birth"), trust, ("validity",)), *facts.steps(trust, KINDS), *lifecycle.steps(tuple(KINDS), GRADES)])
