"""Records as they are compared: delivered values of open versions, names worked out once a distinct name, numbers normalised and their check digits computed."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.cfd_rules.classes import gb11643_birth, gb11643_check, gb11643_sex, gb11714_check, gb32100_valid
from cityweave.engine.model import Column, Step, Table
from cityweave.resolver import context, firms, former, model, names, place

ANY_TYPE = "***:"
"""Before a masked number, in the place of the type of document that stands before a usable one."""

NAME_TEXT = {
    "person": "coalesce(r.name, case when regexp_matches(r.surname, '^[一-龥]') then r.surname || coalesce(r.given_name, '*') else coalesce(r.given_name || ' ', '') || r.surname end)",
    "legal_entity": "r.name",
}
"""SQL: the name a record gives; of a Chinese surname alone the given name is hidden."""


def steps(kind: str, kinds: Sequence[str] = ()) -> list[Step]:
    """The steps that make `form_<kind>`, in a world where `kinds` are resolved before it."""
    if kind in ("building", "room"):
        return [place.form(kind)]
    make = {"person": names.name_form, "legal_entity": firms.name_form}[kind]
    reads = (f"record_{kind}", "spot", f"name_form_{kind}", *(("context_person", model.RENUMBERED.name) if kind == "person" else ()))
    made = [
        Step(_name_table(kind), f"不同的姓名 / distinct names ({kind})", (f"record_{kind}",), _distinct_names(kind)),
        Step(model.name_form(kind), f"分析姓名 / work out names ({kind})", (f"name_text_{kind}",), python=make),
        Step(model.form(kind), f"整理用于比较的记录 / forms ({kind})", reads, _person() if kind == "person" else _firm(), total=("row_no", "name")),
    ]
    return [context.step(kinds), context.apart_step(), _renumbered(), *made] if kind == "person" else made


def _name_table(kind: str) -> Table:
    return Table(f"name_text_{kind}", "不同的姓名 / distinct names", (Column("text", "VARCHAR"),), ("text",))


def _distinct_names(kind: str) -> str:
    past = "true" if kind == "legal_entity" else "r.known_to is null"
    return f"""select distinct text from (
  select {NAME_TEXT[kind]} as text from record_{kind} r where {past} union all select {former.nth("r.former_name")} as text from record_{kind} r {former.told("r")} where r.known_to is null
) where text is not null"""


def part_of_number(text: str) -> str:
    """SQL: a masked number spread over 18 places, * where it is not shown: what stands before the first and behind the last of its marks keeps its place.

    A number that begins with letters is that of another document and has the places it is written in, behind the type of the document, which nobody hides.
    """
    before, behind = f"regexp_extract({text}, '^[0-9]*')", f"regexp_extract({text}, '[0-9X]*$')"
    spread = f"{before} || repeat('*', 18 - length({before}) - length({behind})) || {behind}"
    other = f"when regexp_matches({text}, '^[A-Z]{{1,3}}[0-9*]{{5,12}}$') then '{ANY_TYPE}' || {text}"
    return f"case when length({text}) = 18 then {text} {other} when length({before}) + length({behind}) between 3 and 17 then {spread} end"


def _person() -> str:
    """All of a record is worked out in its own row; what is looked up of the relative its row names is worked out anew, for the relatives alone: a common
    table that both sides read would hold every record in memory.
    """
    return f"""with written as (
  select r.record_id, r.ref, r.source, {NAME_TEXT["person"]} as name_text, {_BIRTH} as birth,
    case when regexp_matches(r.birth, '^[0-9]{{4}}(-[0-9]{{2}})?$') then substr(r.birth || '-01-01', 1, 10)
      when regexp_matches(r.birth, '^[0-9-]{{10}}/[0-9-]{{10}}$') then substr(r.birth, 1, 10) end as born_from,
    case when regexp_matches(r.birth, '^[0-9]{{4}}$') then r.birth || '-12-31' when regexp_matches(r.birth, '^[0-9]{{4}}-[0-9]{{2}}$') then r.birth || '-31'
      when regexp_matches(r.birth, '^[0-9-]{{10}}/[0-9-]{{10}}$') then substr(r.birth, 12, 10) end as born_to,
    case when r.id_no is null and r.id_part <> coalesce(r.id_text, '') then {part_of_number("r.id_part")} end as id_part, coalesce(case when r.sex in ('1', '2') then r.sex end, c.parent) as sex, r.phone,
    coalesce(r.address, c.home) as address_text, coalesce(r.household_no, c.household) as household,
    c.folk, c.mate, c.firm, c.kin, c.kin_is, c.parent, r.postcode, r.birth_place, r.occupation, r.id_text,
    coalesce(o.now, r.id_no) as id_no, r.id_birth
  from {_numbered("true")} r left join context_person c on c.record_id = r.record_id left join renumbered o on o.former = r.id_no and o.name = {NAME_TEXT["person"]}
), relative as (
  select r.ref, n.name, coalesce({_BIRTH}, r.id_birth) as born, coalesce(o.now, r.id_no) as id_no
  from {_numbered("r.ref in (select kin from context_person where kin is not null)")} r left join name_form_person n on n.text = {NAME_TEXT["person"]}
  left join renumbered o on o.former = r.id_no and o.name = {NAME_TEXT["person"]}
)
select w.record_id, w.ref, w.source, n.name, n.script, n.surname, n.given, n.core, n.pinyin, n.look, n.name_part, f.former,
  w.birth, w.id_birth, coalesce(w.birth, w.day) as born, coalesce(w.birth, w.day, case when w.id_birth is null then w.born_from end) as born_from,
  coalesce(w.birth, w.day, case when w.id_birth is null then w.born_to end) as born_to,
  w.sex, w.id_no, coalesce(w.id_no, w.id_text) as id_text, w.id_part, w.phone, a.address, {_ABODE} as building, w.household, w.folk, m.name as mate, w.firm,
  w.kin_is || k.name || '|' || k.born as kin, w.kin_is || k.id_no as kin_no, w.postcode, w.birth_place, w.occupation,
  coalesce(w.sex, case when w.id_birth is not null then {gb11643_sex("w.id_no")} end) as sexed, case when w.parent is not null then k.born end as child_born
