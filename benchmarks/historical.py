"""People of the past: pairwise F1 of clusters on historical_50k, and the seconds from records to entities with a saved model. `python -m benchmarks.historical`

No label is used: `unique_id` and `cluster` are taken out and the rows shuffled by a hash before anything is learned; the threshold is the one in the
settings. The data lie in `$CITYWEAVE_DATA/er/historical_50k`, or in `../shared/data` beside the checkout.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.measure import cores
from cityweave.cfd_rules import registry
from cityweave.cfd_rules.model import ADDRESS, EVENT, PARTICIPANT, record_table
from cityweave.engine.duck import DuckEngine
from cityweave.engine.plan import Plan
from cityweave.engine.run import run
from cityweave.engine.store import Store
from cityweave.engine.trial import given
from cityweave.resolver import baseline, metrics, plan, saved, train

KNOWN = registry.load()
RECORD = record_table("person", KNOWN.names("person"))
FILE = Path("er") / "historical_50k" / "historical_figures_with_errors_50k.parquet"
SAID = {
    "record_id": "n",
    "ref": "'h|' || n || '|person'",
    "source": "'h'",
    "recorded_at": "date '2026-01-01'",
    "name": "full_name",
    "sex": "case gender when 'male' then '1' when 'female' then '2' end",
    "birth": "dob",
    "birth_place": "birth_place",
    "postcode": "upper(postcode_fake)",
    "occupation": "occupation",
}
def records(path: Path) -> tuple[pa.Table, pa.Table]:
    """Table `record_person` without labels, and the truth beside it."""
    said = ", ".join(f"{SAID.get(name, 'null')} as {name}" for name in RECORD.names)
    source = f"(select *, row_number() over (order by md5(unique_id || '7')) as n from read_parquet('{path}'))"
    with duckdb.connect(":memory:") as connection:
        rows = connection.sql(f"select {said} from {source}").to_arrow_table().cast(RECORD.schema)
        truth = connection.sql(f"select n as record_id, cluster as entity from {source}").to_arrow_table()
    return rows, truth


def main() -> None:
    """Print the figures."""
    folder = Path(os.environ.get("CITYWEAVE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    rows, truth = records(folder / FILE)
    silent = (*(record_table(kind, KNOWN.names(kind)) for kind in ("room", "legal_entity")), ADDRESS, EVENT, PARTICIPANT)
    base = [given(RECORD.name, rows), *(given(table.name, table.schema.empty_table()) for table in silent)]
    with tempfile.TemporaryDirectory() as work:
        store, engine = Store(Path(work) / "store"), DuckEngine(threads=cores())
        learning = Plan([*base, *plan.training_steps(["person"], [])])
        learnt = run(learning, plan.training_targets("person"), store, engine).tables
        started = time.perf_counter()
        model = train.train(plan.SETTINGS["person"], store.read(learnt["form_person"]), store.read(learnt["unit_person"]))
        trained = time.perf_counter() - started
        model = saved.save(model, Path(work) / "models" / "person.json")
        keys = metrics.compare(baseline.keys("person", store.read(learnt["form_person"])), truth)
        cold = Store(Path(work) / "cold")
        started = time.perf_counter()
        made = run(Plan([*base, *plan.steps(["person"], {"person": model}, [], [])]), ["membership", "possible"], cold, engine).tables
        seconds = time.perf_counter() - started
        found = cold.read(made["membership"]).select(["record_id", "entity_id"]).rename_columns(["record_id", "entity"])
        quality = metrics.compare(found, truth)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"historical_50k: {rows.num_rows} rows, {cores()} cores, threshold {model.merge / 1e6:g} bits; trained in {trained:.1f} s")
    print(f"records to entities, cold: {seconds:.1f} s (with training's peak: {peak} MB)")
    for name, judged in (("resolver", quality), ("name and birth", keys)):
        for way, score in (("pairwise", judged.pairwise), ("B-cubed", judged.b_cubed)):
            print(f"{name:15} {way:9} P {score.precision:.4f} R {score.recall:.4f} F1 {score.f1:.4f}")


if __name__ == "__main__":
    main()
