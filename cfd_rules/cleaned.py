"""Layers of cleaning as SQL: every wanted value starts from a delivered cell and passes through the layers of its class, all values side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cityweave.cfd_rules.classes import CLASSES, Layer, Sql, date_layers, fold, known, lower, text_literal
from cityweave.cfd_rules.contract import EVENT_DETAILS, Cell, Contract, Each, Role
from cityweave.cfd_rules.registry import Registry


@dataclass(frozen=True)
class Treatment:
    """What is done to a cell: its own words and pattern first, then the layers of a class, then a code list."""

    cell: Cell
    cls: str
    codes: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers after folding."""
        own: tuple[Layer, ...] = ()
        if self.cell.pattern:
            own = (lambda x: f"nullif(regexp_extract({x}, {text_literal(self.cell.pattern)}, 1), '')",)
        if self.cell.codes:
            words = " ".join(f"WHEN {text_literal(word)} THEN {text_literal(code)}" for word, code in self.cell.codes)
            own = (*own, lambda x: f"CASE {x} {words} ELSE {x} END")
        if self.cell.measure == "millionths":
            own = (*own, millionths)
        if self.cls == "date":
            return (*own, *date_layers(self.cell.formats))
        return (*own, *CLASSES[self.cls].layers)


def millionths(x: Sql) -> Sql:
    """A share in millionths from 30%, 30.5% or 0.305, as text; NULL when it is none. Whole numbers only, so both engines agree."""
    whole, part = f"regexp_extract({x}, '^([0-9]+)', 1)", f"regexp_extract({x}, '^[0-9]+[.]([0-9]+)', 1)"
    percent = f"CAST(as_int({whole} || substr({part} || '0000', 1, 4)) AS VARCHAR)"
    share = f"CAST(as_int({whole} || substr({part} || '000000', 1, 6)) AS VARCHAR)"
    return f"CASE WHEN regexp_matches({x}, '^[0-9]+([.][0-9]+)?%$') THEN {percent} WHEN regexp_matches({x}, '^[01]([.][0-9]+)?$') THEN {share} END"


def layered(base: str, keep: Iterable[str], wanted: Mapping[str, tuple[Sql, tuple[Layer, ...], str]]) -> tuple[list[str], str]:
    """CTEs over the CTE `base` that keep some columns and clean the wanted ones, and the name of the last.

    `wanted`: output name -> (input expression, layers after folding, code list or ""). What a layer cannot make NULL keeps its folded text.
    """
    kept = ", ".join(keep)
    ctes = [
        f"folded AS (SELECT {kept}, " + ", ".join(f"{fold(source)} AS {name}_f" for name, (source, _, _) in wanted.items()) + f" FROM {base})",
        f"told AS (SELECT {kept}, " + ", ".join(f"{known(f'{name}_f')} AS {name}_f" for name in wanted) + " FROM folded)",
        f"layer_0 AS (SELECT {kept}, " + ", ".join(f"{name}_f, {name}_f AS {name}" for name in wanted) + " FROM told)",
    ]
    depth = max((len(layers) for _, layers, _ in wanted.values()), default=0)
    for level in range(depth):
        columns = [f"{name}_f, {layers[level](name) if level < len(layers) else name} AS {name}" for name, (_, layers, _) in wanted.items()]
        ctes.append(f"layer_{level + 1} AS (SELECT {kept}, {', '.join(columns)} FROM layer_{level})")
    coded = {name: codes for name, (_, _, codes) in wanted.items() if codes}
    columns = [
        f"coalesce(k_{name}.code, l.{name}) AS {name}" if name in coded else f"coalesce(nullif(l.{name}, ''), l.{name}_f) AS {name}" for name in wanted
    ]
    joins = [f"LEFT JOIN code k_{name} ON k_{name}.list = '{codes}' AND k_{name}.text = {lower(f'l.{name}')}" for name, codes in coded.items()]
    prefixed = ", ".join(f"l.{column}" for column in keep)
    ctes.append(f"cleaned AS (SELECT {prefixed}, {', '.join(columns)} FROM layer_{depth} l {' '.join(joins)})")
    return ctes, "cleaned"


ROW, ITEM_OF = "x", "y"
"""The names by which SQL calls a row of value_<source>, and an item of one of its lists, a row of item_<source>_<n>."""


class Values:
    """Which cleaned values a contract needs, each once, and the column of `value_<source>` or `item_<source>_<n>` that holds it.

    What is asked of it is given as SQL over a row `x` of the one and, inside a list, an item `y` of the other.
    """

    def __init__(self, contract: Contract, registry: Registry) -> None:
        self.contract = contract
        self.registry = registry
        self._names: dict[Each | None, dict[Treatment, str]] = {None: {}, **{each: {} for each in contract.lists}}
        for role in contract.records:
            for element, cell in role.elements:
                self.element(role, element, cell)
            for column in role.when.columns:
                self.text(column, role.each)
        for event in contract.events:
            each = contract.each(event)
            for column in event.when.columns:
                self.text(column, each)
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

    def names(self, each: Each | None = None) -> Mapping[Treatment, str]:
        """All treatments of the cells of a row, or of the items of a list, with their columns, in the order of the contract."""
        return self._names[each]

    def element(self, role: Role, element: str, cell: Cell) -> Sql:
        """An element's value."""
        entry = self.registry.elements[role.kind][element]
        return self._value(cell, entry.cls, entry.codes, role.each)

    def text(self, column: str, each: Each | None = None) -> Sql:
        """A cell that is only looked at."""
        return self._value(Cell(column), "text", "", each)

    def thing(self, kind: str, column: str, each: Each | None = None) -> Sql:
        """A thing's key."""
        return self._value(Cell(column), {"address": "address", "phone": "phone"}.get(kind, "token"), "", each)

    def date(self, cell: Cell, each: Each | None = None) -> Sql:
        """A date, as text."""
        return self._value(cell, "date", "", each)

    def detail(self, cell: Cell, each: Each | None = None) -> Sql:
        """An event's detail."""
        return self._value(cell, "text", cell.list, each)

    def named_detail(self, type_: str, name: str, cell: Cell, each: Each | None = None) -> Sql:
        """One of an event's several details."""
        return self._value(cell, EVENT_DETAILS[type_][name], "", each)

    def _value(self, cell: Cell, cls: str, codes: str, each: Each | None) -> Sql:
        if cell.constant:
            return text_literal(cell.constant)
        of_item = each if each and cell.column in each.columns else None
        names = self._names[of_item]
        name = names.setdefault(Treatment(_plain(cell), cls, codes), f"v{len(names) + 1}")
        return f"{ITEM_OF if of_item else ROW}.{name}"


def _plain(cell: Cell) -> Cell:
    """The cell without what does not change its value, so that equal treatments are one."""
    return Cell(cell.column, "", cell.formats, cell.codes, "", cell.pattern, cell.measure)
