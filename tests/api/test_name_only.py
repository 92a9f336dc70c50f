"""A person of whom a register tells only a name that several bear: the answer says how many, and picks nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import Cityweave

SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "甲乙丙丁戊己庚辛壬癸"
PEOPLE = "  - {role: p, kind: person, elements: {name: name, birth: born, sex: sex}}\n"
FIRMS = (
    "  - {role: firm, kind: legal_entity, elements: {name: firm}}\n  - {role: holder, kind: person, when: {filled: [holder]}, elements: {name: holder}}\n"
    "events:\n  - {type: shareholding, participants: {holder: holder, firm: firm}, detail: {column: share, measure: millionths}}\n"
)


@pytest.fixture
def place(tmp_path: Path, cityweave: Cityweave) -> Path:
    """Ninety-odd people, three called 王伟; firms held by 王伟, by somebody nobody else knows, and by somebody with one namesake."""
    people = [f"{n},{SURNAMES[n % 10]}{GIVEN[n // 10]},19{n % 90 + 10}0{n % 9 + 1}11,{'男女'[n % 2]}" for n in range(90)]
    people += [f"{100 + n},王伟,19{60 + 9 * n}0{n + 2}17,男" for n in range(3)]
    firms = ["1,粤海一号机械有限公司,王伟,60%", "2,粤海二号食品有限公司,欧阳无人,70%"]
    firms += [f"{n},粤海{SURNAMES[n % 10]}{GIVEN[n // 10]}{'商贸建材'[n % 4]}有限公司,," for n in range(3, 63)]
    files = {"people": ("k,name,born,sex", people, PEOPLE), "firms": ("k,firm,holder,share", firms, FIRMS)}
    root = tmp_path / "w"
    assert cityweave("init", "-w", root).code == 0
    for source, (head, rows, records) in files.items():
        (tmp_path / f"{source}.csv").write_text("\n".join((head, *rows, "")), "utf-8")
        contract = f"source: {source}\nformat: {{kind: csv}}\ndelivery: full\nkey: [k]\nrecords:\n{records}"
        (root / "contracts" / f"{source}.yaml").write_text(contract, "utf-8")
    for arguments in (("deliver", "people", tmp_path / "people.csv"), ("deliver", "firms", tmp_path / "firms.csv"), ("train",), ("run",)):
        done = cityweave(*arguments, "-w", root)
        assert done.code == 0, done.err
    return root


def test_how_many_may_be_meant_is_said(place: Path, cityweave: Cityweave) -> None:
    def ask(*words: str, text: str = "") -> Any:
        return cityweave(*words, "--json", "-w", place, text=text).json["data"]

    def firm(name: str) -> str:
        return str(ask("find", "--kind", "legal_entity", text=f"{name}\n")["entities"][0]["entity"])

    (owner,) = ask("control", firm("一号机械"))["owners"]
    assert (owner["label"], owner["possible"]) == ("王伟", 3)
    assert ask("find", "--kind", "person", text="王伟\n")["total"] == 4, "the holder is none of the three"
    assert ask("entity", owner["entity"])["possible"] == 3
    (held,) = ask("neighbours", firm("一号机械"))["found"]
    assert held["possible"] == 3
    printed = cityweave("control", firm("一号机械"), "-w", place).out
    assert "王伟（只有姓名，可能是" in printed and "3 名同名者之一" in printed, "also where a narrow terminal breaks the line"
    (unknown,) = ask("control", firm("二号食品"))["owners"]
    assert unknown["possible"] == 0
    known = next(one["entity"] for one in ask("find", "--kind", "person", text="王伟\n")["entities"] if one["entity"] != owner["entity"])
    assert ask("entity", known)["possible"] is None, "of whom more is told than a name"
