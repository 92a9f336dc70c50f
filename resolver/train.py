"""Training: Splink learns from one city's data what agreements are worth; the result is a saved model. The only module that knows Splink.

u (agreement by chance) comes from random pairs, m (agreement of true pairs) from the labels that accepted identifiers give, and where those are fewer than 1,000 pairs from
Splink's expectation maximisation. The level conditions handed to Splink are the texts our scorer reads. Not reproducible to the last digit: EM sums floats in parallel, so m and u
are rounded to six significant digits before they are stored.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from cityweave.engine.errors import ModelError
from cityweave.engine.functions import PYTHON_BACKED
from cityweave.resolver import frequency
from cityweave.resolver.model import FEATURES
from cityweave.resolver.saved import LevelWeight, Model
from cityweave.resolver.settings import BIT, Comparison, Level, Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from splink import DuckDBAPI, Linker, SettingsCreator

FEWEST_LABELS = 1_000
"""Label pairs below which m comes from EM."""

LABEL_PAIRS = 500_000
"""Label pairs that m is counted from; of more, those of some units, chosen by the hash of their first ref. A level that one true pair in ten thousand reaches is still seen fifty times."""

LABELLED = 20
"""Records of a unit that label pairs are made of: the fullest."""

U_PAIRS = 1_000_000
EM_PAIRS = 1_000_000
FEWEST_RECORDS = 50
FEWEST_KNOWN = 100
FEWEST_EM_PAIRS = 300
FLOOR = 1e-4
"""No level is impossible among true pairs, however few labels say so."""


@dataclass(frozen=True)
class Learned:
    """m and u of a level as Splink gave them; None where it saw none."""

    m: float | None
    u: float | None


def train(settings: Settings, form: pa.Table, unit: pa.Table, *, trust: Mapping[str, int] | None = None, seed: int = 1) -> Model:
    """The model of one kind, not yet saved, from `form_<kind>` and `unit_<kind>`. The same seed and rows give the same model but for float noise beyond six digits.

    Errors: ModelError when there are too few records to learn from.
    """
    if form.num_rows < FEWEST_RECORDS:
        what = f"记录太少，不能训练（{form.num_rows} 条）/ too few records to learn from ({form.num_rows})"
        raise ModelError(what, settings.kind, f"至少要 {FEWEST_RECORDS} 条：先交付数据 / {FEWEST_RECORDS} are needed: deliver data first")
    with duckdb.connect(":memory:") as connection:
        _prepare(connection, settings, form, unit)
        labels = _label_pairs(connection)
        chance = _chance(connection, settings)
        learned, method = _learn(connection, settings, labels, chance, seed)
        strangers = 1.0
        if labels >= FEWEST_LABELS and method["u"] == "known" and settings.known_by:
            strangers = frequency.strangers(connection, settings.known_by, _matched(learned, settings))
            chance = (1 - strangers) / max(_count(connection, "select count(*) from one where id_no is not null"), 1)
        rarity = frequency.rarities(connection, settings, method["u"] == "known", strangers)
        stop = frequency.stop_keys(connection, settings)
        units, accepted = _count(connection, "select count(*) from one"), _count(connection, "select count(*) from one where accepted")
    least = max(1 / U_PAIRS, 1 / max((accepted if method["u"] == "known" else units) ** 2, 1))
    weights = {comparison.name: _weights(comparison, learned[comparison.name], least) for comparison in settings.comparisons}
    report = {
        **method,
        "label_pairs": labels,
        "records": form.num_rows,
        "units": units,
        "accepted_units": accepted,
        "chance_of_random_pair": _digits(chance),
        "strangers": _digits(strangers),
        "seed": seed,
        "stop_keys": sum(map(len, stop.values())),
    }
    prior = round(math.log2(chance / (1 - chance)) * BIT)
    return Model(settings.kind, settings.digest(), prior, weights, rarity, stop, dict(trust or {}), settings.merge, settings.review, report)


def to_splink(model: Model, settings: Settings) -> dict[str, Any]:
    """The model as Splink's settings dictionary: what our scorer is held to. Term frequencies are to be registered from `model.rarity`."""
    comparisons = []
    for comparison in settings.comparisons:
        levels = [_null_level(comparison)]
        for level in comparison.levels:
            learned = model.weight(comparison.name, level.name)
            levels.append(_level(level, comparison, m=float(learned.m), u=float(learned.u)))
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": levels})
    odds = 2 ** (model.prior / BIT)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "ref",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": ["l.ref = r.ref"],
        "probability_two_random_records_match": odds / (1 + odds),
    }