from (select *, case when not coalesce({_far("born_from", "born_to")}, false) then id_birth end as day from written) w
left join name_form_person n on n.text = w.name_text
left join {former.canonical("person")} f on f.record_id = w.record_id
left join name_form_person m on m.text = w.mate
left join relative k on k.ref = w.kin
left join spot a on a.text = w.address_text"""


_ABODE = "case when regexp_matches(a.building, '[0-9]组([0-9]|$)') then regexp_extract(a.building, '^.*?[0-9]+组') else a.building end"
"""SQL: the building, or in a village the villagers' group (村民小组): many a department writes no house behind it."""


def _far(first: str, last: str) -> str:
    """SQL: the birth in a number lies more than a year outside what the record tells of the birth, so the number is somebody else's and tells no birth."""
    year = "as_int(substr({}, 1, 4))".format
    return f"({year('id_birth')} < {year(first)} - 1 or {year('id_birth')} > {year(last)} + 1)"


_BIRTH = "case when regexp_matches(r.birth, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') then r.birth end"


def _renumbered() -> Step:
    """Who tells his former number beside the one he has now. A number that is followed by several, or by itself in the end, says nothing; two changes are followed."""
    told = "r.former_id_no is not null"
    sql = f"""with told as (
  select f.id_no as former, {NAME_TEXT["person"].replace("r.", "f.")} as name, n.id_no as now
  from {_numbered(told, "former_id_no")} f join {_numbered(told)} n on n.record_id = f.record_id where f.id_no <> n.id_no
), single as (
  select former, name, min(now) as now from told where name is not null group by former, name having count(distinct now) = 1
)
select s.former, s.name, coalesce(l.now, s.now) as now from single s left join single l on l.former = s.now and l.name = s.name where coalesce(l.now, '') <> s.former"""
    return Step(model.RENUMBERED, "改号或换证前后的号码 / numbers before and after a change", ("record_person",), sql)


def _numbered(which: str, number: str = "id_no") -> str:
    """SQL: those open versions of records `r`, with the text of their number (`id_text`), the number where it is valid (`id_no`, 18 digits) and the birth it tells (`id_birth`)."""
    valid = "(id18 = id_text or length(id_text) = 15) and as_date(id_born) >= date '1850-01-01' and as_date(id_born) <= greatest(recorded_at, known_from)"
    return f"""(
    select *, case when id_no is not null and id_no not like '%:%' then id_born end as id_birth from (
      select *, case when coalesce(id_type, '111') <> '111' then case when regexp_matches(id_text, '^[0-9A-Z]{{6,20}}$') then id_type || ':' || id_text end
        when id18 is not null and {valid} then id18 end as id_no from (
        select *, case when first17 is not null then first17 || {gb11643_check("first17")} end as id18,
          case when first17 is not null then {gb11643_birth("first17")} end as id_born from (
          select *, case when regexp_matches(id_text, '^[0-9]{{17}}[0-9X]$') then substr(id_text, 1, 17)
            when regexp_matches(id_text, '^[0-9]{{15}}$') then substr(id_text, 1, 6) || '19' || substr(id_text, 7, 9) end as first17 from (
            select r.record_id, r.ref, r.source, r.name, r.surname, r.given_name, r.id_type, r.recorded_at, r.known_from, r.birth, r.id_part, r.sex, r.phone,
              r.address, r.household_no, r.postcode, r.birth_place, r.occupation,
              case when translate(r.{number}, ' -', '') <> '' then upper(translate(r.{number}, ' -', '')) end as id_text
            from record_person r where r.known_to is null and {which}
          )
        )
      )
    )
  )"""


