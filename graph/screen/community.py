"""Candidates: components of firms that share marks, cut at hubs, and small dense communities of the graph of who meets whom (Leiden with CPM, seeded)."""

from __future__ import annotations

import importlib
from typing import TypeAlias

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cityweave.graph.screen.settings import Settings

Group: TypeAlias = tuple[int, ...]
"""Firms by number, in order."""


def candidates(pair: pl.DataFrame, link: pl.DataFrame, control: pl.DataFrame, settings: Settings) -> list[Group]:
    """Every group of two to `largest` firms worth looking at, each once, in order. `pair`: joint.pairs; `link`: links.links; `control`: left, right."""
    met = pair.select("left", "right")
    tied = link.filter(~pl.col("moved") & (pl.col("role") != "phone")).select("left", "right").unique().join(met, on=["left", "right"], how="semi")
    barred = control.select("left", "right").unique().join(met, on=["left", "right"], how="semi")
    often = pair.filter((pl.col("lots") >= settings.joint) & (pl.col("bits") >= settings.pair_bits))
    meeting = often.select("left", "right", (pl.col("bits") / settings.full).clip(0.0, 1.0).alias("weight"))
    ties = pl.concat([tied, barred]).unique().sort("left", "right")
    both = pl.concat([meeting, ties.with_columns(pl.lit(1.0).alias("weight"))])
    both = both.group_by("left", "right").agg(pl.col("weight").sum()).sort("left", "right")
    found = [*components(ties), *communities(meeting.sort("left", "right"), settings), *communities(both, settings)]
    small = sorted({group for group in found if 2 <= len(group) <= settings.largest})
    return sorted({*small, *_unions(small, settings.largest)})


def _unions(groups: list[Group], largest: int) -> set[Group]:
    """The unions of groups that share a firm: two ways of looking may each have seen a part."""
    by_firm: dict[int, list[Group]] = {}
    for group in groups:
        for firm in group:
            by_firm.setdefault(firm, []).append(group)
    both = {tuple(sorted({*one, *other})) for sharing in by_firm.values() for one in sharing for other in sharing if one < other}
    return {group for group in both if len(group) <= largest}


def components(edges: pl.DataFrame) -> list[Group]:
    """The connected components of left, right."""
    if edges.is_empty():
        return []
    left, right = edges["left"].to_numpy(), edges["right"].to_numpy()
    size = int(max(left.max(), right.max())) + 1
    _, label = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(size, size)), directed=False)
    return _groups(np.unique(np.concatenate([left, right])), label)


def communities(edges: pl.DataFrame, settings: Settings) -> list[Group]:
    """The communities of left, right, weight: groups whose edges are denser than `settings.dense` (Traag, Waltman, van Eck 2019, with CPM)."""
    if edges.is_empty():
        return []
    leiden = importlib.import_module("graspologic_native").leiden  # only `rings` needs it
    rows = [(f"{left:08d}", f"{right:08d}", weight) for left, right, weight in edges.select("left", "right", "weight").iter_rows()]
    _, label = leiden(rows, None, settings.dense, 0.001, 4, False, settings.seed, 4)
    firms = np.array(sorted(int(name) for name in label), dtype=np.int64)
    labels = np.zeros(int(firms.max()) + 1, dtype=np.int64)
    labels[firms] = [label[f"{firm:08d}"] for firm in firms.tolist()]
    return _groups(firms, labels)


def _groups(firms: np.ndarray[tuple[int], np.dtype[np.int64]], label: np.ndarray[tuple[int], np.dtype[np.integer]]) -> list[Group]:
    frame = pl.DataFrame({"firm": firms, "group": label[firms]}).sort("group", "firm")
    return [tuple(group) for group in frame.group_by("group", maintain_order=True).agg("firm")["firm"].to_list()]
