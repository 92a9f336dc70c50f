"""Where a value comes from, as a contract says it: a column, a constant, the first cell whose condition holds; list cells; columns made of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Measure: TypeAlias = Literal["", "millionths", "amount", "age", "nominal_age", "head", "tail"]
MEASURES: tuple[Measure, ...] = ("millionths", "amount", "age", "nominal_age", "head", "tail")


@dataclass(frozen=True)
class When:
    """A condition on the delivered row: all of `equals`, any of `filled`, none of `empty`, and `none` of another condition's parts."""

    filled: tuple[str, ...] = ()
    equals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    empty: tuple[str, ...] = ()
    matches: tuple[tuple[str, str], ...] = ()  # column, pattern
    none: When | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at."""
        return (*self.filled, *self.empty, *(column for column, _ in (*self.equals, *self.matches)), *(self.none.columns if self.none else ()))


ALWAYS = When()
"""The condition that always holds."""


@dataclass(frozen=True)
class Code:
    """A department's word for a code, from one day to before another where the word has changed its meaning."""

    word: str
    code: str
    since: str = ""  # YYYY-MM-DD
    until: str = ""


@dataclass(frozen=True)
class Cell:
    """Where a value comes from: a column, a constant, or the first of `cases` whose condition holds."""

    column: str = ""
    constant: str = ""
    formats: tuple[str, ...] = ()  # of a date
    pivot: int | None = None  # of years with two digits: up to it they are 20xx
    day: int | None = None  # of a time of which a month is told: the day meant
    codes: tuple[Code, ...] = ()
    list: str = ""  # a code list, for event details
    pattern: str = ""  # a regular expression with one group: the part of the cell that counts
    measure: Measure = ""
    unit: str = ""  # of a plain number: percent, share; 元, 万元, 亿元
    at: str = ""  # the column with the day on which the age held; empty: recorded_at
    placeholders: tuple[str, ...] = ()  # texts that say nothing here
    confirmed: bool = True  # an identifier column that a person has not confirmed keeps `run` from running
    when: When = ALWAYS
    cases: tuple[Cell, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads."""
        own = tuple(column for column in (self.column, self.at) if column)
        return (*own, *self.when.columns, *(column for case in self.cases for column in case.columns))

    @property
    def heading(self) -> str:
        """The column that a person would look at; empty for a constant."""
        return self.column or next((case.column for case in self.cases if case.column), "")


@dataclass(frozen=True)
class Each:
    """Columns whose cells hold lists, read in parallel: the n-th item of each belongs together."""

    columns: tuple[str, ...]
    separators: str = "、，,;；/／|｜\n"
    most: int = 32  # a row with more items goes to quarantine

    @property
    def marks(self) -> str:
        """A class of a regular expression that fits any separator but the space; empty when there is no other."""
        marks = "".join("\\" + mark if mark in "\\]^-[&~" else mark for mark in self.separators if mark != " ")
        return f"[{marks}]" if marks else ""


@dataclass(frozen=True)
class Derived:
    """A column made of delivered ones: several joined, or a part of one."""

    name: str
    columns: tuple[str, ...]
    between: str = ""  # stands between joined cells
    pattern: str = ""  # of a part: with one group a part
    group: int = 0  # which group; 0: joined
    lead: bool = False  # the first part: it keeps a cell whole that the pattern does not fit
