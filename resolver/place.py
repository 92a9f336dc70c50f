"""Buildings and rooms: a code or an address makes a place, a source's own codes are another's by the addresses they share, and a street that was renamed is
learned from places told under two addresses. People and firms are compared by the place, not by its spelling.
"""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Column, Step, Table
from cityweave.resolver import model

CODE = {"building": "building_code", "room": "room_code"}
NORM = {"building": "coalesce(a.building_norm, a.norm)", "room": "case when a.room_norm is not null then a.norm end"}
"""SQL: what of a parsed address names a place of that kind."""

PLACE = Table(
    "place",
    "同一处的几种地址 / addresses of one place",
    (Column("norm", "VARCHAR", "an address"), Column("label", "VARCHAR", "of all addresses of that place the first in order of text")),
    ("norm",),
)

SPOT = Table(
    "spot",
    "地址文本所指的地方 / the place that an address means",
    (Column("text", "VARCHAR"), Column("address", "VARCHAR", "label of the room, or of the building"), Column("building", "VARCHAR")),
    ("text",),
)


def steps(kinds: Sequence[str]) -> list[Step]:
    """The steps that make `place` and `spot`, from the clusters of those kinds of place that are resolved."""
    here = [kind for kind in ("building", "room") if kind in kinds]
    reads = [f"{table}_{kind}" for kind in here for table in ("record", "cluster")]
    reads += ["form_building"] if len(here) == 2 else []
    return [
        Step(PLACE, "同一处的几种地址 / addresses of one place", (*reads, "address") if here else (), _place(here)),
        Step(SPOT, "地址文本所指的地方 / the place that an address means", ("address", "place"), _spot()),
    ]


def _place(kinds: Sequence[str]) -> str:
    """An address belongs to a place when a version of one of its records, old or new, tells it, and no other place has it."""
    if not kinds:
        return "select cast(null as varchar) as norm, cast(null as varchar) as label where 1 = 0"
    told = [
        f"select '{kind}' || k.anchor as place, {NORM[kind]} as norm from record_{kind} r join cluster_{kind} k on k.record_id = r.record_id join address a on a.text = r.address"
        for kind in kinds
    ]
    if len(kinds) == 2:  # a room's address tells where its building stands
        told.append(
            "select 'building' || k.anchor as place, a.building_norm as norm from record_room r join address a on a.text = r.address "
            "join form_building f on f.id_no = r.building_code join cluster_building k on k.record_id = f.record_id"
        )
    return f"""with told as (
  {" union ".join(told)}
), named as (
  select place, min(norm) as label, count(*) as norms from told where norm is not null group by place
), sole as (
  select norm, min(place) as place from told where norm is not null group by norm having count(distinct place) = 1
)
select o.norm, n.label from sole o join named n on n.place = o.place where n.norms > 1 and o.norm <> n.label"""


def _spot() -> str:
    """An address whose very room is not known by another name may still stand in a building that is."""
    moved = "case when b.label is not null and starts_with(a.norm, a.building_norm) then b.label || substr(a.norm, length(a.building_norm) + 1) end"
    return f"""select a.text, coalesce(p.label, {moved}, a.norm) as address, coalesce(b.label, a.building_norm) as building
from address a left join place p on p.norm = a.norm left join place b on b.norm = a.building_norm"""


def form_sql(kind: str) -> str:
    """SQL: `form_<kind>` of a kind of place."""
    name = "r.name, " if kind == "building" else ""
    return f"""select r.record_id, r.ref, r.source, {name}{NORM[kind]} as address, case when r.{CODE[kind]} <> '' then r.{CODE[kind]} end as id_no
from record_{kind} r left join address a on a.text = r.address where r.known_to is null"""


def form(kind: str) -> Step:
    """The step that makes `form_<kind>` of a kind of place."""
    return Step(model.form(kind), f"整理用于比较的记录 / forms ({kind})", (f"record_{kind}", "address"), form_sql(kind))


def unit_sql(kind: str) -> str:
    """SQL: `unit_<kind>`. One code is one place. Sources that share a code number alike; a code of another numbering is that place of the leading one (with most
    records) which alone stands at its addresses, and so is a record without a code; where only another numbering knows the address, its. Addresses are those of all versions, so a renamed street does no harm.
    """
    return f"""with held as (
  select record_id, source, id_no, address from form_{kind}
), coded as (
  select source, id_no, count(*) as n from held where id_no is not null group by source, id_no
), shared as (
  select a.source, min(b.source) as scheme from coded a join coded b on b.id_no = a.id_no group by a.source
), scheme as (
  select a.source, min(b.scheme) as scheme from shared a join shared b on b.scheme = a.scheme or b.source = a.scheme group by a.source
), size as (
  select s.scheme, sum(c.n) as n from coded c join scheme s on s.source = c.source group by s.scheme
), leader as (
  select scheme from (select scheme, row_number() over (order by n desc, scheme) as place from size) where place = 1
), told as (
  select r.source, r.{CODE[kind]} as code, {NORM[kind]} as address from record_{kind} r join address a on a.text = r.address where r.{CODE[kind]} <> ''
  union
  select source, id_no, address from held where id_no is not null and address is not null
), standing as (
  select t.address, min(t.code) as code from told t join scheme s on s.source = t.source join leader l on l.scheme = s.scheme
  where t.address is not null group by t.address having count(distinct t.code) = 1
), foreign_code as (
  select s.scheme, t.code, min(p.code) as same from told t join scheme s on s.source = t.source join standing p on p.address = t.address
  where s.scheme not in (select scheme from leader) group by s.scheme, t.code having count(distinct p.code) = 1
), foreign_stand as (
  select t.address, min(coalesce('#' || f.same, s.scheme || '#' || t.code)) as place
  from told t join scheme s on s.source = t.source left join foreign_code f on f.scheme = s.scheme and f.code = t.code
  where t.address is not null group by t.address having count(distinct s.scheme || '#' || t.code) = 1
), placed as (
  select h.record_id, h.id_no, case
      when h.id_no is not null and s.scheme in (select scheme from leader) then '#' || h.id_no
      when h.id_no is not null then coalesce('#' || f.same, s.scheme || '#' || h.id_no)
      else coalesce('#' || p.code, o.place, '@' || h.address, '') end as place
  from held h left join scheme s on s.source = h.source left join foreign_code f on f.scheme = s.scheme and f.code = h.id_no
  left join standing p on p.address = h.address left join foreign_stand o on o.address = h.address
), label as (
  select place, min(record_id) as unit from placed where place <> '' group by place
)
select p.record_id, coalesce(l.unit, p.record_id) as unit, p.id_no, p.id_no is not null as accepted
from placed p left join label l on l.place = p.place"""
