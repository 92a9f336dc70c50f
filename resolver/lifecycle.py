"""Lives: the states an entity goes through, made of facts and of what registers say of its status, and the facts that cannot be true of one life.

A death ends the states of the dead and of those bound to them (a marriage, a job), a cancellation those of a firm, a departure where one lived, where no source has ended them
before. Only the state is closed: the fact keeps what its sources say, so that a job told to begin after death is still seen as what it is, a contradiction (`life_conflict`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cityweave.engine.model import Step
from cityweave.resolver.life_conflict import conflict_sql, table
from cityweave.resolver.life_rules import BEGINS, STATES, STATUS
from cityweave.resolver.model_life import LIFE_CONFLICT, LIFECYCLE


def steps(kinds: Sequence[str], grades: Mapping[str, int]) -> list[Step]:
    """The steps that make `lifecycle` and `life_conflict`; `grades`: "person.birth" -> grade, from the registry."""
    began = tuple(f"entity_{kind}" for kind in BEGINS if kind in kinds)
    people = ("entity_person",) if "person" in kinds else ()
    registers = ("record_legal_entity", "membership") if "legal_entity" in kinds else ()
    return [
        Step(LIFECYCLE, "一生的状态 / the states of lives", ("fact", "fact_party", *began, *registers), lifecycle_sql(kinds)),
        Step(LIFE_CONFLICT, "不可能的一生 / lives that cannot be", ("fact", "fact_party", "lifecycle", *people), conflict_sql(kinds, grades)),
    ]


def lifecycle_sql(kinds: Sequence[str]) -> str:
    """SQL that gives the rows of `lifecycle`."""
    rules = [(state.name, state.fact, state.role, state.other, int(state.lasts)) for state in STATES]
    registered = "legal_entity" in kinds
    return f"""with {table("rule", ("state", "fact", "role", "other", "lasts"), rules)},
{_PARTY},
{_ENDING},
{_beginning(kinds)},
{_REGISTER + "," if registered else ""}
lived as (
  select a.entity_id, r.state, f.valid_from, f.valid_to, f.fact_id, b.node_id as other_id, r.lasts
  from rule r join fact f on f.type = r.fact join party a on a.fact_id = f.fact_id and a.role = r.role and a.entity_id is not null
  left join party b on b.fact_id = f.fact_id and b.role = r.other
  where r.other = '' or b.node_id <> a.entity_id
),
gone as (
  select l.entity_id, l.fact_id, min(d.valid_from) as left_on
  from lived l join lived d on d.entity_id = l.entity_id and d.state = 'moved_out' and d.valid_from >= coalesce(l.valid_from, date '0001-01-01')
  where l.state in ('resident', 'in_household') and l.valid_to is null group by l.entity_id, l.fact_id
),
bounded as (
  select l.*, case when y.ended is null or x.ended < y.ended then x.ended else y.ended end as ended, x.ended as own_end, y.ended as other_end, o.left_on
  from lived l left join ending x on x.entity_id = l.entity_id left join ending y on y.entity_id = l.other_id
  left join gone o on o.entity_id = l.entity_id and o.fact_id = l.fact_id
),
widowed as (
  select m.entity_id, m.other_end as valid_from, case when m.own_end is null or n.wed < m.own_end then n.wed else m.own_end end as valid_to,
    m.fact_id, m.other_id
  from bounded m left join (
    select l.fact_id, l.entity_id, min(o.valid_from) as wed
    from bounded l join lived o on o.state = 'married' and o.entity_id = l.entity_id and o.valid_from >= l.other_end
    where l.state = 'married' group by l.fact_id, l.entity_id
  ) n on n.fact_id = m.fact_id and n.entity_id = m.entity_id
  where m.state = 'married' and m.other_end is not null and (m.valid_to is null or m.valid_to > m.other_end) and (m.own_end is null or m.own_end > m.other_end)
)
select b.entity_id, {_kind("b.entity_id")} as kind, b.state, coalesce(b.valid_from, g.began) as valid_from,
  case when lasts = 1 and valid_to is null and (ended is null or left_on < ended) and left_on is not null then left_on
    when lasts = 1 and valid_to is null and (valid_from is null or ended >= valid_from) then ended else valid_to end as valid_to, fact_id, other_id
