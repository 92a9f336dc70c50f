"""The market as arrays: firms, lots and bids as they were on a day and as they were known on a day, numbered so that the order of delivery changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from cityweave.graph.screen.model import Row

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Tables: TypeAlias = Mapping[str, pl.DataFrame]
"""tender_lot, tender_entry, tender_mark."""

ROW = ("source", "batch", "row_no")


class Sliced:
    """A table in the order of a column of small numbers, of which the rows of a few of them are found without looking at the others."""

    def __init__(self, table: pl.DataFrame, column: str, *then: str) -> None:
        self._table = table.sort(column, *then)
        numbers = self._table[column].to_numpy()
        self._start = np.searchsorted(numbers, np.arange(int(numbers[-1]) + 2 if len(numbers) else 1))

    def of(self, numbers: Ints) -> pl.DataFrame:
        """The rows of these numbers, in their order."""
        known = [number for number in numbers.tolist() if number + 1 < len(self._start)]
        parts = [self._table.slice(int(self._start[number]), int(self._start[number + 1] - self._start[number])) for number in known]
        return pl.concat(parts) if parts else self._table.clear()


@dataclass(frozen=True)
class Market:
    """All bids that count. Firms are numbered in the order of the first `ref` of their bids, lots in the order of their ids."""

    as_of: date
    firms: tuple[str, ...]
    lots: tuple[str, ...]
    accepted: frozenset[str]  # firms whose own identifier is borne out
    entry: pl.DataFrame  # lot firm day price ratio(price over ceiling, else NaN) valid(bool) won(bool) source batch row_no: one a firm and lot
    lot: pl.DataFrame  # lot stratum(number) category(text) ceiling bids: in the order of lots
    pair: pl.DataFrame  # lot left right: two firms that bid for one lot, left < right
    mark: pl.DataFrame  # role firm lot(-1: enrolment) mark_id record_id accepted day source batch row_no
    told: frozenset[str]  # what sources say at all: roles of marks, price, ceiling, category

    @cached_property
    def bids(self) -> Sliced:
        """`entry` by firm."""
        return Sliced(self.entry, "firm", "lot")

    def rows(self, firms: Ints, lots: Ints) -> tuple[Row, ...]:
        """The rows of these firms' bids for these lots."""
        found = self.bids.of(firms).filter(pl.col("lot").is_in(lots.tolist())).sort("lot", "firm")
        return tuple(Row(*row) for row in found.select(*ROW).iter_rows())


def read(tables: Tables, as_of: date, known: date, crowd: int) -> Market:
    """The market of lots opened by `as_of`, as it was known on `known`. Lots with more than `crowd` bidders have no pairs."""
    lot, entry, mark = (_known(tables[name], known) for name in ("tender_lot", "tender_entry", "tender_mark"))
    lot = lot.sort("lot_id", "source", "opened", "ceiling").unique("lot_id", keep="first", maintain_order=True)
    entry = entry.sort("ref", "source", "price", "sent").unique(["lot_id", "firm_id"], keep="first", maintain_order=True)
    entry = entry.join(lot.select("lot_id", "opened", "category", "regime", "ceiling"), on="lot_id", how="left")
    entry = entry.with_columns(pl.coalesce("opened", pl.col("sent").max().over("lot_id")).alias("day"))
    entry = entry.filter(pl.col("day").is_null() | (pl.col("day") <= as_of))
    firms = entry.group_by("firm_id").agg(pl.col("ref").min(), pl.col("accepted").any()).sort("ref")
    lots = entry.select("lot_id").unique().sort("lot_id")
    entry = _numbered(entry, firms["firm_id"], lots["lot_id"])
    numbers = _lots(entry, lots.height)
    mark = mark.filter(pl.col("firm_id").is_in(firms["firm_id"].implode()))
    mark = mark.filter(pl.col("lot_id").is_null() | pl.col("lot_id").is_in(lots["lot_id"].implode()))
    mark = _numbered(mark, firms["firm_id"], lots["lot_id"]).filter(pl.col("held").is_null() | (pl.col("held") <= as_of))
    mark = mark.select("role", "firm", pl.col("lot").fill_null(-1), "mark_id", "record_id", "ref", "accepted", pl.col("held").alias("day"), *ROW)
    left, right = (entry.filter(pl.len().over("lot") <= crowd).select("lot", pl.col("firm").alias(side)) for side in ("left", "right"))
    pair = left.join(right, on="lot").filter(pl.col("left") < pl.col("right"))
    return Market(
        as_of=as_of,
        firms=tuple(firms["firm_id"]),
        lots=tuple(lots["lot_id"]),
        accepted=frozenset(firms.filter("accepted")["firm_id"]),
        entry=entry.select("lot", "firm", "day", "price", "ratio", "valid", "won", *ROW).sort("lot", "firm"),
        lot=numbers,
        pair=pair.sort("lot", "left", "right"),
        mark=mark.sort("role", "mark_id", "firm", "lot", "ref"),
        told=_told(entry, mark),
    )


def _known(table: pl.DataFrame, day: date) -> pl.DataFrame:
    return table.filter((pl.col("known_from") <= day) & (pl.col("known_to").is_null() | (pl.col("known_to") > day)))


def _numbered(table: pl.DataFrame, firms: pl.Series, lots: pl.Series) -> pl.DataFrame:
    """The rows with numbers in place of ids; of bids also price over ceiling and whether they count as an offer."""
    by_firm = pl.DataFrame({"firm_id": firms, "firm": np.arange(len(firms), dtype=np.int64)})
    by_lot = pl.DataFrame({"lot_id": lots, "lot": np.arange(len(lots), dtype=np.int64)}, schema_overrides={"lot_id": pl.String})
    table = table.join(by_firm, on="firm_id").join(by_lot, on="lot_id", how="left")
    if "price" not in table.columns:
        return table
    price, ceiling = pl.col("price").cast(pl.Float64, strict=False), pl.col("ceiling").cast(pl.Float64, strict=False)
    return table.with_columns(
        price.fill_null(float("nan")).alias("price"),
        pl.when(ceiling > 0).then(price / ceiling).otherwise(None).fill_null(float("nan")).alias("ratio"),
        (~pl.col("state").fill_null("").is_in(["withdrawn", "rejected"])).alias("valid"),
        (pl.col("won").fill_null("0") == "1").alias("won"),
    )


def _lots(entry: pl.DataFrame, count: int) -> pl.DataFrame:
    """lot, stratum, category, bids, in the order of lots: a stratum is the lots that the same firms could have bid for, as far as the sources say."""
    said = entry.group_by("lot").agg(pl.col("category").max(), pl.col("regime").max(), pl.len().alias("bids")).sort("lot")
    assert said.height == count
    name = pl.concat_str(pl.col("category").fill_null(""), pl.col("regime").fill_null(""), separator="|")
    return said.with_columns((name.rank("dense") - 1).cast(pl.Int64).alias("stratum"))


def _told(entry: pl.DataFrame, mark: pl.DataFrame) -> frozenset[str]:
    told = set(mark["role"].unique())
    told |= {"price"} if entry["price"].is_not_nan().any() else set()
    told |= {name for name in ("category", "ceiling") if entry[name].is_not_null().any()}
    return frozenset(told)
