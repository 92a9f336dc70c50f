"""What a contract says, as frozen dataclasses: how a source is delivered, what its rows mean, which records and events a row makes.

`contract_file.load(path, registry)` reads one from YAML and refuses what it does not understand. docs/contracts.md is the reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from cityweave.cfd_rules.cell import ALWAYS, Cell, Derived, Each, When
from cityweave.cfd_rules.model import Kind

FileKind: TypeAlias = Literal["csv", "tsv", "jsonl", "json", "xlsx", "parquet"]
FILE_KINDS: tuple[FileKind, ...] = ("csv", "tsv", "jsonl", "json", "xlsx", "parquet")

EQUALS: Mapping[str, str] = {"spouse_b": "spouse_a"}
"""Participants that differ in name only."""

EVENT_ROLES: Mapping[str, tuple[str, ...]] = {
    "birth": ("child", "mother", "father"),
    "household": ("member", "household"),
    "residence": ("resident", "home"),
    "marriage": ("spouse_a", "spouse_b"),
    "divorce": ("spouse_a", "spouse_b"),
    "death": ("deceased",),
    "employment": ("employee", "employer"),
    "founding": ("firm",),
    "cancellation": ("firm",),
    "legal_representative": ("person", "firm"),
    "shareholding": ("holder", "firm"),
    "branch": ("branch", "head"),
    "ownership": ("owner", "room"),
    "part_of": ("room", "building"),
    "adoption": ("child", "mother", "father"),
    "certificate": ("holder", "certificate"),
    "schooling": ("pupil", "school"),
    "benefit": ("recipient",),
    "departure": ("resident",),
    "guardianship": ("guardian", "ward"),
    "account": ("holder", "home"),
    "penalty": ("firm",),
    "tax_registration": ("firm",),
    "tender": ("lot", "buyer", "agency"),
    "bid": ("bidder", "lot", "partner", "delegate", "staff", "contact", "phone", "device", "account", "agent", "subcontractor"),
    "enrolment": ("bidder", "contact", "phone"),
}
"""The event types and their roles. Facts are told apart by the first three."""

MOMENTS = frozenset({"birth", "death", "founding", "cancellation", "marriage", "divorce", "tender", "bid", "adoption", "departure", "penalty"})
"""Events that happen and are over: a later version corrects them, it does not end them."""

BEGINNINGS: Mapping[str, tuple[str, str]] = {"birth": ("child", "birth"), "founding": ("firm", "founded")}
"""Events with which somebody or something begins: the participant, and its element that holds the day."""

EVENT_DETAILS: Mapping[str, Mapping[str, str]] = {
    "tender": {
        "part": "token",
        "project": "token",
        "category": "text",
        "regime": "text",
        "method": "text",
        "ceiling": "number",
        "published": "date",
        "outcome": "text",
    },
    "bid": {"part": "token", "price": "number", "state": "text", "won": "text"},
}
"""The details of event types that have several, each with the class that cleans it: regime bidding or procurement, outcome awarded or failed, state valid,
withdrawn or rejected, won 1 or 0; part: the lot, where the tender's number does not name it."""

THING_KINDS = ("household", "address", "phone", "tender", "device", "account", "certificate")
"""What can take part in an event without ever being resolved."""


@dataclass(frozen=True)
class Format:
    """How the file is written."""

    kind: FileKind
    encoding: str = "utf-8"
    separator: str = ","
    quote: str = '"'
    skip: int = 0  # lines before the header
    header: int = 1  # lines of headings; 0: there are none, columns are called c1 … cn
    sheets: tuple[str, ...] = ()  # of a workbook: names, with * for any characters; the first sheet when empty
    sheet_column: str = ""  # the column that holds the name of a row's sheet
    ignore: tuple[str, ...] = ()  # patterns: a row whose first filled cell matches one is a total or a footnote, dropped and counted
    fill_down: tuple[str, ...] = ()  # columns whose empty cells hold what stands above them (merged cells)
    rows: str = ""  # of a JSON file: the way to the array of rows, such as data.list; the top when empty


