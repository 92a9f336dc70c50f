"""How Cityweave is tested.

Tests mirror the packages and use real parts: a real DuckDB, a real Spark, real files, real processes that are really killed. Nothing of our own is mocked.
What a claim of the design says ("equal", "a pure function of") is tried on the smallest city (tier XS) and each such test prints what it tried.
Parts that a machine may lack (PySpark on Java 17, Neo4j, Chromium, the public data sets) are skipped there, and the last lines of the run say so;
where CI=true is set, missing Java, PySpark, Neo4j or Chromium is a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_SPARK = "PySpark 与 Java 17 缺一不可 / needs PySpark (make setup-spark) and Java 17 or newer"
NO_NEO4J = "Java 17 与 Maven 缺一不可 / needs Java 17 or newer and Maven, for a real Neo4j (graph/neo4j)"
NO_BROWSER = "Chromium 与其驱动缺一不可 / needs Chromium and its driver (Debian: chromium, chromium-driver)"
NO_DATA = "缺公开数据集 / needs the public data sets: set CITYWEAVE_DATA, or put them at ../shared/data beside the checkout"


@cache
def spark_is_here() -> bool:
    """Whether PySpark can be imported and a Java of version 17 or newer answers."""
    java = subprocess.run([ROOT / "tests" / "java17.sh"], capture_output=True, text=True, check=False)
    return importlib.util.find_spec("pyspark") is not None and java.stdout.strip() == "yes"


@cache
def neo4j_is_here() -> bool:
    """Whether a Neo4j can be started: Java 17 or newer, and Maven or the jars that it fetched before."""
    java = subprocess.run([ROOT / "tests" / "java17.sh"], capture_output=True, text=True, check=False)
    return java.stdout.strip() == "yes" and (shutil.which("mvn") is not None or (ROOT / ".cache" / "neo4j" / "lib").is_dir())


@cache
def browser_is_here() -> bool:
    """Whether Chromium and its driver are installed."""
    return all(map(shutil.which, ("chromium", "chromedriver")))


@cache
def data_folder() -> Path | None:
    """The folder of the public data sets, or None."""
    places = [os.environ.get("CITYWEAVE_DATA"), ROOT.parent / "shared" / "data"]
    return next((Path(place) for place in places if place and (Path(place) / "er").is_dir()), None)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the public data sets (mark such a test with `data`)."""
    folder = data_folder()
    if folder is None:
        pytest.skip(NO_DATA)
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files anew")


LONGEST = ("tests/whole/test_order.py", "tests/whole/test_digest.py", "tests/whole/", "tests/project/test_tutorial.py", "tests/graph/", "tests/api/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that the workers end together (with --no-loadscope-reorder); the order matters to no test."""
    items.sort(key=lambda item: next((place for place, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark, here, missing in (("spark", spark_is_here, NO_SPARK), ("neo4j", neo4j_is_here, NO_NEO4J), ("browser", browser_is_here, NO_BROWSER)):
        if item.get_closest_marker(mark) and not here():
            if os.environ.get("CI") == "true":
                pytest.fail(f"CI 中不得缺 / may not be missing in CI: {missing}", pytrace=False)
            pytest.skip(missing)
    if item.get_closest_marker("data") and data_folder() is None:
        pytest.skip(NO_DATA)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which real parts were not tested, and how many tests each would have run."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reasons[str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)] += 1
    if reasons:
        terminalreporter.section("未测试的部分 / parts that were not tested", sep="-")
        for reason, number in sorted(reasons.items()):
            terminalreporter.write_line(f"{number:4d} x {reason}")
