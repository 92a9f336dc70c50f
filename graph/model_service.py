"""Read me first, second half of floor 4: what service lists are made of (tables) and what they answer with (dataclasses).

A line of `standing` is one version of an event, with both its times, so that a list can be made as of any day and as known on any day. As of V and known on K
a line holds when `known_from <= K`, it was not replaced by then, `valid_from <= V` and it had not ended by V as far as K knew (docs/contracts.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from cityweave.engine.model import Column, Table

SUBJECTS: Final = {
    # event type -> the role it is told of, and the role of the other party
    "household": ("member", "household"),
    "residence": ("resident", "home"),
    "death": ("deceased", ""),
    "departure": ("resident", ""),
    "certificate": ("holder", "certificate"),
    "schooling": ("pupil", "school"),
    "benefit": ("recipient", ""),
    "cancellation": ("firm", ""),
}
"""The events that a service looks at."""

KINDS_TOLD: Final = ("certificate", "benefit", "schooling")
"""Of these the detail says which: a kind of certificate, a benefit, a level of school."""

PRESCHOOL: Final = "学前|幼儿|幼稚园|托儿|托育|托管|早教|[Kk]indergarten|[Pp]reschool|[Nn]ursery"
"""What the level or the name says of a school that children attend before they enter school."""

STANDING = Table(
    "standing",
    "服务所需的处境 / what a service must know: residence, death, departure, certificates, schooling, each version of the event with both its times",
    (
        Column("entity_id", "VARCHAR"),
        Column("type", "VARCHAR", "type of the event"),
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("record_id", "BIGINT", "the record that it is told of"),
        Column("detail", "VARCHAR", "which certificate, benefit, school level; relation to the head"),
        Column("other_id", "VARCHAR", "the home, household, certificate or school"),
        Column("source", "VARCHAR"),
        Column("valid_from", "DATE"),
        Column("valid_to", "DATE", "the first day it no longer holds"),
        Column("known_from", "DATE"),
        Column("known_to", "DATE"),
        Column("closed", "VARCHAR", "changed, ended, ...; NULL: nothing closed it"),
        Column("closed_on", "DATE"),
        Column("confirmed", "DATE", "when a source last said so: recorded, or delivered again with everything it holds"),
    ),
    ("entity_id", "type", "event_id", "batch", "row_no"),
    served=True,
    also=("valid_to",),
)

BIRTH_TOLD = Table(
    "birth_told",
    "各来源所述的出生日期 / the birth dates told of a person, and by whom",
    (
        Column("birth", "VARCHAR", "as told: a date, or less where the day is not known"),
        Column("entity_id", "VARCHAR"),
        Column("sources", "VARCHAR", "the sources that say so now, joined by +"),
        Column("tellers", "BIGINT", "how many sources say so now"),
        Column("number", "BOOLEAN", "an accepted identity number says so, too"),
        Column("golden", "BOOLEAN", "the one the entity lives on with"),
        Column("known_from", "DATE", "NULL: only a number or a repair says so"),
        Column("known_to", "DATE", "when the last that said so was corrected"),
    ),
    ("birth", "entity_id"),
    served=True,
    also=("entity_id",),
)

CONTACT = Table(
    "contact",
    "通信地址的把握 / how sure the address is that a person lives on with",
    (
        Column("entity_id", "VARCHAR"),
        Column("same", "BIGINT", "sources that tell this address"),
        Column("other", "BIGINT", "sources that tell another one"),
        Column("recorded", "DATE", "when it was last recorded"),
    ),
    ("entity_id",),
    served=True,
)

DOUBT = Table(
    "doubt",
    "可能是同一个的实体，或可能属于它的记录 / entities that may be the same as this one, by records that may be its own, and wait for a person",
    (
        Column("entity_id", "VARCHAR"),
        Column("other_id", "VARCHAR"),
        Column("record_id", "BIGINT", "a record of the other that may be this one's"),
        Column("bound", "BOOLEAN", "an accepted identity number says that the record is the other's"),
        Column("weight", "BIGINT", "of its strongest pair, millionths of a bit"),
    ),
    ("entity_id", "other_id", "record_id"),
    served=True,
)

COVERAGE = Table(
    "coverage",
    "各来源说了哪些事 / what each source tells: how many events of which type, until when",
    (
        Column("type", "VARCHAR"),
        Column("source", "VARCHAR"),
        Column("detail", "VARCHAR", "which certificate, benefit or level; NULL for other types"),
        Column("events", "BIGINT"),
        Column("latest", "DATE", "the latest day recorded"),
    ),
    ("type", "source", "detail"),
    nullable=("detail",),
)


@dataclass(frozen=True)
class Reason:
    """Why somebody is to be checked or left out: a word of `REASONS`, since when, who says so."""

    code: str
    on: date | None = None
    sources: tuple[str, ...] = ()
    other: str | None = None  # another entity


REASONS: Final = {
    "opted_out": "本人不愿享受 / opted out",
    "dead": "已去世 / has died",
    "cancelled": "已注销 / was cancelled",
    "holds": "已持有 / holds one already",
    "attends": "已在校 / is at school already",
    "renewed": "已续期 / was renewed",
    "moved_out": "已迁出或注销登记 / has moved out or was struck off the register",
    "two_births": "出生日期说法不一 / two birth dates are told",
    "unknown_day": "出生日不详 / the day of birth is not known",
    "no_residence": "无居住依据 / no residence is known",
    "unconfirmed": "居住逾期未核实 / residence was not confirmed for too long",
    "doubtful_merge": "可能与另一份档案是同一人 / may be the same as another entity",
}
"""Why not simply eligible: the sentence an official reads."""


@dataclass(frozen=True)
class Listed:
    """Somebody on a list, and what that rests on."""

    entity_id: str
    due: date | None
    birth: str | None = None
    birth_sources: tuple[str, ...] = ()
    by_number: bool = False  # the birth date stands in an accepted identity number
    basis: str | None = None  # household, permit, residence
    basis_sources: tuple[str, ...] = ()
    confirmed: date | None = None
    home: str | None = None
    item: str | None = None  # a certificate (a thing)
    item_kind: str | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Missing:
    """A source the rule needs and nobody delivered, and what that means for the list."""

    what: str  # 中文 / English
    then: str


@dataclass(frozen=True)
class Roll:
    """A service list. Each part is in order of the day due, then of the entity."""

    rule: str
    says: str
    first: date
    last: date
    eligible: tuple[Listed, ...]
    to_check: tuple[Listed, ...]
    left_out: tuple[Listed, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class ServiceRule:
    """A rule of a list, as its YAML says it (docs/services.md)."""

    name: str
    zh: str
    en: str
    when: str  # age, expires
    within: str  # month, days, school_year
    age: int = 0
    basis: tuple[str, ...] = ()  # bases of residence that count, best first; none: residence is not asked
    confirm: tuple[tuple[str, int], ...] = ()  # basis -> months within which it must have been confirmed
    leave_out: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()  # kinds of certificate that leave out who holds one
    kinds: tuple[str, ...] = ()  # expires: only these kinds of certificate
    not_kinds: tuple[str, ...] = ()
    needs: tuple[tuple[str, tuple[str, ...], str, str], ...] = field(default=())  # event type, details, what is missing, what then

    @property
    def says(self) -> str:
        """Its title, 中文 / English."""
        return f"{self.zh} / {self.en}"


Rows = list[dict[str, Any]]