def _prepare(connection: duckdb.DuckDBPyConnection, settings: Settings, form: pa.Table, unit: pa.Table) -> None:
    """Tables of the training database: `form_<kind>` with unit and label; `labelled`, what accepted identifiers hold together (of a unit and of all units as many records as are needed);
    `one`, the fullest record of each unit; `known`, that of each accepted unit: two of them are surely two entities, half of them told in part only.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection.execute("SET threads = 2")
    for name, backed in PYTHON_BACKED.items():
        connection.create_function(name, backed.function, ["VARCHAR", "VARCHAR"], "INTEGER", type=PythonUDFType.ARROW)
    connection.register("delivered_form", form)
    connection.register("delivered_unit", unit)
    full = " + ".join(f"case when f.{name} is not null then 1 else 0 end" for name in FEATURES[settings.kind])
    connection.execute(
        f"create table form_{settings.kind} as select f.*, u.unit, u.accepted, case when u.accepted then u.unit end as label, "
        f"row_number() over (partition by u.unit order by {full} desc, f.ref) as place "
        "from delivered_form f join delivered_unit u on u.record_id = f.record_id"
    )
    connection.execute(f"create table one as select * from form_{settings.kind} where place = 1 order by ref")
    connection.execute(f"create table known as {frequency.known_sql(connection, settings.kind)}")
    first = f"select label, least(count(*), {LABELLED}) as n, md5(min(ref)) as first from form_{settings.kind} where label is not null group by label"
    upto = f"select label, sum(n * (n - 1) // 2) over (order by first) as pairs from ({first})"
    chosen = f"label in (select label from ({upto}) where pairs <= {LABEL_PAIRS})"
    connection.execute(f"create table labelled as select * from form_{settings.kind} where {chosen} and place <= {LABELLED} order by ref")


def _linker(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str, known: Mapping[str, list[Learned]] | None = None) -> Linker:
    """A Splink linker on a table of records, with the u that is known already."""
    comparisons: list[Any] = []
    for comparison in settings.comparisons:
        us = [learned.u for learned in known[comparison.name]] if known else [None] * len(comparison.levels)
        levels = [_level(level, comparison, m=None, u=u) for level, u in zip(comparison.levels, us, strict=True)]
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": [_null_level(comparison), *levels]})
    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="ref",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=["l.ref = r.ref"],  # type: ignore[list-item]  # Splink takes SQL text too
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        additional_columns_to_retain=["label"],
        max_iterations=25,
        em_convergence=0.001,
    )
    return Linker(DuckDBAPI(connection=connection).register(table), creator, log_level=logging.ERROR)


def _learn(connection: duckdb.DuckDBPyConnection, settings: Settings, labels: int, chance: float, seed: int) -> tuple[dict[str, list[Learned]], dict[str, Any]]:
    """What Splink sees: u among strangers, m among the labelled or, without labels enough, by EM with these u."""
    strangers = "known" if _count(connection, "select count(*) from known") >= FEWEST_KNOWN else "one"
    apart = _linker(connection, settings, strangers)
    apart.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1)
    us = _learned(apart, settings)
    if labels >= FEWEST_LABELS:
        together, method = _linker(connection, settings, "labelled"), {"m": "labels", "u": strangers}
        together.training.estimate_m_from_label_column("label")
    else:
        together = _linker(connection, settings, "one", us)
        together._settings_obj._probability_two_random_records_match = chance
        method = {"m": "em", "u": strangers, "sessions": _em(together, connection, settings)}  # type: ignore[dict-item]  # one list among texts
    ms = _learned(together, settings)
    return {name: [Learned(m.m, u.u) for m, u in zip(ms[name], us[name], strict=True)] for name in us}, method


def _null_level(comparison: Comparison) -> dict[str, Any]:
    return {"sql_condition": comparison.null, "label_for_charts": "null", "is_null_level": True}


def _level(level: Level, comparison: Comparison, m: float | None, u: float | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {"sql_condition": level.sql or "ELSE", "label_for_charts": level.name}
    if level.tf:
        told |= {"tf_adjustment_column": level.tf, "tf_adjustment_weight": 1.0, "disable_tf_exact_match_detection": base_level(comparison, level) is level}
    if m is not None:
        told |= {"m_probability": m, "fix_m_probability": True}
    if u is not None:
        told |= {"u_probability": u, "fix_u_probability": True}
    return told


def base_level(comparison: Comparison, level: Level) -> Level:
    """The level whose u is the average that a value's rarity replaces: the plain equality of that feature in the same comparison, else the level itself (as in Splink)."""
    plain = f"{level.tf}_l = {level.tf}_r"
    return next((other for other in comparison.levels if other.sql == plain and other.tf), level)


