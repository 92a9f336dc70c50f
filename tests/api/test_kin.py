"""Close relatives and penalties of a year, through the door, held against the city's truth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cityweave.api.door import Door
from cityweave.api.model import Export
from cityweave.api.model_ask import Ask
from cityweave.api.model_graph import Penalties, Relatives
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError

from .conftest import Cityweave


@pytest.fixture
def door(built: Path) -> Door:
    return Door(Workspace.open(built), "tester")


def names(door: Door, city: Path) -> dict[str, str]:
    """Truth id -> entity, for people whose name is one person's only."""
    frame = door.ask(Export(table="entity_person")).frame
    assert frame is not None
    real = pl.read_parquet(city / "truth" / "person.parquet").select("truth_id", "name").filter(pl.col("name").is_unique())
    met = real.join(frame.select("entity_id", "name").drop_nulls().filter(pl.col("name").is_unique()), on="name")
    return dict(met.select("truth_id", "entity_id").iter_rows())


def test_grandparents_are_those_of_the_truth_by_side_and_sex(door: Door, city: Path) -> None:
    person = pl.read_parquet(city / "truth" / "person.parquet").select("truth_id", "mother", "father")
    entity = names(door, city)
    father, mother = ({row["truth_id"]: row[role] for row in person.to_dicts() if row[role]} for role in ("father", "mother"))
    ways = {"paternal_grandfather": (father, father), "paternal_grandmother": (father, mother), "maternal_grandmother": (mother, mother)}
    seen = 0
    for relation, (lower, upper) in ways.items():
        for child in entity:
            real = upper.get(lower.get(child, ""), "")
            if real in entity:
                found = [one["entity"] for one in door.ask(Relatives(id=entity[child], relation=relation)).data["relatives"]]
                assert found in ([entity[real]], []), (relation, child)
                seen += bool(found)
    assert seen >= 10


def test_relatives_of_one_relation_only_and_none_that_is_not_known(door: Door, city: Path, workspace: Path, cityweave: Cityweave) -> None:
    entity = names(door, city)
    every = {child: door.ask(Relatives(id=who)).data["relatives"] for child, who in list(entity.items())[:80]}
    child = next(child for child, found in every.items() if any(one["relation"] == "sibling" for one in found))
    siblings = door.ask(Relatives(id=entity[child], relation="sibling")).data["relatives"]
    assert siblings == [one for one in every[child] if one["relation"] == "sibling"] and siblings[0]["edges"]
    said = cityweave("ask", f"{entity[child]}有几个兄弟姐妹", "-w", workspace).out
    assert f"共 count: {len(siblings)}" in said and "兄弟姐妹" in said
    with pytest.raises(InputError, match="no such relation"):
        door.ask(Relatives(id=entity[child], relation="uncle"))


def test_penalties_of_a_year(door: Door, workspace: Path, cityweave: Cityweave) -> None:
    frame = door.ask(Export(table="fact")).frame
    assert frame is not None
    days = frame.filter(pl.col("type") == "penalty")["valid_from"].drop_nulls()
    year = days.max().year  # type: ignore[union-attr]
    told = days.filter(days.dt.year() == year)
    data = door.ask(Penalties(year=str(year))).data
    assert data["total"] == len(data["penalties"]) == len(told) > 0
    assert [one["on"] for one in data["penalties"]] == sorted((day.isoformat() for day in told), reverse=True)
    last = door.ask(Penalties(year="last", as_of=f"{year + 1}-03-01")).data
    assert last["penalties"] == data["penalties"] and door.ask(Penalties(year="1900")).data["total"] == 0
    asked = door.ask(Ask(text=f"{year}年有多少企业被罚")).data
    assert asked["count"] == data["firms"] == len({one["firm"] for one in data["penalties"]})
    assert str(data["firms"]) in cityweave("penalties", "--year", year, "-w", workspace).out
    with pytest.raises(InputError, match="year is not understood"):
        door.ask(Penalties(year="soon"))
