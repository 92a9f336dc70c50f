"""The Neo4j that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.graph.neo4j import Server, running


@pytest.fixture(scope="session")
def neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    with running(tmp_path_factory.mktemp("neo4j") / "home") as server:
        yield server
