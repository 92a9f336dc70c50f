"""What an entity's other records say repairs what one source got wrong, and what may have been true when it was written stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.model import record_table, rule_repair_table, rule_violation_table
from cityweave.engine.lint import check
from cityweave.engine.trial import trial
from cityweave.resolver import firms, mend, names
from cityweave.resolver.model import MEMBERSHIP, unit
from cityweave.resolver.model_life import Trust

SOURCES = ("hukou", "insurance", "marriage", "death")
TRUST = Trust(dict.fromkeys(SOURCES, 900), {"legal_entity": {"name": ("hukou",)}})
NUMBER = "110101199003077213"
KNOWN = registry.load()
GRADES = {"person.id_no": 4, "legal_entity.uscc": 1}


def repairs(kind: str, *told: dict[str, Any], usable: str = NUMBER, rules: Any = ()) -> dict[tuple[int, str], Any]:
    """(record, element) -> new value, of records 1, 2, … that are all one entity; `source` and `role` of each stand beside its values."""
    table = record_table(kind, KNOWN.names(kind))  # type: ignore[arg-type]
    base = {"batch": 1, "known_from": date(2020, 1, 1), "recorded_at": date(2020, 1, 1), "role": "p", "key": "k"}
    records = [base | {"record_id": n, "row_no": n, "ref": f"{n}", "source": SOURCES[n % 4]} | values for n, values in enumerate(told, start=1)]
    number = mend.NUMBER[kind]
    units = [{"record_id": r["record_id"], "unit": 1, "id_no": r.get(number) if r.get(number) == usable else None, "accepted": True} for r in records]
    texts = pa.table({"text": pa.array(sorted({r["name"] for r in records if r.get("name")}), pa.string())})
    tables: dict[str, Any] = {
        table.name: pa.Table.from_pylist(records, schema=table.schema),
        "membership": pa.Table.from_pylist([{"record_id": r["record_id"], "kind": kind, "entity_id": "e"} for r in records], schema=MEMBERSHIP.schema),
        "rule_repair": pa.Table.from_pylist(list(rules), schema=rule_repair_table().schema),
        "rule_violation": pa.Table.from_pylist([], schema=rule_violation_table().schema),
    }
    if number:
        tables[f"unit_{kind}"] = pa.Table.from_pylist(units, schema=unit(kind).schema)
        tables[f"name_form_{kind}"] = (names if kind == "person" else firms).name_form({"t": texts}, {}, {})
    cells = {(kind, element): [(source, "p") for source in SOURCES] for element in KNOWN.names(kind)}  # type: ignore[arg-type]
    made = trial(mend.steps([kind], cells, TRUST, GRADES), tables, ["repair"], shuffle=1)["repair"].to_pylist()
    assert all(row["reason"] and row["old"] != row["new"] for row in made)
    return {(row["record_id"], row["element"]): row["new"] for row in made if row["rule"] == "entity"}


def test_what_cannot_change_is_held_to_the_others() -> None:
    told = [{"birth": "1980-01-02", "sex": "1"}] * 2 + [{"birth": "1980-02-01", "sex": "1"}, {}]
    assert repairs("person", *told) == {(3, "birth"): "1980-01-02", (4, "birth"): "1980-01-02", (4, "sex"): "1"}


def test_a_tie_abstains_and_one_source_is_not_enough() -> None:
    assert repairs("person", {"birth": "1980-01-02"}, {"birth": "1980-02-01"}) == {}
    assert repairs("person", {"birth": "1980-01-02"}, {}) == {}
    assert repairs("person", {"birth": "1980-01-02", "source": "hukou"}, {"birth": "1980-01-02", "source": "hukou"}, {"birth": "1980-02-01"}) == {}


def test_a_shared_number_says_when_one_was_born() -> None:
    told = [{"id_no": NUMBER, "birth": "1990-03-07"}, {"birth": "1990-07-03"}, {}]
    assert repairs("person", *told) == {(2, "birth"): "1990-03-07", (2, "id_no"): NUMBER, (3, "birth"): "1990-03-07", (3, "id_no"): NUMBER} | {
        (n, "sex"): "1" for n in (1, 2, 3)
    }


@pytest.mark.parametrize(("written", "mended"), [("110101199003077231", True), ("11010119900307721", True), ("330101198003077213", False), (None, True)])
def test_a_number_is_repaired_where_it_is_unusable_and_near(written: str | None, mended: bool) -> None:
    told = [{"id_no": NUMBER, "birth": "1990-03-07", "sex": "1"}, {"id_no": written, "birth": "1990-03-07", "sex": "1"}]
    assert repairs("person", *told) == ({(2, "id_no"): NUMBER} if mended else {})


@pytest.mark.parametrize(("slip", "mended"), [("王韦民", True), ("王偉民", True), ("王伟", True), ("王伟明", False), ("李伟民", False), ("王建国", False)])
def test_a_slip_of_the_name_is_repaired_and_another_name_is_not(slip: str, mended: bool) -> None:
    assert repairs("person", {"name": "王伟民"}, {"name": "王伟民"}, {"name": slip}) == ({(3, "name"): "王伟民"} if mended else {})


def test_a_former_name_is_no_slip() -> None:
    assert repairs("person", {"name": "王伟民", "former_name": "王韦民"}, {"name": "王伟民"}, {"name": "王韦民"}) == {}


def test_what_may_have_been_true_stays() -> None:
    told = [{"address": "甲路1号", "phone": "13800000000", "relation": "02"}] * 2 + [{"address": "乙路2号", "phone": "13900000000", "relation": "11"}, {}]
    assert repairs("person", *told) == {}


def test_a_phone_of_wrong_length_one_digit_away() -> None:
    assert repairs("person", {"phone": "13812345678"}, {"phone": "1381234567"}) == {(2, "phone"): "13812345678"}
    assert repairs("person", {"phone": "13812345678"}, {"phone": "13812345679"}, {"phone": "1381234567"}) == {}, "two would fit"


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("新丰投资有限公司", True),
        ("新丰投资（粤海）有限公司", True),
        ("粤海市新丰投资有限责任公司", True),
        ("粤海市新沣投资有限公司", True),
        ("粤海市锦绣投资有限公司", False),
    ],
)
def test_a_firm_is_called_what_its_register_calls_it(written: str, mended: bool) -> None:
    told = [{"name": "粤海市新丰投资有限公司", "source": "hukou"}, {"name": written, "source": "insurance"}]
    assert repairs("legal_entity", *told) == ({(2, "name"): "粤海市新丰投资有限公司"} if mended else {})


@pytest.mark.parametrize("told", [{"former_name": "新丰投资（粤海）有限公司"}, {}])
def test_a_firm_that_was_called_so_before_makes_no_slip(told: dict[str, str]) -> None:
    rows = [{"name": "粤海市新丰投资有限公司", "source": "hukou"} | told, {"name": "新丰投资（粤海）有限公司", "source": "insurance"}]
    assert repairs("legal_entity", *rows) == ({} if told else {(2, "name"): "粤海市新丰投资有限公司"})


def test_what_a_rule_repaired_goes_first() -> None:
    rule = {
        "record_id": 3,
        "batch": 1,
        "row_no": 3,
        "kind": "person",
        "element": "birth",
        "rule": "r",
        "strength": "certain",
        "new": "1970-01-01",
        "reason": "r",
    }
    told = [{"birth": "1980-01-02"}] * 2 + [{}]
    assert repairs("person", *told, rules=[rule]) == {}


def test_the_steps_keep_to_what_steps_may_say() -> None:
    check(mend.steps(("building", "room", "person", "legal_entity"), {("person", "birth"): [("hukou", "p")]}, TRUST, GRADES))


@pytest.mark.parametrize(
    ("part", "mended"), [("1980-01-01/1980-12-31", False), ("1980", False), ("1980-01", False), ("1990-01-01/1990-12-31", True), ("32", True)]
)
def test_a_right_part_of_a_date_is_no_error(part: str, mended: bool) -> None:
    told = [{"birth": "1980-01-02", "sex": "1"}] * 2 + [{"birth": part, "sex": "1"}]
    assert repairs("person", *told) == ({(3, "birth"): "1980-01-02"} if mended else {})
    twice = [*told, {"birth": "1980-02-01", "sex": "1"}, {"birth": "1980-01-02", "sex": "1"}]
    assert ((3, "birth") in repairs("person", *twice)) == mended


def test_a_firm_named_by_its_district_without_the_city_is_named_rightly() -> None:
    told = [{"name": "粤海市龙冈区春蕾小学", "source": source} for source in ("hukou", "death")] + [
        {"name": "龙冈区春蕾小学"},
        {"name": "春蕾小学", "source": "marriage"},
    ]
    assert repairs("legal_entity", *told, usable="") == {(4, "name"): "粤海市龙冈区春蕾小学"}


def test_the_number_of_another_is_found_and_repaired_where_there_is_an_own() -> None:
    """Record 1 and 2 are the mother with her number, 3 and 4 a child with her number on one of its rows, 5 another child that has no own; of three that bear
    one number by right each (6 to 8) none bears another's, nor does the one that writes it once more (9).
    """
    own, shared = "110101201001010018", "110101198001010033"
    entities = ("mother", "mother", "child", "child", "baby", "x", "y", "z", "y")
    numbers = (NUMBER, NUMBER, NUMBER, own, NUMBER, *[shared] * 4)
    table = record_table("person", KNOWN.names("person"))
    base = {"batch": 1, "known_from": date(2020, 1, 1), "recorded_at": date(2020, 1, 1), "role": "p", "key": "k", "source": "hukou"}
    records = [base | {"record_id": n, "row_no": n, "ref": f"{n}", "id_no": number} for n, number in enumerate(numbers, start=1)]
    units = [{"record_id": n, "unit": n, "id_no": number, "accepted": n in (1, 2, 4, 6, 7, 8)} for n, number in enumerate(numbers, start=1)]
    members = [{"record_id": n, "kind": "person", "entity_id": entity} for n, entity in enumerate(entities, start=1)]
    tables = {
        table.name: pa.Table.from_pylist(records, schema=table.schema),
        "membership": pa.Table.from_pylist(members, schema=MEMBERSHIP.schema),
        "rule_repair": pa.Table.from_pylist([], schema=rule_repair_table().schema),
        "rule_violation": pa.Table.from_pylist([], schema=rule_violation_table().schema),
        "unit_person": pa.Table.from_pylist(units, schema=unit("person").schema),
        "name_form_person": names.name_form({"t": pa.table({"text": pa.array([], pa.string())})}, {}, {}),
    }
    made = trial(mend.steps(["person"], {("person", "id_no"): [("hukou", "p")]}, TRUST, GRADES), tables, ["violation", "repair"], shuffle=1)
    found = [(row["record_id"], row["element"], row["rule"], row["grade"]) for row in made["violation"].to_pylist()]
    assert found == [(3, "id_no", "number_of_another", 4), (5, "id_no", "number_of_another", 4)]
    assert [(row["record_id"], row["old"], row["new"]) for row in made["repair"].to_pylist()] == [(3, NUMBER, own)]
