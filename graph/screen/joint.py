"""Joint lots: how often two firms meet, and how often their activity alone would have them meet (hypergeometric expectation within each trade)."""

from __future__ import annotations

import numpy as np
import polars as pl

from cityweave.graph.screen.chance import more
from cityweave.graph.screen.market import Market
from cityweave.graph.screen.settings import Settings


def pairs(market: Market, settings: Settings) -> pl.DataFrame:
    """left, right, lots (joint), expected, bits: every two firms that met, in their order.

    Expected are, summed over strata, lots of the one x lots of the other / all lots: what chance gives to firms as active as these in this trade.
    """
    met = market.pair.group_by("left", "right").agg(pl.len().cast(pl.Int64).alias("lots"))
    open_lots = market.lot.join(market.pair.select("lot").unique(), on="lot", how="semi")
    placed = market.entry.select("lot", "firm").join(open_lots.select("lot", "stratum"), on="lot")
    active = placed.group_by("firm", "stratum").agg(pl.len().alias("active"))
    size = open_lots.group_by("stratum").agg(pl.len().alias("size"))
    both = (
        met.join(active.rename({"firm": "left"}), on="left")
        .join(active.rename({"firm": "right", "active": "active_right"}), on=["right", "stratum"])
        .join(size, on="stratum")
    )
    share = pl.col("active").cast(pl.Float64) * pl.col("active_right") / pl.col("size")
    expected = both.sort("left", "right", "stratum").group_by("left", "right", maintain_order=True).agg(share.sum().alias("expected"))
    found = met.join(expected, on=["left", "right"], how="left").with_columns(pl.col("expected").fill_null(0.0)).sort("left", "right")
    return found.with_columns(pl.Series("bits", more(found["lots"].to_numpy().astype(np.float64), found["expected"].to_numpy(), settings.spread)))
