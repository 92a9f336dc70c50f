"""What a contract makes of a text that was not delivered: the right cells of a truth come into the same canonical form as the delivered ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pyarrow as pa

from cityweave.cfd_rules.address import parse
from cityweave.cfd_rules.classes import Sql
from cityweave.cfd_rules.cleaned import ROW, Values
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.model import CODE
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.treatment import layered
from cityweave.engine.model import Column, Step, Table
from cityweave.engine.trial import trial

MADE = {"column": pl.String, "kind": pl.String, "element": pl.String, "cls": pl.String, "text": pl.String, "value": pl.String}


def canonical(contract: Contract, registry: Registry, cells: pl.DataFrame) -> pl.DataFrame:
    """column, kind, element, cls, text, value: what each distinct (column, text) of `cells` says of each element that the contract reads from that column.

    Dates and details of events have no element (""). A text that says nothing has no value.
    """
    values = Values(contract, registry)
    told = list(_told(contract, values))
    code = {CODE.name: registry.code_table()}
    parts = [pl.DataFrame(schema=MADE)]
    for (column,), rows in cells.select("column", "text").unique().group_by("column"):
        own = [(name, treatment) for treatment, name in values.names().items() if contract.delivered(treatment.cell.column) == (column,)]
        wanted = {name: treatment for name, treatment in own if not treatment.timed}
        if not wanted:
            continue
        ctes, last = layered("given_text", ("text",), {name: replace(one.wanted(contract), source="text") for name, one in wanted.items()})
        coded = any(treatment.codes for treatment in wanted.values())
        texts = Table("given_text", "", (Column("text", "VARCHAR"),), ("text",))
        made = Table("recast", "", (Column("text", "VARCHAR"), *(Column(name, "VARCHAR") for name in wanted)), ("text",))
        sql: Sql = f"WITH {', '.join(ctes)} SELECT text, {', '.join(wanted)} FROM {last}"
        step = Step(made, "", (texts.name, *((CODE.name,) if coded else ())), sql)
        given = {texts.name: pa.table({"text": rows["text"].unique().drop_nulls().to_arrow().cast(pa.string())}), **(code if coded else {})}
        found = pl.DataFrame(pl.from_arrow(trial([step], given, ["recast"])["recast"]))
        for kind, element, name in told:
            if name in wanted:
                one = found.select(pl.lit(column).alias("column"), pl.lit(kind).alias("kind"), pl.lit(element).alias("element"),
                                   pl.lit(wanted[name].cls).alias("cls"), "text", pl.col(name).alias("value"))  # fmt: skip
                parts.append(one)
    return pl.concat(parts).unique(maintain_order=True)


def norms(texts: pl.Series) -> pl.DataFrame:
    """text, norm: the one text for every way of writing the same place."""
    return pl.DataFrame(pl.from_arrow(parse(texts.unique().drop_nulls().sort()))).select("text", "norm")


def _told(contract: Contract, values: Values) -> Iterator[tuple[str, str, str]]:
    """kind, element and the column of value_<source> that holds it; items of lists are left out."""
    told: list[tuple[str, str, Sql]] = []
    for role in contract.records:
        told += [(role.kind, element, values.element(role, element, cell)) for element, cell in role.elements]
    for event in contract.events:
        each = contract.each(event)
        told += [("", "", values.date(time, each)) for time in (event.valid_from, event.valid_to) if time is not None]
        if event.detail is not None:
            told.append(("", "", values.detail(event.detail, each)))
    for kind, element, value in told:
        for name in re.findall(rf"\b{ROW}[.](v[0-9]+)\b", value):
            yield kind, element, name
