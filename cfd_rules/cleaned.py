"""Which cleaned values a contract needs, each once, and where they are found."""

from __future__ import annotations

from collections.abc import Mapping

from cityweave.cfd_rules.cell import ALWAYS, Cell, Each, When
from cityweave.cfd_rules.classes import Sql, text_literal
from cityweave.cfd_rules.contract import EVENT_DETAILS, Contract, Role
from cityweave.cfd_rules.dates import born
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.treatment import Treatment

ROW, ITEM_OF = "v", "y"
"""The names by which SQL calls a row of value_<source> (a version with its values), and an item of one of its lists, a row of item_<source>_<n>."""


class Cells:
    """Cleaned values of the cells of a contract, asked for one by one, as SQL over a row `v` and, inside a list, an item `y`."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._names: dict[Each | None, dict[Treatment, str]] = {None: {}, **{each: {} for each in contract.lists}}

    def names(self, each: Each | None = None) -> Mapping[Treatment, str]:
        """All treatments of the cells of a row, or of the items of a list, with their columns, in the order they were asked for."""
        return self._names[each]

    def value(self, cell: Cell, cls: str, codes: str = "", each: Each | None = None) -> Sql:
        """The value of a cell, brought into the form of a class."""
        if cell.cases:
            cases = [(self.condition(case.when, each), self.value(_bare(case), cls, codes, each)) for case in cell.cases]
            told = " ".join(f"WHEN {' AND '.join(tests)} THEN {value}" for tests, value in cases if tests)
            rest = next((value for tests, value in cases if not tests), "NULL")
            return f"CASE {told} ELSE {rest} END" if told else rest
        if cell.constant:
            return text_literal(cell.constant)
        if cell.measure in ("age", "nominal_age"):
            return self._born(cell, each)
        said = self._column(Treatment(_plain(cell), cls, codes), each)
        return said if cell.day is None else f"CASE WHEN length({said}) = 7 THEN {said} || '-{cell.day:02d}' ELSE {said} END"

    def text(self, column: str, each: Each | None = None) -> Sql:
        """A cell that is only looked at."""
        return self.value(Cell(column), "text", "", each)

    def condition(self, when: When, each: Each | None = None) -> list[Sql]:
        """The parts of a condition, all of which must hold."""
        parts = [f"{self.text(column, each)} IN ({', '.join(map(text_literal, words))})" for column, words in when.equals]
        parts += [f"regexp_matches({self.text(column, each)}, {text_literal(pattern)})" for column, pattern in when.matches]
        parts += [f"{self.text(column, each)} IS NULL" for column in when.empty]
        if when.filled:
            parts.append("(" + " OR ".join(f"{self.text(column, each)} IS NOT NULL" for column in when.filled) + ")")
        if when.none:
            parts += [f"NOT coalesce({part}, FALSE)" for part in self.condition(when.none, each)]  # an empty cell holds none of the words
        return parts

    def _column(self, treatment: Treatment, each: Each | None) -> Sql:
        of_item = each if each and set(self.contract.delivered(treatment.cell.column)) <= set(each.columns) else None
        names = self._names[of_item]
        return f"{ITEM_OF if of_item else ROW}.{names.setdefault(treatment, f'v{len(names) + 1}')}"

    def _born(self, cell: Cell, each: Each | None) -> Sql:
        """The days between which a person of an age was born. Of the day on which the age held the month, or the year, is enough."""
        age = self._column(Treatment(_plain(cell), "text"), each)
        first = last = f"{ROW}.recorded_at"
        if cell.at:
            stated = self._column(Treatment(Cell(cell.at), "date"), each)
            first = f"coalesce(as_date(substr({stated} || '-01-01', 1, 10)), {ROW}.recorded_at)"
            last = f"CASE length({stated}) WHEN 4 THEN as_date({stated} || '-12-31') WHEN 7 THEN last_day(as_date({stated} || '-01')) ELSE {first} END"
        return f"CASE WHEN as_int({age}) <= 150 THEN {born(age, first, last, cell.measure == 'nominal_age')} ELSE {age} END"


class Values(Cells):
    """Every value that the records and events of a contract need: `value_<source>` and `item_<source>_<n>` hold them."""

    def __init__(self, contract: Contract, registry: Registry) -> None:
        super().__init__(contract)
        self.registry = registry
        for role in contract.records:
            for element, cell in role.elements:
                self.element(role, element, cell)
            self.condition(role.when, role.each)
        for event in contract.events:
            each = contract.each(event)
            self.condition(event.when, each)
            for party in event.participants:
                if party.column:
                    self.thing(party.thing, party.column, each)
            for time in (event.valid_from, event.valid_to):
                if time is not None:
                    self.date(time, each)
            if event.detail is not None:
                self.detail(event.detail, each)
            for name, cell in event.details:
                self.named_detail(event.type, name, cell, each)

    def element(self, role: Role, element: str, cell: Cell) -> Sql:
        """An element's value."""
        entry = self.registry.elements[role.kind][element]
        return self.value(cell, entry.cls, entry.codes, role.each)

    def thing(self, kind: str, column: str, each: Each | None = None) -> Sql:
        """A thing's key."""
        return self.value(Cell(column), {"address": "address", "phone": "phone"}.get(kind, "token"), "", each)

    def date(self, cell: Cell, each: Each | None = None) -> Sql:
        """A date, as text."""
        return self.value(cell, "date", "", each)

    def detail(self, cell: Cell, each: Each | None = None) -> Sql:
        """An event's detail."""
        return self.value(cell, "text", cell.list, each)

    def named_detail(self, type_: str, name: str, cell: Cell, each: Each | None = None) -> Sql:
        """One of an event's several details."""
        return self.value(cell, EVENT_DETAILS[type_][name], "", each)


def _plain(cell: Cell) -> Cell:
    """The cell without what does not change its value, so that equal treatments are one."""
    return Cell(
        cell.column,
        formats=cell.formats,
        pivot=cell.pivot,
        codes=cell.codes,
        pattern=cell.pattern,
        measure=cell.measure,
        unit=cell.unit,
        placeholders=cell.placeholders,
    )


def _bare(case: Cell) -> Cell:
    """A case without its condition."""
    return Cell(**{**case.__dict__, "when": ALWAYS})
