"""Looking back: the golden values and facts an entity would have, made anew by the same SQL from the versions known on a day, under the current partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from cityweave.engine.trial import trial
from cityweave.resolver import facts, survive
from cityweave.resolver.evidence import Reader
from cityweave.resolver.model_life import Trust


def golden_on(reader: Reader, kind: str, elements: Sequence[str], trust: Trust, failing: Sequence[str], entity_id: str, day: date, as_of: date | None = None) -> list[dict[str, Any]]:
    """Rows of `golden_<kind>` (entity_id, element, value, record_id, rule) for one entity, by element, from what was known on `day` and held on `as_of`.

    Empty when nothing was known of it.
    """
    members = reader.where("membership", "entity_id", [entity_id])
    records = members["record_id"].to_pylist()
    tables = {name: reader.where(name, "record_id", records) for name in (f"record_{kind}", "repair", "violation")} | {"membership": members}
    now = survive.steps(kind, elements, trust, failing)[0]
    then = replace(now, sql=survive.golden_sql(kind, elements, trust, failing, survive.held_on(day.isoformat(), as_of.isoformat() if as_of else "")))
    return trial([then], tables)[then.name].to_pylist()


def facts_on(reader: Reader, trust: Trust, entity_id: str, day: date) -> list[dict[str, Any]]:
    """Facts of one entity as told by the versions of events known on that day, under the current partition: type, valid_from, valid_to, detail, events, sources, parties.

    `parties` are (role, entity_id, thing_id). An end of which we learned later is not known; a version that was corrected or withdrawn later still holds.
    """
    records = reader.where("membership", "entity_id", [entity_id])["record_id"].to_pylist()
    places = reader.where("home", "entity_id", [entity_id])["thing_id"].to_pylist()
    mine = pa.concat_tables([reader.where("participant", "record_id", records), reader.where("participant", "thing_id", places)])
    part = reader.where("participant", "event_id", _distinct(mine, "event_id"))
    if trust.succession:
        mine = pa.concat_tables([part, *_told_of(reader, part, {role for roles in trust.succession.values() for role in roles.values()})])
        part = reader.where("participant", "event_id", _distinct(mine, "event_id"))
    events = _distinct(part, "event_id")
    others, things = _distinct(part, "record_id"), _distinct(part, "thing_id")
    tables = {
        "event": _as_known(reader.where("event", "event_id", events), day),
        "participant": part,
        "membership": reader.where("membership", "record_id", others),
        "past_party": reader.where("past_party", "record_id", others),
        "home": reader.where("home", "thing_id", things),
        "marital": _marital(reader, part, day),
    }
    wanted = {step.name: step for step in facts.steps(trust, ())}
    telling = replace(wanted["telling"], sql=facts.telling_sql(trust, versions=facts.known_on(day.isoformat())))
    made = trial([telling, wanted["fact_event"], wanted["fact"], wanted["fact_party"]], tables, ["fact", "fact_party"])
    parties: dict[int, list[tuple[str, str | None, str | None]]] = {}
    for row in made["fact_party"].to_pylist():
        parties.setdefault(row["fact_id"], []).append((row["role"], row["entity_id"], row["thing_id"]))
    return [row | {"parties": parties[row["fact_id"]]} for row in made["fact"].to_pylist() if any(who == entity_id for _, who, _ in parties[row["fact_id"]])]


def _marital(reader: Reader, part: pa.Table, day: date) -> pa.Table:
    """Table `marital` of those who take part in a marriage, as known on that day."""
    spouses = part.filter(pc.field("role").isin(["spouse_a", "spouse_b"]))
    entities = _distinct(reader.where("membership", "record_id", _distinct(spouses, "record_id")), "entity_id")
    members = reader.where("membership", "entity_id", entities)
    step = {step.name: step for step in facts.steps(Trust({}), ("person",))}["marital"]
    given = {"membership": members, "record_person": reader.where("record_person", "record_id", members["record_id"].to_pylist())}
    return trial([replace(step, sql=facts.marital_sql(facts.recorded_by(day.isoformat())))], given)["marital"]


def _told_of(reader: Reader, part: pa.Table, roles: set[str]) -> list[pa.Table]:
    """All that takes part in anything as one of those who have these roles: one event may succeed another."""
    subjects = part.filter(pc.field("role").isin(sorted(roles)))
    entities = _distinct(reader.where("membership", "record_id", _distinct(subjects, "record_id")), "entity_id")
    records = reader.where("membership", "entity_id", entities)["record_id"].to_pylist()
    return [reader.where("participant", "record_id", records), reader.where("participant", "thing_id", _distinct(subjects, "thing_id"))]


def _distinct(table: pa.Table, column: str) -> list[Any]:
    return pl.DataFrame(table.select([column]))[column].drop_nulls().unique().sort().to_list()


def _as_known(events: pa.Table, day: date) -> pa.Table:
    """The versions, without the ends of which we learned after that day."""
    rows = pl.DataFrame(events)
    later = pl.col("closed").is_in(["changed", "ended"]) & (pl.col("closed_on") > day)
    return rows.with_columns(valid_to=pl.when(later).then(None).otherwise(pl.col("valid_to"))).to_arrow().cast(events.schema)
