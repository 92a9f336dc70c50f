"""Trust is learned from what accepted identifiers hold together: who is wrong more often is believed less, whatever the order of rows."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from cityweave.resolver import trust
from cityweave.resolver.model_life import Trust, band


def tables(rows: list[tuple[int, str, str | None]], accepted: bool = True) -> tuple[pa.Table, pa.Table]:
    """Records (unit, source, birth) and their units."""
    record = pa.table(
        {
            "record_id": pa.array(range(len(rows)), pa.int64()),
            "source": [source for _, source, _ in rows],
            "known_to": pa.nulls(len(rows), pa.date32()),
            "birth": pa.array([birth for *_, birth in rows], pa.string()),
        }
    )
    unit = pa.table({"record_id": record["record_id"], "unit": pa.array([unit for unit, *_ in rows], pa.int64()), "accepted": [accepted] * len(rows)})
    return record, unit


def town(seed: int = 0) -> list[tuple[int, str, str | None]]:
    """200 people in three sources; c is wrong of every fifth, b of every fiftieth, a of none."""
    rows: list[tuple[int, str, str | None]] = []
    for n in range(200):
        right, wrong = f"19{n % 90 + 10}-01-01", f"19{n % 90 + 10}-02-02"
        rows += [(n, "a", right), (n, "b", wrong if n % 50 == 0 else right), (n, "c", wrong if n % 5 == 1 else right)]
    return sorted(rows, key=lambda row: hash((row, seed)))


def test_who_is_wrong_more_often_is_believed_less() -> None:
    learned = trust.learn(*tables(town()), ["birth"])
    assert learned["birth|a"] > learned["birth|b"] > learned["birth|c"]
    assert abs(learned["birth|c"] - 800) <= 10 and abs(learned["birth|b"] - 980) <= 10


def test_the_order_of_rows_teaches_nothing() -> None:
    assert trust.learn(*tables(town()), ["birth"]) == trust.learn(*tables(list(reversed(town()))), ["birth"])


def test_nothing_is_learned_where_sources_do_not_meet() -> None:
    alone: list[Any] = [(n, "a", "1980-01-01") for n in range(100)]
    assert trust.learn(*tables(alone), ["birth"]) == {}
    assert trust.learn(*tables(town(), accepted=False), ["birth"]) == {}


def test_sources_that_are_nearly_as_good_are_believed_alike() -> None:
    places = Trust({"a": 990, "b": 991, "c": 800}).places()
    assert places == {"a": 0, "b": 0, "c": 1}
    assert band(500) == 0 and band(999) > band(985) > band(900)
