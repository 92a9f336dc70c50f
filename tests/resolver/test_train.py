"""Training: what was planted comes back, equal data give equal models, and a model binds to its settings."""

from __future__ import annotations

import dataclasses
import json
import math
import random
from pathlib import Path

import pyarrow as pa
import pytest

from cityweave.engine.errors import ModelError
from cityweave.engine.trial import trial
from cityweave.resolver import plan, saved, train
from cityweave.resolver.model import FEATURES
from cityweave.resolver.settings import Block, Comparison, Level, Settings
from tests.resolver.village import needed, people, plain_model, tables

M_SAME, M_PHONE, VALUES = 0.9, 0.7, 300


def _comparison(feature: str) -> Comparison:
    levels = (Level("same", "相同 / same", f"{feature}_l = {feature}_r"), Level("different", "不同 / different"))
    return Comparison(feature, feature, feature, f"{feature}_l is null or {feature}_r is null", levels)


SMALL = Settings(
    "person",
    (_comparison("given"), _comparison("phone"), _comparison("postcode")),
    (Block("given", "名 / given name", "given"),),
    train_on=(("given",), ("phone",), ("postcode",)),
    sure=("given",),
)


def _planted(entities: int, seed: int, labelled: bool) -> tuple[pa.Table, pa.Table]:
    """Forms of entities with two records each, whose features agree with known chances among true pairs and by 1 in VALUES among strangers."""
    rng = random.Random(seed)
    rows, units = [], []
    for entity in range(entities):
        first = {feature: str(rng.randrange(VALUES)) for feature in ("given", "phone", "postcode")}
        second = dict(first)
        for feature, chance in (("given", M_SAME), ("phone", M_PHONE), ("postcode", M_SAME)):
            if rng.random() > chance:
                second[feature] = str((int(first[feature]) + 1 + rng.randrange(VALUES - 1)) % VALUES)
        for said in (first, second):
            number = len(rows) + 1
            rows.append({"record_id": number, "ref": f"s|{number}|p", "source": "s"} | dict.fromkeys(FEATURES["person"]) | said)
            units.append({"record_id": number, "unit": 2 * entity + 1 if labelled else number, "id_no": None, "accepted": labelled})
    schema = pa.schema([("record_id", pa.int64()), ("ref", pa.string()), ("source", pa.string()), *((name, pa.string()) for name in FEATURES["person"])])
    unit = pa.schema([("record_id", pa.int64()), ("unit", pa.int64()), ("id_no", pa.string()), ("accepted", pa.bool_())])
    return pa.Table.from_pylist(rows, schema=schema), pa.Table.from_pylist(units, schema=unit)


@pytest.mark.parametrize(("labelled", "slack"), [(True, 0.03), (False, 0.08)])
def test_planted_chances_come_back(labelled: bool, slack: float) -> None:
    model = train.train(SMALL, *_planted(1500, seed=5, labelled=labelled))
    assert model.report["m"] == ("labels" if labelled else "em")
    for comparison, m in (("given", M_SAME), ("phone", M_PHONE), ("postcode", M_SAME)):
        learned = model.weight(comparison, "same")
        print(f"{comparison}: m {learned.m} (planted {m}), u {learned.u} (planted {1 / VALUES})")
        assert math.isclose(float(learned.m), m, abs_tol=slack)
        assert math.isclose(float(learned.u), 1 / VALUES, rel_tol=0.15)


def test_equal_rows_and_seed_give_an_equal_model() -> None:
    form, unit = _planted(600, seed=6, labelled=True)
    assert train.train(SMALL, form, unit, seed=3).digest == train.train(SMALL, form.take(list(range(form.num_rows))[::-1]), unit, seed=3).digest


def test_a_saved_model_is_read_back_to_the_byte(tmp_path: Path) -> None:
    model = plain_model(plan.SETTINGS["person"])
    kept = saved.save(model, tmp_path / "person.json")
    assert kept == model and kept.digest == model.digest and kept.text() == (tmp_path / "person.json").read_text("utf-8")


def test_a_model_of_another_version_or_of_other_settings_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    saved.save(plain_model(plan.SETTINGS["person"]), path)
    content = json.loads(path.read_text("utf-8"))
    for wrong in ({"version": 99}, {"settings": "of yesterday"}, {"kind": "legal_entity"}):
        path.write_text(json.dumps(content | wrong), "utf-8")
        with pytest.raises(ModelError, match="cityweave train"):
            plan.load_models(tmp_path, ["person"])
    path.write_text("not JSON", "utf-8")
    with pytest.raises(ModelError, match="cityweave train"):
        saved.load(path)
    with pytest.raises(ModelError, match="cityweave train"):
        saved.load(tmp_path / "nothing.json")


def test_a_model_changed_while_in_use_is_noticed(tmp_path: Path) -> None:
    model = saved.save(plain_model(plan.SETTINGS["person"]), tmp_path / "person.json")
    saved.save(dataclasses.replace(model, prior=0), tmp_path / "person.json")
    with pytest.raises(ModelError):
        saved.load(tmp_path / "person.json", model.digest)


def test_too_few_records_teach_nothing() -> None:
    steps = plan.training_steps(["person"], [])
    made = trial(steps, needed(steps, tables({"person": people(5, seed=1)[0]})), plan.training_targets("person"))
    with pytest.raises(ModelError, match="too few"):
        train.train(plan.SETTINGS["person"], made["form_person"], made["unit_person"])


def test_only_numbers_are_kept_from_labels_that_numbers_gave() -> None:
    kept = {(kind, comparison.name) for kind in plan.TRAINED for comparison in plan.SETTINGS[kind].comparisons if not comparison.taught}
    assert kept == {("person", "id_no"), ("person", "id_part"), ("person", "name_part"), ("legal_entity", "code"), ("legal_entity", "reg_no")}


def test_a_rarity_replaces_the_average_of_levels_that_weigh_it() -> None:
    """A level of equal surnames that weighs no rarity lies behind all that do, so its u is that of the few who are left."""
    for settings in plan.SETTINGS.values():
        for comparison in settings.comparisons:
            assert all(train.base_level(comparison, level).tf for level in comparison.levels if level.tf), comparison.name
