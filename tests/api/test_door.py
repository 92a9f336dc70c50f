"""The door: no audit, no answer; one row a question; nothing clear goes out without a purpose and a grant."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cityweave.api import audit
from cityweave.api.door import HANDLERS, Door
from cityweave.api.model import (
    Diff,
    Digest,
    Entity,
    Evaluate,
    Export,
    Find,
    How,
    Possible,
    Quality,
    Question,
    Status,
    Timeline,
    Turning,
    Why,
    WhyNot,
)
from cityweave.api.model_ask import Ask, Can
from cityweave.api.model_graph import Control, Draw, FirmsOf, Household, Neighbours, Occupants, Paths, Penalties, Relatives
from cityweave.api.model_graph import Path as PathQuestion
from cityweave.api.model_lists import ServiceList
from cityweave.api.model_prove import Prove
from cityweave.api.questions import QUESTIONS
from cityweave.api.state import Grant, StateError
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import DoorError, InputError


def numbers(city: Path) -> set[str]:
    """Every identity number of the city, from its truth."""
    return set(pl.read_parquet(city / "truth" / "person.parquet")["id_no"].drop_nulls().to_list())


@pytest.fixture
def door(workspace: Path) -> Door:
    return Door(Workspace.open(workspace), "tester")


def rows(door: Door) -> int:
    return audit.verify(door.workspace.state).rows


def questions(door: Door, city: Path) -> list[Question]:
    """One of each, about somebody with several records."""
    members = door.ask(Export(table="membership")).frame
    assert members is not None
    people = members.filter(pl.col("entity_id").str.starts_with("p"))
    sizes = people.group_by("entity_id").agg(pl.len().alias("n"), pl.col("record_id").sort()).sort("n", "entity_id", descending=[True, False])
    one, other = sizes["entity_id"][0], sizes["entity_id"][1]
    two = [str(record) for record in sizes["record_id"][0][:2]]
    name = next(value["value"] for value in door.ask(Entity(id=one)).data["values"] if value["element"] == "name")
    return [
        Status(),
        Quality(rows=True),
        Find(text=name),
        Entity(id=one),
        Timeline(id=one),
        Why(left=two[0], right=two[1]),
        WhyNot(left=one, right=other),
        How(id=one),
        Neighbours(id=one, depth=2),
        Draw(id=one),
        PathQuestion(left=one, right=other),
        Paths(left=one, right=other),
        Ask(text="下个月谁满65岁"),
        Can(),
        ServiceList(rule="senior-card"),
        Prove.of("mother-of", (("甲", "990102196302030024"), ("乙", "990102199001011237"))),
        Control(id=next(entity for entity in members["entity_id"].sort() if entity.startswith("l"))),
        FirmsOf(id=one, relatives=True),
        Relatives(id=one),
        Penalties(),
        Household(id=one),
        Occupants(id=next(entity for entity in members["entity_id"].sort() if entity.startswith("b"))),
        Turning(age=65),
        Export(table="record_person"),
        Evaluate(truth=str(city / "truth")),
        Digest(),
        Possible(),
    ]


def test_every_question_has_a_handler_and_a_sentence() -> None:
    assert set(QUESTIONS) == {*HANDLERS, "diff", "ask"}
    assert all(" / " in (kind.__doc__ or "") for kind in QUESTIONS.values())


def test_each_read_adds_exactly_one_row(door: Door, city: Path) -> None:
    asked = questions(door, city)
    for question in asked:
        before = rows(door)
        door.ask(question, "test")
        assert rows(door) == before + 1, question.name
    assert {question.name for question in asked} == set(QUESTIONS) - {"diff", "rings", "ring"}
    assert audit.verify(door.workspace.state).sound
    print(f"questions asked: {len(asked)}")


def test_a_question_that_fails_leaves_a_row_too(door: Door) -> None:
    before = rows(door)
    for question in (Entity(id="pzzzzzzz"), Diff(), Turning(age=65, month="soon"), Find(text="")):
        with pytest.raises(InputError):
            door.ask(question)
    assert rows(door) == before + 4


def test_without_a_writable_state_nothing_is_answered(door: Door, city: Path) -> None:
    asked = questions(door, city)
    door.workspace.state.path.chmod(0o444)
    for question in asked:
        with pytest.raises(StateError):
            door.ask(question, "test")
    print(f"questions refused: {len(asked)}")


def test_the_audit_keeps_entities_and_no_value(door: Door, city: Path) -> None:
    asked = questions(door, city)
    for question in asked:
        door.ask(question, "test")
    wanted = next(question.text for question in asked if isinstance(question, Find))
    with door.workspace.state.read() as connection:
        kept = connection.execute("SELECT question, entities FROM audit").fetchall()
    assert wanted not in json.dumps(kept, ensure_ascii=False)
    assert any(json.loads(entities) for question, entities in kept if "find" in question)


def test_no_identity_number_leaves_masked_answers(door: Door, city: Path) -> None:
    known = numbers(city)
    asked = questions(door, city)
    for question in asked:
        answer = door.ask(question)
        text = answer.json() + ("" if answer.frame is None else answer.frame.write_csv())
        found = set(re.findall(r"[0-9]{17}[0-9Xx]", text)) & known
        assert not found, question.name
    print(f"numbers looked for: {len(known)} in {len(asked)} answers")


def test_no_digit_of_a_number_beside_a_birth_date(door: Door) -> None:
    frame = door.ask(Export(table="entity_person")).frame
    assert frame is not None
    assert frame["birth"].drop_nulls().len() > 0
    assert not frame["id_no"].drop_nulls().str.contains(r"[0-9]").any()


def test_clear_values_want_a_purpose_and_a_grant(door: Door, city: Path) -> None:
    question = Export(table="entity_person")
    with pytest.raises(DoorError, match="purpose"):
        door.ask(question, clear=True)
    with pytest.raises(DoorError, match="grant"):
        door.ask(question, "高龄津贴", clear=True)
    today = door.workspace.date()
    door.workspace.state.grant(Grant("tester", 3, today, "wang", "高龄津贴"))
    answer = door.ask(question, "高龄津贴", clear=True)
    assert answer.frame is not None and answer.clear
    assert set(answer.frame["id_no"].drop_nulls().to_list()) & numbers(city)
    assert not (set(answer.frame["ethnicity"].drop_nulls().to_list()) - {"*"})  # grade 4 stays masked under a grant for grade 3
    with pytest.raises(DoorError, match="grant"):
        Door(door.workspace, "somebody else").ask(question, "高龄津贴", clear=True)


def test_an_expired_grant_opens_nothing(door: Door) -> None:
    door.workspace.state.grant(Grant("tester", 3, door.workspace.date() - dt.timedelta(days=1), "wang", "x"))
    with pytest.raises(DoorError, match="grant"):
        door.ask(Export(table="entity_person"), "x", clear=True)


def test_a_retired_id_resolves(door: Door) -> None:
    members = door.ask(Export(table="membership")).frame
    assert members is not None
    entity, record = members.select("entity_id", "record_id").row(0)
    door.workspace.state.retire(1, [("pzzzzzz1", [record]), ("pzzzzzz2", [1])])
    answer = door.ask(Entity(id="pzzzzzz1"))
    assert (answer.data["entity"], answer.data["asked"]) == (entity, "pzzzzzz1")
    with pytest.raises(InputError, match="withdrawn"):
        door.ask(Entity(id="pzzzzzz2"))


def test_the_past_is_asked_by_generation(door: Door) -> None:
    assert door.ask(replace(Status(), generation=1)).generation == 1
