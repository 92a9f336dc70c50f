"""The part of the resolution graph around a record: all that clustering could have joined to it, clustered again with the fate of every link.

It is clustered by the very functions of the run. Links never cross such a part, so what happens in it is what happened in the whole (a test holds it to
`cluster_<kind>`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import polars as pl

from cityweave.resolver import cluster, model
from cityweave.resolver.cluster import SAID, UNIT, Links
from cityweave.resolver.evidence import Reader
from cityweave.resolver.model import Decision
from cityweave.resolver.settings import Settings

Kind: TypeAlias = Literal["decision", "identifier", "score"]


@dataclass(frozen=True)
class Link:
    """Two records that were joined, and by what: a human's word, one identifier (of a place: one address) with compatible names, or a score."""

    left: int
    right: int
    by: Kind
    weight: int | None  # of a score
    decision: int | None  # its number


@dataclass(frozen=True)
class Refused:
    """Two records whose link reached the threshold and was still refused."""

    left: int
    right: int
    weight: int
    reason: str  # rival, weak, decision, one_event, identifiers, births, duplicate_free

    def sentence(self) -> str:
        """Why, in one line."""
        return REFUSALS[self.reason]


REFUSALS = {
    "rival": "没有有效号码的一方像几个号码的主人，没有明显更像的 / the side without a number resembles the holders of several, none clearly best",
    "weak": "两组之间只有这一条弱连接，少有第三方佐证 / a lone weak bridge between two groups that few others bear out",
    "decision": "人工判定为不同 / a person said they are different",
    "one_event": "同一次婚姻、出生、收养或监护的双方，同一行并列的各人，不是同一人 / the parties of one marriage, birth, adoption or guardianship, and those listed beside each other in one row, are as many people",
    "identifiers": "合并后会有两个一生只有一个的有效号码 / together they would hold two accepted numbers of which a life has one",
    "births": "两组的出生日期相差三年以上 / their births are more than three years apart",
    "duplicate_free": "同一来源不重复登记（一人只出生、死亡一次），两行不会是同一实体 / the source holds nobody twice (one is born and dies once), so two of its rows are two",
}
"""Reason -> its sentence."""


@dataclass(frozen=True)
class Component:
    """Records that could be joined, in the order of their refs; the links that hold and those that were refused."""

    records: tuple[int, ...]
    units: tuple[int, ...]
    labels: tuple[int, ...]  # equal labels: one entity
    links: tuple[Link, ...]  # strongest first, in the order they were joined
    refused: tuple[Refused, ...]

    @cached_property
    def label(self) -> dict[int, int]:
        """Record -> label of its entity."""
        return dict(zip(self.records, self.labels, strict=True))

    @cached_property
    def unit(self) -> dict[int, int]:
        """Record -> its unit."""
        return dict(zip(self.records, self.units, strict=True))

    def together(self, a: int, b: int) -> bool:
        """Whether both are one entity."""
        return self.label[a] == self.label[b]

    def chain(self, a: int, b: int) -> tuple[Link, ...]:
        """The fewest links from `a` to `b`, of several the strongest; empty when they are not together. Records of one unit are one step apart."""
        near: dict[int, list[Link]] = defaultdict(list)
        for link in self.links:
            near[link.left].append(link)
            near[link.right].append(link)
        came: dict[int, Link | None] = {a: None}
        frontier = [a]
        while frontier and b not in came:
            reached: dict[int, Link] = {}
            for record in frontier:
                for link in [*near[record], *self._unit_links(record)]:
                    other = link.right if link.left == record else link.left
                    if other not in came and (other not in reached or _strength(link) > _strength(reached[other])):
                        reached[other] = link
            came |= reached
            frontier = sorted(reached)
        return tuple(_back(came, b)) if b in came else ()

    def _unit_links(self, record: int) -> list[Link]:
        mates = self._held[self.unit[record], self.label[record]]
        return [Link(record, other, "identifier", None, None) for other in mates if other != record]

    @cached_property
    def _held(self) -> dict[tuple[int, int], list[int]]:
        """The records of each unit that are still together."""
        held: dict[tuple[int, int], list[int]] = defaultdict(list)
        for record in self.records:
            held[self.unit[record], self.label[record]].append(record)
        return held


