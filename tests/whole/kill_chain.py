"""Run as a script: runs the real pipeline over a workspace in forked processes, each really killed at the next moment, until none is left. Prints JSON.

python kill_chain.py WORKSPACE

The parent never runs a step, so that it has no threads when it forks.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from cityweave.api import pipeline
from cityweave.api.workspace import Workspace
from cityweave.engine.duck import DuckEngine
from cityweave.engine.run import explain

MOMENTS = ("before_write", "before_rename", "after_rename")


def life(workspace: Workspace, end: tuple[str, str] | None) -> None:
    """One process: dies at that moment of that step, or gets through."""

    def observer(moment: str, table: str) -> None:
        if (moment, table) == end:
            os.kill(os.getpid(), signal.SIGKILL)

    pipeline.run(workspace, observer=observer)


def forked(task: Callable[[], None]) -> int:
    """The status of a process that did it."""
    child = os.fork()
    if child == 0:
        try:
            task()
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
    return os.waitpid(child, 0)[1]


def main() -> None:
    workspace = Workspace.open(Path(sys.argv[1]))
    served = (workspace.root / "CURRENT").read_text()
    built = pipeline.plan_of(workspace)
    plan = explain(built.plan, built.targets, workspace.store, DuckEngine)
    steps = [item.name for item in plan if item.state == "to run"]
    kills = 0
    for end in (*((moment, step) for step in steps for moment in MOMENTS), ("before_current", "CURRENT")):
        status = forked(lambda end=end: life(workspace, end))
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            raise SystemExit(f"not killed at {end}: {status}")
        kills += 1
        if (workspace.root / "CURRENT").read_text() != served:
            raise SystemExit(f"another generation is served after a kill at {end}")
    status = forked(lambda: life(workspace, None))
    if status:
        raise SystemExit(f"the last process failed: {status}")
    left = sorted(folder.name for folder in (workspace.root / "store").glob(".tmp-*"))
    print(json.dumps({"kills": kills, "steps": steps, "cached": [item.name for item in plan if item.state == "cached"], "left": left}))


if __name__ == "__main__":
    main()
