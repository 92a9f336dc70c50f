"""Tier 3: from scored pairs to entities. Union-find first; only where the result breaks a constraint are that component's links weighed one by one, strongest first.

Constraints: a human's "different"; two parties of one event (nobody marries himself); two different accepted identifiers of which a life has one; births more than three years
apart; two live rows of a duplicate-free source, or of a register of births or deaths under two names or birthdays (so twins stay two). The result is a pure function of refs, weights
and decisions: neither the order of rows nor a record_id decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from cityweave.engine.model import Arguments, Files, Inputs, Step
from cityweave.resolver import model
from cityweave.resolver.model import Decision
from cityweave.resolver.settings import Settings

Ints = npt.NDArray[np.int64]

UNIT = 1 << 60
"""Weight of the link between two records of a unit: only a human's word and a constraint of numbers stand above it."""

SAID = 1 << 61
"""Weight of a human's "same", plus the decision's number: the later word goes first."""


FAR = 36
"""Months by which two births of one person may differ: ages are counted from another day, or the nominal way."""


@dataclass(frozen=True)
class Nodes:
    """Records in the order of their refs: position is identity from here on."""

    record_id: Ints
    unit: Ints
    number: Ints  # which accepted identifier, -1 for none
    exclusive: Ints  # which source that holds nobody twice, -1 for none
    entry: Ints  # which entry of it
    first: Ints  # first and last month in which one may be born, -1 where nothing is told
    last: Ints
    born: Sequence[str | None]  # the day, where one is told
    position: Mapping[str, int]  # ref -> position, of decided records only


@dataclass(frozen=True)
class Links:
    """Links between positions, left < right."""

    left: Ints
    right: Ints
    weight: Ints

    def where(self, chosen: npt.NDArray[np.bool_]) -> Links:
        """Some of them."""
        return Links(self.left[chosen], self.right[chosen], self.weight[chosen])

    def __len__(self) -> int:
        return len(self.left)


EMPTY = Links(*(np.empty(0, np.int64),) * 3)


@dataclass(frozen=True)
class Clustering:
    """The clusters, and the links refused with the reason."""

    label: Ints  # per position
    cut: list[tuple[int, int, int, str]]


APART: Mapping[str, str] = {"person": "apart_person"}
"""Kind -> the table of records that are surely two entities."""


def step(settings: Settings, decisions: Sequence[Decision]) -> Step:
    """The step that makes `cluster_<kind>`."""
    kind = settings.kind
    said = [{"id": decision.id, "verb": decision.verb, "left": decision.refs[0], "right": decision.refs[1]} for decision in decisions]
    thresholds = {"merge": settings.merge, "margin": settings.margin, "share": settings.share, "alone": settings.alone}
    reads = (f"node_{kind}", *((f"link_{kind}",) if settings.comparisons else ()), *((APART[kind],) if kind in APART else ()))
    return Step(model.cluster(kind), f"聚类 / cluster ({kind})", reads, python=cluster, arguments={"decisions": said, **thresholds})


