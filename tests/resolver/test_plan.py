"""The whole of floor 3 on a village: order, engines, decisions, models."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cityweave.engine import lint
from cityweave.engine.engines import load_engine
from cityweave.engine.errors import ModelError
from cityweave.engine.trial import trial
from cityweave.resolver import ids, plan, saved
from cityweave.resolver.model import Decision
from cityweave.resolver.saved import Model
from tests.resolver.village import Row, needed, people, plain_model, record, tables

TARGETS = ["membership", "possible", "unbound_decision"]


def _models(folder: Path) -> dict[str, Model]:
    return {kind: saved.save(plain_model(plan.SETTINGS[kind]), folder / f"{kind}.json") for kind in plan.TRAINED}


def _run(rows: Sequence[Row], models: dict[str, Model], decisions: Sequence[Decision] = (), **how: object) -> dict[str, pa.Table]:
    steps = plan.steps(plan.KINDS, models, decisions, [])
    return trial(steps, needed(steps, tables({"person": rows})), TARGETS, **how)  # type: ignore[arg-type]  # engine or shuffle


def _groups(rows: Sequence[Row], made: dict[str, pa.Table]) -> set[frozenset[str]]:
    ref = {row["record_id"]: row["ref"] for row in rows}
    groups: dict[str, set[str]] = {}
    for row in made["membership"].to_pylist():
        groups.setdefault(row["entity_id"], set()).add(ref[row["record_id"]])
    return {frozenset(group) for group in groups.values()}


def test_every_step_passes_the_lint(tmp_path: Path) -> None:
    lint.check(plan.steps(plan.KINDS, _models(tmp_path), [Decision(1, "same", ("a", "1", "person"), ("b", "2", "person"))], []))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 1000))
def test_other_record_ids_and_another_order_give_the_same_partition(tmp_path: Path, seed: int) -> None:
    models = _models(tmp_path)
    rows = [row | {"ref": f"{row['source']}|k{row['record_id']}|person"} for row in people(40, seed)[0]]
    ids = random.Random(seed).sample(range(1, 10_000), len(rows))
    again = [row | {"record_id": number, "row_no": number} for row, number in zip(rows, ids, strict=True)][::-1]
    first = _groups(rows, _run(rows, models))
    assert first == _groups(again, _run(again, models, shuffle=seed))
    assert any(len(group) > 1 for group in first)


def test_an_entity_is_named_by_its_smallest_record(tmp_path: Path) -> None:
    rows = people(30, seed=2)[0]
    made = _run(rows, _models(tmp_path))["membership"].to_pylist()
    groups: dict[str, list[int]] = {}
    for row in made:
        groups.setdefault(row["entity_id"], []).append(row["record_id"])
    assert all(entity == "p" + ids.encode("", np.array([min(held)], np.int64))[0] for entity, held in groups.items()) and len(made) == len(rows)


def test_a_decision_whose_record_is_gone_is_reported(tmp_path: Path) -> None:
    rows = [record(1, name="王小明"), record(2, name="李丽")]
    here, gone = ("s", "1", "person"), ("s", "77", "person")
    made = _run(rows, _models(tmp_path), [Decision(4, "different", here, gone), Decision(5, "same", here, ("s", "2", "person"))])
    assert made["unbound_decision"].to_pylist() == [{"id": 4, "verb": "different", "missing": "right"}]
    assert _groups(rows, made) == {frozenset({"s|1|person", "s|2|person"})}


def test_without_a_model_the_message_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="cityweave train"):
        plan.steps(["person"], {}, [], [])


@pytest.mark.spark
def test_spark_gives_the_same_rows(tmp_path: Path) -> None:
    rows, models = people(12, seed=4)[0], _models(tmp_path)
    assert {name: table.to_pylist() for name, table in _run(rows, models, engine=load_engine("spark")).items()} == {
        name: table.to_pylist() for name, table in _run(rows, models).items()
    }
