"""The audit chain: whatever is changed, taken out, put in or cut off is found."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cityweave.api import audit
from cityweave.api.state import State, StateError


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State.create(tmp_path / "state.sqlite")
    for number in range(5):
        audit.append(made, "zhang", "高龄津贴", f'["find", {{"limit": {number}}}]', ["pb", "pa"])
    return made


def test_a_sound_chain(state: State) -> None:
    check = audit.verify(state)
    assert (check.rows, check.sound, check.broken_at) == (5, True, None)


TAMPERINGS = {
    "a changed caller": ("UPDATE audit SET caller = 'li' WHERE seq = 3", 3),
    "a changed purpose": ("UPDATE audit SET purpose = '' WHERE seq = 1", 1),
    "a changed question": ("UPDATE audit SET question = 'x' WHERE seq = 5", 5),
    "changed entities": ("UPDATE audit SET entities = '[]' WHERE seq = 2", 2),
    "a changed time": ("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 4", 4),
    "a changed hash": ("UPDATE audit SET hash = 'f' WHERE seq = 4", 4),
    "a missing first row": ("DELETE FROM audit WHERE seq = 1", 1),
    "a missing middle row": ("DELETE FROM audit WHERE seq = 3", 3),
    "a missing middle row, renumbered": ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3),
    "a cut tail": ("DELETE FROM audit WHERE seq > 3", 4),
    "all rows gone": ("DELETE FROM audit", 1),
    "two rows exchanged": ("UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 9", 2),
    "the anchor moved back": ("UPDATE audit_head SET count = 4", 6),
    "the anchor gone": ("DELETE FROM audit_head", 6),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found(state: State, name: str) -> None:
    script, broken_at = TAMPERINGS[name]
    connection = sqlite3.connect(state.path)
    connection.executescript(script)
    connection.close()
    check = audit.verify(state)
    assert (check.sound, check.broken_at) == (False, broken_at)


def test_a_read_only_file_takes_no_row(state: State) -> None:
    state.path.chmod(0o444)
    with pytest.raises(StateError, match="nothing is answered"):
        audit.append(state, "zhang", "", "status", [])


def test_entities_are_kept_in_order_and_once(state: State) -> None:
    audit.append(state, "li", "", "q", ["pc", "pa", "pc"])
    with state.read() as connection:
        assert connection.execute("SELECT entities FROM audit ORDER BY seq DESC LIMIT 1").fetchone() == ('["pa", "pc"]',)


def test_many_threads_share_a_transaction_and_each_has_its_row(tmp_path: Path) -> None:
    state = State.create(tmp_path / "state.sqlite")
    with audit.Ledger(state) as ledger, ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda number: ledger.append("c", "p", f"question {number}", ["p1"]), range(400)))
    assert sorted(numbers) == list(range(1, 401))
    assert audit.verify(state) == audit.AuditCheck(400, True, None, "400 行，完好 / 400 rows, sound")
    with state.read() as connection:
        told = dict(connection.execute("SELECT seq, question FROM audit").fetchall())
    assert [told[number] for number in numbers] == [f"question {number}" for number in range(400)]


def test_each_waiting_thread_is_told_when_nothing_can_be_written(tmp_path: Path) -> None:
    state = State.create(tmp_path / "state.sqlite")
    with audit.Ledger(state) as ledger, ThreadPoolExecutor(4) as pool:
        ledger.append("c", "p", "the first", [])
        state.path.chmod(0o444)
        for future in [pool.submit(ledger.append, "c", "p", "refused", []) for _ in range(20)]:
            with pytest.raises(StateError):
                future.result()
        state.path.chmod(0o644)
        assert ledger.append("c", "p", "the second", []) == 2
    assert audit.verify(state).sound
