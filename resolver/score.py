"""The one scorer: Fellegi-Sunter with whole numbers. A pair's weight is the prior plus a part per comparison, to the unit; the same SQL serves full runs, explanations and increments.

Fellegi & Sunter, JASA 1969; term frequencies after Winkler, 1989. A part is the level's weight; where the level names a feature, the value's rarity replaces the level's average.
"""

from __future__ import annotations

import pyarrow as pa

from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.resolver import model
from cityweave.resolver.saved import Model, load, model_input
from cityweave.resolver.settings import Comparison, Settings


def steps(settings: Settings, trained: Model) -> list[Step]:
    """The steps that make `rarity_<kind>`, `pair_<kind>` and `link_<kind>`."""
    kind = settings.kind
    arguments, files = model_input(trained)
    return [
        Step(rarity_table(kind), f"取值的稀有程度 / how rare values are ({kind})", python=rarity, arguments=arguments, files=files),
        Step(model.pair(kind), f"打分 / score ({kind})", (f"candidate_{kind}", f"form_{kind}", f"rarity_{kind}"), pair_sql(settings, trained), apart=f"candidate_{kind}"),
        Step(
            model.link(kind),
            f"够分的记录对 / pairs with weight enough ({kind})",
            (f"pair_{kind}",),
            f"select left_id, right_id, weight from pair_{kind} where weight >= {min(settings.review, settings.merge)}",
        ),
    ]


def explained_step(settings: Settings, trained: Model) -> Step:
    """The step that makes `weighed_<kind>` of a few candidates: why they weigh what they weigh."""
    kind = settings.kind
    reads = (f"candidate_{kind}", f"form_{kind}", f"rarity_{kind}")
    return Step(model.weighed(settings), f"打分的各项依据 / what weights are made of ({kind})", reads, pair_sql(settings, trained, explained=True))


def level_sql(comparison: Comparison) -> str:
    """SQL: the number of the level a pair reaches, over <feature>_l and <feature>_r."""
    whens = [f"when {comparison.null} then -1"]
    whens += [f"when {level.sql} then {comparison.code(level)}" for level in comparison.levels if level.sql]
    return "case " + " ".join(whens) + " else 0 end"


def pair_sql(settings: Settings, trained: Model, *, explained: bool = False) -> str:
    """SQL: one scored line for each of `candidate_<kind>`, `explained` with the levels and parts behind the weight."""
    kind = settings.kind
    features = model.FEATURES[kind]
    sides = ", ".join(f"l.{name} as {name}_l, r.{name} as {name}_r" for name in features)
    levels = ",\n    ".join(f"{level_sql(comparison)} as level_{comparison.name}" for comparison in settings.comparisons)
    values = ", ".join(f"{name}_l" for name in sorted({level.tf for comparison in settings.comparisons for level in comparison.levels if level.tf}))
    parts = ",\n    ".join(_part_sql(comparison, trained) for comparison in settings.comparisons)
    joins = "\n  ".join(_rarity_join(comparison, trained, kind) for comparison in settings.comparisons if _tf_levels(comparison))
    behind = "".join(f", level_{comparison.name}, part_{comparison.name}" for comparison in settings.comparisons) if explained else ""
    total = " + ".join(f"part_{comparison.name}" for comparison in settings.comparisons)
    return f"""with side as (
  select p.left_id, p.right_id, {sides}
  from candidate_{kind} p join form_{kind} l on l.record_id = p.left_id join form_{kind} r on r.record_id = p.right_id
), levelled as (
  select left_id, right_id, {values},
    {levels}
  from side
), weighed as (
  select left_id, right_id, {", ".join(f"level_{comparison.name}" for comparison in settings.comparisons)},
    {parts}
  from levelled
  {joins}
)
select left_id, right_id, {trained.prior} + {total} as weight{behind}
from weighed"""


def rarity(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `rarity_<kind>`: the model's term frequencies."""
    tables = load(files["model"], str(arguments["model"])).rarity
    features = [feature for feature, table in sorted(tables.items()) for _ in table.values]
    values = [value for _, table in sorted(tables.items()) for value in table.values]
    weights = [weight for _, table in sorted(tables.items()) for weight in table.values.values()]
    return pa.table({"feature": pa.array(features, pa.string()), "value": pa.array(values, pa.string()), "rarity": pa.array(weights, pa.int64())})


def _tf_levels(comparison: Comparison) -> list[tuple[int, str]]:
    return [(comparison.code(level), level.tf) for level in comparison.levels if level.tf]


def _part_sql(comparison: Comparison, trained: Model) -> str:
    whens = []
    for level in comparison.levels:
        learned = trained.weight(comparison.name, level.name)
        code = comparison.code(level)
        if level.tf:
            default = trained.rarity[level.tf].default
            whens.append(f"when {code} then {learned.weight + learned.rarity_base} + coalesce(rare_{comparison.name}.rarity, {default})")
        else:
            whens.append(f"when {code} then {learned.weight}")
    return f"cast(case level_{comparison.name} {' '.join(whens)} else 0 end as bigint) as part_{comparison.name}"


def _rarity_join(comparison: Comparison, trained: Model, kind: str) -> str:
    levels = _tf_levels(comparison)
    feature = f"case level_{comparison.name} " + " ".join(f"when {code} then '{tf}'" for code, tf in levels) + " end"
    value = f"case level_{comparison.name} " + " ".join(f"when {code} then {tf}_l" for code, tf in levels) + " end"
    alias = f"rare_{comparison.name}"
    return f"left join rarity_{kind} {alias} on {alias}.feature = {feature} and {alias}.value = {value}"


def rarity_table(kind: str) -> Table:
    """Table `rarity_<kind>`: the model's term frequencies, a line a value."""
    columns = (
        Column("feature", "VARCHAR"),
        Column("value", "VARCHAR"),
        Column("rarity", "BIGINT", "-log2 of the share of records with it, millionths of a bit"),
    )
    return Table(f"rarity_{kind}", "取值的稀有程度 / how rare values are", columns, ("feature", "value"))
