"""Following shareholdings level by level, up to holders or down to what is held, and adding up what shares come to along all chains.

The sum over all chains is the integrated ownership of Brioschi, Buzzacchi & Colombo (1989): y = a + A a + A A a + …, the solution of the linear system
y = a + A y. It is summed step by step in whole numbers (a billionth of a share is a thousand units), so that it is the same everywhere; a circle of
shares comes to its limit, as each round passes on less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cityweave.graph.model import Edge
from cityweave.graph.model_answers import MILLION, Stake
from cityweave.graph.store import GraphStore

WHOLE: Final = 1_000_000_000_000
WORK: Final = 400_000
"""How many shares are passed on before a sum that has not come to rest is given up (its least is then what was found)."""
MOST_STAKES: Final = 200_000
"""How many hops are followed."""

Shares = Mapping[str, Sequence[tuple[str, int]]]
"""Node -> (node it passes on to, share in millionths)."""


def closure(store: GraphStore, starts: Sequence[str], as_of: date | None, *, up: bool) -> tuple[list[Stake], bool]:
    """Every stake reached from these nodes, nearest level first, then by firm and holder; and whether all were followed.

    Of several facts about one holder and firm on one day the one that begins last speaks.
    """
    level, seen, edges = sorted(set(starts)), set(starts), list[Edge]()
    while level and len(edges) < MOST_STAKES:
        found = _one_each(store.incident(level, ("shareholder",), as_of, "to" if up else "from"))
        edges += found
        level = sorted({edge.from_id if up else edge.to_id for edge in found} - seen)
        level = [node for node in level if up is False or node.startswith("l")]
        seen.update(level)
    ends = store.ends(sorted({edge.from_id for edge in edges}))
    stakes = [Stake(edge.from_id, edge.to_id, _share(edge), edge, _by(ends.get(edge.from_id), as_of)) for edge in edges]
    return stakes, not level


def _one_each(edges: Iterable[Edge]) -> list[Edge]:
    last: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        place = (edge.to_id, edge.from_id)
        if place not in last or _begins(edge) > _begins(last[place]):
            last[place] = edge
    return [last[place] for place in sorted(last)]


def _begins(edge: Edge) -> tuple[int, int]:
    return (edge.valid_from.toordinal() if edge.valid_from else 0, -edge.edge_id)


def _share(edge: Edge) -> int | None:
    return int(edge.detail) if edge.detail is not None and edge.detail.isdigit() and int(edge.detail) <= MILLION else None


def _by(end: date | None, as_of: date | None) -> date | None:
    return end if end is not None and as_of is not None and end <= as_of else None


def told(stakes: Iterable[Stake]) -> dict[str, int]:
    """Firm -> the sum of its told shares."""
    sums: dict[str, int] = {}
    for stake in stakes:
        sums[stake.firm] = sums.get(stake.firm, 0) + (stake.share or 0)
    return sums


def passing(stakes: Iterable[Stake], sums: Mapping[str, int], *, open_: bool, up: bool) -> dict[str, list[tuple[str, int]]]:
    """How shares pass on. `open_`: an untold share counts as all that the firm's told ones leave (its most), else nothing of it counts (its least)."""
    ways: dict[str, list[tuple[str, int]]] = {}
    for stake in stakes:
        share = stake.share if stake.share is not None else max(0, MILLION - sums[stake.firm]) if open_ else 0
        ways.setdefault(stake.firm if up else stake.holder, []).append((stake.holder if up else stake.firm, share))
    return ways


def summed(start: str, ways: Shares, stop: str = "") -> tuple[dict[str, int], bool]:
    """What of `start` comes to each node (downward: what of each node comes to `start`) in millionths, and whether the sum came to rest.

    `stop` passes nothing on.
    """
    moving, total, work = {start: WHOLE}, dict[str, int](), 0
    while moving and work < WORK:
        arrived: dict[str, int] = {}
        for node, amount in moving.items():
            for after, share in ways.get(node, ()):
                part = amount * share // MILLION
                work += 1
                if part:
                    arrived[after] = arrived.get(after, 0) + part
        for node, part in arrived.items():
            total[node] = total.get(node, 0) + part
        moving = {node: part for node, part in arrived.items() if node in ways and node != stop}
    unit = WHOLE // MILLION
    return {node: (amount + unit // 2) // unit for node, amount in total.items()}, not moving


def loops(stakes: Sequence[Stake]) -> tuple[tuple[str, ...], ...]:
    """The circles: sets of firms each of which is reached from each other, smallest id first."""
    names = sorted({end for stake in stakes for end in (stake.holder, stake.firm)})
    place = {name: number for number, name in enumerate(names)}
    if not names:
        return ()
    ends = [(place[stake.firm], place[stake.holder]) for stake in stakes]
    rows, columns = zip(*ends, strict=True)
    _, labels = connected_components(coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(len(names), len(names))), connection="strong")
    groups: dict[int, list[str]] = {}
    for name, label in zip(names, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(name)
    return tuple(sorted(tuple(group) for group in groups.values() if len(group) > 1))
