"""Both engines, one of each for the whole session: starting a JVM takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cityweave.engine.duck import DuckEngine
from cityweave.engine.engines import load_engine
from cityweave.engine.run import Engine


@pytest.fixture(scope="session")
def duck() -> DuckEngine:
    return DuckEngine(threads=2, memory="1GB")


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    engine = load_engine("spark", threads=2, memory="1GB")
    yield engine
    engine.close()
