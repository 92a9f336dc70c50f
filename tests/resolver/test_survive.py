"""The golden value of an element: whose word counts, and that nothing but what is said decides it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from cityweave.cfd_rules.model import REPAIR, VIOLATION, record_table
from cityweave.engine.trial import trial
from cityweave.resolver import known, survive
from cityweave.resolver.model import MEMBERSHIP
from cityweave.resolver.model_life import Trust

ELEMENTS = ("name", "birth", "phone")
RECORD = record_table("person", ELEMENTS)
TRUST = Trust({"hukou": 900, "marriage": 900, "insurance": 600}, {"person": {"name": ("hukou",), "birth": ("hukou", "marriage")}})


def record(number: int, source: str, on: str = "2020-01-01", **values: Any) -> dict[str, Any]:
    """An open version of a record; its ref follows `key`, not its number."""
    key = values.pop("key", str(number))
    base = {"record_id": number, "ref": f"{source}|{key}|person", "source": source, "key": key, "role": "person", "batch": 1, "row_no": number}
    return base | {"known_from": date(2020, 1, 1), "recorded_at": date.fromisoformat(on)} | values


def rows(records: list[dict[str, Any]], entities: dict[int, str] | None = None, repairs: Any = (), violations: Any = ()) -> dict[str, pa.Table]:
    """The tables that survivorship reads; all records are one entity unless `entities` says otherwise."""
    live = [r["record_id"] for r in records if r.get("known_to") is None]
    members = [{"record_id": number, "kind": "person", "entity_id": (entities or {}).get(number, "p1")} for number in live]
    made = {RECORD: records, MEMBERSHIP: members, REPAIR: list(repairs), VIOLATION: list(violations)}
    return {table.name: pa.Table.from_pylist(content, schema=table.schema) for table, content in made.items()}


def golden(*records: dict[str, Any], **others: Any) -> dict[str, tuple[str, int, str]]:
    """Element -> value, record, rule, of the one entity."""
    made = trial(survive.steps("person", ELEMENTS, TRUST, ("format",)), rows(list(records), **others), ["golden_person"])["golden_person"]
    return {row["element"]: (row["value"], row["record_id"], row["rule"]) for row in made.to_pylist()}


def cell(number: int, element: str, **values: Any) -> dict[str, Any]:
    """A violation or a repair of one cell."""
    return {"record_id": number, "batch": 1, "row_no": number, "kind": "person", "element": element, "rule": "r"} | values


def test_what_one_record_alone_says_needs_no_rule() -> None:
    assert golden(record(1, "insurance", name="王伟"), record(2, "hukou"))["name"] == ("王伟", 1, "only")


def test_the_authority_of_the_element_comes_first() -> None:
    late = record(1, "insurance", "2023-01-01", name="王玮", birth="1960-01-02")
    told = golden(late, record(2, "hukou", "2001-01-01", name="王伟"), record(3, "marriage", birth="1960-01-01"))
    assert told["name"] == ("王伟", 2, "authority")
    assert told["birth"] == ("1960-01-01", 3, "authority")


def test_an_authority_speaks_of_those_its_rows_are_about() -> None:
    trust = replace(TRUST, roles={"hukou": {"name": ("person",), "birth": ("person",)}})
    mentioned = record(1, "hukou", "2023-01-01", name="王玮", birth="1960-01-02") | {"role": "father"}
    told = rows([mentioned, record(2, "insurance", "2001-01-01", name="王伟")])
    made = trial(survive.steps("person", ELEMENTS, replace(trust, sources=dict.fromkeys(TRUST.sources, 900)), ("format",)), told, ["golden_person"])
    assert {row["element"]: (row["value"], row["rule"]) for row in made["golden_person"].to_pylist()} == {
        "name": ("王玮", "recency"),
        "birth": ("1960-01-02", "only"),
    }
    about = rows([mentioned, record(2, "insurance", "2024-01-01", name="王伟"), record(3, "hukou", "2001-01-01", name="王炜")])
    made = trial(survive.steps("person", ELEMENTS, trust, ("format",)), about, ["golden_person"])
    assert {row["value"]: row["rule"] for row in made["golden_person"].to_pylist() if row["element"] == "name"} == {"王炜": "authority"}


def test_a_number_that_is_anothers_is_none_of_this_one() -> None:
    elements = ("name", "id_no")
    table = record_table("person", elements)
    records = [record(1, "hukou", name="小宝", id_no="mother's"), record(2, "marriage", name="小宝")]
    told = rows([], violations=[cell(1, "id_no", rule="number_of_another", category="uniqueness")])
    told |= {table.name: pa.Table.from_pylist(records, schema=table.schema), "membership": rows(records)["membership"]}
    made = trial(survive.steps("person", elements, TRUST), told, ["golden_person"])["golden_person"].to_pylist()
    assert [(row["element"], row["value"]) for row in made] == [("name", "小宝")]


def test_a_number_of_several_sources_goes_before_one_of_a_single_source_and_one_that_nobody_can_bear_is_none() -> None:
    elements = ("name", "id_no")
    table = record_table("person", elements)
    records = [record(n, source, "2001-01-01", id_no=number) for n, source, number in ((1, "hukou", "A"), (2, "insurance", "A"), (3, "marriage", "B"))]

    def chosen(trust: Trust, *bad: int) -> list[str]:
        told = rows([], violations=[cell(n, "id_no", category="validity") for n in bad])
        told |= {table.name: pa.Table.from_pylist(records, schema=table.schema), "membership": rows(records)["membership"]}
        made = trial(survive.steps("person", elements, trust, ("validity",)), told, ["golden_person"])["golden_person"].to_pylist()
        return [row["value"] for row in made if row["element"] == "id_no"]

    trust = Trust({"marriage": 950, "hukou": 900, "insurance": 600})
    assert chosen(trust) == ["A"]
    assert chosen(Trust(trust.sources, {"person": {"id_no": ("marriage",)}})) == ["B"], "the source that decides may know of a new number first"
    assert chosen(trust, 1, 2) == ["B"] and chosen(trust, 1, 2, 3) == []


def test_a_number_that_somebody_calls_the_former_one_goes_behind() -> None:
    """Two sources still tell the number before the change, the register the one of now."""
    table = record_table("person", ("id_no", "former_id_no"))
    told = [record(1, "hukou", id_no="A"), record(2, "insurance", id_no="A"), record(3, "marriage", id_no="B", former_id_no="A")]
    given = rows(told) | {table.name: pa.Table.from_pylist(told, schema=table.schema)}
    made = trial(survive.steps("person", ("id_no", "former_id_no"), TRUST), given, ["golden_person"])["golden_person"].to_pylist()
    assert {row["element"]: row["value"] for row in made} == {"id_no": "B", "former_id_no": "A"}


def test_then_trust_then_recency_then_ref() -> None:
    assert golden(record(1, "insurance", "2023-01-01", phone="1"), record(2, "marriage", "2001-01-01", phone="2"))["phone"] == ("2", 2, "trust")
    assert golden(record(1, "marriage", "2001-01-01", phone="1"), record(2, "hukou", "2002-01-01", phone="2"))["phone"] == ("2", 2, "recency")
    assert golden(record(9, "insurance", key="a", phone="1"), record(2, "insurance", key="b", phone="2"))["phone"] == ("1", 9, "tie")


def test_trust_may_be_learned_for_one_element() -> None:
    learned = Trust(TRUST.sources, learned={"person": {"phone|insurance": 950}})
    tables = rows([record(1, "insurance", phone="1", birth="1960-01-01"), record(2, "hukou", phone="2", birth="1960-01-02")])
    made = trial(survive.steps("person", ELEMENTS, learned), tables, ["golden_person"])["golden_person"].to_pylist()
    assert [(row["element"], row["record_id"], row["rule"]) for row in made] == [("birth", 2, "trust"), ("phone", 1, "trust")]


def test_recency_is_when_it_was_recorded_never_the_batch() -> None:
    late_batch = record(1, "insurance", "2001-01-01", phone="1") | {"batch": 9}
    assert golden(late_batch, record(2, "insurance", "2020-01-01", phone="2"))["phone"] == ("2", 2, "recency")


def test_a_value_that_fails_its_class_loses_even_from_the_authority() -> None:
    bad = [cell(2, "birth", category="format", source="hukou", role="person", grade=2)]
    records = (record(1, "insurance", birth="1960-01-01"), record(2, "hukou", birth="1960-31-01"))
    assert golden(*records, violations=bad)["birth"] == ("1960-01-01", 1, "valid")
    assert golden(records[1], violations=bad)["birth"] == ("1960-31-01", 2, "only")
    other = [bad[0] | {"category": "consistency"}]
    assert golden(*records, violations=other)["birth"] == ("1960-31-01", 2, "authority")


@pytest.mark.parametrize(("strength", "expected"), [("certain", ("1960-01-31", 2, "repair")), ("heuristic", ("1960-01-01", 1, "valid"))])
def test_only_sure_repairs_stand_in_for_what_was_delivered(strength: str, expected: tuple[str, int, str]) -> None:
    bad = [cell(2, "birth", category="format", source="hukou", role="person", grade=2)]
    mended = [cell(2, "birth", strength=strength, old="1960-31-01", new="1960-01-31", reason="")]
    assert golden(record(1, "insurance", birth="1960-01-01"), record(2, "hukou", birth="1960-31-01"), violations=bad, repairs=mended)["birth"] == expected


def test_a_repair_may_fill_an_empty_cell() -> None:
    mended = [cell(1, "birth", strength="certain", old=None, new="1960-01-31", reason="")]
    assert golden(record(1, "insurance", name="王伟"), repairs=mended)["birth"] == ("1960-01-31", 1, "repair")


def test_an_entity_is_its_golden_values_and_who_knows_it() -> None:
    records = [record(1, "insurance", name="王玮", phone="1"), record(2, "hukou", name="王伟"), record(3, "hukou")]
    made = trial(survive.steps("person", ELEMENTS, TRUST), rows(records, {3: "p3"}), ["entity_person"])["entity_person"].to_pylist()
    assert made == [
        {"entity_id": "p1", "name": "王伟", "birth": None, "phone": "1", "records": 2, "sources": "hukou+insurance"},
        {"entity_id": "p3", "name": None, "birth": None, "phone": None, "records": 1, "sources": "hukou"},
    ]


def test_what_was_known_then_is_chosen_anew() -> None:
    old = record(1, "hukou", name="王伟") | {"known_to": date(2021, 1, 1)}
    new = record(1, "hukou", name="王玮") | {"known_from": date(2021, 1, 1), "batch": 2}
    tables = Tables(rows([old, new, record(2, "insurance", name="李四")], {1: "p1", 2: "p2"}))
    for day, names in (("2019-01-01", []), ("2020-12-31", ["王伟"]), ("2021-01-01", ["王玮"])):
        told = known.golden_on(tables, "person", ELEMENTS, TRUST, (), "p1", date.fromisoformat(day))
        assert [(row["element"], row["value"], row["record_id"], row["rule"]) for row in told] == [("name", name, 1, "only") for name in names]


class Tables:
    """Tables looked up as a generation's are."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        return (
            self.tables[name]
            .filter(pc.is_in(self.tables[name][column], pa.array(values, self.tables[name].schema.field(column).type)))
            .select(list(columns or self.tables[name].column_names))
        )


