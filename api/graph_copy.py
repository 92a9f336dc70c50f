"""The copy of the graph that a Neo4j keeps: put there, compared, taken away; and the store that questions are answered from, by [graph] store."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError, StoreError
from cityweave.engine.manifest import Manifest
from cityweave.graph.address import adapter, open_neo4j
from cityweave.graph.embedded import EmbeddedStore
from cityweave.graph.store import GraphStore

Told = Callable[[str, int], None]


def store(workspace: Workspace, manifest: Manifest) -> GraphStore:
    """The store of that generation."""
    if workspace.settings.graph.store == "neo4j":
        return open_neo4j(workspace.neo4j_address(), workspace.graph_key(), manifest.tables["edge"], manifest.tables["node"])
    return EmbeddedStore(workspace.snapshot(manifest))


def load(workspace: Workspace, told: Told) -> dict[str, Any]:
    """Bring the served generation into the Neo4j; what was done."""
    bolt, target = adapter("bolt").Bolt(workspace.neo4j_address()), target_of(workspace)
    done = adapter("neo4j_load").load(bolt, target, lambda edge, node: _rows(workspace, edge, node), told)
    return {"generation": target.generation, "began": done.began, "written": done.written, "removed": done.removed, "seconds": done.seconds}


def offline(workspace: Workspace, command: str, overwrite: bool) -> dict[str, Any]:
    """Bring the served generation in by neo4j-admin, with the server stopped; `command` runs neo4j-admin there."""
    target = target_of(workspace)
    folder = workspace.root / "neo4j-import"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        files = adapter("neo4j_import").write(target, folder)
        words = ["database", "import", "full", workspace.neo4j_address().database, *files, *(["--overwrite-destination"] if overwrite else [])]
        done = subprocess.run([*shlex.split(command), *words], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise InputError("没有这个命令 / there is no such command", shlex.split(command)[0], "给出 neo4j-admin / give neo4j-admin") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode != 0:
        raise StoreError(
            f"neo4j-admin 退出码 {done.returncode} / neo4j-admin ended with {done.returncode}",
            shlex.split(command)[0],
            "先停服务器；库已存在则加 --overwrite / stop the server first; say --overwrite if the database exists",
        )
    return {"generation": target.generation, "began": "offline", "written": target.rows.nodes.height + target.rows.edges.height, "removed": 0}


def check(workspace: Workspace, every_row: bool) -> dict[str, Any]:
    """Compare the Neo4j with the served generation; StoreError when it holds another, or half of one."""
    manifest = _served(workspace)
    keys = manifest.tables["edge"], manifest.tables["node"]
    adapter("neo4j_store").Neo4jStore(workspace.neo4j_address(), workspace.graph_key(), *keys).check()
    found = adapter("neo4j_load").check(adapter("bolt").Bolt(workspace.neo4j_address()), target_of(workspace).rows, every_row)
    if found.differing:
        raise StoreError(f"图与表不一致 / the graph does not agree with the tables: {', '.join(found.differing)}", "", "graph drop 后再 load / drop, then load")
    return {"generation": manifest.number, "counts": found.counts, "digest": found.digest}


def drop(workspace: Workspace, other: bool) -> dict[str, Any]:
    """Take our graph out of the Neo4j, nothing else."""
    owner = "" if other else adapter("pseudonym").Pseudonyms(workspace.graph_key()).owner
    return {"removed": adapter("neo4j_load").drop(adapter("bolt").Bolt(workspace.neo4j_address()), owner)}


def _served(workspace: Workspace) -> Manifest:
    manifest = workspace.generations.current()
    if manifest is None:
        raise InputError("还没有结果 / there is no generation yet", str(Path(workspace.root)), "先运行 cityweave run / run cityweave run first")
    return manifest


def target_of(workspace: Workspace) -> Any:
    """The served generation as it is to be loaded."""
    manifest = _served(workspace)
    keys = manifest.tables["edge"], manifest.tables["node"]
    owner = adapter("pseudonym").Pseudonyms(workspace.graph_key()).owner
    return adapter("neo4j_load").Target(manifest.number, *keys, owner, _rows(workspace, *keys))


def _rows(workspace: Workspace, edge_key: str, node_key: str) -> Any:
    """The rows of a generation; None when its tables are gone."""
    if not (workspace.store.has(edge_key) and workspace.store.has(node_key)):
        return None
    names = adapter("pseudonym").Pseudonyms(workspace.graph_key())
    return adapter("neo4j_rows").rows(workspace.store.read(edge_key), workspace.store.read(node_key), names)
