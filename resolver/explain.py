"""Why two records are one entity, why they are not, and how an entity came together: read from the tables of a generation and the models it used.

Explanations name records and elements, never values: the door looks the values up and shows or masks them. Sentences are "中文 / English".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityweave.engine.errors import InputError
from cityweave.resolver import evidence
from cityweave.resolver.component import Component, Link, Refused, gather
from cityweave.resolver.evidence import BlockCheck, Reader, Scored, bits
from cityweave.resolver.explain_place import apart
from cityweave.resolver.model import Decision
from cityweave.resolver.saved import Model
from cityweave.resolver.settings import Settings

_ONE = {
    "person": "两条记录证件号码相同且有效，姓名相容，不必打分 / both carry one usable identifier and compatible names, so nothing is scored",
    "legal_entity": "两条记录的代码相同且有效、名称相容，或名称相同（含该来源略去地区的名称） / both carry one usable code and compatible names, or one whole name (or as this source shortens it)",
    "building": "两条记录的楼栋编码或地址相同 / both have one building code or one address",
    "room": "两条记录的房屋编码或地址相同 / both have one room code or one address",
}


_SHARED = {
    "person": "同一个有效证件号码 / one usable identifier",
    "legal_entity": "同一个有效代码或全名 / one usable code or whole name",
    "building": "同一编码或地址 / one code or address",
    "room": "同一编码或地址 / one code or address",
}


_STOOD = "同一单元中完全相同的记录只比较一条，由它代表 / of records that are alike in one unit one is compared for all, and it stood for these:"


@dataclass(frozen=True)
class Why:
    """What joins two records, or how much there is for it."""

    kind: str
    left: int
    right: int
    together: bool
    decision: int | None  # number of the human's word about these two, "same" or "different", that counts
    identifier: bool  # one usable identifier with compatible names
    scored: Scored | None  # None: this kind is never scored
    chain: tuple[Link, ...]  # how they are joined; one link when directly
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class WhyNot:
    """What keeps two records apart."""

    kind: str
    left: int
    right: int
    together: bool
    decision: int | None
    candidate: bool  # whether the pair was compared at all
    blocks: tuple[BlockCheck, ...]  # why it was, or was not
    numbers: bool  # both carry accepted identifiers, which differ
    scored: Scored | None  # the weight it has, or would have had
    refused: tuple[Refused, ...]  # links between the two groups that reached the threshold and were refused
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """One step in which an entity grew."""

    link: Link
    left: tuple[int, ...]  # the records that were already together on either side
    right: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class How:
    """How an entity came together: its records, and the joins in their order, strongest first."""

    kind: str
    entity_id: str
    records: tuple[int, ...]
    joins: tuple[Join, ...]
    refused: tuple[Refused, ...]  # links to others that were refused
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Explainer:
    """Explains one generation: its tables, and the settings, models and decisions it was made with."""

    reader: Reader
    settings: Mapping[str, Settings]
    models: Mapping[str, Model]
    decisions: Sequence[Decision] = ()

    def why(self, left: int, right: int) -> Why:
        """Why two records are one entity; where they are not, what there is for it."""
        kind = self._kind(left, right)
        part = gather(self.reader, self.settings[kind], self.decisions, [left, right])
        together = part.together(left, right)
        decision = self._decision(kind, left, right)
        identifier = part.unit[left] == part.unit[right]
        weighed = self._scored(kind, left, right)[0]
        chain = part.chain(left, right) if together else ()
        said = [_DECIDED[decision.verb].format(decision.id)] if decision else []
        said += [_ONE[kind]] if identifier else []
        said += weighed.sentences(self.settings[kind].merge) if weighed and not identifier else []
        if together and len(chain) > 1:
            said += ["两条记录通过其他记录相连 / they are joined through other records:", *(_linked(kind, link) for link in chain)]
        said.append("结论：同一实体 / they are one entity" if together else "结论：不是同一实体，见 why-not / they are not one entity, see why-not")
        return Why(kind, left, right, together, decision.id if decision else None, identifier, weighed, chain, tuple(said))

    def why_not(self, left: int, right: int) -> WhyNot:
        """Why two records are not one entity."""
        kind = self._kind(left, right)
        settings = self.settings[kind]
        part = gather(self.reader, settings, self.decisions, [left, right])
        together = part.together(left, right)
        decision = self._decision(kind, left, right)
        weighed, candidate = self._scored(kind, left, right)
        checks = evidence.blocks(self.reader, settings, self.models[kind], left, right) if settings.blocks else ()
        numbers = self._numbers_differ(kind, left, right)
        refused = () if together else _between(part, left, right)
        said = [_DECIDED[decision.verb].format(decision.id)] if decision else []
        one_unit = part.unit[left] == part.unit[right]
        said += self._compared(kind, weighed, candidate, checks, numbers, one_unit) if weighed else []
        said += apart(self.reader, kind, left, right) if not weighed and not one_unit else []
        said += [f"两组间的连接 {bits(link.weight)} 被放弃：{link.sentence()}" for link in refused]
        said.append("结论：其实是同一实体，见 why / in fact they are one entity, see why" if together else "结论：不是同一实体 / they are not one entity")
        return WhyNot(kind, left, right, together, decision.id if decision else None, candidate, checks, numbers, weighed, refused, tuple(said))

    def nearest(self, left: str, right: str) -> tuple[int, int]:
        """The two records, one of each entity, that speak most for the two being one: the heaviest pair that was scored, else the oldest record of each."""
        held = [self._records(entity) for entity in (left, right)]
        kind = self._kind(held[0][0], held[1][0])
        columns = ("left_id", "right_id", "weight")
        names = (("left_id", held[0], held[1]), ("right_id", held[0], held[1])) if self.settings[kind].comparisons else ()
        scored = [
            (-int(row["weight"]), int(row["left_id"]), int(row["right_id"]), side)
            for side, mine, others in names
            for row in self.reader.where(f"pair_{kind}", side, mine, columns).to_pylist()
            if row["right_id" if side == "left_id" else "left_id"] in set(others)
        ]
        if not scored:
            return held[0][0], held[1][0]
        _, one, other, side = min(scored)
        return (one, other) if side == "left_id" else (other, one)

    def how(self, entity_id: str) -> How:
        """How an entity came together. InputError when it is not in this generation."""
        records = self._records(entity_id)
        kind = self._kind(records[0], records[0])
        part = gather(self.reader, self.settings[kind], self.decisions, records[:1])
        mine = set(records)
        joins = _joins(kind, [link for link in part.links if link.left in mine])
        refused = tuple(link for link in part.refused if len(mine & {link.left, link.right}) == 1)
        said = (
            f"{len(records)} 条记录，{len(joins)} 次合并 / {len(records)} records, joined in {len(joins)} steps",
            *(f"{number}. {join.sentence}" for number, join in enumerate(joins, start=1)),
            *(f"放弃的连接 {bits(link.weight)}：{link.sentence()}" for link in refused),
        )
        return How(kind, entity_id, tuple(records), tuple(joins), refused, said)

    def _records(self, entity_id: str) -> list[int]:
        records = sorted(int(row["record_id"]) for row in self.reader.where("membership", "entity_id", [entity_id]).to_pylist())
        if not records:
            raise InputError("没有这个实体 / there is no such entity", entity_id, "用 cityweave find 查找 / look it up with cityweave find")
        return records

    def _compared(self, kind: str, weighed: Scored, candidate: bool, checks: Sequence[BlockCheck], numbers: bool, one_unit: bool) -> list[str]:
        merge, review = self.settings[kind].merge, self.settings[kind].review
        if candidate or one_unit:
            doubt = ["在可能相同之列，待人判断 / perhaps the same: it waits for a person"] if review <= weighed.weight < merge and not one_unit else []
            return [*weighed.sentences(merge), *doubt]
        stood = self.settings[kind].lead and not numbers and any(check.met for check in checks)
        said = [_STOOD if stood else "两条记录没有被比较 / the two were not compared:"]
        said += ["双方各有自己的有效号码 / each has an accepted number of its own"] if numbers else []
        said += [check.sentence() for check in checks if not numbers or check.met]
        return [*said, "若比较，打分会是 / had they been compared, the score would be:", *weighed.sentences(merge)]

    def _scored(self, kind: str, left: int, right: int) -> tuple[Scored | None, bool]:
        """The weight of the pair, and whether it was a candidate."""
        settings = self.settings[kind]
        if not settings.comparisons:
            return None, False
        trained = self.models[kind]
        return evidence.scored(self.reader, settings, trained, [(left, right)])[0], evidence.candidate(self.reader, kind, left, right)

    def _decision(self, kind: str, left: int, right: int) -> Decision | None:
        """The latest human word about these two records."""
        refs = set(self.reader.where(f"node_{kind}", "record_id", [left, right], ["ref"])["ref"].to_pylist())
        about = [decision for decision in self.decisions if set(decision.refs) == refs]
        return max(about, key=lambda decision: decision.id, default=None)

    def _numbers_differ(self, kind: str, left: int, right: int) -> bool:
        rows = self.reader.where(f"unit_{kind}", "record_id", [left, right], ["id_no", "accepted"]).to_pylist()
        return all(row["accepted"] and ":" not in (row["id_no"] or "") for row in rows) and len({row["id_no"] for row in rows}) == len(rows)

    def _kind(self, left: int, right: int) -> str:
        rows = {row["record_id"]: row["kind"] for row in self.reader.where("membership", "record_id", [left, right]).to_pylist()}
        for record in (left, right):
            if record not in rows:
                raise InputError("没有这条现行记录 / there is no such live record", str(record), "它可能已撤回 / it may be withdrawn")
        if rows[left] != rows[right]:
            raise InputError("两条记录不是同一类实体 / the two records are of different kinds", f"{rows[left]}, {rows[right]}")
        return str(rows[left])


def _joins(kind: str, links: Sequence[Link]) -> list[Join]:
    """The links that brought something new together, in the order of clustering."""
    group: dict[int, tuple[int, ...]] = {}
    joins = []
    for link in links:
        left, right = (group.get(record, (record,)) for record in (link.left, link.right))
        if left == right:
            continue
        joins.append(Join(link, left, right, _linked(kind, link)))
        group |= dict.fromkeys((*left, *right), tuple(sorted((*left, *right))))
    return joins


def _linked(kind: str, link: Link) -> str:
    by = {
        "decision": f"人工判定（第 {link.decision} 号） / a person's word (no. {link.decision})",
        "identifier": _SHARED[kind],
        "score": f"打分 {bits(link.weight or 0)} / score {bits(link.weight or 0)}",
    }[link.by]
    return f"{link.left} — {link.right}：{by}"


_DECIDED = {
    "same": "人工判定为同一实体（第 {0} 号），高于一切打分 / a person said they are the same (no. {0}), which outranks every score",
    "different": "人工判定为不同实体（第 {0} 号），高于一切打分 / a person said they are different (no. {0}), which outranks every score",
}


def _between(part: Component, left: int, right: int) -> tuple[Refused, ...]:
    """The refused links between the two records' groups."""
    ends = {part.label[left], part.label[right]}
    return tuple(link for link in part.refused if {part.label[link.left], part.label[link.right]} == ends)
