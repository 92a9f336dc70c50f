"""The audit chain: whatever is changed, taken out, put in or cut off is found."""

from __future__ import annotations

import datetime as dt
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cityweave.api import audit
from cityweave.api.state import MIGRATIONS, SEALING, Grant, State, StateError


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


@pytest.fixture
def decided(state: State) -> State:
    state.decide("same", "a|1|p", "b|2|p", "wang", "来函")
    state.undo(1, "wang", "看错")
    state.grant(Grant("zhang", 3, dt.date(2030, 1, 1), "wang", "高龄津贴"))
    state.opt_out("a|1|p", "", "wang", "本人来电")
    return state


SMUGGLED = {
    "a grant that lasts longer": ("grant_", "UPDATE grant_ SET until = '2099-01-01'", "grant number 1"),
    "a higher grade": ("grant_", "UPDATE grant_ SET grade = 4", "grant number 1"),
    "a grant put in": ("grant_", "INSERT INTO grant_ SELECT 2, at, who, because, 'li', 4, until FROM grant_", "grant number 2"),
    "a grant taken out": ("grant_", "DELETE FROM grant_", "grant number 1"),
    "another verb": ("decision", "UPDATE decision SET verb = 'different' WHERE seq = 1", "decide number 1"),
    "an undo taken out": ("decision", "DELETE FROM decision WHERE seq = 2", "decide number 2"),
    "another reason": ("decision", "UPDATE decision SET because = 'x' WHERE seq = 1", "decide number 1"),
    "an opt-out turned": ("opt_out", "UPDATE opt_out SET verb = 'in'", "opt_out number 1"),
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_what_people_decided_and_granted_is_held_to_its_seal(decided: State, name: str) -> None:
    assert audit.verify(decided).sound and audit.verify(decided).rows == 9
    table, script, says = SMUGGLED[name]
    connection = sqlite3.connect(decided.path)
    triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))]
    if script.startswith(("UPDATE", "DELETE")):
        with pytest.raises(sqlite3.IntegrityError, match="are never"):
            connection.execute(script)
    connection.executescript("".join(f"DROP TRIGGER {trigger};" for trigger in triggers) + script)
    connection.close()
    check = audit.verify(decided)
    assert not check.sound and says in check.says


def test_what_was_there_before_there_were_seals_is_sealed(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "state.sqlite")
    for script in MIGRATIONS[: SEALING - 1]:
        old.executescript(script)
    old.execute(f"PRAGMA user_version = {SEALING - 1}")
    old.execute("INSERT INTO grant_ VALUES (1, '2025-01-01', 'wang', 'x', 'zhang', 3, '2030-01-01')")
    old.commit()
    old.close()
    state = State(tmp_path / "state.sqlite")
    assert audit.verify(state).rows == 1 and audit.verify(state).sound and state.granted("zhang", dt.date(2029, 1, 1)) == 3


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
