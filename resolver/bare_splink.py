"""Bare Splink, the yardstick beside ours: its recommended recipe, on the same cleaned columns, trained on the same rows, at its best threshold in hindsight.

FROZEN before ours was tuned; the recipe may not be changed with the resolver, for better or worse (docs/adr/0006-bare-splink.md). It is Splink as its guide sets it up: for people
`ForenameSurnameComparison` and `DateOfBirthComparison`, exact matches with term frequencies for the rest, an identity number as one comparison among others; the prior from
deterministic rules, u by random sampling, m by EM sessions; clusters are connected components. Added in its favour: our blocking rules beside its own, our normal forms of names,
numbers, dates and addresses, and the truth, which chooses its threshold. Only `cityweave evaluate` runs it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from cityweave.resolver import metrics
from cityweave.resolver.metrics import Quality
from cityweave.resolver.settings import Block, Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SEED = 1
LEAST = -12
"""Match weight below which no threshold is tried, in bits."""

FEWEST_PAIRS = 300
"""An EM session wants a few hundred pairs at least; without them it fails."""


@dataclass(frozen=True)
class Best:
    """Bare Splink at the threshold that turned out best."""

    found: pa.Table  # record_id, entity
    quality: Quality
    threshold: int  # bits
    pairs: int  # scored


@dataclass(frozen=True)
class _Recipe:
    """What Splink is told for one kind; columns are those of `form_<kind>`."""

    comparisons: Mapping[str, Any]  # a column that must say something -> the comparison
    blocks: tuple[tuple[str, ...], ...]  # its own rules: columns that are equal
    sure: tuple[tuple[str, ...], ...]  # deterministic rules, for the prior
    sessions: tuple[tuple[str, ...], ...]  # EM


def _exact(column: str) -> Any:
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)


def _recipe(kind: str) -> _Recipe:
    number = cl.DamerauLevenshteinAtThresholds("id_text", [1, 2])
    if kind == "person":
        name = cl.ForenameSurnameComparison("given", "surname", forename_surname_concat_col_name="name").configure(term_frequency_adjustments=True)
        birth = cl.DateOfBirthComparison("born", input_is_string=True)
        others = {column: _exact(column) for column in ("phone", "address", "postcode", "birth_place", "occupation")}
        return _Recipe(
            {"name": name, "born": birth, "id_text": number, "sex": cl.ExactMatch("sex"), **others},
            (("id_text",), ("name", "born"), ("surname", "born"), ("given", "born"), ("name", "phone"), ("name", "address"), ("given", "postcode")),
            (("id_text",), ("name", "born")),
            (("surname", "given"), ("born",), ("id_text",)),
        )
    if kind == "legal_entity":
        name = cl.NameComparison("core").configure(term_frequency_adjustments=True)
        others = {column: _exact(column) for column in ("reg_no", "phone", "address")}
        return _Recipe(
            {"core": name, "id_text": number, **others},
            (("id_text",), ("name",), ("core",), ("phone",), ("reg_no",)),
            (("id_text",), ("name",)),
            (("core",), ("id_text",)),
        )
    code, address = cl.ExactMatch("id_no"), cl.NameComparison("address")
    return _Recipe({"id_no": code, "address": address}, (("id_no",), ("address",)), (("id_no",),), (("address",), ("id_no",)))


def best(settings: Settings, form: pa.Table, stop: Mapping[str, Sequence[str]], truth: pa.Table) -> Best:
    """Splink trained on all of `form_<kind>` and judged on the records of `truth` (record_id, entity), at the whole number of bits that gives the best pairwise F1."""
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    with duckdb.connect(":memory:") as connection, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        links = _predicted(connection, settings, form, stop)
    records = form["record_id"].combine_chunks().to_numpy()
    left, right = (np.searchsorted(np.sort(records), links[side].to_numpy()) for side in ("left_id", "right_id"))
    weight = links["weight"].to_numpy()
    tried = [_at(np.sort(records), left, right, weight, bits, truth) for bits in range(LEAST, max(int(weight.max(initial=0)), LEAST) + 2)]
    found, quality, threshold = max(tried, key=lambda each: (each[1].pairwise.f1, each[2]))
    return Best(found, quality, threshold, len(weight))


def _at(records: Any, left: Any, right: Any, weight: Any, bits: int, truth: pa.Table) -> tuple[pa.Table, Quality, int]:
    keep = weight >= bits
    graph = csr_matrix((np.ones(int(keep.sum()), np.int8), (left[keep], right[keep])), shape=(len(records), len(records)))
    found = pa.table({"record_id": records, "entity": connected_components(graph, directed=False)[1].astype(np.int64)})
    return found, metrics.compare(found, truth), bits


def _predicted(connection: duckdb.DuckDBPyConnection, settings: Settings, form: pa.Table, stop: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """left_id, right_id, weight (bits) of all pairs at or above LEAST."""
    recipe = _recipe(settings.kind)
    said = {column for column in form.column_names if form[column].null_count < form.num_rows}
    comparisons = [comparison for column, comparison in recipe.comparisons.items() if column in said]
    ours = _keyed(connection, form, settings.blocks, stop)
    own = [block_on(*columns) for columns in recipe.blocks if said.issuperset(columns)]
    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[*own, *(block_on(name) for name in ours)],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    if not any(_pairs(connection, columns) for columns in recipe.sure if said.issuperset(columns)):
        return pl.DataFrame(schema={"left_id": pl.Int64, "right_id": pl.Int64, "weight": pl.Float64})  # no prior can be estimated: it links nothing
    linker = Linker(DuckDBAPI(connection=connection).register("keyed"), creator, log_level=logging.CRITICAL)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on(*columns) for columns in recipe.sure if said.issuperset(columns)], recall=0.8)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=SEED, min_count_per_level=None, num_chunks=1)
    for columns in recipe.sessions:
        if said.issuperset(columns) and _pairs(connection, columns) >= FEWEST_PAIRS:
            with contextlib.suppress(ValueError):  # Splink ends a session in which a level's m comes to be nothing: the others teach
                training.estimate_parameters_using_expectation_maximisation(block_on(*columns), record_sample_proportion=1.0, max_pairs=1e6)
    predicted = linker.inference.predict(threshold_match_weight=LEAST)
    query = f"select record_id_l as left_id, record_id_r as right_id, match_weight as weight from {predicted.physical_name}"
    return pl.DataFrame(connection.sql(query).to_arrow_table())


def _pairs(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> int:
    """How many pairs of records have these columns equal."""
    present = " and ".join(f"{column} is not null" for column in columns)
    query = f"select coalesce(sum(n * (n - 1) // 2), 0) from (select count(*) as n from keyed where {present} group by {', '.join(columns)})"
    return int(connection.execute(query).fetchall()[0][0])


def _keyed(connection: duckdb.DuckDBPyConnection, form: pa.Table, blocks: Sequence[Block], stop: Mapping[str, Sequence[str]]) -> list[str]:
    """Table `keyed`: the form with a column for each of our blocking rules, empty at stop keys; the columns' names."""
    connection.register("form", form)
    pairs = [(rule, value) for rule, values in sorted(stop.items()) for value in values]
    connection.register(
        "stopped", pa.table({"rule": pa.array([rule for rule, _ in pairs], pa.string()), "value": pa.array([value for _, value in pairs], pa.string())})
    )
    named = {block.name: block.key for block in blocks}
    both = {block.name: f"coalesce({block.key}, {named[block.meets]})" if block.meets else block.key for block in blocks}
    keys = [f"case when ({key}) not in (select value from stopped where rule = '{name}') then {key} end as our_{name}" for name, key in both.items()]
    connection.execute(f"create table keyed as select {', '.join(['*', *keys])} from form order by record_id")
    said = {name: f"count({name})" for name in (f"our_{block.name}" for block in blocks)}
    counts = connection.execute(f"select {', '.join(said.values())} from keyed").fetchall()[0] if said else ()
    return [name for name, count in zip(said, counts, strict=True) if count]
