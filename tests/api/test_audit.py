"""The audit chain: whatever is changed, taken out, put in or cut off is found."""

from __future__ import annotations

import sqlite3
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
