"""The questions of graph/store.py answered by a Neo4j. It holds things under other names (graph/pseudonym.py), so order by id is made here.

Each question looks at the state of the graph before and after: nothing is answered from a graph that is being loaded, or of another generation.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import wraps
from itertools import pairwise
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from cityweave.engine.errors import InputError, StoreError
from cityweave.graph.address import Address
from cityweave.graph.best import best as best_chains
from cityweave.graph.bolt import Bolt
from cityweave.graph.model import EDGE_TYPES, Birthday, Edge, Neighbour, Neighbours, Passed, Path, Turning, kind_of
from cityweave.graph.model_answers import Paths, Ranked
from cityweave.graph.neo4j_rows import TYPES
from cityweave.graph.pseudonym import Pseudonyms
from cityweave.graph.snapshot import Array
from cityweave.graph.store import End, month_of

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
NAMES = {there: here for here, there in TYPES.items()}


def steady(
    question: Callable[Concatenate[Neo4jStore, Asked], Answer],
) -> Callable[Concatenate[Neo4jStore, Asked], Answer]:
    """Answer only if the graph was whole before and is the same after."""

    @wraps(question)
    def asked(self: Neo4jStore, /, *args: Asked.args, **options: Asked.kwargs) -> Answer:
        self.check()
        answer = question(self, *args, **options)
        self.check()
        return answer

    return asked


class Neo4jStore:
    """A GraphStore over a Neo4j that holds one generation."""

    def __init__(self, address: Address, key: bytes, edge_key: str, node_key: str) -> None:
        self._bolt = Bolt(address)
        self._names = Pseudonyms(key)
        self._keys = (edge_key, node_key)
        self._where = address.uri

    def close(self) -> None:
        """Let the line to the server go."""
        self._bolt.close()

    def check(self) -> None:
        """StoreError unless the server holds this generation, whole, and put there by this workspace."""
        state = next(iter(self._bolt.read("state")), None)
        todo = "运行 cityweave graph load / run cityweave graph load"
        if state is None:
            raise StoreError("Neo4j 里没有我们的图 / Neo4j holds no graph of ours", self._where, todo)
        if state["owner"] != self._names.owner:
            raise StoreError("Neo4j 里是另一个工作区的图 / Neo4j holds another workspace's graph", self._where, "换一个数据库 / use another database")
        if state["status"] != "ready":
            raise StoreError("Neo4j 里的图还没有装完 / the graph in Neo4j is loaded in part only", self._where, todo)
        if (state["edge_key"], state["node_key"]) != self._keys:
            raise StoreError(f"Neo4j 里是第 {state['generation']} 代 / Neo4j holds generation {state['generation']}", self._where, todo)

    @steady
    def neighbours(self, entity: str, depth: int = 1, types: Sequence[str] = (), as_of: date | None = None, limit: int = 100) -> Neighbours:
        """As GraphStore.neighbours."""
        walk = _Walk(self, types, as_of)
        walk.know([entity])
        level, seen = [entity], {entity}
        found: list[Neighbour] = []
        cut = 0
        for distance in range(1, depth + 1):
            after = sorted(walk.next_to(level) - seen)
            shown = after[: max(0, limit - len(found))]
            cut += len(after) - len(shown)
            found += self._leading(shown, level, distance, walk)
            level = after
            seen.update(after)
            if not level:
                break
        return Neighbours(entity, depth, tuple(found), cut)

    def _leading(self, shown: Sequence[str], before: Sequence[str], distance: int, walk: _Walk) -> list[Neighbour]:
        if not shown:
            return []
        edges: dict[str, list[Edge]] = {node: [] for node in shown}
        known = set(before)
        for edge in self._edges("leading", shown, walk.asked, before=self._names.hide(before)):
            for one, other in ((edge.from_id, edge.to_id), (edge.to_id, edge.from_id)):
                if one in edges and other in known:
                    edges[one].append(edge)
        return [Neighbour(node, kind_of(node), distance, tuple(edges[node])) for node in shown]

    @steady
    def path(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, max_hops: int = 16) -> Path | None:
        """As GraphStore.path."""
        walk = _Walk(self, types, as_of, flat=True)
        start, end = walk.know([a, b])
        found, _ = best_chains(walk, start, end, 1, max_hops)
        if not found:
            return None
        nodes = walk.ids(found[0][1])
        return Path(tuple(nodes), self._along(nodes, walk))

    @steady
    def best_paths(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, best: int = 3, most: int = 12) -> Paths:
        """As GraphStore.best_paths."""
        walk = _Walk(self, types, as_of)
        start, end = walk.know([a, b])
        found, more = best_chains(walk, start, end, best, most)
        ways = [(cost, walk.ids(way)) for cost, way in found]
        return Paths(tuple(Ranked(cost, tuple(nodes), self._along(nodes, walk)) for cost, nodes in ways), more)

    def _along(self, nodes: Sequence[str], walk: _Walk) -> tuple[Edge, ...]:
        """Between each two neighbours the first edge."""
        if len(nodes) < 2:
            return ()
        edges = self._edges("leading", nodes[1:], walk.asked, before=self._names.hide(nodes))
        return tuple(next(edge for edge in edges if {edge.from_id, edge.to_id} == set(step)) for step in pairwise(nodes))

    @steady
    def incident(self, nodes: Sequence[str], types: Sequence[str] = (), as_of: date | None = None, end: End = "either") -> list[Edge]:
        """As GraphStore.incident."""
        self.known(nodes)
        return self._edges(f"incident_{end}", nodes, self.asked(types, as_of))

    @steady
    def ends(self, nodes: Sequence[str]) -> dict[str, date]:
        """As GraphStore.ends."""
        return {node: row["ends"] for node, row in sorted(self.known(nodes).items()) if row["ends"] is not None}

    @steady
    def turning_age(self, age: int, month: str, as_of: date) -> Turning:
        """As GraphStore.turning_age."""
        year, number = month_of(month)
        born = max(year - age, 1)
        people = self._bolt.read("born", dashed=f"{born:04d}-{number:02d}", plain=f"{born:04d}{number:02d}")
        days = {row["id"]: _day(row["begins"], born, number) for row in people}
        full = [row for row in people if days[row["id"]]]
        last = monthrange(year, number)[1]
        rows = sorted((date(year, number, min(days[row["id"]], last)), row["id"], _plain(row["ends"]), row["sources"]) for row in full)
        living = [(on, who) for on, who, ends, _ in rows if ends is None or ends > as_of]
        homes = self._homes([who for _, who in living], as_of)
        turning = [Birthday(who, on, homes.get(who)) for on, who in living]
        passed = [Passed(who, on, ends, tuple(sources.split("+"))) for on, who, ends, sources in rows if ends is not None and ends <= as_of]
        vague = [row for row in people if not days[row["id"]] and re.fullmatch(r"\d{4}-?\d{2}-?(?:00)?", row["begins"]) and year - age == born]
        unknown = sorted(row["id"] for row in vague if row["ends"] is None or _plain(row["ends"]) > as_of)
        return Turning(age, month, as_of, tuple(turning), tuple(passed), tuple(unknown))

    def _homes(self, people: Sequence[str], as_of: date) -> dict[str, str]:
        rows = self._bolt.read("homes", ids=list(people), day=as_of) if people else []
        homes = self._names.show(row["home"] for row in rows)
        best: dict[str, tuple[int, str]] = {}
        for row, home in zip(rows, homes, strict=True):
            place = (-_plain(row["since"]).toordinal() if row["since"] else 0, home)
            best[row["id"]] = min(best.get(row["id"], place), place)
        return {who: home for who, (_, home) in best.items()}

    def asked(self, types: Sequence[str], as_of: date | None) -> dict[str, Any]:
        """Types and day as parameters."""
        stray = sorted(set(types) - set(EDGE_TYPES))
        if stray:
            raise InputError(f"没有关系类型 {stray[0]} / there is no relation {stray[0]}", "", f"可用 / use: {', '.join(EDGE_TYPES)}")
        return {"types": [TYPES[name] for name in sorted(set(types))] or None, "day": as_of}

    def known(self, nodes: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Node -> degree and end; InputError for one that the graph does not have."""
        wanted = sorted(set(nodes))
        rows = self._bolt.read("nodes", ids=self._names.hide(wanted))
        found = {name: {**row, "ends": _plain(row["ends"])} for name, row in zip(self._names.show(row["id"] for row in rows), rows, strict=True)}
        for node in wanted:
            if node not in found:
                raise InputError("图中没有这个节点 / the graph has no such node", node, "用 cityweave find 查找 / look it up with cityweave find")
        return found

    def near(self, nodes: Sequence[str], asked: dict[str, Any]) -> list[tuple[str, str, int]]:
        """(node, neighbour, how many edges the neighbour has) for each of these nodes."""
        rows = self._bolt.read("near", ids=self._names.hide(nodes), **asked)
        here, there = self._names.show(row["id"] for row in rows), self._names.show(row["near"] for row in rows)
        return list(zip(here, there, (row["degree"] for row in rows), strict=True))

    def _edges(self, name: str, nodes: Sequence[str], asked: dict[str, Any], **more: Any) -> list[Edge]:
        rows = self._bolt.read(name, ids=self._names.hide(sorted(set(nodes))), **asked, **more)
        starts, ends = self._names.show(row["from_id"] for row in rows), self._names.show(row["to_id"] for row in rows)
        edges = {
            (NAMES[row["type"]], row["edge_id"]): Edge(
                row["edge_id"],
                NAMES[row["type"]],
                start,
                end,
                _plain(row["valid_from"]),
                _plain(row["valid_to"]),
                row["detail"],
                row["fact_id"],
                row["events"],
                tuple(row["sources"].split("+")),
            )
            for row, start, end in zip(rows, starts, ends, strict=True)
        }
        return [edges[place] for place in sorted(edges)]


