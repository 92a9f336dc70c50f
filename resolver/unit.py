"""Tiers 0 and 1: records that carry one usable identifier and compatible names are one unit; nothing is learned and no pair is scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cityweave.engine.model import Step
from cityweave.resolver import model, place
from cityweave.resolver.former import is_one
from cityweave.resolver.model import ContractInfo

IDENTIFIER = {"person": ("id_no",), "legal_entity": ("uscc", "reg_no"), "building": ("building_code",), "room": ("room_code",)}
"""The elements whose authority source bears an identifier out."""

COMPATIBLE = {
    "person": f"f.name = g.name or f.pinyin = g.pinyin or f.look = g.look or {is_one('g.name', 'f.former')} or {is_one('f.name', 'g.former')} "
    "or (f.script = 'han' and g.script = 'han' and (f.given || f.surname = g.name or g.given || g.surname = f.name)) "
    "or (f.script = 'long' and g.script = 'long' and (f.core = g.core or jaro(f.name, g.name) >= 850))",
    "legal_entity": f"f.name = g.name or {is_one('g.name', 'f.former')} or {is_one('f.name', 'g.former')} or f.core = g.core or f.look = g.look or f.pinyin = g.pinyin or (length(f.brand) >= 2 and f.brand = g.brand) "
    "or jaro(f.core, g.core) >= 900 or (length(f.core) >= 2 and length(g.core) >= 2 and (strpos(f.core, g.core) > 0 or strpos(g.core, f.core) > 0))",
}
"""SQL: the names of record f and of its group's leading name g may be one entity's."""

ONCE = {"person": "u.id_no not like '%:%'", "legal_entity": "true"}
"""SQL: the number of unit record u is one of which an entity has one in its life. A passport is renewed; a place has a code of each source that numbers places."""

RENAMED = 2
"""Names unlike the leading one that a firm may have had under one code. A code that more names bear is written for want of the right one."""


def steps(kind: str, contracts: Sequence[ContractInfo]) -> list[Step]:
    """The steps that make `unit_<kind>` and `node_<kind>`."""
    spot = kind in ("building", "room")
    making, reads = (place.unit_sql(kind), (f"form_{kind}", f"record_{kind}", "address")) if spot else (_unit(kind, contracts), (f"form_{kind}",))
    return [
        Step(model.unit(kind), f"按证件号码归并 / collapse on identifiers ({kind})", reads, making, total=("scheme",) if spot else ("id_no", "n", "name")),
        Step(model.node(kind), f"聚类的节点 / nodes of clustering ({kind})", (f"form_{kind}", f"unit_{kind}"), _node(kind, contracts)),
    ]


def _unit(kind: str, contracts: Sequence[ContractInfo]) -> str:
    """A number is accepted that two rows tell under that name, or the authority: a row that names somebody twice bears nothing out.

    An identifier's leading name is the one most of its records bear (ties: the smaller text); compatible is compatible with that name, so that no chain of names drifts away.

    A firm keeps its code when it takes another name (GB 32100-2015: one code for life), so under a code a name that is nobody else's is a former or later one.
    """
    renamed = _renamed() if kind == "legal_entity" else ""
    features = "name, script, surname, given, core, pinyin, look" if kind == "person" else "name, core, brand, pinyin, look"
    return f"""with holder as (
  select * from form_{kind} where id_no is not null
), named as (
  select id_no, {features}, max(former) as former, count(*) as n from holder where name is not null group by id_no, {features}
), ranked as (
  select *, row_number() over (partition by id_no order by n desc, name) as place from named
), leader as (
  select * from ranked where place = 1
), fitting as (
  select f.record_id, f.ref, f.source, f.id_no, f.name, {"f.core" if kind == "legal_entity" else "f.name"} as core,
    case when {COMPATIBLE[kind]} then true when f.name is null then h.places = 1 else false end as fits
  from holder f left join leader g on g.id_no = f.id_no
  left join (select id_no, max(place) as places from ranked group by id_no) h on h.id_no = f.id_no
){renamed}, labelled as (
  select *, case when fits then '' when name is not null then name else ref end as part,
    case when name is not null then regexp_replace(ref, '[|][^|]*$', '', 'g') end as told_by from {"known" if renamed else "fitting"}
), grouped as (
  select id_no, part, min(record_id) as unit,
    coalesce(min(told_by) <> max(told_by), false) or max(case when {_borne_out(kind, contracts)} then 1 else 0 end) = 1 as accepted
  from labelled group by id_no, part
){_namesakes(kind)}
select f.record_id, coalesce(g.unit, {"s.unit, n.unit, " if kind == "legal_entity" else ""}f.record_id) as unit, f.id_no, coalesce(g.accepted, false) as accepted
from form_{kind} f left join labelled l on l.record_id = f.record_id left join grouped g on g.id_no = l.id_no and g.part = l.part{_namesake_join(kind)}"""


def _renamed() -> str:
    return f""", unlike as (
  select id_no, count(distinct core) as cores from fitting where not fits and core is not null group by id_no
), bearer as (
  select core, min(id_no) as lowest, max(id_no) as highest from fitting where core is not null group by core
), known as (
  select f.record_id, f.ref, f.source, f.id_no, f.name, f.fits or coalesce(u.cores <= {RENAMED} and b.lowest = b.highest, false) as fits
  from fitting f left join unlike u on u.id_no = f.id_no left join bearer b on b.core = f.core
)"""


def _namesakes(kind: str) -> str:
    """Legal entities without identifier but with one whole name are a unit: a registered name is unique by law within its region. Of people that would be wrong.
    Where the city is written both with and without 市, the two are two names, and one in brackets is neither's.

    A name without its region means the firm that a source, where it does write
    the region, nearly always (19 of 20, and at least 20 times) means by it.
    """
    if kind == "person":
        return ""
    return """, holder_unit as (
  select l.record_id, g.unit from labelled l join grouped g on g.id_no = l.id_no and g.part = l.part
), sole as (
  select name, min(spelt) as spelt from form_legal_entity where spelt is not null group by name having count(distinct spelt) = 1
), called as (
  select f.record_id, f.source, f.id_no, f.core, coalesce(f.form, '') as form, f.region, coalesce(f.spelt, s.spelt, '()' || f.name) as name
  from form_legal_entity f left join sole s on s.name = f.name where f.name is not null
), mention as (
  select source, core, form, name, count(*) as n from called where region is not null and core is not null group by source, core, form, name
), meant as (
  select source, core, form, max(case when n * 20 >= total * 19 then name end) as name
  from (select *, sum(n) over (partition by source, core, form) as total from mention) where total >= 20 group by source, core, form
), whole as (
  select f.name, min(h.unit) as unit from called f join holder_unit h on h.record_id = f.record_id group by f.name having count(distinct f.id_no) = 1
), spoken as (
  select f.record_id, coalesce(m.name, f.name) as name, case when m.name is not null then w.unit end as unit
  from called f
  left join meant m on f.region is null and m.source = f.source and m.core = f.core and m.form = f.form
  left join whole w on w.name = m.name
  where f.id_no is null
), namesake as (
  select name, min(record_id) as unit from spoken group by name
)"""


def _namesake_join(kind: str) -> str:
    joined = " left join spoken s on s.record_id = f.record_id left join namesake n on n.name = s.name"
    return joined if kind == "legal_entity" else ""


YOUNGEST, OLDEST = 15, 75
"""Years by which a mother or a father is older than the child, at least and at most. A father of adoption may be older still; nobody is as young."""


def _node(kind: str, contracts: Sequence[ContractInfo]) -> str:
    once = ONCE.get(kind, "false")
    free = _any_of(contract for contract in contracts if contract.duplicate_free)
    once_in_life = _any_of(contract for contract in contracts if contract.registers and kind == "person")
    months = "as_int(substr({0}, 1, 4)) * 12 + as_int(substr({0}, 6, 2))"
    first, last = (f"coalesce({months.format(told)}, {months.format('f.child_born')} - {years * 12})" for told, years in (("f.born_from", OLDEST), ("f.born_to", YOUNGEST)))
    births = f"f.born, {first} as born_first, {last} as born_last"
    if kind != "person":
        births = "cast(null as varchar) as born, cast(null as bigint) as born_first, cast(null as bigint) as born_last"
    entry = "coalesce(f.name || '|' || f.born, f.ref)" if kind == "person" else "f.ref"
    return f"""select f.record_id, f.ref, u.unit, case when u.accepted and {once} then u.id_no end as number,
  case when {free} or {once_in_life} then f.source end as exclusive,
  case when {free} then cast(u.unit as varchar) when {once_in_life} then {entry} end as entry, {births}
from form_{kind} f join unit_{kind} u on u.record_id = f.record_id"""


def _borne_out(kind: str, contracts: Sequence[ContractInfo]) -> str:
    elements = {f"{kind}.{element}" for element in IDENTIFIER[kind]}
    conditions = [_about(contract, "") for contract in contracts if set(contract.authority) & elements]
    return " or ".join(conditions) or "false"


def _any_of(contracts: Iterable[ContractInfo]) -> str:
    """SQL: this record is what a row of one of these sources is about."""
    return "(" + (" or ".join(_about(contract) for contract in contracts if contract.subject) or "false") + ")"


def _about(contract: ContractInfo, alias: str = "f.") -> str:
    """SQL: this record is what a row of the source is about, not somebody it mentions."""
    return f"({alias}source = '{contract.source}' and {alias}ref like '%|{contract.subject}')"