def cluster(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """Table `cluster_<kind>`: each record with its entity's anchor."""
    tables = {name.split("_")[0]: table for name, table in inputs.items()}
    nodes = nodes_of(tables["node"], arguments["decisions"])
    scored = links_of(tables["link"], tables["node"], int(arguments["merge"])) if "link" in tables else EMPTY
    apart = apart_of(tables["apart"], tables["node"]) if "apart" in tables else EMPTY
    result = clustering(nodes, scored, arguments, apart)
    return pa.table({"record_id": nodes.record_id, "anchor": anchors(nodes.record_id, result.label)})


def clustering(nodes: Nodes, scored: Links, arguments: Arguments, apart: Links = EMPTY) -> Clustering:
    """The clusters that links at or above the merge threshold, units and decisions make."""
    scored = unrivalled(nodes, scored, int(arguments["margin"]))
    scored = supported(nodes, scored, int(arguments["alone"]), int(arguments["share"]))
    same, different = decided(nodes, arguments["decisions"])
    return constrained(nodes, together(held(nodes.unit), scored, same), different, apart)


def anchors(record_id: Ints, label: Ints) -> Ints:
    """For each record the smallest record_id with the same label."""
    smallest = np.full(int(label.max()) + 1 if len(label) else 0, np.iinfo(np.int64).max)
    np.minimum.at(smallest, label, record_id)
    return smallest[label]


def nodes_of(table: pa.Table, decisions: Sequence[Mapping[str, object]]) -> Nodes:
    """Table `node_<kind>` by ref, and the positions of records that decisions name."""
    frame = pl.DataFrame(table).sort("ref")
    named = sorted({str(decision[side]) for decision in decisions for side in ("left", "right")})
    places = frame.with_row_index("i").filter(pl.col("ref").is_in(named)).select("ref", "i").rows()
    number, exclusive, entry = (
        frame[column].cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy() for column in ("number", "exclusive", "entry")
    )
    first, last = (frame[column].fill_null(-1).to_numpy() for column in ("born_first", "born_last"))
    record_id, unit = frame["record_id"].to_numpy(), frame["unit"].to_numpy()
    return Nodes(record_id, unit, number, exclusive, entry, first, last, frame["born"].to_list(), dict(places))


def links_of(pairs: pa.Table, nodes: pa.Table, merge: int) -> Links:
    """Table `link_<kind>` as links between positions, those at or above the merge threshold."""
    return _placed(pl.DataFrame(pairs.select(["left_id", "right_id", "weight"])).filter(pl.col("weight") >= merge), nodes)


def apart_of(pairs: pa.Table, nodes: pa.Table) -> Links:
    """Table `apart_<kind>` between positions."""
    return _placed(pl.DataFrame(pairs.select(["left_id", "right_id"])).with_columns(weight=pl.lit(0, pl.Int64)), nodes)


def _placed(pairs: pl.DataFrame, nodes: pa.Table) -> Links:
    position = pl.DataFrame(nodes).select("record_id", "ref").sort("ref").with_row_index("i").select("record_id", pl.col("i").cast(pl.Int64))
    frame = pairs.join(position.rename({"record_id": "left_id", "i": "l"}), on="left_id").join(
        position.rename({"record_id": "right_id", "i": "r"}), on="right_id"
    )
    frame = frame.select(pl.min_horizontal("l", "r"), pl.max_horizontal("l", "r").alias("r2"), "weight").sort("l", "r2")
    return Links(frame["l"].to_numpy(), frame["r2"].to_numpy(), frame["weight"].to_numpy())


def unrivalled(nodes: Nodes, links: Links, margin: int) -> Links:
    """Without the links of a unit that has no accepted number to units of several numbers, except to the best one, if it is better than the next by `margin`."""
    if not len(links):
        return links
    unit, number = nodes.unit, nodes.number
    numbered = np.unique(unit[number >= 0])
    has = np.isin(unit, numbered)
    towards = has[links.right] & ~has[links.left]
    back = has[links.left] & ~has[links.right]
    open_side = np.where(towards, links.left, links.right)
    held_side = np.where(towards, links.right, links.left)
    of_unit = dict(zip(unit[number >= 0].tolist(), number[number >= 0].tolist(), strict=True))
    frame = pl.DataFrame({"i": np.arange(len(links)), "open": unit[open_side], "held": unit[held_side], "weight": links.weight}).filter(
        pl.Series(towards | back)
    )
    frame = frame.with_columns(number=pl.col("held").replace_strict(of_unit, default=-1, return_dtype=pl.Int64))
    best = frame.group_by("open", "number").agg(pl.col("weight").max()).sort("open", "weight", descending=[False, True])
    rank = best.group_by("open", maintain_order=True).agg(
        pl.col("weight").first().alias("best"), pl.col("weight").get(1, null_on_oob=True).alias("next"), pl.len()
    )
    rank = rank.filter(pl.col("len") > 1)
    rivals = frame.join(best.rename({"weight": "own"}), on=["open", "number"]).join(rank, on="open")
    lost = rivals.filter((pl.col("own") < pl.col("best")) | (pl.col("best") - pl.col("next") < margin))["i"].to_numpy()
    keep = np.ones(len(links), np.bool_)
    keep[lost] = False
    return links.where(keep)


def supported(nodes: Nodes, links: Links, alone: int, share: int) -> Links:
    """Without weak bridges: between two units that both have other neighbours, a link below `alone` needs third units that know both, at least `share` percent of the other
    neighbours of the less connected one. One bad link must not weld two groups.
    """
    if not len(links):
        return links
    _, unit = np.unique(nodes.unit, return_inverse=True)
    left, right = unit[links.left], unit[links.right]
    size = int(unit.max()) + 1
    graph = csr_matrix((np.ones(len(links), np.int32), (left, right)), shape=(size, size))
    graph = graph + graph.T
    graph.data[:] = 1
    degree = np.asarray(graph.sum(axis=1)).ravel()
    others = np.minimum(degree[left], degree[right]) - 1
    return links.where((_common(graph, left, right) * 100 >= others * share) | (links.weight >= alone))


def _common(graph: csr_matrix, left: Ints, right: Ints, batch: int = 200_000) -> Ints:
    """Common neighbours of each pair of rows, a batch at a time."""
    counts = [np.asarray(graph[left[i : i + batch]].multiply(graph[right[i : i + batch]]).sum(axis=1)).ravel() for i in range(0, len(left), batch)]
    return np.concatenate(counts).astype(np.int64)


def held(unit: Ints) -> Links:
    """Records of a unit, chained in the order of their refs."""
    order = np.argsort(unit, kind="stable")
    next_to = unit[order[1:]] == unit[order[:-1]]
    left, right = order[:-1][next_to], order[1:][next_to]
    return Links(left, right, np.full(len(left), UNIT, np.int64))


def decided(nodes: Nodes, decisions: Sequence[Mapping[str, object]]) -> tuple[Links, list[tuple[int, int]]]:
    """The decisions that bind, the latest for each pair: links for "same", pairs for "different"."""
    last: dict[tuple[int, int], Mapping[str, object]] = {}
    for decision in sorted(decisions, key=lambda decision: int(str(decision["id"]))):
        left, right = nodes.position.get(str(decision["left"])), nodes.position.get(str(decision["right"]))
        if left is not None and right is not None and left != right:
            last[min(left, right), max(left, right)] = decision
    same = [(pair, int(str(decision["id"]))) for pair, decision in sorted(last.items()) if decision["verb"] == "same"]
    links = Links(*(np.array(values, np.int64) for values in ([p[0] for p, _ in same], [p[1] for p, _ in same], [SAID + n for _, n in same])))
    return links, [pair for pair, decision in sorted(last.items()) if decision["verb"] == "different"]


def together(*parts: Links) -> Links:
    """All links of the parts."""
    return Links(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("left", "right", "weight")))


