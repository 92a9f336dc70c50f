"""Proof of kinship: what documents state, what is incompatible with them, and what is missing; never more than they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from cityweave.graph.identity import Nobody, born, document_of, name_of, number_of, who
from cityweave.graph.model_proof import DOCUMENT, DOCUMENTS, RELATIONS, TITLES, Person, Verdict
from cityweave.graph.proof import prove

TODAY = date(2026, 1, 5)


def numbered(birth: str, sex: int, place: int = 1) -> str:
    """A valid identity number."""
    body = f"990102{birth.replace('-', '')}{place:02d}{sex}"
    return next(number for check in "0123456789X" if (number := number_of(body + check)))


class World:
    """A family of a few people; each holds a number, accepted unless said otherwise."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[str, str, bool]] = {}
        self.renumbered: list[dict[str, str]] = []
        self.documents: list[dict[str, Any]] = []

    def person(self, who: str, name: str, birth: str, sex: int, *, accepted: bool = True, place: int = 1) -> World:
        self.people[who] = (name, numbered(birth, sex, place), accepted)
        return self

    def told(self, type_: str, *parties: str | None, on: str = "2000-01-01", source: str = "births", unbound: Sequence[str] = (), **more: Any) -> World:
        number = len(self.documents)
        row = dict.fromkeys(DOCUMENT.names) | {"event_id": number, "batch": 1, "row_no": number, "type": type_, "source": source}
        row["kind"] = {"birth": "birth", "adoption": "adoption"}.get(type_)
        row |= {"valid_from": date.fromisoformat(on), "recorded_at": date.fromisoformat(on), "known_from": date(2010, 1, 1), **more}
        for place, (role, entity) in enumerate(zip(DOCUMENTS[type_], parties, strict=False), start=1):
            row |= {f"party_{place}": entity, f"bound_{place}": bool(entity) and entity not in unbound and self.people[entity][2], "role": role}
        self.documents += [row | {"entity_id": entity} for entity in parties if entity]
        return self

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        ids = {entity: place for place, entity in enumerate(self.people, start=1)}
        rows = {
            "document": self.documents,
            "renumbered": self.renumbered or [{"former": "", "name": "", "now": ""}],
            "membership": [{"record_id": ids[entity], "entity_id": entity} for entity in ids],
            "unit_person": [{"record_id": ids[entity], "id_no": number, "accepted": accepted} for entity, (_, number, accepted) in self.people.items()],
            "record_person": [
                {"record_id": ids[entity], "name": name, "former_name": None, "known_to": None} for entity, (name, _, _) in self.people.items()
            ],
        }[name]
        schema = DOCUMENT.schema if name == "document" else None
        found = [row for row in rows if row[column] in set(values)]
        return pa.Table.from_pylist(found, schema=schema) if found or schema else pa.Table.from_pylist(rows[:1]).slice(0, 0)

    def who(self, entity: str) -> Person:
        name, number, _ = self.people[entity]
        found = who(self, name, number)
        assert isinstance(found, Person)
        return found

    def ask(self, relation: str, one: str, other: str, by: Any = "birth", as_of: date = TODAY, known: date | None = None) -> Verdict:
        return prove(self, RELATIONS[relation], self.who(one), self.who(other), by, as_of, known)


def family() -> World:
    """Grandmother and grandfather; their daughter with her husband; two children; a stranger of each sex."""
    world = World()
    world.person("gm", "赵桂英", "1935-01-01", 2).person("gf", "钱国强", "1933-01-01", 1)
    world.person("m", "钱芳", "1962-01-01", 2).person("f", "孙伟", "1960-01-01", 1)
    world.person("c1", "孙小明", "1988-01-01", 1).person("c2", "孙小红", "1990-01-01", 2)
    world.person("w", "李娜", "1963-01-01", 2, place=2).person("x", "周杰", "1961-01-01", 1, place=3)
    world.told("birth", "c1", "m", "f").told("birth", "c2", "m", "f").told("birth", "m", "gm", "gf")
    return world.told("marriage", "f", "m", on="1985-01-01", source="marriage")


