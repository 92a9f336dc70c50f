"""One small city, delivered, trained and run once a session; tests that change a workspace copy it."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from cityweave.api import cli, pipeline, words
from cityweave.api.workspace import Workspace
from cityweave.fixtures import CONTRACTS, generate

PEOPLE = 300


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cityweave = Callable[..., Result]


@pytest.fixture(autouse=True)
def _titles() -> None:
    """No test knows the titles of another's workspace."""
    words.know({})


@pytest.fixture(scope="session")
def cityweave() -> Cityweave:
    """The command line in this process: arguments, standard input -> exit code, outputs."""

    def call(*arguments: object, text: str | bytes = "") -> Result:
        done = CliRunner().invoke(cli.app, [str(item) for item in arguments], input=text, env={"COLUMNS": "100", "CITYWEAVE_CALLER": "tester"})
        return Result(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a city of 300 people, with its truth."""
    folder = tmp_path_factory.mktemp("city")
    generate(folder, PEOPLE, 1)
    return folder


@pytest.fixture(scope="session")
def built(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with every batch of the city, trained and run. Never changed: ask it only through `workspace`."""
    root = tmp_path_factory.mktemp("built") / "workspace"
    workspace = Workspace.create(root, demo=True)
    workspace.take_city(city, CONTRACTS, first_only=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Splink's and DuckDB's own, at training
        pipeline.train(workspace)
    pipeline.run(workspace)
    return root


@pytest.fixture
def workspace(built: Path, tmp_path: Path) -> Path:
    """A copy of the built workspace, to do with as one likes; the store's files are linked, not copied."""
    target = tmp_path / "workspace"
    shutil.copytree(built, target, copy_function=_link_or_copy)
    return target


def _link_or_copy(source: str, target: str) -> None:
    if "/store/" in source or "/snapshots/" in source:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Holds a text to the file of that name in tests/api/golden; `pytest --golden` writes it anew."""

    def held(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8"), f"{name} differs; look, and if it is right run pytest --golden"

    return held


@pytest.fixture(scope="session")
def hub(built: Path) -> str:
    """The firm with most relations."""
    workspace = Workspace.open(built)
    manifest = workspace.generations.current()
    assert manifest is not None
    edges = pl.DataFrame(pl.from_arrow(workspace.store.read(manifest.tables["edge"])))
    firms = edges.filter(pl.col("to_id").str.starts_with("l")).group_by("to_id").len().sort("len", "to_id", descending=[True, False])
    return str(firms["to_id"][0])