from bounded b left join beginning g on g.entity_id = b.entity_id and g.state = b.state
union all
select entity_id, 'person' as kind, 'widowed' as state, valid_from, valid_to, fact_id, other_id from widowed
union all
select g.entity_id, {_kind("g.entity_id")} as kind, g.state, g.began as valid_from, cast(null as date) as valid_to, null as fact_id, null as other_id
from beginning g left join lived l on l.entity_id = g.entity_id and l.state = g.state
where l.entity_id is null{_REGISTERED if registered else ""}"""


_PARTY = """party as (
  select fact_id, role, entity_id, coalesce(entity_id, thing_id) as node_id from fact_party
)"""

_ENDING = """ending as (
  select p.entity_id, f.fact_id, f.valid_from as ended from fact f join fact_party p on p.fact_id = f.fact_id
  where (f.type = 'death' and p.role = 'deceased' or f.type = 'cancellation' and p.role = 'firm') and f.valid_from is not null
)"""

_STATE_OF = "case " + " ".join(f"when regexp_matches(r.status, '{words}') then '{state}'" for state, words in STATUS) + " end"

_REGISTER = f"""versions as (
  select m.entity_id, r.record_id, r.name, r.address, {_STATE_OF} as state, r.valid_from, r.valid_to, r.known_from, r.known_to, r.closed
  from record_legal_entity r join membership m on m.record_id = r.record_id where r.known_to is null or r.closed = 'changed'
),
standing as (
  select entity_id, state, min(valid_from) as valid_from from versions where state is not null group by entity_id, state
),
changed as (
  select o.entity_id, max(case when o.name <> n.name then n.valid_from end) as renamed, max(case when o.address <> n.address then n.valid_from end) as moved
  from versions o join versions n on n.record_id = o.record_id and n.known_from = o.known_to where o.closed = 'changed' group by o.entity_id
)"""
"""What registers say of a legal entity over the versions of its rows: its status, and the last time its name or its address changed."""

_REGISTERED = """
union all
select s.entity_id, 'legal_entity' as kind, s.state, s.valid_from, min(n.valid_from) as valid_to, null as fact_id, null as other_id
from standing s left join standing n on n.entity_id = s.entity_id and n.valid_from > s.valid_from
left join lived l on l.entity_id = s.entity_id and l.state = s.state
where l.entity_id is null group by s.entity_id, s.state, s.valid_from
union all
select entity_id, 'legal_entity' as kind, 'renamed' as state, renamed as valid_from, cast(null as date) as valid_to, null as fact_id, null as other_id
from changed where renamed is not null
union all
select entity_id, 'legal_entity' as kind, 'moved' as state, moved as valid_from, cast(null as date) as valid_to, null as fact_id, null as other_id
from changed where moved is not null"""


def _beginning(kinds: Sequence[str]) -> str:
    each = [f"select entity_id, '{state}' as state, {element} as text from entity_{kind}" for kind, (element, state) in BEGINS.items() if kind in kinds] or [
        "select cast(null as varchar) as entity_id, cast(null as varchar) as state, cast(null as varchar) as text"
    ]
    told = "\n  union all ".join(each)
    return f"""begun as (
  {told}
),
dated as (
  select entity_id, state, as_date(case when length(text) = 4 then text || '-01-01' else text end) as began from begun
),
beginning as (
  select entity_id, state, began from dated where began is not null
)"""


def _kind(column: str) -> str:
    return f"case substr({column}, 1, 1) when 'p' then 'person' when 'l' then 'legal_entity' when 'b' then 'building' when 'r' then 'room' end"
