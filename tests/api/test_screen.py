"""Leads of tender screening through the door: said to be leads, with rows and lots, masked and audited; a clear word where there are no tenders."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from cityweave.api import audit, pipeline
from cityweave.api.door import Door
from cityweave.api.model_screen import Ring, Rings
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError
from cityweave.fixtures import CONTRACTS, generate

from .conftest import Cityweave


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of a city of 3,000 people, with three rings and four clubs."""
    folder = tmp_path_factory.mktemp("market")
    generate(folder / "city", 3_000, 3)
    workspace = Workspace.create(folder / "w", demo=True)
    workspace.take_city(folder / "city", CONTRACTS, first_only=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.train(workspace)
    pipeline.run(workspace)
    return folder / "w"


def test_leads_with_their_evidence(cityweave: Cityweave, market: Path) -> None:
    listed = cityweave("rings", "-w", market, "--json")
    assert listed.code == 0, listed.err
    data = listed.json["data"]
    assert "非认定" in data["note"] and data["candidates"] and data["bids"] > data["lots"] > 0
    scores = [(one["band"] != "identity", -one["score"]) for one in data["candidates"]]
    assert scores == sorted(scores)
    one = data["candidates"][0]
    assert one["band"] == "identity" and len(one["members"]) >= 2
    told = cityweave("ring", one["id"], "-w", market, "--json")
    assert told.code == 0, told.err
    full = told.json["data"]
    assert [item["entity"] for item in full["members"]] == [item["entity"] for item in one["members"]]
    assert full["innocent"] and full["missing"]
    for item in full["evidence"]:
        assert item["rows"] and all(row["file"] and row["row"] > 0 for row in item["rows"])
        assert item["item"] in (None, "40.1", "40.2", "40.3", "40.4", "40.6")


def test_a_person_reads_that_it_is_a_lead_and_no_number(cityweave: Cityweave, market: Path) -> None:
    page = cityweave("rings", "-w", market)
    assert "线索，非认定" in page.out
    for one in cityweave("rings", "-w", market, "--json").json["data"]["candidates"]:
        read = cityweave("ring", one["id"], "-w", market)
        assert read.code == 0 and "线索，非认定" in read.out
        assert not re.search(r"9900\d{15}|02(-[0-9A-F]{2}){5}|(?<!\d)9\d{5}(19|20)\d{2}[01]\d[0-3]\d{4}[\dX]", read.out)


def test_the_audit_keeps_who_was_looked_at(market: Path) -> None:
    opened = Workspace.open(market)
    before = audit.verify(opened.state).rows
    answer = Door(opened, "supervisor").ask(Rings(limit=1))
    assert audit.verify(opened.state).rows == before + 1
    assert len(answer.data["candidates"]) == 1 and answer.data["cut"] == answer.data["total"] - 1


def test_as_of_an_earlier_day_and_as_known_then(market: Path) -> None:
    door = Door(Workspace.open(market), "supervisor")
    now, early = door.ask(Rings()).data, door.ask(Rings(as_of="2023-01-31")).data
    assert early["lots"] < now["lots"]
    assert door.ask(Rings(known="2025-10-31")).data["bids"] < now["bids"]
    assert door.ask(Rings(known="2020-01-01")).data["candidates"] == []


def test_an_unknown_lead_and_a_wrong_date(cityweave: Cityweave, market: Path) -> None:
    assert cityweave("ring", "gaaaaaaaa", "-w", market).code == 2
    assert cityweave("rings", "--as-of", "2025-13-01", "-w", market).code == 2
    with pytest.raises(InputError, match="no such lead"):
        Door(Workspace.open(market), "supervisor").ask(Ring(id="g"))


def test_without_tenders_a_clear_word(cityweave: Cityweave, tmp_path: Path) -> None:
    rows = "\n".join(f"{n},赵{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'子丑寅卯辰'[n % 5]},19{n:02d}0101,男" for n in range(1, 61))
    (tmp_path / "people.csv").write_text(f"k,name,born,sex\n{rows}\n", "utf-8")
    cityweave("init", "-w", tmp_path / "w")
    contract = "source: people\nformat: {kind: csv}\ndelivery: full\nkey: [k]\nrecords:\n"
    contract += "  - {role: p, kind: person, elements: {name: name, birth: born, sex: sex}}\n"
    (tmp_path / "w" / "contracts" / "people.yaml").write_text(contract, "utf-8")
    for arguments in (("deliver", "people", tmp_path / "people.csv"), ("train",), ("run",)):
        done = cityweave(*arguments, "-w", tmp_path / "w")
        assert done.code == 0, done.err
    asked = cityweave("rings", "-w", tmp_path / "w")
    assert asked.code == 2 and "没有招投标来源" in asked.err
