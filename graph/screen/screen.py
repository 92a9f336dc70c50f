"""Screening: candidates, their evidence, their rank and band. 线索，非认定 / leads, not findings."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date

import polars as pl

from cityweave.graph.screen import community, evidence, innocent, market
from cityweave.graph.screen.evidence import Group, Tables
from cityweave.graph.screen.model import IDENTITY, Band, Candidate, Evidence, Screening
from cityweave.graph.screen.settings import SETTINGS, Settings


def screen(given: Mapping[str, pl.DataFrame], as_of: date, known: date, settings: Settings = SETTINGS) -> Screening:
    """All candidates, best first. `given`: tender_lot, tender_entry, tender_mark, behind (heads and shares), pair_person, seat (firm_id, address, building)."""
    found = market.read(given, as_of, known, settings.crowd)
    tables = Tables(found, settings, given["behind"], given["pair_person"])
    groups = community.candidates(tables.joint, tables.link, tables.barred, settings) if found.entry.height else []
    scored = [_judged(tables, firms) for firms in groups]
    ranked = sorted((one for one in scored if one is not None), key=lambda one: (-one[0], one[1]))
    kept = _apart(ranked)[: settings.kept]
    told = tuple(_told(tables, given["seat"], firms, said) for _, firms, said in kept)
    return Screening(as_of, len(found.lots), found.entry.height, len(found.firms), tuple(sorted(told, key=lambda one: (one.band != "identity", -one.score))))


def evidence_of(tables: Tables, firms: tuple[int, ...]) -> list[Evidence]:
    """All evidence about a group, the law's items first."""
    group = evidence.group_of(tables, firms)
    if len(group.lots) < 1:
        return []
    found = [evidence.identity(tables, group, kind) for kind in (*IDENTITY, "phone")]
    found += [evidence.prices(tables, group), evidence.joint_lots(tables, group), evidence.subcontract(tables, group), evidence.conflict(tables, group)]
    return [one for one in found if one is not None]


def score_of(said: list[Evidence]) -> int:
    """The sum of what each evidence counts, in millionths of a bit."""
    return sum(one.bits for one in said)


Judged = tuple[int, tuple[int, ...], list[Evidence]]


def _judged(tables: Tables, firms: tuple[int, ...]) -> Judged | None:
    said = evidence_of(tables, firms)
    return (score_of(said), firms, said) if said else None


def _apart(ranked: list[Judged]) -> list[Judged]:
    """The candidates of which no better one holds half, be it half of the better or half of themselves."""
    kept: list[Judged] = []
    for one in ranked:
        mine = set(one[1])
        if all(2 * len(mine & set(other[1])) < min(len(mine), len(other[1])) for other in kept):
            kept.append(one)
    return kept


def _told(tables: Tables, seat: pl.DataFrame, firms: tuple[int, ...], said: list[Evidence]) -> Candidate:
    group = evidence.group_of(tables, firms)
    members = tuple(tables.market.firms[firm] for firm in firms)
    order = sorted(said, key=lambda one: (-one.bits, one.kind))
    return Candidate(
        id=name_of(members),
        band=_band(tables, group, said),
        score=score_of(said),
        members=members,
        accepted=tuple(firm for firm in members if firm in tables.market.accepted),
        joint_lots=len(group.lots),
        evidence=tuple(one for one in order if one.kind != "control"),
        conflicts=tuple(one for one in order if one.kind == "control"),
        innocent=innocent.tried(tables, group, seat),
        missing=innocent.missing(tables),
    )


def _band(tables: Tables, group: Group, said: list[Evidence]) -> Band:
    """`identity` needs one accepted identity (hubs link nobody) shown by two bidders who are themselves accepted, in one lot or while they met in several."""
    firms = tables.market.firms
    often = {(firms[left], firms[right]) for left, right, lots in group.pairs.select("left", "right", "lots").iter_rows() if lots >= tables.settings.joint}
    sure = tables.market.accepted
    links = [link for one in said if one.kind in IDENTITY and one.bits > 0 for link in one.links]
    bound = (link.accepted and link.left in sure and link.right in sure and (link.lots or (link.left, link.right) in often) for link in links)
    return "identity" if any(bound) else "lead"


def name_of(members: tuple[str, ...]) -> str:
    """The id of a candidate: 'g' and a digest of its members."""
    digest = hashlib.sha256("\0".join(sorted(members)).encode()).digest()
    return "g" + base64.b32encode(digest[:5]).decode().lower()
