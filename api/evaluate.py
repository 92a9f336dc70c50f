"""How good a generation is against a truth: pairwise precision, recall and F1, and B-cubed, by kind, beside a plain identifier join on the same rows.

A truth is read here and nowhere else; nothing that makes a generation can see it.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from cityweave.api import evaluate_cleaning, evaluate_facts, truth
from cityweave.api.answers_tables import WHOLE, membership
from cityweave.api.desk import Desk
from cityweave.api.model import Evaluate, Found
from cityweave.engine.errors import InputError

KEYS = {"person": "id_no", "legal_entity": "uscc", "building": "building_code", "room": "room_code"}
"""What a plain join joins on, by kind; a row without it stays alone."""


def evaluate(desk: Desk, asked: Evaluate) -> Found:
    """Scores by kind, of live records: ours, and the identifier join's."""
    told = truth.read(Path(asked.truth), desk)
    live = membership(desk.served).join(told, on=["batch", "row", "role"], how="inner")
    if live.is_empty():
        raise InputError("真相与交付的行对不上 / the truth names no delivered row", "--truth", f"列应为 / its columns are: {', '.join(truth.COLUMNS)}")
    kinds = []
    for kind in desk.served.kinds():
        keys = _keys(desk, kind)
        rows = live.join(keys, on="record_id", how="inner")
        if rows.height:
            right = rows.select("record_id", entity=pl.col("true"))
            kinds.append(
                {
                    "kind": kind,
                    "records": rows.height,
                    "entities": rows["entity_id"].n_unique(),
                    "true_entities": rows["true"].n_unique(),
                    "cityweave": desk.floors.score(rows.select("record_id", entity="entity_id"), right),
                    "keys": desk.floors.score(rows.select("record_id", entity="joined"), right),
                }
            )
    return Found(
        {
            "kinds": kinds,
            "cleaning": evaluate_cleaning.cleaning(desk, Path(asked.truth)),
            "facts": evaluate_facts.dating(desk, Path(asked.truth)),
            "unmatched": membership(desk.served).height - live.height,
        },
        WHOLE,
    )


def _keys(desk: Desk, kind: str) -> pl.DataFrame:
    """record_id, joined: the delivered identifier, upper case and without spaces; a record without one is its own group."""
    rows = desk.served.scan(f"record_{kind}").filter(pl.col("known_to").is_null())
    key = pl.col(KEYS[kind]).str.to_uppercase().str.replace_all(r"\s", "")
    alone = pl.concat_str(pl.lit("#"), pl.col("record_id").cast(pl.String))
    return rows.select("record_id", pl.when(key.is_null() | (key == "")).then(alone).otherwise(key).alias("joined")).collect()
