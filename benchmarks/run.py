"""`cityweave run` on a city: cold and unchanged. `python -m benchmarks.run --tier M`; targets for M: 20 s and 3 GB cold, 2 s unchanged."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import CITYWEAVE, cores, measure


def main() -> None:
    """Print one line per command: seconds, peak memory; first the rows and cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", default="M")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", type=Path, help="a folder to keep the city and the workspace in")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        city, workspace = str(folder / "city"), str(folder / "workspace")
        steps = {
            "generate": ["generate", city, "--tier", asked.tier, "--seed", asked.seed],
            "init": ["init", "--city", city, "--batches", "all", "-w", workspace],
            "train": ["train", "-w", workspace],
            "run, cold": ["run", "-w", workspace],
            "run, unchanged": ["run", "-w", workspace],
            "turning 65": ["turning", "65", "--month", "next", "-w", workspace, "--json"],
        }
        print(f"tier {asked.tier}, {cores()} cores")
        for name, arguments in steps.items():
            taken = measure([CITYWEAVE, *arguments])
            print(f"{name:<16} {taken.seconds:>8.2f} s {taken.peak_mb:>7,} MB", flush=True)
        status = json.loads(subprocess.run([CITYWEAVE, "status", "-w", workspace, "--json"], check=True, capture_output=True, text=True).stdout)
        for kind in status["data"]["kinds"]:
            print(f"{kind['kind']:<16} {kind['records']:>10,} records {kind['entities']:>10,} entities")


if __name__ == "__main__":
    main()
