"""Metrics from counts equal metrics from lists of pairs."""

from __future__ import annotations

import math

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cityweave.resolver import baseline, metrics


def _partition(labels: list[int]) -> pa.Table:
    return pa.table({"record_id": pa.array(range(len(labels)), pa.int64()), "entity": pa.array([f"e{label}" for label in labels], pa.string())})


def _pairs(labels: list[int]) -> set[tuple[int, int]]:
    return {(i, j) for i in range(len(labels)) for j in range(i + 1, len(labels)) if labels[i] == labels[j]}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_counts_give_what_pairs_give(both: list[tuple[int, int]]) -> None:
    found, true = [a for a, _ in both], [b for _, b in both]
    quality = metrics.compare(_partition(found), _partition(true))
    ours, theirs = _pairs(found), _pairs(true)
    assert (quality.found_pairs, quality.true_pairs, quality.right_pairs) == (len(ours), len(theirs), len(ours & theirs))
    precision = [sum(true[j] == true[i] for j in range(len(both)) if found[j] == found[i]) / found.count(found[i]) for i in range(len(both))]
    recall = [sum(found[j] == found[i] for j in range(len(both)) if true[j] == true[i]) / true.count(true[i]) for i in range(len(both))]
    assert math.isclose(quality.b_cubed.precision, sum(precision) / len(both))
    assert math.isclose(quality.b_cubed.recall, sum(recall) / len(both))


def test_a_perfect_partition_scores_one_and_records_without_truth_do_not_count() -> None:
    quality = metrics.compare(_partition([0, 0, 1, 1]), _partition([7, 7, 8]))
    assert quality.pairwise.f1 == quality.b_cubed.f1 == 1.0
    assert quality.records == 3


def test_the_baseline_joins_on_number_else_on_name_and_birth() -> None:
    rows = [("A", "x", "1"), ("A", "y", None), (None, "x", "1"), (None, "x", "1"), (None, "x", None), (None, "x", None)]
    columns = {"record_id": list(range(6)), "id_no": [row[0] for row in rows], "name": [row[1] for row in rows], "born": [row[2] for row in rows]}
    made = baseline.keys("person", pa.table(columns))["entity"].to_pylist()
    assert made[0] == made[1] == made[2] == made[3] and len(set(made)) == 3


def test_pairs_that_touch_some_records_are_counted_as_listed() -> None:
    found, true, some = [0, 0, 0, 1, 1], [5, 5, 6, 6, 7], {0, 3}
    quality = metrics.touching(_partition(found), _partition(true), pa.table({"record_id": sorted(some)}))
    ours, theirs = ({pair for pair in _pairs(labels) if some & set(pair)} for labels in (found, true))
    assert (quality.found_pairs, quality.true_pairs, quality.right_pairs) == (len(ours), len(theirs), len(ours & theirs))
    assert quality.records == 2
