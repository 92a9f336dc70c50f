"""Service lists: who is eligible, to be checked, left out; leap days, the turn of the year, both times, sources that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cityweave.engine.errors import InputError, RuleError
from cityweave.graph import service_rule
from cityweave.graph.dates import add_months, add_years, text_days
from cityweave.graph.model_service import BIRTH_TOLD, COVERAGE, DOUBT, REASONS, STANDING, Roll
from cityweave.graph.roll import period_of, roll

TODAY = date(2026, 1, 5)
SENIOR = service_rule.shipped()["senior-card"]


class World:
    """Tables of a few lines, looked up by scanning."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {"standing": [], "birth_told": [], "doubt": [], "coverage": []}
        self.schemas = {table.name: table.schema for table in (STANDING, BIRTH_TOLD, DOUBT, COVERAGE)}

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        return pa.Table.from_pylist([row for row in self.rows[name] if row[column] in set(values)], schema=self.schemas[name])

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        return pa.Table.from_pylist(self.rows[name], schema=self.schemas[name])

    def born(self, who: str, birth: str, sources: str = "hukou", *, number: bool = True, golden: bool = True, **told: Any) -> World:
        row = {"birth": birth, "entity_id": who, "sources": sources, "tellers": len(sources.split("+")), "number": number, "golden": golden}
        self.rows["birth_told"].append(row | {"known_from": date(2020, 1, 1), "known_to": None} | told)
        return self

    def told(self, who: str, type_: str, start: str = "2000-01-01", end: str | None = None, **more: Any) -> World:
        row: dict[str, Any] = dict.fromkeys(STANDING.names)
        row |= {"entity_id": who, "type": type_, "event_id": len(self.rows["standing"]), "batch": 1, "row_no": 1, "source": "hukou"}
        row |= {"valid_from": date.fromisoformat(start), "valid_to": date.fromisoformat(end) if end else None, "known_from": date(2020, 1, 1)}
        self.rows["standing"].append(row | {"confirmed": date(2025, 6, 1)} | more)
        return self

    def loaded(self, type_: str, detail: str | None = None) -> World:
        self.rows["coverage"].append({"type": type_, "source": "s", "detail": detail, "events": 1, "latest": TODAY})
        return self

    def list(
        self, month: str = "2026-02-01", rule: Any = SENIOR, as_of: date = TODAY, known: date | None = None, out: Sequence[str] = (), days: int = 30
    ) -> Roll:
        meant = {"month": date.fromisoformat(month)} if rule.within == "month" else {"days": days} if rule.within == "days" else {}
        return roll(self, rule, period_of(rule, as_of, **meant), as_of, known, frozenset(out))


def resident(who: str, birth: str, **told: Any) -> World:
    return World().born(who, birth, **told).told(who, "household")


def codes(made: Roll) -> list[str]:
    return [reason.code for part in (made.to_check, made.left_out) for item in part for reason in item.reasons]


def test_who_turns_65_is_eligible_with_what_that_rests_on() -> None:
    made = resident("p1", "1961-02-10", sources="hukou+permit").told("p1", "residence", other_id="r1").list()
    (item,) = made.eligible
    assert (item.entity_id, item.due, item.birth_sources, item.by_number, item.basis, item.home) == (
        *("p1", date(2026, 2, 10), ("hukou", "permit"), True, "household", "r1"),
    )
    assert item.confirmed == date(2025, 6, 1) and not made.to_check and not made.left_out


@pytest.mark.parametrize(("birth", "month", "due"), [("1960-02-29", "2025-02-01", "2025-02-28"), ("1959-02-28", "2024-02-01", "2024-02-28")])
def test_a_29_february_comes_of_age_on_the_last_of_february(birth: str, month: str, due: str) -> None:
    made = resident("p1", birth).list(month, as_of=date.fromisoformat(month))
    assert [item.due for item in made.eligible] == [date.fromisoformat(due)]


