"""Which column is which element of whom: the surest guesses first, every column at most one element, every element of a role at most one column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import polars as pl
from polars.selectors import by_name

from cityweave.cfd_rules.guess import NAMELESS, Guess, guesses
from cityweave.cfd_rules.guess_heading import MAIN, said
from cityweave.cfd_rules.guess_words import FOLLOWED
from cityweave.cfd_rules.model import Kind
from cityweave.cfd_rules.propose_model import Columns, Line
from cityweave.cfd_rules.registry import Registry

SAMPLED = 1_000
"""Values looked at in a column, spread over the file."""

SURE_ENOUGH = 50
"""Below so many per cent a column is left unmapped, with what it might be."""

AGES = {"age": "age", "nominal_age": "nominal_age"}
NAMES = ("name", "surname", "given_name")
KNOWN_BY = frozenset({*NAMES, "id_no", "id_part", "uscc", "reg_no"})
"""Without one of these nobody is known: a status or an address alone makes no record."""

OWN = {"room": "room_code", "building": "building_code"}


@dataclass(frozen=True)
class _Option:
    """What a column may be, and of whom."""

    column: str
    role: str  # "" when the heading does not say of whom
    guess: Guess


def lines(columns: Columns, registry: Registry) -> tuple[Line, ...]:
    """A line for every column, in the order of the file."""
    made_of = _made_of(columns)
    options: list[_Option] = []
    seconds: dict[str, str] = {}
    for name, sample in columns.samples.items():
        heading = said(name)
        found = [*guesses(sample, heading, registry), *_by_comparison(name, made_of)]
        options += [_Option(name, heading.role, guess) for guess in found if not (name in made_of and guess.element == "name")]
        seconds[name] = "；".join(dict.fromkeys(f"{guess.element}? {guess.why}" for guess in found[:2]))
    names = list(columns.samples)
    options = _at_home(columns, [_of_subject(option, options) for option in options])
    taken: dict[str, Line] = {}
    used: set[tuple[str, str]] = set()
    for option in sorted(options, key=lambda option: (-option.guess.sure, names.index(option.column), option.guess.element)):
        guess, role = option.guess, option.role
        element = "birth" if guess.element in AGES else guess.element
        if guess.sure >= SURE_ENOUGH and option.column not in taken and (role, element) not in used:
            taken[option.column] = Line(option.column, role, element, guess.sure, guess.why, guess.kind, AGES.get(guess.element, ""))
            used.add((role, element))
    taken = {name: line for name, line in taken.items() if line.element != "household_no" or not _alone(columns, line, taken)}
    known = {line.role for line in taken.values() if line.element in KNOWN_BY or line.role in OWN}
    return tuple(line if (line := taken.get(name)) and line.role in known else _unmapped(name, made_of, seconds) for name in names)


def _alone(columns: Columns, line: Line, taken: Mapping[str, Line]) -> bool:
    """Whether a household's number numbers the rows: other in each, and no relation to a head beside it."""
    related = any(other.element == "relation" for other in taken.values())
    return not related and columns.samples[line.column].distinct == columns.frame.height


def _of_subject(option: _Option, options: Sequence[_Option]) -> _Option:
    """The subject is a firm where its values are only those of firms, else a person; a householder of whom no household is told is the subject, too."""
    alone = option.role == "head" and not any(other.guess.element in ("relation", "household_no") or other.role == "relative" for other in options)
    if option.role != "subject" and not alone:
        return option
    sure = [other.guess for other in options if other.role == option.role and other.guess.sure >= SURE_ENOUGH]
    names = [guess for guess in sure if guess.element in ("name", "id_no", "uscc")]
    firm = bool(names) and max(names, key=lambda guess: guess.sure).kind == "legal_entity"
    kind: Kind = "legal_entity" if firm else "person"
    if option.guess.kind != kind and option.guess.element in ("name", "former_name", "address", "phone", "id_part"):
        return replace(option, role=kind, guess=replace(option.guess, sure=0))
    return replace(option, role=option.guess.kind if option.guess.kind in MAIN else kind)


def _at_home(columns: Columns, options: Sequence[_Option]) -> list[_Option]:
    """Whose a column is that does not say: of him whose name stands before it, of its list, else of those whom the rows are about."""
    sure = [option for option in options if option.guess.sure >= SURE_ENOUGH]
    loose = {name for name in columns.samples if not said(name).element and not NAMELESS.fullmatch(name)}
    clear = [option for option in sure if option.column not in loose]
    home = _home(clear if any(option.guess.element in (*NAMES, *OWN.values()) for option in clear) else sure)
    people = {option.role for option in sure if option.guess.kind == "person" and option.guess.element in NAMES and option.role}
    named = any(option.guess.element in NAMES and option.guess.kind == "person" and option.role in ("", "person") for option in sure)
    names = list(columns.samples)
    firms = {option.column: option.role for option in clear if option.guess.element == "name" and option.guess.kind == "legal_entity"}
    before = _before(columns, sure)
    lists = {option.column: option.role for option in sure if option.guess.element == "name" and option.column in columns.marks and option.role}
    placed = []
    for option in options:
        guess, role = option.guess, option.role
        role = role or lists.get(columns.beside.get(option.column, ""), "")
        near = before.get(option.column, "")
        if not role and near and ((guess.element == "phone" and near in FOLLOWED) or (guess.element in _NUMBERED and not named)):
            role = near
        if not role and guess.element == "uscc" and "" not in firms.values() and "legal_entity" not in firms.values():
            role = next((firms[name] for name in reversed(names[: names.index(option.column)]) if name in firms), "")
        if option.column in loose and guess.element == "name" and not role and guess.kind != home:
            continue  # somebody else: whoever lent on the room, or signed the form
        fitted = _fitted(_Option(option.column, role or _whose(guess, home, people, named), guess))
        placed += [fitted] if fitted else []
    return placed


