"""Where a Neo4j is, and how it is opened."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

from cityweave.engine.errors import StoreError
from cityweave.graph.store import GraphStore


@dataclass(frozen=True)
class Address:
    """A server, a user and how long to wait for an answer."""

    uri: str = "bolt://127.0.0.1:7687"
    user: str = "neo4j"
    password: str = field(default="", repr=False)
    database: str = "neo4j"
    ca: str = ""  # file of the certificate that signed the server's: then the line is encrypted; or say bolt+s:// for certificates of public authorities
    timeout: float = 30  # seconds


def adapter(name: str) -> Any:
    """The module cityweave.graph.<name>: only these need the driver of Neo4j, which takes long to load."""
    try:
        return importlib.import_module(f"cityweave.graph.{name}")
    except ImportError as error:
        raise StoreError("没有安装 Neo4j 驱动 / the driver of Neo4j is not installed", "", "pip install neo4j") from error


def open_neo4j(address: Address, key: bytes, edge_key: str, node_key: str) -> GraphStore:
    """The graph of that generation in a Neo4j; StoreError when it holds another, none, or half of one."""
    store: GraphStore = adapter("neo4j_store").Neo4jStore(address, key, edge_key, node_key)
    return store