def test_a_leap_day_is_found_by_days_too() -> None:
    rule = replace(SENIOR, within="days")
    assert resident("p1", "1960-02-29").list(rule=rule, as_of=date(2025, 2, 20), days=8).eligible
    assert not resident("p1", "1960-02-29").list(rule=rule, as_of=date(2025, 2, 20), days=7).eligible
    assert not resident("p1", "1960-03-01").list(rule=rule, as_of=date(2025, 2, 20), days=8).eligible


def test_december_asks_for_january() -> None:
    made = resident("p1", "1961-01-31").list("2026-01-01", as_of=date(2025, 12, 31))
    assert (made.first, made.last, len(made.eligible)) == (date(2026, 1, 1), date(2026, 1, 31), 1)


LEFT_OUT = {
    "dead": ("death", {"source": "death", "start": "2025-12-30"}),
    "holds": ("certificate", {"detail": "敬老卡"}),
    "moved_out": ("departure", {"start": "2025-11-01"}),
}


@pytest.mark.parametrize("code", LEFT_OUT)
def test_who_is_left_out_and_why(code: str) -> None:
    type_, more = LEFT_OUT[code]
    made = resident("p1", "1961-02-10").told("p1", type_, **more).list()
    assert [reason.code for reason in made.left_out[0].reasons] == [code] and not made.eligible and not made.to_check


def test_what_happens_after_the_day_asked_does_not_count_yet() -> None:
    world = resident("p1", "1961-02-10").told("p1", "death", "2026-01-10")
    assert world.list().eligible and world.list(as_of=date(2026, 1, 10)).left_out


def test_a_card_that_has_expired_is_none() -> None:
    assert resident("p1", "1961-02-10").told("p1", "certificate", "2020-01-01", "2026-01-01", detail="敬老卡").list().eligible


def test_what_was_not_known_then_did_not_count_then() -> None:
    world = resident("p1", "1961-02-10").told("p1", "death", "2024-05-01", known_from=date(2025, 12, 5))
    assert world.list(known=date(2025, 12, 4)).eligible
    assert codes(world.list(known=date(2025, 12, 5))) == codes(world.list()) == ["dead"]


def test_an_end_counts_from_the_day_it_was_learned() -> None:
    world = (
        World().born("p1", "1961-02-10").told("p1", "household", end="2025-06-01", closed="changed", closed_on=date(2025, 12, 5), known_to=date(2025, 12, 5))
    )
    assert world.list(known=date(2025, 12, 4)).eligible
    assert codes(world.list()) == ["moved_out"]


def test_who_was_struck_off_the_register_has_moved_out() -> None:
    world = World().born("p1", "1961-02-10").told("p1", "household", closed="retracted", closed_on=date(2025, 12, 5), known_to=date(2025, 12, 5))
    assert codes(world.list()) == ["moved_out"]
    assert world.list(known=date(2025, 12, 4)).eligible


def test_two_birth_dates_are_checked_unless_one_is_settled() -> None:
    def two(**other: Any) -> Roll:
        return resident("p1", "1961-02-10", number=False).born("p1", "1961-03-10", "social_insurance", golden=False, **(other or {"number": False})).list()

    assert codes(two()) == ["two_births"]
    assert codes(resident("p1", "1961-02-10").born("p1", "1961-03-10", "x", number=False, golden=False).list()) == []
    assert two(number=True) == replace(two(number=True), eligible=(), to_check=(), left_out=())
    assert codes(resident("p1", "1961-02-10", number=False).born("p1", "1961-02-11", "x", number=False, golden=False).list()) == []
    other_month = resident("p1", "1961-03-10", number=False).born("p1", "1961-02-10", "x", number=False, golden=False).list()
    assert codes(other_month) == ["two_births"] and other_month.to_check[0].birth == "1961-02-10"


@pytest.mark.parametrize("birth", ["1961-02", "1961-02-00", "1961"])
def test_a_day_that_is_not_known_is_checked(birth: str) -> None:
    made = resident("p1", birth, number=False).list()
    assert codes(made) == ["unknown_day"] and made.to_check[0].due is None


