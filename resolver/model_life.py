"""Read me first, second half of floor 3: what is made of entities once records are resolved: golden values, facts, lives.

Intervals are half open everywhere: a fact holds on day d when `valid_from <= d < valid_to`; NULL is "not known" at the start and "still holds" at the end.
A party of a fact is an entity (at most 14 characters) or a thing (32 hexadecimal digits); the length tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cityweave.cfd_rules.contract import EVENT_ROLES
from cityweave.engine.model import Column, Table

ROLES: Final = EVENT_ROLES
"""Fact type -> its roles, in the order they are compared: those of events."""

SYMMETRIC: Final = ("marriage", "divorce")
"""Types whose two roles say the same: the parties are put in order of their ids, so that one couple is one couple."""

ONCE: Final = ("birth", "death", "founding", "cancellation", "tender", "bid")
"""Types that happen once to the same parties: all that is told of it is one fact, however the dates differ."""

MOMENT: Final = ("birth", "death", "founding", "cancellation", "divorce", "tender", "bid", "adoption", "departure", "penalty")
"""Types that happen on a day and do not last."""


@dataclass(frozen=True)
class Trust:
    """Whom to believe where records differ: an input (contracts and the saved models), never counted here."""

    sources: Mapping[str, int]  # every source -> its trust, a whole number, more is better
    elements: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)  # kind -> element -> authority sources, best first
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)  # event type -> authority sources, best first
    undated: Mapping[str, Sequence[str]] = field(default_factory=dict)  # event type -> sources that do not say since when: they know the day of recording
    succession: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # event type -> source -> the role of whom a later one ends the one before
    learned: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # kind -> "element|source" -> trust, as the saved model has it
    about: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # kind -> (source, role) of rows that are about the entity, not only mention it
    roles: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)  # source -> element -> roles of which its authority speaks; none: all

    def decides(self, source: str, element: str, alias: str = "") -> str:
        """SQL: the record is of a source that has authority over the element, in a role of which it speaks."""
        roles = self.roles.get(source, {}).get(element, ())
        named = ", ".join(f"'{role}'" for role in sorted(roles))
        return f"({alias}source = '{source}' and {alias}role in ({named}))" if roles else f"({alias}source = '{source}')"

    def deciding(self, kind: str, element: str, alias: str = "") -> str:
        """SQL: the record's source decides the element."""
        return " or ".join(self.decides(source, element, alias) for source in sorted(self.elements.get(kind, {}).get(element, ()))) or "false"

    def places(self, kind: str = "", element: str = "") -> dict[str, int]:
        """Source -> its place by trust (in that element, where it was learned): 0 for the most trusted; equal trust, equal place."""
        learned = self.learned.get(kind, {})
        trust = {source: band(learned.get(f"{element}|{source}", general)) for source, general in sorted(self.sources.items())}
        levels = sorted(set(trust.values()), reverse=True)
        return {source: levels.index(value) for source, value in trust.items()}


def band(thousandths: int) -> int:
    """Trust in whole bits of odds: sources that differ by less are believed alike, so that the latest word counts."""
    chance = min(max(thousandths, 1), 999)
    return round(math.log2(chance / (1000 - chance)))


def golden_table(kind: str) -> Table:
    """`golden_<kind>`: the value each element of an entity lives on with, and whose word it is."""
    columns = (
        Column("entity_id", "VARCHAR"),
        Column("element", "VARCHAR", "name of the data element"),
        Column("value", "VARCHAR", "the chosen value, repaired where a sure repair exists"),
        Column("record_id", "BIGINT", "the record that says it"),
        Column("rule", "VARCHAR", "why it was chosen: only, repair, authority, valid, trust, recency, tie, number (told by the identity number)"),
    )
    return Table(
        f"golden_{kind}", f"{kind}：取值与出处 / the chosen value of each element, with its record and rule", columns, ("entity_id", "element"), served=True
    )


def entity_table(kind: str, elements: Sequence[str]) -> Table:
    """`entity_<kind>`: one line an entity, its golden values side by side."""
    columns = (
        Column("entity_id", "VARCHAR"),
        *(Column(element, "VARCHAR") for element in elements),
        Column("records", "BIGINT", "how many live records it holds"),
        Column("sources", "VARCHAR", "the sources that know it, joined by +"),
    )
    return Table(f"entity_{kind}", f"{kind}：实体 / entities with their golden values", columns, ("entity_id",), served=True)


HOME = Table(
    "home",
    "地址对应的房屋 / the room that an address means, where exactly one does",
    (Column("thing_id", "VARCHAR", "an address"), Column("entity_id", "VARCHAR", "the room")),
    ("thing_id",),
)