YES = [("mother-of", "m", "c1"), ("father-of", "f", "c1"), ("parent-of", "m", "c2"), ("child-of", "c1", "f"), ("sibling-of", "c1", "c2")]
YES += [("spouse-of", "m", "f"), ("grandparent-of", "gm", "c1"), ("grandparent-of", "gf", "c2")]
NO = [("mother-of", "w", "c1"), ("father-of", "x", "c1"), ("mother-of", "x", "c1"), ("father-of", "c1", "c2"), ("spouse-of", "w", "f")]
NO += [("spouse-of", "x", "f"), ("mother-of", "c2", "m"), ("child-of", "c1", "w"), ("mother-of", "w", "f")]
UNKNOWN = [("grandparent-of", "x", "c1"), ("sibling-of", "m", "f"), ("spouse-of", "w", "x"), ("sibling-of", "c1", "x")]
UNKNOWN += [("grandparent-of", "w", "c1"), ("mother-of", "gm", "f")]


@pytest.mark.parametrize(("relation", "one", "other"), YES)
def test_what_documents_state_is_true(relation: str, one: str, other: str) -> None:
    made = family().ask(relation, one, other)
    assert made.outcome == "yes" and made.evidence and not made.missing
    assert all(item.kind in TITLES and item.source and item.on for item in made.evidence)


@pytest.mark.parametrize(("relation", "one", "other"), NO)
def test_what_is_incompatible_with_documents_is_not_true(relation: str, one: str, other: str) -> None:
    made = family().ask(relation, one, other)
    assert made.outcome == "no" and made.evidence


@pytest.mark.parametrize(("relation", "one", "other"), UNKNOWN)
def test_what_no_document_speaks_of_cannot_be_proved_and_the_document_is_named(relation: str, one: str, other: str) -> None:
    made = family().ask(relation, one, other)
    assert made.outcome == "unknown" and made.missing and not made.evidence


def test_no_third_person_is_shown() -> None:
    world = family()
    for relation, one, other in (*YES, *NO, *UNKNOWN):
        text = repr(world.ask(relation, one, other))
        for entity, (name, number, _) in world.people.items():
            assert name not in text and number not in text, (relation, entity)


def test_a_party_without_an_accepted_number_binds_nothing() -> None:
    world = family().person("c3", "孙小刚", "1992-01-01", 1).told("birth", "c3", "m", "f", unbound=("m",))
    made = world.ask("mother-of", "m", "c3")
    assert made.outcome == "unknown" and "accepted number" in made.missing[0]
    assert world.ask("mother-of", "w", "c3").outcome == "unknown"
    assert world.ask("father-of", "f", "c3").outcome == "yes"


def test_documents_that_contradict_each_other_prove_nothing() -> None:
    world = family().told("birth", "c1", "w", "f", source="hukou")
    assert [world.ask("mother-of", one, "c1").outcome for one in ("m", "w")] == ["unknown", "unknown"]


def test_somebody_of_the_same_name_is_not_told_apart() -> None:
    world = family().person("m2", "钱芳", "1962-05-05", 2, place=7)
    assert world.ask("mother-of", "m2", "c1").outcome == "unknown"


def test_a_record_in_which_columns_changed_places_states_nothing() -> None:
    world = family().person("c3", "孙小刚", "1992-01-01", 1).told("birth", "c3", "f", "m")
    assert [world.ask(relation, one, "c3").outcome for relation, one in (("mother-of", "m"), ("father-of", "f"))] == ["unknown", "unknown"]
    assert world.ask("mother-of", "f", "c3").outcome == "no", "the first is a man"


def test_birth_and_adoption_are_told_apart() -> None:
    world = family().person("c3", "孙小刚", "2005-01-01", 1).told("adoption", "c3", "w", "x", source="adoption")
    assert world.ask("mother-of", "w", "c3").outcome == "unknown"
    assert world.ask("mother-of", "w", "c3", by="adoption").outcome == "yes"
    assert world.ask("mother-of", "m", "c1", by="adoption").outcome == "unknown"