def test_a_period_is_that_of_the_list() -> None:
    assert period_of(SENIOR, date(2025, 12, 31)) == (date(2026, 1, 1), date(2026, 1, 31))
    assert period_of(SENIOR, TODAY, month=date(2028, 2, 1))[1] == date(2028, 2, 29)
    with pytest.raises(InputError, match="not by days"):
        period_of(SENIOR, TODAY, days=30)
    by_days, by_school_year = replace(SENIOR, within="days"), replace(SENIOR, within="school_year")
    assert period_of(by_days, TODAY, month=date(2026, 2, 1)) == (date(2026, 2, 1), date(2026, 2, 28)), "a list by days knows months, too"
    with pytest.raises(InputError, match="not both"):
        period_of(by_days, TODAY, month=date(2026, 2, 1), days=9)
    assert period_of(by_school_year, date(2026, 8, 31)) == period_of(by_school_year, TODAY, month=date(2026, 9, 1)) == (date(2025, 9, 1), date(2026, 8, 31))
    with pytest.raises(InputError, match="not by month"):
        period_of(by_school_year, TODAY, month=date(2026, 2, 1))


def test_residence_must_be_known_and_confirmed() -> None:
    assert codes(World().born("p1", "1961-02-10").list()) == ["no_residence"]
    old = {"confirmed": date(2024, 12, 31)}
    assert codes(World().born("p1", "1961-02-10").told("p1", "residence", **old).list()) == ["unconfirmed"]
    assert codes(resident("p1", "1961-02-10").told("p1", "residence", **old).list()) == [], "a household registration stands until it is ended"
    permit = World().born("p1", "1961-02-10").told("p1", "certificate", "2025-03-01", "2026-03-01", detail="居住证")
    assert permit.list().eligible[0].basis == "permit"


def test_a_doubt_counts_where_it_could_change_the_verdict() -> None:
    def doubted(world: World) -> Roll:
        world.rows["doubt"].append({"entity_id": "p1", "other_id": "p2", "record_id": 7, "bound": False, "weight": 5})
        return world.list()

    made = doubted(resident("p1", "1961-02-10").told("p2", "death", "2025-01-01"))
    assert codes(made) == ["doubtful_merge"] and made.to_check[0].reasons[0].other == "p2"
    assert doubted(resident("p1", "1961-02-10")).eligible
    assert codes(doubted(resident("p1", "1961-02-10", number=False).born("p2", "1958-02-10", "x", number=False))) == ["doubtful_merge"]
    assert doubted(resident("p1", "1961-02-10").born("p2", "1958-02-10", "x", number=False)).eligible, "the number has settled it"


@pytest.mark.parametrize(
    ("birth", "record", "bound", "reasons"),
    [
        ("1953-10-23", 8, False, []),  # the other's death is told of another record
        ("1953-10-23", 7, True, []),  # its number says whose death it is
        ("1953-10-23", 7, False, ["doubtful_merge"]),  # a death without number may be either's
        ("1961-02-10", 8, True, ["doubtful_merge"]),  # a number can be issued anew: with the same birth date the two may be one
    ],
)
def test_two_numbers_of_other_birth_dates_are_two_people(birth: str, record: int, bound: bool, reasons: list[str]) -> None:
    world = resident("p1", "1961-02-10").born("p2", birth).told("p2", "death", "2025-01-01", record_id=record)
    world.rows["doubt"].append({"entity_id": "p1", "other_id": "p2", "record_id": 7, "bound": bound, "weight": 5})
    for out in ([], ["p2"]):  # that the other opted out changes nothing
        assert [reason.code for item in world.list(out=out).to_check if item.entity_id == "p1" for reason in item.reasons] == reasons
        assert bool(world.list(out=out).eligible) == (not reasons)


def test_who_opted_out_is_left_out() -> None:
    assert codes(resident("p1", "1961-02-10").list(out=["p1"])) == ["opted_out"]