MARITAL = Table(
    "marital",
    "登记的婚姻状况 / who was recorded as married or as divorced, and when",
    (Column("entity_id", "VARCHAR"), Column("day", "DATE", "of recording"), Column("divorced", "BOOLEAN")),
    ("entity_id", "day", "divorced"),
)
"""By GB/T 2261.2: 20 to 23 married, 40 divorced."""

PAST_PARTY = Table(
    "past_party",
    "旧版本所说的实体 / whom a past version of a record spoke of",
    (
        Column("record_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("entity_id", "VARCHAR", "NULL: nobody that can be told now"),
    ),
    ("record_id", "batch", "row_no"),
)

TELLING = Table(
    "telling",
    "每个仍然有效的事件版本，参与者已归到实体 / each version of an event that still says something, with its participants resolved",
    (
        Column("telling_id", "BIGINT", "names this version of the event: batch << 43 | row << 12 | slot; of the first version the event_id"),
        Column("event_id", "BIGINT"),
        Column("type", "VARCHAR"),
        Column("party_1", "VARCHAR", "entity or thing in the type's first role"),
        Column("party_2", "VARCHAR", "in its second role; empty if it has none or it is not told"),
        Column("party_3", "VARCHAR", "in its third role; likewise"),
        Column("valid_from", "DATE"),
        Column("valid_to", "DATE", "a divorce has closed the marriage"),
        Column("recorded_at", "DATE"),
        Column("source", "VARCHAR"),
        Column("detail", "VARCHAR"),
    ),
    ("telling_id",),
)

FACT_EVENT = Table(
    "fact_event",
    "事实由哪些事件证实 / the events that tell a fact",
    (Column("fact_id", "BIGINT"), Column("telling_id", "BIGINT"), Column("event_id", "BIGINT")),
    ("fact_id", "telling_id"),
)

FACT = Table(
    "fact",
    "事实：同类、同参与者、时间相容的事件合为一条 / facts: events of one type, the same parties and a compatible interval",
    (
        Column("fact_id", "BIGINT", "the smallest telling_id in it: a name, which breaks no tie"),
        Column("type", "VARCHAR"),
        Column("valid_from", "DATE"),
        Column("bounded", "BOOLEAN", "no source says since when: it held, or had happened, by valid_from, the first day on which one recorded it"),
        Column("valid_to", "DATE", "the first day it no longer holds"),
        Column("detail", "VARCHAR", "relation code, share in millionths"),
        Column("events", "BIGINT", "how many events tell it"),
        Column("sources", "VARCHAR", "the sources that tell it, joined by +"),
    ),
    ("fact_id",),
    served=True,
)

FACT_PARTY = Table(
    "fact_party",
    "事实的参与者 / who and what takes part in a fact",
    (
        Column("fact_id", "BIGINT"),
        Column("role", "VARCHAR"),
        Column("entity_id", "VARCHAR", "an entity, or NULL"),
        Column("thing_id", "VARCHAR", "a thing, or NULL"),
    ),
    ("fact_id", "role"),
    served=True,
    also=("entity_id", "thing_id"),
)

LIFECYCLE = Table(
    "lifecycle",
    "一生：实体经历的状态与起止 / the states of an entity's life, with their intervals",
    (
        Column("entity_id", "VARCHAR"),
        Column("kind", "VARCHAR"),
        Column("state", "VARCHAR", "born, resident, married, employed, died, founded, cancelled, ..."),
        Column("valid_from", "DATE"),
        Column("valid_to", "DATE", "closed by the death or cancellation of a party where no source closes it"),
        Column("fact_id", "BIGINT", "NULL where a golden value says it (born, founded, built)"),
        Column("other_id", "VARCHAR", "the other party: an entity or a thing"),
    ),
    ("entity_id", "state", "fact_id", "other_id"),
    served=True,
    nullable=("fact_id", "other_id"),
)

LIFE_CONFLICT = Table(
    "life_conflict",
    "不可能的一生 / lives that cannot be: worked after death, married at twelve (resolver/life_rules.py has the sentences)",
    (
        Column("entity_id", "VARCHAR"),
        Column("kind", "VARCHAR"),
        Column("rule", "VARCHAR"),
        Column("fact_id", "BIGINT", "the fact that cannot be; NULL: a register says so"),
        Column("against_id", "BIGINT", "the fact it contradicts; NULL: a golden value"),
        Column("grade", "INTEGER", "the highest grade of the elements compared"),
    ),
    ("entity_id", "rule", "fact_id", "against_id"),
    served=True,
    nullable=("fact_id", "against_id"),
)