def gather(reader: Reader, settings: Settings, decisions: Sequence[Decision], records: Sequence[int]) -> Component:
    """The component around `records`, of the tables node_<kind> and pair_<kind>."""
    nodes, pairs = _closure(reader, settings, decisions, records)
    said = [{"id": decision.id, "verb": decision.verb, "left": decision.refs[0], "right": decision.refs[1]} for decision in decisions]
    held_nodes = cluster.nodes_of(nodes.to_arrow(), said)
    scored = cluster.links_of(pairs.to_arrow(), nodes.to_arrow(), settings.merge) if settings.comparisons else cluster.EMPTY
    unrivalled = cluster.unrivalled(held_nodes, scored, settings.margin)
    supported = cluster.supported(held_nodes, unrivalled, settings.alone, settings.share)
    same, different = cluster.decided(held_nodes, said)
    links = cluster.together(cluster.held(held_nodes.unit), supported, same)
    result = cluster.constrained(held_nodes, links, different, _apart(reader, settings.kind, nodes))
    names = held_nodes.record_id.tolist()
    refused = [Refused(names[left], names[right], weight, reason) for left, right, weight, reason in result.cut if weight < UNIT]
    refused += _lost(names, scored, unrivalled, "rival") + _lost(names, unrivalled, supported, "weak")
    label = result.label.tolist()
    return Component(tuple(names), tuple(held_nodes.unit.tolist()), tuple(label), tuple(_kept(names, label, links)), tuple(refused))


def _apart(reader: Reader, kind: str, nodes: pl.DataFrame) -> Links:
    if kind not in cluster.APART:
        return cluster.EMPTY
    ids = nodes["record_id"].to_list()
    met = pl.concat([pl.DataFrame(reader.where(cluster.APART[kind], side, ids)) for side in ("left_id", "right_id")]).unique()
    return cluster.apart_of(met.to_arrow(), nodes.to_arrow())


def _closure(reader: Reader, settings: Settings, decisions: Sequence[Decision], records: Sequence[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All nodes and pairs at or above the threshold that can be reached from `records`."""
    kind = settings.kind
    columns = ("left_id", "right_id", "weight")
    partners: dict[str, set[str]] = defaultdict(set)
    for decision in decisions:
        for one, other in (decision.refs, decision.refs[::-1]):
            partners[one].add(other)
    nodes = pl.DataFrame(model.node(kind).schema.empty_table())
    pairs = pl.DataFrame(model.candidate(kind).schema.append(model.cluster(kind).schema.field("anchor").with_name("weight")).empty_table())
    asked = set(records)
    while asked:
        found = pl.DataFrame(reader.where(f"node_{kind}", "record_id", sorted(asked)))
        said = sorted({partner for ref in found["ref"].to_list() for partner in partners[ref]})
        mates = [pl.DataFrame(reader.where(f"node_{kind}", *on)) for on in (("unit", found["unit"].unique().to_list()), ("ref", said))]
        if settings.comparisons:
            ids = found["record_id"].to_list()
            met = [pl.DataFrame(reader.where(f"pair_{kind}", side, ids, columns)) for side in ("left_id", "right_id")]
            pairs = pl.concat([pairs, *(each.select(columns).filter(pl.col("weight") >= settings.merge) for each in met)]).unique()
        nodes = pl.concat([nodes, found]).unique()
        near = {*pairs["left_id"].to_list(), *pairs["right_id"].to_list(), *(record for each in mates for record in each["record_id"].to_list())}
        asked = near - set(nodes["record_id"].to_list())
    return nodes.sort("ref"), pairs.sort("left_id", "right_id")


def _kept(names: Sequence[int], label: Sequence[int], links: Links) -> Iterator[Link]:
    """The links inside entities, strongest first, ties by ref."""
    order = sorted(range(len(links)), key=lambda i: (-int(links.weight[i]), int(links.left[i]), int(links.right[i])))
    for i in order:
        left, right, weight = int(links.left[i]), int(links.right[i]), int(links.weight[i])
        if label[left] != label[right]:
            continue
        if weight >= SAID:
            yield Link(names[left], names[right], "decision", None, weight - SAID)
        elif weight >= UNIT:
            yield Link(names[left], names[right], "identifier", None, None)
        else:
            yield Link(names[left], names[right], "score", weight, None)


def _lost(names: Sequence[int], before: Links, after: Links, reason: str) -> list[Refused]:
    kept = set(zip(after.left.tolist(), after.right.tolist(), strict=True))
    told = zip(before.left.tolist(), before.right.tolist(), before.weight.tolist(), strict=True)
    return [Refused(names[left], names[right], weight, reason) for left, right, weight in told if (left, right) not in kept]


def _strength(link: Link) -> tuple[int, int]:
    return {"decision": 2, "identifier": 1, "score": 0}[link.by], link.weight or 0


def _back(came: dict[int, Link | None], at: int) -> list[Link]:
    links = []
    while (link := came[at]) is not None:
        links.append(link)
        at = link.left if link.right == at else link.right
    return links[::-1]
