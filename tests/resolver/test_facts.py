"""Events of several sources become facts: what is one fact, from when to when, told by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import md5
from typing import Any

import pyarrow as pa
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

from cityweave.cfd_rules.model import ADDRESS, EVENT, PARTICIPANT, THING, record_table
from cityweave.engine.trial import trial
from cityweave.resolver import facts
from cityweave.resolver.model import MEMBERSHIP, unit
from cityweave.resolver.model_life import ROLES, Trust

ROOM = record_table("room", ("room_code", "address"))
PERSON = record_table("person", ("id_no", "name", "marital"))
TRUST = Trust({"hukou": 900, "marriage": 900, "insurance": 600}, events={"marriage": ("marriage",)}, undated={"employment": ("marriage",)}, succession={"ownership": {"insurance": "room"}})
TABLES = (EVENT, PARTICIPANT, THING, ADDRESS, ROOM, PERSON, MEMBERSHIP, unit("room"), unit("person"))


def md(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


class Told:
    """A small log: events are added one by one; `p1` is record 1 of entity p1, a party that is no such name is a thing."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
        self.members: dict[str, int] = {}

    def event(self, type_: str, *parties: str | None, span: str = "", source: str = "hukou", row: int | None = None, **values: Any) -> Told:
        row = row or len(self.rows["event"]) + 1
        start, _, end = span.partition("/")
        version = {"event_id": 1 << 43 | row << 12, "batch": 1, "row_no": row} | {
            key: values.pop(key) for key in ("event_id", "batch", "row_no") if key in values
        }
        dates = {"valid_from": date.fromisoformat(start) if start else None, "valid_to": date.fromisoformat(end) if end else None}
        base = {"type": type_, "source": source, "known_from": date(2020, 1, 1), "recorded_at": date(2020, 1, 1)}
        self.rows["event"].append(version | base | dates | values)
        for role, party in zip(ROLES[type_], parties, strict=True):
            if party is not None:
                self.rows["participant"].append(
                    version | {"role": role, "record_id": self.member(party), "thing_id": None if self.member(party) else md(party)}
                )
        return self

    def member(self, party: str) -> int | None:
        return self.members.setdefault(party, len(self.members) + 1) if party[0] in "plrb" else None

    def tables(self) -> dict[str, pa.Table]:
        kinds = {"p": "person", "l": "legal_entity", "r": "room", "b": "building"}
        self.rows["membership"] = [{"record_id": n, "kind": kinds[e[0]], "entity_id": e} for e, n in self.members.items() if not e.endswith("gone")]
        return {table.name: pa.Table.from_pylist(self.rows[table.name], schema=table.schema) for table in TABLES}

    def made(self, shuffle: int | None = None, trust: Trust = TRUST) -> dict[str, list[dict[str, Any]]]:
        names = ["fact", "fact_event", "fact_party", "telling", "home"]
        return {name: rows.to_pylist() for name, rows in trial(facts.steps(trust, ("room", "person")), self.tables(), names, shuffle=shuffle).items()}

    def facts(self, trust: Trust = TRUST) -> list[tuple[Any, ...]]:
        found = [(f["type"], str(f["valid_from"] or ""), str(f["valid_to"] or ""), f["events"], f["sources"]) for f in self.made(trust=trust)["fact"]]
        return sorted(found)


def test_a_marriage_told_twice_is_one_fact_with_two_sources() -> None:
    told = Told().event("marriage", "p1", "p2", span="1990-05-01", source="marriage").event("marriage", "p2", "p1", span="1990-05-03", source="hukou")
    assert told.facts() == [("marriage", "1990-05-01", "", 2, "hukou+marriage")]
    assert [(p["role"], p["entity_id"]) for p in told.made()["fact_party"]] == [("spouse_a", "p1"), ("spouse_b", "p2")]


def test_a_divorce_closes_the_marriage_and_the_couple_may_marry_again() -> None:
    told = (
        Told().event("marriage", "p1", "p2", span="1990-05-01").event("divorce", "p1", "p2", span="1995-01-01").event("marriage", "p1", "p2", span="1999-01-01")
    )
    assert told.facts() == [
        ("divorce", "1995-01-01", "1995-01-01", 1, "hukou"),
        ("marriage", "1990-05-01", "1995-01-01", 1, "hukou"),
        ("marriage", "1999-01-01", "", 1, "hukou"),
    ]


