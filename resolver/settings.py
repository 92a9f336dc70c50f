"""What is compared, how, and which pairs are looked at: one frozen table of settings a kind. A setting is knowledge; what is counted from data is in the model.

A comparison's levels are SQL over `<feature>_l` and `<feature>_r` of two form rows, best first, and the very same text is trained by Splink and read by our scorer.
Features of every form are VARCHAR, NULL where the record does not say.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

BIT = 1_000_000
"""Weights are whole millionths of a bit (DESIGN, section 1)."""


@dataclass(frozen=True)
class Level:
    """One way in which two records agree or differ."""

    name: str
    says: str  # the sentence an official reads: 中文 / English
    sql: str = ""  # condition over <feature>_l, <feature>_r; empty: everything else
    tf: str = ""  # feature whose rare values weigh more; the condition must imply that both sides have the same value
    m: int | None = None  # declared chance of this level among true pairs, in thousandths


@dataclass(frozen=True)
class Comparison:
    """One aspect of two records. Where `null` holds it says nothing (weight 0)."""

    name: str
    says: str
    element: str  # the data element whose grade and mask explanations inherit
    null: str
    levels: tuple[Level, ...]  # best first; the last has no condition
    taught: bool = True  # labels and EM teach m, before what is declared; not where labels come from the very thing that is compared

    def code(self, level: Level) -> int:
        """The number of a level in `weighed_<kind>`: 0 is "everything else", the best is the highest, -1 is null; as Splink counts."""
        return len(self.levels) - 1 - self.levels.index(level)


@dataclass(frozen=True)
class Block:
    """Records with the same value of `key` are candidates. A key that is NULL (the data lacks a part) makes none."""

    name: str
    says: str
    key: str  # SQL over the columns of the form
    stop: int = 100  # a value that more units than these share is a stop key
    meets: str = ""  # the block whose key the other record has; nothing: this one


@dataclass(frozen=True)
class Settings:
    """All that resolution of one kind takes from knowledge."""

    kind: str
    comparisons: tuple[Comparison, ...] = ()
    blocks: tuple[Block, ...] = ()
    train_on: tuple[tuple[str, ...], ...] = ()  # EM sessions: features that are equal in each
    sure: tuple[str, ...] = ()  # blocks whose pairs are nearly always one entity: they fix the prior where labels are few
    known_by: str = ""  # the feature by which open records are seen to speak of known entities: it fixes the prior where labels are many
    sure_recall: int = 600  # thousandths of the true pairs that `sure` is thought to find
    merge: int = 4 * BIT  # pairs at or above are one entity: odds of 16 to 1
    review: int = 0  # pairs from here up to `merge` go to a human
    margin: int = 1 * BIT  # a record without number that fits two numbers joins the better one only if it is better by this much
    share: int = 30  # percent of the other neighbours that must know both sides of a link between two groups
    alone: int = 16 * BIT  # a link this strong needs no such witnesses
    lead: bool = False  # of records of one unit that are alike in all features one is compared for all

    def comparison(self, name: str) -> Comparison:
        """The comparison of that name; KeyError if there is none."""
        return {comparison.name: comparison for comparison in self.comparisons}[name]

    def block(self, name: str) -> Block:
        """The blocking rule of that name; KeyError if there is none."""
        return {block.name: block for block in self.blocks}[name]

    def digest(self) -> str:
        """Hash of everything here: a model is bound to the settings it was trained with, and steps that use them carry it in their key."""
        return hashlib.sha256(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def differing(feature: str, positions: range) -> str:
    """SQL: in how many of these positions (from 1) the two values of a feature differ."""
    return "(" + " + ".join(f"case when substr({feature}_l, {i}, 1) = substr({feature}_r, {i}, 1) then 0 else 1 end" for i in positions) + ")"
