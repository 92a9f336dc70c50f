"""state.sqlite: what people decided and asked. Small, transactional, never rebuilt: decisions, retired ids, grants, and the audit chain (audit.py)."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cityweave.api.chain import now, seal, seal_all
from cityweave.api.number import refuse_secret
from cityweave.engine.errors import DecisionError, StoreError

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE decision (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, because TEXT NOT NULL,
        verb TEXT NOT NULL CHECK (verb IN ('same', 'different', 'undo')),
        left_ref TEXT, right_ref TEXT, undoes INTEGER REFERENCES decision(seq)
    ) STRICT;
    CREATE TABLE retired (entity_id TEXT PRIMARY KEY, generation INTEGER NOT NULL, records TEXT NOT NULL) STRICT;
    CREATE TABLE grant_ (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, because TEXT NOT NULL,
        caller TEXT NOT NULL, grade INTEGER NOT NULL, until TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, caller TEXT NOT NULL, purpose TEXT NOT NULL, question TEXT NOT NULL,
        entities TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;
    INSERT INTO audit_head VALUES (1, 0, '');
    CREATE TRIGGER decision_keep BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
    CREATE TRIGGER decision_stay BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
    """,
    """
    CREATE TABLE opt_out (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, because TEXT NOT NULL,
        verb TEXT NOT NULL CHECK (verb IN ('out', 'in')), ref TEXT NOT NULL, list TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER opt_out_keep BEFORE UPDATE ON opt_out BEGIN SELECT RAISE(ABORT, 'opt-outs are never changed'); END;
    CREATE TRIGGER opt_out_stay BEFORE DELETE ON opt_out BEGIN SELECT RAISE(ABORT, 'opt-outs are never deleted'); END;
    """,
    """
    CREATE TRIGGER grant_keep BEFORE UPDATE ON grant_ BEGIN SELECT RAISE(ABORT, 'grants are never changed'); END;
    CREATE TRIGGER grant_stay BEFORE DELETE ON grant_ BEGIN SELECT RAISE(ABORT, 'grants are never deleted'); END;
    """,
)


SEALING = 3
"""The form from which on decisions, grants and opt-outs are sealed in the chain (chain.py); what was there before is sealed then."""


class StateError(StoreError):
    """state.sqlite cannot be used: without it nothing is answered."""


@dataclass(frozen=True)
class Decision:
    """What a person decided about two records, named by (source, key, role)."""

    seq: int
    verb: Literal["same", "different"]
    left_ref: str
    right_ref: str
    who: str
    because: str
    at: str


@dataclass(frozen=True)
class Grant:
    """Who may see clear values up to which grade, and until when (inclusive)."""

    caller: str
    grade: int
    until: dt.date
    who: str
    because: str


@dataclass(frozen=True)
class Retired:
    """An id that vanished when CURRENT moved, with the records it last held."""

    entity_id: str
    generation: int
    records: tuple[int, ...]