def test_a_divorce_ends_a_marriage_whose_start_nobody_tells() -> None:
    told = Told().event("marriage", "p1", "p2").event("divorce", "p2", "p1", span="1995-01-01")
    assert told.facts()[1] == ("marriage", "", "1995-01-01", 1, "hukou")
    told.event("marriage", "p1", "p2", span="1999-01-01")
    assert [fact[1:3] for fact in told.facts() if fact[0] == "marriage"] == [("1999-01-01", "")], "which wedding the row speaks of is not known"


def test_a_divorce_without_a_day_ends_the_marriage_by_the_day_it_was_recorded() -> None:
    told = Told().event("marriage", "p1", "p2", span="1990-05-01").event("divorce", "p1", "p2", recorded_at=date(1996, 2, 1))
    assert [fact[:3] for fact in told.facts()] == [("divorce", "", ""), ("marriage", "1990-05-01", "1996-02-01")]


def test_who_is_recorded_as_divorced_says_nothing_where_the_divorce_is_told() -> None:
    told = Told().event("marriage", "p1", "p2", span="1990-05-01").event("divorce", "p1", "p2", span="1998-01-01")
    told.rows["record_person"].append({"record_id": told.member("p1"), "batch": 1, "row_no": 100, "marital": "40", "recorded_at": date(1995, 3, 1)})
    assert ("marriage", "1990-05-01", "1998-01-01", 1, "hukou") in told.facts()


def test_who_is_recorded_as_divorced_after_the_wedding_is_no_longer_married() -> None:
    """From that day on at the latest. Not when the other is recorded as married later, not of a wedding after that day, and not of one before the last."""
    told = Told()
    for one, other in (("p1", "p2"), ("p3", "p4"), ("p5", "p6")):
        told.event("marriage", one, other, span="1990-05-01")
    told.event("marriage", "p1", "p7", span="2005-01-01").event("marriage", "p8", "p9", span="1980-01-01").event("marriage", "p8", "p10", span="1990-05-01")
    said = (("p2", "40", "1998-03-01"), ("p2", "40", "2001-03-01"), ("p1", "20", "1991-01-01"), ("p3", "40", "1998-03-01"), ("p4", "21", "1999-01-01"), ("p5", "40", "1985-01-01"))
    said += (("p8", "40", "1998-03-01"),)
    for row, (who, code, on) in enumerate(said, start=100):
        told.rows["record_person"].append({"record_id": told.member(who), "batch": 1, "row_no": row, "marital": code, "recorded_at": date.fromisoformat(on)})
    still, over = ("1990-05-01", ""), ("1990-05-01", "1998-03-01")
    assert [fact[1:3] for fact in told.facts()] == [("1980-01-01", ""), still, still, over, over, ("2005-01-01", "")]


def test_spells_of_a_job_that_touch_are_one_and_a_gap_parts_them() -> None:
    spans = ("2001-01-01/2003-01-01", "2003-01-01/2005-01-01", "2008-01-01/")
    told = Told()
    for span in spans:
        told.event("employment", "p1", "l1", span=span, source="insurance")
    assert told.facts() == [("employment", "2001-01-01", "2005-01-01", 2, "insurance"), ("employment", "2008-01-01", "", 1, "insurance")]


def test_what_is_not_dated_joins_the_last_spell() -> None:
    told = Told().event("employment", "p1", "l1", span="2001-01-01/2003-01-01").event("employment", "p1", "l1", span="2008-01-01")
    told.event("employment", "p1", "l1", source="insurance").event("employment", "p2", "l1")
    assert told.facts() == [
        ("employment", "", "", 1, "hukou"),
        ("employment", "2001-01-01", "2003-01-01", 1, "hukou"),
        ("employment", "2008-01-01", "", 2, "hukou+insurance"),
    ]


def test_a_source_that_does_not_say_since_when_does_not_date_the_fact() -> None:
    told = Told().event("employment", "p1", "l1", span="2001-01-01", source="insurance").event("employment", "p1", "l1", span="2015-01-01", source="marriage")
    told.event("employment", "p2", "l1", span="2015-01-01", source="marriage")
    assert told.facts() == [("employment", "2001-01-01", "", 2, "insurance+marriage"), ("employment", "2015-01-01", "", 1, "marriage")]


def test_what_nobody_dates_held_by_the_first_day_on_which_it_was_recorded() -> None:
    told = Told().event("employment", "p1", "l1", span="2015-01-01", source="marriage").event("employment", "p1", "l1", span="2012-01-01", source="insurance")
    told.event("employment", "p2", "l1", span="2015-01-01", source="marriage").event("employment", "p2", "l1", span="2016-01-01")
    trust = replace(TRUST, undated={"employment": ("marriage", "insurance")})
    made = sorted((str(fact["valid_from"]), fact["bounded"]) for fact in told.made(trust=trust)["fact"])
    assert made == [("2012-01-01", True), ("2016-01-01", False)]


