"""Who owns a firm: shareholders upward, each hop with its fact; shares multiplied along chains and added over them (graph/closure.py)."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from cityweave.graph.closure import WHOLE, closure, loops, passing, summed, told
from cityweave.graph.model import kind_of
from cityweave.graph.model_answers import MARKS, MILLION, Chain, Control, Owner, Reached, Stake
from cityweave.graph.store import GraphStore

TRIED: Final = 20_000
"""How many pieces of chains are looked at."""
ROUND: Final = 200
"""Of circles up to this size each member's share is counted until it is first reached; in larger ones it is counted each time round."""


def control(store: GraphStore, firm: str, as_of: date, chains: int = 20) -> Control:
    """Its owners as of that day, with at most so many chains, the largest first.

    A circle of shares is named and the chain sums are taken to their limit. An untold share stays untold: the owner behind it holds at least what the
    told shares come to, and at most that with all the firm's told shares leave; a mark is reached if the least reaches it, not reached if the most does
    not, else unknown.
    """
    stakes, complete = closure(store, [firm], as_of, up=True)
    sums = told(stakes)
    rings = loops(stakes)
    held = {stake.firm for stake in stakes}
    least, most = (_all(firm, passing(stakes, sums, open_=open_, up=True), rings) for open_ in (False, True))
    highest = most[0] if most[1] else dict.fromkeys(most[0], MILLION)
    owners = [_owner(node, node not in held, least[0].get(node, 0), min(MILLION, highest.get(node, 0))) for node in _holders(stakes, firm)]
    owners.sort(key=lambda owner: (not owner.ultimate, -owner.least, -owner.most, owner.entity_id))
    found, more = _chains(firm, stakes, sums, chains)
    known = sum(owner.least for owner in owners if owner.ultimate)
    return Control(
        firm=firm,
        as_of=as_of,
        owners=tuple(owners),
        stakes=tuple(stakes),
        chains=tuple(found),
        more_chains=more,
        loops=rings,
        self_held=least[0].get(firm, 0),
        over=tuple(sorted(name for name, total in sums.items() if total > MILLION)),
        untold=max(0, MILLION - known),
        majority=_majority(firm, stakes),
        complete=complete and least[1],
    )


def _holders(stakes: Sequence[Stake], firm: str) -> list[str]:
    return sorted({stake.holder for stake in stakes} - {firm})


def _all(firm: str, ways: Mapping[str, Sequence[tuple[str, int]]], rings: Sequence[Sequence[str]]) -> tuple[dict[str, int], bool]:
    """What each holder has of the firm. A firm in a circle has what first reaches it: what comes round again is counted where it goes."""
    total, rested = summed(firm, ways)
    for node in (node for ring in rings if len(ring) <= ROUND for node in ring):
        total[node] = summed(firm, ways, stop=node)[0].get(node, 0)
    return total, rested


def _owner(node: str, ultimate: bool, least: int, most: int) -> Owner:
    most = max(least, most)
    return Owner(node, kind_of(node), ultimate, least, most, tuple(_reached(least, most, mark) for mark in MARKS))


def _reached(least: int, most: int, mark: int) -> Reached:
    if least >= mark:
        return "yes"
    return "no" if most < mark else "unknown"


def _chains(firm: str, stakes: Sequence[Stake], sums: Mapping[str, int], limit: int) -> tuple[list[Chain], bool]:
    """Chains without a repeated node from the firm to those of whom nobody is known to hold shares; the largest first (an untold share taken at its most)."""
    up: dict[str, list[Stake]] = {}
    for stake in stakes:
        up.setdefault(stake.firm, []).append(stake)
    ways = {name: [(one.holder, _at_most(one, sums), one.share) for one in held] for name, held in up.items()}
    rest = _best_rest(ways)
    waiting: list[tuple[int, tuple[str, ...], int, int | None]] = [(0, (firm,), WHOLE, WHOLE)]
    found: list[Chain] = []
    for _ in range(TRIED):
        if not waiting:
            return found, False
        _, nodes, most, share = heapq.heappop(waiting)
        if nodes[-1] not in ways:
            if len(nodes) > 1:
                if len(found) == limit:
                    return found, True
                found.append(Chain(nodes, None if share is None else (share + MILLION // 2) // MILLION))
            continue
        for holder, at_most, own in ways[nodes[-1]]:
            if holder not in nodes and holder in rest:
                product = None if share is None or own is None else share * own // MILLION
                passed = most * at_most // MILLION
                heapq.heappush(waiting, (-(passed * rest[holder] // WHOLE), (*nodes, holder), passed, product))
    return found, True


def _at_most(stake: Stake, sums: Mapping[str, int]) -> int:
    return stake.share if stake.share is not None else max(0, MILLION - sums[stake.firm])


def _best_rest(ways: Mapping[str, Sequence[tuple[str, int, int | None]]]) -> dict[str, int]:
    """The largest product of shares from a node on to somebody of whom nobody is known to hold shares; nodes that lead to nobody are left out."""
    held: dict[str, list[tuple[str, int]]] = {}
    for firm, above in ways.items():
        for holder, share, _ in above:
            held.setdefault(holder, []).append((firm, share))
    waiting = [(-WHOLE, holder) for holder in sorted(held) if holder not in ways]
    rest: dict[str, int] = {}
    while waiting:
        product, node = heapq.heappop(waiting)
        if node not in rest:
            rest[node] = -product
            for firm, share in held.get(node, ()):
                heapq.heappush(waiting, (product * share // MILLION, firm))
    return rest


def _majority(firm: str, stakes: Sequence[Stake]) -> tuple[str, ...]:
    """The firm, then who holds more than half of the one before; it ends where nobody does, or where it would go round."""
    above = {stake.firm: stake.holder for stake in stakes if stake.share is not None and 2 * stake.share > MILLION}
    chain = [firm]
    while chain[-1] in above and above[chain[-1]] not in chain:
        chain.append(above[chain[-1]])
    return tuple(chain)
