"""The rule language: what a rule can say. `parser.parse` reads it, docs/rules.md is the reference.

    required name, birth when id_type = '111'
    format id_no when id_type = '111'
    check birth <= delivered
    sex in @gbt2261
    unique [id_no] within source when duplicate_free
    [building_code] in building[building_code]
    [id_type = '111', id_no] -> [birth = gb11643.birth(id_no), sex = gb11643.sex(id_no)]       a constant CFD
    [uscc] -> [name]                                                                           a variable CFD

After Fan, Geerts, Jia, Kementsietsidis: Conditional functional dependencies for capturing data inconsistencies, TODS 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Attr:
    """An element, or one of: delivered, recorded_at, source, role, duplicate_free."""

    name: str
    at: int = 0  # place in the rule's text, for errors


@dataclass(frozen=True)
class Text:
    """'…'"""

    value: str


@dataclass(frozen=True)
class Number:
    """A whole number."""

    value: int


@dataclass(frozen=True)
class Call:
    """A function of the language."""

    name: str
    args: tuple[Value, ...]
    at: int = 0


@dataclass(frozen=True)
class Compare:
    """= <> < <= > >="""

    op: str
    left: Value
    right: Value


@dataclass(frozen=True)
class Within:
    """in ('a', 'b'), or in @list."""

    value: Value
    words: tuple[str, ...] = ()
    list: str = ""
    at: int = 0


@dataclass(frozen=True)
class Match:
    """~ 'regular expression'"""

    value: Value
    pattern: str
    at: int = 0


@dataclass(frozen=True)
class Empty:
    """is empty, is filled"""

    value: Value
    empty: bool


@dataclass(frozen=True)
class Flag:
    """An attribute that is true or false by itself."""

    attr: Attr


@dataclass(frozen=True)
class Join:
    """and, or, not"""

    op: Literal["and", "or", "not"]
    parts: tuple[Test, ...]


Value: TypeAlias = Attr | Text | Number | Call
Test: TypeAlias = Compare | Within | Match | Empty | Flag | Join


@dataclass(frozen=True)
class Required:
    """The attributes must be filled."""

    attrs: tuple[Attr, ...]
    when: tuple[Test, ...]


@dataclass(frozen=True)
class Formatted:
    """The attributes, where filled, must be valid for their class."""

    attrs: tuple[Attr, ...]
    when: tuple[Test, ...]


@dataclass(frozen=True)
class Check:
    """The test must not be false."""

    test: Test
    when: tuple[Test, ...]


@dataclass(frozen=True)
class Unique:
    """No two current records have the same values (within one source)."""

    attrs: tuple[Attr, ...]
    within_source: bool
    when: tuple[Test, ...]


@dataclass(frozen=True)
class Inclusion:
    """The values must stand in a record of another kind."""

    attrs: tuple[Attr, ...]
    kind: str
    others: tuple[Attr, ...]
    when: tuple[Test, ...]
    at: int = 0


@dataclass(frozen=True)
class Cfd:
    """[condition.., attribute..] -> [attribute = value | function | _]."""

    conditions: tuple[Test, ...]
    left: tuple[Attr, ...]
    right: tuple[tuple[Attr, Value | None], ...]  # None: a variable, equal within a group


Statement: TypeAlias = Required | Formatted | Check | Unique | Inclusion | Cfd
