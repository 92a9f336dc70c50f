"""A record of birth without the child's number: what second document binds the child in it, and what does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from cityweave.cfd_rules.model import EVENT, PARTICIPANT
from cityweave.engine.trial import trial
from cityweave.graph import documents
from cityweave.resolver import model
from cityweave.resolver.model_life import PAST_PARTY

DAY, LATER, NEVER = date(2020, 3, 5), date(2020, 6, 1), date(2021, 1, 1)
CHILD, TWIN, MOTHER = "990102202003010015", "990102202003010031", "990102199001010024"


class Registers:
    """Rows of a birth register (record 1 the child, 2 the mother) and of what stands beside it: records 3, 4, ... of other registers."""

    def __init__(self, name: str = "孙小明", birth: str = "2020-03-01", number: str | None = None) -> None:
        self.records: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.parts: list[dict[str, Any]] = []
        self.holders: dict[int, tuple[str, str | None, bool]] = {}
        child, mother = self.record("c", name, number, birth=birth), self.record("m", "钱芳", MOTHER)
        self.event("birth", "births", DAY, child=child, mother=mother)

    def record(self, entity: str, name: str, number: str | None, *, birth: str | None = None, accepted: bool = True) -> int:
        """A record of an entity; its number."""
        record = len(self.records) + 1
        self.records.append(
            {"record_id": record, "ref": f"s|{record}|r", "source": "s", "batch": 1, "row_no": record, "name": name, "birth": birth, "id_no": number}
        )
        self.holders[record] = (entity, number, accepted)
        return record

    def event(self, type_: str, source: str, known: date, *, thing: str | None = None, known_to: date | None = None, **parties: int) -> None:
        event = {"event_id": len(self.events) + 1, "batch": 1, "row_no": 1}
        self.events.append(event | {"type": type_, "source": source, "recorded_at": known, "known_from": known, "known_to": known_to})
        self.parts += [event | {"role": role, "record_id": record} for role, record in parties.items()]
        self.parts += [event | {"role": "household", "thing_id": thing}] if thing else []

    def household(self, entity: str, name: str, number: str | None, *, of: str = "h1", known: date = LATER, **more: Any) -> Registers:
        self.event("household", "hukou", known, thing=of, known_to=more.pop("known_to", None), member=self.record(entity, name, number, **more))
        return self

    def made(self) -> dict[str, Any]:
        """The line of the child in the record of birth."""
        person = pa.schema([(name, pa.string()) for name in ("ref", "source", "name", "birth", "id_no", "id_part")])
        fields = [("record_id", pa.int64()), ("batch", pa.int32()), ("row_no", pa.int64()), ("known_to", pa.date32()), *((f.name, f.type) for f in person)]
        tables = {
            "event": pa.Table.from_pylist(self.events, schema=EVENT.schema),
            "participant": pa.Table.from_pylist(self.parts, schema=PARTICIPANT.schema),
            "membership": pa.Table.from_pylist(
                [{"record_id": n, "kind": "person", "entity_id": entity} for n, (entity, _, _) in self.holders.items()], schema=model.MEMBERSHIP.schema
            ),
            "past_party": pa.Table.from_pylist([], schema=PAST_PARTY.schema),
            "unit_person": pa.Table.from_pylist(
                [{"record_id": n, "unit": n, "id_no": number, "accepted": accepted and bool(number)} for n, (_, number, accepted) in self.holders.items()],
                schema=model.unit("person").schema,
            ),
            "record_person": pa.Table.from_pylist(self.records, schema=pa.schema(fields)),
        }
        rows = trial(documents.steps(("person",), ()), tables, ["document"], shuffle=7)["document"].to_pylist()
        (line,) = [row for row in rows if row["type"] == "birth" and row["role"] == "child"]
        return line


def test_a_household_that_holds_child_and_mother_by_their_numbers_binds_the_child() -> None:
    line = Registers().household("m", "钱芳", MOTHER, known=DAY).household("c", "孙小明", CHILD).made()
    assert (line["through"], line["through_source"], line["through_on"], line["through_known"]) == ("household", "hukou", LATER, LATER)
    assert (line["bound_1"], line["bound_2"], line["party_1"], line["party_2"]) == (False, True, "c", "m")


def test_so_does_a_record_of_guardianship() -> None:
    city = Registers()
    city.event("guardianship", "school", LATER, guardian=city.record("m", "钱芳", MOTHER), ward=city.record("c", "孙小明", CHILD))
    assert (city.made()["through"], city.made()["through_source"]) == ("guardianship", "school")


def test_only_a_contract_that_says_so_names_parents_by_birth() -> None:
    said, unsaid = Registers(), Registers()
    said.events[0]["detail"] = "birth"
    assert (said.made()["kind"], unsaid.made()["kind"]) == ("birth", None)


BINDS_NOBODY: dict[str, Registers] = {
    "nothing beside": Registers(),
    "another household": Registers().household("m", "钱芳", MOTHER, of="h2").household("c", "孙小明", CHILD),
    "the mother without a number": Registers().household("m", "钱芳", None).household("c", "孙小明", CHILD),
    "a number that nothing bears out": Registers().household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD, accepted=False),
    "another name": Registers(name="孙晓明").household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD),
    "another day": Registers(birth="2020-03-02").household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD),
    "two such children": Registers().household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD).household("t", "孙小明", TWIN),
    "a row that is withdrawn": Registers().household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD, known_to=NEVER),
    "a wrong number in the record of birth": Registers(number="990102202003010099").household("m", "钱芳", MOTHER).household("c", "孙小明", CHILD),
}


@pytest.mark.parametrize("case", BINDS_NOBODY)
def test_what_does_not_bind(case: str) -> None:
    assert BINDS_NOBODY[case].made()["through"] is None
