"""What is found out about a file that nobody has described, on the way to a contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cityweave.cfd_rules.guess import Sample
from cityweave.cfd_rules.model import Kind
from cityweave.cfd_rules.sniff import Sniffed


@dataclass(frozen=True)
class Columns:
    """The file's columns as polars text and as samples; of list cells the samples are their items."""

    frame: pl.DataFrame
    samples: Mapping[str, Sample]
    marks: Mapping[str, str]  # column -> what parts the items of its cells
    beside: Mapping[str, str]  # column of lists -> another that is as long


@dataclass(frozen=True)
class Line:
    """What is proposed for one column."""

    column: str
    role: str  # "" when unmapped
    element: str
    sure: int  # per cent
    why: str
    kind: Kind = "person"
    measure: str = ""
    use: str = ""  # of a column that is no element: what the contract takes it for


@dataclass(frozen=True)
class Split:
    """A role that is a person in some rows and a firm in others, told apart by the words of a column beside."""

    role: str  # of the people
    firm: str  # of the firms
    column: str
    people: tuple[str, ...]  # words
    firms: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """All that was found out about a file."""

    source: str
    file: str
    sniffed: Sniffed
    rows: int
    broken: int  # rows that cannot be read
    key: tuple[str, ...]
    recorded: str
    lines: tuple[Line, ...]
    columns: Columns
    shares: Mapping[str, str]  # role -> the column with its share
    splits: Mapping[str, Split]  # by the role of the people
    merged: tuple[str, ...]  # columns whose cells are merged

    @property
    def samples(self) -> Mapping[str, Sample]:
        """Column -> its values."""
        return self.columns.samples

    def of(self, role: str) -> list[Line]:
        """The lines of a role."""
        return [line for line in self.lines if line.role == role]

    def column(self, role: str, element: str) -> str:
        """The column of an element; empty when there is none."""
        return next((line.column for line in self.of(role) if line.element == element), "")

    @property
    def roles(self) -> list[str]:
        """The roles, in the order of the file."""
        return list(dict.fromkeys(line.role for line in self.lines if line.role))

    def words(self, column: str) -> tuple[str, ...]:
        """The words of a column that holds few; empty for others."""
        sample = self.samples[column]
        return tuple(sorted(set(sample.values))) if 0 < sample.distinct <= FEW else ()


FEW = 12
"""A column with more words than so is no class of rows."""