@dataclass(frozen=True)
class Op:
    """The column that says what a delta row does, and its words for it."""

    column: str
    put: tuple[str, ...]
    drop: tuple[str, ...] = ()  # the record is withdrawn: it should never have been there
    end: tuple[str, ...] = ()  # the record stays, what it says holds no longer


@dataclass(frozen=True)
class Role:
    """One record that a row makes; with `each` one for every item of its lists."""

    name: str
    kind: Kind
    elements: tuple[tuple[str, Cell], ...]
    when: When = ALWAYS
    each: Each | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What its records are called: owner, and of the items of a list owner.2, owner.3, …"""
        return (self.name, *(f"{self.name}.{place}" for place in range(2, self.each.most + 1))) if self.each else (self.name,)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (*(column for _, cell in self.elements for column in cell.columns), *self.when.columns)


@dataclass(frozen=True)
class Participant:
    """Who or what takes part in an event: the first of `records` that the row makes, or a thing."""

    role: str
    records: tuple[str, ...] = ()
    thing: str = ""  # kind of thing
    column: str = ""  # of the thing
    optional: bool = False


@dataclass(frozen=True)
class Event:
    """One event that a row tells."""

    type: str
    participants: tuple[Participant, ...]
    when: When = ALWAYS
    valid_from: Cell | None = None
    valid_to: Cell | None = None
    detail: Cell | None = None
    details: tuple[tuple[str, Cell], ...] = ()  # of types that have several: EVENT_DETAILS
    succeeds: str = ""  # the participant of whom a later such event of the source ends the one before

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        cells = (self.valid_from, self.valid_to, self.detail, *(cell for _, cell in self.details))
        return (*self.when.columns, *(p.column for p in self.participants if p.column), *(column for cell in cells if cell for column in cell.columns))


@dataclass(frozen=True)
class Contract:
    """All that is agreed about one source."""

    source: str
    format: Format
    delivery: Literal["full", "delta"]
    records: tuple[Role, ...]
    events: tuple[Event, ...] = ()
    title: str = ""
    department: str = ""
    key: tuple[str, ...] = ()  # none: a row is known by its content and how often it occurs
    op: Op | None = None
    recorded_at: Cell | None = None
    valid_from: Cell | None = None
    valid_to: Cell | None = None
    on_change: Literal["change", "correction"] = "correction"
    absent: Literal["retracted", "ended"] = "retracted"
    duplicate_free: bool = False
    authority: tuple[str, ...] = ()  # elements this source decides, or role.element
    unmapped: tuple[str, ...] = ()  # columns known to be delivered and left alone on purpose
    headings: tuple[tuple[str, tuple[str, ...]], ...] = ()  # column -> what it is called in other deliveries
    optional: tuple[str, ...] = ()  # columns that some deliveries lack: read as empty
    placeholders: tuple[str, ...] = ()  # texts that say nothing in this source, beside those that never do
    derived: tuple[Derived, ...] = ()  # columns made of delivered ones

    @cached_property
    def digest(self) -> str:
        """sha256 of what the contract says, whatever its layout and comments."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The mapped columns, each once: key, op, times, then those of records and events in their order. Only these are ever read."""
        return tuple(dict.fromkeys(delivered for column in self._columns() for delivered in self.delivered(column)))

    def made(self, column: str) -> Derived | None:
        """How a column is made of delivered ones; None for a delivered one."""
        return next((one for one in self.derived if one.name == column), None)

    def delivered(self, column: str) -> tuple[str, ...]:
        """The delivered columns that a column is made of: itself, where it is delivered."""
        made = self.made(column)
        return made.columns if made else (column,)

    def cell(self, column: str) -> str:
        """The name of a column in read_<source>_<batch>: c1 … cn."""
        return f"c{self.columns.index(column) + 1}"

    def role(self, name: str) -> Role:
        """The record role of that name."""
        return next(role for role in self.records if role.name == name)

    def deciding(self, element: str) -> tuple[Role, ...]:
        """The roles whose element this source decides: of what its rows are about and of its equals, not of others that they mention.

        Equals are both of a couple, and a room and its building.

        An element that only others have is decided of those: a register of rooms may decide the codes of their buildings. `role.element` names the role itself.
        """
        bearers = [role for role in self.records if any(name == element for name, _ in role.elements)]
        named = [role for role in bearers if f"{role.name}.{element}" in self.authority]
        if element not in self.authority:
            return tuple(named)
        subject = self.records[0]
        parties = [((event.type, EQUALS.get(party.role, party.role)), party.records) for event in self.events for party in event.participants]
        parts = {part for part, records in parties if subject.name in records}
        equals = {name for part, records in parties if part in parts for name in records}
        places = {"room", "building"}
        equal = {role.name for role in bearers if {role.kind, subject.kind} <= places or (role.name in equals and role.kind == subject.kind)}
        first = [role for role in bearers if role.name == subject.name or role.name in equal]
        return tuple(dict.fromkeys([*(first or bearers), *named]))

    @property
    def decides(self) -> tuple[str, ...]:
        """The elements over which it has authority, of whatever role."""
        return tuple(dict.fromkeys(said.rpartition(".")[2] for said in self.authority))

    def slot(self, role: str) -> int:
        """The slot of a role in a record_id, of its first item where it is a list."""
        return [record.name for record in self.records].index(role)

    @cached_property
    def lists(self) -> tuple[Each, ...]:
        """The lists of this source, each once."""
        return tuple(dict.fromkeys(role.each for role in self.records if role.each))

    def each(self, event: Event) -> Each | None:
        """The list that an event goes over: that of its roles."""
        named = {name for party in event.participants for name in party.records}
        return next((role.each for role in self.records if role.name in named and role.each), None)

    def begun(self, event: Event) -> tuple[tuple[Role, Cell], ...]:
        """The roles, with the cell of the day, of whom a birth or a founding tells."""
        who, element = BEGINNINGS.get(event.type, ("", ""))
        roles = [self.role(name) for party in event.participants if party.role == who for name in party.records]
        return tuple((role, cell) for role in roles for name, cell in role.elements if name == element)

    def dated(self, event: Event) -> bool:
        """Whether it says when the event began or happened: by a column of the event, the birth of who was born, or by the first day of the row. Where a row
        tells something that lasts, a residence or a household, its first day is the day of that, not of the death or the divorce that the row tells as well.
        """
        lasting = any(other.type not in MOMENTS for other in self.events)
        of_row = self.valid_from is not None and not (lasting and event.type in MOMENTS - set(BEGINNINGS))
        return event.valid_from is not None or bool(self.begun(event)) or of_row

    @property
    def registers(self) -> bool:
        """Whether its rows are about births or deaths, each on a day of its own: a patient's mother told beside him makes no register of births."""
        about, subject = {("birth", "child"), ("death", "deceased")}, self.records[0].name
        dated = (event for event in self.events if event.valid_from)
        return any((event.type, party.role) in about and subject in party.records for event in dated for party in event.participants)

    def record_slots(self, role: str) -> tuple[int, int]:
        """The slot of a role's first item, and that of its second: later items follow on."""
        return _slots([record.each for record in self.records], self.slot(role))

    def event_slots(self, place: int) -> tuple[int, int]:
        """The slot of the first telling of the event at this place of the contract, and that of the second, where it goes over a list."""
        return _slots([self.each(event) for event in self.events], place)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """`role.element` of every identifier column that no person has confirmed."""
        cells = [(f"{role.name}.{element}", one) for role in self.records for element, cell in role.elements for one in (cell, *cell.cases)]
        return tuple(dict.fromkeys(name for name, cell in cells if not cell.confirmed))

    def _columns(self) -> Iterator[str]:
        yield from self.key
        if self.op:
            yield self.op.column
        for cell in (self.recorded_at, self.valid_from, self.valid_to):
            if cell:
                yield from cell.columns
        for role in self.records:
            yield from role.columns
        for event in self.events:
            yield from event.columns


ENTRIES = 64
"""So many records, and so many events, a contract may have: slots from here on are those of second and later items."""


def _slots(lists: Sequence[Each | None], place: int) -> tuple[int, int]:
    return place, ENTRIES + sum(each.most - 1 for each in lists[:place] if each)
