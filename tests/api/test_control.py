"""Who owns a firm, asked through the door: of a firm that is gone the answer says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from cityweave.api.door import Door
from cityweave.api.model_graph import Control
from cityweave.api.workspace import Workspace

from .conftest import Cityweave


@pytest.fixture
def cancelled(built: Path) -> list[tuple[str, dt.date, bool]]:
    """Cancelled firms: id, day, and whether somebody held shares the day before."""
    workspace = Workspace.open(built)
    manifest = workspace.generations.current()
    assert manifest is not None
    life, edge = (pl.DataFrame(workspace.store.read(manifest.tables[name])) for name in ("lifecycle", "edge"))
    dated = life.filter(pl.col("state") == "cancelled", pl.col("valid_from").is_not_null())
    gone = dated.select("entity_id", pl.col("valid_from").alias("day")).sort("entity_id")
    stake = edge.filter(pl.col("type") == "shareholder").join(gone, left_on="to_id", right_on="entity_id")
    before = pl.col("day") - pl.duration(days=1)
    held = stake.filter(pl.col("valid_from").fill_null(dt.date.min) <= before, pl.col("valid_to").is_null() | (before < pl.col("valid_to")))["to_id"].to_list()
    return [(firm, day, firm in held) for firm, day in gone.iter_rows()]


def test_of_a_cancelled_firm_the_answer_says_so_and_is_that_of_its_last_day(cancelled: list[tuple[str, dt.date, bool]], built: Path) -> None:
    door = Door(Workspace.open(built), "tester")
    assert {held for _, _, held in cancelled} == {True, False}
    for firm, day, held in cancelled:
        after, before = (door.ask(Control(id=firm, as_of=on.isoformat())).data for on in (day, day - dt.timedelta(days=1)))
        assert after["gone"] == {"state": "cancelled", "on": day.isoformat()} and before["gone"] is None
        assert after["as_of"] == before["as_of"] and after["owners"] == before["owners"] and after["known"] == held


def test_a_person_reads_that_it_is_cancelled(cancelled: list[tuple[str, dt.date, bool]], workspace: Path, cityweave: Cityweave) -> None:
    firm, day, _ = next(one for one in cancelled if one[2])
    said = cityweave("control", firm, "-w", workspace).out
    assert f"已注销（{day}） cancelled" in said and (day - dt.timedelta(days=1)).isoformat() in said
