"""The graph into a real Neo4j: `python -m benchmarks.neo4j WORKSPACE`, a workspace with at least two generations. It starts a server of its own
(graph/neo4j/server.sh; Java 17 and Maven) and works on a linked copy of the workspace.

The first generation goes in by files, neo4j-admin alone on the same files beside it; the next one by batched MERGE, with what disappeared removed. Goals: the
first load within 1.5 x of neo4j-admin, 20,000 rows a second in increments.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import CITYWEAVE, cores
from cityweave.api import graph_copy
from cityweave.api.workspace import Workspace
from cityweave.graph import neo4j_import

SERVER = Path(__file__).resolve().parents[1] / "graph" / "neo4j" / "server.sh"


class Server:
    """A Neo4j of our own: its environment, and how long a thing took."""

    def __init__(self, home: Path) -> None:
        ports = [_free() for _ in range(2)]
        self.home = home
        self.environment: Mapping[str, str] = {
            **os.environ,
            "CITYWEAVE_NEO4J_HOME": str(home),
            "CITYWEAVE_NEO4J_BOLT": str(ports[0]),
            "CITYWEAVE_NEO4J_HTTP": str(ports[1]),
            "CITYWEAVE_NEO4J_URI": f"bolt://127.0.0.1:{ports[0]}",
        }

    def run(self, *words: str) -> float:
        """Seconds that a command took."""
        started = time.perf_counter()
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{shlex.join(words[:3])} …: {done.stderr.strip() or done.stdout.strip()}")
        self.said = done.stdout
        return time.perf_counter() - started

    def start(self) -> float:
        """Start it; afterwards the password is known."""
        seconds = self.run(str(SERVER), "start")
        self.environment = {**self.environment, "CITYWEAVE_NEO4J_PASSWORD": (self.home / "password").read_text("utf-8")}
        return seconds

    def load(self, workspace: Path, *words: str) -> tuple[float, dict[str, Any]]:
        """`cityweave graph load`: seconds, and what it did."""
        seconds = self.run(CITYWEAVE, "graph", "load", "-w", str(workspace), "--json", *words)
        said: dict[str, Any] = json.loads(self.said)
        return seconds, said


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def linked(workspace: Path, place: Path) -> Path:
    """A copy of the workspace whose files are links."""
    shutil.copytree(workspace, place, copy_function=os.link)
    for file in ("CURRENT", "state.sqlite"):
        (place / file).unlink()
        shutil.copy(workspace / file, place / file)
    return place


def main() -> None:
    """Print seconds, rows and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    asked = parser.parse_args()
    numbers = Workspace.open(asked.workspace).generations.numbers()
    if len(numbers) < 2:
        raise SystemExit("the workspace has one generation only: deliver a batch and run again")
    with tempfile.TemporaryDirectory(dir=asked.workspace.resolve().parent) as scratch:
        server = Server(Path(scratch) / "home")
        copy = linked(asked.workspace, Path(scratch) / "workspace")
        try:
            measured(server, copy, numbers[-2:], Path(scratch))
        finally:
            server.run(str(SERVER), "stop")


def measured(server: Server, copy: Path, numbers: list[int], scratch: Path) -> None:
    """The two loads."""
    server.start()
    server.run(str(SERVER), "stop")
    _serve(copy, numbers[0])
    target = graph_copy.target_of(Workspace.open(copy))
    nodes, edges = target.rows.nodes.height, target.rows.edges.height
    print(f"{nodes:,} nodes, {edges:,} edges, {cores()} cores", flush=True)
    files = scratch / "files"
    files.mkdir()
    alone = server.run(str(SERVER), "admin", "database", "import", "full", "neo4j", *neo4j_import.write(target, files), "--overwrite-destination")
    print(f"neo4j-admin alone, same files      {alone:8.1f} s", flush=True)
    offline, _ = server.load(copy, "--offline", f"{SERVER} admin", "--overwrite")
    print(f"graph load --offline               {offline:8.1f} s   {offline / alone:.2f} x (goal 1.5)", flush=True)
    begun = server.start()
    checked, _ = server.load(copy)
    print(f"graph load: constraints and check  {checked:8.1f} s, with it {(offline + checked) / alone:.2f} x; the server's start {begun:.1f} s", flush=True)
    _serve(copy, numbers[1])
    seconds, done = server.load(copy)
    rows = done["written"] + done["removed"]
    if not rows:
        raise SystemExit("both generations have the same graph: deliver a batch and run again")
    print(f"graph load of the next generation  {seconds:8.1f} s   {rows:,} rows written or removed, {rows / seconds:,.0f} rows/s (goal 20,000)", flush=True)
    print(f"  of it writing and removing       {done['seconds']:8.1f} s   {rows / done['seconds']:,.0f} rows/s", flush=True)
    compared = server.run(CITYWEAVE, "graph", "check", "-w", str(copy))
    print(f"graph check                        {compared:8.1f} s", flush=True)


def _serve(workspace: Path, number: int) -> None:
    (workspace / "CURRENT").write_text(f"{number:04}", "utf-8")


if __name__ == "__main__":
    main()
