"""What is done to a cell, as layers of SQL: every wanted value starts from a delivered cell and passes through its layers, all values side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cityweave.cfd_rules.cell import Cell, Code, Derived
from cityweave.cfd_rules.classes import CLASSES, Layer, Sql, fold, known, lower, text_literal
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.dates import date_layers
from cityweave.cfd_rules.measures import amount_layers, millionths

RECORDED = "recorded_at"
"""The column, kept through all layers, with the day on which the department recorded the row."""


@dataclass(frozen=True)
class Wanted:
    """A value that is wanted: where it comes from and what is done to it."""

    source: Sql
    layers: tuple[Layer, ...] = ()  # after folding and placeholders; what they cannot make something of keeps its folded text
    codes: str = ""  # a code list
    parts: tuple[Layer, ...] = ()  # the part of the folded cell that counts
    placeholders: tuple[str, ...] = ()  # texts that say nothing, beside those that never do


@dataclass(frozen=True)
class Treatment:
    """What is done to a cell: the part that counts, its own words and measure, then the layers of a class, then a code list."""

    cell: Cell
    cls: str
    codes: str = ""

    @property
    def timed(self) -> bool:
        """Whether it looks at the day the row was recorded."""
        return any(code.since or code.until for code in self.cell.codes)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers after folding."""
        own: tuple[Layer, ...] = (lambda x: _coded(x, self.cell.codes),) if self.cell.codes else ()
        if self.cell.measure == "millionths":
            return (*own, lambda x: millionths(x, self.cell.unit))
        if self.cell.measure == "amount":
            return (*own, *amount_layers(self.cell.unit))
        if self.cell.measure in ("age", "nominal_age"):
            return (*own, lambda x: f"nullif(regexp_extract({x}, '^([0-9]{{1,3}}) *(?:周?岁)?$', 1), '')")
        if self.cell.measure in ("head", "tail"):
            pad = "rpad" if self.cell.measure == "head" else "lpad"
            own = (*own, lambda x: f"CASE WHEN strpos({x}, '*') = 0 AND length({x}) < 18 THEN {pad}({x}, 18, '*') ELSE {x} END")
        if self.cls == "date":
            return (*own, *date_layers(self.cell.formats, self.cell.pivot))
        return (*own, *CLASSES[self.cls].layers)

    def wanted(self, contract: Contract) -> Wanted:
        """The value as it is made from the delivered cells of this contract."""
        made = contract.made(self.cell.column)
        parts = () if made is None or not made.pattern else ((lambda x: part(x, made.pattern, made.group, made.lead)),)
        if self.cell.pattern:
            parts = (*parts, lambda x: part(x, self.cell.pattern))
        source = contract.cell(self.cell.column) if made is None else joined(contract, made)
        return Wanted(source, self.layers, self.codes, parts, (*contract.placeholders, *self.cell.placeholders))


def part(x: Sql, pattern: str, group: int = 1, lead: bool = True) -> Sql:
    """A group of a pattern. A cell that the pattern does not fit stays whole, or for a part that does not lead is empty."""
    says = text_literal(pattern)
    return f"CASE WHEN regexp_matches({x}, {says}) THEN nullif(regexp_extract({x}, {says}, {group}), '') {f'ELSE {x} ' if lead else ''}END"


def joined(contract: Contract, made: Derived) -> Sql:
    """Cells put together, empty ones left out. A last cell that begins with all that stands before it is taken alone."""
    cells = [contract.cell(column) for column in made.columns]
    if len(cells) == 1:
        return cells[0]
    between = text_literal(made.between)
    before = _put_together(cells[:-1], between)
    last = cells[-1]
    whole = _put_together(cells, between)
    return f"CASE WHEN length({before}) >= 2 AND starts_with({last}, {before}) THEN {last} ELSE nullif({whole}, '') END"


def _put_together(cells: list[str], between: Sql) -> Sql:
    if between == "''":
        return " || ".join(f"coalesce({cell}, '')" for cell in cells)
    told = [f"coalesce({cells[0]}, '')"]
    for place, cell in enumerate(cells[1:], start=1):
        earlier = " AND ".join(f"{one} IS NULL" for one in cells[:place])
        told.append(f"CASE WHEN {cell} IS NULL THEN '' WHEN {earlier} THEN {cell} ELSE {between} || {cell} END")
    return " || ".join(told)


def _coded(x: Sql, codes: Iterable[Code]) -> Sql:
    cases = []
    for code in codes:
        tests = [f"{x} = {text_literal(code.word)}"]
        tests += [f"{RECORDED} >= DATE '{code.since}'"] if code.since else []
        tests += [f"{RECORDED} < DATE '{code.until}'"] if code.until else []
        cases.append(f"WHEN {' AND '.join(tests)} THEN {text_literal(code.code)}")
    return f"CASE {' '.join(cases)} ELSE {x} END"


def layered(base: str, keep: Iterable[str], wanted: Mapping[str, Wanted]) -> tuple[list[str], str]:
    """CTEs over the CTE `base` that keep some columns and clean the wanted ones, and the name of the last.

    What a layer cannot make NULL keeps its folded text.
    """
    kept = ", ".join(keep)
    ctes = [f"folded AS (SELECT {kept}, " + ", ".join(f"{fold(one.source)} AS {name}_f" for name, one in wanted.items()) + f" FROM {base})"]
    last = "folded"
    for level in range(max((len(one.parts) for one in wanted.values()), default=0)):
        columns = [f"{one.parts[level](f'{name}_f') if level < len(one.parts) else f'{name}_f'} AS {name}_f" for name, one in wanted.items()]
        ctes.append(f"part_{level} AS (SELECT {kept}, {', '.join(columns)} FROM {last})")
        last = f"part_{level}"
    ctes += [
        f"told AS (SELECT {kept}, " + ", ".join(f"{known(f'{name}_f', one.placeholders)} AS {name}_f" for name, one in wanted.items()) + f" FROM {last})",
        f"layer_0 AS (SELECT {kept}, " + ", ".join(f"{name}_f, {name}_f AS {name}" for name in wanted) + " FROM told)",
    ]
    depth = max((len(one.layers) for one in wanted.values()), default=0)
    for level in range(depth):
        columns = [f"{name}_f, {one.layers[level](name) if level < len(one.layers) else name} AS {name}" for name, one in wanted.items()]
        ctes.append(f"layer_{level + 1} AS (SELECT {kept}, {', '.join(columns)} FROM layer_{level})")
    columns = [
        f"coalesce(k_{name}.code, l.{name}) AS {name}" if one.codes else f"coalesce(nullif(l.{name}, ''), l.{name}_f) AS {name}"
        for name, one in wanted.items()
    ]
    joins = [
        f"LEFT JOIN code k_{name} ON k_{name}.list = '{one.codes}' AND k_{name}.text = {lower(f'l.{name}')}" for name, one in wanted.items() if one.codes
    ]
    prefixed = ", ".join(f"l.{column}" for column in keep)
    ctes.append(f"cleaned AS (SELECT {prefixed}, {', '.join(columns)} FROM layer_{depth} l {' '.join(joins)})")
    return ctes, "cleaned"
