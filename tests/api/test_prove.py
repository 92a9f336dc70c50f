"""Proof of kinship through the door: names and numbers from standard input only, nothing of them in errors, audit or answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cityweave.api.door import Door
from cityweave.api.model_prove import Prove
from cityweave.api.workspace import Workspace
from tests.api.conftest import Cityweave

Line = tuple[str, str]


@pytest.fixture
def mothers(city: Path) -> list[tuple[Line, Line]]:
    """(mother, child) of the truth, a name and a number each."""
    person = pl.read_parquet(city / "truth" / "person.parquet").select("truth_id", "name", "id_no", "mother").drop_nulls("id_no")
    met = person.drop_nulls("mother").join(person, left_on="mother", right_on="truth_id", suffix="_of")
    return [((row["name_of"], row["id_no_of"]), (row["name"], row["id_no"])) for row in met.sort("truth_id").to_dicts()]


def text(*lines: Line) -> str:
    return "".join(f"{name} {number}\n" for name, number in lines)


def test_what_a_document_states_is_true_and_nobody_else_is_named(cityweave: Cityweave, workspace: Path, mothers: list[tuple[Line, Line]]) -> None:
    verdicts = {}
    for mother, child in mothers[:60]:
        said = cityweave("prove", "mother-of", "--purpose", "公证", "--json", "-w", workspace, text=text(mother, child))
        assert said.code == 0, said.err
        verdicts[said.json["data"]["verdict"]] = said
        assert all(number not in said.out for _, number in (mother, child))
    assert set(verdicts) <= {"yes", "unknown"} and "yes" in verdicts
    assert {"kind", "title", "source", "on", "states"} == set(verdicts["yes"].json["data"]["documents"][0])
    seen = cityweave("prove", "mother-of", "-w", workspace, text=text(*next(pair for pair in mothers[:1])))
    assert any(word in seen.out for word in ("属实", "无法证明"))


def test_the_audit_keeps_no_name_and_no_number(workspace: Path, mothers: list[tuple[Line, Line]]) -> None:
    door = Door(Workspace.open(workspace), "tester")
    mother, child = mothers[0]
    door.ask(Prove.of("mother-of", (mother, child)), "公证")
    with door.workspace.state.read() as connection:
        kept = json.dumps(connection.execute("SELECT question, entities FROM audit").fetchall(), ensure_ascii=False)
    assert "prove" in kept and not any(value in kept for line in (mother, child) for value in line)


BAD = {
    "no such relation": ("uncle-of", None, "there is no such relation"),
    "one line": ("mother-of", "王秀英 990102196302030024\n", "two lines"),
    "no number": ("mother-of", "王秀英\n李伟\n", "two lines"),
    "a number that is not valid": ("mother-of", "王秀英 990102196302030021\n李伟 990102199001011237\n", "neither a valid identity number"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_without_its_values(case: str, cityweave: Cityweave, workspace: Path, mothers: list[tuple[Line, Line]]) -> None:
    relation, given, says = BAD[case]
    said = cityweave("prove", relation, "-w", workspace, text=given or text(*mothers[0]))
    assert said.code == 2 and says in said.err
    assert "王秀英" not in said.err and "990102" not in said.err


@pytest.mark.parametrize("how", ["mark", "gb18030", "full width", "tab"])
def test_names_and_numbers_are_read_as_people_write_them(how: str, cityweave: Cityweave, workspace: Path, mothers: list[tuple[Line, Line]]) -> None:
    def prove(given: str | bytes) -> Any:
        return cityweave("prove", "mother-of", "--json", "-w", workspace, text=given).json["data"]

    plain = next(text(*pair) for pair in mothers if prove(text(*pair))["verdict"] == "yes")
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else "\u3000" if char == " " else char for char in plain)
    given = {"mark": plain.encode("utf-8-sig"), "gb18030": plain.encode("gb18030"), "full width": wide, "tab": plain.replace(" ", "\t")}[how]
    assert prove(given) == prove(plain)


def test_a_text_in_no_known_encoding_is_refused(cityweave: Cityweave, workspace: Path) -> None:
    assert "encoding is not understood" in cityweave("prove", "mother-of", "-w", workspace, text=b"\xff\xff 1\n").err


def test_one_person_twice_is_refused(cityweave: Cityweave, workspace: Path, mothers: list[tuple[Line, Line]]) -> None:
    codes = {cityweave("prove", "sibling-of", "-w", workspace, text=text(child, child)).code for _, child in mothers[:10]}
    assert 2 in codes
