"""Looking back: the golden values an entity would have, chosen anew by the same SQL from the versions that were known on a day, under the current partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from cityweave.engine.trial import trial
from cityweave.resolver import survive
from cityweave.resolver.evidence import Reader
from cityweave.resolver.model_life import Trust


def golden_on(reader: Reader, kind: str, elements: Sequence[str], trust: Trust, failing: Sequence[str], entity_id: str, day: date) -> list[dict[str, Any]]:
    """Rows of `golden_<kind>` (entity_id, element, value, record_id, rule) for one entity, by element; empty when nothing was known of it on that day."""
    members = reader.where("membership", "entity_id", [entity_id])
    records = members["record_id"].to_pylist()
    tables = {name: reader.where(name, "record_id", records) for name in (f"record_{kind}", "repair", "violation")} | {"membership": members}
    now = survive.steps(kind, elements, trust, failing)[0]
    then = replace(now, sql=survive.golden_sql(kind, elements, trust, failing, survive.known_on(day.isoformat())))
    return trial([then], tables)[then.name].to_pylist()
