"""Forms and units: what one identifier may hold together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cityweave.engine.trial import trial
from cityweave.resolver import form, place, unit
from cityweave.resolver.model import ContractInfo
from tests.resolver.village import Row, needed, number, record, tables

ID = number("990101", "1990-01-02", 1)
OTHER = number("990101", "1991-03-04", 2)
REGISTER = ContractInfo("reg", True, ("person.id_no",), "person")


def _units(rows: Sequence[Row], kind: str = "person", contracts: Sequence[ContractInfo] = (), **more: Sequence[Row]) -> dict[int, Row]:
    steps = [*place.steps(()), *form.steps(kind), *unit.steps(kind, contracts)]
    made = trial(steps, needed(steps, tables({kind: rows, **more})), [f"unit_{kind}", f"node_{kind}"])
    nodes = {row["record_id"]: row for row in made[f"node_{kind}"].to_pylist()}
    return {row["record_id"]: row | nodes[row["record_id"]] for row in made[f"unit_{kind}"].to_pylist()}


def _together(units: dict[int, Row]) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for number_, row in units.items():
        groups.setdefault(row["unit"], set()).add(number_)
    return {frozenset(group) for group in groups.values()}


def test_one_number_holds_compatible_names_only() -> None:
    rows = [
        record(1, name="王小明", id_no=ID),
        record(2, name="王小明", id_no=ID),
        record(3, name="王晓明", id_no=ID),  # sounds the same
        record(4, name="赵大刚", id_no=ID),  # a stranger
        record(5, name=None, id_no=ID, sex="1"),  # whose?
        record(6, name="王大明", former_name="王小明", id_no=ID),
        record(7, name="小明王", id_no=ID),  # the surname last
    ]
    assert _together(_units(rows)) == {frozenset({1, 2, 3, 6, 7}), frozenset({4}), frozenset({5})}


def test_no_chain_of_likenesses_drifts_away() -> None:
    rows = [record(1, name="王未", id_no=ID), record(2, name="王末", id_no=ID), record(3, name="王陌", id_no=ID), record(4, name="王未", id_no=ID)]
    groups = _together(_units(rows))  # 末 looks like 未 and sounds like 陌, but 陌 is nothing to 未, the leading name
    assert frozenset({1, 2, 4}) in groups and frozenset({3}) in groups


def test_fifteen_digits_are_the_eighteen_and_a_wrong_check_digit_is_no_identifier() -> None:
    short = ID[:6] + ID[8:17]
    wrong = ID[:17] + ("1" if ID[17] != "1" else "2")
    units = _units([record(1, name="王小明", id_no=ID.lower()), record(2, name="王小明", id_no=short), record(3, name="王小明", id_no=wrong)])
    assert _together(units) == {frozenset({1, 2}), frozenset({3})}
    assert units[2]["id_no"] == ID and units[3]["id_no"] is None


def test_a_number_of_the_future_is_not_usable() -> None:
    assert _units([record(1, name="王小明", id_no=number("990101", "2031-01-01", 3))])[1]["id_no"] is None


def test_accepted_needs_a_second_record_or_the_authority_itself() -> None:
    rows = [
        record(1, name="王小明", id_no=ID),
        record(2, name="王小明", id_no=ID),
        record(3, name="李丽", id_no=OTHER),
        record(4, "reg", name="陈刚", id_no=number("990102", "1980-01-01", 5)),
        record(5, "reg", "father", name="陈强", id_no=number("990102", "1950-01-01", 7)),  # only mentioned
    ]
    units = _units(rows, contracts=[REGISTER])
    assert [units[n]["accepted"] for n in range(1, 6)] == [True, True, False, True, False]
    assert [units[n]["number"] is not None for n in range(1, 6)] == [True, True, False, True, False]
    assert [units[n]["exclusive"] for n in range(1, 6)] == [None, None, None, "reg", None]


def test_closed_versions_are_not_seen() -> None:
    gone = record(2, name="王小明", id_no=ID) | {"known_to": record(1)["known_from"]}
    assert set(_units([record(1, name="王小明", id_no=ID), gone])) == {1}


def test_firms_without_a_code_and_with_one_whole_name_are_a_unit_but_people_are_not() -> None:
    firms = [record(n, role="employer", name="粤海鼎丰贸易有限公司") for n in (1, 2)]
    assert _together(_units(firms, "legal_entity")) == {frozenset({1, 2})}
    assert _together(_units([record(n, name="王小明") for n in (1, 2)])) == {frozenset({1}), frozenset({2})}


def test_a_firm_bears_its_former_name_by_its_word_or_by_its_history() -> None:
    code, older = _code("91990101", "00000001"), {"known_to": dt.date(2024, 2, 1), "batch": 1, "row_no": 1}
    rows = [
        record(1, role="firm", name="粤海新丰投资有限公司", uscc=code) | {"batch": 2},
        record(1, role="firm", name="粤海鼎丰贸易有限公司", uscc=code) | older,
        record(2, role="firm", name="粤海甲有限公司", former_name="粤海乙有限公司"),
        record(3, role="tenant", name="粤海丙有限公司") | {"batch": 2},
        record(3, role="tenant", name="粤海丁有限公司") | older,  # of a flat that was let anew: another firm
    ]
    steps = [*place.steps(()), *form.steps("legal_entity")]
    made = trial(steps, needed(steps, tables({"legal_entity": rows})), ["form_legal_entity"])["form_legal_entity"].to_pylist()
    assert {row["record_id"]: row["former"] for row in made} == {1: "粤海鼎丰贸易有限公司", 2: "粤海乙有限公司", 3: None}


def test_a_short_name_that_several_firms_share_names_none_of_them() -> None:
    codes = [_code("91990101", f"0000000{n}") for n in (1, 2, 3)]
    names = ("粤海市兴农水利工程股份有限公司", "粤海市兴农水利工程有限公司", "粤海市鼎丰贸易有限公司")
    rows = [record(n, role="firm", name=name, uscc=code) for n, (name, code) in enumerate(zip(names, codes, strict=True), 1)]
    rows += [record(n, role="employer", name=name) for n, name in enumerate(("兴农水利工程", "兴农水利工程", "兴农水利工程有限公司", "鼎丰贸易"), 4)]
    steps = [*place.steps(()), *form.steps("legal_entity")]

    def named(told: Sequence[Row]) -> dict[int, str | None]:
        made = trial(steps, needed(steps, tables({"legal_entity": told})), ["form_legal_entity"])["form_legal_entity"].to_pylist()
        return {row["record_id"]: row["name"] for row in made if row["record_id"] > 3}

    assert named(rows) == {4: None, 5: None, 6: "兴农水利工程有限公司", 7: "鼎丰贸易"}
    assert _together(_units(rows, "legal_entity")) >= {frozenset({4}), frozenset({5})}
    often = [record(n, role="firm", name=names[0], uscc=codes[0]) for n in range(11, 31)]
    assert named([*rows, *often])[4] == "兴农水利工程", "nine of ten mean the one"
    assert named([*rows, record(11, role="firm", name="兴农水利工程", uscc=codes[1])])[4] == "兴农水利工程", "the one is written so where its code is"


def test_places_join_on_code_then_on_address() -> None:
    address = [{"text": "甲路1号", "norm": "甲路1号", "building_norm": "甲路1号", "room_norm": None}]
    rows = [
        record(1, role="building", building_code="B1", address="甲路1号"),
        record(2, role="building", building_code="B1"),
        record(3, role="building", address="甲路1号"),
        record(4, role="building", building_code="B2"),
    ]
    steps = [*form.steps("building"), *unit.steps("building", ())]
    made = trial(steps, needed(steps, tables({"building": rows}, address)), ["unit_building"])["unit_building"].to_pylist()
    assert _together({row["record_id"]: row for row in made}) == {frozenset({1, 2, 3}), frozenset({4})}


def _code(prefix: str, org8: str) -> str:
    """A valid credit code (GB 32100) around an organisation code (GB 11714) of these eight digits."""
    org = org8 + "0X987654321"[sum(int(digit) * weight for digit, weight in zip(org8, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11]
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    first = prefix + org
    return first + alphabet[-sum(alphabet.index(mark) * pow(3, place, 31) for place, mark in enumerate(first)) % 31]


def test_an_old_certificate_is_the_code_that_the_data_say_it_became() -> None:
    code, stranger = _code("91990105", "01006503"), "990107123456789"
    name = "粤海鼎丰贸易有限公司"
    rows = [
        record(1, role="firm", name=name, uscc=code, reg_no="990105000000016"),
        record(2, role="firm", name=name, uscc=code[2:17]),  # the old tax number: region and organisation code
        record(3, role="firm", name=name, uscc=code[8:17]),  # the organisation code
        record(4, role="firm", name=name, reg_no="990105000000016"),  # the registration number
        record(5, role="firm", name="粤海永盛餐饮有限公司", uscc=stranger),
    ]
    units = _units(rows, "legal_entity")
    assert [units[n]["id_no"] for n in range(1, 6)] == [code] * 4 + [None]
    assert _together(units) == {frozenset({1, 2, 3, 4}), frozenset({5})}


def test_a_firm_that_takes_another_name_keeps_its_code() -> None:
    code, other, default = _code("91990105", "01006503"), _code("91990105", "02006503"), _code("91990105", "03006503")
    name = "粤海鼎丰旅游开发有限公司"
    rows = [record(n, role="firm", name=name, uscc=code) for n in (1, 2)]
    rows += [
        record(3, role="firm", name="鼎丰公司", uscc=code),  # short for it
        record(4, role="firm", name="粤海顺泰茶业有限公司", uscc=code),  # nobody else's name
        record(5, role="firm", name="粤海永盛餐饮有限公司", uscc=code),  # somebody else's: a wrong code
        record(6, role="firm", name="粤海永盛餐饮有限公司", uscc=other),
    ]
    rows += [record(10 + n, role="firm", name=f"粤海{brand}面馆", uscc=default) for n, brand in enumerate(("甲乙", "丙丁", "戊己", "庚辛"))]  # for want of a code
    together = _together(_units(rows, "legal_entity"))
    assert {frozenset({1, 2, 3, 4}), frozenset({5}), frozenset({6})} < together
    assert len(together) == 7


def test_a_city_written_with_and_without_its_word_makes_two_names_and_in_brackets_neither() -> None:
    names = ["粤海鼎丰贸易有限公司", "粤海市鼎丰贸易有限公司", "粤海鼎丰贸易有限责任公司", "粤海市鼎丰贸易有限责任公司", "鼎丰贸易（粤海）有限公司"]
    rows = [record(n, role="employer", name=name) for n, name in enumerate(names, 1)]
    assert _together(_units(rows, "legal_entity")) == {frozenset({1, 3}), frozenset({2, 4}), frozenset({5})}
    alone = [rows[1], rows[3], rows[4]]
    assert _together(_units(alone, "legal_entity")) == {frozenset({2, 4, 5})}


def test_a_name_without_its_region_is_the_firm_that_a_source_nearly_always_means() -> None:
    code = _code("91990105", "01006503")
    rows = [record(1, role="firm", name="粤海市龙冈区公证处", uscc=code)]
    rows += [record(n, "si", "employer", name="粤海市龙冈区公证处") for n in range(2, 42)]
    rows += [record(42, "si", "employer", name="粤海市云溪区公证处"), record(43, "si", "employer", name="公证处"), record(44, "tax", "employer", name="公证处")]
    units = _units(rows, "legal_entity")
    assert units[43]["unit"] == units[1]["unit"] != units[44]["unit"]
    rows += [record(n, "si", "employer", name="粤海市云溪区公证处") for n in range(50, 60)]
    assert _units(rows, "legal_entity")[43]["unit"] != units[1]["unit"]


def test_a_row_that_names_somebody_twice_does_not_bear_the_number_out() -> None:
    """Who applies for himself stands in the row twice."""
    rows = [record(n, role=role, key="1", name="王小明", id_no=ID) for n, role in ((1, "applicant"), (2, "beneficiary"))]
    assert [row["accepted"] for row in _units(rows).values()] == [False, False]
    assert all(row["accepted"] for row in _units([*rows, record(3, key="2", name="王小明", id_no=ID)]).values())
