"""The command line: every command has -w and --json and a bilingual sentence; what people and programs see is held by golden files (update with --golden)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cityweave.api import cli
from cityweave.api.workspace import Workspace

from .conftest import Cityweave, Golden

COMMANDS = {
    *("demo", "generate", "init", "deliver", "train", "run", "status", "digest", "diff", "gc", "evaluate", "export", "quality", "find", "entity", "timeline"),
    "graph",
    *("neighbours", "draw", "path", "paths", "control", "firms-of", "household", "occupants", "relatives", "penalties"),
    *("ask", "can", "list", "opt-out", "prove", "rings", "ring"),
    *("why", "why-not", "how", "possible", "decide", "undo", "turning", "grant", "audit", "serve"),
}
NO_WORKSPACE = {"demo", "generate"}
NO_JSON = {"demo", "serve"}


def shape(value: Any) -> Any:
    """The shape of JSON: keys and types; of a list its first element."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_every_command_is_there_with_its_options(cityweave: Cityweave) -> None:
    named = {command.name or command.callback.__name__.replace("_", "-") for command in cli.app.registered_commands if command.callback}
    assert named == COMMANDS
    for name in sorted(COMMANDS):
        said = cityweave(name, "--help").out
        assert re.search(r"[一-鿿].* / [a-z]", said.replace("\n", " ")), name
        assert ("--workspace" in said) or name in NO_WORKSPACE, name
        assert ("--json" in said) or name in NO_JSON, name


@pytest.fixture
def person(cityweave: Cityweave, workspace: Path, tmp_path: Path) -> tuple[str, str, str, str]:
    """An entity with many records, two of its records, and another entity."""
    cityweave("export", "membership", "-o", tmp_path / "m.parquet", "-w", workspace)
    members = pl.read_parquet(tmp_path / "m.parquet").filter(pl.col("entity_id").str.starts_with("p"))
    named = members.with_columns(name=pl.format("{}:{}:{}:{}", "source", "batch", "row", "role"))
    sizes = named.group_by("entity_id").agg(pl.len().alias("n"), pl.col("name").sort()).sort("n", "entity_id", descending=[True, False])
    return sizes["entity_id"][0], sizes["name"][0][0], sizes["name"][0][1], sizes["entity_id"][1]


def about_the_graph(workspace: Path, person: str, other: str) -> list[tuple[str, tuple[object, ...]]]:
    """Commands about the firm, the room and the people who have most to tell."""
    opened = Workspace.open(workspace)
    manifest = opened.generations.current()
    assert manifest is not None
    edge = pl.DataFrame(opened.store.read(manifest.tables["edge"])).sort("edge_id")
    firm, holder = edge.filter(pl.col("type") == "shareholder", pl.col("from_id").str.starts_with("p")).select("to_id", "from_id").row(0)
    room = edge.filter(pl.col("type") == "owns")["to_id"][0]
    member = edge.filter(pl.col("type") == "household", pl.col("valid_to").is_null())["from_id"][0]
    return [
        ("paths", ("paths", person, other, "--limit", "30")),
        ("draw", ("draw", firm, "-o", str(workspace / "drawn.svg"))),
        ("control", ("control", firm)),
        ("firms-of", ("firms-of", holder, "--relatives")),
        ("household", ("household", member)),
        ("occupants", ("occupants", room)),
    ]