def test_sources_that_nobody_delivered_are_named() -> None:
    made = World().loaded("death").loaded("household").loaded("certificate", "特种作业操作证").list()
    assert [item.what for item in made.missing] == ["敬老卡发放名册 / register of senior cards", "居住证登记 / residence permits"]
    named = {item.then for item in World().list().missing}
    assert "无法剔除已故者 / the dead are not excluded" in named


def test_pupils_are_six_by_the_end_of_august() -> None:
    rule = service_rule.shipped()["school-entry"]
    world = World()
    for who, birth in (("p1", "2019-08-31"), ("p2", "2019-09-01"), ("p3", "2020-08-31"), ("p4", "2020-09-01"), ("p5", "2020-01-01")):
        world.born(who, birth).told(who, "household")
    world.told("p5", "schooling", "2025-09-01", detail="primary")
    world.told("p3", "schooling", "2023-09-01", detail="幼儿园")  # not yet at school
    made = world.list(rule=rule)
    assert [item.entity_id for item in made.eligible] == ["p2", "p3"] and codes(made) == ["attends"]
    assert [item.entity_id for item in world.list(rule=rule, as_of=date(2025, 8, 31)).eligible] == ["p1"]


def test_certificates_that_expire_unless_renewed() -> None:
    rule = service_rule.shipped()["certificate-expiring"]
    world = World().told("p1", "household")
    world.told("p1", "certificate", "2020-01-01", "2026-01-20", detail="健康证明", other_id="a").told(
        "l1", "certificate", "2020-01-01", "2026-02-04", detail="x"
    )
    world.told("p1", "certificate", "2020-01-01", "2026-02-05", detail="健康证明", other_id="b")
    world.told("l2", "certificate", "2020-01-01", "2026-01-20", detail="x").told("l2", "certificate", "2026-01-02", "2029-01-20", detail="x")
    world.told("l3", "certificate", "2020-01-01", "2026-01-20", detail="居住证").told("l4", "certificate", "2020-01-01", "2026-01-20", detail="x")
    world.told("l4", "cancellation", "2025-01-01")
    world.told("l5", "certificate", "2020-01-01", "2026-01-20", detail="x", closed="ended", closed_on=date(2025, 12, 5))
    made = world.list(rule=rule)
    assert [(item.entity_id, item.due) for item in made.eligible] == [("p1", date(2026, 1, 20)), ("l1", date(2026, 2, 4))]
    assert [(item.entity_id, item.reasons[0].code) for item in made.left_out] == [("l2", "renewed"), ("l4", "cancelled")]


def test_dates() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28) and add_months(date(2025, 12, 31), 2) == date(2026, 2, 28)
    assert text_days(date(1960, 2, 29), date(1960, 3, 1)) == [
        *("1960-02-29", "1960-03-01", "1960-02", "1960-02-00", "1960-03", "1960-03-00", "1960", "1960-00-00"),
    ]


BAD = {
    "an unknown word": ("lists: x", "list"),
    "no condition": ("list: x\nzh: a\nen: b\nwhen: {within: month}", "age"),
    "an unknown reason": ("list: x\nzh: a\nen: b\nwhen: {age: 65, within: month}\nleave_out: [deads]", "dead"),
    "an unknown event": ("list: x\nzh: a\nen: b\nwhen: {age: 65, within: month}\nneeds: [{event: deaths, zh: a, en: b, then_zh: c, then_en: d}]", "death"),
    "no YAML": ("list: [", "YAML"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_rule_that_is_not_understood_is_refused(case: str, tmp_path: Path) -> None:
    text, says = BAD[case]
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(RuleError, match=r"x\.yaml") as told:
        service_rule.load_all(tmp_path)
    assert says in str(told.value)


def test_every_shipped_rule_has_sentences() -> None:
    assert {"senior-card", "school-entry", "certificate-expiring", "permit-expiring"} <= set(service_rule.shipped())
    assert all(" / " in says for says in REASONS.values())
