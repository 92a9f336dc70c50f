"""Spark for the tests that try both engines: one for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cityweave.engine.engines import load_engine
from cityweave.engine.run import Engine


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    engine = load_engine("spark", threads=2, memory="1GB")
    yield engine
    engine.close()