def test_json_shapes(cityweave: Cityweave, workspace: Path, city: Path, person: tuple[str, str, str, str], golden: Golden) -> None:
    one, left, right, other = person
    asked: dict[str, tuple[object, ...]] = {
        "status": ("status",),
        "quality": ("quality", "--rows"),
        "entity": ("entity", one),
        "timeline": ("timeline", one),
        "why": ("why", left, right),
        "why-not": ("why-not", one, other),
        "how": ("how", one),
        "neighbours": ("neighbours", one),
        "path": ("path", one, other),
        "turning": ("turning", "65"),
        "evaluate": ("evaluate", "--truth", city / "truth"),
        "possible": ("possible",),
        "run": ("run",),
        "audit": ("audit", "--verify"),
        "gc": ("gc",),
        "export": ("export", "membership", "-o", workspace / "m.csv"),
    }
    shapes = {}
    asked |= dict(about_the_graph(workspace, one, other))
    for name, arguments in asked.items():
        result = cityweave(*arguments, "-w", workspace, "--json")
        assert result.code == 0, name + result.err
        shapes[name] = shape(result.json)
    shapes["find"] = shape(cityweave("find", "--kind", "legal_entity", "-w", workspace, "--json", text="公司\n").json)
    golden("json_shapes.json", json.dumps(shapes, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def test_export_membership_is_a_line_a_live_record(cityweave: Cityweave, workspace: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet", "jsonl"):
        assert cityweave("export", "membership", "-o", tmp_path / f"m.{suffix}", "-w", workspace).code == 0
    frame = pl.read_parquet(tmp_path / "m.parquet")
    assert frame.columns == ["source", "batch", "row", "role", "record_id", "entity_id"]
    assert frame["record_id"].is_unique().all()
    assert frame["row"].min() == 1
    assert pl.read_csv(tmp_path / "m.csv").equals(frame.cast({"batch": pl.Int64}))
    assert pl.read_ndjson(tmp_path / "m.jsonl").height == frame.height
    cityweave("export", "membership", "--all", "-o", tmp_path / "all.parquet", "-w", workspace)
    everything = pl.read_parquet(tmp_path / "all.parquet")
    assert everything.height > frame.height
    assert frame.join(everything, on=["source", "batch", "row", "role", "record_id"], how="anti").is_empty()


def test_a_decision_joins_and_its_undoing_parts_again(cityweave: Cityweave, workspace: Path, tmp_path: Path) -> None:
    """After a decision and its undo the digest is what it was."""
    before = cityweave("digest", "-w", workspace, "--json").json["data"]["tables"]["total"]
    pairs = cityweave("possible", "--kind", "person", "-w", workspace, "--json").json["data"]["pairs"]
    members = cityweave("export", "membership", "-o", tmp_path / "m.parquet", "-w", workspace) and pl.read_parquet(tmp_path / "m.parquet")
    alone = set(members.filter(pl.len().over("entity_id") == 1)["entity_id"])  # a record that may join as a whole
    pair = next(pair for pair in pairs if {pair["left"]["entity"], pair["right"]["entity"]} & alone)
    left, right = str(pair["left"]["record"]), str(pair["right"]["record"])
    number = cityweave("decide", "same", left, right, "--by", "李", "--because", "电话核实", "-w", workspace, "--json").json["decision"]
    assert cityweave("run", "-w", workspace).code == 0
    why = cityweave("why", left, right, "-w", workspace, "--json").json["data"]
    assert why["together"] and why["decision"] == number
    merged = cityweave("diff", "-w", workspace, "--json").json["data"]
    assert merged["counts"]["merged"] == 1
    gone = next(side for side in (pair["left"]["entity"], pair["right"]["entity"]) if side != why["left"]["entity"])
    assert cityweave("entity", gone, "-w", workspace, "--json").json["data"]["entity"] == why["left"]["entity"]
    assert cityweave("undo", number, "--by", "王", "--because", "弄错了", "-w", workspace).code == 0
    assert cityweave("run", "-w", workspace).code == 0
    assert cityweave("digest", "-w", workspace, "--json").json["data"]["tables"]["total"] == before
    assert cityweave("entity", gone, "-w", workspace, "--json").json["data"]["entity"] == gone


def test_an_unchanged_run_executes_no_step_and_makes_no_generation(cityweave: Cityweave, workspace: Path) -> None:
    result = cityweave("run", "-w", workspace, "--json").json
    assert (result["steps"], result["new"], result["generation"]) == ([], False, 1)
    assert cityweave("run", "--explain", "-w", workspace, "--json").json["steps"]
    assert "membership" in cityweave("run", "--explain", "-w", workspace).out


def test_gc_keeps_what_is_served(cityweave: Cityweave, workspace: Path) -> None:
    before = cityweave("status", "-w", workspace, "--json").json
    assert cityweave("gc", "--keep", "1", "-w", workspace, "--json").json["removed"] > 0
    assert cityweave("status", "-w", workspace, "--json").json == before
    assert cityweave("run", "-w", workspace, "--json").json["steps"] == []
    assert cityweave("gc", "--keep", "0", "-w", workspace).code == 2


def test_no_clear_number_in_what_is_printed(cityweave: Cityweave, workspace: Path, city: Path, person: tuple[str, str, str, str]) -> None:
    """Human and JSON outputs, standard error and the exported files, searched for every identity number of the city."""
    one, left, right, other = person
    known = set(pl.read_parquet(city / "truth" / "person.parquet")["id_no"].drop_nulls().to_list())
    commands: list[tuple[object, ...]] = [
        *(("status",), ("quality", "--rows"), ("entity", one), ("timeline", one), ("why", left, right), ("why-not", one, other), ("how", one)),
        *(("neighbours", one, "--depth", "2"), ("path", one, other), ("turning", "65"), ("possible",), ("diff", "1"), ("digest",), ("run",)),
        *(("export", f"{what}_{kind}", "-o", workspace / f"{what}_{kind}.csv") for what in ("record", "entity") for kind in ("person", "legal_entity")),
    ]
    said = ""
    for command in commands:
        for form in ((), ("--json",)):
            result = cityweave(*command, "-w", workspace, *form)
            said += result.out + result.err
    said += "".join(path.read_text("utf-8") for path in workspace.glob("*.csv"))
    found = set(re.findall(r"[0-9]{17}[0-9Xx]", said)) & known
    assert not found
    print(f"{len(commands)} commands, {len(said):,} characters, {len(known)} numbers looked for")


def test_find_reads_standard_input_in_several_ways(cityweave: Cityweave, workspace: Path, city: Path) -> None:
    """A number is found by whoever knows it, and is not said back."""
    people = pl.read_parquet(city / "truth" / "person.parquet").filter(pl.col("died").is_null() & pl.col("left").is_null())
    number = people["id_no"].drop_nulls()[0]
    result = cityweave("find", "-w", workspace, "--json", text=f"{number}\n")
    assert result.json["data"]["total"] >= 1
    assert number not in result.out
    with Workspace.open(workspace).state.read() as connection:
        assert number not in json.dumps(connection.execute("SELECT * FROM audit").fetchall(), ensure_ascii=False)
