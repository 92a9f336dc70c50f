"""Tender screening for the door: the tables of one generation, read once, and what was screened from them."""

from __future__ import annotations

import datetime as dt
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from cityweave.engine.errors import InputError
from cityweave.engine.generation import Generation
from cityweave.graph.screen.model import TENDER_ENTRY, TENDER_LOT, TENDER_MARK, Screening
from cityweave.graph.screen.screen import screen

_BEHIND = {"legal_representative": "head", "shareholding": "holder"}
_OWN = (TENDER_LOT.name, TENDER_ENTRY.name, TENDER_MARK.name)


class Screens:
    """The screenings of one generation; the last few stay."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self.screening = lru_cache(maxsize=4)(self._screening)

    def _screening(self, as_of: dt.date, known: dt.date) -> Screening:
        """Candidates among lots opened by `as_of`, as known on `known`."""
        return screen(self.tables, as_of, known)

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What is screened. InputError when no source tells bids."""
        generation = self._generation
        if not all(name in generation.manifest.tables for name in _OWN):
            raise InputError("这一代结果没有招投标的表 / this generation lacks the tables of tenders", "", "重新运行 cityweave run / run again: cityweave run")
        if not generation.rows(TENDER_ENTRY.name):
            raise InputError(
                "没有招投标来源：没有哪个来源说过投标 / no tender sources are loaded: no source tells of a bid",
                "",
                "交付投标记录，合同里写 type: bid / deliver bids, with events of type bid in their contract (docs/screening.md)",
            )
        tables = {name: self._read(name) for name in _OWN}
        tables["behind"] = self._behind()
        people = "pair_person" in generation.manifest.tables
        weights = {"left_id": pl.Int64, "right_id": pl.Int64, "weight": pl.Int64}
        tables["pair_person"] = self._read("pair_person", *weights) if people else pl.DataFrame(schema=weights)
        place = self._read("address", "text", "norm", "building_norm").rename({"norm": "address", "building_norm": "building"})
        seat = self._read("entity_legal_entity", "entity_id", "address").rename({"entity_id": "firm_id", "address": "text"})
        tables["seat"] = seat.join(place, on="text", how="left").select("firm_id", "address", "building")
        return tables

    def _behind(self) -> pl.DataFrame:
        """who, firm_id, how (head or holder), share (millionths), valid_from, valid_to: by facts, so that it is the same whatever store serves the graph."""
        fact = self._read("fact", "fact_id", "type", "valid_from", "valid_to", "detail").filter(pl.col("type").is_in(list(_BEHIND)))
        party = self._read("fact_party", "fact_id", "role", "entity_id").join(fact.select("fact_id"), on="fact_id", how="semi").drop_nulls("entity_id")
        firm = party.filter(pl.col("role") == "firm").select("fact_id", pl.col("entity_id").alias("firm_id"))
        who = party.filter(pl.col("role") != "firm").select("fact_id", pl.col("entity_id").alias("who"))
        made = fact.join(firm, on="fact_id").join(who, on="fact_id")
        how, share = pl.col("type").replace_strict(_BEHIND), pl.when(pl.col("type") == "shareholding").then(pl.col("detail").cast(pl.Int64, strict=False))
        return made.select("who", "firm_id", how.alias("how"), share.alias("share"), "valid_from", "valid_to")

    def _read(self, name: str, *columns: str) -> pl.DataFrame:
        made: Any = pl.from_arrow(self._generation.read(name, list(columns) or None))
        assert isinstance(made, pl.DataFrame)
        return made
