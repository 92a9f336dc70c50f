"""The city, resolved: `python -m benchmarks.city [--tier M] [--seeds 1]`. Every figure of matching, cleaning and facts, with rows, cores, seconds and memory.

Seed i is the number that the first eight hex digits of HEAD spell, plus i: no code has seen it. A working tree that differs from HEAD is refused. The last
monthly batch is delivered after the first run, so that what one more batch costs is measured; models are trained before it. Beside ours stand the join on
keys and bare Splink (docs/adr/0006-bare-splink.md), on the same rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import CITYWEAVE, Measured, cores, measure
from benchmarks.report import facts_of, goals, mistakes, table

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the tables of each seed, then all goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", default="M")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--errors", default="real")
    parser.add_argument("--keep", type=Path, help="a folder to keep cities and workspaces in")
    asked = parser.parse_args()
    first = head_seed()
    rows: list[tuple[str, str, list[str]]] = []
    for number in range(asked.seeds):
        with tempfile.TemporaryDirectory() as scratch:
            folder = (asked.keep or Path(scratch)) / f"{asked.tier}{number}"
            folder.mkdir(parents=True, exist_ok=True)
            print(f"== tier {asked.tier}, errors {asked.errors}, seed {first + number}, {cores()} cores", flush=True)
            taken = one(folder, asked.tier, first + number, asked.errors)
            data = evaluated(folder)
        for text in (table(data), facts_of(data), mistakes(data)):
            print(text, flush=True)
        rows = [
            (goal, target, [*(old[2] if (old := next((row for row in rows if row[0] == goal), None)) else []), reached])
            for goal, target, reached in goals(data, taken)
        ]
    print("== goals")
    for goal, target, reached in rows:
        print(f"{goal:<66} {target:>20}  {'  '.join(reached)}")


def head_seed() -> int:
    """The number in the first eight hex digits of HEAD. SystemExit when the tree differs from it."""
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip():
        raise SystemExit("the working tree differs from HEAD: commit first, so that the seed belongs to the code it measures")
    return int(subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout[:8], 16)


def one(folder: Path, tier: str, seed: int, errors: str) -> dict[str, Measured]:
    """Generate, deliver, train, run cold, deliver the last month, run, run unchanged: what each took."""
    city, workspace = folder / "city", str(folder / "workspace")
    taken = {"generate": step("generate", "generate", str(city), "--tier", tier, "--seed", str(seed), "--errors", errors)}
    taken["init"] = step("init", "init", "--city", str(city), "--batches", "first", "-w", workspace)
    deliveries = json.loads((city / "deliveries.json").read_text("utf-8"))
    days = sorted({item["on"] for item in deliveries})
    for day in days[1:-1]:
        deliver(city, workspace, deliveries, day)
    taken["train"] = step("train", "train", "-w", workspace)
    taken["cold"] = step("run, cold", "run", "-w", workspace)
    if len(days) > 1:
        deliver(city, workspace, deliveries, days[-1])
    taken["month"] = step("run, one more monthly batch", "run", "-w", workspace)
    taken["unchanged"] = step("run, unchanged", "run", "-w", workspace)
    return taken


def step(name: str, *arguments: str) -> Measured:
    """Run a command and print what it took."""
    taken = measure([CITYWEAVE, *arguments])
    print(f"{name:<28} {taken.seconds:>8.2f} s {taken.peak_mb:>7,} MB", flush=True)
    return taken


def deliver(city: Path, workspace: str, deliveries: list[dict[str, str]], day: str) -> None:
    """Hand in all files of that day."""
    for item in deliveries:
        if item["on"] == day:
            measure([CITYWEAVE, "deliver", item["source"], str(city / item["file"]), "--on", day, "-w", workspace])


def evaluated(folder: Path) -> dict[str, Any]:
    """What `cityweave evaluate` says, both baselines beside ours and the twenty largest mistakes explained."""
    command = [
        "evaluate",
        "--truth",
        str(folder / "city" / "truth"),
        "--baselines",
        "keys,splink",
        "--mistakes",
        "20",
        "-w",
        str(folder / "workspace"),
        "--json",
    ]
    done = subprocess.run([CITYWEAVE, *command], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)["data"]
    return found


if __name__ == "__main__":
    main()
