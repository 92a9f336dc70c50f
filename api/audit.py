"""The audit: one hash-chained row per question, committed before the answer. It keeps who asked what about which entities, never a value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

from cityweave.api import chain
from cityweave.api.state import State
from cityweave.engine.errors import CityweaveError


@dataclass(frozen=True)
class AuditCheck:
    """What `audit --verify` found."""

    rows: int
    sound: bool
    broken_at: int | None  # the first row of the chain that does not fit, None when sound or when a sealed row elsewhere does not fit
    says: str


def append(state: State, caller: str, purpose: str, question: str, entities: Iterable[str]) -> int:
    """Add one row and move the anchor, in one transaction that is on the disk when this returns; returns the row's number."""
    with state.write() as connection:
        return chain.add(connection, caller, purpose, question, _ids(entities))


def _ids(entities: Iterable[str]) -> str:
    return json.dumps(sorted(set(entities)))


@dataclass
class _Row:
    """A row on its way to the disk: then it has a number, or an error."""

    caller: str
    purpose: str
    question: str
    entities: str
    seq: int = 0
    error: CityweaveError | None = None


class Ledger:
    """Appends for many threads on one open connection: rows that wait while the disk is busy go down together, in one transaction.

    Each caller gets its row's number only after that transaction is on the disk. Use it as a context manager.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._opened = state.opened()
        self._waiting: list[_Row] = []
        self._queue, self._disk = Lock(), Lock()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._opened.close()

    def append(self, caller: str, purpose: str, question: str, entities: Iterable[str]) -> int:
        """As `append`."""
        row = _Row(caller, purpose, question, _ids(entities))
        with self._queue:
            self._waiting.append(row)
        with self._disk:
            if not row.seq and row.error is None:
                with self._queue:
                    rows, self._waiting = self._waiting, []
                self._write(rows)
        if row.error is not None:
            raise row.error
        return row.seq

    def _write(self, rows: Sequence[_Row]) -> None:
        try:
            with self._opened.write() as connection:
                numbers = [chain.add(connection, row.caller, row.purpose, row.question, row.entities) for row in rows]
        except CityweaveError as error:
            for row in rows:
                row.error = error
        else:
            for row, number in zip(rows, numbers, strict=True):
                row.seq = number


def verify(state: State) -> AuditCheck:
    """Walk the whole chain: finds a changed row, a missing one, one put in, and a cut tail (the anchor knows the count and the last hash).

    Then hold every decision, grant and opt-out to its seal in the chain: finds a changed, a missing and a smuggled one.
    """
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
        if before != prev or value != chain.link(prev, seq, at, caller, purpose, question, entities):
            return AuditCheck(seen, False, seq, f"第 {seq} 行被改动 / row {seq} was changed")
        prev = value
    if head is None or (seen, prev) != (head[0], head[1]):
        return AuditCheck(seen, False, seen + 1, f"末尾缺失：应有 {head[0] if head else '?'} 行 / the tail is cut: {head[0] if head else '?'} rows expected")
    odd = chain.broken_seal(connection)
    if odd is not None:
        word, number = odd
        return AuditCheck(seen, False, None, f"{word} 第 {number} 号与链中所封不符 / {word} number {number} is not as the chain has sealed it")
    return AuditCheck(seen, True, None, f"{seen} 行，完好 / {seen} rows, sound")