def _label_pairs(connection: duckdb.DuckDBPyConnection) -> int:
    return _count(connection, "select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from labelled group by label)")


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """The one number of a query, fetched to the end: an open result makes Splink's next call fail."""
    return int(connection.execute(query).fetchall()[0][0])


def _em(linker: Linker, connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """One EM session for each rule of the settings that finds enough pairs in this data (a session without pairs would spoil the linker); the rules used."""
    used = []
    for features in settings.train_on:
        same, present = ", ".join(features), " and ".join(f"{feature} is not null" for feature in features)
        pairs = _count(connection, f"select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from one where {present} group by {same})")
        if pairs >= FEWEST_EM_PAIRS:
            rule = " and ".join(f"l.{feature} = r.{feature}" for feature in features)
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True, max_pairs=EM_PAIRS, record_sample_proportion=1.0
            )
            used.append(rule)
    return used


def _matched(learned: Mapping[str, list[Learned]], settings: Settings) -> float:
    """The chance that two records of one entity agree on what it is known by: m of that comparison's best level."""
    comparison = next(comparison for comparison in settings.comparisons if any(level.tf == settings.known_by for level in comparison.levels))
    level = next(number for number, level in enumerate(comparison.levels) if level.tf == settings.known_by)
    return learned[comparison.name][level].m or 0.9


def _chance(connection: duckdb.DuckDBPyConnection, settings: Settings) -> float:
    """Chance that two units, one of them at least without accepted identifier, are one entity: the pairs that `sure` rules find, over the share of true pairs they are thought to find."""
    blocks = " union all ".join(f"select ref, accepted, '{name}' as rule, {settings.block(name).key} as value from one" for name in settings.sure)
    met = "l.rule = r.rule and l.value = r.value and l.ref < r.ref and not (l.accepted and r.accepted)"
    found = _count(connection, f"with b as ({blocks}) select count(*) from (select distinct l.ref, r.ref from b l join b r on {met})")
    units, accepted = _count(connection, "select count(*) from one"), _count(connection, "select count(*) from one where accepted")
    pairs = units * (units - 1) // 2 - accepted * (accepted - 1) // 2
    return min(max(found, 1) * 1000 / settings.sure_recall / max(pairs, 1), 0.5)


def _learned(linker: Linker, settings: Settings) -> dict[str, list[Learned]]:
    found: dict[str, list[Learned]] = {}
    for comparison in linker._settings_obj.comparisons:
        found[comparison.output_column_name] = [_seen(level) for level in comparison._comparison_levels_excluding_null]
    assert set(found) == {comparison.name for comparison in settings.comparisons}
    return found


def _seen(level: Any) -> Learned:
    """What Splink learned of a level; where it saw none it would answer with defaults of its own."""
    return Learned(level.m_probability if level._m_is_trained else None, level.u_probability if level._u_is_trained else None)


def _weights(comparison: Comparison, learned: list[Learned], least: float) -> tuple[LevelWeight, ...]:
    """Weights from m and u; a comparison or level that this data never shows says nothing, and what was declared goes before what was seen.

    A level that is an equality with a reservation (one side leaves the legal form out) may be shown by no labelled source: then its m is the declared one, and
    its u that of the plain equality.
    """
    declared = [level.m / 1000 if level.m else None for level in comparison.levels]
    bases = [comparison.levels.index(base_level(comparison, level)) for level in comparison.levels]
    learned = [
        known if (known.m, known.u) != (None, None) or base == place or given is None else Learned(given, learned[base].u)
        for place, (known, base, given) in enumerate(zip(learned, bases, declared, strict=True))
    ]
    seen = [known.m for known in learned]
    told = seen if comparison.taught and any(m is not None for m in seen) else declared
    silent = all(m is None for m in told)
    unmet = all(known.u is None for known in learned)  # no two strangers both say something here: then agreeing is as rare as can be
    us = [_digits(1.0 if unmet and not level.sql else max(known.u or 0.0, least)) for level, known in zip(comparison.levels, learned, strict=True)]
    ms = [u if silent or (m is None and known.u is None) else _digits(max(m or 0.0, FLOOR)) for m, u, known in zip(told, us, learned, strict=True)]
    us[-1] = _digits(max(float(us[-1]), float(ms[-1])))  # to differ in everything never speaks for one entity
    rows = []
    for level, m, u, base in zip(comparison.levels, ms, us, (us[place] for place in bases), strict=True):
        rows.append(LevelWeight(level.name, m, u, round(math.log2(float(m) / float(u)) * BIT), round(math.log2(float(base)) * BIT)))
    return tuple(rows)


def _digits(chance: float) -> str:
    return f"{chance:.6g}"
