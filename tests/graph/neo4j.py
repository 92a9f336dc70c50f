"""A real Neo4j for the tests marked `neo4j`: one a test process, on free ports, in a folder of its own, from the jars that graph/neo4j/pom.xml names."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from cityweave.graph import neo4j_load
from cityweave.graph.address import Address
from cityweave.graph.bolt import Bolt
from cityweave.graph.neo4j_load import Target
from cityweave.graph.neo4j_rows import Rows, rows
from cityweave.graph.neo4j_store import Neo4jStore
from cityweave.graph.pseudonym import Pseudonyms

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "graph" / "neo4j" / "server.sh"
KEY = b"k" * 32
PASSWORD = "only-for-tests"


class Server:
    """A Neo4j in a folder."""

    def __init__(self, home: Path, settings: str = "") -> None:
        self.home = home
        self.bolt, self.http = _free(), _free()
        home.mkdir(parents=True, exist_ok=True)
        (home / "more.conf").write_text(settings)
        self.address = Address(uri=f"bolt://127.0.0.1:{self.bolt}", password=PASSWORD, timeout=30)

    def run(self, *words: str) -> str:
        """server.sh with these words; its output."""
        environ = {
            **os.environ,
            "CITYWEAVE_NEO4J_HOME": str(self.home),
            "CITYWEAVE_NEO4J_BOLT": str(self.bolt),
            "CITYWEAVE_NEO4J_HTTP": str(self.http),
            "CITYWEAVE_NEO4J_PASSWORD": PASSWORD,
            "CITYWEAVE_NEO4J_HEAP": "512m",
            "CITYWEAVE_NEO4J_PAGES": "64m",
            "CITYWEAVE_NEO4J_CONF": str(self.home / "more.conf"),
        }
        return subprocess.run([SERVER, *words], env=environ, check=True, capture_output=True, text=True).stdout

    @property
    def pid(self) -> int:
        """Its process."""
        return int((self.home / "pid").read_text())


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(home: Path, settings: str = "") -> Iterator[Server]:
    """A server that answers, stopped at the end."""
    server = Server(home, settings)
    server.run("start")
    try:
        yield server
    finally:
        server.run("stop")


def key_of(table: pa.Table) -> str:
    """A name for a table's content, as the store would give it."""
    return hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()[:16]


def target(edge: pa.Table, node: pa.Table, generation: int = 1, key: bytes = KEY) -> Target:
    """What is to be loaded of these tables."""
    names = Pseudonyms(key)
    return Target(generation, key_of(edge), key_of(node), names.owner, rows(edge, node, names))


def nothing(edge_key: str, node_key: str) -> Rows | None:
    """No former generation is at hand."""
    return None


def loaded(address: Address, edge: pa.Table, node: pa.Table) -> Neo4jStore:
    """A store over a server that was emptied and now holds these tables, and nothing else of them at hand."""
    bolt = Bolt(address)
    neo4j_load.drop(bolt)
    neo4j_load.load(bolt, target(edge, node), nothing)
    bolt.close()
    return Neo4jStore(address, KEY, key_of(edge), key_of(node))
