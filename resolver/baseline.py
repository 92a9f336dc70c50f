"""What a plain join on keys finds, as departments do it today: the simpler of the two yardsticks that the resolver is shown beside."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

FALLBACK = {"person": ("name", "born"), "legal_entity": ("name",), "building": ("address",), "room": ("address",)}
"""What stands in for a missing identifier: all of it must be there and equal."""


def keys(kind: str, form: pa.Table) -> pa.Table:
    """A partition (record_id, entity) of the records in `form_<kind>`: one usable identifier, else exactly the same name and birth (firms: name; places: address).

    A record without identifier joins the one identifier that a record with equal name and birth bears; where there is none, or several, those without form a group.
    """
    frame = pl.DataFrame(form).with_columns(same=pl.concat_str(pl.lit("="), *FALLBACK[kind], separator="|"))  # NULL when a part is missing
    held = (
        frame.filter(pl.col("id_no").is_not_null() & pl.col("same").is_not_null())
        .group_by("same")
        .agg(pl.col("id_no").min(), pl.col("id_no").n_unique().alias("n"))
    )
    only = frame.join(held.filter(pl.col("n") == 1).select("same", only="id_no"), on="same", how="left")
    alone = pl.lit("@") + pl.col("record_id").cast(pl.String)
    return only.select("record_id", pl.coalesce("id_no", "only", "same", alone).alias("entity")).to_arrow()
