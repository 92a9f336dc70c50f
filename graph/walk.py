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
    """Steps along one set of rows of a snapshot."""

    def __init__(self, arrays: Mapping[str, Array], rows: str) -> None:
        self._row, self._node, self._edge = arrays[rows], arrays[f"{rows}_node"], arrays[f"{rows}_edge"]
        self._type, self._from, self._to = arrays[f"{rows}_type"], arrays[f"{rows}_from"], arrays[f"{rows}_to"]
        self.size = len(self._row) - 1

    def step(self, nodes: Array, allowed: Allowed) -> tuple[Array, Array]:
        """All (neighbour, edge) of these nodes, in their order and each row's."""
        starts = self._row[nodes]
        counts = self._row[nodes + 1] - starts
        places = np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
        if allowed.types is not None:
            places = places[allowed.types[self._type[places]]]
        if allowed.day is not None:
            places = places[(self._from[places] <= allowed.day) & (self._to[places] > allowed.day)]
        return self._node[places], self._edge[places]

    def next_to(self, nodes: Array, allowed: Allowed) -> Array:
        """The distinct neighbours of these nodes, in order."""
        return distinct(self.step(nodes, allowed)[0])

    def between(self, a: int, b: int, allowed: Allowed) -> int:
        """The first edge between two neighbours, whichever of them it begins at."""
        nodes, edges = self.step(np.array([a]), allowed)
        return int(edges[slice(*np.searchsorted(nodes, [b, b + 1]).tolist())].min())

    def degree(self, nodes: Array) -> int:
        """How many edges these nodes have together."""
        return int((self._row[nodes + 1] - self._row[nodes]).sum())


@dataclass
class _Side:
    """One end of a search: the levels reached so far, each sorted, and what the next would cost."""

    levels: list[Array]
    cost: int = 1

    def grow(self, walker: Walker, allowed: Allowed) -> Array:
        """The next level. Neighbours of a level lie in it, in the one before or in the next, so no other need be looked at."""
        reached = walker.next_to(self.levels[-1], allowed)
        for level in self.levels[-2:]:
            reached = reached[~within(reached, level)]
        self.levels.append(reached)
        self.cost = walker.degree(reached)
        return reached


def shortest(walker: Walker, a: int, b: int, allowed: Allowed, max_hops: int) -> list[int] | None:
    """The nodes of the shortest path from `a` to `b`, the smallest of several; None beyond `max_hops`. Breadth first from both ends, the cheaper end next."""
    start, end = _Side([np.array([a])]), _Side([np.array([b])])
    met = start.levels[0] if a == b else np.empty(0, np.int64)
    while not len(met):
        if len(start.levels) + len(end.levels) - 2 >= max_hops:
            return None
        side, other = (start, end) if start.cost <= end.cost else (end, start)
        reached = side.grow(walker, allowed)
        if not len(reached):
            return None
        met = reached[within(reached, other.levels[-1])]
    return _smallest(walker, start.levels, end.levels, met, allowed)


def _smallest(walker: Walker, before: list[Array], after: list[Array], met: Array, allowed: Allowed) -> list[int]:
    """The path whose node numbers come first: from the start, the smallest node that still lies on a shortest path."""
    useful = [met]
    for level in reversed(before[:-1]):
        near = walker.next_to(useful[-1], allowed)
        useful.append(near[within(near, level)])
    way = useful[::-1] + after[-2::-1]
    path = [int(way[0][0])]
    for level in way[1:]:
        near = walker.next_to(np.array(path[-1:]), allowed)
        path.append(int(near[within(near, level)][0]))
    return path


def distinct(numbers: Array) -> Array:
    """The different numbers, in order."""
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def within(numbers: Array, ordered: Array) -> Array:
    """Which of these numbers are among the ordered ones."""
    places = np.searchsorted(ordered, numbers)
    places[places == len(ordered)] = 0
    found: Array = ordered[places] == numbers if len(ordered) else np.zeros(len(numbers), np.bool_)
    return found
