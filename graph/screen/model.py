"""Read me first: what screening reads (lots, entries, marks of a generation) and what it says: candidates with evidence. A candidate is a lead, not a finding.

The law's items are those of 招标投标法实施条例 (2011, as amended 2019): Art. 40 lists what is deemed collusion between bidders, Art. 34 whom it bars from
one lot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from cityweave.engine.model import Column, Table

_TIMES = (
    Column("known_from", "DATE", "delivery date of the version"),
    Column("known_to", "DATE", "delivery date of what took its place; NULL: it still counts"),
)

TENDER_LOT = Table(
    "tender_lot",
    "标段 / lots: what was tendered, when it was opened, how it ended",
    (
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("source", "VARCHAR"),
        Column("lot_id", "VARCHAR", "the thing, with # and the part where the thing does not name it"),
        Column("buyer_id", "VARCHAR", "entity"),
        Column("opened", "DATE"),
        Column("category", "VARCHAR"),
        Column("regime", "VARCHAR", "bidding, procurement or the department's own word"),
        Column("method", "VARCHAR"),
        Column("ceiling", "VARCHAR", "a number"),
        Column("outcome", "VARCHAR", "awarded or failed"),
        *_TIMES,
    ),
    ("event_id", "batch", "row_no"),
)

TENDER_ENTRY = Table(
    "tender_entry",
    "投标 / bids, also those that lost, were withdrawn or refused",
    (
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("source", "VARCHAR"),
        Column("lot_id", "VARCHAR"),
        Column("firm_id", "VARCHAR", "the bidder"),
        Column("ref", "VARCHAR", "of the bidder's record: breaks ties"),
        Column("accepted", "BOOLEAN", "the bidder's identifier is borne out"),
        Column("sent", "DATE"),
        Column("price", "VARCHAR", "a number"),
        Column("state", "VARCHAR", "valid, withdrawn, rejected"),
        Column("won", "VARCHAR", "1 or 0"),
        *_TIMES,
    ),
    ("event_id", "batch", "row_no"),
)

TENDER_MARK = Table(
    "tender_mark",
    "投标的痕迹 / whose hands a bid or an enrolment shows: people, machine, account, phone, agent, partner, subcontractor",
    (
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("source", "VARCHAR"),
        Column("role", "VARCHAR"),
        Column("firm_id", "VARCHAR", "the bidder"),
        Column("lot_id", "VARCHAR", "NULL: an enrolment"),
        Column("mark_id", "VARCHAR", "an entity or a thing"),
        Column("record_id", "BIGINT", "the record that shows an entity"),
        Column("ref", "VARCHAR", "of that record, or the thing"),
        Column("accepted", "BOOLEAN", "a thing, or a record whose identifier is borne out, of a bidder whose own is, in that row"),
        Column("held", "DATE"),
        *_TIMES,
    ),
    ("event_id", "batch", "row_no", "role"),
)

Item: TypeAlias = Literal["40.1", "40.2", "40.3", "40.4", "40.6", "34", ""]
Band: TypeAlias = Literal["identity", "lead"]

IDENTITY: Final = ("device", "delegate", "contact", "staff", "account")
"""Evidence about who is who: only these can bring a candidate into the upper band."""


@dataclass(frozen=True)
class Row:
    """A delivered row that an evidence rests on."""

    source: str
    batch: int
    row: int


@dataclass(frozen=True)
class Link:
    """Two members and what they share."""

    left: str  # firm
    right: str
    mark: str  # entity or thing
    lots: tuple[str, ...]  # in which both bid and both show it
    p_same: int  # thousandths: that it is one and the same, as resolution has it
    accepted: bool  # both sides' identity is borne out


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence about a candidate."""

    kind: str
    item: Item
    says: str  # the sentence an official reads: 中文 / English
    value: int  # what was observed: lots, pairs of lots, or thousandths, as `unit` says
    unit: str
    chance: int  # thousandths of the unit: what chance would give
    bits: int  # millionths of a bit: how surprising, after its cap and P(same)
    lots: tuple[str, ...]
    rows: tuple[Row, ...]
    links: tuple[Link, ...] = ()
    accepted: bool = False  # identity evidence between accepted identities, no hub


@dataclass(frozen=True)
class Innocent:
    """An innocent explanation that was tried."""

    kind: str
    says: str
    holds: Literal["yes", "no", "unknown"]
    because: str  # 中文 / English; no values


@dataclass(frozen=True)
class Candidate:
    """Firms that may belong together. 线索，非认定 / a lead, not a finding."""

    id: str  # 'g' and a digest of its members
    band: Band
    score: int  # millionths of a bit
    members: tuple[str, ...]
    accepted: tuple[str, ...]  # members whose own identifier is borne out
    joint_lots: int  # lots in which two or more of them bid
    evidence: tuple[Evidence, ...]
    conflicts: tuple[Evidence, ...]  # 资格冲突, Art. 34: barred from one lot, not itself collusion
    innocent: tuple[Innocent, ...]
    missing: tuple[str, ...]  # what could not be looked at, and why


@dataclass(frozen=True)
class Screening:
    """All candidates, best first, and what they were found in."""

    as_of: date
    lots: int
    entries: int
    firms: int
    candidates: tuple[Candidate, ...]
