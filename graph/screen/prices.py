"""Regular prices: how near to one another, and in how even steps, a group's prices lie, against bids for matched lots (the same trade, other firms)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cityweave.graph.screen.chance import fisher
from cityweave.graph.screen.market import Floats, Ints, Market
from cityweave.graph.screen.settings import Settings


@dataclass(frozen=True)
class Regular:
    """What a group's prices look like."""

    lots: Ints  # those in which two or more of them made valid offers
    spread: float  # median coefficient of variation among them
    matched: float  # and in matched lots
    bits: float


class Prices:
    """Valid prices by lot, side by side, in the order of firms."""

    def __init__(self, market: Market, settings: Settings) -> None:
        valid = market.entry.filter(pl.col("valid") & pl.col("price").is_not_nan() & (pl.col("price") > 0)).sort("lot", "firm")
        self._lot, self._firm, self._price = (valid[name].to_numpy() for name in ("lot", "firm", "price"))
        self._start = np.searchsorted(self._lot, np.arange(len(market.lots) + 1))
        self._stratum = market.lot["stratum"].to_numpy()
        self._settings = settings
        self._size = np.diff(self._start)
        self._memory: dict[tuple[int, int], tuple[Ints, Floats, Floats]] = {}

    def regular(self, group: Ints, lots: Ints) -> Regular:
        """The group's prices in these lots against matched ones: the more telling of spread and steps, less a bit for having two looks."""
        told, spreads, usual, near, even = [], [], [], [], []
        for lot in lots.tolist():
            mine = self._price[self._start[lot] : self._start[lot + 1]][np.isin(self._firm[self._start[lot] : self._start[lot + 1]], group)]
            if len(mine) < 2:
                continue
            others, spread, step = self._matched(int(self._stratum[lot]), len(mine))
            apart = ~np.isin(others, lots)
            if apart.sum() < self._settings.matched:
                continue
            own_spread, own_step = variation(mine[None, :]), steps(mine[None, :])
            told.append(lot)
            spreads.append(float(own_spread[0]))
            usual.append(float(np.median(spread[apart])))
            near.append(_rank(own_spread[0], spread[apart]))
            if len(mine) >= 3:
                even.append(_rank(own_step[0], step[apart]))
        if not told:
            return Regular(np.zeros(0, dtype=np.int64), 0.0, 0.0, 0.0)
        bits = max(fisher(np.array(near)), fisher(np.array(even))) - 1.0
        return Regular(np.array(told), float(np.median(spreads)), float(np.median(usual)), max(bits, 0.0))

    def _matched(self, stratum: int, count: int) -> tuple[Ints, Floats, Floats]:
        """Lots of the stratum with at least `count` offers; of each the spread and the steps of its first `count` (firms stand in no order of price)."""
        if (stratum, count) not in self._memory:
            lots = np.flatnonzero((self._stratum == stratum) & (self._size >= count))
            prices = self._price[self._start[lots][:, None] + np.arange(count)[None, :]] if len(lots) else np.zeros((0, count))
            self._memory[stratum, count] = (lots, variation(prices), steps(prices))
        return self._memory[stratum, count]


def variation(prices: Floats) -> Floats:
    """Coefficient of variation of each row."""
    found: Floats = prices.std(axis=1) / np.maximum(prices.mean(axis=1), 1e-9)
    return found


def steps(prices: Floats) -> Floats:
    """How uneven the steps between neighbouring prices of each row are: 0 where all are equal."""
    gaps = np.diff(np.sort(prices, axis=1), axis=1)
    found: Floats = gaps.std(axis=1) / np.maximum(gaps.mean(axis=1), 1e-9)
    return found


def _rank(own: float, others: Floats) -> float:
    return float((1 + (others <= own).sum()) / (1 + len(others)))
