"""How far each source is to be believed, element by element: learned from what accepted identifiers hold together, kept in the model.

Truth discovery by turns (Yin, Han, Yu: TruthFinder, TKDE 2008, with log odds as weights): the value of a person is what the sources that are right most often say, and a source is right
as often as it says that value. Only elements that cannot change in a life, and names, are learned: of an address or a phone another value may only be older.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

START, LEAST, MOST = 900, 550, 999
TURNS = 4
FEWEST = 30
MOST_UNITS = 100_000
"""Accepted identifiers that are looked at: more teach nothing new."""


def learn(record: pa.Table, unit: pa.Table, elements: Sequence[str]) -> dict[str, int]:
    """ "element|source" -> thousandths: how often the source says what is true. Nothing where a source met another fewer than 30 times."""
    units = pl.DataFrame(unit.select(["record_id", "unit", "accepted"])).filter("accepted")
    rows = pl.DataFrame(record.select(["record_id", "source", "known_to", *elements])).filter(pl.col("known_to").is_null())
    held = rows.join(units.select("record_id", "unit"), on="record_id")
    several = held.group_by("unit").agg(sources=pl.col("source").n_unique()).filter(pl.col("sources") > 1)
    chosen = several.sort(pl.col("unit") * 2_654_435_761 % 4_294_967_296, "unit").head(MOST_UNITS)
    held = held.join(chosen.select("unit"), on="unit")
    return {f"{element}|{source}": trust for element in elements for source, trust in sorted(_learn(held, element).items())}


def _learn(held: pl.DataFrame, element: str) -> dict[str, int]:
    told = held.select("unit", "source", value=pl.col(element)).drop_nulls().unique()
    alone = told.group_by("unit").agg(sources=pl.col("source").n_unique()).filter(pl.col("sources") > 1)
    told = told.join(alone.select("unit"), on="unit")
    trust = dict.fromkeys(told["source"].unique().sort().to_list(), START)
    counted = told.group_by("source").len().filter(pl.col("len") >= FEWEST)["source"].to_list()
    for _ in range(TURNS):
        weights = {source: _odds(value) for source, value in trust.items()}
        votes = told.with_columns(weight=pl.col("source").replace_strict(weights, return_dtype=pl.Int64)) if weights else told.with_columns(weight=pl.lit(0))
        best = votes.group_by("unit", "value").agg(pl.col("weight").sum()).sort(["unit", "weight", "value"], descending=[False, True, False])
        best = best.unique("unit", keep="first", maintain_order=True).select("unit", "value", right=pl.lit(1))
        judged = told.join(best, on=["unit", "value"], how="left").group_by("source").agg(pl.len().alias("n"), pl.col("right").sum())
        trust |= {source: min(max((right + 1) * 1000 // (n + 1), LEAST), MOST) for source, n, right in judged.iter_rows()}
    return {source: value for source, value in trust.items() if source in counted}


def _odds(thousandths: int) -> int:
    return round(100 * math.log2(thousandths / (1000 - thousandths)))
