"""From versions to records: the cells of each row cleaned once, then said of the entities they are about."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.cfd_rules.classes import Sql, text_literal
from cityweave.cfd_rules.cleaned import ITEM_OF, Values
from cityweave.cfd_rules.contract import Contract, Role
from cityweave.cfd_rules.item import reads_of, rows_of, slot_of_item
from cityweave.cfd_rules.model import TIMES, Batch, Kind, record_table, version_table
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.treatment import layered
from cityweave.cfd_rules.version import delivered_cells
from cityweave.engine.model import Column, Step, Table

TIME_COLUMNS = ", ".join(column.name for column in TIMES)


def value_step(contract: Contract, batches: Sequence[Batch], registry: Registry) -> Step:
    """`value_<source>`: every version with its cleaned values, one column a treatment. What is told of a row is read from here and joined with nothing."""
    names = Values(contract, registry).names()
    versions = version_table(contract.source).columns
    kept = tuple(column.name for column in versions)
    base = (
        f"base AS (SELECT d.*, {', '.join(f'v.{name}' for name in kept if name not in ('batch', 'row_no'))} FROM ({delivered_cells(contract, batches)}) d "
        f"JOIN version_{contract.source} v ON v.batch = d.batch AND v.row_no = d.row_no)"
    )
    wanted = {name: treatment.wanted(contract) for treatment, name in names.items()}
    ctes, last = layered("base", kept, wanted)
    coded = any(treatment.codes for treatment in names)
    columns = tuple(Column(name, "VARCHAR", f"{treatment.cell.column}: {treatment.cls}") for treatment, name in names.items())
    return Step(
        writes=Table(
            f"value_{contract.source}",
            f"{contract.source} 清洗后的值 / cleaned values of {contract.source}",
            (*versions, *columns),
            ("batch", "row_no"),
        ),
        says=f"清洗 {contract.source} / clean {contract.source}",
        reads=(f"version_{contract.source}", *(f"read_{contract.source}_{batch.number}" for batch in batches), *(("code",) if coded else ())),
        sql=f"WITH {', '.join([base, *ctes])} SELECT {', '.join((*kept, *wanted))} FROM {last}",
    )


def record_step(kind: Kind, contracts: Sequence[Contract], registry: Registry) -> Step:
    """`record_<kind>`: one SELECT a role of that kind, one line a version."""
    elements = registry.names(kind)
    selects: list[Sql] = []
    reads: list[str] = []
    for contract in contracts:
        for role in contract.records:
            if role.kind == kind:
                selects.append(_select(contract, role, elements, registry))
                reads += reads_of(contract, role.each)
    return Step(
        writes=record_table(kind, elements),
        says=f"{kind} 记录 / records of kind {kind}",
        reads=tuple(dict.fromkeys(reads)),
        sql="\nUNION ALL\n".join(selects) or nothing(record_table(kind, elements)),
    )


def present(role: Role, values: Values) -> Sql:
    """True when a row v of value_<source> (and an item y of its list) makes this record: its condition holds and one of its cells says something."""
    filled = dict.fromkeys(values.element(role, name, cell) for name, cell in role.elements if not cell.constant)
    some = " OR ".join(f"{value} IS NOT NULL" for value in filled if role.each is None or f"{ITEM_OF}." in value)
    return " AND ".join([f"({some})", *values.condition(role.when, role.each)])


def nothing(table: Table) -> Sql:
    """A SELECT without rows that has the columns of a table."""
    return "SELECT " + ", ".join(f"CAST(NULL AS {column.type}) AS {column.name}" for column in table.columns) + " WHERE 1 = 0"


def role_name(role: Role) -> Sql:
    """The role of a record: that of the contract, from the second item of a list on with its place: owner, owner.2, …"""
    name = text_literal(role.name)
    return name if role.each is None else f"CASE WHEN {ITEM_OF}.place = 1 THEN {name} ELSE {name} || '.' || CAST({ITEM_OF}.place AS VARCHAR) END"


WHOLE = ("id_no", "uscc")
"""Identifiers of which a part may be hidden: what is not whole is no identifier, but stands in `id_part`."""


def _element(role: Role, name: str, values: Values) -> Sql:
    """An element's value; `id_part` where nothing else says it is the identifier of which a part is hidden."""
    cells = dict(role.elements)
    if name in cells:
        value = values.element(role, name, cells[name])
        return value if name not in WHOLE or cells[name].constant else f"CASE WHEN strpos({value}, '*') = 0 THEN {value} END"
    hidden = [values.element(role, whole, cells[whole]) for whole in WHOLE if name == "id_part" and whole in cells and not cells[whole].constant]
    return f"CASE WHEN regexp_matches({hidden[0]}, '[*].*[0-9A-Z]|[0-9A-Z].*[*]') THEN {hidden[0]} END" if hidden else "CAST(NULL AS VARCHAR)"


def _select(contract: Contract, role: Role, elements: Sequence[str], registry: Registry) -> Sql:
    values = Values(contract, registry)
    columns = [f"{_element(role, name, values)} AS {name}" for name in elements]
    times = ", ".join(f"v.{column.name}" for column in TIMES)
    slot, name = slot_of_item(contract.record_slots(role.name), role.each), role_name(role)
    return (
        f"SELECT v.first_id + {slot} AS record_id, '{contract.source}|' || v.key || '|' || {name} AS ref, '{contract.source}' AS source, v.key, "
        f"{name} AS role, v.batch, v.row_no, {times}, {', '.join(columns)} {rows_of(contract, role.each)} WHERE {present(role, values)}"
    )
