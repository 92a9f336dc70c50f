"""A store that somebody deleted or damaged by hand: what is wrong and what to do is said, and a run mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cityweave.api import pipeline
from cityweave.api.workspace import Workspace

from .conftest import Cityweave


def current(workspace: Path) -> tuple[Workspace, dict[str, str]]:
    opened = Workspace.open(workspace)
    manifest = opened.generations.current()
    assert manifest is not None
    return opened, dict(manifest.tables)


ASKED = {
    "status": ("entity_person", ("status",)),
    "find": ("record_person", ("find",)),
    "turning": ("entity_person", ("turning", "65")),
    "export": ("entity_person", ("export", "entity_person", "-o", "x.csv")),
    "digest": ("fact", ("digest",)),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_table_that_is_gone_is_named_and_what_to_do(question: str, workspace: Path, cityweave: Cityweave, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    opened, tables = current(workspace)
    table, words = ASKED[question]
    shutil.rmtree(opened.store.root / tables[table])
    said = cityweave(*words, "-w", workspace, text="王秀英\n")
    assert said.code == 6, said.out
    assert "a table is gone from the store" in said.err and tables[table] in said.err and "cityweave run" in said.err


def test_a_table_that_was_cut_is_damaged(workspace: Path, cityweave: Cityweave) -> None:
    opened, tables = current(workspace)
    for file in opened.store.path(tables["entity_person"]).parent.iterdir():
        content = file.read_bytes()
        file.unlink()  # its other name, in the workspace it was linked from, stays whole
        file.write_bytes(content if file.suffix == ".json" else content[: len(content) // 2])
    said = cityweave("turning", "65", "-w", workspace)
    assert said.code == 6 and "is damaged" in said.err and "run again" in said.err


def test_a_run_makes_what_is_gone_anew(workspace: Path, cityweave: Cityweave) -> None:
    before = cityweave("digest", "-w", workspace, "--json").json["data"]
    opened, tables = current(workspace)
    shutil.rmtree(opened.store.root / tables["entity_person"])
    assert cityweave("run", "-w", workspace).code == 0
    assert cityweave("digest", "-w", workspace, "--json").json["data"] == before


def test_a_new_generation_is_served_though_the_former_ones_tables_are_gone(workspace: Path, cityweave: Cityweave) -> None:
    """As after an upgrade: every key is another, and of the former membership nothing is left to compare with."""
    opened, _ = current(workspace)
    one, other = (opened.generations.load(number) for number in (1, 1))
    opened.generations.write({**one.tables, "membership": "0" * 32}, other.inputs | {"code": "of another version"})
    opened.generations.serve(opened.generations.load(2))
    assert cityweave("status", "-w", workspace).code == 6
    ran = pipeline.run(Workspace.open(workspace))
    assert (ran.generation, ran.new, ran.retired) == (3, True, False)
    assert cityweave("status", "-w", workspace).code == 0
