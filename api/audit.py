"""The audit: one hash-chained row per question, committed before the answer. It keeps who asked what about which entities, never a value."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from cityweave.api.state import State, now


@dataclass(frozen=True)
class AuditCheck:
    """What `audit --verify` found."""

    rows: int
    sound: bool
    broken_at: int | None  # the first row that does not fit, None when sound
    says: str


def _hash(prev: str, seq: int, at: str, caller: str, purpose: str, question: str, entities: str) -> str:
    text = json.dumps([prev, seq, at, caller, purpose, question, entities], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def append(state: State, caller: str, purpose: str, question: str, entities: Iterable[str]) -> int:
    """Add one row and move the anchor, in one transaction that is on the disk when this returns; returns the row's number."""
    with state.write() as connection:
        count, prev = connection.execute("SELECT count, hash FROM audit_head WHERE one = 1").fetchone()
        seq, at, ids = int(count) + 1, now(), json.dumps(sorted(set(entities)))
        value = _hash(prev, seq, at, caller, purpose, question, ids)
        connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, at, caller, purpose, question, ids, prev, value))
        connection.execute("UPDATE audit_head SET count = ?, hash = ? WHERE one = 1", (seq, value))
        return seq


def verify(state: State) -> AuditCheck:
    """Walk the whole chain: finds a changed row, a missing one, one put in, and a cut tail (the anchor knows the count and the last hash)."""
    with state.read() as connection:
        connection.execute("BEGIN")
        check = _walk(connection)
        connection.execute("COMMIT")
    return check


def _walk(connection: sqlite3.Connection) -> AuditCheck:
    head = connection.execute("SELECT count, hash FROM audit_head WHERE one = 1").fetchone()
    prev, seen = "", 0
    for seq, at, caller, purpose, question, entities, before, value in connection.execute(
        "SELECT seq, at, caller, purpose, question, entities, prev, hash FROM audit ORDER BY seq"
    ):
        seen += 1
        if seq != seen:
            return AuditCheck(seen, False, seen, f"第 {seen} 行缺失 / row {seen} is missing")
        if before != prev or value != _hash(prev, seq, at, caller, purpose, question, entities):
            return AuditCheck(seen, False, seq, f"第 {seq} 行被改动 / row {seq} was changed")
        prev = value
    if head is None or (seen, prev) != (head[0], head[1]):
        return AuditCheck(seen, False, seen + 1, f"末尾缺失：应有 {head[0] if head else '?'} 行 / the tail is cut: {head[0] if head else '?'} rows expected")
    return AuditCheck(seen, True, None, f"{seen} 行，完好 / {seen} rows, sound")
