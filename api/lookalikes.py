"""What the truth tells beyond which record is whose: people who are easily taken for one another."""

from __future__ import annotations

from pathlib import Path

import polars as pl

PEOPLE = "person.parquet"
KIN = "kin.parquet"
CROWD = 50
"""People of one name in one street beyond which they are no neighbours that anybody could confuse pair by pair."""


def lookalikes(folder: Path) -> pl.DataFrame | None:
    """one, other, way (twin, namesake, kin) of people in the truth; None when it does not tell who they are.

    twin: one mother and one birth date. namesake: one name and one building, or one name and one birth date. kin: parent, child, spouse or sibling whose
    name is the same, or of as many characters with one surname and all but one character the same.
    """
    if not (folder / PEOPLE).is_file():
        return None
    people = pl.read_parquet(folder / PEOPLE)
    if not {"truth_id", "name", "birth"} <= set(people.columns):
        return None
    people = people.with_columns(pl.col("birth").cast(pl.String))
    ways = [_pairs(people, ["name", "birth"], "namesake")]
    if "room" in people.columns and (folder / "room.parquet").is_file():
        rooms = pl.read_parquet(folder / "room.parquet").select(room="truth_id", building="building")
        ways.append(_pairs(people.join(rooms, on="room"), ["name", "building"], "namesake"))
    if "mother" in people.columns:
        ways.append(_pairs(people, ["mother", "birth"], "twin"))
    if (folder / KIN).is_file():
        ways.append(_kin(people, pl.read_parquet(folder / KIN)))
    return pl.concat(ways).unique().sort("one", "other", "way")


def _pairs(people: pl.DataFrame, columns: list[str], way: str) -> pl.DataFrame:
    held = people.drop_nulls(columns).filter(pl.len().over(columns).is_between(2, CROWD)).select("truth_id", *columns)
    met = held.join(held, on=columns, suffix="_2").filter(pl.col("truth_id") < pl.col("truth_id_2"))
    return met.select(one="truth_id", other="truth_id_2", way=pl.lit(way))


def _kin(people: pl.DataFrame, kin: pl.DataFrame) -> pl.DataFrame:
    """Like-named relatives."""
    near = kin.select(one="person", other="relative")
    parents = kin.filter(pl.col("relation").is_in(["mother", "father"])).select("person", "relative")
    siblings = parents.join(parents, on="relative", suffix="_2").select(one="person", other="person_2")
    names = people.select("truth_id", "name")
    both = pl.concat([near, siblings]).filter(pl.col("one") != pl.col("other"))
    both = both.select(one=pl.min_horizontal("one", "other"), other=pl.max_horizontal("one", "other")).unique()
    both = both.join(names.rename({"truth_id": "one"}), on="one").join(names.rename({"truth_id": "other", "name": "name_2"}), on="other")
    length = pl.col("name").str.len_chars()
    place = [(pl.col("name").str.slice(i, 1) != pl.col("name_2").str.slice(i, 1)).cast(pl.Int32) for i in range(4)]
    differ = pl.sum_horizontal(place)
    alike = (length == pl.col("name_2").str.len_chars()) & length.is_between(2, 4) & (place[0] == 0) & ((differ == 0) | ((length >= 3) & (differ == 1)))
    return both.filter((pl.col("name") == pl.col("name_2")) | alike).select("one", "other", way=pl.lit("kin"))