def test_what_succeeds_ends_what_the_source_told_before() -> None:
    told = Told().event("ownership", "p1", "r1", span="2001-01-01", source="insurance").event("ownership", "p2", "r1", span="2010-05-01", source="insurance")
    told.event("ownership", "p3", "r1", span="2010-05-01", source="insurance").event("ownership", "p1", "r2", span="2012-01-01", source="insurance")
    told.event("ownership", "p4", "r1", span="2015-01-01")  # of a source that says no such thing
    assert told.facts() == [
        ("ownership", "2001-01-01", "2010-05-01", 1, "insurance"),
        ("ownership", "2010-05-01", "", 1, "insurance"),
        ("ownership", "2010-05-01", "", 1, "insurance"),
        ("ownership", "2012-01-01", "", 1, "insurance"),
        ("ownership", "2015-01-01", "", 1, "hukou"),
    ]


def test_a_successor_ends_what_others_told_before_without_saying_since_when() -> None:
    trust = replace(TRUST, undated={"ownership": ("marriage",)})
    told = Told().event("ownership", "p2", "r1", span="2010-05-01", source="insurance")
    told.event("ownership", "p1", "r1", span="2008-01-01", source="marriage", recorded_at=date(2008, 1, 1))
    told.event("ownership", "p2", "r1", span="2009-01-01", source="marriage", recorded_at=date(2009, 1, 1))
    told.event("ownership", "p3", "r1", span="2012-01-01", source="marriage", recorded_at=date(2012, 1, 1))  # later than the register: who is right is not known
    told.event("ownership", "p4", "r1", span="2008-01-01", recorded_at=date(2008, 1, 1))  # says since when
    assert told.facts(trust) == [
        ("ownership", "2008-01-01", "", 1, "hukou"),
        ("ownership", "2008-01-01", "2010-05-01", 1, "marriage"),
        ("ownership", "2010-05-01", "", 2, "insurance+marriage"),
        ("ownership", "2012-01-01", "", 1, "marriage"),
    ]


def test_a_death_is_one_fact_however_its_dates_differ_and_the_trusted_source_dates_it() -> None:
    told = Told().event("death", "p1", span="2010-01-02", source="insurance", recorded_at=date(2022, 1, 1)).event("death", "p1", span="2010-01-01")
    told.event("death", "p1", recorded_at=date(2023, 1, 1))
    assert told.facts() == [("death", "2010-01-01", "2010-01-01", 3, "hukou+insurance")]


def test_a_version_that_a_later_one_ended_still_tells_of_its_time_and_one_that_is_closed_does_not() -> None:
    told = Told().event("employment", "p1", "l1", span="2001-01-01/2003-01-01", row=7, closed="changed")
    told.event("employment", "p1", "l2", span="2003-01-01", row=7, row_no=3, batch=2)
    told.event("employment", "p1", "l3", span="2001-01-01", row=8, closed="corrected", known_to=date(2021, 1, 1))
    assert told.facts() == [("employment", "2001-01-01", "2003-01-01", 1, "hukou"), ("employment", "2003-01-01", "", 1, "hukou")]
    made = told.made()
    assert {row["event_id"] for row in made["fact_event"]} == {1 << 43 | 7 << 12}
    assert {row["fact_id"] for row in made["fact"]} == {1 << 43 | 7 << 12, 2 << 43 | 3 << 12}


def test_a_past_version_speaks_of_whom_it_named_not_of_whom_its_record_names_now() -> None:
    """A flat is sold: its row keeps its key, so the owner's record is now the buyer's. The seller is found by the number, or not at all."""
    told = Told()
    seller, buyer = told.member("p1"), told.member("p2")
    for past, number in enumerate(("111", "999", None)):
        row = 10 + past
        told.event("ownership", "p2", "r1", span="2001-01-01/2003-01-01", row=row, closed="changed")
        told.event("ownership", "p2", "r1", span="2003-01-01", row=row, row_no=100 + row, batch=2)
        told.rows["record_person"].append({"record_id": buyer, "batch": 1, "row_no": row, "id_no": number, "name": "张三", "known_to": date(2021, 1, 1)})
    told.rows["record_person"] += [
        {"record_id": buyer, "batch": 2, "row_no": 1, "id_no": "222", "name": "李四"},
        {"record_id": seller, "batch": 1, "row_no": 1, "id_no": "111"},
    ]
    told.rows["unit_person"] = [{"record_id": seller, "unit": seller, "id_no": "111", "accepted": True}]
    made = told.made()
    parties = {p["fact_id"]: p["entity_id"] for p in made["fact_party"] if p["role"] == "owner"}
    spans = {parties[f["fact_id"]]: (str(f["valid_from"]), f["events"]) for f in made["fact"]}
    assert spans == {"p1": ("2001-01-01", 1), "p2": ("2003-01-01", 3)}