class _Walk:
    """The part of the graph that one question has seen, as numbers (graph/best.py: Reach). `flat`: no node is a hub."""

    def __init__(self, store: Neo4jStore, types: Sequence[str], as_of: date | None, flat: bool = False) -> None:
        self._store, self._flat = store, flat
        self.asked = store.asked(types, as_of)
        self._number: dict[str, int] = {}
        self._name: list[str] = []
        self._degree: list[int] = []
        self._near: dict[int, Array] = {}

    def know(self, nodes: Sequence[str]) -> list[int]:
        """The numbers of nodes that the question names."""
        found = self._store.known(nodes)
        return [self._add(node, found[node]["degree"]) for node in nodes]

    def _add(self, node: str, degree: int) -> int:
        if node not in self._number:
            self._number[node] = len(self._name)
            self._name.append(node)
            self._degree.append(0 if self._flat else degree)
        return self._number[node]

    def next_to(self, nodes: Iterable[str]) -> set[str]:
        """The neighbours of these nodes, by id."""
        numbers = np.array([self._number[node] for node in nodes], np.int64)
        return {self._name[number] for number in self.near(numbers).tolist()}

    def near(self, nodes: Array) -> Array:
        """As Reach.near."""
        missing = [number for number in nodes.tolist() if number not in self._near]
        if missing:
            found: dict[int, list[int]] = {number: [] for number in missing}
            for node, other, degree in self._store.near([self._name[number] for number in missing], self.asked):
                found[self._number[node]].append(self._add(other, degree))
            self._near.update({number: np.array(others, np.int64) for number, others in found.items()})
        return np.concatenate([self._near[number] for number in nodes.tolist()]) if len(nodes) else np.empty(0, np.int64)

    def degrees(self, nodes: Array) -> Array:
        """As Reach.degrees."""
        return np.array([self._degree[number] for number in nodes.tolist()], np.int64)

    def ids(self, nodes: list[int]) -> list[str]:
        """As Reach.ids."""
        return [self._name[number] for number in nodes]


def _plain(day: Any) -> Any:
    """A date of the driver as one of Python's."""
    return day.to_native() if day is not None and not isinstance(day, date) else day


def _day(begins: str, year: int, month: int) -> int:
    """The day of a whole date of birth in that month; 0 when the day is not known."""
    try:
        whole = date.fromisoformat(begins) if len(begins) == 10 else None
    except ValueError:
        whole = None
    return whole.day if whole is not None and (whole.year, whole.month) == (year, month) else 0
