"""The steps that make what service lists read: standing, birth_told, contact, doubt, coverage (graph/model_service.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cityweave.engine.model import Step
from cityweave.graph.model_service import BIRTH_TOLD, CONTACT, COVERAGE, DOUBT, KINDS_TOLD, PRESCHOOL, STANDING, SUBJECTS

_PARTY = "case when y.record_id is not null then y.entity_id else m.entity_id end"
"""SQL: whom a record of that version speaks of (resolver.facts.past_party_sql)."""


def steps(kinds: Sequence[str], sources: Sequence[str], full: Mapping[str, date]) -> list[Step]:
    """The steps, for these kinds and sources; `full`: source that delivers everything each time -> its last delivery, which confirms what it still holds."""
    told, named = ("event", "participant", "membership", "past_party"), "legal_entity" in kinds
    made = [
        Step(STANDING, "服务所需的处境 / what services must know", (*told, *(("entity_legal_entity",) if named else ())), standing_sql(full, named)),
        Step(DOUBT, "待人判断的实体 / entities that may be one", ("possible", "membership", *(f"unit_{kind}" for kind in kinds)), doubt_sql(kinds)),
        Step(COVERAGE, "各来源说了什么 / what each source tells", ("event",), coverage_sql()),
    ]
    if "person" in kinds:
        told_by = ("membership", "record_person", "form_person", "unit_person", "entity_person")
        made.append(Step(BIRTH_TOLD, "各来源所述的出生日期 / birth dates as told", told_by, birth_sql(sources)))
        made.append(Step(CONTACT, "通信地址的把握 / how sure addresses are", ("membership", "record_person", "entity_person", "address"), contact_sql()))
    return made


def standing_sql(full: Mapping[str, date], named: bool = True) -> str:
    """SQL that gives the rows of `standing`. A pupil whose level nobody tells is one before school where the school's name says so (`named`: it has one)."""
    nursery = f"e.type = 'schooling' and e.detail is null and regexp_matches(s.name, '{PRESCHOOL}')"
    detail = f"case when {nursery} then '学前' else e.detail end" if named else "e.detail"
    school = "\nleft join entity_legal_entity s on s.entity_id = b.entity_id" if named else ""
    subjects = ", ".join(f"'{type_}.{role}'" for type_, (role, _) in SUBJECTS.items())
    others = ", ".join(f"'{type_}.{role}'" for type_, (_, role) in SUBJECTS.items() if role)
    again = "".join(f" when e.source = '{source}' and e.known_to is null and e.closed is null then date '{day}'" for source, day in sorted(full.items()))
    last = f"case{again} end" if again else "cast(null as date)"
    types = ", ".join(f"'{type_}'" for type_ in SUBJECTS)
    return f"""with told as (
  select event_id, batch, row_no, type, source, detail, valid_from, valid_to, known_from, known_to, closed, closed_on, recorded_at,
    {last} as delivered
  from event e where type in ({types})
),
party as (
  select e.event_id, e.batch, e.row_no, p.role, e.type, {_PARTY} as entity_id, p.thing_id, p.record_id
  from told e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  left join membership m on m.record_id = p.record_id
  left join past_party y on y.record_id = p.record_id and y.batch = p.batch and y.row_no = p.row_no
)
select a.entity_id, e.type, e.event_id, e.batch, e.row_no, a.record_id, {detail} as detail, coalesce(b.thing_id, b.entity_id) as other_id, e.source,
  e.valid_from, e.valid_to, e.known_from, e.known_to, e.closed, e.closed_on,
  case when e.delivered > e.recorded_at or e.recorded_at is null then e.delivered else e.recorded_at end as confirmed
from told e
join party a on a.event_id = e.event_id and a.batch = e.batch and a.row_no = e.row_no and a.type || '.' || a.role in ({subjects})
left join party b on b.event_id = e.event_id and b.batch = e.batch and b.row_no = e.row_no and b.type || '.' || b.role in ({others}){school}
where a.entity_id is not null"""


