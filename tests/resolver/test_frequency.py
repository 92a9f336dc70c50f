"""What is counted for training: strangers come back as planted, and a name is as rare as the people who may bear it."""

from __future__ import annotations

import random

import duckdb
import polars as pl
import pytest

from cityweave.resolver import frequency, plan


def _one(known: int, opened: int, strange: float, seed: int) -> pl.DataFrame:
    """Table `one`: known people, and open records of whom a share are strangers; names drawn alike, a third of them shared."""
    rng = random.Random(seed)
    names = [f"n{rng.randrange(3 * known)}" for _ in range(2 * known)]
    people, others = names[:known], names[known:]
    rows = [{"unit": number, "name": name, "id_no": f"i{number}", "accepted": True} for number, name in enumerate(people)]
    for number in range(opened):
        name = rng.choice(others) if rng.random() < strange else rng.choice(people)
        rows.append({"unit": known + number, "name": name, "id_no": None, "accepted": False})
    return pl.DataFrame(rows)


@pytest.mark.parametrize("strange", [0.1, 0.4, 0.8])
def test_the_share_of_strangers_comes_back(strange: float) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.register("one", _one(5000, 3000, strange, seed=3).to_arrow())
        assert frequency.strangers(connection, "name", 1.0) == pytest.approx(strange, abs=0.06)


def test_without_known_people_everybody_may_be_a_stranger() -> None:
    with duckdb.connect(":memory:") as connection:
        connection.register("one", _one(50, 40, 0.5, seed=3).filter(pl.col("id_no").is_null()).to_arrow())
        assert frequency.strangers(connection, "name", 0.9) == 1.0


def test_a_name_borne_once_is_the_rarer_the_fewer_are_strangers_and_one_borne_twice_is_not() -> None:
    with duckdb.connect(":memory:") as connection:
        columns = {feature: pl.lit(None, pl.String) for feature in ("look", "pinyin")}
        connection.register(
            "form_person", _one(5000, 0, 0.0, seed=3).with_columns(**columns).with_columns(core="name", surname="name", given="name").to_arrow()
        )
        settings = plan.SETTINGS["person"]
        only_names = type(settings)("person", (settings.comparison("name"),))
        few, many = (frequency.rarities(connection, only_names, True, strange)["name"] for strange in (0.05, 1.0))
    assert few.default > many.default + 2_000_000
    assert all(abs(few.values[value] - many.values[value]) < 1_000_000 for value in few.values)