def constrained(nodes: Nodes, links: Links, different: Sequence[tuple[int, int]], apart: Links = EMPTY) -> Clustering:
    """Connected components; those that break a constraint are built again link by link, strongest first, ties by ref."""
    size = len(nodes.record_id)
    ones = np.ones(len(links), np.int8)
    _, found = connected_components(csr_matrix((ones, (links.left, links.right)), shape=(size, size)), directed=False)
    label = found.astype(np.int64)
    broken = _broken(nodes, label, different, apart)
    if not len(broken):
        return Clustering(label, [])
    inside = np.isin(label[links.left], broken)
    forest = _Forest(nodes, np.flatnonzero(np.isin(label, broken)), different, apart.where(np.isin(label[apart.left], broken)))
    hard = links.where(inside)
    cuts = []
    for i in np.lexsort((hard.right, hard.left, -hard.weight)):
        left, right, weight = int(hard.left[i]), int(hard.right[i]), int(hard.weight[i])
        reason = forest.join(left, right, weight)
        if reason and weight < UNIT:
            cuts.append((left, right, weight, reason))
    for position in forest.parent:
        label[position] = size + forest.root(position)
    return Clustering(np.unique(label, return_inverse=True)[1].astype(np.int64), cuts)


def _broken(nodes: Nodes, label: Ints, different: Sequence[tuple[int, int]], apart: Links) -> Ints:
    """Labels of the components that break a constraint."""
    said = np.array([label[left] for left, right in different if label[left] == label[right]], np.int64)
    numbers = np.unique(np.stack((label, nodes.number), axis=1)[nodes.number >= 0], axis=0)[:, 0]
    several = np.unique(numbers[1:][numbers[1:] == numbers[:-1]])
    rows = np.unique(np.stack((label, nodes.exclusive, nodes.entry), axis=1)[nodes.exclusive >= 0], axis=0)
    twice = rows[1:][(rows[1:, 0] == rows[:-1, 0]) & (rows[1:, 1] == rows[:-1, 1])][:, 0]
    selves = label[apart.left][label[apart.left] == label[apart.right]]
    told = (nodes.first >= 0) & (nodes.last >= 0)
    latest, earliest = np.full(int(label.max(initial=-1)) + 1, -1), np.full(int(label.max(initial=-1)) + 1, np.iinfo(np.int64).max - FAR)
    np.maximum.at(latest, label[told], nodes.first[told])
    np.minimum.at(earliest, label[told], nodes.last[told])
    return np.unique(np.concatenate((said, several, twice, selves, np.flatnonzero(latest > earliest + FAR))))