def test_adoptive_parents_whom_a_register_calls_parents_gave_no_birth() -> None:
    world = family().told("adoption", "c1", "w", "x", source="adoption").told("birth", "c1", "w", "x", source="hukou")
    assert [world.ask("mother-of", one, "c1").outcome for one in ("w", "m")] == ["unknown", "yes"]
    assert world.ask("mother-of", "w", "c1", by="adoption").outcome == "yes"
    alone = World().person("w", "李娜", "1963-01-01", 2).person("c", "孙小刚", "2005-01-01", 1).person("m", "钱芳", "1962-01-01", 2)
    alone.told("birth", "c", "w", source="hukou").told("adoption", "c", "w", source="adoption", unbound=("c",))
    assert [alone.ask("mother-of", one, "c").outcome for one in ("w", "m")] == ["unknown", "unknown"]


def test_a_row_that_names_a_parent_and_does_not_say_how_proves_and_refutes_no_birth() -> None:
    """The household register names the adoptive mother; nobody has delivered the adoption."""
    world = World().person("w", "李娜", "1963-01-01", 2).person("m", "钱芳", "1962-01-01", 2, place=2)
    world.person("c", "孙小刚", "1995-01-01", 1).person("d", "孙小强", "1997-01-01", 1).told("birth", "c", "w", source="hukou", kind=None)
    world.told("birth", "d", "w", source="hukou", kind=None)
    for by in ("birth", "adoption"):
        made = [world.ask("mother-of", one, "c", by=by) for one in ("w", "m")]
        assert [one.outcome for one in made] == ["unknown", "unknown"] and "--by any" in made[0].missing[0]
    assert [world.ask(relation, "w", "c").outcome for relation in ("parent-of", "grandparent-of")] == ["unknown", "unknown"]
    assert world.ask("sibling-of", "c", "d").outcome == "unknown"
    made = world.ask("mother-of", "w", "c", by="any")
    assert made.outcome == "yes" and made.evidence[0].kind == "parents" and "not whether by birth" in made.evidence[0].states
    assert world.ask("sibling-of", "c", "d", by="any").outcome == "yes" and world.ask("mother-of", "m", "c", by="any").outcome == "unknown"
    world.told("birth", "c", "m")
    assert [world.ask("mother-of", one, "c").outcome for one in ("w", "m")] == ["no", "yes"], "the register of births says how"
    assert [world.ask("mother-of", one, "c", by="any").outcome for one in ("w", "m")] == ["yes", "yes"]
    world.told("birth", "c", "m", source="school", kind=None)
    assert [world.ask("mother-of", one, "c", by="any").outcome for one in ("w", "m")] == ["unknown", "yes"], "two registers contradict each other"


def test_a_marriage_is_asked_for_a_day() -> None:
    world = family().told("divorce", "f", "m", on="2010-06-01", source="marriage").told("marriage", "f", "w", on="2012-01-01", source="marriage")
    days = {date(1984, 1, 1): "unknown", date(1990, 1, 1): "yes", date(2010, 6, 1): "no", TODAY: "no"}
    assert {day: world.ask("spouse-of", "m", "f", as_of=day).outcome for day in days} == days
    assert world.ask("spouse-of", "f", "w").outcome == "yes"
    widowed = family().told("death", "f", on="2020-01-01", source="death")
    assert widowed.ask("spouse-of", "m", "f").outcome == "no" and widowed.ask("spouse-of", "m", "f", as_of=date(2019, 1, 1)).outcome == "yes"


def test_what_was_not_known_then_proves_nothing_then() -> None:
    assert family().ask("mother-of", "m", "c1", known=date(2009, 1, 1)).outcome == "unknown"


def test_who_is_meant() -> None:
    world = family().person("d", "吴磊", "1970-01-01", 1, accepted=False)
    assert isinstance(who(world, "吴磊", world.people["d"][1]), Nobody)
    other = who(world, "钱芬", world.people["m"][1])
    assert isinstance(other, Nobody) and "another name" in other.says and "钱芳" not in other.says
    assert name_of("古丽 • 买买提") == name_of("古丽·买买提") and name_of("Ａnna") == "ANNA"
    assert number_of("130503670401001") == "130503196704010016" and born("130503196704010016") == date(1967, 4, 1)
    assert number_of("13050319670401001X") is None and number_of("130503196702300016") is None and number_of("") is None


