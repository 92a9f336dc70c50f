"""Our scorer against Splink's predict, on every candidate pair: the same model, the same pairs, two programs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from splink import DuckDBAPI, Linker, SettingsCreator

from cityweave.engine.functions import PYTHON_BACKED
from cityweave.engine.trial import trial
from cityweave.resolver import plan, saved, score, train
from cityweave.resolver.settings import BIT, Settings
from tests.resolver.village import needed, people, tables
from tests.resolver.worlds import city_tables, historical_tables

PER_LEVEL = 1
"""Millionths of a bit that rounding may make a level differ by: half for its weight, half for its rarity."""


def _scored(kind: str, given: Mapping[str, pa.Table], tmp_path: Path) -> tuple[Settings, saved.Model, dict[str, pa.Table]]:
    """A model trained on these tables, and the forms and pairs that it gives."""
    settings = plan.SETTINGS[kind]
    learning = plan.training_steps([kind], [])
    learnt = trial(learning, needed(learning, given), [f"form_{kind}", f"unit_{kind}"])
    model = saved.save(train.train(settings, learnt[f"form_{kind}"], learnt[f"unit_{kind}"]), tmp_path / f"{kind}.json")
    steps = plan.steps([kind], {kind: model}, [], [])
    steps.append(score.explained_step(settings, model))
    return settings, model, trial(steps, needed(steps, given), [f"form_{kind}", f"pair_{kind}", f"weighed_{kind}"])


def _predicted(settings: Settings, model: saved.Model, form: pa.Table, pairs: pa.Table) -> pa.Table:
    """Splink's match weight for these pairs (left and right by ref), in millionths of a bit, as floats."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(":memory:")
    for name, backed in PYTHON_BACKED.items():
        connection.create_function(name, backed.function, ["VARCHAR", "VARCHAR"], "INTEGER", type="arrow")  # type: ignore[call-overload]  # the stub asks for an enum
    connection.register("form_given", form)
    connection.register("pair_given", pairs)
    connection.execute("create table form as select * from form_given")
    connection.execute(
        "create table blocked as select l.ref as join_key_l, r.ref as join_key_r, '0' as match_key "
        "from pair_given p join form l on l.record_id = p.left_id join form r on r.record_id = p.right_id"
    )
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register("form"), SettingsCreator(**train.to_splink(model, settings)), log_level=logging.ERROR)
    for feature, rarity in model.rarity.items():
        values = pc.unique(form[feature].drop_null()).to_pylist()
        chances = [2.0 ** (-rarity.values.get(value, rarity.default) / BIT) for value in values]
        connection.register(f"tf_{feature}", pa.table({feature: pa.array(values, pa.string()), f"tf_{feature}": pa.array(chances, pa.float64())}))
        connection.execute(f"create table tf_of_{feature} as select * from tf_{feature}")
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{feature}"), feature)
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    predicted = linker.inference.predict()
    return connection.sql(
        f"select l.record_id as left_id, r.record_id as right_id, p.match_weight * {BIT} as predicted from {predicted.physical_name} p "
        "join form l on l.ref = p.ref_l join form r on r.ref = p.ref_r"
    ).to_arrow_table()


def _largest_difference(settings: Settings, model: saved.Model, made: Mapping[str, pa.Table], name: str) -> float:
    form, pairs = made[f"form_{settings.kind}"], made[f"pair_{settings.kind}"]
    both = pairs.select(["left_id", "right_id", "weight"]).join(_predicted(settings, model, form, pairs), ["left_id", "right_id"])
    assert both.num_rows == pairs.num_rows > 0
    largest = float(pc.max(pc.abs(pc.subtract(both["predicted"], pc.cast(both["weight"], pa.float64())))).as_py())
    print(f"{name}: {both.num_rows} pairs, largest difference {largest:.3f} millionths of a bit")
    return largest


def _adds_up(settings: Settings, model: saved.Model, made: Mapping[str, pa.Table]) -> bool:
    """Whether the parts of every pair make its weight, and that is the weight the run stored."""
    weighed, stored = (made[f"{name}_{settings.kind}"].sort_by([("left_id", "ascending"), ("right_id", "ascending")]) for name in ("weighed", "pair"))
    total: Any = pa.scalar(model.prior, pa.int64())
    for comparison in settings.comparisons:
        total = pc.add(weighed[f"part_{comparison.name}"], total)
    return bool(pc.all(pc.equal(total, weighed["weight"])).as_py()) and weighed.select(stored.column_names).equals(stored)


@pytest.mark.parametrize("kind", plan.TRAINED)
def test_the_scorer_is_splinks_on_the_smallest_city(kind: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings, model, made = _scored(kind, city_tables(tmp_path_factory), tmp_path)
    assert _largest_difference(settings, model, made, f"XS, {kind}") <= 1 + PER_LEVEL * len(settings.comparisons)
    assert _adds_up(settings, model, made)


@pytest.mark.data
def test_the_scorer_is_splinks_on_historical_people(data: Path, tmp_path: Path) -> None:
    settings, model, made = _scored("person", historical_tables(data), tmp_path)
    assert _largest_difference(settings, model, made, "historical_50k") <= 1 + PER_LEVEL * len(settings.comparisons)
    assert _adds_up(settings, model, made)


def test_a_pair_weighs_the_same_in_a_full_run_and_alone(tmp_path: Path) -> None:
    rows, _ = people(80, seed=3)
    _, _, made = _scored("person", tables({"person": rows}), tmp_path)
    form, pairs = made["form_person"], made["pair_person"]
    some = pairs.slice(0, 1)
    ends = pa.array([some["left_id"][0].as_py(), some["right_id"][0].as_py()])
    model = saved.load(tmp_path / "person.json")
    steps = [step for step in plan.steps(["person"], {"person": model}, [], []) if step.name in ("rarity_person", "pair_person")]
    alone = trial(
        steps,
        {"form_person": form.filter(pc.is_in(form["record_id"], ends)), "candidate_person": some.select(["left_id", "right_id"])},
        ["pair_person"],
    )["pair_person"]
    assert alone.to_pylist() == some.to_pylist()
