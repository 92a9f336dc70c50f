"""Run as a script: runs the real pipeline over a workspace on Spark, in a process that cannot import duckdb. Prints JSON.

python without_duckdb.py WORKSPACE
"""

from __future__ import annotations

import importlib.abc
import json
import sys
from pathlib import Path


class Barred(importlib.abc.MetaPathFinder):
    """Nothing finds duckdb here."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname.split(".")[0] in ("duckdb", "_duckdb"):
            raise ModuleNotFoundError(f"{fullname} is barred", name=fullname)


def main() -> None:
    sys.meta_path.insert(0, Barred())
    from cityweave.api import pipeline
    from cityweave.api.workspace import Workspace
    from cityweave.engine.digest import digest

    workspace = Workspace.open(Path(sys.argv[1]))
    ran = pipeline.run(workspace, "spark")
    manifest = workspace.generations.current()
    assert manifest is not None and "duckdb" not in sys.modules
    plan = pipeline.plan_of(workspace).plan
    python = {
        name: f"{plan.steps[name].python.__module__}.{plan.steps[name].python.__qualname__}"  # type: ignore[union-attr]
        for name in sorted(report.name for report in ran.reports if report.executed)
        if plan.steps[name].python
    }
    found = digest(workspace.store, manifest.tables)
    print(json.dumps({"digest": found, "python": python, "steps": len(ran.reports), "engine": manifest.inputs["engine"]}))


if __name__ == "__main__":
    main()
