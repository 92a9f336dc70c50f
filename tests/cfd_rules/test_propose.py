"""Proposing a contract for a file nobody has described."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules.propose import Proposal, propose
from cityweave.cfd_rules.yaml_text import from_yaml

REAL = "er/historical_50k/historical_figures_with_errors_50k.parquet"
ELEMENTS = {
    "full_name": "name",
    "first_and_surname": "",
    "first_name": "given_name",
    "surname": "surname",
    "dob": "birth",
    "birth_place": "birth_place",
    "postcode_fake": "postcode",
    "gender": "sex",
    "occupation": "occupation",
}


def proposed(path: Path) -> tuple[Proposal, dict[str, str]]:
    """The proposal, which must load as a contract, and column -> element."""
    made = propose(path, registry.load())
    contract_file.parse(from_yaml(made.yaml), "proposed.yaml", registry.load())
    return made, {line.column: line.element for line in made.lines}


@pytest.mark.data
def test_real_people_by_their_headings(data: Path, tmp_path: Path) -> None:
    pl.read_parquet(data / REAL).drop("unique_id", "cluster").write_parquet(tmp_path / "people.parquet")
    made, elements = proposed(tmp_path / "people.parquet")
    assert elements == ELEMENTS
    assert made.key == ()
    assert "redundant: made of first_name and surname" in made.yaml


@pytest.mark.data
def test_real_people_by_their_values_alone(data: Path, tmp_path: Path) -> None:
    people = pl.read_parquet(data / REAL).drop("unique_id", "cluster")
    people.rename({name: f"c{place}" for place, name in enumerate(people.columns, start=1)}).write_csv(tmp_path / "people.csv")
    _, elements = proposed(tmp_path / "people.csv")
    assert elements == dict(zip((f"c{place}" for place in range(1, 10)), ELEMENTS.values(), strict=True))


def test_a_chinese_register(tmp_path: Path) -> None:
    numbers = ["110101199003077213", "11010119900307101X", "110101199003071028"]
    lines = [f"A{place:03d},张三{place % 7},{numbers[place % 3]},1990年3月7日,男,汉,1380013{place:04d},李父,{numbers[0]},2020-01-02" for place in range(60)]
    text = "登记编号,姓名,身份证号,出生日期,性别,民族,手机,父亲姓名,父亲身份证号,登记日期\n" + "\n".join(lines)
    (tmp_path / "reg.csv").write_bytes(text.encode("gb18030"))
    made, elements = proposed(tmp_path / "reg.csv")
    assert made.format.encoding == "gb18030"
    assert (made.key, made.recorded_at) == (("登记编号",), "登记日期")
    assert elements == {
        "登记编号": "", "姓名": "name", "身份证号": "id_no", "出生日期": "birth", "性别": "sex", "民族": "ethnicity", "手机": "phone",
        "父亲姓名": "name", "父亲身份证号": "id_no", "登记日期": "",
    }
    assert made.unconfirmed == ("身份证号", "父亲身份证号")
    assert made.yaml.count("confirmed: false") == 2


def test_a_file_without_a_header_and_with_semicolons(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("\n".join(f"{place:05d};王小明;1990-0{place % 9 + 1}-11;男" for place in range(40)))
    made, elements = proposed(tmp_path / "f.txt")
    assert (made.format.separator, made.format.header) == (";", False)
    assert (made.key, elements) == (("c1",), {"c1": "", "c2": "name", "c3": "birth", "c4": "sex"})
