"""Repair after resolution: what an entity's other records say repairs what one source got wrong, or left empty. Matching never reads it.

Only what cannot change in a life is held to the others: sex, birth, the date of founding, an identifier. An address, a phone, a name may have been true when it was written, so
of these only a slip is repaired: a name that sounds or looks like the entity's, lacks a character of it or is written in other characters; a firm's name without its region or
with another ending; a phone of wrong length one digit away. A name that some record calls a former one is no slip.

A date of which a source tells a part (a month, an age) and the part is right is no error: nothing is repaired there.

Sources vote, each with its odds of being right as the model learned them; the winner needs at least twice the weight of all others together and two sources (or one that is
believed to at least 98 %); else nothing is repaired. A number is repaired where it is unusable and two edits away from the only usable one of the entity.

A valid number that another entity bears, and that nobody but this record says is this one's, is a mother's on her child's row or a husband's on his wife's: it is listed as
a finding at the number, is never a golden value, and is repaired where the entity has one of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from cityweave.cfd_rules.dates import agrees
from cityweave.cfd_rules.model import REPAIR, VIOLATION, rule_repair_table, rule_violation_table
from cityweave.engine.model import Step, Table
from cityweave.resolver.mend_names import firm_names, person_names
from cityweave.resolver.model_life import Trust
from cityweave.resolver.survive import OPEN, OTHERS, SPOKEN

Cells = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""(kind, element) -> (source, role) of the records whose source delivers a column for it: only there a cell can be empty."""

FIXED: Mapping[str, tuple[str, ...]] = {
    "person": ("sex", "birth", "ethnicity", "birth_place"),
    "legal_entity": ("founded",),
    "building": ("name", "floors", "built"),
    "room": ("building_code", "floor", "area"),
}
"""Elements that cannot change in a life: another value than the others' is an error."""

LEARNED: Mapping[str, tuple[str, ...]] = {"person": ("name", *FIXED["person"]), "legal_entity": ("name", *FIXED["legal_entity"])}
"""Elements of which a source's trust is learned: another address or phone may only be older, so it says nothing of who is right."""

DATES = ("birth", "founded")

NUMBER = {"person": "id_no", "legal_entity": "uscc", "building": "", "room": ""}
"""The element that holds a checked number."""

PHONE = "^(1[0-9]{10}|0[1-9][0-9]{8,10}|[2-9][0-9]{6,7}|[+][0-9]{7,15})$"
SURE = 561
"""Odds of 49 to 1, in hundredths of a bit: a source alone is believed from here."""

LEAST, MOST = 550, 999
"""Trust, in thousandths, is kept within these: no source is believed blindly, none is worth nothing."""

RULE = "entity"


def odds(thousandths: int) -> int:
    """What the word of a source weighs that is right so often: log2 of its odds, in hundredths of a bit."""
    chance = min(max(thousandths, LEAST), MOST)
    return round(100 * math.log2(chance / (1000 - chance)))


def weight(trust: Trust, kind: str, element: str, source: str = "source") -> str:
    """SQL: the weight of a source's word about an element."""
    learned = trust.learned.get(kind, {})
    whens = "".join(f" when '{name}' then {odds(learned.get(f'{element}|{name}', general))}" for name, general in sorted(trust.sources.items()))
    return f"case {source}{whens} else {odds(LEAST)} end" if whens else str(odds(LEAST))


def steps(kinds: Sequence[str], cells: Cells, trust: Trust, grades: Mapping[str, int]) -> list[Step]:
    """The steps that make `violation` and `repair`: of each kind what its entities say, put together with what the rules found and repaired, which goes first."""
    numbered = [kind for kind in kinds if NUMBER[kind]]
    made = [_misplaced(kind, grades) for kind in numbered] + [_mend(kind, cells, trust) for kind in kinds]
    found = (rule_violation_table().name, *(f"misplaced_{kind}" for kind in numbered))
    listed = "\nunion all ".join(f"select {', '.join(VIOLATION.names)} from {name}" for name in found)
    columns = ", ".join(REPAIR.names)
    mends = "".join(f"\nunion all select {columns}, 4 as place from mend_{kind}" for kind in kinds)
    order = "case strength when 'certain' then 1 when 'reliable' then 2 else 5 end"
    sql = f"""select {columns} from (
  select *, row_number() over (partition by record_id, batch, row_no, element order by place, rule, new) as nth
  from (select {columns}, {order} as place from {rule_repair_table().name}{mends}) r
) o where nth = 1"""
    reads = (rule_repair_table().name, *(f"mend_{kind}" for kind in kinds))
    return [*made, Step(VIOLATION, VIOLATION.says, found, listed), Step(REPAIR, REPAIR.says, reads, sql, total=("place", "rule", "new"))]


