"""Read me first, third part of floor 4: what proofs of kinship are made of (table `document`), and what they answer with.

A proof is a document, or a declared composition of documents, whose parties are *bound*: the record in the document carries an accepted identity number of
the person, or a human decision binds it, or (a child in a record of birth or adoption) a second document does. A chain of likely matches proves nothing;
`path` is never a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from cityweave.engine.model import Column, Table

By: TypeAlias = Literal["birth", "adoption", "any"]
Outcome: TypeAlias = Literal["yes", "no", "unknown"]

DOCUMENTS: Final = {
    # event type -> its roles
    "birth": ("child", "mother", "father"),
    "adoption": ("child", "mother", "father"),
    "marriage": ("spouse_a", "spouse_b"),
    "divorce": ("spouse_a", "spouse_b"),
    "death": ("deceased",),
}

TITLES: Final = {
    "birth": "载明出生与父母的登记 / a record of birth and parents",
    "parents": "载明父母、未说是生是养的登记 / a record that names parents, not how",
    "adoption": "收养登记 / adoption record",
    "marriage": "结婚登记 / marriage record",
    "divorce": "离婚登记 / divorce record",
    "death": "死亡登记 / death record",
    "household": "户籍登记 / household record",
    "guardianship": "监护登记 / record of guardianship",
    "number": "公民身份号码 / identity number",
}
"""Kinds of document, as an official reads them."""

DOCUMENT = Table(
    "document",
    "亲属关系文件 / documents of kinship, each version with its parties and whether they are bound to a person by an accepted number or a decision",
    (
        Column("entity_id", "VARCHAR", "one of the parties"),
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("role", "VARCHAR", "of that party"),
        Column("type", "VARCHAR"),
        Column("source", "VARCHAR"),
        Column("valid_from", "DATE", "the day of the birth, marriage, ..."),
        Column("recorded_at", "DATE"),
        Column("known_from", "DATE"),
        Column("known_to", "DATE"),
        Column("closed", "VARCHAR"),
        Column("kind", "VARCHAR", "how it says somebody is a parent: birth, adoption; empty where it does not say how"),
        Column("party_1", "VARCHAR", "the entity in the type's first role"),
        Column("party_2", "VARCHAR"),
        Column("party_3", "VARCHAR"),
        Column("bound_1", "BOOLEAN"),
        Column("bound_2", "BOOLEAN"),
        Column("bound_3", "BOOLEAN"),
        Column("through", "VARCHAR", "household or guardianship: the second document that binds the child by name, day of birth and the parent beside"),
        Column("through_source", "VARCHAR"),
        Column("through_on", "DATE", "since when it holds"),
        Column("through_known", "DATE", "known since"),
    ),
    ("entity_id", "event_id", "batch", "row_no", "role"),
    served=True,
)


@dataclass(frozen=True)
class Relation:
    """What can be proved: the sentence, and how."""

    name: str
    zh: str
    en: str
    how: Literal["parent", "child", "spouse", "sibling", "grandparent"]
    role: str = ""  # mother, father; empty: either

    @property
    def says(self) -> str:
        """中文 / English."""
        return f"{self.zh} / {self.en}"


RELATIONS: Final = {
    relation.name: relation
    for relation in (
        Relation("mother-of", "甲是乙的母亲", "the first is the mother of the second", "parent", "mother"),
        Relation("father-of", "甲是乙的父亲", "the first is the father of the second", "parent", "father"),
        Relation("parent-of", "甲是乙的父亲或母亲", "the first is a parent of the second", "parent"),
        Relation("child-of", "甲是乙的子女", "the first is a child of the second", "child"),
        Relation("spouse-of", "甲是乙的配偶", "the first is the spouse of the second", "spouse"),
        Relation("sibling-of", "甲与乙是兄弟姐妹（至少一位父母相同）", "the two are siblings: at least one parent in common", "sibling"),
        Relation("grandparent-of", "甲是乙的祖父母或外祖父母", "the first is a grandparent of the second", "grandparent"),
    )
}
"""Every relation that can be asked for. Siblings are composed of two records of parents, grandparents of two in a row."""


@dataclass(frozen=True)
class Person:
    """Who was asked about: found by a full name and a number."""

    entity_id: str
    sex: str  # "1", "2"; empty where the number does not say
    birth: date | None  # by the number
    names: frozenset[str]


@dataclass(frozen=True)
class Evidence:
    """One document: its kind, source and day, and what it states of the two; never of a third person."""

    kind: str  # a key of TITLES
    source: str  # empty for an identity number
    on: date | None
    states: str  # 中文 / English


@dataclass(frozen=True)
class Verdict:
    """Proved, disproved, or neither: then what is missing."""

    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()  # 中文 / English
