"""From list cells to items: `item_<source>_<n>` holds one row for each item of a row's lists, matched by their place."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.cfd_rules.cell import Each
from cityweave.cfd_rules.classes import Sql
from cityweave.cfd_rules.cleaned import ITEM_OF, ROW, Values
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.model import Batch
from cityweave.cfd_rules.read_table import ITEM
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.treatment import RECORDED, layered
from cityweave.cfd_rules.version import delivered_cells
from cityweave.engine.model import Column, Step, Table


def item_table(contract: Contract, each: Each) -> str:
    """The name of the table that holds the items of a list."""
    return f"item_{contract.source}_{contract.lists.index(each) + 1}"


def rows_of(contract: Contract, each: Each | None) -> Sql:
    """FROM of the versions `v` of a source with their values, and the items `y` of a list."""
    rows = f"FROM value_{contract.source} {ROW}"
    if each is None:
        return rows
    return f"{rows} JOIN {item_table(contract, each)} {ITEM_OF} ON {ITEM_OF}.batch = {ROW}.batch AND {ITEM_OF}.row_no = {ROW}.row_no"


def reads_of(contract: Contract, each: Each | None) -> tuple[str, ...]:
    """The tables that `rows_of` names."""
    return (f"value_{contract.source}", *((item_table(contract, each),) if each else ()))


def slot_of_item(slots: tuple[int, int], each: Each | None) -> Sql:
    """The slot of what is told of a row, or of an item of its list."""
    first, second = slots
    return str(first) if each is None else f"CASE WHEN {ITEM_OF}.place = 1 THEN {first} ELSE {second - 2} + {ITEM_OF}.place END"


def item_step(contract: Contract, each: Each, batches: Sequence[Batch], registry: Registry) -> Step:
    """`item_<source>_<n>`: the cleaned values of every item of a list."""
    names = Values(contract, registry).names(each)
    cells = [contract.cell(column) for column in each.columns if column in contract.columns]
    places = ", ".join(f"({place})" for place in range(1, each.most + 1))
    ctes = [
        f"listed AS (SELECT d.batch, d.row_no, v.recorded_at, {', '.join(f'd.{cell}, {_places(cell)} AS n_{cell}' for cell in cells)} "
        f"FROM ({delivered_cells(contract, batches)}) d JOIN version_{contract.source} v ON v.batch = d.batch AND v.row_no = d.row_no)",
        f"counted AS (SELECT *, {_of_all('greatest', cells)} AS items, {_of_all('least', cells)} AS fewest FROM listed)",
        f"base AS (SELECT c.batch, c.row_no, c.recorded_at, p.place, c.items <> c.fewest AS uneven, "
        f"{', '.join(map(_item, cells))} "
        f"FROM counted c JOIN (VALUES {places}) AS p(place) ON p.place <= c.items)",
    ]
    kept = ("batch", "row_no", "place", "uneven")
    wanted = {name: treatment.wanted(contract) for treatment, name in names.items()}
    timed = (RECORDED,) if any(treatment.timed for treatment in names) else ()
    more, last = layered("base", (*kept, *timed), wanted)
    own = (Column("place", "INTEGER", "place in the list, from 1"), Column("uneven", "BOOLEAN", "the lists of the row are not equally long"))
    columns = tuple(Column(name, "VARCHAR", f"{treatment.cell.column}: {treatment.cls}") for treatment, name in names.items())
    coded = any(treatment.codes for treatment in names)
    return Step(
        writes=Table(
            item_table(contract, each),
            f"{contract.source} 列表单元格的各项 / items of the list cells of {contract.source}",
            (Column("batch", "INTEGER"), Column("row_no", "BIGINT"), *own, *columns),
            ("batch", "row_no", "place"),
        ),
        says=f"拆开 {contract.source} 的列表 / take the lists of {contract.source} apart",
        reads=(f"version_{contract.source}", *(f"read_{contract.source}_{batch.number}" for batch in batches), *(("code",) if coded else ())),
        sql=f"WITH {', '.join([*ctes, *more])} SELECT {', '.join((*kept, *wanted))} FROM {last}",
    )


def _places(cell: str) -> Sql:
    return f"length(d.{cell}) - length(replace(d.{cell}, '{ITEM}', '')) + 1"


def _item(cell: str) -> Sql:
    return f"nullif(split_part(c.{cell}, '{ITEM}', p.place), '') AS {cell}"


def _of_all(function: str, cells: Sequence[str]) -> Sql:
    counts = [f"n_{cell}" for cell in cells]
    return f"{function}({', '.join(counts)})" if len(counts) > 1 else counts[0]
