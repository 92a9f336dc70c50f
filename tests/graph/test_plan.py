"""Facts become edges and nodes: each rule of graph/model.py on a small set of facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from cityweave.engine.lint import check
from cityweave.engine.trial import trial
from cityweave.graph import plan
from cityweave.graph.model import EDGE_TYPES, RULES
from cityweave.resolver.model_life import FACT, FACT_PARTY, ROLES, TELLING, entity_table

RECORDED = date(2015, 5, 5)
HOUSE, HOME = "a" * 32, "c" * 32
ELEMENTS = {"building": ("built",), "room": ("address",), "person": ("birth",), "legal_entity": ("founded",)}


def made(*told: tuple[str, tuple[str | None, ...], str, str | None], entities: dict[str, str | None] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Edges and nodes of facts (type, parties, "from/to", detail); fact number n has id n * 4096."""
    facts, parties, tellings = [], [], []
    for number, (type_, who, span, detail) in enumerate(told, start=1):
        start, _, end = span.partition("/")
        dates = {"valid_from": date.fromisoformat(start) if start else None, "valid_to": date.fromisoformat(end) if end else None}
        facts.append({"fact_id": number << 12, "type": type_, "detail": detail, "events": 2, "sources": "hukou+marriage"} | dates)
        tellings.append({"telling_id": number << 12, "type": type_, "party_1": who[0], "recorded_at": RECORDED})
        for role, party in zip(ROLES[type_], who, strict=True):
            if party:
                thing = len(party) == 32
                parties.append({"fact_id": number << 12, "role": role, "entity_id": None if thing else party, "thing_id": party if thing else None})
    begun = entities or {}
    letters = {"b": "building", "r": "room", "p": "person", "l": "legal_entity"}
    tables: dict[str, Any] = {"fact": pa.Table.from_pylist(facts, schema=FACT.schema), "fact_party": pa.Table.from_pylist(parties, schema=FACT_PARTY.schema)}
    tables["telling"] = pa.Table.from_pylist(tellings, schema=TELLING.schema)
    for kind, (element,) in ELEMENTS.items():
        table = entity_table(kind, (element,))
        rows = [{"entity_id": entity, element: text} for entity, text in begun.items() if letters[entity[0]] == kind]
        tables[table.name] = pa.Table.from_pylist(rows, schema=table.schema)
    return {name: rows.to_pylist() for name, rows in trial(plan.steps(), tables, ["edge", "node"], shuffle=3).items()}