def _misplaced(kind: str, grades: Mapping[str, int]) -> Step:
    """`misplaced_<kind>`: valid numbers that another entity bears, on records that alone say so of theirs."""
    table = Table(f"misplaced_{kind}", f"{kind}：他人的号码 / numbers of another on records of {kind}", VIOLATION.columns, VIOLATION.key)
    number = NUMBER[kind]
    sql = f"""with borne as (
  select distinct u.id_no, m.entity_id from unit_{kind} u join membership m on m.record_id = u.record_id where u.accepted and u.id_no not like '%:%'
), alone as (
  select u.record_id from unit_{kind} u join membership m on m.record_id = u.record_id left join borne own on own.id_no = u.id_no and own.entity_id = m.entity_id
  where not u.accepted and own.id_no is null and u.id_no in (select id_no from borne)
)
select r.record_id, r.batch, r.row_no, '{kind}' as kind, r.source, r.role, '{number}' as element, '{OTHERS}' as rule, 'uniqueness' as category,
  {grades[f"{kind}.{number}"]} as grade
from alone a join record_{kind} r on r.record_id = a.record_id and {OPEN} where r.{number} is not null"""
    return Step(table, f"查 {kind} 记录上他人的号码 / find numbers of another on records of {kind}", (f"unit_{kind}", "membership", f"record_{kind}"), sql)


def _mend(kind: str, cells: Cells, trust: Trust) -> Step:
    """`mend_<kind>`: cells that an entity's other records repair."""
    table = Table(f"mend_{kind}", f"{kind}：由同一实体的其他记录修复 / cells of {kind} that other records of the entity repair", REPAIR.columns, REPAIR.key)
    fixed = FIXED[kind]
    number = NUMBER[kind]
    reads = [f"record_{kind}", "membership", *([f"unit_{kind}", f"misplaced_{kind}"] if number else []), *([f"name_form_{kind}"] if kind in ("person", "legal_entity") else [])]
    selects = [_agreed_cells(kind, element, cells, trust) for element in fixed] + [_voted_cells(kind, element, cells) for element in fixed]
    if number:
        selects += [_numbers(kind, number, cells), _phones(kind)]
    parts = [_held(kind, fixed, number), _agreed(kind, fixed, trust), *(_vote(kind, element, trust) for element in fixed)]
    if kind == "person":
        parts += person_names(weight(trust, kind, "name", "h.source"))
        selects.append(_named(kind))
    if kind == "legal_entity":
        parts += firm_names(weight(trust, kind, "name", "h.source"), f"({trust.deciding(kind, 'name', 'h.')})")
        selects.append(_named(kind))
    sql = f"with {', '.join(parts)}\n" + "\nunion all\n".join(selects)
    return Step(table, f"由同一实体修复 {kind} / repair {kind} records by their entity", tuple(reads), sql, total=("value", "name"))


def _held(kind: str, fixed: Sequence[str], number: str) -> str:
    """The open versions with their entity; of the fixed elements only what is well formed."""
    values = ", ".join(f"{_well_formed(element)} as {element}" for element in fixed)
    raw = ", ".join(f"r.{element} as raw_{element}" for element in fixed)
    usable = f", r.{number} as raw_number, case when o.record_id is null then u.id_no end as number, o.record_id as others, r.name, r.former_name, r.phone" if number else ""
    join = f" join unit_{kind} u on u.record_id = r.record_id left join misplaced_{kind} o on o.record_id = r.record_id" if number else ""
    return f"""held as (
  select m.entity_id, r.record_id, r.batch, r.row_no, r.source, r.role{", r.id_type" if kind == "person" else ""}, {values}, {raw}{usable}
  from membership m join record_{kind} r on r.record_id = m.record_id and {OPEN}{join} where m.kind = '{kind}'
)"""


def _well_formed(element: str) -> str:
    if element in DATES:
        return f"case when as_date(r.{element}) is not null then r.{element} end"
    if element == "sex":
        return "case when r.sex in ('1', '2') then r.sex end"
    return f"r.{element}"


def _contradicts(element: str, day: str) -> str:
    """SQL: what is delivered of a date is not a part of the day."""
    raw = f"h.raw_{element}"
    return f"(coalesce(length({raw}), 0) in (0, 10) or not {agrees(raw, day)})"


def _agreed(kind: str, fixed: Sequence[str], trust: Trust) -> str:
    """Of each entity the least and the greatest value of each element, and how many sources say it; a checked number that all share speaks, too."""
    each = [f"min({e}) as low_{e}, max({e}) as high_{e}, count(distinct case when {e} is not null then source end) as told_{e}" for e in fixed]
    each += [f"max(case when {e} is not null then {weight(trust, kind, e)} end) as best_{e}" for e in fixed]
    each += ["min(number) as low_number, max(number) as high_number"] if NUMBER[kind] else []
    return f"agreed as (\n  select entity_id, {', '.join(each)} from held group by entity_id\n)"


def _spoken(kind: str, element: str) -> str:
    """SQL: what the one checked number of the entity says of an element (GB 11643-1999), or NULL."""
    if kind != "person" or element not in SPOKEN:
        return "cast(null as varchar)"
    return f"case when g.low_number = g.high_number and length(g.low_number) = 18 then {SPOKEN[element]('g.low_number')} end"


def _column(kind: str, element: str, cells: Cells) -> str:
    """SQL: the record's source delivers a column for the element."""
    roles: dict[str, list[str]] = {}
    for source, role in sorted(cells.get((kind, element), ())):
        roles.setdefault(source, []).append(f"'{role}'")
    return "(" + (" or ".join(f"h.source = '{source}' and h.role in ({', '.join(names)})" for source, names in roles.items()) or "false") + ")"


