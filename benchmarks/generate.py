"""The synthetic city: what a tier takes to build and write. `python -m benchmarks.generate XS S M`; targets: XS 2 s, S 6 s, M 40 s and 3 GB."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measure import cores, measure

SEED = "7"
GENERATE = "import sys; from pathlib import Path; from cityweave import fixtures; fixtures.generate(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))"


def main() -> None:
    """Print one line per tier: what was written, seconds, peak memory; first the cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tiers", nargs="*", default=["XS", "S", "M"], metavar="TIER", help="XS S M L XL")
    print(f"{cores()} cores, seed {SEED}: a first delivery and three monthly ones, and the truth")
    for tier in parser.parse_args().tiers:
        with tempfile.TemporaryDirectory() as folder:
            took = measure([sys.executable, "-c", GENERATE, folder, tier, SEED])
            rows = {name: pq.read_metadata(Path(folder) / f"truth/{name}.parquet").num_rows for name in ("person", "record", "error", "fact")}
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) >> 20
        written = ", ".join(f"{count:,} {name}s" for name, count in rows.items())
        print(f"{tier:>2}: {written}, {size:,} MB on disk: {took.seconds} s, {took.peak_mb:,} MB", flush=True)


if __name__ == "__main__":
    main()
