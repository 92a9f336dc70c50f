"""What screening takes from knowledge, committed before any benchmark sees a city: weights, caps and limits, with their reasons. Nothing here is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BIT = 1_000_000
"""Scores are whole millionths of a bit of surprise."""


@dataclass(frozen=True)
class Weight:
    """How much a kind of evidence counts: surprise times `times` (thousandths), at most `cap` bits."""

    times: int
    cap: int


WEIGHTS: Mapping[str, Weight] = {
    "device": Weight(1000, 24),  # two bidders' files from one machine: the law deems it collusion
    "delegate": Weight(1000, 24),
    "staff": Weight(1000, 20),  # people move between firms, and lists are copied
    "account": Weight(1000, 20),
    "contact": Weight(1000, 14),  # a statement of an enrolment, not of a bid
    "phone": Weight(500, 4),  # numbers are an agent's, an incubator's, a former tenant's
    "subcontract": Weight(1000, 14),
    "prices": Weight(800, 14),  # honest prices are regular, too, where costs are public
    "joint": Weight(1000, 16),  # who serves a rare trade meets always
    "control": Weight(500, 6),  # a bar to one lot (Art. 34), not itself collusion
}


@dataclass(frozen=True)
class Settings:
    """Limits."""

    joint: int = 3  # joint lots from which two firms are looked at together
    crowd: int = 60  # a lot with more bidders says nothing of who meets whom: framework tenders, open lists
    hub: int = 8  # a mark of more firms than this is a hub: a print shop, a guarantor, an agent
    largest: int = 12  # firms in a candidate
    spread: float = 0.2  # how much more joint lots vary than chance within a trade has it: districts, sizes, habits of buyers
    pair_bits: int = 6  # surprise of a pair's joint lots from which it is an edge of the co-bid graph
    dense: float = 0.25  # CPM: the density from which firms are a community, of edges that weigh at most 1
    full: int = 12  # bits at which an edge weighs 1
    seed: int = 20_260_101  # of Leiden
    matched: int = 12  # lots that prices are compared with, at least
    kept: int = 200  # candidates that are told
    weights: Mapping[str, Weight] = field(default_factory=lambda: WEIGHTS)


SETTINGS = Settings()
