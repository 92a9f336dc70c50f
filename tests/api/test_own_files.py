"""One's own files: a contract is proposed with reasons, a person confirms the identifiers, and only then it runs."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import polars as pl
import pytest

from cityweave.api import words
from cityweave.api.workspace import Workspace
from cityweave.fixtures import CONTRACTS

from .conftest import Cityweave

HEADED = {"name": "姓名", "id_no": "身份证号", "birth": "出生日期", "phone": "手机号码"}


@pytest.fixture
def people(city: Path, tmp_path: Path) -> Path:
    """A department's plain list of people, without anything said about it."""
    truth = pl.read_parquet(city / "truth" / "person.parquet").filter(pl.col("id_no").is_not_null())
    rows = truth.select(
        pl.int_range(pl.len()).add(1000).cast(pl.String).alias("编号"), *(pl.col(name).cast(pl.String).alias(title) for name, title in HEADED.items())
    )
    path = tmp_path / "people.csv"
    rows.with_columns(pl.lit("x").alias("备注")).write_csv(path)
    return path


def test_propose_confirm_deliver(cityweave: Cityweave, people: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    said = cityweave("init", "--from", people, "-w", workspace)
    assert said.code == 0, said.err
    assert "身份证号" in said.out and "confirmed: false" in said.out
    contract = workspace / "contracts" / "people.yaml"
    assert cityweave("init", "--from", people, "-w", workspace).code == 2, "a contract is never overwritten"
    contract.unlink()
    proposal = cityweave("init", "--from", people, "-w", workspace, "--json").json["proposals"][0]
    found = {line["column"]: line["element"] for line in proposal["columns"]}
    assert {title: found[title] for title in HEADED.values()} == {title: name for name, title in HEADED.items()}
    assert all(line["why"] for line in proposal["columns"])
    assert (proposal["source"], proposal["unconfirmed"], found["备注"]) == ("people", ["身份证号"], "")
    assert cityweave("deliver", "people", people, "-w", workspace).code == 0
    refused = cityweave("run", "-w", workspace)
    assert refused.code == 3 and "people.yaml" in refused.err and "id_no" in refused.err and "confirmed: false to true" in refused.err
    contract.write_text(contract.read_text("utf-8").replace("confirmed: false", "confirmed: true"), "utf-8")
    explained = cityweave("run", "--explain", "-w", workspace)
    assert explained.code == 4, "now only the model is missing"
    assert "cityweave train" in explained.err


def test_columns_without_names(cityweave: Cityweave, people: Path, tmp_path: Path) -> None:
    """With headers c1 … cn the values speak."""
    lines = people.read_text("utf-8").splitlines()
    nameless = tmp_path / "nameless.csv"
    nameless.write_text("\n".join([",".join(f"c{n}" for n in range(1, 7)), *lines[1:]]), "utf-8")
    proposal = cityweave("init", "--from", nameless, "-w", tmp_path / "workspace", "--json").json["proposals"][0]
    found = {line["column"]: line["element"] for line in proposal["columns"]}
    assert {name: found[name] for name in ("c2", "c3", "c4", "c5")} == {"c2": "name", "c3": "id_no", "c4": "birth", "c5": "phone"}


def test_sources_are_called_by_the_sound_of_their_files_all_or_none(cityweave: Cityweave, people: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("医保参保.csv", "学籍（2025）.csv")]
    for file in files:
        shutil.copy(people, file)
    made = cityweave("init", "--from", *files, "-w", tmp_path / "w", "--json").json["proposals"]
    assert [item["source"] for item in made] == ["yibaocanbao", "xueji_2025"]
    other = tmp_path / "户籍.csv"
    shutil.copy(people, other)
    refused = cityweave("init", "--from", other, files[0], "-w", tmp_path / "w")
    assert refused.code == 2 and "医保参保.csv" in refused.err and "yibaocanbao" in refused.err
    assert not (tmp_path / "w" / "contracts" / "huji.yaml").exists(), "nothing is half written"


def test_sources_that_nobody_delivered_yet_need_no_model(cityweave: Cityweave, city: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    assert cityweave("init", "-w", workspace).code == 0
    for name in ("hukou", "marriage", "business"):
        shutil.copy(CONTRACTS / f"{name}.yaml", workspace / "contracts")
    for name in ("hukou", "marriage"):
        (file,) = (city / "deliveries" / "01").glob(f"{name}.*")
        assert cityweave("deliver", name, file, "-w", workspace, "--on", "2025-10-05").code == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Splink's and DuckDB's own, at training
        assert cityweave("train", "-w", workspace).code == 0
    done = cityweave("run", "-w", workspace)
    assert done.code == 0, done.err
    assert cityweave("status", "-w", workspace, "--json").json["generation"] == 1


def test_sources_are_called_by_the_titles_of_their_contracts(cityweave: Cityweave, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    assert cityweave("init", "-w", workspace).code == 0
    said = {"a": "source: medical\ntitle: 医保参保 / insured\n", "b": 'title: "户口名册"  # kept\nsource: book\n', "c": "source: bare\n", "d": "title: [broken"}
    for name, text in said.items():
        (workspace / "contracts" / f"{name}.yaml").write_text(text, "utf-8")
    opened = Workspace.open(workspace)
    assert {name: title for name, title in opened.titles().items() if name != "d"} == {"medical": "医保参保 / insured", "book": "户口名册"}
    words.know(opened.titles())
    assert [words.source(name) for name in ("medical", "book", "bare")] == ["医保参保", "户口名册", "bare"]


def test_a_missing_file_makes_no_workspace(cityweave: Cityweave, tmp_path: Path) -> None:
    result = cityweave("init", "--from", tmp_path / "nothing.csv", "-w", tmp_path / "workspace")
    assert result.code == 2 and "nothing.csv" in result.err
    assert not (tmp_path / "workspace").exists()
