"""Digests of our own code: a step that runs Python is only as old as the Python it runs."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from functools import cache
from pathlib import Path

from cityweave.engine.errors import PlanError

FLOORS = ("engine", "cfd_rules", "resolver", "graph", "api")
"""From the ground up; imports only go down, so the code a floor can reach is its own and that below."""

LOCK = Path(__file__).parent / "requirements.lock"
"""The exact versions of what we import, shipped as package data."""


@cache
def code_digest(module: str) -> str:
    """The hex digest of every .py file that a function of `module` can reach (its floor and all below) and of the lock file.

    A module outside the floors (a test, a user's own step) counts by its own file and the engine's.
    """
    floor = module.split(".")[1] if module.startswith("cityweave.") else ""
    digest = hashlib.sha256(lock_digest().encode())
    reachable = FLOORS[: FLOORS.index(floor) + 1] if floor in FLOORS else FLOORS[:1]
    for name in reachable:
        digest.update(floor_digest(name).encode())
    if floor not in FLOORS:
        digest.update(_source(module))
    return digest.hexdigest()


@cache
def floor_digest(floor: str) -> str:
    """The hex digest of the .py files of one floor, by relative path and content; of nothing when the floor is not installed."""
    digest = hashlib.sha256(floor.encode())
    for folder in _folders(floor):
        for file in sorted(folder.rglob("*.py")):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@cache
def lock_digest() -> str:
    """The hex digest of the lock file, or "unlocked" in a tree that has none yet."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.exists() else "unlocked"


def _folders(floor: str) -> list[Path]:
    if floor == FLOORS[0]:
        return [Path(__file__).parent]
    spec = importlib.util.find_spec(f"cityweave.{floor}")
    return sorted(Path(place) for place in spec.submodule_search_locations or ()) if spec else []


def _source(module: str) -> bytes:
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        raise PlanError(
            f"找不到 Python 步骤的源文件 / the source of a Python step cannot be found: {module}", todo="把函数写在模块里 / define it in a module file"
        )
    return Path(file).read_bytes()
