"""Read me first, second half of floor 4: what the questions about control, firms, households and places answer with (graph/model.py has the others).

Shares are millionths. A share nobody tells is None and stays so: what rests on it is given as a least and a most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from cityweave.graph.model import Edge, NodeKind

MILLION: Final = 1_000_000
MARKS: Final = (250_000, 500_000)
"""25 % and 50 %: each owner is marked as reaching them, not reaching them, or not known to."""

Reached: TypeAlias = Literal["yes", "no", "unknown"]
Time: TypeAlias = Literal["now", "before", "later"]
"""Whether something holds on the day asked, held before it, or holds only later."""


@dataclass(frozen=True)
class Ranked:
    """A chain of relations and what it costs: a step each, and more for each hub it passes through."""

    cost: int
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Paths:
    """The best chains between two nodes, best first; `more`: there are others that cost as little."""

    found: tuple[Ranked, ...]
    more: bool


@dataclass(frozen=True)
class Stake:
    """One hop: who holds how much of which firm by which fact; `ended`: the day the holder died or was cancelled, if by the day asked."""

    holder: str
    firm: str
    share: int | None
    edge: Edge
    ended: date | None


@dataclass(frozen=True)
class Chain:
    """From a firm up to an owner: `nodes[0]` is the firm; the product of the shares along it, None where one of them is not told."""

    nodes: tuple[str, ...]
    share: int | None


@dataclass(frozen=True)
class Owner:
    """What somebody holds of a firm through all chains together, loops included: at least what told shares add up to, at most what they leave open.

    `ultimate`: nobody is known to hold shares of it (a person, or a firm whose shareholders no source tells).
    """

    entity_id: str
    kind: NodeKind
    ultimate: bool
    least: int
    most: int
    reached: tuple[Reached, ...]  # a verdict a mark


@dataclass(frozen=True)
class Control:
    """Who owns a firm. `owners` empty: none is known."""

    firm: str
    as_of: date
    owners: tuple[Owner, ...]  # the ultimate ones first, then by share
    stakes: tuple[Stake, ...]  # every hop, from the firm upward
    chains: tuple[Chain, ...]  # the largest first
    more_chains: bool
    loops: tuple[tuple[str, ...], ...]  # firms that hold shares of each other round in a circle
    self_held: int  # what of the firm it holds itself by such a circle
    over: tuple[str, ...]  # firms whose told shares add up to more than the whole
    untold: int  # what of the firm no told chain leads to an owner of
    majority: tuple[str, ...]  # the firm, who holds more than half of it, who holds more than half of that, …; only the firm: nobody does
    complete: bool  # False: it was too large to follow to its end


@dataclass(frozen=True)
class Relative:
    """A close relative (民法典第一千零四十五条), how related, and by which relations."""

    entity_id: str
    relation: str  # self, spouse, parent, child, sibling, grandparent, grandchild, kin
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Position:
    """What a person is to a firm: its legal representative or a shareholder of it (with the fact), or a holder through other firms (`through` names them)."""

    person: str
    firm: str
    role: str  # legal_representative, shareholder, indirect
    edge: Edge | None
    least: int | None  # share through all chains; None: the role has none
    most: int | None
    ended: date | None  # the firm is cancelled since


@dataclass(frozen=True)
class FirmsOf:
    """The firms of a person, and of close relatives if asked; each in the order of relatives, then firms."""

    person: str
    as_of: date
    relatives: tuple[Relative, ...]
    positions: tuple[Position, ...]
    complete: bool


@dataclass(frozen=True)
class Member:
    """Somebody in a household on the day asked."""

    person: str
    household: str
    edge: Edge


@dataclass(frozen=True)
class Household:
    """With whom a person was registered on a day; empty: no household is known of that day. `passed`: members who had died by then."""

    person: str
    as_of: date
    members: tuple[Member, ...]
    passed: tuple[Member, ...]


@dataclass(frozen=True)
class Occupant:
    """Somebody who lives in or owns a room, and whether now (on the day asked), before or later. `until`: the end of the fact or of the person."""

    node_id: str
    place: str
    role: str  # lives_in, owns
    time: Time
    until: date | None
    edge: Edge


@dataclass(frozen=True)
class Occupants:
    """Residents and owners of a room, or of every room of a building: now first, then later, then before, each by place, role and date."""

    place: str
    as_of: date
    rooms: tuple[str, ...]
    found: tuple[Occupant, ...]
