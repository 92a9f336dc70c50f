"""Who stands behind a bidder: its head, and whoever holds half of it or more, up chains of halves. Two bidders with one behind them may not bid for one lot."""

from __future__ import annotations

import polars as pl

from cityweave.graph.screen.market import Market

HALF = 500_000
"""Millionths of the shares."""
HOPS = 8


def behind(told: pl.DataFrame, market: Market) -> pl.DataFrame:
    """firm, who, how (head or owner), since, until: everyone behind each bidder. `told`: who, firm_id, how (head, holder), share, valid_from, valid_to."""
    firms = pl.DataFrame({"firm": range(len(market.firms)), "id": market.firms}, schema={"firm": pl.Int64, "id": pl.String})
    columns = (pl.col("firm_id").alias("id"), "who", "valid_from", "valid_to")
    heads = told.filter(pl.col("how") == "head").select(*columns)
    held = told.filter((pl.col("how") == "holder") & (pl.col("share") >= HALF)).select(*columns)
    direct = firms.join(heads, on="id").with_columns(pl.lit("head").alias("how"))
    reached = firms.join(held, on="id").with_columns(pl.lit("owner").alias("how"))
    found = [direct, reached]
    for _ in range(HOPS):
        up = reached.rename({"valid_from": "from_below", "valid_to": "to_below"}).drop("id").join(held, left_on="who", right_on="id", suffix="_up")
        up = up.with_columns(pl.max_horizontal("valid_from", "from_below").alias("valid_from"), pl.min_horizontal("valid_to", "to_below").alias("valid_to"))
        up = up.select("firm", pl.col("who").alias("id"), pl.col("who_up").alias("who"), "valid_from", "valid_to", "how")
        reached = up.join(pl.concat([one.select("firm", "who") for one in found[1:]]), on=["firm", "who"], how="anti").unique(maintain_order=True)
        if reached.is_empty():
            break
        found.append(reached.select(direct.columns))
    whole = pl.concat([one.select("firm", "who", "how", pl.col("valid_from").alias("since"), pl.col("valid_to").alias("until")) for one in found])
    always = pl.lit(None, pl.Date)
    itself = firms.select("firm", pl.col("id").alias("who"), pl.lit("owner").alias("how"), always.alias("since"), always.alias("until"))
    return pl.concat([whole, itself]).unique().sort("firm", "who", "how", "since", nulls_last=False)


def barred(told: pl.DataFrame, market: Market) -> pl.DataFrame:
    """left, right, who, how, lot: two bidders for one lot behind whom one person or firm stood on its day."""
    who = behind(told, market)
    several = who.group_by("who").agg(pl.col("firm").n_unique().alias("n")).filter(pl.col("n") >= 2)
    who = who.join(several.select("who"), on="who", how="semi")
    both = who.join(who, on="who", suffix="_right").filter(pl.col("firm") < pl.col("firm_right"))
    both = both.rename({"firm": "left", "firm_right": "right"})
    days = market.entry.select("lot", "day").unique("lot")
    met = both.join(market.pair, on=["left", "right"]).join(days, on="lot")
    at = pl.col("day")
    holds = pl.lit(True)
    for side in ("", "_right"):
        holds = holds & (pl.col(f"since{side}").is_null() | at.is_null() | (pl.col(f"since{side}") <= at))
        holds = holds & (pl.col(f"until{side}").is_null() | at.is_null() | (pl.col(f"until{side}") > at))
    how = pl.when((pl.col("how") == "head") & (pl.col("how_right") == "head")).then(pl.lit("head")).otherwise(pl.lit("owner")).alias("how")
    return met.filter(holds).select("left", "right", "who", how, "lot").unique().sort("left", "right", "who", "how", "lot")