def _firm() -> str:
    """The number of a firm is its unified code. One of the old certificates is that code's where the data tell so: an organisation code (alone, or behind the region in a tax number)
    stands inside it (GB 32100-2015, sec. 4.4), and a registration number beside it in some record.

    Its former names are those that the record tells, else the last that the record bore under the same number.

    A name that leaves out its region or legal form, fits the names of several firms with codes, none of which has nine tenths of the records, and is written so
    by none of them alone, does not say who is meant: without a code such a record has no name to be compared by.
    """
    return f"""with renamed as (
  select record_id, name from (
    select p.record_id, p.name, row_number() over (partition by p.record_id order by p.batch desc, p.row_no desc) as nth
    from record_legal_entity p join record_legal_entity r on r.record_id = p.record_id and r.known_to is null
    where p.known_to is not null and p.name <> r.name and (p.uscc = r.uscc or p.reg_no = r.reg_no)
  ) o where nth = 1
), written as (
  select r.record_id, r.ref, r.source, r.name as name_text, upper(translate(r.uscc, ' -', '')) as code, case when r.reg_no <> '' then r.reg_no end as reg_no, r.phone,
    r.address as address_text
  from record_legal_entity r where r.known_to is null
), checked as (
  select record_id, case
      when regexp_matches(code, '^.{{2}}[0-9]{{6}}') and {gb32100_valid("code")} then code end as uscc
  from written where length(code) = 18
), certificate as (
  select w.record_id, w.code, w.reg_no, c.uscc, case when c.uscc is not null then substr(c.uscc, 9, 9)
      when length(w.code) = 15 then substr(w.code, 7, 9) when length(w.code) = 9 then w.code when length(translate(w.reg_no, '-', '')) = 9 then translate(w.reg_no, '-', '') end as org
  from written w left join checked c on c.record_id = w.record_id
), valid as (
  select record_id, case when regexp_matches(org, '^[0-9A-Z]{{8}}[0-9X]$') and {gb11714_check("org")} = substr(org, 9, 1) or uscc is not null then org end as org, uscc, code, reg_no
  from certificate
), known_org as (
  select org, min(uscc) as uscc from valid where uscc is not null group by org
), known_reg as (
  select reg_no, min(uscc) as uscc from valid where uscc is not null and reg_no is not null group by reg_no having count(distinct uscc) = 1
), numbered as (
  select v.record_id, v.uscc, coalesce(o.uscc, r.uscc, c.uscc) as id_no from valid v
  left join known_org o on o.org = v.org left join known_reg r on r.reg_no = v.reg_no left join known_reg c on v.uscc is null and c.reg_no = v.code
), borne as (
  select c.id_no, n.name, n.core, n.region, n.form, count(*) as n
  from written w join numbered c on c.record_id = w.record_id and c.id_no is not null join name_form_legal_entity n on n.text = w.name_text
  group by c.id_no, n.name, n.core, n.region, n.form
), coded as (
  select name, core, region, form, sum(n) as n from (select *, row_number() over (partition by id_no order by n desc, name) as nth from borne) b
  where nth = 1 group by name, core, region, form
), plain as (
  select name from borne group by name having count(distinct id_no) = 1
), shared as (
  select p.text
  from name_form_legal_entity p join coded c on c.core = p.core and (p.region is null or c.region like p.region || '%') and (p.form is null or c.form = p.form)
  left join plain o on o.name = p.name
  where (p.region is null or p.form is null) and o.name is null
  group by p.text having count(*) > 1 and max(c.n) * 10 < sum(c.n) * 9
)
select w.record_id, w.ref, w.source, case when s.text is null then n.name end as name, case when s.text is null then n.spelt end as spelt, n.core, n.region, n.brand, n.trade, n.form, n.pinyin, n.look, coalesce(f.former, o.name) as former,
  c.uscc, c.id_no, coalesce(c.id_no, case when w.code <> '' then w.code end) as id_text, w.reg_no, w.phone, a.address, a.building
from written w
left join name_form_legal_entity n on n.text = w.name_text
left join renamed b on b.record_id = w.record_id
left join name_form_legal_entity o on o.text = b.name
left join {former.canonical("legal_entity")} f on f.record_id = w.record_id
left join numbered c on c.record_id = w.record_id
left join shared s on s.text = w.name_text and c.id_no is null
left join spot a on a.text = w.address_text"""
