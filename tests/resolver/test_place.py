"""Places: codes of several numberings, renamed streets, and addresses that mean one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from cityweave.engine.trial import trial
from cityweave.resolver import plan
from tests.resolver.village import Row, needed, record, tables


def _address(text: str, building: str, room: str | None = None) -> Row:
    return {"text": text, "norm": f"{building}{room}" if room else building, "building_norm": building, "room_norm": f"{building}{room}" if room else None}


def _made(rows: dict[str, Sequence[Row]], address: Sequence[Row], table: str, shuffle: int | None = None) -> list[Row]:
    steps = plan.training_steps(["building", "room", "person"], [])
    return trial(steps, needed(steps, tables(rows, address)), [table], shuffle=shuffle)[table].to_pylist()


@pytest.mark.parametrize("shuffle", [None, 1])
def test_a_street_that_was_renamed_is_one_street_for_people_who_live_there(shuffle: int | None) -> None:
    """The register tells building B1 under its old and its new name; a room nobody registered still stands in it."""
    address = [
        _address("旧街1号", "旧街1号"),
        _address("新街1号", "新街1号"),
        _address("旧街1号9室", "旧街1号", "9室"),
        _address("新街1号9室", "新街1号", "9室"),
    ]
    old = record(1, role="building", building_code="B1", address="旧街1号") | {"known_to": dt.date(2024, 2, 1)}
    rows = {
        "building": [old, record(1, role="building", building_code="B1", address="新街1号") | {"batch": 2}],
        "room": [],
        "person": [record(11, name="王小明", address="旧街1号9室"), record(12, name="王小明", address="新街1号9室")],
    }
    made = _made(rows, address, "form_person", shuffle)
    assert len({row["address"] for row in made}) == len({row["building"] for row in made}) == 1


def test_an_address_of_two_places_means_neither() -> None:
    address = [_address("旧街1号", "旧街1号"), _address("新街1号", "新街1号")]
    rows = {
        "building": [
            record(1, role="building", building_code="B1", address="旧街1号"),
            record(2, role="building", building_code="B2", address="旧街1号"),
            record(3, role="building", building_code="B2", address="新街1号"),
        ],
        "person": [record(11, name="王小明", address="旧街1号")],
    }
    assert [row["address"] for row in _made(rows, address, "form_person")] == ["旧街1号"]


def test_sources_with_codes_of_their_own_meet_at_addresses_and_those_that_share_codes_do_not() -> None:
    address = [_address(f"甲路{number}号", f"甲路{number}号") for number in (1, 2, 3, 4)]
    rows = [
        record(1, "a", "building", building_code="B1", address="甲路1号"),
        record(2, "a", "building", building_code="B2", address="甲路2号"),
        record(3, "b", "building", building_code="B1", address="甲路3号"),  # numbers as a does: its code counts
        record(4, "b", "building", building_code="B9", address="甲路2号"),  # another building, for all its address
        record(5, "c", "building", building_code="77", address="甲路2号"),
        record(6, "c", "building", building_code="77"),
    ]
    steps = plan.steps(["building"], {}, [], [])
    rows.append(record(7, "d", "building", building_code="甲三", address="甲路3号"))  # a numbering of its own, of a building that a numbers, too
    rows.append(record(8, "d", "building", building_code="甲四", address="甲路4号"))  # one that only d numbers
    rows.append(record(9, "e", "building", address="甲路4号"))
    made = trial(steps, needed(steps, tables({"building": rows}, address)), ["unit_building", "cluster_building"])
    unit = {row["record_id"]: row["unit"] for row in made["unit_building"].to_pylist()}
    entity = {row["record_id"]: row["anchor"] for row in made["cluster_building"].to_pylist()}
    assert entity[7] == entity[3] == entity[1], "two codes of one place"
    assert unit[1] == unit[3] and unit[5] == unit[6]
    assert len({unit[1], unit[2], unit[4]}) == 3
    assert unit[5] != unit[1]
    assert unit[8] == unit[9], "no code, but an address that one numbering knows"
