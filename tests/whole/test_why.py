"""Why adds up on the real city: prior and parts are the stored weight, to the unit, and what it says of two records is what the generation holds."""

from __future__ import annotations

import random

import polars as pl

from cityweave.api import pipeline
from cityweave.engine.generation import Generation
from cityweave.resolver import evidence
from tests.whole.city import Tell, current, table
from tests.whole.conftest import Built

PAIRS, WHOLE = 1_000, 150


def test_why_adds_up(built: Built, tell: Tell) -> None:
    """All pairs by what `why` weighs with; some of them by the whole of `why`, which also looks at their surroundings."""
    kinds = ("person", "legal_entity")
    stored = pl.concat([table(built.workspace, f"pair_{kind}").select("left_id", "right_id", "weight", kind=pl.lit(kind)) for kind in kinds])
    entity = dict(table(built.workspace, "membership").select("record_id", "entity_id").iter_rows())
    chosen = random.Random(7).sample(stored.sort("left_id", "right_id").rows(), PAIRS)
    explainer = pipeline.explainer(built.workspace, Generation(built.workspace.store, current(built.workspace)))
    for kind in kinds:
        mine = [(left, right, weight) for left, right, weight, of in chosen if of == kind]
        told = evidence.scored(explainer.reader, explainer.settings[kind], explainer.models[kind], [(left, right) for left, right, _ in mine])
        assert [said.prior + sum(item.part for item in said.evidence) for said in told] == [weight for _, _, weight in mine]
    together = 0
    for left, right, weight, _ in chosen[:WHOLE]:
        why = explainer.why(left, right)
        assert why.scored is not None
        assert why.scored.prior + sum(item.part for item in why.scored.evidence) == weight == why.scored.weight
        assert why.together == (entity[left] == entity[right])
        together += why.together
    tell(
        f"{PAIRS} random pairs of {stored.height}: prior + parts = stored weight, to the millionth of a bit; "
        f"of {WHOLE} told in full {together} are one entity, as stored"
    )
