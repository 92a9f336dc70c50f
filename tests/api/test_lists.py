"""Service lists through the door: command, JSON and HTTP shape; opt-outs; one's own rules; bad input."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cityweave.api import audit
from cityweave.api.door import Door
from cityweave.api.model_lists import ServiceList
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError, RuleError
from tests.api.conftest import Cityweave

OWN = """
list: centenarians
zh: 百岁老人
en: centenarians
when: {age: 40, within: school_year}
residence: {basis: [household]}
leave_out: [opted_out, dead, moved_out]
needs: [{event: benefit, details: [高龄津贴], zh: 高龄津贴名册, en: register of allowances, then_zh: 无法核对, then_en: cannot be compared}]
"""


@pytest.fixture
def door(workspace: Path) -> Door:
    (workspace / "services").mkdir()
    (workspace / "services" / "own.yaml").write_text(OWN, "utf-8")
    return Door(Workspace.open(workspace), "tester")


def test_a_list_of_ones_own_agrees_with_the_truth(door: Door, city: Path) -> None:
    answer = door.ask(ServiceList(rule="centenarians")).data
    assert answer["missing"] == [{"what": "高龄津贴名册 / register of allowances", "then": "无法核对 / cannot be compared"}]
    assert answer["total"]["eligible"] >= 1
    truth = pl.read_parquet(city / "truth" / "person.parquet")
    births = set(truth.filter(pl.col("died").is_null())["birth"].dt.to_string("%Y-%m-%d").to_list())
    assert all(line["birth"] in births and line["basis"] == "household" and line["birth_sources"] for line in answer["eligible"])


def test_who_opts_out_is_left_out_until_it_is_taken_back(door: Door, workspace: Path, cityweave: Cityweave) -> None:
    who = door.ask(ServiceList(rule="centenarians")).data["eligible"][0]["entity"]
    signed = ("--by", "wang", "--because", "本人来电", "-w", workspace)
    assert "there is no list" in cityweave("opt-out", who, "--list", "nosuch", *signed).err
    assert "nothing to take back" in cityweave("opt-out", who, "--list", "centenarians", "--undo", *signed).err
    rows = audit.verify(door.workspace.state).rows
    assert cityweave("opt-out", who, "--list", "centenarians", *signed).code == 0
    assert audit.verify(door.workspace.state).rows == rows + 1
    left = {line["entity"]: line["reasons"][0]["code"] for line in door.ask(ServiceList(rule="centenarians")).data["left_out"]}
    assert left[who] == "opted_out"
    assert who not in [line["entity"] for part in ("left_out",) for line in door.ask(ServiceList(rule="school-entry")).data[part]]
    assert cityweave("opt-out", who, "--list", "centenarians", "--undo", *signed).code == 0
    assert who in [line["entity"] for line in door.ask(ServiceList(rule="centenarians")).data["eligible"]]


def test_the_command_says_what_is_not_known(cityweave: Cityweave, workspace: Path) -> None:
    said = cityweave("list", "senior-card", "--month", "next", "-w", workspace)
    assert said.code == 0 and "敬老卡" in said.out
    made = cityweave("list", "senior-card", "--month", "2026-02", "--as-of", "2026-01-05", "--known", "2026-01-05", "--json", "-w", workspace).json["data"]
    assert (made["first"], made["last"]) == ("2026-02-01", "2026-02-28")
    month = cityweave("list", "permit-expiring", "--month", "next-02", "--as-of", "2025-01-05", "--json", "-w", workspace).json["data"]
    assert (month["first"], month["last"]) == ("2026-02-01", "2026-02-28"), "a list by days may be asked for a month"
    pupils = cityweave("list", "school-entry", "--month", "2026-09", "--json", "-w", workspace).json["data"]
    assert (pupils["first"], pupils["last"]) == ("2025-09-01", "2026-08-31")
    early = cityweave("list", "senior-card", "--known", "2000-01-01", "--json", "-w", workspace).json["data"]
    assert "nothing had been delivered" in early["missing"][0]["what"]
    assert set(made) >= {"eligible", "to_check", "left_out", "missing", "total", "cut"}


def test_bad_input(door: Door, workspace: Path, cityweave: Cityweave) -> None:
    for bad in (ServiceList(rule="nosuch"), ServiceList(rule="senior-card", month="13"), ServiceList(rule="senior-card", days=0)):
        with pytest.raises(InputError):
            door.ask(bad)
    with pytest.raises(InputError, match="out of range"):
        door.ask(ServiceList(rule="senior-card", as_of="1066-10-14"))
    assert "not by month" in cityweave("list", "school-entry", "--month", "next", "-w", workspace).err
    assert "not by days" in cityweave("list", "senior-card", "--days", 9, "-w", workspace).err
    (workspace / "services" / "bad.yaml").write_text("list: x", "utf-8")
    with pytest.raises(RuleError, match=r"bad\.yaml"):
        door.ask(ServiceList(rule="senior-card"))
    assert cityweave("opt-out", "pzzzzzz", "--by", "a", "--because", "b", "-w", workspace).code == 2
