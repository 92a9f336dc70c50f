"""Breaks one claim at a time: each `*.patch` here is applied to a copy of the tree, and the test that its header names must fail there.

All named tests must pass on an untouched copy, too. As many run beside each other as there are processors.

The header of a patch, before its first `diff`:

    Claim: the sentence that the patch makes untrue
    Test: tests/…/test_….py::test_…

    python tests/saboteurs/run.py [NAME…]      exit code 0: every saboteur was caught
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLOORS = ("engine", "cfd_rules", "resolver", "graph", "api", "fixtures")
HEADER = re.compile(r"^(Claim|Test): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Saboteur:
    """A patch with the claim it breaks and the test that must notice."""

    name: str
    patch: Path
    claim: str
    test: str


def saboteurs() -> list[Saboteur]:
    """Every patch of this folder, by name; a ValueError where a header line is missing."""
    found = []
    for patch in sorted(HERE.glob("*.patch")):
        header = dict(HEADER.findall(patch.read_text(encoding="utf-8").split("\ndiff ", 1)[0]))
        if set(header) != {"Claim", "Test"}:
            raise ValueError(f"{patch.name}: its header needs the lines Claim: and Test:")
        found.append(Saboteur(patch.stem, patch, header["Claim"], header["Test"]))
    return found


def copy_tree(to: Path) -> None:
    """Copies what git tracks or would track, and links the floors as cityweave.<floor> in `links/`."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    (to / "links" / "cityweave").mkdir(parents=True)
    for floor in FLOORS:
        (to / "links" / "cityweave" / floor).symlink_to(to / floor)


def run(command: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command in a copy of the tree, on the copy's code."""
    data = os.environ.get("CITYWEAVE_DATA", str(ROOT.parent / "shared" / "data"))
    environment = os.environ | {"PYTHONPATH": str(tree / "links"), "PYTHONDONTWRITEBYTECODE": "1", "CITYWEAVE_DATA": data}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def pytest(tree: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs tests in a copy of the tree; a RuntimeError where not the copy would be tested."""
    where = run([sys.executable, "-c", "import cityweave.engine; print(cityweave.engine.__file__)"], tree)
    if not Path(where.stdout.strip()).resolve().is_relative_to(tree.resolve()):
        raise RuntimeError(f"the copy is not what is imported, but {where.stdout.strip()}{where.stderr}")
    return run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests], tree)


def caught(saboteur: Saboteur) -> str:
    """Empty when the named test fails on the broken tree; else what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        applied = run(["git", "apply", "--unsafe-paths", str(saboteur.patch)], tree)
        if applied.returncode:
            return f"the patch does not apply: {applied.stderr.strip()}"
        done = pytest(tree, [saboteur.test])
    if done.returncode == 0:
        return "NOT CAUGHT: the test passes on the broken tree"
    if done.returncode != 1 or not re.search(r"\b[1-9]\d* failed", done.stdout):
        return f"the test did not run to its assertion (exit code {done.returncode}):\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    return ""


def untouched(tests: list[str]) -> str:
    """Empty when the named tests pass on an untouched copy; else their output."""
    with tempfile.TemporaryDirectory() as folder:
        copy_tree(Path(folder))
        done = pytest(Path(folder), tests)
    return "" if done.returncode == 0 else done.stdout[-4000:] + done.stderr[-1000:]


def timed(task: Callable[..., str], *given: object) -> tuple[str, float]:
    """What it gives, and in how many seconds."""
    since = time.monotonic()
    return task(*given), time.monotonic() - since


def main(names: list[str]) -> int:
    """Runs the saboteurs of these names, or all; returns how many were not caught."""
    chosen = [one for one in saboteurs() if not names or one.name in names]
    if not chosen:
        print(f"no saboteur of this name; there are: {', '.join(one.name for one in saboteurs())}")
        return 1
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # each is a process in a copy of its own
        clean = pool.submit(timed, untouched, sorted({one.test for one in chosen}))
        broken = {one: pool.submit(timed, caught, one) for one in chosen}
        trouble, seconds = clean.result()
        if trouble:
            pool.shutdown(cancel_futures=True)
            print(f"the named tests do not pass on the untouched tree:\n{trouble}")
            return 1
        print(f"{len({one.test for one in chosen})} tests pass on the untouched tree: {seconds:.0f} s", flush=True)
        escaped = 0
        for one, found in broken.items():
            trouble, seconds = found.result()
            escaped += bool(trouble)
            print(f"{'ESCAPED' if trouble else 'caught '} {one.name}: {one.claim} [{one.test}] {seconds:.0f} s\n{trouble}".rstrip(), flush=True)
    print(f"saboteurs: {len(chosen) - escaped} caught, {escaped} escaped")
    return escaped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
