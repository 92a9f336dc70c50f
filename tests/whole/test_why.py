"""Why adds up on the real city: prior and parts are the stored weight, to the unit, and what it says of two records is what the generation holds."""

from __future__ import annotations

import random

import polars as pl

from cityweave.api import pipeline
from cityweave.engine.generation import Generation
from tests.whole.city import Tell, current, table
from tests.whole.conftest import Built

PAIRS = 1_000


def test_why_adds_up(built: Built, tell: Tell) -> None:
    stored = pl.concat([table(built.workspace, f"pair_{kind}").select("left_id", "right_id", "weight") for kind in ("person", "legal_entity")])
    entity = dict(table(built.workspace, "membership").select("record_id", "entity_id").iter_rows())
    chosen = random.Random(7).sample(stored.sort("left_id", "right_id").rows(), PAIRS)
    explainer = pipeline.explainer(built.workspace, Generation(built.workspace.store, current(built.workspace)))
    together = 0
    for left, right, weight in chosen:
        said = explainer.why(left, right)
        assert said.scored is not None
        assert said.scored.prior + sum(item.part for item in said.scored.evidence) == weight == said.scored.weight
        assert said.together == (entity[left] == entity[right])
        together += said.together
    tell(f"{PAIRS} random pairs of {stored.height}: prior + parts = stored weight, to the millionth of a bit; {together} of them are one entity, as why says")
