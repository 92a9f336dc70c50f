"""The demo: told once, told again from what is there, and clear to somebody who sees it for the first time."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from cityweave.api import audit, demo_text
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError
from cityweave.fixtures import CONTRACTS, generate

from .conftest import PEOPLE, Golden


def tell(folder: Path, seed: int = 1) -> tuple[str, str]:
    """What the demo prints, and its progress."""
    out, note = io.StringIO(), io.StringIO()
    city = demo_text.City(str(PEOPLE), seed, lambda target: generate(target, PEOPLE, seed), CONTRACTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Splink's and DuckDB's own, at training
        demo_text.show(folder, city, Console(file=out, width=100), Console(file=note, width=100))
    return out.getvalue(), note.getvalue()


def skeleton(text: str) -> str:
    """Headings and column names: what stays when the city, its people and the weights change."""
    lines = text.splitlines()
    headings = {number for number, line in enumerate(lines) if "──" in line and line.strip("─ ")}
    columns = {number - 1 for number, line in enumerate(lines) if line.strip() and not line.strip("─ ")}
    kept = [" ".join(lines[number].strip("─ ").split()) for number in sorted(headings | columns)]
    return "\n".join(line for line in kept if not re.search(r"[a-z]:[0-9]", line)) + "\n"


def test_the_demo_is_told_and_told_again(tmp_path: Path, golden: Golden) -> None:
    first, progress = tell(tmp_path / "demo")
    golden("demo.txt", skeleton(first))
    assert all(len(line) <= 100 for line in first.splitlines())
    assert "record_person" in progress and "秒 s" in progress
    known = pl.read_parquet(tmp_path / "demo" / "city" / "truth" / "person.parquet")["id_no"].drop_nulls().to_list()
    assert not [number for number in known if number in first]
    assert audit.verify(Workspace.open(tmp_path / "demo" / "workspace").state).sound
    again, progress = tell(tmp_path / "demo")
    assert "record_person" not in progress
    assert all(said in again for said in ("the city is there already", "deliveries are there already", "models are there already", "nothing changed"))
    assert again[again.index("读了什么") :] == first[first.index("读了什么") :]


def test_the_demo_touches_no_folder_of_others(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="something else"):
        tell(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_one_folder_holds_one_city(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"tier": "S", "seed": 2}')
    with pytest.raises(InputError, match="another city"):
        tell(tmp_path)
