"""Read me first: what floor 4 makes of facts (nodes, edges) and what its questions answer with.

Stores answer with ids, edges and intervals; values of grade 3 and above never enter, the door adds what may be shown. Intervals are half open: an
edge holds on day d when `valid_from <= d < valid_to`; NULL is "not known" at the start and "still holds" at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from cityweave.engine.model import Column, Table

NodeKind: TypeAlias = Literal["person", "legal_entity", "building", "room", "thing"]

LETTERS: Final[dict[str, NodeKind]] = {"p": "person", "l": "legal_entity", "b": "building", "r": "room"}
THING_LENGTH: Final = 32
"""A node id of this length is a thing's md5; an entity id is a letter and at most 13 characters."""


def kind_of(node_id: str) -> NodeKind:
    """The kind a node id tells by itself."""
    return "thing" if len(node_id) == THING_LENGTH else LETTERS.get(node_id[:1], "thing")


@dataclass(frozen=True)
class EdgeRule:
    """A fact of this type is an edge from the party in one role to the party in another."""

    number: int  # 0..15: part of the edge's id, so one of a kind among the rules of a fact
    type: str
    fact: str
    from_role: str
    to_role: str
    detail: str = ""  # a constant; empty: the fact's own


RULES: Final = (
    EdgeRule(0, "spouse", "marriage", "spouse_a", "spouse_b"),
    EdgeRule(1, "parent", "birth", "mother", "child", "mother"),
    EdgeRule(2, "parent", "birth", "father", "child", "father"),
    EdgeRule(1, "parent", "adoption", "mother", "child", "adoptive_mother"),
    EdgeRule(2, "parent", "adoption", "father", "child", "adoptive_father"),
    EdgeRule(3, "household", "household", "member", "household"),
    EdgeRule(4, "lives_in", "residence", "resident", "home"),
    EdgeRule(5, "owns", "ownership", "owner", "room"),
    EdgeRule(6, "works_for", "employment", "employee", "employer"),
    EdgeRule(7, "legal_representative", "legal_representative", "person", "firm"),
    EdgeRule(8, "shareholder", "shareholding", "holder", "firm"),
    EdgeRule(0, "branch_of", "branch", "branch", "head"),
    EdgeRule(9, "room_in_building", "part_of", "room", "building"),
    EdgeRule(10, "studies_at", "schooling", "pupil", "school"),
    EdgeRule(11, "guardian", "guardianship", "guardian", "ward"),
)
"""Edges made of one fact each."""

KIN: Final = 12
"""Number of the first kin edge of a member's fact: 12 to 15, as a household may have had several heads, one after the other."""

HEADS: Final = ("01", "02")
"""GB/T 4761: the codes of a household's head among its members."""

EDGE_TYPES: Final = (*sorted({rule.type for rule in RULES} | {"kin"}),)
ENDS_WITH_LIFE: Final = ("guardian", "household", "kin", "lives_in", "spouse", "studies_at", "works_for")
"""The types of edge that hold no longer when one of the two has died, whether or not some source says so of them."""

KINSHIP: Final = ("kin", "parent", "spouse")
"""The types of a kinship path."""

EDGE = Table(
    "edge",
    "关系 / edges: relations between entities, and between entities and things",
    (
        Column("edge_id", "BIGINT", "fact_id + 256 x number of the rule"),
        Column("type", "VARCHAR"),
        Column("from_id", "VARCHAR"),
        Column("to_id", "VARCHAR"),
        Column("valid_from", "DATE"),
        Column("valid_to", "DATE", "the first day it no longer holds"),
        Column("detail", "VARCHAR", "mother or father (adoptive_ before it), relation code to the head, share in millionths"),
        Column("fact_id", "BIGINT"),
        Column("events", "BIGINT", "how many events tell it"),
        Column("sources", "VARCHAR", "joined by +"),
    ),
    ("edge_id",),
)

NODE = Table(
    "node",
    "节点 / nodes: every entity, and every thing that an edge touches",
    (
        Column("node_id", "VARCHAR"),
        Column("kind", "VARCHAR"),
        Column("begins", "VARCHAR", "golden date of birth, founding or building, as it stands"),
        Column("ends", "DATE", "death or cancellation, by facts"),
        Column("ends_sources", "VARCHAR", "the sources that tell the end"),
    ),
    ("node_id",),
)


@dataclass(frozen=True)
class Edge:
    """A relation."""

    edge_id: int
    type: str
    from_id: str
    to_id: str
    valid_from: date | None
    valid_to: date | None
    detail: str | None
    fact_id: int
    events: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Neighbour:
    """An entity or thing that was reached, and by which edges from the entities one step nearer."""

    node_id: str
    kind: NodeKind
    distance: int
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Neighbours:
    """All within `depth` steps, nearest first, then by id; `cut` counts those beyond the limit."""

    of: str
    depth: int
    found: tuple[Neighbour, ...]
    cut: int


@dataclass(frozen=True)
class Path:
    """A shortest chain of relations, each taken in either direction: `edges[i]` joins `nodes[i]` and `nodes[i + 1]`."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Birthday:
    """A person who turns the age, on which day, and where they live on the day asked (a room or an address; None: not known)."""

    entity_id: str
    on: date
    home: str | None


@dataclass(frozen=True)
class Passed:
    """A person who would have turned the age but has died."""

    entity_id: str
    on: date
    died: date
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Turning:
    """Who turns `age` in `month` (YYYY-MM), in order of day and id; who is left out and why; who may, since only the month of birth is known."""

    age: int
    month: str
    as_of: date
    turning: tuple[Birthday, ...]
    passed: tuple[Passed, ...]
    unknown_day: tuple[str, ...]
