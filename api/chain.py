"""The hash chain of state.sqlite: each row holds the hash of the one before, and an anchor knows how many there are and the last hash.

Beside what was asked (audit.py) the chain holds a seal of every decision, grant and opt-out: the hash of its row, written in the same transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Final

SEALED: Final = {"decision": "decide", "grant_": "grant", "opt_out": "opt_out"}
"""Tables whose rows are sealed -> what the chain calls it."""


def now() -> str:
    """The clock, in UTC to the second; only state rows carry it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def link(prev: str, seq: int, at: str, caller: str, purpose: str, question: str, entities: str) -> str:
    """The hash of a row."""
    text = json.dumps([prev, seq, at, caller, purpose, question, entities], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def add(connection: sqlite3.Connection, caller: str, purpose: str, question: str, entities: str = "[]") -> int:
    """Add a row inside a transaction and move the anchor; its number."""
    count, prev = connection.execute("SELECT count, hash FROM audit_head WHERE one = 1").fetchone()
    seq, at = int(count) + 1, now()
    value = link(prev, seq, at, caller, purpose, question, entities)
    connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, at, caller, purpose, question, entities, prev, value))
    connection.execute("UPDATE audit_head SET count = ?, hash = ? WHERE one = 1", (seq, value))
    return seq


def seal(connection: sqlite3.Connection, table: str, seq: int) -> None:
    """Seal a row of a sealed table, in the transaction that writes it."""
    (row,) = _rows(connection, table, f"WHERE seq = {int(seq)}")
    add(connection, row["who"], row["because"], _seal(table, row))


def seal_all(connection: sqlite3.Connection) -> None:
    """Seal what was written before there were seals."""
    for table in SEALED:
        for row in list(_rows(connection, table)):
            add(connection, row["who"], row["because"], _seal(table, row))


def broken_seal(connection: sqlite3.Connection) -> tuple[str, int] | None:
    """The first row of a sealed table that is not as it was sealed, is gone, or was never sealed: (table, its number)."""
    for table, word in SEALED.items():
        sealed = {str(question) for (question,) in connection.execute("SELECT question FROM audit WHERE question LIKE ?", (f'["{word}", {{"number":%',))}
        there = {_seal(table, row) for row in _rows(connection, table)}
        odd = sorted(json.loads(text)[1]["number"] for text in sealed ^ there)
        if odd:
            return word, odd[0]
    return None


def _seal(table: str, row: sqlite3.Row) -> str:
    digest = hashlib.sha256(json.dumps([table, *row], ensure_ascii=False).encode()).hexdigest()
    return json.dumps([SEALED[table], {"number": row["seq"], "row": digest}])


def _rows(connection: sqlite3.Connection, table: str, where: str = "") -> Iterator[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    yield from cursor.execute(f"SELECT * FROM {table} {where} ORDER BY seq")
