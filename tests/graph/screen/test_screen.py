"""Screening finds what was planted, takes nobody for guilty who only looks it, and says the same whatever the order of rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from cityweave.graph.screen import links, market
from cityweave.graph.screen.model import IDENTITY, Screening
from cityweave.graph.screen.screen import name_of, screen
from cityweave.graph.screen.settings import SETTINGS, WEIGHTS

from .market_of import DAY, planted, tables


def _screen(**changed: Any) -> Screening:
    return screen({**tables(), **changed}, DAY, DAY)


@pytest.fixture(scope="module")
def screened() -> Screening:
    return _screen()


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def test_most_planted_rings_are_among_the_first(screened: Screening) -> None:
    rings = planted("ring")
    first = [set(one.members) for one in screened.candidates[: len(rings)]]
    found = [number for number, ring in rings.items() if any(_alike(ring, members) >= 0.5 for members in first)]
    assert len(found) >= 0.7 * len(rings)


def test_no_honest_club_is_in_the_upper_band(screened: Screening) -> None:
    clubs = planted("club").values()
    upper = [set(one.members) for one in screened.candidates if one.band == "identity"]
    assert upper and not any(_alike(club, members) >= 0.5 for club in clubs for members in upper)


def test_without_rings_the_upper_band_is_all_but_empty() -> None:
    honest = screen(tables(rings=False), DAY, DAY)
    assert sum(one.band == "identity" for one in honest.candidates) <= 1


def test_prices_and_joint_lots_alone_stay_a_lead() -> None:
    """The same rings without any mark: whatever the prices say, no candidate reaches the upper band."""
    none = tables()["tender_mark"].clear()
    bare = _screen(tender_mark=none)
    assert bare.candidates and all(one.band == "lead" for one in bare.candidates)
    assert {item.kind for one in bare.candidates for item in one.evidence} <= {"joint", "prices", "subcontract"}
    assert all(any("40 (1)" in text for text in one.missing) for one in bare.candidates)


def test_unproven_identity_stays_a_lead() -> None:
    marks = tables()["tender_mark"].with_columns(pl.lit(False).alias("accepted"))
    assert all(one.band == "lead" for one in _screen(tender_mark=marks).candidates)
    entries = tables()["tender_entry"].with_columns(pl.lit(False).alias("accepted"))
    assert all(one.band == "lead" for one in _screen(tender_entry=entries).candidates)


def test_a_mark_that_many_firms_show_links_nobody(screened: Screening) -> None:
    """One machine for all: it says nothing, and no evidence names it."""
    marks = tables()["tender_mark"]
    everyone = marks.with_columns(pl.when(pl.col("role") == "device").then(pl.lit("print shop")).otherwise("mark_id").alias("mark_id"))
    made = _screen(tender_mark=everyone)
    assert not any(item.kind == "device" for one in made.candidates for item in one.evidence)
    found = market.read({**tables(), "tender_mark": everyone}, DAY, DAY, SETTINGS.crowd)
    assert links.hubs(found, SETTINGS).filter(pl.col("mark_id") == "print shop")["firms"].item() > SETTINGS.hub
    assert any(item.kind == "device" for one in screened.candidates for item in one.evidence)


def test_the_same_answer_on_shuffled_rows(screened: Screening) -> None:
    for seed in (1, 2):
        shuffled = {name: table.sample(fraction=1.0, shuffle=True, seed=seed) for name, table in tables().items()}
        assert screen(shuffled, DAY, DAY) == screened


def test_only_lots_opened_by_the_day_and_known_on_the_day_count(screened: Screening) -> None:
    early = screen(tables(), date(2023, 6, 30), DAY)
    opened = tables()["tender_lot"].filter(pl.col("opened") <= date(2023, 6, 30))
    assert early.lots <= opened.height < screened.lots
    assert not screen(tables(), DAY, date(2025, 10, 4)).candidates


def test_evidence_says_what_it_rests_on(screened: Screening) -> None:
    bids = tables()["tender_entry"]
    evidence = [item for one in screened.candidates[:10] for item in one.evidence]
    assert evidence and any(item.lots and any(row.source == "bid" for row in item.rows) for item in evidence) and any(item.links for item in evidence)
    for one in screened.candidates[:10]:
        assert one.id == name_of(one.members) and one.score == sum(item.bits for item in (*one.evidence, *one.conflicts))
        for item in one.evidence:
            assert item.chance >= 0 and 0 <= item.bits <= WEIGHTS[item.kind].cap * 1_000_000
            assert (item.item != "") == (item.kind in {*IDENTITY, "prices"})
            if item.lots:
                mine = bids.filter(pl.col("lot_id").is_in(item.lots) & pl.col("firm_id").is_in(one.members))
                assert {row.row for row in item.rows if row.source == "bid"} <= set(mine["row_no"])
            for link in item.links:
                assert link.left in one.members and link.right in one.members and 0 < link.p_same <= 999


def test_control_is_listed_apart_and_never_lifts_the_band(screened: Screening) -> None:
    apart = [one for one in screened.candidates if one.conflicts]
    assert apart and all(item.item == "34" for one in apart for item in one.conflicts)
    assert not any(item.kind == "control" for one in screened.candidates for item in one.evidence)
    none = tables()["tender_mark"].clear()
    assert all(one.band == "lead" for one in _screen(tender_mark=none).candidates if one.conflicts)


def test_people_who_changed_firms_are_no_evidence() -> None:
    """One delegate, first of one firm, then of another: an explanation that holds, and no link."""
    days = [date(2024, 1, n) for n in range(1, 9)]
    known = {"known_from": date(2024, 2, 1), "known_to": None}
    row = {"source": "bid", "batch": 1, "accepted": True, **known}
    bids = [(f"lot{n}", firm, day) for n, day in enumerate(days) for firm in ("la", "lb", "lc")]
    offer = {"state": "valid", "won": "0", "price": "100"}
    entry = [{**row, **offer, "row_no": n, "lot_id": lot, "firm_id": firm, "ref": firm, "sent": day} for n, (lot, firm, day) in enumerate(bids)]
    mark = [
        {**row, "row_no": n, "role": "delegate", "firm_id": firm, "lot_id": lot, "mark_id": "px", "record_id": n, "ref": f"r{n}", "held": day}
        for n, (lot, firm, day) in enumerate(bids)
        if (firm == "la" and day.day <= 4) or (firm == "lb" and day.day > 4)
    ]
    given = {name: table.clear() for name, table in tables().items()}
    given |= {name: pl.DataFrame(rows, schema_overrides={"known_to": pl.Date}) for name, rows in (("tender_entry", entry), ("tender_mark", mark))}
    found = market.read(given, DAY, DAY, SETTINGS.crowd)
    linked = links.links(found, SETTINGS)
    assert linked["moved"].to_list() == [True]
    made = screen(given, DAY, DAY, replace(SETTINGS, pair_bits=0))
    assert not any(item.kind == "delegate" for one in made.candidates for item in one.evidence)


def test_no_bids_no_candidates() -> None:
    none = {name: table.clear() for name, table in tables().items()}
    assert screen(none, DAY, DAY).candidates == ()
