"""`make demo` once installed (target 60 s) and a whole run on tier XS (target 5 s). `python -m benchmarks.demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import CITYWEAVE, cores, measure


def main() -> None:
    """Print a line each: seconds and peak memory."""
    print(f"{cores()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        taken = measure([CITYWEAVE, "demo", str(folder / "demo")])
        print(f"demo, tier S      {taken.seconds:>8.2f} s {taken.peak_mb:>7,} MB", flush=True)
        again = measure([CITYWEAVE, "demo", str(folder / "demo")])
        print(f"demo, once more   {again.seconds:>8.2f} s {again.peak_mb:>7,} MB", flush=True)
        city, workspace = str(folder / "city"), str(folder / "workspace")
        measure([CITYWEAVE, "generate", city, "--tier", "XS"])
        measure([CITYWEAVE, "init", "--city", city, "--batches", "all", "-w", workspace])
        measure([CITYWEAVE, "train", "-w", workspace])
        taken = measure([CITYWEAVE, "run", "-w", workspace])
        print(f"run, tier XS      {taken.seconds:>8.2f} s {taken.peak_mb:>7,} MB")


if __name__ == "__main__":
    main()
