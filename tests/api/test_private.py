"""What a workspace holds is its owner's alone; what leaves it runs nothing where it is opened."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from cityweave.api.workspace import Workspace, write_table
from cityweave.cfd_rules import read_excel

from .conftest import Cityweave


def test_a_workspace_is_its_owners_alone(built: Path) -> None:
    """Folders 0700 and files 0600, also those that DuckDB, SQLite and copies of deliveries made; links have no rights of their own."""
    found = {path: path.stat().st_mode & 0o777 for path in (built, *built.rglob("*"))}
    assert {path.name for path in found} >= {"state.sqlite", "table.parquet", "manifest.json", "CURRENT", "cityweave.toml", "data.csv"}
    assert {mode for path, mode in found.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if path.is_file()} == {0o600}, [str(path) for path, mode in found.items() if path.is_file() and mode != 0o600]


def test_a_folder_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    os.umask(0o022)
    Workspace.create(tmp_path / "open")
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_what_a_run_puts_aside_lies_in_the_workspace(workspace: Path) -> None:
    opened = Workspace.open(workspace)
    engine = opened.engine("duckdb")
    with engine._connection.cursor() as cursor:  # type: ignore[attr-defined]
        assert cursor.execute("SELECT current_setting('temp_directory')").fetchone() == (str(workspace / "spill"),)
    (workspace / "spill").mkdir(exist_ok=True)
    (workspace / "spill" / "left.tmp").write_bytes(b"x")
    opened.sweep()
    assert not (workspace / "spill").exists()


NAMES = ["=1+1", "+86 1", "-x", "@a", "\tb", "王秀英", None, "1-2", "a=b"]


def test_a_csv_is_safe_in_excel_and_raw_where_asked(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": NAMES, "n": range(-4, 5)})
    write_table(frame, tmp_path / "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=1+1", "'+86 1", "'-x", "'@a", "'\tb", "王秀英", "", "1-2", "a=b"]
    assert [row["n"] for row in rows] == [str(n) for n in range(-4, 5)], "numbers stay"
    write_table(frame, tmp_path / "raw.csv", raw=True)
    assert (tmp_path / "raw.csv").read_text("utf-8").splitlines()[1] == "=1+1,-4"


def test_export_says_raw(cityweave: Cityweave, workspace: Path) -> None:
    for more, mark in (((), True), (("--raw",), False)):
        assert cityweave("export", "entity_person", "-o", workspace / "x.csv", *more, "-w", workspace).code == 0
        assert (workspace / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf") is mark
        assert pl.read_csv(workspace / "x.csv").columns[0] == "entity_id"


@pytest.mark.parametrize("command", ["deliver", "init"])
def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read(command: str, cityweave: Cityweave, workspace: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "residence.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed, packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
        for _ in range((read_excel.UNPACKED >> 24) + 1):
            sheet.write(b"\0" * (1 << 24))
    assert bomb.stat().st_size < 2 << 20
    source = next(contract.source for contract in Workspace.open(workspace).read_contracts() if contract.format.kind == "xlsx")
    words = ("deliver", source, bomb, "-w", workspace) if command == "deliver" else ("init", "--from", bomb, "-w", tmp_path / "new")
    said = cityweave(*words)
    assert said.code == 2 and "unpacks to" in said.err and "residence.xlsx" in said.err
