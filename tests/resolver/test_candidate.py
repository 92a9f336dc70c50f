"""Candidates: who meets whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from cityweave.engine.trial import trial
from cityweave.resolver import plan, saved
from tests.resolver.village import Row, needed, number, plain_model, record, tables

ID = number("990101", "1990-01-02", 1)


def _pairs(rows: Sequence[Row], folder: Path, stop: Mapping[str, tuple[str, ...]] | None = None, kind: str = "person") -> set[tuple[int, int]]:
    model = dataclasses.replace(plain_model(plan.SETTINGS[kind]), stop=stop or {})
    steps = plan.steps([kind], {kind: saved.save(model, folder / f"{kind}.json")}, [], [])
    made = trial(steps, needed(steps, tables({kind: rows})), [f"candidate_{kind}"])[f"candidate_{kind}"]
    return {(row["left_id"], row["right_id"]) for row in made.to_pylist()}


def test_a_shared_value_makes_one_pair_and_the_left_has_the_smaller_ref(tmp_path: Path) -> None:
    rows = [
        record(1, key="9", name="王小明", birth="1990-01-02", phone="10012345678"),
        record(2, key="1", name="王小明", birth="1990-01-02", phone="10012345678"),
    ]
    assert _pairs(rows, tmp_path) == {(2, 1)}


def test_two_accepted_sides_do_not_meet_but_an_open_one_meets_both(tmp_path: Path) -> None:
    other = number("990101", "1990-01-02", 3)
    rows = [record(n, name="王小明", id_no=id_no) for n, id_no in ((1, ID), (2, ID), (3, other), (4, other))]
    assert _pairs(rows, tmp_path) == set()
    assert _pairs([*rows, record(5, name="王小明")], tmp_path) == {(n, 5) for n in range(1, 5)}


def test_a_stop_key_makes_no_pair_and_a_missing_part_no_key(tmp_path: Path) -> None:
    rows = [record(1, name="王小明"), record(2, name="王小明"), record(3, birth="1990-01-02"), record(4, birth="1990-01-02")]
    assert _pairs(rows, tmp_path) == {(1, 2)}
    assert _pairs(rows, tmp_path, {"name": ("王小明",)}) == set()


def test_one_number_under_names_that_do_not_agree_is_weighed_even_where_both_are_accepted(tmp_path: Path) -> None:
    rows = [record(n, name=name, id_no=ID) for n, name in ((1, "王小明"), (2, "王小明"), (3, "赵大刚"), (4, "赵大刚"))]
    assert _pairs(rows, tmp_path) == {(1, 3), (1, 4), (2, 3), (2, 4)}


def test_a_firm_meets_whoever_bears_one_of_its_former_names(tmp_path: Path) -> None:
    rows = [
        record(1, name="粤海甲贸易有限公司", former_name="粤海乙食品有限公司;粤海丙科技有限公司"),
        record(2, name="粤海丙科技有限公司", former_name="粤海甲贸易有限公司"),
        record(3, name="粤海乙食品有限公司"),
    ]
    assert _pairs(rows, tmp_path, kind="legal_entity") == {(1, 2), (1, 3)}
