"""Pairs worth scoring: records that share a block value, where at least one side has no accepted identifier."""

from __future__ import annotations

import pyarrow as pa

from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.resolver import model
from cityweave.resolver.saved import Model, load, model_input
from cityweave.resolver.settings import Block, Settings


def steps(settings: Settings, trained: Model) -> list[Step]:
    """The steps that make `candidate_<kind>`: the model's stop keys as a table, then a join a blocking rule."""
    kind = settings.kind
    arguments, files = model_input(trained)
    reads = (f"form_{kind}", f"unit_{kind}", f"stop_{kind}")
    return [
        Step(_stop_table(kind), f"停用键 / stop keys ({kind})", python=stop_keys, arguments=arguments, files=files),
        Step(model.candidate(kind), f"候选对 / candidates ({kind})", reads, candidate_sql(settings), uses=(settings.digest(),), total=("ref",)),
    ]


def block_sql(settings: Settings) -> str:
    """SQL: each record's block values (record_id, rule, value) by every rule of the settings, stop keys included."""
    form = f"form_{settings.kind}"
    rules = [f"select record_id, '{block.name}' as rule, {block.key} as value from {form}" for block in settings.blocks]
    return "with value as (\n  " + "\n  union all ".join(rules) + "\n)\nselect v.record_id, v.rule, v.value from value v"


def candidate_sql(settings: Settings) -> str:
    """SQL: distinct pairs (left has the smaller ref) of different units that share a block value which is no stop key; one side at least is open, that is without
    accepted identifier, or both bear the same one under names that do not agree.
    """
    kind = settings.kind
    keys = ", ".join(f"{block.key} as {block.name}" for block in settings.blocks)
    met = "\n  union all ".join(_met(kind, block) for block in settings.blocks)
    return f"""with keyed as (
  select f.record_id, f.ref, u.unit, u.accepted, u.id_no as number, {keys}
  from {f"({_lead(kind)})" if settings.lead else f"form_{kind}"} f join unit_{kind} u on u.record_id = f.record_id
), met as (
  {met}
  union all select l.record_id, l.ref, r.record_id, r.ref from keyed l join keyed r on l.number = r.number where l.accepted and r.accepted and l.unit <> r.unit and l.ref < r.ref
)
select distinct case when open_ref < other_ref then open_id else other_id end as left_id, case when open_ref < other_ref then other_id else open_id end as right_id
from met"""


def _met(kind: str, block: Block) -> str:
    name = block.name
    return f"""select o.record_id as open_id, o.ref as open_ref, k.record_id as other_id, k.ref as other_ref
  from keyed o join keyed k on o.{name} = k.{name} left join stop_{kind} s on s.value = o.{name} and s.rule = '{name}'
  where s.rule is null and not o.accepted and o.unit <> k.unit and (k.accepted or o.ref < k.ref)"""


def _lead(kind: str) -> str:
    """SQL: of the records of a unit that are alike in all features, the one with the smallest ref."""
    features = ", ".join(f"f.{name}" for name in model.FEATURES[kind])
    return f"""select * from (
    select f.*, row_number() over (partition by u.unit, {features} order by ref) as place from form_{kind} f join unit_{kind} u on u.record_id = f.record_id
  ) where place = 1"""


def stop_keys(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `stop_<kind>`: the model's stop keys."""
    stop = load(files["model"], str(arguments["model"])).stop
    rows = [(rule, value) for rule, values in sorted(stop.items()) for value in values]
    return pa.table({"rule": pa.array([rule for rule, _ in rows], pa.string()), "value": pa.array([value for _, value in rows], pa.string())})


def _stop_table(kind: str) -> Table:
    return Table(f"stop_{kind}", "停用键 / stop keys", (Column("rule", "VARCHAR"), Column("value", "VARCHAR")), ("rule", "value"))
