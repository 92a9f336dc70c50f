"""The cheapest chains between two nodes, hubs discounted: a step costs one, passing through a hub costs more (graph/store.py says how much).

Two-sided search by rising cost (Dijkstra 1959, with buckets, as costs are small whole numbers; Dial 1969): a hub waits until its turn, so a search that
finds a cheaper way never opens it. Then chains are listed in the order of cost and ids by a search that knows what is left to go (Hart et al. 1968).
"""

from __future__ import annotations

import heapq
from typing import Any, Final, Protocol

import numpy as np

from cityweave.graph.snapshot import Array
from cityweave.graph.walk import distinct

SLACK: Final = 2
"""Chains that cost more than this beyond the cheapest are no longer of interest."""
TRIED: Final = 20_000
"""How many pieces of chains are looked at."""
HUB_BITS: Final = 4
"""A node of less than 2 to the power of this edges is no hub."""


class Reach(Protocol):
    """A graph as numbers: edges that may be walked, and how many edges a node has at all."""

    def near(self, nodes: Array) -> Array:
        """The neighbours of these nodes; may repeat."""

    def degrees(self, nodes: Array) -> Array:
        """How many edges each has, whatever their type or time."""

    def ids(self, nodes: list[int]) -> list[str]:
        """Their ids."""


def hub(degrees: Array) -> Array:
    """What passing through nodes with so many edges costs beside the step."""
    bits: Array = np.maximum(np.frexp(degrees.astype(np.float64))[1].astype(np.int64) - HUB_BITS, 0)
    return bits


class _Side:
    """Costs from one end: `cost[v] - 1` is what it costs to come to v, not through it; 0: not reached yet."""

    def __init__(self, reach: Reach, start: int) -> None:
        self._reach = reach
        self._cost = np.zeros(1024, np.uint8)
        self.waiting: dict[int, list[Array]] = {}
        self.done = 0  # every node that costs at most this is known
        self._mark(np.array([start]), 0)
        self.waiting[0] = [np.array([start])]

    def cost(self, nodes: Array) -> Array:
        """What it costs to come to each, -1 if not reached."""
        known = np.where(nodes < len(self._cost), self._cost[np.minimum(nodes, len(self._cost) - 1)], 0)
        return known.astype(np.int64) - 1

    def _mark(self, nodes: Array, cost: int) -> None:
        if len(nodes) and int(nodes.max()) >= len(self._cost):
            grown = np.zeros(max(2 * len(self._cost), int(nodes.max()) + 1), np.uint8)
            grown[: len(self._cost)] = self._cost
            self._cost = grown
        self._cost[nodes] = cost + 1

    def work(self) -> int:
        """How many edges the next level opens."""
        return sum(int(self._reach.degrees(nodes).sum()) for nodes in self.waiting.get(self.done, ()))

    def grow(self, kept: Any = None) -> Array:
        """Open the nodes whose turn has come; returns those reached for the first time. `kept`: which of these are worth going on with."""
        opened = self.waiting.pop(self.done, [])
        self.done += 1
        if not opened:
            return np.empty(0, np.int64)
        near = distinct(self._reach.near(np.concatenate(opened)))
        new = near[self.cost(near) < 0]
        if kept is not None:
            new = new[kept(new, self.done)]
        self._mark(new, self.done)
        turns = self.done + hub(self._reach.degrees(new))
        for turn in np.unique(turns).tolist():
            self.waiting.setdefault(turn, []).append(new[turns == turn])
        return new


def best(reach: Reach, a: int, b: int, count: int, most: int) -> tuple[list[tuple[int, list[int]]], bool]:
    """The cheapest chains as (cost, nodes), and whether there are more within what is of interest."""
    if a == b:
        return [(0, [a])], False
    ahead, behind = _Side(reach, a), _Side(reach, b)
    cheapest = _meet(reach, ahead, behind, most)
    if cheapest is None:
        return [], False
    found: list[tuple[int, list[int]]] = []
    more = False
    for bound in range(cheapest, min(cheapest + SLACK, most) + 1):
        _advance(reach, ahead, behind, bound)
        found, more = _listed(reach, _Left(reach, ahead, behind, bound), a, b, count)
        if len(found) == count and more:
            break
    return found, more


