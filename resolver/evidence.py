"""The evidence about one pair of records: what each comparison says and how much it weighs, by the very SQL that scored it, or would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from cityweave.engine.model import Step
from cityweave.engine.trial import trial
from cityweave.resolver import model, score
from cityweave.resolver.candidate import block_sql
from cityweave.resolver.saved import Model
from cityweave.resolver.settings import BIT, Comparison, Level, Settings


class Reader(Protocol):
    """Point look-ups in the tables of a generation (engine/generation.py)."""

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows whose `column` is one of `values`."""


@dataclass(frozen=True)
class Evidence:
    """What one comparison says about a pair. Values are not here: they are those of `element` in the two records, and the door shows or masks them."""

    comparison: str
    element: str
    says: str  # of the comparison: 中文 / English
    level: str  # empty: one side does not say
    level_says: str
    part: int  # millionths of a bit
    rarity: int  # how much of it is due to the value being rarer (or commoner) than the level's average

    def sentence(self) -> str:
        """One line: bits, what was compared, how it agrees."""
        rare = f"（其中取值稀有程度 / of which how rare the value is: {bits(self.rarity)}）" if self.rarity else ""
        return f"{bits(self.part):>8}  {self.says}：{self.level_says}{rare}"


@dataclass(frozen=True)
class Scored:
    """A pair's weight and where it comes from: prior plus all parts, to the unit. `left` has the smaller ref."""

    left: int
    right: int
    prior: int
    evidence: tuple[Evidence, ...]
    weight: int

    def sentences(self, merge: int) -> tuple[str, ...]:
        """The sum as lines: prior, each comparison that says something, total."""
        said = [evidence.sentence() for evidence in self.evidence if evidence.level]
        first = f"{bits(self.prior):>8}  起点：随机两条记录是同一实体的可能 / start: how likely any two records are one entity"
        last = f"{bits(self.weight):>8}  合计；达到 {bits(merge)} 即合并 / in total; they merge from {bits(merge)}"
        return (first, *said, last)


@dataclass(frozen=True)
class BlockCheck:
    """Whether a blocking rule brings the two records together, and if not, why."""

    rule: str
    says: str
    met: bool
    reason: str  # "", missing_left, missing_right, missing_both, different, stop_key

    def sentence(self) -> str:
        """One line: the rule and why it did or did not meet."""
        return f"{self.says}：{_BLOCKED[self.reason]}"


_BLOCKED = {
    "": "相同，因而被比较 / the same, so they are compared",
    "missing_left": "前一条没有 / the first does not say",
    "missing_right": "后一条没有 / the second does not say",
    "missing_both": "两条都没有 / neither says",
    "different": "不同 / they differ",
    "stop_key": "相同，但有此取值的记录太多，不作线索 / the same, but too many records share it to be a lead",
}


def bits(weight: int) -> str:
    """Millionths of a bit as people read them, with sign and two decimals."""
    return f"{weight / BIT:+.2f}"


def candidate(reader: Reader, kind: str, left: int, right: int) -> bool:
    """Whether the run compared the two."""
    met = reader.where(f"pair_{kind}", "left_id", [left, right], ["left_id", "right_id"]).to_pylist()
    return any({row["left_id"], row["right_id"]} == {left, right} for row in met)


def scored(reader: Reader, settings: Settings, trained: Model, pairs: Sequence[tuple[int, int]]) -> list[Scored]:
    """The pairs as the one scorer weighs them, in their order."""
    if not pairs:
        return []
    kind = settings.kind
    forms = reader.where(f"form_{kind}", "record_id", sorted({record for pair in pairs for record in pair}))
    refs = {int(row["record_id"]): str(row["ref"]) for row in forms.select(["record_id", "ref"]).to_pylist()}
    ordered = [(a, b) if refs[a] < refs[b] else (b, a) for a, b in pairs]
    asked = pa.Table.from_pylist([{"left_id": left, "right_id": right} for left, right in sorted(set(ordered))], schema=model.candidate(kind).schema)
    step = score.explained_step(settings, trained)
    tables = {f"candidate_{kind}": asked, f"form_{kind}": forms, f"rarity_{kind}": _rarity(trained, forms)}
    made = {(row["left_id"], row["right_id"]): row for row in trial([step], tables)[step.name].to_pylist()}
    return [explained(settings, trained, made[pair]) for pair in ordered]


def explained(settings: Settings, trained: Model, row: dict[str, Any]) -> Scored:
    """A line of `weighed_<kind>` in words."""
    evidence = tuple(_evidence(comparison, trained, row) for comparison in settings.comparisons)
    return Scored(row["left_id"], row["right_id"], trained.prior, evidence, row["weight"])


def blocks(reader: Reader, settings: Settings, trained: Model, left: int, right: int) -> tuple[BlockCheck, ...]:
    """Each blocking rule on these two records."""
    kind = settings.kind
    forms = reader.where(f"form_{kind}", "record_id", [left, right])
    made = trial([Step(model.block(kind), "分块 / block", (f"form_{kind}",), block_sql(settings))], {f"form_{kind}": forms})[f"block_{kind}"]
    values = {(row["record_id"], row["rule"]): row["value"] for row in made.to_pylist()}
    checks = []
    for block in settings.blocks:
        ends = [(values.get((one, block.name)), values.get((other, block.meets or block.name))) for one, other in ((left, right), (right, left))]
        reason = min((_blocked(*keys, trained.stop.get(block.name, ())) for keys in ends[: 1 + bool(block.meets)]), key=bool)
        checks.append(BlockCheck(block.name, block.says, not reason, reason))
    return tuple(checks)


def _blocked(left: str | None, right: str | None, stop: Sequence[str]) -> str:
    if left is None or right is None:
        return "missing_both" if left == right else "missing_left" if left is None else "missing_right"
    if left != right:
        return "different"
    return "stop_key" if left in stop else ""


def _evidence(comparison: Comparison, trained: Model, row: dict[str, Any]) -> Evidence:
    code, part = row[f"level_{comparison.name}"], row[f"part_{comparison.name}"]
    level: Level | None = next((level for level in comparison.levels if comparison.code(level) == code), None)
    if level is None:
        return Evidence(comparison.name, comparison.element, comparison.says, "", "至少一方没有 / at least one side does not say", part, 0)
    rarity = part - trained.weight(comparison.name, level.name).weight if level.tf else 0
    return Evidence(comparison.name, comparison.element, comparison.says, level.name, level.says, part, rarity)


def _rarity(trained: Model, forms: pa.Table) -> pa.Table:
    """Of `rarity_<kind>` the lines that these records can meet."""
    rows = []
    for feature, table in sorted(trained.rarity.items()):
        values = {value for value in forms[feature].to_pylist() if value is not None}
        rows += [{"feature": feature, "value": value, "rarity": table.values[value]} for value in sorted(values) if value in table.values]
    return pa.Table.from_pylist(rows, schema=score.rarity_table(trained.kind).schema)
