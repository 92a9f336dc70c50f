"""The city from a real Neo4j: put there by the command line, then asked through the door with every edge table and snapshot moved away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from cityweave.api.door import Door
from cityweave.api.model import Question, Turning
from cityweave.api.model_graph import Control, FirmsOf, Household, Neighbours, Occupants, Paths
from cityweave.api.model_graph import Path as PathQuestion
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import CityweaveError
from cityweave.graph.bolt import Bolt
from tests.graph.neo4j import PASSWORD, Server, running

from .conftest import Cityweave

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Neo4j."""
    with running(tmp_path_factory.mktemp("neo4j") / "home") as made:
        yield made


@pytest.fixture
def there(server: Server, workspace: Path, monkeypatch: pytest.MonkeyPatch, cityweave: Cityweave) -> Path:
    """The workspace, its graph in the server."""
    monkeypatch.setenv("CITYWEAVE_NEO4J_URI", server.address.uri)
    monkeypatch.setenv("CITYWEAVE_NEO4J_PASSWORD", PASSWORD)
    cityweave("graph", "drop", "--other", "-w", workspace)
    done = cityweave("graph", "load", "-w", workspace)
    assert done.code == 0, done.err
    return workspace


def table(of: Workspace, name: str) -> pl.DataFrame:
    """A table of the served generation."""
    manifest = of.generations.current()
    assert manifest is not None
    return pl.DataFrame(of.store.read(manifest.tables[name]))


def questions(of: Workspace) -> list[Question]:
    """Every question to the graph, about those of whom most is told."""
    edge = table(of, "edge").sort("edge_id")
    ends = pl.concat([edge["from_id"], edge["to_id"]]).alias("id").value_counts(sort=True).sort("count", "id", descending=[True, False])["id"].to_list()
    people, firms, rooms, buildings = ([node for node in ends if node.startswith(letter) and len(node) < 32] for letter in "plrb")
    asked: list[Question] = [Turning(age=age, month="2025-07") for age in (40, 65)]
    for number in range(8):
        one, other = people[number], people[-1 - number]
        asked += [Neighbours(id=one, depth=2), Neighbours(id=one, types=("parent", "spouse"), as_of="2005-01-01"), Neighbours(id=firms[number], limit=3)]
        asked += [PathQuestion(left=one, right=other, limit=8), Paths(left=one, right=firms[-1 - number], limit=12), FirmsOf(id=one, relatives=True)]
        asked += [Household(id=one), Household(id=one, as_of="1999-01-01"), Occupants(id=rooms[number]), Occupants(id=buildings[number % len(buildings)])]
    return [*asked, *(Control(id=firm) for firm in firms[:40]), *(Control(id=firm, as_of="2005-01-01") for firm in firms[:10])]


def test_the_door_answers_alike_with_the_tables_moved_away(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Workspace.open(there)
    asked = questions(opened)
    ours = [Door(opened).ask(question).document() for question in asked]
    manifest = opened.generations.current()
    assert manifest is not None
    shutil.rmtree(there / "snapshots")
    for name in ("edge", "node"):
        opened.store.path(manifest.tables[name]).unlink()
    monkeypatch.setenv("CITYWEAVE_GRAPH_STORE", "neo4j")
    door = Door(Workspace.open(there))
    for question, answer in zip(asked, ours, strict=True):
        assert door.ask(question).document() == answer, question
    monkeypatch.setenv("CITYWEAVE_GRAPH_STORE", "embedded")
    with pytest.raises(CityweaveError):
        Door(Workspace.open(there)).ask(asked[0])


def test_nothing_of_grade_three_goes_in(there: Path, server: Server) -> None:
    opened, bolt = Workspace.open(there), Bolt(server.address)
    said = "\n".join(str(dict(row)) for name in ("all_nodes", "all_edges") for piece in bolt.stream(name) for row in piece)
    assert table(opened, "edge")["fact_id"][0] and str(table(opened, "edge")["fact_id"][0]) in said
    for kind, elements in opened.registry.elements.items():
        secret = [name for name, element in elements.items() if element.grade >= 3]
        for name in secret:
            values = table(opened, f"record_{kind}")[name].drop_nulls().unique().to_list()
            assert not [value for value in values if len(value) > 3 and value in said], f"{kind}.{name}"
    assert not [name for name in table(opened, "thing")["thing_id"].to_list() if name in said]


def test_load_check_and_drop(there: Path, cityweave: Cityweave, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cityweave("graph", "load", "-w", there, "--json").json["began"] == "there"
    checked = cityweave("graph", "check", "--rows", "-w", there, "--json").json
    assert checked["counts"]["person"] > 100
    assert len(checked["digest"]) == 64
    monkeypatch.setenv("CITYWEAVE_NEO4J_PASSWORD", "wrong")
    refused = cityweave("graph", "check", "-w", there)
    assert refused.code == 6
    assert "refused" in refused.err
    monkeypatch.setenv("CITYWEAVE_NEO4J_PASSWORD", PASSWORD)
    assert cityweave("graph", "drop", "-w", there, "--json").json["removed"] > 500
    assert cityweave("graph", "check", "-w", there).code == 6
    assert cityweave("graph", "sideways", "-w", there).code == 2