_NUMBERED = ("id_no", "id_type", "id_part")
_SHARED = ("address", "phone", "former_name", "id_part")
"""Elements that several kinds have."""


def _fitted(option: _Option) -> _Option | None:
    """The guess as one about the kind that its role is of; None where that kind has no such element."""
    if option.role not in (*MAIN, *OWN) or option.guess.kind == option.role:
        return option
    if option.guess.element in _SHARED and (option.role not in OWN or option.guess.element == "address"):
        return replace(option, guess=replace(option.guess, kind=cast("Kind", option.role)))
    return None


def _home(sure: Sequence[_Option]) -> str:
    """Whom the rows are about: a person who is named or numbered, else a firm, else a room or building, else the first other who is named."""
    told = {(option.guess.kind, option.guess.element) for option in sure if option.role in ("", *MAIN)}
    if {("person", element) for element in (*NAMES, "id_no")} & told and not (
        ("legal_entity", "name") in told and ("person", "name") not in told and any(option.role not in ("", *MAIN) for option in sure)
    ):
        return "person"
    if {("legal_entity", "name"), ("legal_entity", "uscc")} & told:
        return "legal_entity"
    place = next((kind for kind, code in OWN.items() if (kind, code) in told), "")
    others = [option.role for option in sure if option.role and option.guess.element == "name" and option.guess.kind == "person"]
    return place or next(iter(others), "person")


def _whose(guess: Guess, home: str, people: set[str], named: bool) -> str:
    """The role of a column that says nothing of whom."""
    if guess.kind in OWN:
        return guess.kind
    if guess.element == "former_name" and home == "legal_entity":
        return home
    if guess.element in ("address", "phone", "id_part"):
        return home if guess.element == "address" or home not in OWN else "person"
    if guess.kind == "legal_entity":
        return "legal_entity"
    if named or home == "person" or not people:
        return "person"
    if home in people:
        return home
    alone = sorted(people)
    return alone[0] if len(alone) == 1 and guess.element in ("id_no", "id_type", "sex", "birth") else "person"


def _before(columns: Columns, sure: Sequence[_Option]) -> dict[str, str]:
    """Column -> the person in some role whose name or number stands right before it."""
    best: dict[str, _Option] = {}
    for option in sure:
        if option.column not in best or best[option.column].guess.sure < option.guess.sure:
            best[option.column] = option
    near, role = {}, ""
    for name in columns.samples:
        found = best.get(name)
        near[name] = role
        if found and found.role and found.guess.kind == "person":
            role = found.role
        elif not found or found.guess.element not in (*_NUMBERED, "phone"):
            role = ""
    return near


def _unmapped(name: str, made_of: Mapping[str, tuple[str, str]], seconds: Mapping[str, str]) -> Line:
    if name in made_of:
        first, second = made_of[name]
        return Line(name, "", "", 0, f"重复：由 {first} 与 {second} 拼成 / redundant: made of {first} and {second}")
    return Line(name, "", "", 0, seconds[name] or "没有把握 / no idea")


def _made_of(columns: Columns) -> dict[str, tuple[str, str]]:
    """Columns that are two other columns with a space between: redundant, and they tell which is the given name and which the surname."""
    texts = [name for name, sample in columns.samples.items() if sample.share(re.compile(r"[^\W\d]").search) >= 80]
    rows = columns.frame[texts].gather_every(max(columns.frame.height // SAMPLED, 1))
    made: dict[str, tuple[str, str]] = {}
    for whole in texts:
        filled = rows.filter(by_name(whole).str.contains(" ", literal=True))
        if filled.height * 2 < rows.height:  # nothing is made of two without a space
            continue
        for first in texts:
            for second in texts:
                if len({whole, first, second}) == 3 and _share(filled, by_name(first) + " " + by_name(second) == by_name(whole)) >= 85:
                    made[whole] = (first, second)
    return made


def _share(rows: pl.DataFrame, test: pl.Expr) -> int:
    return int(rows.select(test.fill_null(False).sum()).item()) * 100 // rows.height


def _by_comparison(name: str, made_of: Mapping[str, tuple[str, str]]) -> list[Guess]:
    """What a column is because of the columns it makes up."""
    for whole, (first, second) in made_of.items():
        if name in (first, second):
            element = "given_name" if name == first else "surname"
            return [Guess("person", element, 80, f"{whole} 的{'前' if name == first else '后'}半 / one half of {whole}")]
    return []
