"""The answer to who was penalised in a year: each penalty with its day, what for, and who says so."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from cityweave.api.answers_entities import labels
from cityweave.api.desk import EARLIEST, LATEST, Desk, day
from cityweave.api.model import Found
from cityweave.api.model_graph import Penalties
from cityweave.engine.errors import InputError


def penalties(desk: Desk, asked: Penalties) -> Found:
    """The penalties of a year, latest first; `undated` counts those of which no source tells the day; what the limit cut is counted."""
    as_of = day(asked.as_of) or desk.today
    year = _year(asked.year, as_of)
    facts = desk.served.scan("fact").filter(pl.col("type") == "penalty").collect()
    dated = facts.filter(pl.col("valid_from").dt.year() == year, pl.col("valid_from") <= as_of).sort("valid_from", "fact_id", descending=[True, False])
    parties = desk.served.where("fact_party", "fact_id", dated["fact_id"].to_list(), ("fact_id", "role", "entity_id")).filter(pl.col("role") == "firm")
    told = dated.join(parties.drop_nulls("entity_id"), on="fact_id", maintain_order="left")
    shown = told.head(asked.limit).to_dicts()
    named = labels(desk, {row["entity_id"] for row in shown})
    data = {
        "year": year,
        "as_of": as_of.isoformat(),
        "total": told.height,
        "firms": told["entity_id"].n_unique(),
        "undated": facts["valid_from"].null_count(),
        "penalties": [
            {
                "firm": row["entity_id"],
                "label": named[row["entity_id"]],
                "on": row["valid_from"].isoformat(),
                "what": row["detail"],
                "sources": row["sources"].split("+"),
                "fact": row["fact_id"],
            }
            for row in shown
        ],
        "cut": told.height - len(shown),
    }
    return Found(data, tuple(sorted(named)))


def _year(text: str, as_of: dt.date) -> int:
    if text in ("this", "last"):
        return as_of.year - (text == "last")
    if not re.fullmatch(r"\d{4}", text) or not EARLIEST.year <= int(text) < LATEST.year:
        raise InputError("年份读不懂 / the year is not understood", "--year", "写成 last、this 或 2020 / write last, this or 2020")
    return int(text)
