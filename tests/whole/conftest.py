"""What the tests of the whole way share: one city, one training, one undisturbed result. `run` never trains, so the models are made once and copied.

Every test here tells what it tried; the lines stand at the end of the run, under "tried".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cityweave.api import pipeline
from cityweave.api.workspace import Workspace
from cityweave.fixtures import generate
from tests.whole.city import Tell, deliveries, workspace

TRIED = "tried"


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Keeps a line of what was tried for the end of the run, and prints it."""

    def say(*words: object) -> None:
        line = " ".join(str(word) for word in words)
        print(line)
        request.node.user_properties.append((TRIED, line))

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was tried, a line each, by whichever process tried it."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, []) if report.when == "call"]
    lines = [f"{report.nodeid.rpartition('::')[2]}: {line}" for report in reports for name, line in report.user_properties if name == TRIED]
    if lines:
        terminalreporter.section("尝试了什么 / what was tried", sep="-")
        for line in lines:
            terminalreporter.write_line(line)


@dataclass(frozen=True)
class Built:
    """A workspace with all batches of a city, run once, and what went into it."""

    city: Path
    models: Path
    workspace: Workspace
    ran: pipeline.Ran = field(repr=False)


@pytest.fixture(scope="session")
def xs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest city: tier XS, 1,000 people."""
    city = tmp_path_factory.mktemp("xs") / "city"
    generate(city, "XS", 1)
    return city


@pytest.fixture(scope="session")
def models(xs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models that `train` learns from all batches of the smallest city."""
    learning = workspace(tmp_path_factory.mktemp("train") / "w", deliveries(xs), None)
    pipeline.train(learning)
    return learning.models


@pytest.fixture(scope="session")
def built(xs: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The undisturbed result: all batches, run once. Tests read it and never write into it."""
    made = workspace(tmp_path_factory.mktemp("built") / "w", deliveries(xs), models)
    return Built(xs, models, made, pipeline.run(made))