def doubt_sql(kinds: Sequence[str]) -> str:
    """SQL that gives the rows of `doubt`."""
    units = " union all ".join(f"select record_id, accepted from unit_{kind}" for kind in kinds)
    return f"""with pair as (
  select l.entity_id as one, r.entity_id as two, p.left_id, p.right_id, p.weight
  from possible p join membership l on l.record_id = p.left_id join membership r on r.record_id = p.right_id where l.entity_id <> r.entity_id
),
ways as (
  select one as entity_id, two as other_id, right_id as record_id, weight from pair
  union all select two as entity_id, one as other_id, left_id as record_id, weight from pair
),
unit as (
  {units}
)
select w.entity_id, w.other_id, w.record_id, coalesce(max(case when u.accepted then 1 else 0 end), 0) = 1 as bound, max(w.weight) as weight
from ways w left join unit u on u.record_id = w.record_id group by w.entity_id, w.other_id, w.record_id"""


def coverage_sql() -> str:
    """SQL that gives the rows of `coverage`."""
    kinds = ", ".join(f"'{type_}'" for type_ in KINDS_TOLD)
    return f"""with told as (
  select type, source, case when type in ({kinds}) then detail end as detail, recorded_at from event where known_to is null
)
select type, source, detail, count(*) as events, max(recorded_at) as latest from told group by type, source, detail"""


def birth_sql(sources: Sequence[str]) -> str:
    """SQL that gives the rows of `birth_told`."""
    joined = " || ".join(f"coalesce(max(case when source = '{source}' then '+{source}' end), '')" for source in sorted(sources)) or "''"
    tellers = " + ".join(f"max(case when source = '{source}' then 1 else 0 end)" for source in sorted(sources)) or "0"
    return f"""with told as (
  select m.entity_id, r.birth, case when r.known_to is null then r.source end as source, 0 as number, 0 as golden, 1 as dated, r.known_from, r.known_to
  from membership m join record_person r on r.record_id = m.record_id where m.kind = 'person' and r.birth is not null
  union all
  select m.entity_id, f.id_birth as birth, case when not u.accepted then f.source end as source, case when u.accepted then 1 else 0 end as number,
    0 as golden, case when u.accepted then 0 else 1 end as dated, cast(null as date) as known_from, cast(null as date) as known_to
  from form_person f join unit_person u on u.record_id = f.record_id join membership m on m.record_id = f.record_id
  where f.id_birth is not null
  union all
  select entity_id, birth, cast(null as varchar) as source, 0 as number, 1 as golden, 0 as dated, cast(null as date) as known_from,
    cast(null as date) as known_to
  from entity_person where birth is not null
)
select birth, entity_id, substr({joined}, 2) as sources, {tellers} as tellers, max(number) = 1 as number, max(golden) = 1 as golden,
  min(known_from) as known_from,
  case when max(dated) = 0 or max(case when dated = 1 and known_to is null then 1 else 0 end) = 1 then null else max(known_to) end as known_to
from told group by birth, entity_id"""


def contact_sql() -> str:
    """SQL that gives the rows of `contact`: of whom an address is known."""
    return """with lives as (
  select e.entity_id, a.norm from entity_person e join address a on a.text = e.address where e.address is not null
),
told as (
  select m.entity_id, r.source, r.recorded_at, a.norm
  from membership m join record_person r on r.record_id = m.record_id and r.known_to is null join address a on a.text = r.address where m.kind = 'person'
),
met as (
  select l.entity_id, t.source, max(case when t.norm = l.norm then 1 else 0 end) as agrees, max(case when t.norm = l.norm then t.recorded_at end) as recorded
  from lives l join told t on t.entity_id = l.entity_id group by l.entity_id, t.source
)
select entity_id, sum(agrees) as same, sum(1 - agrees) as other, max(recorded) as recorded from met group by entity_id"""
