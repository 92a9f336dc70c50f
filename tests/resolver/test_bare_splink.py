"""The yardstick works on whatever columns there are, and never refuses a city."""

from __future__ import annotations

import pyarrow as pa

from cityweave.engine.trial import trial
from cityweave.resolver import bare_splink, plan
from tests.resolver.village import Row, needed, people, tables


def _best(rows: list[Row], truth: dict[int, int]) -> bare_splink.Best:
    given = tables({"person": rows})
    steps = plan.training_steps(["person"], [])
    form = trial(steps, needed(steps, given), ["form_person"])["form_person"]
    true = pa.table({"record_id": pa.array(truth, pa.int64()), "entity": pa.array([str(person) for person in truth.values()])})
    return bare_splink.best(plan.SETTINGS["person"], form, {"name": ("王伟",)}, true)


def test_it_links_a_village_at_its_best_threshold() -> None:
    rows, truth = people(400, seed=4)
    best = _best(rows, truth)
    assert best.found.num_rows == len(rows)
    assert best.quality.pairwise.f1 > 0.9


def test_without_a_pair_that_it_could_learn_from_it_links_nothing() -> None:
    rows, truth = people(60, seed=4)
    assert _best([row | {"id_no": None, "birth": None, "phone": None} for row in rows], truth).quality.found_pairs == 0
