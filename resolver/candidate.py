"""Pairs worth scoring: records that share a block value, where at least one side has no accepted identifier."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.resolver import model
from cityweave.resolver.saved import Model, load, model_input
from cityweave.resolver.settings import Block, Settings
from cityweave.resolver.unit import ONCE

TOGETHER = 8
"""Blocking rules that one step joins by: each holds its records in memory, and a step costs as much as a small join."""


COMPARED = (
    Column("record_id", "BIGINT"),
    Column("nth", "BIGINT", "place in the order of refs"),
    Column("unit", "BIGINT"),
    Column("accepted", "BOOLEAN", "of the numbers that an entity has one of in its life"),
    Column("number", "VARCHAR", "the identifier, accepted or not"),
)
"""What joins know of a record beside its block values."""


def steps(settings: Settings, trained: Model) -> list[Step]:
    """The steps that make `candidate_<kind>`: the model's stop keys as a table, every record's block values, joins by a few blocking rules at a time, and all
    pairs once. In one step all joins would hold their records in memory at once.
    """
    kind = settings.kind
    arguments, files = model_input(trained)
    groups = -(-len(settings.blocks) // TOGETHER)
    met = [_met(settings, place, settings.blocks[place::groups]) for place in range(groups)]
    pairs = "\nunion all ".join(f"select left_id, right_id from {step.name}" for step in met)
    return [
        Step(_stop_table(kind), f"停用键 / stop keys ({kind})", python=stop_keys, arguments=arguments, files=files),
        _lead(settings),
        _keyed(settings),
        *met,
        Step(model.candidate(kind), f"候选对 / candidates ({kind})", tuple(step.name for step in met), f"select distinct left_id, right_id from (\n{pairs}\n) m"),
    ]


def block_sql(settings: Settings) -> str:
    """SQL: each record's block values (record_id, rule, value) by every rule of the settings, stop keys included."""
    form = f"form_{settings.kind}"
    rules = [f"select record_id, '{block.name}' as rule, {block.key} as value from {form}" for block in settings.blocks]
    return "with value as (\n  " + "\n  union all ".join(rules) + "\n)\nselect v.record_id, v.rule, v.value from value v"


def _lead(settings: Settings) -> Step:
    """`lead_<kind>`: the records that are compared, in the order of their refs; of those of a unit that are alike in all features the first."""
    kind = settings.kind
    table = Table(f"lead_{kind}", "被比较的记录 / records that are compared", COMPARED, ("record_id",))
    alike = "md5(" + " || '␟' || ".join(f"coalesce(f.{name}, '␀')" for name in model.FEATURES[kind]) + ")"
    place = f"row_number() over (partition by u.unit, {alike} order by f.ref)" if settings.lead else "1"
    sql = f"""select record_id, row_number() over (order by ref) as nth, unit, accepted, number from (
  select f.record_id, f.ref, u.unit, u.accepted and {ONCE[kind]} as accepted, u.id_no as number, {place} as place from form_{kind} f join unit_{kind} u on u.record_id = f.record_id
) t where place = 1"""
    return Step(table, f"被比较的记录 / records to compare ({kind})", (f"form_{kind}", f"unit_{kind}"), sql, uses=(settings.digest(),), total=("ref",))


def _keyed(settings: Settings) -> Step:
    """`keyed_<kind>`: those records with their value by every blocking rule."""
    kind = settings.kind
    columns = (*COMPARED, *(Column(block.name, "VARCHAR") for block in settings.blocks))
    table = Table(f"keyed_{kind}", "记录的分块值 / block values of records", columns, ("record_id",))
    keys = ", ".join(f"{block.key} as {block.name}" for block in settings.blocks)
    told = ", ".join(f"l.{column.name}" for column in COMPARED)
    sql = f"select {told}, {keys} from form_{kind} f join lead_{kind} l on l.record_id = f.record_id"
    return Step(table, f"分块 / block values ({kind})", (f"form_{kind}", f"lead_{kind}"), sql, uses=(settings.digest(),))


def _met(settings: Settings, place: int, blocks: Sequence[Block]) -> Step:
    """`met_<kind>_<n>`: pairs (left has the smaller ref) of different units that share a block value which is no stop key; one side at least is open, that is
    without accepted identifier, or (in the first of the tables) both bear the same one under names that do not agree.
    """
    kind = settings.kind
    selects = [_pairs(kind, block) for block in blocks]
    if place == 0:
        selects.append(f"""select l.record_id as left_id, r.record_id as right_id, 'number' as rule
from keyed_{kind} l join keyed_{kind} r on l.number = r.number where l.accepted and r.accepted and l.unit <> r.unit and l.nth < r.nth""")
    columns = (Column("left_id", "BIGINT"), Column("right_id", "BIGINT"), Column("rule", "VARCHAR", "the blocking rule, or number"))
    table = Table(f"met_{kind}_{place + 1}", "相遇的记录对 / pairs that meet by some of the blocking rules", columns, ("left_id", "right_id", "rule"))
    return Step(table, f"相遇 / meet ({kind}, {place + 1})", (f"keyed_{kind}", f"stop_{kind}"), "\nunion all ".join(selects))


def _pairs(kind: str, block: Block) -> str:
    """The pairs of one rule. Where one side's key is another rule's of the other side, a pair may meet both ways round."""
    ends = "case when o.nth < k.nth then {0}.record_id else {1}.record_id end"
    worth = "not (o.accepted and k.accepted)" if block.meets else "not o.accepted and (k.accepted or o.nth < k.nth)"
    return f"""select {"distinct " if block.meets else ""}{ends.format("o", "k")} as left_id, {ends.format("k", "o")} as right_id, '{block.name}' as rule
from keyed_{kind} o join keyed_{kind} k on o.{block.name} = k.{block.meets or block.name} left join stop_{kind} s on s.value = o.{block.name} and s.rule = '{block.name}'
where s.rule is null and o.unit <> k.unit and {worth}"""


def stop_keys(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `stop_<kind>`: the model's stop keys."""
    stop = load(files["model"], str(arguments["model"])).stop
    rows = [(rule, value) for rule, values in sorted(stop.items()) for value in values]
    return pa.table({"rule": pa.array([rule for rule, _ in rows], pa.string()), "value": pa.array([value for _, value in rows], pa.string())})


def _stop_table(kind: str) -> Table:
    return Table(f"stop_{kind}", "停用键 / stop keys", (Column("rule", "VARCHAR"), Column("value", "VARCHAR")), ("rule", "value"))
