"""Versions: what a key's rows say in the order of their deliveries, whatever the batching."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cityweave.cfd_rules.contract import Contract
from tests.cfd_rules.town import Town, contract, csv

BASE = """
source: s
format: {kind: csv}
recorded_at: day
records: [{role: person, kind: person, elements: {name: name}}]
"""
DELTA = BASE + "delivery: delta\nkey: [k]\nop: {column: op, put: [put], drop: [drop], end: [end]}\n"
FULL = BASE + "delivery: full\nkey: [k]\n"
KEYLESS = BASE + "delivery: full\nkey: none\n"
HEAD = "k,op,name,day"


def times(town: Town) -> list[tuple[Any, ...]]:
    """(key, name, known_from, known_to, valid_from, valid_to, closed) as texts, in order."""
    rows = town.tables("record_person")["record_person"].to_pylist()
    names = ("key", "name", "known_from", "known_to", "valid_from", "valid_to", "closed")
    return sorted((tuple(None if row[name] is None else str(row[name]) for name in names) for row in rows), key=repr)


def test_a_change_closes_the_old_interval(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA + "on_change: change")])
    town.deliver("s", csv(HEAD, "1,put,甲,2020-01-01")).deliver("s", csv(HEAD, "1,put,乙,2021-05-01"))
    assert times(town) == [
        ("1", "乙", "2024-01-02", None, "2021-05-01", None, None),
        ("1", "甲", "2024-01-01", "2024-01-02", "2020-01-01", "2021-05-01", "changed"),
    ]
    assert len(set(town.rows("record_person", "record_id"))) == 1


def test_a_correction_replaces_it(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA)])
    town.deliver("s", csv(HEAD, "1,put,甲,2020-01-01")).deliver("s", csv(HEAD, "1,put,乙,2021-05-01"))
    assert times(town)[1] == ("1", "甲", "2024-01-01", "2024-01-02", "2020-01-01", None, "corrected")


def test_what_is_first_seen_as_ended_had_held_before(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA)])
    for line in ("1,end,甲,2020-01-01", "1,end,甲,2020-01-01", "1,put,甲,2021-01-01"):
        town.deliver("s", csv(HEAD, line))
    assert times(town) == [
        ("1", "甲", "2024-01-01", "2024-01-03", None, "2020-01-01", "ended"),
        ("1", "甲", "2024-01-03", None, "2021-01-01", None, None),
    ]


def test_a_whole_register_with_a_status_column(tmp_path: Path) -> None:
    """Each delivery restates everything: what is struck off is ended, what is void never was, what is not there any more is retracted."""
    text = BASE.replace("{kind: csv}", "{kind: csv}\ndelivery: full\nkey: [k]\nop: {column: op, put: [在册], end: [注销], drop: [作废]}")
    town = Town(tmp_path, [contract(text)])
    town.deliver("s", csv(HEAD, "1,在册,甲,2020-01-01", "2,注销,乙,2019-05-01", "3,在册,丙,2020-01-01", "4,在册,丁,2020-01-01"))
    town.deliver("s", csv(HEAD, "1,注销,甲,2023-06-01", "2,注销,乙,2019-05-01", "3,作废,丙,2020-01-01"))
    assert times(town) == [
        ("1", "甲", "2024-01-01", None, "2020-01-01", "2023-06-01", "ended"),
        ("2", "乙", "2024-01-01", None, None, "2019-05-01", "ended"),
        ("3", "丙", "2024-01-01", "2024-01-02", "2020-01-01", None, "retracted"),
        ("4", "丁", "2024-01-01", "2024-01-02", "2020-01-01", None, "retracted"),
    ]


def test_a_status_with_its_date_ends_what_a_row_tells(tmp_path: Path) -> None:
    text = BASE.replace("elements: {name: name}", "elements: {name: name, household_no: hh}") + (
        "delivery: full\nkey: [k]\nvalid_to: [{column: struck, when: {equals: {status: 注销}}}]\n"
        "events: [{type: household, participants: {member: person, household: {thing: household, column: hh}}}]\n"
    )
    town = Town(tmp_path, [contract(text)])
    town.deliver("s", csv("k,name,day,hh,status,struck", "1,甲,2020-01-01,001,注销,2023-06-01", "2,乙,2020-01-01,001,在册,2023-06-01"))
    assert sorted(str(row["valid_to"]) for row in town.tables("event")["event"].to_pylist()) == ["2023-06-01", "None"]
    assert [row[5] for row in times(town)] == ["2023-06-01", None]


def test_a_withdrawal_and_a_return(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA)])
    for line in ("1,put,甲,2020-01-01", "1,drop,,2020-01-01", "1,put,甲,2020-01-01", "2,drop,,2020-01-01"):
        town.deliver("s", csv(HEAD, line))
    assert times(town) == [
        ("1", "甲", "2024-01-01", "2024-01-02", "2020-01-01", None, "retracted"),
        ("1", "甲", "2024-01-03", None, "2020-01-01", None, None),
    ]
    assert len(set(town.rows("record_person", "record_id"))) == 1


def test_an_end_keeps_the_record(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA)])
    town.deliver("s", csv(HEAD, "1,put,甲,2020-01-01")).deliver("s", csv(HEAD, "1,end,,2022-03-04"))
    assert times(town) == [("1", "甲", "2024-01-01", None, "2020-01-01", "2022-03-04", "ended")]


@pytest.mark.parametrize(
    ("absent", "line"),
    [
        ("retracted", ("2", "乙", "2024-01-01", "2024-01-02", "2020-01-01", None, "retracted")),
        ("ended", ("2", "乙", "2024-01-01", None, "2020-01-01", "2024-01-02", "ended")),
    ],
)
def test_absent_from_a_full_delivery(tmp_path: Path, absent: str, line: tuple[Any, ...]) -> None:
    town = Town(tmp_path, [contract(FULL + f"absent: {absent}")])
    town.deliver("s", csv("k,name,day", "1,甲,2020-01-01", "2,乙,2020-01-01")).deliver("s", csv("k,name,day", "1,甲,2020-01-01"))
    assert times(town) == [("1", "甲", "2024-01-01", None, "2020-01-01", None, None), line]


def test_absent_ended_and_back_again_is_open_once(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(FULL + "absent: ended")])
    for lines in (("1,甲,2020-01-01", "2,乙,2020-01-01"), ("1,甲,2020-01-01",), ("1,甲,2020-01-01", "2,乙,2020-01-01")):
        town.deliver("s", csv("k,name,day", *lines))
    assert [row[3] for row in times(town) if row[0] == "2"] == ["2024-01-03", None]


def test_rows_without_a_key_are_known_by_content_and_occurrence(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(KEYLESS)])
    town.deliver("s", csv("name,day", "甲,2020-01-01", "甲,2020-01-01", "乙,2020-01-01")).deliver("s", csv("name,day", "乙,2020-01-01", "甲,2020-01-01"))
    made = [(row[1], row[3]) for row in times(town)]
    assert sorted(made, key=repr) == sorted([("甲", None), ("甲", "2024-01-02"), ("乙", None)], key=repr)


def test_a_key_twice_in_a_batch_last_row_wins_the_other_is_a_violation(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(DELTA)])
    town.deliver("s", csv(HEAD, "1,put,甲,2020-01-01", "1,put,乙,2020-01-01"))
    assert [(row[0], row[1]) for row in times(town)] == [("1", "乙")]
    assert town.rows("rule_violation", "source", "batch", "row_no", "rule") == [("s", 1, 1, "duplicate_key")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("123"), st.sampled_from(["put", "put", "put", "drop", "end"]), st.sampled_from("甲乙丙")), min_size=3, max_size=14),
    st.lists(st.integers(1, 13), max_size=4),
    st.randoms(use_true_random=False),
)
def test_batching_and_order_do_not_change_what_is_known_at_the_end(tmp_path_factory: pytest.TempPathFactory, lines: Any, cuts: list[int], random: Any) -> None:
    """The rows of a key keep their order; all else may be cut and mixed."""
    texts = [f"{key},{op},{name},2020-01-{place + 1:02d}" for place, (key, op, name) in enumerate(lines)]
    queues = {key: [text for text in texts if text[0] == key] for key in "123"}
    mixed = []
    while any(queues.values()):
        mixed.append(queues[random.choice([key for key in queues if queues[key]])].pop(0))
    assert open_rows(tmp_path_factory, contract(DELTA), texts, []) == open_rows(tmp_path_factory, contract(DELTA), mixed, cuts)


def open_rows(factory: pytest.TempPathFactory, agreed: Contract, lines: list[str], cuts: list[int]) -> list[tuple[Any, ...]]:
    """What the open records say, by ref."""
    town = Town(factory.mktemp("town"), [agreed])
    edges = [0, *sorted({cut for cut in cuts if cut < len(lines)}), len(lines)]
    for start, end in pairwise(edges):
        town.deliver("s", csv(HEAD, *lines[start:end]))
    rows = town.tables("record_person")["record_person"].to_pylist()
    return sorted((row["ref"], row["name"], str(row["recorded_at"])) for row in rows if row["known_to"] is None)


def test_what_is_put_and_ended_in_one_batch_was_there(tmp_path: Path) -> None:
    """As in two batches: the record stays, and its valid time is closed."""
    town = Town(tmp_path, [contract(DELTA)])
    town.deliver("s", csv(HEAD, "1,put,甲,2020-01-01", "1,put,乙,2020-01-01", "1,end,,2021-01-01", "2,put,丙,2020-01-01", "2,drop,,2021-01-01"))
    assert times(town) == [("1", "乙", "2024-01-01", None, "2020-01-01", "2021-01-01", "ended")]
