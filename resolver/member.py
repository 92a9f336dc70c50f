"""From clusters to membership: an entity's name is its anchor; what is left in doubt goes to a human."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from cityweave.engine.model import Arguments, Files, Inputs, Step
from cityweave.resolver import ids, model
from cityweave.resolver.model import LETTERS, Decision
from cityweave.resolver.settings import Settings


def steps(settings: Sequence[Settings], decisions: Sequence[Decision]) -> list[Step]:
    """The steps that make `membership`, `possible` and `unbound_decision`."""
    kinds = [each.kind for each in settings]
    scored = [each for each in settings if each.comparisons]
    return [
        Step(model.MEMBERSHIP, "为实体编号 / name the entities", tuple(f"cluster_{kind}" for kind in kinds), python=membership),
        Step(
            model.POSSIBLE,
            "待人确认的记录对 / pairs for a human",
            tuple(f"{table}_{each.kind}" for each in scored for table in ("link", "cluster", "form")),
            possible_sql(scored),
            total=("left_anchor", "right_anchor", "weight", "left_ref", "right_ref"),
        ),
        Step(model.UNBOUND_DECISION, "不再对应记录的决定 / decisions without records", tuple(f"form_{kind}" for kind in kinds), unbound_sql(kinds, decisions)),
    ]


def membership(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `membership`: each live record with its kind and entity id."""
    parts = []
    for name, table in sorted(inputs.items()):
        kind = name.removeprefix("cluster_")
        frame = pl.DataFrame(table)
        parts.append(
            frame.select("record_id", pl.lit(kind).alias("kind")).with_columns(ids.encode(LETTERS[kind], frame["anchor"].to_numpy()).alias("entity_id"))
        )
    return pl.concat(parts).to_arrow()


def possible_sql(settings: Sequence[Settings]) -> str:
    """SQL: for each two entities that a pair at or above the review threshold could join, the strongest pair (ties by ref)."""
    bands = [
        f"""select '{each.kind}' as kind, p.left_id, p.right_id, p.weight, a.ref as left_ref, b.ref as right_ref,
    least(l.anchor, r.anchor) as left_anchor, greatest(l.anchor, r.anchor) as right_anchor
  from link_{each.kind} p
  join cluster_{each.kind} l on l.record_id = p.left_id join cluster_{each.kind} r on r.record_id = p.right_id
  join form_{each.kind} a on a.record_id = p.left_id join form_{each.kind} b on b.record_id = p.right_id
  where p.weight >= {each.review} and l.anchor <> r.anchor"""
        for each in settings
    ]
    if not bands:
        return "select cast(null as varchar) as kind, cast(null as bigint) as left_id, cast(null as bigint) as right_id, cast(null as bigint) as weight where 1 = 0"
    return f"""with band as (
  {" union all ".join(bands)}
), ranked as (
  select *, row_number() over (partition by kind, left_anchor, right_anchor order by weight desc, left_ref, right_ref) as place from band
)
select kind, left_id, right_id, weight from ranked where place = 1"""


def unbound_sql(kinds: Sequence[str], decisions: Sequence[Decision]) -> str:
    """SQL: decisions of which a record is no longer there."""
    rows = [
        f"select {decision.id} as id, {_text(decision.verb)} as verb, {_text(decision.refs[0])} as l, {_text(decision.refs[1])} as r" for decision in decisions
    ]
    rows = rows or ["select 0 as id, '' as verb, '' as l, '' as r where 1 = 0"]
    live = " union all ".join(f"select ref from form_{kind}" for kind in kinds)
    return f"""with said as (
  {" union all ".join(rows)}
), live as (
  {live}
)
select s.id, s.verb, case when a.ref is null and b.ref is null then 'both' when a.ref is null then 'left' else 'right' end as missing
from said s left join live a on a.ref = s.l left join live b on b.ref = s.r
where a.ref is null or b.ref is null"""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
