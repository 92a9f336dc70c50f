"""state.sqlite: decisions are appended and undone, never changed; grants end; retired ids stay."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from cityweave.api.state import MIGRATIONS, Grant, Retired, State, StateError
from cityweave.engine.errors import DecisionError, InputError


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.create(tmp_path / "state.sqlite")


def test_a_decision_counts_until_it_is_undone(state: State) -> None:
    one = state.decide("same", "b|2|person", "a|1|person", "李", "电话核实")
    two = state.decide("different", "a|1|person", "c|3|person", "李", "同名")
    assert [(d.seq, d.verb, d.left_ref, d.right_ref) for d in state.decisions()] == [
        (one, "same", "a|1|person", "b|2|person"),
        (two, "different", "a|1|person", "c|3|person"),
    ]
    state.undo(one, "王", "弄错了")
    assert [d.seq for d in state.decisions()] == [two]
    with pytest.raises(DecisionError, match="already undone"):
        state.undo(one, "王", "again")
    with pytest.raises(DecisionError, match="no decision"):
        state.undo(99, "王", "none")


@pytest.mark.parametrize(("left", "right", "who", "because"), [("a", "a", "x", "y"), ("a", "b", " ", "y"), ("a", "b", "x", "")])
def test_a_decision_needs_two_records_a_person_and_a_reason(state: State, left: str, right: str, who: str, because: str) -> None:
    with pytest.raises(DecisionError):
        state.decide("same", left, right, who, because)
    assert state.decisions() == ()


NUMBERS = ["990102196302030024", "９９０１０２１９６３０２０３００２４", "990102 19630203 0024", "990102630203002", "138-0013-8000", "+8613800138000"]


@pytest.mark.parametrize("text", NUMBERS)
def test_what_is_kept_holds_no_number(state: State, text: str) -> None:
    for who, because in ((text, "y"), ("x", f"本人 {text} 来电")):
        with pytest.raises(InputError, match="is kept") as told:
            state.decide("same", "a", "b", who, because)
        assert text not in str(told.value)
    assert state.decide("same", "a", "b", "王", "2026-01-05 第 20260105123 号来函")


def test_decisions_are_never_changed_or_deleted(state: State) -> None:
    state.decide("same", "a", "b", "x", "y")
    with sqlite3.connect(state.path) as connection:
        for statement in ("UPDATE decision SET who = 'z'", "DELETE FROM decision"):
            with pytest.raises(sqlite3.IntegrityError, match="decisions are never"):
                connection.execute(statement)
    connection.close()


def test_retiring_twice_is_retiring_once(state: State) -> None:
    for _ in range(2):
        state.retire(3, [("pa", [7, 5])])
    assert state.retired("pa") == Retired("pa", 3, (5, 7))
    assert state.retired("pb") is None


def test_a_grant_ends(state: State) -> None:
    state.grant(Grant("zhang", 3, dt.date(2020, 6, 30), "wang", "高龄津贴"))
    assert state.granted("zhang", dt.date(2020, 6, 30)) == 3
    assert state.granted("zhang", dt.date(2020, 7, 1)) == 0
    assert state.granted("li", dt.date(2020, 6, 1)) == 0


def test_the_file_is_durable_and_knows_its_version(state: State) -> None:
    with state.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_newer_file_is_refused(state: State) -> None:
    with state.write() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match="newer"):
        state.decisions()


def test_a_missing_file_is_refused_and_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="missing"):
        State(tmp_path / "state.sqlite").decisions()
    assert not (tmp_path / "state.sqlite").exists()
