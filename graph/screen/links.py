"""What two firms have in common: people, machines, accounts, phones. A mark that many firms show is a hub and links nobody."""

from __future__ import annotations

import polars as pl

from cityweave.graph.screen.market import Market
from cityweave.graph.screen.settings import Settings

KINDS = ("device", "delegate", "contact", "staff", "account", "phone")
"""Roles whose marks link."""


def hubs(market: Market, settings: Settings) -> pl.DataFrame:
    """role, mark_id, firms: the marks that too many firms show."""
    return _spread(market).filter(pl.col("firms") > settings.hub)


def _spread(market: Market) -> pl.DataFrame:
    marks = market.mark.filter(pl.col("role").is_in(KINDS))
    return marks.group_by("role", "mark_id").agg(pl.col("firm").n_unique().cast(pl.Int64).alias("firms"))


def links(market: Market, settings: Settings) -> pl.DataFrame:
    """left, right, kind, mark_id, same (lots in which both show it), ever (both bid somewhere and show it anywhere), moved (they show it one after the other).

    One line a pair, kind and mark; left < right; hubs are left out. `accepted`: both sides show it by a record whose identifier is borne out.
    """
    spread = _spread(market).filter((pl.col("firms") >= 2) & (pl.col("firms") <= settings.hub))
    marks = market.mark.join(spread.select("role", "mark_id"), on=["role", "mark_id"], how="semi").filter(pl.col("role").is_in(KINDS))
    shown = marks.group_by("role", "mark_id", "firm").agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last"), pl.col("accepted").any(), (pl.col("lot") >= 0).any().alias("in_lots")
    )
    both = shown.join(shown, on=["role", "mark_id"], suffix="_right").filter(pl.col("firm") < pl.col("firm_right"))
    moved = (pl.col("last") < pl.col("first_right")) | (pl.col("last_right") < pl.col("first"))
    both = both.select(
        "role",
        "mark_id",
        pl.col("firm").alias("left"),
        pl.col("firm_right").alias("right"),
        (moved & pl.col("in_lots") & pl.col("in_lots_right")).fill_null(False).alias("moved"),
        (pl.col("accepted") & pl.col("accepted_right")).alias("accepted"),
    )
    return both.join(_together(marks), on=["role", "mark_id", "left", "right"], how="left").with_columns(
        pl.col("same").fill_null(pl.lit([], dtype=pl.List(pl.Int64)))
    ).sort("role", "left", "right", "mark_id")


def _together(marks: pl.DataFrame) -> pl.DataFrame:
    """role, mark_id, left, right, same: the lots in which two firms show one mark."""
    placed = marks.filter(pl.col("lot") >= 0).select("role", "mark_id", "lot", "firm").unique()
    both = placed.join(placed, on=["role", "mark_id", "lot"], suffix="_right").filter(pl.col("firm") < pl.col("firm_right"))
    return both.group_by("role", "mark_id", pl.col("firm").alias("left"), pl.col("firm_right").alias("right")).agg(pl.col("lot").sort().alias("same"))

