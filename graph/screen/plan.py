"""The tables that screening reads, in SQL: lots, entries and marks with their participants resolved. What is decided from them is decided when it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Step
from cityweave.graph.screen.model import TENDER_ENTRY, TENDER_LOT, TENDER_MARK

_PARTY = "case when y.record_id is not null then y.entity_id when p.record_id is not null then m.entity_id else p.thing_id end"
_READS = ("event", "participant", "membership", "past_party")


def steps(kinds: Sequence[str]) -> list[Step]:
    """The steps that make `tender_lot`, `tender_entry` and `tender_mark` from events, participants and entities of these kinds."""
    units = tuple(f"unit_{kind}" for kind in ("person", "legal_entity") if kind in kinds)
    records = tuple(f"record_{kind}" for kind in ("person", "legal_entity") if kind in kinds)
    return [
        Step(TENDER_LOT, "标段与开标结果 / lots and how they ended", (*_READS, "event_detail"), lot_sql()),
        Step(TENDER_ENTRY, "谁投了哪个标段 / who bid for which lot", (*_READS, "event_detail", *units, *records), entry_sql(records, units)),
        Step(TENDER_MARK, "投标人用了谁的手 / by whose hands bids were made", (*_READS, "event_detail", *units, *records), mark_sql(records, units)),
    ]


def _party(type_: str) -> str:
    """SQL: the participants of events of a type, resolved; those that are no longer live have no party."""
    return f"""select e.event_id, e.batch, e.row_no, e.source, e.valid_from, e.known_from, e.known_to, p.role, p.record_id, {_PARTY} as party
  from event e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  left join membership m on m.record_id = p.record_id
  left join past_party y on y.record_id = p.record_id and y.batch = p.batch and y.row_no = p.row_no
  where e.type in ({type_})"""


def _details(names: Sequence[str]) -> str:
    """SQL: details side by side."""
    columns = ", ".join(f"max(case when name = '{name}' then value end) as {name}" for name in names)
    return f"select event_id, batch, row_no, {columns} from event_detail group by event_id, batch, row_no"


_EVENT = "d.event_id = p.event_id and d.batch = p.batch and d.row_no = p.row_no"


def lot_sql() -> str:
    """SQL that gives the rows of `tender_lot`."""
    return f"""with party as (
  {_party("'tender'")}
),
said as (
  {_details(("part", "category", "regime", "method", "ceiling", "outcome"))}
),
whole as (
  select event_id, batch, row_no, max(source) as source, max(valid_from) as opened, max(known_from) as known_from, max(known_to) as known_to,
    max(case when role = 'lot' then party end) as lot, max(case when role = 'buyer' then party end) as buyer_id
  from party group by event_id, batch, row_no
)
select p.event_id, p.batch, p.row_no, p.source, {_lot("p.lot")} as lot_id, p.buyer_id, p.opened, d.category, d.regime, d.method, d.ceiling,
  d.outcome, p.known_from, p.known_to
from whole p left join said d on {_EVENT} where p.lot is not null"""


def entry_sql(records: Sequence[str], units: Sequence[str]) -> str:
    """SQL that gives the rows of `tender_entry`."""
    return f"""with party as (
  {_party("'bid'")}
),
said as (
  {_details(("part", "price", "state", "won"))}
),
known as (
  {_known(records, units)}
),
whole as (
  select p.event_id, p.batch, p.row_no, max(p.source) as source, max(p.valid_from) as sent, max(p.known_from) as known_from, max(p.known_to) as known_to,
    max(case when p.role = 'lot' then p.party end) as lot, max(case when p.role = 'bidder' then p.party end) as firm_id,
    max(case when p.role = 'bidder' then k.ref end) as ref, max(case when p.role = 'bidder' and k.accepted then 1 else 0 end) as sure
  from party p left join known k on k.record_id = p.record_id group by p.event_id, p.batch, p.row_no
)
select p.event_id, p.batch, p.row_no, p.source, {_lot("p.lot")} as lot_id, p.firm_id, p.ref, p.sure = 1 as accepted, p.sent, d.price, d.state, d.won,
  p.known_from, p.known_to
from whole p left join said d on {_EVENT} where p.lot is not null and p.firm_id is not null"""


def mark_sql(records: Sequence[str], units: Sequence[str]) -> str:
    """SQL that gives the rows of `tender_mark`: of each bid and enrolment every participant but bidder and lot. A row that does not bear the bidder's own
    number may be another firm's: what it shows is accepted of nobody.
    """
    return f"""with party as (
  {_party("'bid', 'enrolment'")}
),
said as (
  {_details(("part",))}
),
known as (
  {_known(records, units)}
),
whole as (
  select p.event_id, p.batch, p.row_no, max(case when p.role = 'lot' then p.party end) as lot, max(case when p.role = 'bidder' then p.party end) as firm_id,
    max(case when p.role = 'bidder' and k.accepted then 1 else 0 end) = 1 as sure
  from party p left join known k on k.record_id = p.record_id group by p.event_id, p.batch, p.row_no
)
select p.event_id, p.batch, p.row_no, p.source, p.role, w.firm_id, {_lot("w.lot")} as lot_id, p.party as mark_id, p.record_id,
  coalesce(k.ref, p.party) as ref, w.sure and (p.record_id is null or coalesce(k.accepted, false)) as accepted, p.valid_from as held,
  p.known_from, p.known_to
from party p join whole w on w.event_id = p.event_id and w.batch = p.batch and w.row_no = p.row_no
left join said d on {_EVENT}
left join known k on k.record_id = p.record_id
where p.role not in ('bidder', 'lot') and p.party is not null and w.firm_id is not null"""


def _lot(thing: str) -> str:
    return f"{thing} || coalesce('#' || d.part, '')"


def _known(records: Sequence[str], units: Sequence[str]) -> str:
    """SQL: ref of each record that is an entity's, and whether its identifier is borne out."""
    told = [
        f"select r.record_id, max(r.ref) as ref, max(case when u.accepted then 1 else 0 end) = 1 as accepted from {record} r "
        f"join (select distinct record_id from party) p on p.record_id = r.record_id left join {unit} u on u.record_id = r.record_id group by r.record_id"
        for record, unit in zip(records, units, strict=True)
    ]
    return "\n  union all ".join(told) or "select cast(null as bigint) as record_id, cast(null as varchar) as ref, false as accepted where 1 = 0"