class State:
    """The state of one workspace. Every change is one transaction, durable when the call returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> State:
        """A new, empty state file at `path`."""
        sqlite3.connect(path).close()
        state = cls(path)
        with state.write():
            return state

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one immediate transaction; StateError when the file cannot be written (its mode holds for the superuser too)."""
        with self.opened() as opened, opened.write() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        with self.opened() as opened:
            try:
                yield opened.connection()
            except sqlite3.Error as error:
                raise self.refusal(error) from error

    def opened(self) -> Opened:
        """The file, to be used by one thread at a time and closed at the end."""
        return Opened(self)

    def refusal(self, error: sqlite3.Error) -> StateError:
        """Why nothing is answered."""
        return StateError(
            f"状态库不可写，拒绝回答 / the state file cannot be written, so nothing is answered: {error}",
            self.path.name,
            "恢复其写权限和磁盘空间后再试 / make it writable, with room on the disk, and try again",
        )

    def decide(self, verb: Literal["same", "different"], left_ref: str, right_ref: str, who: str, because: str) -> int:
        """Append a decision; returns its number."""
        if left_ref == right_ref:
            raise DecisionError("两条记录是同一条 / both are the same record", "", "给出两条不同的记录 / name two different records")
        _signed(who, because)
        left, right = sorted((left_ref, right_ref))
        with self.write() as connection:
            row = connection.execute(
                "INSERT INTO decision (at, who, because, verb, left_ref, right_ref) VALUES (?, ?, ?, ?, ?, ?) RETURNING seq",
                (now(), who, because, verb, left, right),
            ).fetchone()
            seal(connection, "decision", row[0])
            return int(row[0])

    def undo(self, seq: int, who: str, because: str) -> int:
        """Append the undoing of decision `seq`; returns its own number. The decision stays readable."""
        _signed(who, because)
        with self.write() as connection:
            found = connection.execute("SELECT verb FROM decision WHERE seq = ?", (seq,)).fetchone()
            if found is None or found[0] == "undo":
                raise DecisionError(f"没有决定 {seq} / there is no decision {seq}", "", "用 cityweave status 查看编号 / see the numbers with cityweave status")
            if connection.execute("SELECT 1 FROM decision WHERE undoes = ?", (seq,)).fetchone():
                raise DecisionError(f"决定 {seq} 已撤销 / decision {seq} is already undone", "", "无需再做 / nothing to do")
            row = connection.execute(
                "INSERT INTO decision (at, who, because, verb, undoes) VALUES (?, ?, ?, 'undo', ?) RETURNING seq", (now(), who, because, seq)
            ).fetchone()
            seal(connection, "decision", row[0])
            return int(row[0])

    def decisions(self) -> tuple[Decision, ...]:
        """The decisions in force: all but the undone ones, in the order they were taken."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT seq, verb, left_ref, right_ref, who, because, at FROM decision d "
                "WHERE verb <> 'undo' AND NOT EXISTS (SELECT 1 FROM decision u WHERE u.undoes = d.seq) ORDER BY seq"
            ).fetchall()
        return tuple(Decision(*row) for row in rows)

    def taken(self, numbers: Sequence[int]) -> tuple[Decision, ...]:
        """The decisions of these numbers, undone since or not: those that an older generation was made with."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT seq, verb, left_ref, right_ref, who, because, at FROM decision "
                "WHERE verb <> 'undo' AND seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (json.dumps(list(numbers)),),
            ).fetchall()
        return tuple(Decision(*row) for row in rows)

    def opt_out(self, ref: str, rule: str, who: str, because: str, *, undo: bool = False) -> int:
        """Keep that whom this record (source|key|role) is about does not want to be on that list (empty: on any), or wants to again; its number."""
        _signed(who, because)
        with self.write() as connection:
            last = connection.execute("SELECT verb FROM opt_out WHERE ref = ? AND list = ? ORDER BY seq DESC LIMIT 1", (ref, rule)).fetchone()
            if undo and (last is None or last[0] == "in"):
                where = f"--list {rule}" if rule else "--undo"
                raise DecisionError("没有可收回的 / there is nothing to take back", where, "与当初写的名单一致 / name the list that was named then")
            row = connection.execute(
                "INSERT INTO opt_out (at, who, because, verb, ref, list) VALUES (?, ?, ?, ?, ?, ?) RETURNING seq",
                (now(), who, because, "in" if undo else "out", ref, rule),
            ).fetchone()
            seal(connection, "opt_out", row[0])
            return int(row[0])

    def opted_out(self, rule: str) -> frozenset[str]:
        """The records (source|key|role) of those who do not want to be on that list: for each record and list the last word counts."""
        with self.read() as connection:
            rows = connection.execute(
                "SELECT ref, list, verb FROM opt_out o WHERE list IN ('', ?) "
                "AND seq = (SELECT max(seq) FROM opt_out x WHERE x.ref = o.ref AND x.list = o.list)",
                (rule,),
            ).fetchall()
        return frozenset(ref for ref, _, verb in rows if verb == "out")

    def retire(self, generation: int, held: Sequence[tuple[str, Sequence[int]]]) -> None:
        """Keep ids that generation `generation` no longer has, with the records they last held. Done before CURRENT moves; doing it twice is doing it once."""
        rows = [(entity, generation, json.dumps(sorted(records))) for entity, records in held]
        with self.write() as connection:
            connection.executemany(
                "INSERT INTO retired VALUES (?, ?, ?) ON CONFLICT (entity_id) DO UPDATE SET generation = excluded.generation, records = excluded.records", rows
            )

    def retired(self, entity_id: str) -> Retired | None:
        """What `entity_id` last held, None when it never vanished."""
        with self.read() as connection:
            row = connection.execute("SELECT entity_id, generation, records FROM retired WHERE entity_id = ?", (entity_id,)).fetchone()
        return None if row is None else Retired(row[0], row[1], tuple(json.loads(row[2])))

    def grant(self, grant: Grant) -> int:
        """Append a grant; returns its number."""
        _signed(grant.who, grant.because)
        if not grant.caller.strip():
            raise DecisionError("要写明授权给谁 / say to whom it is granted", "CALLER", "写上调用者 / name the caller")
        refuse_secret(grant.caller, "CALLER")
        with self.write() as connection:
            row = connection.execute(
                "INSERT INTO grant_ (at, who, because, caller, grade, until) VALUES (?, ?, ?, ?, ?, ?) RETURNING seq",
                (now(), grant.who, grant.because, grant.caller, grant.grade, grant.until.isoformat()),
            ).fetchone()
            seal(connection, "grant_", row[0])
            return int(row[0])

    def granted(self, caller: str, on: dt.date) -> int:
        """The highest grade that `caller` may see in clear on that date; 0 without a grant."""
        with self.read() as connection:
            row = connection.execute("SELECT max(grade) FROM grant_ WHERE caller = ? AND until >= ?", (caller, on.isoformat())).fetchone()
        return int(row[0] or 0)


class Opened:
    """One connection to the state file, opened at first use and again when the file is another one."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: tuple[int, sqlite3.Connection] | None = None

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        if self._held is not None:
            self._held[1].close()
            self._held = None

    def connection(self) -> sqlite3.Connection:
        """The connection; StateError when the file is missing, or may not be written: without it nothing is answered."""
        try:
            found = self._state.path.stat()
        except OSError:
            raise self._state.refusal(sqlite3.OperationalError("missing")) from None
        if not found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            raise self._state.refusal(sqlite3.OperationalError("read-only"))
        if self._held is None or self._held[0] != found.st_ino:
            self.close()
            self._held = (found.st_ino, self._connect())
        return self._held[1]

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The connection inside one immediate transaction."""
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._state.refusal(error) from error
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(self._state.path, isolation_level=None, timeout=30, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                raise self._state.refusal(error) from error
            raise
        return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest form, each step in one transaction."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StateError(
            "状态库由更新的版本写成 / the state file was written by a newer version", f"user_version {version}", "请升级 Cityweave / upgrade Cityweave"
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script};")
        if number == SEALING:
            seal_all(connection)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def _signed(who: str, because: str) -> None:
    if not who.strip() or not because.strip():
        raise DecisionError("要写明谁、为什么 / say who and why", "", "--by 谁 --because 为什么 / --by WHO --because WHY")
    for word, text in (("--by", who), ("--because", because)):
        refuse_secret(text, word)