def shown(edges: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted((e["type"], e["from_id"], e["to_id"], str(e["valid_from"] or ""), str(e["valid_to"] or ""), e["detail"]) for e in edges)


def test_each_rule_makes_its_edge() -> None:
    edges = made(
        ("marriage", ("p1", "p2"), "1990-01-01/2000-01-01", None),
        ("birth", ("p3", "p2", "p1"), "1991-01-01/1991-01-01", None),  # a moment founds what lasts
        ("adoption", ("p4", "p2", "p1"), "1995-01-01/1995-01-01", None),
        ("residence", ("p1", HOME), "1991-01-01", None),
        ("residence", ("p2", "r1"), "", None),
        ("ownership", ("l1", "r1"), "", None),
        ("employment", ("p1", "l1"), "", None),
        ("legal_representative", ("p2", "l1"), "", None),
        ("shareholding", ("l2", "l1"), "", "300000"),
        ("part_of", ("r1", "b1"), "", None),
        ("death", ("p1",), "2010-01-01", None),
    )["edge"]
    assert shown(edges) == [
        ("legal_representative", "p2", "l1", "", "", None),
        ("lives_in", "p1", HOME, "1991-01-01", "2010-01-01", None),  # he died then
        ("lives_in", "p2", "r1", "", "", None),
        ("owns", "l1", "r1", "", "", None),
        ("parent", "p1", "p3", "1991-01-01", "", "father"),
        ("parent", "p1", "p4", "1995-01-01", "", "adoptive_father"),
        ("parent", "p2", "p3", "1991-01-01", "", "mother"),
        ("parent", "p2", "p4", "1995-01-01", "", "adoptive_mother"),
        ("room_in_building", "r1", "b1", "", "", None),
        ("shareholder", "l2", "l1", "", "", "300000"),
        ("spouse", "p1", "p2", "1990-01-01", "2000-01-01", None),
        ("works_for", "p1", "l1", "", "2010-01-01", None),
    ]
    assert {(e["fact_id"], e["events"], e["sources"]) for e in edges if e["type"] == "spouse"} == {(1 << 12, 2, "hukou+marriage")}


def test_a_marriage_ends_with_a_life_and_one_dated_after_it_began_on_no_known_day() -> None:
    told = (("marriage", ("p1", "p2"), "2012-03-01", None), ("death", ("p2",), "2010-01-01", None), ("ownership", ("p2", "r1"), "2001-01-01", None))
    edges = made(*told)["edge"]
    assert shown(edges) == [("owns", "p2", "r1", "2001-01-01", "", None), ("spouse", "p1", "p2", "", "2010-01-01", None)]
    undated = made(("marriage", ("p1", "p2"), "1999-03-01", None), ("death", ("p2",), "", None))["edge"]
    assert shown(undated) == [("spouse", "p1", "p2", "1999-03-01", str(RECORDED), None)], "it was over by the day on which the death was recorded"


def test_members_are_kin_of_the_head_of_their_time() -> None:
    edges = made(
        ("household", ("p1", HOUSE), "1990-01-01/2000-01-01", "02"),
        ("household", ("p2", HOUSE), "1995-01-01", "10"),
        ("household", ("p3", HOUSE), "2000-01-01", "02"),
        ("household", ("p4", "b" * 32), "2000-01-01", "20"),
    )["edge"]
    assert shown([e for e in edges if e["type"] == "kin"]) == [
        ("kin", "p2", "p1", "1995-01-01", "2000-01-01", "10"),
        ("kin", "p2", "p3", "2000-01-01", "", "10"),
    ]
    assert len([e for e in edges if e["type"] == "household"]) == 4
    assert len({e["edge_id"] for e in edges}) == len(edges)


def test_a_branch_belongs_to_its_head_office_while_it_does() -> None:
    (edge,) = made(("branch", ("l1", "l2"), "2010-01-01", None))["edge"]
    assert (edge["type"], edge["from_id"], edge["to_id"], str(edge["valid_from"]), edge["valid_to"]) == ("branch_of", "l1", "l2", "2010-01-01", None)


def test_nobody_is_related_to_himself() -> None:
    assert made(("marriage", ("p1", "p1"), "", None))["edge"] == []


def test_nodes_are_entities_with_their_ends_and_the_things_that_edges_touch() -> None:
    told = (("death", ("p1",), "2010-01-01", None), ("household", ("p1", HOUSE), "", "02"), ("cancellation", ("l1",), "2011-01-01", None))
    nodes = made(*told, entities={"p1": "1960-01-01", "l1": "1999-09-09", "b1": "1980", "r1": None})["node"]
    assert [tuple(str(v or "") for v in n.values()) for n in nodes] == [
        (HOUSE, "thing", "", "", ""),
        ("b1", "building", "1980", "", ""),
        ("l1", "legal_entity", "1999-09-09", "2011-01-01", "hukou+marriage"),
        ("p1", "person", "1960-01-01", "2010-01-01", "hukou+marriage"),
        ("r1", "room", "", "", ""),
    ]


def test_rules_are_numbered_once_and_speak_of_roles_there_are() -> None:
    assert len({(rule.fact, rule.number) for rule in RULES}) == len(RULES)
    assert all({rule.from_role, rule.to_role} <= set(ROLES[rule.fact]) for rule in RULES)
    assert set(EDGE_TYPES) == {
        "spouse",
        "parent",
        "kin",
        "household",
        "lives_in",
        "owns",
        "works_for",
        "legal_representative",
        "shareholder",
        "studies_at",
        "guardian",
        "room_in_building",
        "branch_of",
    }


def test_the_steps_keep_to_what_steps_may_say() -> None:
    check(plan.steps())
