"""What of a value may leave: shared or dropped, in clear or masked. Pure; the door calls it with the registry's elements and masks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from cityweave.api.model import Cell
from cityweave.api.number import holds_number, holds_old_number, holds_valid_number
from cityweave.engine.errors import DoorError

OPEN_GRADE = 2
"""Elements up to this grade go out as they are; above it masked, unless a purpose and a grant open them."""


THING = re.compile("[0-9a-f]{32}")
"""A thing's id: the md5 of its kind and key. There are so few telephone and household numbers that whoever reads one could try them all."""
THINGS = frozenset({"thing_id", "node_id", "from_id", "to_id"})
"""Columns of exported tables that hold such ids."""


class Element(Protocol):
    """What the door must know of an element (cfd_rules/registry.py)."""

    @property
    def cls(self) -> str: ...
    @property
    def grade(self) -> int: ...
    @property
    def share(self) -> str: ...
    @property
    def mask(self) -> str: ...


@dataclass(frozen=True)
class Rules:
    """What applies to this caller now."""

    elements: Mapping[tuple[str, str], Element]  # (kind, element)
    mask: Callable[[str | None, str], str | None]
    grade: int  # values up to it may be seen in clear
    thing: Callable[[str], str] = str  # a thing's id, made of its key -> the name under which it leaves (graph/pseudonym.py)

    def value(self, cell: Cell, birth: bool) -> str | None:
        """A value as it may be seen. Beside a birth date no digit of an identity number is shown; what is no element, or never shared, is not shown at all."""
        element = self.elements.get((cell.kind, cell.element))
        if cell.value is None:
            return None
        if element is None or element.share == "none":
            return self.mask(cell.value, "all")
        if element.grade <= self.grade:
            number = holds_number(cell.value) or (cell.kind == "person" and holds_old_number(cell.value))  # where none belongs: in a name, as a firm's code
            return self.mask(cell.value, "all") if number and self.grade <= OPEN_GRADE else cell.value
        return self.mask(cell.value, "all" if birth and element.cls == "identity_number" else element.mask)

    def document(self, data: Any, where: str) -> Any:
        """The JSON that leaves: every cell shown, masked or dropped. DoorError when a text outside a cell holds an identity number."""
        return self._document(data, where, has_birth(data))

    def _document(self, data: Any, where: str, birth: bool) -> Any:
        if isinstance(data, Cell):
            return self.value(data, birth)
        if isinstance(data, dict):
            return {name: self._document(item, where, birth) for name, item in data.items()}
        if isinstance(data, list | tuple):
            return [self._document(item, where, birth) for item in data]
        if isinstance(data, str) and THING.fullmatch(data):
            return self.thing(data)
        if isinstance(data, str) and self.grade <= OPEN_GRADE and holds_valid_number(data):
            raise DoorError(
                "答案里有未遮盖的号码，已拦下 / the answer held a clear identity number and was stopped",
                where,
                "这是程序的错，请报告 / this is our mistake, please report it",
            )
        return data

    def frame(self, frame: pl.DataFrame, cells: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
        """The rows with each column of values shown or masked, a distinct value at a time."""
        birth = any(element == "birth" for _, element in cells.values())
        for column, (kind, element) in cells.items():
            distinct: list[str] = frame[column].unique().drop_nulls().to_list()
            seen = {text: self.value(Cell(kind, element, text), birth) for text in distinct}
            frame = frame.with_columns(pl.col(column).replace_strict(seen, default=None, return_dtype=pl.String)) if seen else frame
        for column in THINGS & set(frame.columns):
            ids = [text for text in frame[column].unique().drop_nulls().to_list() if THING.fullmatch(text)]
            frame = frame.with_columns(pl.col(column).replace({text: self.thing(text) for text in ids})) if ids else frame
        return frame


def has_birth(data: Any) -> bool:
    """Whether a birth date stands anywhere in the answer."""
    if isinstance(data, Cell):
        return data.element == "birth" and data.value is not None
    if isinstance(data, dict):
        return any(has_birth(item) for item in data.values())
    return isinstance(data, list | tuple) and any(has_birth(item) for item in data)
