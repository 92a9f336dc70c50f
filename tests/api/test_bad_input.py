"""Whatever is wrong: one clear message, an exit code other than 0, no traceback, and the former generation is served as before."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cityweave.api import audit
from cityweave.api.workspace import Workspace

from .conftest import Cityweave, Result


def copy(city: Path, folder: Path, name: str = "hukou.csv") -> Path:
    return Path(shutil.copy(city / "deliveries" / "03" / name, folder / f"new-{name}"))


def text(path: Path, change: Callable[[str], str]) -> Path:
    path.write_bytes(change(path.read_bytes().decode("gb18030")).encode("gb18030"))
    return path


def no_file(city: Path, folder: Path) -> Path:
    return folder / "nothing.csv"


def no_column(city: Path, folder: Path) -> Path:
    return text(copy(city, folder), lambda whole: whole.replace("公民身份号码", "号码", 1))


def other_encoding(city: Path, folder: Path) -> Path:
    path = copy(city, folder)
    path.write_bytes(path.read_bytes().decode("gb18030").encode("utf-16"))
    return path


def empty(city: Path, folder: Path) -> Path:
    (folder / "empty.csv").write_bytes(b"")
    return folder / "empty.csv"


def only_a_header(city: Path, folder: Path) -> Path:
    return text(copy(city, folder), lambda whole: whole.splitlines(keepends=True)[0])


def too_many_fields(city: Path, folder: Path) -> Path:
    return text(copy(city, folder), lambda whole: "\n".join([whole.splitlines()[0], *(line + ",x" for line in whole.splitlines()[1:])]))


def again(city: Path, folder: Path) -> Path:
    return city / "deliveries" / "03" / "hukou.csv"


def no_headings(city: Path, folder: Path) -> Path:
    return text(copy(city, folder), lambda whole: whole.split("\n", 1)[1])


def other_separator(city: Path, folder: Path) -> Path:
    return text(copy(city, folder), lambda whole: whole.replace(",", ";"))


def a_workbook(city: Path, folder: Path) -> Path:
    path = folder / "hukou.csv"
    path.write_bytes(b"PK\x03\x04" + os.urandom(5_000))
    return path


WRONG = {
    no_headings: "the first row is not the contract's headings",
    other_separator: "the separator may be ';'",
    a_workbook: "an Excel file or an archive",
    no_file: "no such file",
    no_column: "公民身份号码",
    other_encoding: "",
    empty: "empty",
    only_a_header: "no data row",
    too_many_fields: "fields",
    again: "delivered before",
}


def refused(result: Result, says: str) -> None:
    assert result.code not in (0, 1), result.out + result.err
    assert "错误 / error" in result.err
    assert says in result.err
    assert "Traceback" not in result.err


def served(cityweave: Cityweave, workspace: Path) -> None:
    assert cityweave("status", "-w", workspace, "--json").json["generation"] == 1


@pytest.mark.parametrize("make", WRONG, ids=lambda make: make.__name__)
def test_a_wrong_delivery_is_refused(cityweave: Cityweave, city: Path, workspace: Path, tmp_path: Path, make: Callable[[Path, Path], Path]) -> None:
    before = Workspace.open(workspace).batches()
    told = cityweave("deliver", "hukou", make(city, tmp_path), "-w", workspace, "--on", "2026-02-01")
    refused(told, WRONG[make])
    assert not re.search(r"[0-9]{9}", told.err), "no cell of the file is shown"
    assert Workspace.open(workspace).batches() == before
    served(cityweave, workspace)


def test_a_full_delivery_that_lacks_many_keys_is_refused_until_accepted(cityweave: Cityweave, city: Path, workspace: Path, tmp_path: Path) -> None:
    path = copy(city, tmp_path, "housing.csv")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    refused(cityweave("deliver", "housing", path, "-w", workspace, "--on", "2026-02-01"), "--accept-absences")
    assert cityweave("deliver", "housing", path, "-w", workspace, "--on", "2026-02-01", "--accept-absences").code == 0


def test_a_row_that_cannot_be_read_goes_to_quarantine_and_the_run_says_so(cityweave: Cityweave, workspace: Path) -> None:
    result = cityweave("run", "-w", workspace, "--json")
    assert result.json["quarantined"] >= 1
    rows = cityweave("quality", "--rows", "--source", "hukou", "-w", workspace, "--json").json["data"]["unread"]
    assert rows and all(row["problem"] and row["row"] >= 1 and row["file"].endswith("hukou.csv") for row in rows)


def test_what_is_wrong_with_another_contract_stops_no_delivery(cityweave: Cityweave, city: Path, workspace: Path, tmp_path: Path) -> None:
    for name, said in (("death", "source: death\n  x: ["), ("marriage", "source: marriage\nnonsense: 1\n")):
        (workspace / "contracts" / f"{name}.yaml").write_text(said, "utf-8")
    path = text(copy(city, tmp_path), lambda whole: whole + "\n")
    assert cityweave("deliver", "hukou", path, "-w", workspace, "--on", "2026-02-01").code == 0
    refused(cityweave("deliver", "death", path, "-w", workspace), "death.yaml")


def test_an_older_date_is_refused(cityweave: Cityweave, city: Path, workspace: Path, tmp_path: Path) -> None:
    path = text(copy(city, tmp_path), lambda whole: whole + "\n")
    refused(cityweave("deliver", "hukou", path, "-w", workspace, "--on", "2000-01-01"), "before the source's last delivery")


def test_unknown_names_are_answered_with_what_there_is(cityweave: Cityweave, workspace: Path, city: Path) -> None:
    refused(cityweave("deliver", "hukuo", city / "deliveries.json", "-w", workspace), "hukou")
    refused(cityweave("export", "nothing", "-o", workspace / "x.csv", "-w", workspace), "membership")
    refused(cityweave("export", "membership", "-o", workspace / "x.doc", "-w", workspace), ".parquet")
    refused(cityweave("entity", "pzzzzzz", "-w", workspace), "no such entity")
    refused(cityweave("entity", "wang", "-w", workspace), "not an entity id")
    refused(cityweave("why", "a:1:2", "b", "-w", workspace), "source:batch:row:role")
    refused(cityweave("turning", "65", "--month", "soon", "-w", workspace), "2020-07")
    refused(cityweave("run", "--engine", "abacus", "-w", workspace), "duckdb")
    refused(cityweave("possible", "--kind", "alien", "-w", workspace), "legal_entity")
    refused(cityweave("grant", "", "--by", "a", "--because", "b", "--until", "2030-01-01", "-w", workspace), "to whom")
    refused(cityweave("status", "--generation", "99", "-w", workspace), "99")
    refused(cityweave("evaluate", "--truth", workspace, "-w", workspace), "record.parquet")
    refused(cityweave("status", "-w", workspace / "nowhere"), "cityweave init")


def test_a_number_on_the_command_line_is_refused_and_not_repeated(cityweave: Cityweave, workspace: Path) -> None:
    result = cityweave("find", "990101199003071230", "-w", workspace)
    refused(result, "standard input")
    assert "990101199003071230" not in result.err + result.out
    assert cityweave("find", "-w", workspace, "--json", text="990101199003071230\n").json["data"]["total"] == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: 姓名", "nmae: 姓名", "name"),
        ("encoding: gb18030", "encoding: gb18031", "gb18030"),
        ("confirmed: true", "confirmed: false", "confirmed"),
        ("source: hukou", "sauce: hukou", "source"),
    ],
)
def test_a_contract_that_does_not_load_is_refused(cityweave: Cityweave, workspace: Path, old: str, new: str, says: str) -> None:
    path = workspace / "contracts" / "hukou.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    result = cityweave("run", "-w", workspace)
    refused(result, says)
    assert "hukou.yaml" in result.err


def test_no_model_and_a_model_of_another_version(cityweave: Cityweave, workspace: Path) -> None:
    path = workspace / "models" / "person.json"
    model = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**model, "version": 0}), "utf-8")
    refused(cityweave("run", "-w", workspace), "cityweave train")
    path.unlink()
    refused(cityweave("run", "-w", workspace), "cityweave train")
    served(cityweave, workspace)


def test_nothing_delivered(cityweave: Cityweave, tmp_path: Path) -> None:
    assert cityweave("init", "-w", tmp_path / "new").code == 0
    refused(cityweave("run", "-w", tmp_path / "new"), "cityweave deliver")
    refused(cityweave("status", "-w", tmp_path / "new"), "cityweave run")
    refused(cityweave("init", "-w", tmp_path / "new"), "already")


def test_a_damaged_table_is_named(cityweave: Cityweave, workspace: Path) -> None:
    opened = Workspace.open(workspace)
    manifest = opened.generations.current()
    assert manifest is not None
    path = opened.store.path(manifest.tables["entity_person"])
    content = path.read_bytes()[:-10]
    path.unlink()
    path.write_bytes(content)
    refused(cityweave("run", "-w", workspace), "run again")


def start(workspace: Path, *arguments: str) -> subprocess.Popen[str]:
    """A real run, begun: it has made at least one table when this returns."""
    code = "from cityweave.api.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "-w", str(workspace)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )
    store, before = workspace / "store", len(list((workspace / "store").iterdir()))
    while process.poll() is None and len(list(store.iterdir())) <= before:
        time.sleep(0.005)
    return process


def changed(workspace: Path) -> None:
    """Make a run necessary: everything after the records of death."""
    path = workspace / "contracts" / "hukou.yaml"
    path.write_text(path.read_text("utf-8").replace("      former_name: 曾用名\n", ""), "utf-8")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_run_that_is_cut_off_leaves_the_former_generation_and_goes_on_later(cityweave: Cityweave, workspace: Path, how: signal.Signals) -> None:
    changed(workspace)
    process = start(workspace, "run")
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "Traceback" not in said
    if how is signal.SIGINT:
        assert "interrupted" in said
    served(cityweave, workspace)
    assert audit.verify(Workspace.open(workspace).state).sound
    again = cityweave("run", "-w", workspace, "--json")
    assert again.json["generation"] == 2 and again.json["new"]


def test_two_writers_do_not_meet(cityweave: Cityweave, workspace: Path) -> None:
    with Workspace.open(workspace).generations.writing():
        refused(cityweave("run", "-w", workspace), "another process")
        served(cityweave, workspace)
