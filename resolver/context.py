"""What a row's other records say about a person: the other parent or spouse, the child, the home of a child or the room owned, the firm, the sex of a father or a mother."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Step
from cityweave.resolver import model

COUPLE = (
    "(a.type = 'birth' and a.role = 'father' and b.role = 'mother') or (a.type = 'birth' and a.role = 'mother' and b.role = 'father') "
    "or (a.type in ('marriage', 'divorce') and a.role <> b.role)"
)
"""SQL: a and b, parties of one event, are a couple."""


def step(kinds: Sequence[str]) -> Step:
    """The step that makes `context_person`; a firm is the resolved one where firms are resolved."""
    firms = "legal_entity" in kinds
    reads = ("event", "participant", "record_person", "record_room", *(("cluster_legal_entity", "form_legal_entity") if firms else ("record_legal_entity",)))
    return Step(model.CONTEXT_PERSON, "同一行中的旁证 / what a row's other records say", reads, _context(firms), total=("household_no",))


TWO = ("marriage", "divorce", "birth", "adoption", "guardianship")
"""Events whose parties are surely different people: nobody marries, bears or is the guardian of himself."""


SHARED = ("household", "ownership", "shareholding", "guardianship", "schooling")
"""Events that a row tells of several beside each other: the members of a family, the owners of a room, the guardians of a ward are as many people."""


def apart_step() -> Step:
    """The step that makes `apart_person`."""
    shared = ", ".join(f"'{type_}'" for type_ in SHARED)
    types = ", ".join(f"'{type_}'" for type_ in TWO)
    sql = f"""with part as (
  select p.event_id, p.role, p.record_id from event e
  join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  where e.known_to is null and e.type in ({types}) and p.record_id is not null
), beside as (
  select e.batch, e.row_no, e.type, p.role, p.record_id, min(p.record_id) over (partition by e.batch, e.row_no, e.type, p.role) as first_id,
    max(p.record_id) over (partition by e.batch, e.row_no, e.type, p.role) as last_id
  from event e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  join record_person r on r.record_id = p.record_id and r.known_to is null where e.known_to is null and e.type in ({shared})
), several as (
  select * from beside where first_id < last_id
)
select a.record_id as left_id, b.record_id as right_id from part a join part b on a.event_id = b.event_id
where a.role <> b.role and a.record_id < b.record_id
union
select a.record_id as left_id, b.record_id as right_id from several a
join several b on b.batch = a.batch and b.row_no = a.row_no and b.type = a.type and b.role = a.role and a.record_id < b.record_id"""
    says = "同一事件的双方、同一行并列的各人不是同一人 / the parties of one event, and those whom one row tells of beside each other, are as many people"
    return Step(model.APART_PERSON, says, ("event", "participant", "record_person"), sql)


YOUNG = ("child", "ward")
"""Roles of those whom others of the event bring up: these are known by them."""


def _context(firms: bool) -> str:
    firm = (
        """select k.record_id, h.label from cluster_legal_entity k join (
    select c.anchor, min(f.ref) as label from cluster_legal_entity c join form_legal_entity f on f.record_id = c.record_id group by c.anchor
  ) h on h.anchor = k.anchor"""
        if firms
        else "select record_id, ref as label from record_legal_entity where known_to is null"
    )
    # a department that numbers families its own way tells by its members with a number which household of the register it means
    young, families = (", ".join(f"'{word}'" for word in words) for words in (YOUNG, TWO))
    return f"""with part as (
  select p.record_id, p.role, e.type, e.event_id from event e
  join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  where e.known_to is null and p.record_id is not null
), met as (
  select a.record_id, a.type, a.role, b.record_id as other_id, case when {COUPLE} then 1 else 0 end as couple,
    case when a.role not in ({young}) and b.role in ({young}) then 1 else 0 end as young,
    case when a.type in ('birth', 'adoption') and b.role = 'child' then case a.role when 'father' then 1 when 'mother' then 2 end end as parent
  from part a join part b on a.event_id = b.event_id and a.role <> b.role
), firm as (
  {firm}
), numbering as (
  select source, count(*) as n from record_person where known_to is null and household_no is not null group by source
), placed as (
  select r.id_no, r.household_no, row_number() over (partition by r.id_no order by n.n desc, r.source, r.household_no) as place
  from record_person r join numbering n on n.source = r.source
  where r.known_to is null and r.household_no is not null and regexp_matches(r.id_no, '^[0-9]{{17}}[0-9X]$')
), dwelling as (
  select e.source, t.thing_id, r.record_id, r.id_no, r.household_no from event e
  join participant m on m.event_id = e.event_id and m.batch = e.batch and m.row_no = e.row_no and m.role = 'member'
  join participant t on t.event_id = e.event_id and t.batch = e.batch and t.row_no = e.row_no and t.role = 'household' and t.thing_id is not null
  join record_person r on r.record_id = m.record_id and r.known_to is null where e.known_to is null and e.type = 'household'
), lodged as (
  select d.source, d.thing_id, min(p.household_no) as household_no from dwelling d join placed p on p.id_no = d.id_no and p.place = 1
  group by d.source, d.thing_id having min(p.household_no) = max(p.household_no)
), seen as (
  select m.record_id, r.name as mate, null as home, null as household, null as folk, null as firm, r.ref as spouse, null as child, null as parent
  from met m join record_person r on r.record_id = m.other_id and r.known_to is null where m.couple = 1
  union all
  select m.record_id, null, r.address, r.household_no, null, null, null, r.ref, m.parent
  from met m join record_person r on r.record_id = m.other_id and r.known_to is null where m.young = 1
  union all
  select m.record_id, null, r.address, null, null, null, null, null, null
  from met m join record_room r on r.record_id = m.other_id and r.known_to is null where m.type = 'ownership' and m.role = 'owner'
  union all
  select m.record_id, null, null, null, p.household_no, null, null, null, null
  from met m join record_person r on r.record_id = m.other_id and r.known_to is null join placed p on p.id_no = r.id_no and p.place = 1 where m.type in ({families})
  union all
  select d.record_id, null, null, null, l.household_no, null, null, null, null
  from dwelling d join lodged l on l.source = d.source and l.thing_id = d.thing_id where d.id_no is null and l.household_no <> coalesce(d.household_no, '')
  union all
  select m.record_id, null, null, null, null, f.label, null, null, null from met m join firm f on f.record_id = m.other_id
)
select s.record_id, min(s.mate) as mate, min(s.home) as home, min(s.household) as household, min(s.folk) as folk, min(s.firm) as firm,
  coalesce(min(s.child), min(s.spouse)) as kin, case when min(s.child) is not null then 'child:' when min(s.spouse) is not null then 'spouse:' end as kin_is,
  case when min(s.parent) = max(s.parent) and count(s.parent) = count(s.child) then cast(min(s.parent) as varchar) end as parent
from seen s join record_person p on p.record_id = s.record_id and p.known_to is null
group by s.record_id"""
