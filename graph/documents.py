"""The step that makes `document`: births, adoptions, marriages, divorces and deaths as documents, with who is bound in them."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Step
from cityweave.graph.model_proof import DOCUMENT, DOCUMENTS


def steps(kinds: Sequence[str], decided: Sequence[str]) -> list[Step]:
    """The step; `decided`: the refs (source|key|role) of records that a human decision binds."""
    if "person" not in kinds:
        return []
    reads = ("event", "participant", "membership", "past_party", "unit_person", "record_person")
    return [Step(DOCUMENT, "亲属关系文件 / documents of kinship", reads, document_sql(decided))]


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
  select event_id, batch, row_no, type, source, valid_from, recorded_at, known_from, known_to, closed from event where type in ({types})
),
party as (
  select e.event_id, e.batch, e.row_no, p.role, e.type || '.' || p.role as named,
    case when y.record_id is not null then y.entity_id else m.entity_id end as entity_id,
    coalesce(u.accepted and u.id_no is not null, false){by_decision} as bound
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
)
select p.entity_id, e.event_id, e.batch, e.row_no, p.role, e.type, e.source, e.valid_from, e.recorded_at, e.known_from, e.known_to, e.closed,
  w.party_1, w.party_2, w.party_3, w.bound_1, w.bound_2, w.bound_3
from told e
join party p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
join wide w on w.event_id = e.event_id and w.batch = e.batch and w.row_no = e.row_no
where p.entity_id is not null"""
