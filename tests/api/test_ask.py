"""Asking in a sentence through the door, and what can be asked."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cityweave.api import audit
from cityweave.api.door import Door
from cityweave.api.model import Export, Turning
from cityweave.api.model_ask import Ask, Can
from cityweave.api.model_graph import Neighbours
from cityweave.api.model_lists import ServiceList
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError
from tests.api.conftest import Cityweave


@pytest.fixture
def door(workspace: Path) -> Door:
    return Door(Workspace.open(workspace), "tester")


def entities(door: Door, kind: str) -> list[tuple[str, str]]:
    """(id, name), those whose name is their own."""
    frame = door.ask(Export(table=f"entity_{kind}")).frame
    assert frame is not None
    return list(frame.drop_nulls("name").filter(frame.drop_nulls("name")["name"].is_unique()).sort("entity_id").select("entity_id", "name").iter_rows())


def test_the_answer_is_that_of_the_question_it_was_understood_as(door: Door) -> None:
    for text in ("下个月谁满65岁", "who turns 65 next month"):
        data = door.ask(Ask(text=text)).data
        assert data["understood"]["question"] == "turning" and data["understood"]["fields"] == {"age": 65, "month": "next"}
        assert data["answer"] == door.ask(Turning(age=65)).data


def test_who_asks_how_many_is_told_the_count_first(door: Door, cityweave: Cityweave, workspace: Path) -> None:
    data = door.ask(Ask(text="下个月有多少人满65岁")).data
    assert data["count"] == data["answer"]["total"] == len(data["answer"]["people"])
    assert door.ask(Ask(text="下个月谁满65岁")).data["count"] is None
    said = cityweave("ask", "下个月有多少人满65岁", "-w", workspace).out
    assert f"共 count: {data['count']}" in said.splitlines()[1]


def test_only_certificates_of_the_kind_named_are_listed(door: Door) -> None:
    """The city tells of residence permits and senior cards only: no driving licence is invented, and the gap is named."""
    every = door.ask(Ask(text="一年内到期的居住证")).data["answer"]
    assert every["total"]["eligible"] + every["total"]["left_out"] > 0
    permits = door.ask(ServiceList(rule="permit-expiring", days=366, what="居住")).data
    assert permits["total"] == {**every["total"], **dict.fromkeys(every["total"], 0)}, "the register calls them residence_permit"
    assert door.ask(ServiceList(rule="permit-expiring", days=366, what="permit")).data["total"] == every["total"]
    none = door.ask(Ask(text="半年内到期的驾驶证")).data
    assert none["understood"]["fields"]["what"] == "驾驶证" and not any(none["answer"]["total"].values())
    assert "certificates of a kind that contains this word" in none["answer"]["missing"][0]["what"]
    with pytest.raises(InputError, match="not about certificates"):
        door.ask(ServiceList(rule="senior-card", what="驾驶证"))


def test_a_name_stands_for_its_entity_and_several_are_not_guessed(door: Door) -> None:
    one, name = entities(door, "person")[0]
    assert door.ask(Ask(text=f"{name}有哪些关系")).data["answer"] == door.ask(Neighbours(id=one)).data
    firm, title = entities(door, "legal_entity")[0]
    assert door.ask(Ask(text=f"{title}的实际控制人是谁")).data["understood"]["fields"] == {"id": firm}
    which = door.ask(Ask(text="公司的股东有哪些")).data["which"]
    assert which["total"] > 1 and {"entity", "name"} <= set(which["entities"][0])


def test_a_purpose_with_a_number_is_refused_and_the_row_does_not_hold_it(door: Door) -> None:
    before = audit.verify(door.workspace.state).rows
    with pytest.raises(InputError, match="is kept"):
        door.ask(Can(), "核对 990102196302030024")
    assert audit.verify(door.workspace.state).rows == before + 1
    with door.workspace.state.read() as connection:
        assert "990102" not in str(connection.execute("SELECT * FROM audit ORDER BY seq DESC LIMIT 1").fetchone())


def test_one_row_a_sentence_and_no_name_in_it(door: Door) -> None:
    one, name = entities(door, "person")[0]
    before = audit.verify(door.workspace.state).rows
    door.ask(Ask(text=f"{name}有哪些关系"), "test")
    assert audit.verify(door.workspace.state).rows == before + 1
    with door.workspace.state.read() as connection:
        (kept,) = connection.execute("SELECT question FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    assert one in kept and name not in kept and "neighbours" in kept


def test_the_command(cityweave: Cityweave, workspace: Path) -> None:
    said = cityweave("ask", "下个月谁满65岁", "-w", workspace)
    assert said.code == 0 and "理解为" in said.out and "turning" in said.out
    assert cityweave("ask", "-w", workspace, "--json", text="who enters school next autumn\n").json["data"]["answer"]["rule"] == "school-entry"
    refused = cityweave("ask", "下个月谁发财", "-w", workspace)
    assert refused.code == 2 and "下个月谁满65岁" in refused.err
    hidden = cityweave("ask", "王秀英（990102196302030024）是李伟（990102199001011237）的母亲吗", "-w", workspace)
    assert hidden.code == 2 and "990102" not in hidden.err and "standard input" in hidden.err


def test_what_can_be_asked_names_the_gaps(door: Door, cityweave: Cityweave, workspace: Path) -> None:
    lines = {(line["question"], line["list"]): line for line in door.ask(Can()).data["questions"]}
    assert lines["turning", None]["allowed"] in {"yes", "partly"}
    adoption = [gap for gap in lines["prove", None]["gaps"] if "adoptions" in gap["what"]]
    assert lines["prove", None]["allowed"] == ("partly" if adoption else "yes")
    assert ("list", "senior-card") in lines
    said = cityweave("can", "-w", workspace)
    assert said.code == 0 and "turning" in said.out


def test_registration_seat_and_penalties_are_in_the_answer(door: Door) -> None:
    """What the sentence asks for really stands in the answer of the question it is understood as."""
    facts, parties = door.ask(Export(table="fact")).frame, door.ask(Export(table="fact_party")).frame
    assert facts is not None and parties is not None
    found = {
        of: parties.join(facts.filter(facts["type"] == of).select("fact_id"), on="fact_id").filter(pl.col("role") == role).sort("fact_id")["entity_id"][0]
        for of, role in (("household", "member"), ("penalty", "firm"))
    }
    registered = door.ask(Ask(text=f"{found['household']}的户口在哪里")).data["answer"]["found"]
    assert {edge["type"] for row in registered for edge in row["edges"]} == {"household", "lives_in"}
    penalties = door.ask(Ask(text=f"{found['penalty']}受过哪些处罚")).data["answer"]["facts"]
    assert "penalty" in {fact["type"] for fact in penalties}
    values = door.ask(Ask(text=f"{found['penalty']}的注册地址在哪里")).data["answer"]["values"]
    assert "address" in {value["element"] for value in values}
