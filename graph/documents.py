"""The step that makes `document`: births, adoptions, marriages, divorces and deaths as documents, with who is bound in them.

A newborn has no number yet. A birth that names a parent by an accepted number binds the child of that name and day of birth whom a second document, by an
accepted number of each, puts beside the parent: into one household, or under the parent's guardianship. Of two such children it binds neither.

A row of a household or school register that names a mother does not say how she is one. Only a contract that gives the birth the detail `birth`
(a register of births does) says that its rows name parents by birth.
"""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Step
from cityweave.graph.model_proof import DOCUMENT, DOCUMENTS

BY_BIRTH = "birth"
"""The detail of a birth whose row names the parents by birth, not just the parents."""


def steps(kinds: Sequence[str], decided: Sequence[str]) -> list[Step]:
    """The step; `decided`: the refs (source|key|role) of records that a human decision binds."""
    if "person" not in kinds:
        return []
    reads = ("event", "participant", "membership", "past_party", "unit_person", "record_person")
    return [Step(DOCUMENT, "亲属关系文件 / documents of kinship", reads, document_sql(decided), total=("known", "through", "source"))]


def document_sql(decided: Sequence[str]) -> str:
    """SQL that gives the rows of `document`."""
    types = ", ".join(f"'{type_}'" for type_ in DOCUMENTS)
    places = {
        place: ", ".join(f"'{type_}.{roles[place - 1]}'" for type_, roles in DOCUMENTS.items() if len(roles) >= place) for place in (1, 2, 3)
    }
    parties = ",\n    ".join(
        f"max(case when named in ({at}) then entity_id end) as party_{place}, "
        f"coalesce(max(case when named in ({at}) and bound then 1 end), 0) = 1 as bound_{place}"
        for place, at in places.items()
    )
    by_decision = " or r.ref in (" + ", ".join("'" + ref.replace("'", "''") + "'" for ref in sorted(set(decided))) + ")" if decided else ""
    return f"""with told as (
  select event_id, batch, row_no, type, source, valid_from, recorded_at, known_from, known_to, closed,
    case when type = 'adoption' then 'adoption' when type = 'birth' and detail = '{BY_BIRTH}' then 'birth' end as kind
  from event where type in ({types})
),
party as (
  select e.event_id, e.batch, e.row_no, p.role, e.type || '.' || p.role as named,
    case when y.record_id is not null then y.entity_id else m.entity_id end as entity_id,
    coalesce(u.accepted and u.id_no is not null, false){by_decision} as bound,
    case when r.id_no is null and r.id_part is null then r.name end as bare_name, r.birth
  from told e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  left join membership m on m.record_id = p.record_id
  left join past_party y on y.record_id = p.record_id and y.batch = p.batch and y.row_no = p.row_no
  left join unit_person u on u.record_id = p.record_id
  left join record_person r on r.record_id = p.record_id and r.batch = p.batch and r.row_no = p.row_no
),
wide as (
  select event_id, batch, row_no,
    {parties}
  from party group by event_id, batch, row_no
){_composed()}
select p.entity_id, e.event_id, e.batch, e.row_no, p.role, e.type, e.source, e.valid_from, e.recorded_at, e.known_from, e.known_to, e.closed, e.kind,
  w.party_1, w.party_2, w.party_3, w.bound_1, w.bound_2, w.bound_3, c.through, c.source as through_source, c.held as through_on, c.known as through_known
from told e
join party p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
join wide w on w.event_id = e.event_id and w.batch = e.batch and w.row_no = e.row_no
left join composed c on c.event_id = e.event_id and c.batch = e.batch and c.row_no = e.row_no
where p.entity_id is not null"""


def _composed() -> str:
    """CTEs: by what second document the child of a birth or adoption without the child's number is bound, if by any."""
    return """, bare as (
  select p.event_id, p.batch, p.row_no, p.entity_id as child, p.bare_name as name, p.birth,
    case when w.bound_2 then w.party_2 end as mother, case when w.bound_3 then w.party_3 end as father
  from party p join wide w on w.event_id = p.event_id and w.batch = p.batch and w.row_no = p.row_no
  where p.named in ('birth.child', 'adoption.child') and not p.bound and p.bare_name is not null and p.birth is not null and (w.bound_2 or w.bound_3)
), beside as (
  select e.type as through, e.source, p.record_id, coalesce(e.valid_from, e.recorded_at) as held, e.known_from,
    case when e.type = 'household' then t.thing_id else e.event_id || '|' || e.batch || '|' || e.row_no end as place
  from event e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no and p.role in ('member', 'guardian', 'ward')
  left join participant t on t.event_id = e.event_id and t.batch = e.batch and t.row_no = e.row_no and t.role = 'household'
  where e.type in ('household', 'guardianship') and e.known_to is null
), numbered as (
  select b.through, b.source, b.place, b.held, b.known_from, m.entity_id, r.name,
    substr(u.id_no, 7, 4) || '-' || substr(u.id_no, 11, 2) || '-' || substr(u.id_no, 13, 2) as birth
  from beside b join unit_person u on u.record_id = b.record_id join membership m on m.record_id = b.record_id
  join record_person r on r.record_id = b.record_id and r.known_to is null
  where u.accepted and length(u.id_no) = 18 and strpos(u.id_no, ':') = 0 and b.place is not null and r.name is not null
), sole as (
  select through, place, name, birth, min(entity_id) as entity_id from numbered group by through, place, name, birth having min(entity_id) = max(entity_id)
), way as (
  select b.event_id, b.batch, b.row_no, n.through, n.source, min(n.held) as held, min(greatest(n.known_from, q.known_from)) as known
  from bare b join sole s on s.entity_id = b.child and s.name = b.name and s.birth = b.birth
  join numbered n on n.through = s.through and n.place = s.place and n.entity_id = s.entity_id and n.name = s.name
  join numbered q on q.through = s.through and q.place = s.place and q.entity_id in (b.mother, b.father)
  group by b.event_id, b.batch, b.row_no, n.through, n.source
), composed as (
  select * from (select *, row_number() over (partition by event_id, batch, row_no order by known, through, source) as n from way) where n = 1
)"""
