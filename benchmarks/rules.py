"""Floor 2 over a city: log to records, events, violations and repairs. `python -m benchmarks.rules M`; target: M 8 s on two cores."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.measure import cores
from cityweave.cfd_rules import contract_file, plan, registry
from cityweave.cfd_rules.model import Batch
from cityweave.engine.engines import load_engine
from cityweave.engine.plan import Plan
from cityweave.engine.run import StepReport, run
from cityweave.engine.store import Store
from cityweave.fixtures import CONTRACTS

SEED = "7"
GENERATE = "import sys; from pathlib import Path; from cityweave import fixtures; fixtures.generate(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))"
SHOWN = 8


def main() -> None:
    """Print per tier what was read and found, seconds cold and unchanged, and the dearest steps; first the cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tiers", nargs="*", default=["XS", "S", "M"], metavar="TIER", help="XS S M L")
    print(f"{cores()} cores, seed {SEED}: all sources, all batches")
    for tier in parser.parse_args().tiers:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-c", GENERATE, f"{folder}/city", tier, SEED], check=True)
            _measure(tier, Path(folder))


def _measure(tier: str, folder: Path) -> None:
    steps = plan.steps(contract_file.load_all(CONTRACTS, registry.load()), _log(folder / "city"))
    names, store = [step.name for step in steps], Store(folder / "store")
    cold, reports, tables = _run(Plan(steps), names, store)
    unchanged, _, _ = _run(Plan(steps), names, store)
    counted = ("quarantine", "rule_violation", "rule_repair", "event")
    rows = {name: pl.scan_parquet(store.path(tables[name])).select(pl.len()).collect().item() for name in counted}
    delivered = sum(report.rows_out for report in reports if report.name.startswith("read_"))
    records = sum(report.rows_out for report in reports if report.name.startswith("record_"))
    found = ", ".join(f"{count:,} {name}s" for name, count in rows.items())
    peak = max(report.peak_mb for report in reports)
    print(f"{tier:>2}: {delivered:,} rows, {records:,} record versions, {found}: {cold:.2f} s cold, {unchanged:.2f} s unchanged, {peak:,} MB", flush=True)
    for report in sorted(reports, key=lambda report: -report.seconds)[:SHOWN]:
        print(f"      {report.name:<28} {report.rows_in:>10,} -> {report.rows_out:>10,} rows {report.seconds:7.2f} s")


def _run(steps: Plan, names: list[str], store: Store) -> tuple[float, tuple[StepReport, ...], dict[str, str]]:
    started = time.perf_counter()
    outcome = run(steps, names, store, load_engine("duckdb"))
    return time.perf_counter() - started, outcome.reports, dict(outcome.tables)


def _log(city: Path) -> list[Batch]:
    """The city's deliveries as a log."""
    items = json.loads((city / "deliveries.json").read_text())
    return [
        Batch(number, item["source"], path, hashlib.sha256(path.read_bytes()).hexdigest(), date.fromisoformat(item["on"]), path.name)
        for number, item in enumerate(items, start=1)
        for path in [city / item["file"]]
    ]


if __name__ == "__main__":
    main()
