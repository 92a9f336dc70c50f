"""The door over HTTP under load: `python -m benchmarks.http WORKSPACE`, a workspace that has been run. 8 clients for 20 seconds ask mixed questions of one
`cityweave serve`; targets on 2 cores: 300 answers a second, p95 of 100 ms, no error, and one audit row an answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import CITYWEAVE, cores

TOKEN = "benchmark"


def questions(workspace: Path, seed: int, entities: int = 400) -> list[tuple[str, bytes]]:
    """(path, body) of mixed questions about people drawn from a seed."""
    import polars as pl

    from cityweave.api.door import Door
    from cityweave.api.model import Export
    from cityweave.api.workspace import Workspace

    members = Door(Workspace.open(workspace), "benchmark").ask(Export(table="membership"), "benchmark").frame
    assert members is not None
    rng = random.Random(seed)
    ids = {letter: members["entity_id"].unique().sort().filter(members["entity_id"].unique().sort().str.starts_with(letter)) for letter in "pl"}
    people = [ids["p"][rng.randrange(len(ids["p"]))] for _ in range(entities)]
    firms = [ids["l"][rng.randrange(len(ids["l"]))] for _ in range(entities // 8)]
    assert isinstance(members, pl.DataFrame)
    asked: list[tuple[str, dict[str, Any]]] = []
    for place, person in enumerate(people):
        asked += [("entity", {"id": person}), ("timeline", {"id": person}), ("neighbours", {"id": person, "depth": 2})]
        asked.append(("path", {"left": person, "right": people[place - 1], "types": ["spouse", "parent", "kin"]}))
        if place % 8 == 0:
            asked.append(("neighbours", {"id": firms[place // 8], "depth": 1}))
            asked.append(("turning", {"age": 60 + place % 20, "limit": 50}))
    rng.shuffle(asked)
    return [(f"/ask/{name}", json.dumps(body).encode()) for name, body in asked]


def client(port: int, asked: Sequence[tuple[str, bytes]], until: float, results: Any) -> None:
    """One client: question after question on one connection until the time is over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    taken: list[tuple[str, float, int]] = []
    place = 0
    while time.monotonic() < until:
        path, body = asked[place % len(asked)]
        started = time.perf_counter()
        connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        reply.read()
        taken.append((path.rsplit("/", 1)[1], time.perf_counter() - started, reply.status))
        place += 1
    results.put(taken)


def main() -> None:
    """Print answers a second, p50 and p95 in all and by question, errors, and audit rows added."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    mixed = questions(asked.workspace, asked.seed)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CITYWEAVE_SERVE_TOKEN": TOKEN, "CITYWEAVE_CALLER": "benchmark"}
    before = _rows(asked.workspace)
    server = subprocess.Popen([CITYWEAVE, "serve", "-w", str(asked.workspace), "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        time.sleep(3)  # until all its processes are up: whoever is first would get every client
        results: Any = multiprocessing.Queue()
        until = time.monotonic() + asked.seconds
        each = len(mixed) // asked.clients
        clients = [
            multiprocessing.Process(target=client, args=(port, mixed[number * each :] + mixed[: number * each], until, results))
            for number in range(asked.clients)
        ]
        started = time.monotonic()
        for one in clients:
            one.start()
        taken = [item for _ in clients for item in results.get()]
        seconds = time.monotonic() - started
        for one in clients:
            one.join()
    finally:
        server.terminate()
        server.wait()
    report(taken, seconds, _rows(asked.workspace) - before, asked.clients)


def report(taken: Sequence[tuple[str, float, int]], seconds: float, rows: int, clients: int) -> None:
    """Print the figures."""
    errors = sum(status != 200 for _, _, status in taken)
    print(f"{clients} clients, {cores()} cores: {len(taken) / seconds:,.0f} answers/s, {errors} errors, {rows - len(taken)} audit rows too many")
    by: dict[str, list[float]] = defaultdict(list)
    for name, took, _ in taken:
        by[name].append(took)
        by["all"].append(took)
    for name, each in sorted(by.items()):
        each.sort()
        print(f"{name:<16} {len(each):>7,} p50 {each[len(each) // 2] * 1000:7.1f} ms   p95 {each[len(each) * 95 // 100] * 1000:7.1f} ms")


def _rows(workspace: Path) -> int:
    from cityweave.api import audit
    from cityweave.api.workspace import Workspace

    return audit.verify(Workspace.open(workspace).state).rows


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("serve did not start")


if __name__ == "__main__":
    main()