def _meet(reach: Reach, ahead: _Side, behind: _Side, most: int) -> int | None:
    cheapest = most + 1
    while ahead.done + behind.done < cheapest:
        if not ahead.waiting or not behind.waiting:
            return cheapest if cheapest <= most else None
        cheapest = min(cheapest, _step(reach, ahead, behind))
    return cheapest if cheapest <= most else None


def _step(reach: Reach, ahead: _Side, behind: _Side) -> int:
    """Let the cheaper side go on; the cheapest chain that was closed by it."""
    side, other = (ahead, behind) if ahead.work() <= behind.work() else (behind, ahead)
    new = side.grow()
    across = other.cost(new)
    through = np.where(across == 0, 0, hub(reach.degrees(new)))  # an end is not passed through
    totals = (side.done + through + across)[across >= 0]
    return int(totals.min()) if len(totals) else 255


def _advance(reach: Reach, ahead: _Side, behind: _Side, bound: int) -> None:
    while ahead.done + behind.done < bound and (ahead.waiting or behind.waiting):
        _step(reach, ahead, behind)


class _Left:
    """What is left to go from nodes that lie on a chain within the bound: known from behind, else worked out among the nodes reached from ahead."""

    def __init__(self, reach: Reach, ahead: _Side, behind: _Side, bound: int) -> None:
        self.bound = bound
        self._reach, self._behind = reach, behind
        self._more: dict[int, int] = {}
        waiting: dict[int, list[Array]] = {turn: list(nodes) for turn, nodes in behind.waiting.items()}
        for turn in range(behind.done, bound):
            opened = [self._within(ahead, nodes, turn) for nodes in waiting.pop(turn, [])]
            if not opened:
                continue
            near = distinct(reach.near(np.concatenate(opened)))
            unknown = np.array([node not in self._more for node in near.tolist()], np.bool_) & (behind.cost(near) < 0)
            new = near[unknown & (ahead.cost(near) >= 0)]
            turns = turn + 1 + np.where(ahead.cost(new) == 0, 0, hub(reach.degrees(new)))
            fits = ahead.cost(new) + turns <= bound
            self._more.update(dict.fromkeys(new[fits].tolist(), turn + 1))
            for later in np.unique(turns[fits]).tolist():
                waiting.setdefault(later, []).append(new[fits][turns[fits] == later])

    def _within(self, ahead: _Side, nodes: Array, turn: int) -> Array:
        """Those of these nodes, opened from behind at that turn, that a chain within the bound passes through."""
        come = ahead.cost(nodes)
        return nodes[(come >= 0) & (come + turn <= self.bound)]

    def of(self, nodes: Array) -> Array:
        """What is left to go from each, -1: no chain within the bound passes here."""
        known = self._behind.cost(nodes)
        return np.array([self._more.get(node, -1) if cost < 0 else cost for node, cost in zip(nodes.tolist(), known.tolist(), strict=True)], np.int64)


def _listed(reach: Reach, left: _Left, a: int, b: int, count: int) -> tuple[list[tuple[int, list[int]]], bool]:
    """Chains within the bound in the order of cost, then ids."""
    waiting: list[tuple[int, list[str], int, list[int]]] = [(int(left.of(np.array([a]))[0]), reach.ids([a]), 0, [a])]
    found: list[tuple[int, list[int]]] = []
    for _ in range(TRIED):
        if not waiting:
            return found, False
        total, names, gone, nodes = heapq.heappop(waiting)
        if nodes[-1] == b:
            if len(found) == count:
                return found, True
            found.append((total, nodes))
            continue
        at = np.array(nodes[-1:])
        through = gone + (0 if len(nodes) == 1 else int(hub(reach.degrees(at))[0]))
        near = distinct(reach.near(at))
        rest = left.of(near)
        beyond = through + 1 + np.where(rest == 0, 0, hub(reach.degrees(near))) + rest
        fits = (rest >= 0) & (beyond <= left.bound)
        after = [(node, cost) for node, cost in zip(near[fits].tolist(), beyond[fits].tolist(), strict=True) if node not in nodes]
        for (node, cost), name in zip(after, reach.ids([node for node, _ in after]), strict=True):
            heapq.heappush(waiting, (cost, [*names, name], through + 1, [*nodes, node]))
    return found, True
