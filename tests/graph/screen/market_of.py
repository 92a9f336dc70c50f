"""The market of a small synthetic city as screening reads it, every entity by its true name: what resolution would make of it if it erred nowhere."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

from cityweave.fixtures import city
from cityweave.fixtures.days import NEVER, dates
from cityweave.fixtures.model import City, truth_id
from cityweave.fixtures.source_tender import lot_code, market_of
from cityweave.fixtures.tender_model import Market

DAY = date(2026, 1, 5)
PEOPLE = 8_000


@cache
def town(seed: int = 5, rings: bool = True) -> City:
    """A city with eight rings and ten clubs."""
    return city.build(PEOPLE, seed, rings)


@cache
def tables(seed: int = 5, rings: bool = True) -> dict[str, pl.DataFrame]:
    """What `screen` takes."""
    made = town(seed, rings)
    market = market_of(made)
    known = [pl.lit(date(2025, 10, 5)).alias("known_from"), pl.lit(None, pl.Date).alias("known_to")]
    firm = truth_id("legal_entity", market.bid["firm_no"])
    lots = lot_code(market.lot)
    said = {"有效": "valid", "撤回": "withdrawn", "否决": "rejected"}
    entry = market.bid.select(
        pl.lit("bid").alias("source"),
        pl.lit(1).alias("batch"),
        (pl.int_range(pl.len()) + 1).alias("row_no"),
        lots.gather(market.bid["lot_no"]).alias("lot_id"),
        firm.alias("firm_id"),
        firm.alias("ref"),
        pl.lit(True).alias("accepted"),
        dates(market.bid["sent"].to_numpy(), "sent"),
        pl.col("price").cast(pl.String),
        pl.col("state").replace_strict(said),
        pl.col("won").cast(pl.Int64).cast(pl.String),
        *known,
    )
    lot = market.lot.select(
        pl.lit("tender").alias("source"),
        lots.alias("lot_id"),
        dates(market.lot["opened"].to_numpy(), "opened"),
        "category",
        "regime",
        "method",
        pl.col("ceiling").cast(pl.String),
        *known,
    )
    return {"tender_lot": lot, "tender_entry": entry, "tender_mark": _marks(made, market, entry, known), **_register(made)}


def _marks(made: City, market: Market, entry: pl.DataFrame, known: list[pl.Expr]) -> pl.DataFrame:
    bid = market.bid.with_row_index("row_no", offset=1)
    shown = {
        "delegate": truth_id("person", bid["delegate_no"]),
        "staff": truth_id("person", bid["staff_no"]),
        "device": bid["device"],
        "account": bid["account"],
        "agent": truth_id("legal_entity", bid["agent_no"]),
        "subcontractor": truth_id("legal_entity", bid["subcontractor_no"]),
    }
    parts = []
    for role, mark in shown.items():
        parts.append(
            entry.select(
                "source", "batch", "row_no", pl.lit(role).alias("role"), "firm_id", "lot_id", mark.alias("mark_id"), pl.col("sent").alias("held")
            )
        )
    enrol = market.enrol
    for role, mark in (("contact", truth_id("person", enrol["contact_no"])), ("phone", enrol["phone"])):
        parts.append(
            enrol.select(
                pl.lit("bidder").alias("source"),
                pl.lit(1).alias("batch"),
                (pl.int_range(pl.len()) + 1).alias("row_no"),
                pl.lit(role).alias("role"),
                truth_id("legal_entity", enrol["firm_no"]).alias("firm_id"),
                pl.lit(None, pl.String).alias("lot_id"),
                mark.alias("mark_id"),
                dates(enrol["since"].to_numpy(), "held"),
            )
        )
    marks = pl.concat([part.cast({"row_no": pl.Int64}) for part in parts]).drop_nulls("mark_id")
    return marks.with_columns(pl.lit(None, pl.Int64).alias("record_id"), pl.col("mark_id").alias("ref"), pl.lit(True).alias("accepted"), *known)


def _register(made: City) -> dict[str, pl.DataFrame]:
    rep, share = made.rep, made.share.filter(pl.col("until") >= NEVER)
    heads = pl.DataFrame(
        [
            truth_id("person", rep["person_no"]).alias("who"),
            truth_id("legal_entity", rep["firm_no"]).alias("firm_id"),
            pl.Series("how", ["head"] * rep.height),
            pl.Series("share", [None] * rep.height, dtype=pl.Int64),
            dates(rep["since"].to_numpy(), "valid_from"),
            dates(rep["until"].to_numpy(), "valid_to"),
        ]
    )
    holder = truth_id("person", share["person_no"]).zip_with(share["person_no"] >= 0, truth_id("legal_entity", share["firm_holder_no"]))
    held = pl.DataFrame(
        [
            holder.alias("who"),
            truth_id("legal_entity", share["firm_no"]).alias("firm_id"),
            pl.Series("how", ["holder"] * share.height),
            (share["percent"] * 10_000).cast(pl.Int64).alias("share"),
            dates(share["since"].to_numpy(), "valid_from"),
            dates(share["until"].to_numpy(), "valid_to"),
        ]
    )
    building = made.room["building"].gather(made.firm["room_no"]).cast(pl.String)
    firms = truth_id("legal_entity", pl.Series(range(made.firm.height), dtype=pl.Int64))
    seat = pl.DataFrame({"firm_id": firms, "address": made.firm["room_no"].cast(pl.String), "building": building})
    pair = pl.DataFrame(schema={"left_id": pl.Int64, "right_id": pl.Int64, "weight": pl.Int64})
    return {"behind": pl.concat([heads, held]), "seat": seat, "pair_person": pair}


def planted(name: str, seed: int = 5, rings: bool = True) -> dict[int, set[str]]:
    """The members of each `ring` or `club`."""
    table = getattr(market_of(town(seed, rings)), name)
    named = table.with_columns(truth_id("legal_entity", table["firm_no"]).alias("id"))
    return {int(number): set(group["id"]) for (number,), group in named.group_by(name)}
