"""Ids: one letter, base32, and what becomes of those that vanish."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cityweave.engine.errors import InputError
from cityweave.resolver import ids


@given(st.lists(st.integers(1, 2**63 - 1), min_size=1))
def test_an_id_is_its_anchor_and_sorts_no_two_into_one(anchors: list[int]) -> None:
    made = ids.encode("p", np.array(anchors, np.int64)).to_list()
    assert [ids.decode(entity) for entity in made] == anchors
    assert all(len(entity) <= 14 and entity[0] == "p" and not set(entity[1:]) - set(ids.ALPHABET) for entity in made)


@pytest.mark.parametrize("text", ["", "p", "pI", "p" + "z" * 14, "p-1"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        ids.decode(text)


def _membership(**groups: list[int]) -> pa.Table:
    rows = [(record, entity) for entity, records in groups.items() for record in records]
    return pa.table({"record_id": pa.array([record for record, _ in rows], pa.int64()), "entity_id": pa.array([entity for _, entity in rows], pa.string())})


def test_after_a_merge_the_younger_id_leads_to_the_older() -> None:
    old, new = _membership(p1=[1, 2], p5=[5, 6]), _membership(p1=[1, 2, 5, 6])
    gone = ids.retired(old, new)
    assert gone.to_pylist() == [{"entity_id": "p5", "record_id": 5}, {"entity_id": "p5", "record_id": 6}]
    assert ids.resolve("p5", gone, new) == "p1" == ids.resolve("p1", gone, new)


def test_after_a_split_the_part_with_the_anchor_keeps_the_id() -> None:
    old, new = _membership(p1=[1, 2, 5]), _membership(p1=[1, 2], p5=[5])
    gone = ids.retired(old, new)
    assert gone.num_rows == 0
    assert ids.resolve("p1", gone, new) == "p1"


def test_after_the_anchor_is_withdrawn_the_id_leads_to_the_smallest_record_left() -> None:
    old, new = _membership(p1=[1, 2, 5]), _membership(p2=[2], p5=[5])
    gone = ids.retired(old, new)
    assert ids.resolve("p1", gone, new) == "p2"
    assert ids.resolve("p1", gone, _membership(p5=[5])) == "p5"
    assert ids.resolve("p1", gone, _membership(p9=[9])) == ids.WITHDRAWN


def test_an_id_never_given_is_nobody() -> None:
    assert ids.resolve("p7", ids.retired(_membership(p1=[1]), _membership(p1=[1])), _membership(p1=[1])) is None