VALUES = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["hukou", "marriage", "insurance"]),
        "on": st.sampled_from(["2001-01-01", "2002-01-01", "2003-01-01"]),
        "name": st.sampled_from([None, "王伟", "王玮"]),
        "birth": st.sampled_from([None, "1960-01-01", "1960-02-01"]),
    }
)


@settings(max_examples=25, deadline=None)
@property_of(st.lists(st.tuples(VALUES, st.sampled_from(["p1", "p2"])), min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_arrival_decides_nothing(told: list[tuple[dict[str, Any], str]], random: Any, seed: int) -> None:
    """The same records under other numbers, in other batches, in shuffled rows: the same values from the same refs."""
    answers = []
    for _ in range(2):
        numbers = list(range(1, len(told) + 1))
        random.shuffle(numbers)
        records = [record(number, **values, key=str(place)) | {"batch": number} for place, (number, (values, _)) in enumerate(zip(numbers, told, strict=True))]
        refs = {r["record_id"]: r["ref"] for r in records}
        entities = {number: entity for number, (_, entity) in zip(numbers, told, strict=True)}
        made = trial(survive.steps("person", ELEMENTS, TRUST), rows(records, entities), ["golden_person"], shuffle=seed)["golden_person"]
        answers.append(sorted((r["entity_id"], r["element"], r["value"], refs[r["record_id"]], r["rule"]) for r in made.to_pylist()))
    assert all(a == b for a, b in itertools.pairwise(answers))


def test_a_row_about_a_firm_goes_before_one_that_mentions_it() -> None:
    """Though the insurance is trusted more, it only names an employer; the business register is about the firm."""
    elements = ("name", "phone")
    table = record_table("legal_entity", elements)
    trust = Trust({"insurance": 990, "register": 900}, about={"legal_entity": [("register", "firm")]})
    told = [
        record(1, "insurance", name="锦源电子", phone="1", role="employer"),
        record(2, "register", "2001-01-01", name="澜浦市锦源电子有限公司", role="firm"),
    ]
    members = [{"record_id": n, "kind": "legal_entity", "entity_id": "l1"} for n in (1, 2)]
    tables = rows([]) | {table.name: pa.Table.from_pylist(told, schema=table.schema), "membership": pa.Table.from_pylist(members, schema=MEMBERSHIP.schema)}
    made = trial(survive.steps("legal_entity", elements, trust), tables, ["golden_legal_entity"])["golden_legal_entity"].to_pylist()
    assert [(row["element"], row["value"]) for row in made] == [("name", "澜浦市锦源电子有限公司"), ("phone", "1")]


@pytest.mark.parametrize(
    ("birth", "golden_birth"),
    [("1990-03", ("1990-03-07", "number")), (None, ("1990-03-07", "number")), ("1990-03-08", ("1990-03-08", "only")), ("1991", ("1991", "only"))],
)
def test_the_number_tells_the_day_where_sources_tell_a_part(birth: str | None, golden_birth: tuple[str, str]) -> None:
    elements = ("id_no", "birth", "sex")
    table = record_table("person", elements)
    told = rows([]) | {table.name: pa.Table.from_pylist([record(1, "hukou", id_no="110101199003077213", birth=birth)], schema=table.schema)}
    told["membership"] = pa.Table.from_pylist([{"record_id": 1, "kind": "person", "entity_id": "p1"}], schema=MEMBERSHIP.schema)
    made = {row["element"]: (row["value"], row["rule"]) for row in trial(survive.steps("person", elements, TRUST), told, ["golden_person"])["golden_person"].to_pylist()}
    assert made["birth"] == golden_birth and made["sex"] == ("1", "number")
