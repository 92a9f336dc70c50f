"""Bringing a generation into a Neo4j: constraints, then rows in batches, then counts and sums compared; only then is the graph ready to be asked.

What a batch did and how far the load has come are one transaction, so a load that broke anywhere goes on there. Of a next generation what disappeared (an
entity that was merged into another, its edges) is taken away first; what surely is new is created, as all of a first one is, and the rest merged.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

import polars as pl

from cityweave.engine.errors import InputError, StoreError
from cityweave.graph.bolt import LONG, Bolt
from cityweave.graph.neo4j_rows import EDGE_COLUMNS, LABELS, NODE_COLUMNS, TYPES, Rows

BATCH: Final = 10_000
PLACE: Final = ["edge_id", "type", "from_id", "to_id"]
"""What makes an edge the same one."""
FORMAT: Final = 1
"""Of what is written: raise it when nodes or edges are written otherwise."""

Held = Callable[[str, str], Rows | None]
"""(edge_key, node_key) -> the rows of that generation, None when its tables are no longer there."""


@dataclass(frozen=True)
class Target:
    """The generation that is to be loaded."""

    generation: int
    edge_key: str
    node_key: str
    owner: str
    rows: Rows


@dataclass(frozen=True)
class Loaded:
    """What a load did: what it began from (nothing, resumed, a former generation, or already there), rows written and removed, and seconds that took."""

    began: str  # nothing, former, resumed, there
    written: int
    removed: int
    seconds: float = 0.0  # of writing and removing alone, without what went before and the check after


@dataclass(frozen=True)
class Checked:
    """What the comparison of the database with the tables found; empty `differing`: they agree."""

    counts: dict[str, int]
    differing: tuple[str, ...]
    digest: str = ""  # of all rows, when they were read back


@dataclass(frozen=True)
class _Phase:
    name: str
    text: str
    rows: pl.DataFrame


def load(bolt: Bolt, target: Target, held: Held, observer: Callable[[str, int], None] = lambda phase, done: None) -> Loaded:
    """Make the database hold that generation. StoreError: it holds other data, or does not agree with the tables afterwards.

    `observer(phase, done)` is told after each batch.
    """
    state = _state(bolt, target)
    if _is(state, target, "ready"):
        bolt.write("ready", generation=target.generation)
        return Loaded("there", 0, 0)
    bolt.schema("schema")
    if _is(state, target, "imported"):
        return _finish(bolt, target, Loaded("imported", target.rows.nodes.height + target.rows.edges.height, 0))
    if state is not None and _is(state, target, "loading"):
        began, phases = "resumed", _phases(target.rows, _base(state, held))
    else:
        began, phases, state = _begin(bolt, target, state, held)
    started = time.perf_counter()
    written, removed = _run(bolt, phases, state, observer)
    return _finish(bolt, target, Loaded(began, written, removed, round(time.perf_counter() - started, 2)))


def _state(bolt: Bolt, target: Target) -> dict[str, Any] | None:
    state = next(iter(bolt.read("state")), None)
    if state is None and bolt.read("foreign"):
        raise StoreError("数据库里有别人的数据 / the database holds somebody else's data", bolt.address.uri, "换一个空的数据库 / use an empty one")
    if state is not None and state["owner"] != target.owner:
        raise StoreError(
            "数据库里是另一个工作区的图 / the database holds another workspace's graph",
            bolt.address.uri,
            "换一个数据库，或 cityweave graph drop --other / use another, or drop it with --other",
        )
    if state is not None and state["format"] != FORMAT:
        raise StoreError("图是另一版本写的 / the graph was written by another version", bolt.address.uri, "cityweave graph drop，再 load / drop it, then load")
    return state


def _is(state: dict[str, Any] | None, target: Target, status: str) -> bool:
    return state is not None and (state["status"], state["edge_key"], state["node_key"]) == (status, target.edge_key, target.node_key)


@dataclass(frozen=True)
class _Base:
    """What the database may hold when a load begins: the rows of these generations; where one is None it may hold nothing yet."""

    each: tuple[Rows | None, ...]

    @property
    def fresh(self) -> bool:
        """Whether it surely holds nothing."""
        return all(rows is None for rows in self.each)

    def maybe(self, part: str) -> pl.DataFrame:
        """Every row that may be there."""
        return pl.concat(self._frames(part))

    def surely(self, part: str) -> pl.DataFrame | None:
        """The rows that are there whatever happened; None for none."""
        frames = self._frames(part)
        return reduce(_both, frames) if len(frames) == len(self.each) else None

    def _frames(self, part: str) -> list[pl.DataFrame]:
        return [getattr(rows, part) for rows in self.each if rows is not None]


def _base(state: Mapping[str, Any], held: Held) -> _Base:
    """By the keys that stand in the database: one generation, or more where loads broke one after another."""
    edges, nodes = (state[name] or "" for name in ("base_edge", "base_node"))
    return _Base(tuple(_held(held, edge, node) for edge, node in zip(edges.split("+"), nodes.split("+"), strict=True)))


def _held(held: Held, edge_key: str, node_key: str) -> Rows | None:
    if not edge_key:
        return None
    found = held(edge_key, node_key)
    if found is None:
        raise StoreError("图之前的那一代已不在 / the generation that was loaded before is gone", "", "cityweave graph drop，再 load / drop it, then load")
    return found


def _begin(bolt: Bolt, target: Target, state: dict[str, Any] | None, held: Held) -> tuple[str, list[_Phase], dict[str, Any]]:
    """Say in the database what is about to be done, and from what."""
    said = {"base_edge": "", "base_node": ""}
    if state is not None:
        broken = state["status"] == "loading"
        said = {f"base_{name}": f"{state[f'base_{name}'] or ''}+{state[f'{name}_key']}" if broken else state[f"{name}_key"] for name in ("edge", "node")}
    base = _base(said, held)
    bolt.write(
        "begin",
        owner=target.owner,
        generation=target.generation,
        edge_key=target.edge_key,
        node_key=target.node_key,
        format=FORMAT,
        base_edge=said["base_edge"],
        base_node=said["base_node"],
    )
    return "nothing" if base.fresh else "former", _phases(target.rows, base), {"phase": "", "done": 0}


def _both(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    return one.join(other, on=one.columns, how="semi", nulls_equal=True)


def _phases(new: Rows, base: _Base) -> list[_Phase]:
    """What is to be done, in order: take away, then write. Over nothing everything is created."""
    if base.fresh:
        made = [_Phase("+nodes", "create_nodes", new.nodes), _Phase("+edges", "create_edges", new.edges)]
    else:
        nodes, edges = base.maybe("nodes").unique("node_id"), base.maybe("edges").unique(PLACE)
        changed_nodes, changed_edges = _unlike(new.nodes, base.surely("nodes")), _unlike(new.edges, base.surely("edges"))
        made = [
            _Phase("-edges", "delete_edges", edges.join(new.edges, on=PLACE, how="anti")),
            _Phase("-nodes", "delete_nodes", nodes.join(new.nodes, on="node_id", how="anti")),
            _Phase("+nodes", "create_nodes", changed_nodes.join(nodes, on="node_id", how="anti")),
            _Phase("=nodes", "merge_nodes", changed_nodes.join(nodes, on="node_id", how="semi")),
            _Phase("+edges", "create_edges", changed_edges.join(edges, on=PLACE, how="anti")),
            _Phase("=edges", "merge_edges", changed_edges.join(edges, on=PLACE, how="semi")),
        ]
    order = {"nodes": ["node_id"], "edges": ["type", "edge_id", "from_id", "to_id"]}
    return [replace(phase, rows=phase.rows.sort(order[phase.name[1:]])) for phase in made if phase.rows.height]


def _unlike(rows: pl.DataFrame, there: pl.DataFrame | None) -> pl.DataFrame:
    return rows if there is None else rows.join(there, on=rows.columns, how="anti", nulls_equal=True)


def _run(bolt: Bolt, phases: Iterable[_Phase], state: dict[str, Any], observer: Callable[[str, int], None]) -> tuple[int, int]:
    """Do what is left of the phases; how many rows were written and removed."""
    at, done = state["phase"], state["done"]
    count = {"+": 0, "-": 0}
    for phase in phases:
        if at:
            if phase.name != at:
                continue
            at = ""
        else:
            done = 0
            bolt.write("phase", phase=phase.name)
        while done < phase.rows.height:
            rows = phase.rows.slice(done, BATCH).rows()
            bolt.write(phase.text, phase=phase.name, done=done, after=done + len(rows), rows=rows, labels=LABELS)
            done += len(rows)
            count["-" if phase.name[0] == "-" else "+"] += len(rows)
            observer(phase.name, done)
    return count["+"], count["-"]


def _finish(bolt: Bolt, target: Target, done: Loaded) -> Loaded:
    found = check(bolt, target.rows)
    if found.differing:
        raise StoreError(
            f"装入后不一致 / the graph does not agree with the tables: {', '.join(found.differing)}", bolt.address.uri, "drop 后再 load / drop it, then load"
        )
    bolt.write("ready", generation=target.generation)
    return done


def check(bolt: Bolt, rows: Rows, every_row: bool = False) -> Checked:
    """Compare counts and sums by kind and type, as the database counts them; with `every_row` all rows are read back and compared as well."""
    wanted = rows.sums()
    found = {NAMES.get(row["name"], row["name"]): (row["rows"], row["total"]) for name in ("node_sums", "edge_sums") for row in bolt.read(name, LONG)}
    differing = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    digest = ""
    if every_row:
        digest, ours = _digest(_read_back(bolt)), _digest(rows)
        differing += ["rows"] if digest != ours else []
    return Checked({name: number for name, (number, _) in sorted(found.items())}, tuple(differing), digest)


NAMES = {there: here for here, there in TYPES.items()}


def _read_back(bolt: Bolt) -> Rows:
    frames = []
    for name, columns in (("all_nodes", NODE_COLUMNS), ("all_edges", EDGE_COLUMNS)):
        rows = [tuple(_plain(row[column]) for column in columns) for piece in bolt.stream(name) for row in piece]
        frames.append(pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None))
    return Rows(*frames)


def _plain(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def _digest(rows: Rows) -> str:
    """A hash of all rows in order of their ids."""
    total = hashlib.sha256()
    for frame, order in ((rows.nodes, ["node_id"]), (rows.edges, ["type", "edge_id"])):
        for row in frame.sort(order).iter_rows():
            total.update(json.dumps([None if item is None else str(item) for item in row]).encode())
    return total.hexdigest()


def drop(bolt: Bolt, owner: str = "") -> int:
    """Take away what is ours, and nothing else; how many nodes went. With an owner StoreError when the graph is another's."""
    state = next(iter(bolt.read("state")), None)
    if owner and state is not None and state["owner"] != owner:
        raise InputError("那是另一个工作区的图 / that is another workspace's graph", bolt.address.uri, "确要删除则加 --other / --other drops it")
    gone = 0
    while (rows := bolt.write("drop_nodes", rows=BATCH)[0]["gone"]) > 0:
        gone += rows
    bolt.write("drop_state")
    return gone