def test_a_past_version_that_names_the_same_person_is_that_persons() -> None:
    told = Told().event("ownership", "p2", "r1", span="2001-01-01/2003-01-01", row=7, closed="changed")
    for batch, name, known_to in ((1, "张三丰", date(2021, 1, 1)), (2, "张三", None)):
        told.rows["record_person"].append({"record_id": told.member("p2"), "batch": batch, "row_no": 7, "id_no": "222", "name": name, "known_to": known_to})
    assert told.facts() == [("ownership", "2001-01-01", "2003-01-01", 1, "hukou")]


def test_an_event_of_a_record_that_is_withdrawn_is_no_fact() -> None:
    assert Told().event("employment", "p_gone", "l1", span="2001-01-01").event("founding", "l1").facts() == [("founding", "", "", 1, "hukou")]


def test_a_birth_may_lack_a_parent() -> None:
    told = Told().event("birth", "p1", "p2", None, span="1960-01-01")
    assert [(p["role"], p["entity_id"]) for p in told.made()["fact_party"]] == [("child", "p1"), ("mother", "p2")]


def test_a_home_is_the_room_of_its_address_where_exactly_one_is() -> None:
    told = Told()
    for number, (text, norm, entity) in enumerate(
        [("甲路1号101", "甲1-101", "r1"), ("甲路1号之101", "甲1-101", "r1"), ("乙路2号201", "乙2-201", "r2"), ("乙路2号201", "乙2-201", "r3")]
    ):
        told.rows["record_room"].append({"record_id": told.member(entity), "ref": str(number), "batch": 1, "row_no": number, "address": text})
        if text not in [row["text"] for row in told.rows["address"]]:
            told.rows["address"].append({"text": text, "norm": norm, "room_norm": norm})
    told.rows["thing"] = [{"thing_id": md(norm), "kind": "address", "key": norm} for norm in ("甲1-101", "乙2-201")]
    told.event("residence", "p1", "甲1-101", span="2001-01-01").event("residence", "p1", "乙2-201", span="2002-01-01")
    homes = {(p["entity_id"], p["thing_id"]) for p in told.made()["fact_party"] if p["role"] == "home"}
    assert homes == {("r1", None), (None, md("乙2-201"))}


EVENTS = st.tuples(
    st.sampled_from(["marriage", "divorce", "employment", "death"]),
    st.sampled_from(["p1", "p2"]),
    st.sampled_from(["", "2001-01-01", "2001-01-01/2003-01-01", "2002-01-01", "2003-01-01/2004-01-01", "/2003-01-01", "2006-01-01"]),
    st.sampled_from(["hukou", "marriage", "insurance"]),
    st.sampled_from([date(2020, 1, 1), date(2021, 1, 1), None]),
    st.sampled_from(["a", None]),
)


@settings(max_examples=25, deadline=None)
@property_of(st.lists(EVENTS, min_size=1, max_size=8), st.permutations(range(8)), st.integers(0, 9))
def test_the_order_of_arrival_decides_nothing(events: list[Any], order: list[int], shuffle: int) -> None:
    """The same events under other numbers, rows shuffled: the same facts, told by the same events."""
    answers = []
    for rows in (list(range(8)), order):
        told = Told()
        names = {}
        for place, (type_, party, span, source, recorded, detail) in enumerate(events):
            parties = {"death": (party,), "employment": (party, "l1")}.get(type_, (party, "p3"))
            row = rows[place] + 1
            names[1 << 43 | row << 12] = place
            told.event(type_, *parties, span=span, source=source, row=row, recorded_at=recorded, detail=detail)
        made = told.made(shuffle)
        inside: dict[int, set[int]] = {}
        for line in made["fact_event"]:
            inside.setdefault(line["fact_id"], set()).add(names[line["event_id"]])
        answers.append(sorted((sorted(inside[f["fact_id"]]), *(str(f[c]) for c in f if c != "fact_id")) for f in made["fact"]))
    assert answers[0] == answers[1]