def _cell(kind: str, element: str, old: str, new: str, reason: str) -> str:
    return (
        f"select h.record_id, h.batch, h.row_no, '{kind}' as kind, '{element}' as element, '{RULE}' as rule, 'reliable' as strength, "
        f"{old} as old, {new} as new, '{reason}' as reason"
    )


def _agreed_cells(kind: str, element: str, cells: Cells, trust: Trust) -> str:
    """Cells that are empty, or not well formed, where all others say one thing."""
    spoken = _spoken(kind, element)
    new = f"coalesce(g.low_{element}, {spoken})"
    agree = f"(g.low_{element} = g.high_{element} and (g.told_{element} >= 2 or g.best_{element} >= {SURE} or {spoken} = g.low_{element})"
    agree += f" and coalesce({spoken}, g.low_{element}) = g.low_{element}"
    agree += f" or g.low_{element} is null and {spoken} is not null)"
    empty = f"h.{element} is null and (h.raw_{element} is not null or {_column(kind, element, cells)})"
    reason = "同一实体的其他记录一致 / the other records of the entity agree"
    wrong = f" and {_contradicts(element, new)}" if element in DATES else ""
    return f"{_cell(kind, element, f'h.raw_{element}', new, reason)} from held h join agreed g on g.entity_id = h.entity_id where {empty} and {agree}{wrong}"


def _vote(kind: str, element: str, trust: Trust) -> str:
    """What wins where an entity's records differ: `vote_<element>(entity_id, value, margin)`."""
    spoken = _spoken(kind, element)
    checked = f" union all select g.entity_id, '#' as source, {spoken} as value, {2 * SURE} as weight from agreed g where g.low_{element} <> g.high_{element}"
    says = f"select h.entity_id, h.source, h.{element} as value, max({weight(trust, kind, element, 'h.source')}) as weight"
    return f"""vote_{element} as (
  select entity_id, value from (
    select entity_id, value, weight, sources, row_number() over (partition by entity_id order by weight desc, value) as nth,
      sum(weight) over (partition by entity_id) as total
    from (
      select entity_id, value, sum(weight) as weight, count(*) as sources from (
        {says}
        from held h join agreed g on g.entity_id = h.entity_id and g.low_{element} <> g.high_{element} where h.{element} is not null
        group by h.entity_id, h.source, h.{element}{checked if spoken.startswith("case") else ""}
      ) s where value is not null group by entity_id, value
    ) c
  ) v where nth = 1 and weight >= 2 * (total - weight) and (sources >= 2 or weight >= {SURE})
)"""


def _voted_cells(kind: str, element: str, cells: Cells) -> str:
    empty = f"h.{element} is null and (h.raw_{element} is not null or {_column(kind, element, cells)})"
    reason = "同一实体的多数来源如此，且终生不变 / most sources of the entity say so, and it cannot change in a life"
    wrong = f" and {_contradicts(element, 'v.value')}" if element in DATES else ""
    return (
        f"{_cell(kind, element, f'h.raw_{element}', 'v.value', reason)} from held h join vote_{element} v on v.entity_id = h.entity_id "
        f"where (h.{element} <> v.value or {empty}){wrong}"
    )


def _numbers(kind: str, number: str, cells: Cells) -> str:
    """Empty and unusable numbers, and those of another, where the entity has one usable number only."""
    of_type = " and coalesce(h.id_type, '111') = '111' and length(g.low_number) = 18" if kind == "person" else ""
    near = "h.raw_number is not null and edit(h.raw_number, g.low_number) <= 2"
    reason = "同一实体只有一个有效号码 / the entity has one usable number only"
    return (
        f"{_cell(kind, number, 'h.raw_number', 'g.low_number', reason)} from held h join agreed g on g.entity_id = h.entity_id "
        f"where h.number is null and g.low_number = g.high_number{of_type} and (h.raw_number is null and {_column(kind, number, cells)} or {near} or h.others is not null)"
    )


def _phones(kind: str) -> str:
    """A phone of wrong length, one edit away from the only such phone of the entity."""
    reason = "同一实体的电话只差一位 / one digit away from a phone of the entity"
    return f"""{_cell(kind, "phone", "h.phone", "t.phone", reason)} from held h join (
  select b.entity_id, b.phone as slip, min(o.phone) as phone from held b join held o on o.entity_id = b.entity_id and regexp_matches(o.phone, '{PHONE}')
  where b.phone is not null and not regexp_matches(b.phone, '{PHONE}') and edit(b.phone, o.phone) = 1
  group by b.entity_id, b.phone having min(o.phone) = max(o.phone)
) t on t.entity_id = h.entity_id and t.slip = h.phone"""


def _named(kind: str) -> str:
    reason = "与同一实体的名称只有笔误之差 / a slip of the name of the entity"
    return f"{_cell(kind, 'name', 'h.name', 's.name', reason)} from held h join slip s on s.record_id = h.record_id"