def test_a_newborn_without_a_number_lacks_a_decision_and_not_the_number_of_its_mother() -> None:
    world = World().person("m", "钱芳", "1962-01-01", 2).person("c", "孙小明", "1988-01-01", 1).told("birth", "c", "m", unbound=("c",))
    made = world.ask("mother-of", "m", "c")
    assert made.outcome == "unknown" and len(made.missing) == 1
    assert made.missing[0].startswith("乙的出生登记没有乙本人的有效号码，也没有以号码载明乙与该父母同户或受其监护的登记：须有人判定登记的就是乙 / the record")


def test_a_second_document_binds_the_newborn_from_the_day_it_is_known() -> None:
    world = World().person("m", "钱芳", "1962-01-01", 2).person("c", "孙小明", "1988-01-01", 1).person("w", "李娜", "1963-01-01", 2, place=2)
    through = {"through": "household", "through_source": "hukou", "through_on": date(2000, 3, 1), "through_known": date(2012, 1, 1)}
    world.told("birth", "c", "m", unbound=("c",), **through)
    made = world.ask("mother-of", "m", "c")
    assert made.outcome == "yes" and [(item.kind, item.source, item.on) for item in made.evidence] == [
        ("birth", "births", date(2000, 1, 1)),
        ("household", "hukou", date(2000, 3, 1)),
    ]
    assert world.ask("mother-of", "m", "c", known=date(2011, 12, 31)).outcome == "unknown"
    other = world.ask("mother-of", "w", "c")
    assert other.outcome == "no" and [item.kind for item in other.evidence] == ["birth", "household"]


LATER = {
    "an unbound divorce of the two": (("divorce", "f", "m"), {"unbound": ("m",)}, "unknown"),
    "a divorce that binds neither": (("divorce", "f", "m"), {"unbound": ("f", "m")}, "unknown"),
    "a divorce of one and somebody unbound": (("divorce", "f", "w"), {"unbound": ("w",)}, "unknown"),
    "an unbound namesake's divorce": (("divorce", "f", "w"), {"unbound": ("f",)}, "yes"),
    "another marriage of one": (("marriage", "f", "w"), {}, "unknown"),
    "a namesake's marriage": (("marriage", "f", "w"), {"unbound": ("f",)}, "yes"),
    "the same marriage once more": (("marriage", "f", "m"), {"unbound": ("f",)}, "yes"),
    "an unbound death": (("death", "m"), {"unbound": ("m",)}, "unknown"),
}


@pytest.mark.parametrize("case", LATER)
def test_a_marriage_stands_only_if_no_later_document_bound_or_not_may_have_ended_it(case: str) -> None:
    (type_, *parties), more, outcome = LATER[case]
    made = family().told(type_, *parties, on="1999-01-01", source="marriage", **more).ask("spouse-of", "m", "f")
    assert made.outcome == outcome and bool(made.missing) == (outcome == "unknown")
    before = family().told(type_, *parties, on="1980-01-01", source="marriage", **more).ask("spouse-of", "m", "f")
    assert before.outcome == "yes"


def test_a_passport_and_a_former_number_bind_whoever_holds_them_under_that_name() -> None:
    world = family()
    name, now, _ = world.people["m"]
    former = numbered("1962-02-02", 2)
    world.renumbered.append({"former": former, "name": name, "now": now})
    world.people["w"] = (world.people["w"][0], "414:E1234567", True)
    assert who(world, name, former) == world.who("m")
    assert isinstance(who(world, "李娜", former), Nobody)
    foreigner = who(world, "李娜", "E1234567")
    assert isinstance(foreigner, Person) and (foreigner.entity_id, foreigner.sex, foreigner.birth) == ("w", "", None)
    assert prove(world, RELATIONS["mother-of"], foreigner, world.who("c1"), "birth", TODAY, None).outcome == "no"
    assert [document_of(text) for text in ("e123 4567", "Ｅ１２３４５６７", "12345678")] == ["E1234567", "E1234567", "12345678"]
    assert not any(document_of(text) for text in ("990102", "王小明", "--"))
