"""What a plain join on keys finds, as departments do it today: the yardstick that the resolver is shown beside."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

FALLBACK = {"person": ("name", "birth"), "legal_entity": ("name",), "building": ("address",), "room": ("address",)}
"""What stands in for a missing identifier: all of it must be there and equal."""


def keys(kind: str, form: pa.Table) -> pa.Table:
    """A partition (record_id, entity) of the records in `form_<kind>`: the same usable identifier, else exactly the same name and birth (firms: name; places: address)."""
    frame = pl.DataFrame(form)
    fallback = pl.concat_str(pl.lit("="), *FALLBACK[kind], separator="|")  # NULL when a part is missing
    alone = pl.lit("@") + pl.col("record_id").cast(pl.String)
    return frame.select("record_id", pl.coalesce(pl.col("id_no"), fallback, alone).alias("entity")).to_arrow()
