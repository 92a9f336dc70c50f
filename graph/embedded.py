"""The embedded store: the questions of graph/store.py answered from a snapshot on this machine. Opening it reads nothing; pages are mapped when touched."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path as Folder

import numpy as np

from cityweave.engine.errors import InputError
from cityweave.graph.best import best as best_chains
from cityweave.graph.model import EDGE_TYPES, KINSHIP, Birthday, Edge, Neighbour, Neighbours, Passed, Path, Turning, kind_of
from cityweave.graph.model_answers import Paths, Ranked
from cityweave.graph.snapshot import EARLIEST, LATEST, Array, load
from cityweave.graph.store import End, month_of
from cityweave.graph.walk import Allowed, Walker, distinct, shortest, within

_EPOCH = date(1970, 1, 1).toordinal()


class EmbeddedStore:
    """A GraphStore over a snapshot folder."""

    def __init__(self, folder: Folder) -> None:
        self._arrays, self._words = load(folder)
        self._walkers = {rows: Walker(self._arrays, rows) for rows in ("row", "kin")}

    def neighbours(self, entity: str, depth: int = 1, types: Sequence[str] = (), as_of: date | None = None, limit: int = 100) -> Neighbours:
        """As GraphStore.neighbours."""
        walker, allowed = self._walker(types), self._allowed(types, as_of)
        level = np.array([self._number(entity)])
        seen = np.zeros(walker.size, np.bool_)
        seen[level] = True
        found: list[Neighbour] = []
        cut = 0
        for distance in range(1, depth + 1):
            nodes, edges = walker.step(level, allowed)
            new = ~seen[nodes]
            nodes, edges = nodes[new], edges[new]
            order = np.lexsort((edges, nodes))
            level, starts = np.unique(nodes[order], return_index=True)
            seen[level] = True
            shown = level[: max(0, limit - len(found))]
            cut += len(level) - len(shown)
            found += self._neighbours(shown, distance, np.split(edges[order], starts[1 : len(shown) + 1]))
        return Neighbours(entity, depth, tuple(found), cut)

    def path(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, max_hops: int = 16) -> Path | None:
        """As GraphStore.path."""
        allowed = self._allowed(types, as_of)
        walker = self._walker(types)
        way = shortest(walker, self._number(a), self._number(b), allowed, max_hops)
        if way is None:
            return None
        return Path(tuple(map(self._id, way)), self._along(walker, way, allowed))

    def best_paths(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, best: int = 3, most: int = 12) -> Paths:
        """As GraphStore.best_paths."""
        allowed, walker = self._allowed(types, as_of), self._walker(types)
        found, more = best_chains(_Reach(self, walker, allowed), self._number(a), self._number(b), best, most)
        ranked = [Ranked(cost, tuple(self._ids(np.array(way))), self._along(walker, way, allowed)) for cost, way in found]
        return Paths(tuple(ranked), more)

    def _along(self, walker: Walker, way: Sequence[int], allowed: Allowed) -> tuple[Edge, ...]:
        return tuple(self._edge(walker.between(one, other, allowed)) for one, other in pairwise(way))

    def incident(self, nodes: Sequence[str], types: Sequence[str] = (), as_of: date | None = None, end: End = "either") -> list[Edge]:
        """As GraphStore.incident."""
        numbers = np.array(sorted({self._number(node) for node in nodes}), np.int64)
        _, edges = self._walker(types).step(numbers, self._allowed(types, as_of))
        if end != "either":
            edges = edges[within(self._arrays[f"edge_{end}"][edges], numbers)]
        return [self._edge(edge) for edge in distinct(edges).tolist()]

    def ends(self, nodes: Sequence[str]) -> dict[str, date]:
        """As GraphStore.ends."""
        days = {node: int(self._arrays["node_ends"][self._number(node)]) for node in nodes}
        return {node: _date(day) for node, day in sorted(days.items()) if day != LATEST}

    def turning_age(self, age: int, month: str, as_of: date) -> Turning:
        """As GraphStore.turning_age."""
        year, number = month_of(month)
        first, last = date(max(year - age, 1), number, 1), date(max(year - age, 1), number, monthrange(max(year - age, 1), number)[1])
        slice_ = _slice(self._arrays["birth_day"], _day(first), _day(last) + 1)
        people, days = self._arrays["birth_node"][slice_], self._arrays["birth_day"][slice_] - _day(first) + 1
        days = np.minimum(days, monthrange(year, number)[1])
        order = np.lexsort((people, days))
        people, days = people[order], days[order]
        dead = self._arrays["node_ends"][people] <= _day(as_of)
        homes = self._homes(people[~dead], as_of)
        day_of = [date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1)]
        named = zip(self._ids(people[~dead]), days[~dead].tolist(), self._ids(homes), strict=True)
        turning = [Birthday(person, day_of[day - 1], home or None) for person, day, home in named]
        passed = [self._passed(person, day_of[day - 1]) for person, day in zip(people[dead].tolist(), days[dead].tolist(), strict=True)]
        at = (year - age) * 12 + number
        vague = self._arrays["vague_node"][_slice(self._arrays["vague_month"], at, at + 1)]
        vague = vague[self._arrays["node_ends"][vague] > _day(as_of)]
        return Turning(age, month, as_of, tuple(turning), tuple(passed), tuple(self._ids(vague)))

    def degrees(self, nodes: Array) -> Array:
        """How many edges each of these numbered nodes has."""
        row = self._arrays["row"]
        return np.asarray(row[nodes + 1] - row[nodes])

    def ids(self, nodes: Sequence[int]) -> list[str]:
        """The ids of these numbered nodes."""
        return self._ids(np.array(nodes, np.int64)) if nodes else []

    def _passed(self, person: int, on: date) -> Passed:
        sources = self._words["ends_sources"][int(self._arrays["node_ends_by"][person])]
        return Passed(self._id(person), on, _date(int(self._arrays["node_ends"][person])), tuple(sources.split("+")))

    def _homes(self, people: Array, as_of: date) -> Array:
        """Per person the home of that day, -1 for none; of several the one they moved to last, then the smallest."""
        homes = np.full(len(people), -1, np.int64)
        if "lives_in" not in self._words["types"] or not len(people):
            return homes
        nodes, edges = self._walkers["row"].step(np.sort(people), self._allowed(("lives_in",), as_of))
        who = self._arrays["edge_from"][edges]
        order = np.lexsort((nodes, -self._arrays["edge_valid_from"][edges].astype(np.int64), who))
        first, places = np.unique(who[order], return_index=True)
        known = within(people, first)
        homes[known] = nodes[order][places][np.searchsorted(first, people[known])]
        return homes

    def _neighbours(self, nodes: Array, distance: int, edges: Sequence[Array]) -> list[Neighbour]:
        names = self._ids(nodes)
        return [Neighbour(name, kind_of(name), distance, tuple(map(self._edge, mine.tolist()))) for name, mine in zip(names, edges, strict=False)]

    def _edge(self, number: int) -> Edge:
        arrays, words = self._arrays, self._words
        start, end, detail = (int(arrays[f"edge_{name}"][number]) for name in ("valid_from", "valid_to", "detail"))
        return Edge(
            int(arrays["edge_id"][number]),
            words["types"][arrays["edge_type"][number]],
            self._id(arrays["edge_from"][number]),
            self._id(arrays["edge_to"][number]),
            None if start == EARLIEST else _date(start),
            None if end == LATEST else _date(end),
            words["details"][detail] if detail >= 0 else None,
            int(arrays["edge_fact_id"][number]),
            int(arrays["edge_events"][number]),
            tuple(words["sources"][arrays["edge_sources"][number]].split("+")),
        )

    def _walker(self, types: Sequence[str]) -> Walker:
        return self._walkers["kin" if types and set(types) <= set(KINSHIP) else "row"]

    def _allowed(self, types: Sequence[str], as_of: date | None) -> Allowed:
        known = self._words["types"]
        stray = sorted(set(types) - set(EDGE_TYPES))
        if stray:
            raise InputError(f"没有关系类型 {stray[0]} / there is no relation {stray[0]}", "", f"可用 / use: {', '.join(EDGE_TYPES)}")
        return Allowed(np.array([name in types for name in known] or [False]) if types else None, None if as_of is None else _day(as_of))

    def _id(self, node: int) -> str:
        offsets = self._arrays["id_offset"]
        return self._arrays["id_text"][offsets[node] : offsets[node + 1]].tobytes().decode()

    def _ids(self, nodes: Array) -> list[str]:
        """Their ids; of -1 the empty text."""
        offsets = self._arrays["id_offset"]
        starts = offsets[nodes]
        lengths = np.where(nodes >= 0, offsets[nodes + 1] - starts, 0)
        ends = np.cumsum(lengths)
        places = np.repeat(starts - ends + lengths, lengths) + np.arange(int(lengths.sum()))
        text = self._arrays["id_text"][places].tobytes().decode("ascii")
        return [text[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]

    def _number(self, name: str) -> int:
        low, high = 0, self._walkers["row"].size
        while low < high:
            middle = (low + high) // 2
            if self._id(middle) < name:
                low = middle + 1
            else:
                high = middle
        if low == self._walkers["row"].size or self._id(low) != name:
            raise InputError("图中没有这个节点 / the graph has no such node", name, "用 cityweave find 查找 / look it up with cityweave find")
        return low


class _Reach:
    """What the search for best chains sees of a snapshot (graph/best.py)."""

    def __init__(self, store: EmbeddedStore, walker: Walker, allowed: Allowed) -> None:
        self._store, self._walker, self._allowed = store, walker, allowed

    def near(self, nodes: Array) -> Array:
        """Their neighbours."""
        return self._walker.step(nodes, self._allowed)[0]

    def degrees(self, nodes: Array) -> Array:
        """Their edges of whatever type and time."""
        return self._store.degrees(nodes)

    def ids(self, nodes: list[int]) -> list[str]:
        """Their ids."""
        return self._store.ids(nodes)


def _slice(ordered: Array, low: int, high: int) -> slice:
    """Where numbers from `low` up to `high` stand; asked in the array's own type, so that it is not copied."""
    return slice(*np.searchsorted(ordered, np.array([low, high], ordered.dtype)).tolist())


def _day(day: date) -> int:
    return day.toordinal() - _EPOCH


def _date(day: int) -> date:
    return date.fromordinal(day + _EPOCH)