Birth: TypeAlias = tuple[int, int, str | None]
"""First and last month, and the day."""


def agree(a: Birth, b: Birth) -> bool:
    """Whether two births may be one person's: not far from each other, or two days of which two digits at most were mistyped."""
    if max(a[0], b[0]) <= min(a[1], b[1]) + FAR:
        return True
    return a[2] is not None and b[2] is not None and sum(x != y for x, y in zip(a[2], b[2], strict=False)) <= 2


class _Forest:
    """Union-find over some positions that refuses a union which breaks a constraint."""

    def __init__(self, nodes: Nodes, positions: Ints, different: Sequence[tuple[int, int]], apart: Links) -> None:
        self.parent = {int(position): int(position) for position in positions}
        self.members = {position: {position} for position in self.parent}
        self.numbers = {position: {int(nodes.number[position])} - {-1} for position in self.parent}
        self.entries = {position: {int(nodes.exclusive[position]): int(nodes.entry[position])} for position in self.parent if nodes.exclusive[position] >= 0}
        told = [position for position in self.parent if nodes.first[position] >= 0 and nodes.last[position] >= 0]
        self.births: dict[int, set[Birth]] = {place: {(int(nodes.first[place]), int(nodes.last[place]), nodes.born[place])} for place in told}
        self.enemies = self._both_ways(different)
        self.others = self._both_ways(zip(apart.left.tolist(), apart.right.tolist(), strict=True))

    def _both_ways(self, pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
        met: dict[int, set[int]] = {position: set() for position in self.parent}
        for left, right in pairs:
            if left in met and right in met:
                met[left].add(right)
                met[right].add(left)
        return met

    def root(self, position: int) -> int:
        while self.parent[position] != position:
            self.parent[position] = self.parent[self.parent[position]]
            position = self.parent[position]
        return position

    def join(self, left: int, right: int, weight: int) -> str:
        """Unite the two sides; the reason where that is refused, else ""."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return ""
        if self.enemies[a] & self.members[b]:
            return "decision"
        if weight < SAID and self.others[a] & self.members[b]:
            return "one_event"
        if weight < SAID and len(self.numbers[a] | self.numbers[b]) > 1:
            return "identifiers"
        ours, theirs = self.births.get(a, set()), self.births.get(b, set())
        if weight < UNIT and ours and theirs and not any(agree(one, other) for one in ours for other in theirs):
            return "births"
        here, there = self.entries.get(a, {}), self.entries.get(b, {})
        if weight < UNIT and any(there.get(source, entry) != entry for source, entry in here.items()):
            return "duplicate_free"
        if len(self.members[a]) < len(self.members[b]):
            a, b = b, a
        self.parent[b] = a
        for held in (self.members, self.numbers, self.enemies, self.others):
            held[a] |= held.pop(b)
        self.entries[a] = self.entries.get(a, {}) | self.entries.pop(b, {})
        self.births[a] = self.births.get(a, set()) | self.births.pop(b, set())
        return ""
