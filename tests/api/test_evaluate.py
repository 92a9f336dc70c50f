"""Evaluations against a truth: what a wrong cell, a right repair and a rightly dated fact are, on a town small enough to count by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from .conftest import Cityweave

CONTRACT = """
source: register
format: {kind: csv}
delivery: full
key: [k]
recorded_at: day
duplicate_free: true
authority: [name]
records:
  - role: p
    kind: person
    elements:
      name: name
      id_type: {constant: "111"}
      id_no: {column: no, confirmed: true}
      birth: {column: born, format: YYYYMMDD}
      sex: sex
events:
  - type: death
    when: {filled: [died]}
    participants: {deceased: p}
    valid_from: died
"""
RIGHT = "110101199003077213"
WRONG = [
    # file, row, column, wrong, right, kind
    ("register.csv", 1, "sex", "", "男", "missing"),  # the number says it: repaired
    ("register.csv", 2, "no", "110101199003077214", RIGHT, "id_typo"),  # found, cannot be mended
    ("register.csv", 3, "name", "王 五", "王五", "spaces"),  # read as it should be
    ("register.csv", 3, "sex", "女", "男", "wrong_sex"),  # nothing says so
]


def lines() -> list[str]:
    """Fifty people of whom the first three have wrong cells; the model wants fifty."""
    made = ["k,name,no,born,sex,died,day", f"1,张三,{RIGHT},19900307,,,2020-01-01", "2,李四,110101199003077214,19900307,男,2019-05-05,2020-01-01"]
    made += ["3,王 五,,19910101,女,,2020-01-01"]
    return made + [f"{n},赵{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{'子丑寅卯辰'[n % 5]},,19{n:02d}0101,男,,2020-01-01" for n in range(4, 61)]


@pytest.fixture
def scored(cityweave: Cityweave, tmp_path: Path) -> dict[str, Any]:
    """The evaluation of that town."""
    workspace, truth = tmp_path / "w", tmp_path / "truth"
    cityweave("init", "-w", workspace)
    (workspace / "contracts" / "register.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "register.csv").write_text("\n".join(lines()) + "\n", "utf-8")
    truth.mkdir()
    people = [{"file": "register.csv", "row": row, "role": "p", "truth_id": f"P{min(row, 59)}"} for row in range(1, 61)]  # the last two are one
    pl.DataFrame(people).write_parquet(truth / "record.parquet")
    pl.DataFrame(WRONG, schema=["file", "row", "column", "wrong", "right", "kind"], orient="row").write_parquet(truth / "error.parquet")
    facts = pl.DataFrame(
        {"type": ["death", "death"], "parties": ["deceased=P2", "deceased=P9"], "valid_from": ["2019-05-05", "2018-01-01"], "valid_to": [None, None]}
    )
    facts.with_columns(pl.col("valid_from", "valid_to").cast(pl.String).str.to_date()).write_parquet(truth / "fact.parquet")
    for command in (
        ("deliver", "register", tmp_path / "register.csv", "--on", "2020-02-01", "-w", workspace),
        ("train", "-w", workspace),
        ("run", "-w", workspace),
    ):
        done = cityweave(*command)
        assert done.code == 0, done.err
    said = cityweave("evaluate", "--truth", truth, "--mistakes", 1, "-w", workspace, "--json")
    assert said.code == 0, said.err
    made: dict[str, Any] = said.json["data"]
    shown = cityweave("evaluate", "--truth", truth, "--mistakes", 1, "-w", workspace)
    assert "register:1:59:p · register:1:60:p" in shown.out
    assert "missing" in shown.out and "死亡 death" in shown.out
    return made


def test_cells_that_departments_wrote_wrongly(scored: dict[str, Any]) -> None:
    cleaning = scored["cleaning"]
    assert {item["kind"]: (item["detected"], item["repaired"]) for item in cleaning["kinds"]} == {
        "missing": (1, 1),
        "id_typo": (1, 0),
        "spaces": (1, 1),
        "wrong_sex": (0, 0),
    }
    assert cleaning["total"] == {"cells": 4, "detected": 3, "repaired": 2}
    assert (cleaning["repairs"]["cells"], cleaning["repairs"]["rightly"], cleaning["repairs"]["changed_right_cells"]) == (1, 1, 0)
    assert all(item["rule"] == "person.id_no.required" for item in cleaning["false_by"]), "57 people have no number and the truth does not mind"


def test_mistakes_name_records_as_why_does(scored: dict[str, Any]) -> None:
    (mistake,) = scored["mistakes"]
    assert (mistake["wrong"], mistake["left"], mistake["right"]) == ("split", "register:1:59:p", "register:1:60:p")
    assert mistake["sentences"]


def test_facts_are_rightly_dated_or_not(scored: dict[str, Any]) -> None:
    assert scored["facts"]["total"] == {"type": "", "true": 2, "told": 1, "found": 1, "begun": 1, "dated": 1, "bounded": 0, "ours": 1, "right": 1}
