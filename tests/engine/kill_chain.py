"""Run as a script: runs the plan of `city.py` in child processes, each really killed at the next moment not yet tried, until one gets through. Prints JSON.

python kill_chain.py FOLDER
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import city

from cityweave.engine.digest import digest
from cityweave.engine.duck import DuckEngine
from cityweave.engine.manifest import Generations
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store


def life(folder: Path, tried: set[str], last_words: int) -> None:
    """One process: dies at the first moment that is not in `tried`, having said which, or ends with the digest."""

    def observer(moment: str, table: str) -> None:
        if (here := f"{moment} {table}") not in tried:
            os.write(last_words, here.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    steps = city.steps()
    store, generations = Store(folder / "store"), Generations(folder)
    with generations.writing():
        outcome = run(Plan(steps), city.TARGETS, store, DuckEngine(threads=1, memory="200MB"), observer=observer)
        generations.serve(generations.write(outcome.tables, {}), observer)
    os.write(last_words, json.dumps(digest(store, outcome.tables)).encode())


def main() -> None:
    folder = Path(sys.argv[1])
    tried: list[str] = []
    found = ""
    while not found.startswith("{"):
        if found:
            tried.append(found)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            life(folder, set(tried), writer)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as words:
            found = words.read()
        _, status = os.waitpid(child, 0)
        if found.startswith("{") != os.WIFEXITED(status):
            raise SystemExit(f"unexpected end: {found} {status}")
    left = [entry.name for entry in (folder / "store").glob(".tmp-*")]
    print(json.dumps({"killed": tried, "digest": json.loads(found), "left": left, "current": (folder / "CURRENT").read_text()}))


if __name__ == "__main__":
    main()
