"""Forms: what a record says in part is kept as far as it says it, and what its row says of others stands beside it."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pytest

from cityweave.engine.trial import trial
from cityweave.resolver import plan, saved, score, train
from cityweave.resolver.settings import BIT
from tests.resolver.village import Row, needed, number, people, record, tables

ID = number("990101", "1990-01-02", 1)


def _forms(*rows: Row) -> dict[int, Row]:
    steps = plan.training_steps(["person"], [])
    made = trial(steps, needed(steps, tables({"person": rows})), ["form_person"])["form_person"].to_pylist()
    return {row["record_id"]: row for row in made}


Told: TypeAlias = tuple[str, str, tuple[tuple[str, int], ...], str]
"""An event: type, source, (role, record_id) of each party, and its household or ""."""


def _told(rows: list[Row], *events: Told, row_no: tuple[int, ...] = ()) -> dict[str, list[Row]]:
    """The rows of `form_person`, `node_person` and `apart_person`; each event in a row of its own, or those given."""
    given = tables({"person": rows})
    told = list(enumerate(events, start=1))
    at = dict(enumerate(row_no or range(1, len(events) + 1), start=1))
    given["event"] = pa.Table.from_pylist(
        [{"event_id": n, "batch": 1, "row_no": at[n], "type": type_, "source": source} for n, (type_, source, _, _) in told], schema=given["event"].schema
    )
    given["participant"] = pa.Table.from_pylist(
        [{"event_id": n, "batch": 1, "row_no": at[n], "role": role, "record_id": who} for n, (_, _, parties, _) in told for role, who in parties]
        + [{"event_id": n, "batch": 1, "row_no": at[n], "role": "household", "thing_id": family} for n, (_, _, _, family) in told if family],
        schema=given["participant"].schema,
    )
    steps = plan.training_steps(["person"], [])
    made = trial(steps, needed(steps, given), ["form_person", "node_person", "apart_person"])
    return {name: table.to_pylist() for name, table in made.items()}


def _each(rows: list[Row]) -> dict[int, Row]:
    return {row["record_id"]: row for row in rows}


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (f"{ID[:6]}********{ID[14:]}", f"{ID[:6]}********{ID[14:]}"),
        (f"{ID[:3]}***{ID[14:]}", f"{ID[:3]}{'*' * 11}{ID[14:]}"),
        (f"**************{ID[14:]}", f"{'*' * 14}{ID[14:]}"),
        ("G7****186", "***:G7****186"),
        ("**", None),
    ],
)
def test_a_masked_number_keeps_what_is_seen_at_its_place_and_is_no_number(written: str, part: str | None) -> None:
    form = _forms(record(1, name="王小明", id_part=written))[1]
    assert (form["id_part"], form["id_no"], form["id_text"]) == (part, None, None)


def test_who_tells_his_former_number_is_found_by_the_one_of_now_under_either() -> None:
    """Nobody else is: another name under the former number keeps it, and a number that several call their former one changes nothing."""
    now, last, other = number("990102", "1990-01-02", 1), number("990103", "1990-01-02", 1), number("990104", "1991-01-02", 1)
    rows = [
        record(1, name="王小明", id_no=ID),
        record(2, name="王小明", id_no=now, former_id_no=ID),
        record(3, name="王小明", id_no=last, former_id_no=now),
        record(4, name="李芳", id_no=ID),
        record(5, name="陈海", id_no=other),
        record(6, name="陈海", id_no=now, former_id_no=other),
        record(7, name="陈海", id_no=last, former_id_no=other),
        record(8, name="TANAKA DAVID", id_type="414", id_no="G78620186", former_id_no="E1234567"),
        record(9, name="TANAKA DAVID", id_type="414", id_no="E1234567"),
    ]
    made = _forms(*rows)
    assert [made[n]["id_no"] for n in (1, 2, 3)] == [last] * 3
    assert [made[n]["id_no"] for n in (4, 5, 9)] == [ID, other, "414:G78620186"]
    assert made[1]["id_birth"] == "1990-01-02"


@pytest.mark.parametrize(
    ("birth", "span"),
    [
        ("1990-01-02", ("1990-01-02", "1990-01-02")),
        ("1990-01", ("1990-01-01", "1990-01-31")),
        ("1990", ("1990-01-01", "1990-12-31")),
        ("1989-07-01/1990-06-30", ("1989-07-01", "1990-06-30")),
        ("不详", (None, None)),
    ],
)
def test_an_incomplete_birth_is_a_span(birth: str, span: tuple[str | None, str | None]) -> None:
    form = _forms(record(1, name="王小明", birth=birth))[1]
    assert (form["born_from"], form["born_to"]) == span
    assert form["born"] == (birth if span[0] and span[0] == span[1] else None)


@pytest.mark.parametrize(
    ("written", "part", "surname"),
    [("李*清", "李*清", "李"), ("李＊＊", "李**", "李"), ("李某某", "李**", "李"), ("李某", "李*", "李"), ("*清", "*清", None), ("欧阳*", "欧阳*", "欧阳"), ("李莲清", None, "李")],
)
def test_a_masked_name_is_a_pattern_and_no_name(written: str, part: str | None, surname: str | None) -> None:
    form = _forms(record(1, name=written))[1]
    assert (form["name_part"], form["surname"], form["name"]) == (part, surname, None if part else written)


@pytest.mark.parametrize("written", ["李雨灵之子", "娄文之次女", "未取名", "新生儿"])
def test_a_newborn_that_is_called_after_its_mother_has_no_name(written: str) -> None:
    assert _forms(record(1, name=written))[1]["name"] is None


def test_who_has_no_number_is_known_by_the_household_of_who_shares_the_department_s_own() -> None:
    """The poverty list numbers families its own way; the household register has the head under his number."""
    rows = [
        record(1, "register", name="王小明", id_no=ID, household_no="H1"),
        record(2, "poverty", name="王小明", id_no=ID),
        record(3, "poverty", name="王丽"),
        record(4, "poverty", name="陈海"),
        record(5, "charity", name="王丽"),
    ]
    lists = ((2, "poverty", "F7"), (3, "poverty", "F7"), (4, "poverty", "F8"), (5, "charity", "F7"))
    told = [("household", source, (("member", who),), family) for who, source, family in lists]
    made = _each(_told(rows, *told)["form_person"])
    assert [made[n]["folk"] for n in range(1, 6)] == [None, None, "H1", None, None]


def test_a_parent_has_a_sex_and_is_older_than_the_child() -> None:
    """By birth or adoption; whose ward somebody is tells neither."""
    rows = [
        record(1, role="child", name="王小明", birth="2015-03-04"),
        record(2, role="mother", name="李芳"),
        record(3, role="guardian", name="王海"),
        record(4, name="李芳", id_no=ID),
    ]
    made = _told(rows, ("birth", "s", (("child", 1), ("mother", 2)), ""), ("guardianship", "s", (("ward", 1), ("guardian", 3)), ""))
    form, node = (_each(made[name]) for name in ("form_person", "node_person"))
    assert [(form[n]["sex"], form[n]["child_born"]) for n in (2, 3)] == [("2", "2015-03-04"), (None, None)]
    assert (form[4]["sex"], form[4]["sexed"]) == (None, "21"[int(ID[16]) % 2])
    assert [(node[n]["born_first"], node[n]["born_last"]) for n in (2, 3)] == [((2015 - 75) * 12 + 3, (2015 - 15) * 12 + 3), (None, None)]


def test_those_whom_a_row_lists_beside_each_other_are_as_many_people() -> None:
    """Two owners of a room; two rooms of one owner, each an event of the row, are another matter."""
    rows = [record(n, "title", f"owner{n}", "k", name="王小明") for n in (1, 2)] + [record(3, "title", name="王小明")]
    made = _told(rows, *(("ownership", "title", (("owner", who),), "") for who in (1, 2, 2, 3)), row_no=(1, 1, 1, 4))["apart_person"]
    assert [(pair["left_id"], pair["right_id"]) for pair in made] == [(1, 2)]


def test_a_guardian_is_known_by_the_ward_and_by_the_household_that_other_rows_tell_of_the_ward() -> None:
    """A school names the guardian of a pupil, the birth register the mother of the same child, who has no number there; the insurance lists the household."""
    rows = [
        record(1, "school", "pupil", name="娄文瑞", id_no=ID),
        record(2, "school", "guardian", name="李雨灵"),
        record(3, "birth", "child", name="娄文瑞", birth="1990-01-02"),
        record(4, "birth", "mother", name="李雨灵"),
        record(5, "insurance", name="娄文瑞", id_no=ID, household_no="H1"),
        record(6, "insurance", name="李雨灵", household_no="H1"),
    ]
    parties = (("guardianship", "school", (("ward", 1), ("guardian", 2)), ""), ("birth", "birth", (("child", 3), ("mother", 4)), ""))
    made = _each(_told(rows, *parties)["form_person"])
    assert made[2]["kin"] == made[4]["kin"] == "child:娄文瑞|1990-01-02"
    assert (made[2]["kin_no"], made[4]["kin_no"]) == (f"child:{ID}", None)
    assert (made[2]["folk"], made[6]["household"], made[4]["folk"]) == ("H1", "H1", None)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> saved.Model:
    """Learned in a village where some numbers are masked and some births are years."""
    rows, _ = people(400, seed=7)
    for row in rows[::5]:
        whole = row.pop("id_no")
        row |= {"id_part": f"{whole[:6]}********{whole[14:]}" if whole else None, "birth": (row["birth"] or "1990")[:4]}
    steps = plan.training_steps(["person"], [])
    learnt = trial(steps, needed(steps, tables({"person": rows})), ["form_person", "unit_person"])
    return saved.save(train.train(plan.SETTINGS["person"], learnt["form_person"], learnt["unit_person"]), tmp_path_factory.mktemp("model") / "person.json")


def _levels(model: saved.Model, left: dict[str, Any], right: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """What each comparison says of two records: level and part."""
    settings = plan.SETTINGS["person"]
    steps = plan.steps(["person"], {"person": model}, [], [])
    pair = [record(1, **{"name": "王小明", **left}), record(2, **{"name": "王小明", **right})]
    steps.append(score.explained_step(settings, model))
    (made,) = trial(steps, needed(steps, tables({"person": pair})), ["weighed_person"])["weighed_person"].to_pylist()
    names = {(each.name, each.code(level)): level.name for each in settings.comparisons for level in each.levels}
    return {each.name: (names.get((each.name, made[f"level_{each.name}"]), ""), made[f"part_{each.name}"]) for each in settings.comparisons}


def test_what_is_seen_of_two_numbers_weighs_by_how_much_it_is_and_speaks_against_where_it_differs(model: saved.Model) -> None:
    ten, four = f"{ID[:6]}********{ID[14:]}", f"{ID[:3]}***********{ID[14:]}"
    other = number("990101", "1991-05-06", 734)
    said = {text: _levels(model, {"id_part": text}, {"id_no": ID})["id_part"] for text in (ten, four)}
    assert [said[text][0] for text in (ten, four)] == ["most", "many"]
    assert said[ten][1] > 6 * BIT
    level, part = _levels(model, {"id_part": ten}, {"id_no": other})["id_part"]
    assert level == "different" and part < -2 * BIT


def test_numbers_of_two_documents_say_nothing_where_they_differ_and_a_part_of_one_fits_its_like(model: saved.Model) -> None:
    old, new = {"id_type": "414", "id_no": "E1234567"}, {"id_type": "414", "id_no": "G78620186"}
    assert [_levels(model, old, other)["id_no"][0] for other in (new, {"id_no": ID}, {"id_no": "E1234567"})] == ["", "", ""]
    masked = [_levels(model, {"id_part": "G7****186"}, other)["id_part"][0] for other in (new, {"id_no": ID}, {"id_type": "414", "id_no": "G78620187"})]
    assert masked == ["many", "", "one_digit"]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        *[("陈海磊", "海磊陈", "swapped"), ("欧阳海磊", "海磊欧阳", "swapped"), ("李芳萍", "李萍芳", "turned"), ("田俊杰", "田俊", "part"), ("田杰", "田俊杰", "part")],
        *[("陈海磊", "陈海雷", "sound"), ("田俊杰", "田俊人", "one_character"), ("田俊杰", "田大海", "family")],
    ],
)
def test_slips_of_a_name_of_a_few_characters(model: saved.Model, one: str, other: str, level: str) -> None:
    said = {"id_no": ID, "birth": "1990-03-07"}, {"birth": "1990-03-07", "id_no": number("990101", "1990-03-07", 734)[:-1]}
    for left, right in ((one, other), (other, one)):
        assert _levels(model, {"name": left, **said[0]}, {"name": right, **said[1]})["name"][0] == level


def test_a_masked_name_speaks_for_whom_it_fits_and_against_others(model: saved.Model) -> None:
    fits, differs = (_levels(model, {"name": "王*明", "phone": "10012345678"}, {"name": name, "phone": "10012345678"})["name_part"] for name in ("王小明", "王小刚"))
    assert fits[0] == "fits" and fits[1] > 4 * BIT
    assert differs[0] == "different" and differs[1] < -4 * BIT


def test_a_surname_alone_speaks_by_its_rarity_and_is_no_whole_name(model: saved.Model) -> None:
    for told in ({"name": "王*"}, {"name": "王女士"}, {"name": None, "surname": "王"}):
        fits = _levels(model, {**told, "phone": "10012345678"}, {"name": "王小明", "phone": "10012345678"})
        assert fits["name_part"][0] == "surname" and fits["name"][0] == ""
        assert fits["name_part"][1] < 5 * BIT
    assert _levels(model, {"name": "王*", "phone": "10012345678"}, {"name": "李小明", "phone": "10012345678"})["name_part"][0] == "different"


def test_a_year_that_fits_weighs_little_and_one_that_does_not_speaks_against(model: saved.Model) -> None:
    fits = _levels(model, {"birth": "1990"}, {"birth": "1990-01-02"})
    assert fits["born_part"][0] == "year" and 2 * BIT < fits["born_part"][1] < 8 * BIT and fits["birth"][0] == ""
    assert _levels(model, {"birth": "1970"}, {"birth": "1990-01-02"})["born_part"][1] < -2 * BIT


def test_each_of_several_former_names_is_as_good_as_the_others() -> None:
    made = _forms(record(1, name="王小明", former_name="王小鸣;李 小明"), record(2, name="王小明"))
    assert [made[n]["former"] for n in (1, 2)] == ["王小鸣;李小明", None]
