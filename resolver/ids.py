"""Entity ids: a kind letter and the anchor (the smallest live record_id of the entity) in Crockford's base32, lower case, without leading zeros.

Alphabet 0123456789abcdefghjkmnpqrstvwxyz (https://www.crockford.com/base32.html): no i, l, o, u. An id that vanishes is retired with the records it last held and resolves for
ever to the entity that holds the smallest live one of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from cityweave.engine.errors import InputError

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DIGITS = 13  # 65 bits hold any BIGINT
WITHDRAWN = "withdrawn"
"""What a retired id resolves to when none of its records lives."""


def encode(letter: str, anchors: npt.NDArray[np.int64]) -> pl.Series:
    """The ids of entities with these anchors."""
    shifts = np.arange(5 * (DIGITS - 1), -1, -5, dtype=np.int64)
    digits = (anchors[:, None] >> shifts[None, :]) & 31
    letters = np.frombuffer(ALPHABET.encode(), dtype="S1")[digits]
    texts = np.ascontiguousarray(letters).view(f"S{DIGITS}").ravel().astype(f"U{DIGITS}")
    return letter + pl.Series(texts.tolist(), dtype=pl.String).str.strip_chars_start("0")


def decode(entity_id: str) -> int:
    """The anchor of an id. Errors: InputError when it is not one."""
    digits = entity_id[1:].lower()
    if not digits or len(digits) > DIGITS or any(digit not in ALPHABET for digit in digits):
        raise InputError("不是实体编号 / not an entity id", "", "实体编号如 p8000000g1 / an entity id looks like p8000000g1")
    anchor = 0
    for digit in digits:
        anchor = anchor * 32 + ALPHABET.index(digit)
    return anchor


def retired(old: pa.Table, new: pa.Table) -> pa.Table:
    """Rows (entity_id, record_id) for every id of membership `old` that `new` no longer has: the records it last held, sorted."""
    before, after = pl.DataFrame(old.select(["record_id", "entity_id"])), pl.DataFrame(new.select(["entity_id"]))
    gone = before.join(after.unique(), on="entity_id", how="anti")
    return gone.select("entity_id", "record_id").sort("entity_id", "record_id").to_arrow()


def resolve(entity_id: str, retired_rows: pa.Table, membership: pa.Table) -> str | None:
    """What an id means today: itself while it lives, else the entity that holds the smallest live record it last held, else "withdrawn"; None for an id never given."""
    current = pl.DataFrame(membership.select(["record_id", "entity_id"]))
    if current.select((pl.col("entity_id") == entity_id).any()).item():
        return entity_id
    held = pl.DataFrame(retired_rows).filter(pl.col("entity_id") == entity_id).select("record_id").unique()
    if held.is_empty():
        return None
    live = held.join(current, on="record_id", how="inner").sort("record_id")
    return str(live["entity_id"][0]) if live.height else WITHDRAWN
