"""Walking a snapshot: steps over many nodes at once on flat arrays. Numbers only; no ids, no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cityweave.graph.snapshot import Array


@dataclass(frozen=True)
class Allowed:
    """Which edges may be walked."""

    types: Array | None = None  # per type number, whether; None: all
    day: int | None = None  # the day on which it must hold


class Walker:
    """Steps along the rows of a snapshot."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._row, self._node, self._edge = arrays["row"], arrays["row_node"], arrays["row_edge"]
        self._type, self._from, self._to = arrays["edge_type"], arrays["edge_valid_from"], arrays["edge_valid_to"]
        self.size = len(self._row) - 1

    def step(self, nodes: Array, allowed: Allowed) -> tuple[Array, Array]:
        """All (neighbour, edge) of these nodes, in their order and each row's."""
        starts = self._row[nodes]
        counts = self._row[nodes + 1] - starts
        places = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
        edges = self._edge[places]
        keep = self._keep(edges, allowed)
        return (self._node[places], edges) if keep is None else (self._node[places[keep]], edges[keep])

    def next_to(self, nodes: Array, allowed: Allowed) -> Array:
        """The distinct neighbours of these nodes, in order."""
        return np.unique(self.step(nodes, allowed)[0])

    def between(self, a: int, b: int, allowed: Allowed) -> int:
        """The first edge between two neighbours."""
        nodes, edges = self.step(np.array([a]), allowed)
        return int(edges[np.searchsorted(nodes, b)])

    def degree(self, nodes: Array) -> int:
        """How many edges these nodes have together."""
        return int((self._row[nodes + 1] - self._row[nodes]).sum())

    def _keep(self, edges: Array, allowed: Allowed) -> Array | None:
        keep = None if allowed.types is None else allowed.types[self._type[edges]]
        if allowed.day is not None:
            held = (self._from[edges] <= allowed.day) & (self._to[edges] > allowed.day)
            keep = held if keep is None else keep & held
        return keep


def shortest(walker: Walker, a: int, b: int, allowed: Allowed, max_hops: int) -> list[int] | None:
    """The nodes of the shortest path from `a` to `b`, the smallest of several; None beyond `max_hops`. Breadth first from both ends, the cheaper end next."""
    levels = ([np.array([a])], [np.array([b])])
    seen = (np.zeros(walker.size, np.bool_), np.zeros(walker.size, np.bool_))
    seen[0][a] = seen[1][b] = True
    met = np.array([a]) if a == b else np.empty(0, np.int64)
    while not len(met):
        if sum(map(len, levels)) - 2 >= max_hops:
            return None
        side = int(walker.degree(levels[0][-1]) > walker.degree(levels[1][-1]))
        reached = walker.next_to(levels[side][-1], allowed)
        reached = reached[~seen[side][reached]]
        if not len(reached):
            return None
        seen[side][reached] = True
        levels[side].append(reached)
        met = reached[seen[1 - side][reached]]
    return _smallest(walker, levels, met, allowed)


def _smallest(walker: Walker, levels: tuple[list[Array], list[Array]], met: Array, allowed: Allowed) -> list[int]:
    """The path whose node numbers come first: from the start, the smallest node that still lies on a shortest path."""
    useful = [met]
    for level in reversed(levels[0][:-1]):
        useful.append(np.intersect1d(level, walker.next_to(useful[-1], allowed)))
    way = useful[::-1] + levels[1][-2::-1]
    path = [int(way[0][0])]
    for level in way[1:]:
        path.append(int(np.intersect1d(level, walker.next_to(np.array(path[-1:]), allowed))[0]))
    return path
