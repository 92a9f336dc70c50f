"""Survivorship: of all that an entity's records say, which value it lives on with, and whose word that is.

For each element, in this order: a value that breaks no rule before one that does; of numbers one that no record calls the former one; of numbers one that several sources tell before one of a single source that does not decide; the element's authority source, where its row is about the entity; of a legal entity a row that is about it
before one that only mentions it (an employer, a payer); the source's trust; the latest `recorded_at`; last the record's ref. A sure repair of a cell (certain
or reliable) stands in for what was delivered; an empty cell that the entity's other records fill says nothing new, and a number that is another's or that nobody
can bear (7.82E+17) is none of this one. Neither the batch nor the record's number decides anything.

Where sources tell a part of a birth at most (a month, an age) and the number that was chosen tells the day, the number speaks (rule `number`).

The order is written as one whole number per record and element, so that choosing is a `min` of numbers and no sort of values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cityweave.cfd_rules.classes import gb11643_birth, gb11643_sex
from cityweave.cfd_rules.dates import agrees
from cityweave.engine.model import Step
from cityweave.resolver.model_life import Trust, entity_table, golden_table

NUMBERS = ("id_no", "uscc")
"""Elements whose value one entity bears."""

OTHERS = "number_of_another"
"""The rule that every such number has (resolver/mend.py finds what breaks it); a value that breaks it, or is not valid, is none of this entity."""

OPEN = "r.known_to is null"
"""The versions that resolution sees."""

_DATE = 1 << 23  # below: twice the place of the record within its entity, plus one if the value is a repair
_TRUST = 1 << 45
_MENTION = 1 << 54
_AUTHORITY = 1 << 55
_LONE = 1 << 59
_FORMER = 3 << 58  # more than a lone one, less than a failed one
_FAILED = 1 << 60


def held_on(known: str, as_of: str = "") -> str:
    """SQL: the versions that were known on an ISO day and, where one is given, held on another (docs/contracts.md, times of a version).

    The same golden_sql then chooses anew under the current partition.
    """
    newest = f"r.known_from <= date '{known}' and (r.known_to is null or r.known_to > date '{known}'"
    if not as_of:
        return f"{newest})"
    ended = f"(r.valid_to is null or r.valid_to > date '{as_of}' or r.closed_on > date '{known}')"
    return f"{newest} or r.closed = 'changed') and (r.valid_from is null or r.valid_from <= date '{as_of}') and {ended}"


def golden_sql(kind: str, elements: Sequence[str], trust: Trust, failing: Sequence[str], versions: str = OPEN) -> str:
    """SQL that gives the rows of `golden_<kind>`; violations of a category in `failing` make a value lose."""
    parts = (
        _repairs(kind, elements),
        _failures(kind, elements, failing),
        _told(kind, elements, trust, versions),
        _best(elements),
        _winners(kind, elements, trust),
    )
    names, values = (" ".join(f"when {n} then {said.format(e)}" for n, e in enumerate(elements, start=1)) for said in ("'{}'", "t.{}"))
    chosen = f"""
select w.entity_id, case w.n {names} end as element, case w.n {values} end as value, t.record_id,
  case when w.best % 2 = 1 then 'repair' when w.best = w.worst then 'only' when w.authority = 1 then 'authority'
    when w.best < {_FAILED} and w.worst >= {_FAILED} then 'valid' when w.best - w.best % {_TRUST} <> w.worst - w.worst % {_TRUST} then 'trust'
    when w.best - w.best % {_DATE} <> w.worst - w.worst % {_DATE} then 'recency' else 'tie' end as rule
from winner w join told t on t.entity_id = w.entity_id and t.place = w.best % {_DATE} - w.best % 2"""
    if kind != "person" or not {"id_no", *SPOKEN} <= set(elements):
        return f"with {','.join(parts)}{chosen}"
    return f"with {','.join(parts)}, chosen as ({chosen}\n){_spoken(elements.index('id_no') + 1)}"


SPOKEN = {"birth": gb11643_birth, "sex": gb11643_sex}
"""Element -> SQL of what a valid identity number of 18 digits tells of it."""


def _spoken(place: int) -> str:
    """A birth of which a part is told at most, and a sex that nobody tells, are those of the number that was chosen, if it breaks no rule."""
    told = ", ".join(f"{spoken('c.value')} as {element}" for element, spoken in SPOKEN.items())
    added = "".join(
        f"\nunion all select n.entity_id, '{element}', n.{element}, n.record_id, 'number' from number n left join chosen c on c.entity_id = n.entity_id "
        f"and c.element = '{element}' where c.entity_id is null"
        for element in SPOKEN
    )
    fits = f"n.birth is not null and length(c.value) <> 10 and {agrees('c.value', 'n.birth')}"
    return f""", number as (
  select * from (
    select c.entity_id, c.record_id, {told} from chosen c join winner w on w.entity_id = c.entity_id and w.n = {place} and w.best < {_FAILED}
    where c.element = 'id_no' and regexp_matches(c.value, '^[0-9]{{17}}[0-9X]$')
  ) s where as_date(birth) is not null
)
select c.entity_id, c.element, case when {fits} then n.birth else c.value end as value, case when {fits} then n.record_id else c.record_id end as record_id,
  case when {fits} then 'number' else c.rule end as rule
from chosen c left join number n on n.entity_id = c.entity_id and c.element = 'birth'{added}"""


def entity_sql(kind: str, elements: Sequence[str], sources: Sequence[str]) -> str:
    """SQL that gives the rows of `entity_<kind>`: every entity of membership, even one that says nothing."""
    wide = ",\n    ".join(f"max(case when element = '{element}' then value end) as {element}" for element in elements)
    return f"""with golden as (
  select entity_id,
    {wide}
  from golden_{kind} group by entity_id
),
held as (
  select m.entity_id, count(*) as records, {joined_sources(sources)} as sources
  from membership m join record_{kind} r on r.record_id = m.record_id and {OPEN}
  where m.kind = '{kind}' group by m.entity_id
)
select h.entity_id, {", ".join(f"g.{element}" for element in elements)}, h.records, h.sources
from held h left join golden g on g.entity_id = h.entity_id"""


def joined_sources(sources: Sequence[str], column: str = "source") -> str:
    """SQL aggregate: the distinct sources of a group, in alphabetical order, joined by +. Needs no list and no order of rows."""
    each = " || ".join(f"coalesce(max(case when {column} = '{source}' then '+{source}' end), '')" for source in sorted(sources))
    return f"substr({each}, 2)" if sources else "''"


def ranked(source: str, places: Mapping[str, int], unit: int = 1) -> str:
    """SQL: the place of a source, in units; one that has no place comes after all."""
    whens = "".join(f" when '{name}' then {place * unit}" for name, place in places.items())
    return f"case {source}{whens} else {(max(places.values()) + 1) * unit} end" if places else "0"


def steps(kind: str, elements: Sequence[str], trust: Trust, failing: Sequence[str] = ()) -> list[Step]:
    """The steps that make `golden_<kind>` and `entity_<kind>`."""
    golden = Step(
        golden_table(kind),
        f"择优 {kind} / choose the values that {kind} entities live on with",
        reads=(f"record_{kind}", "membership", "repair", "violation"),
        sql=golden_sql(kind, elements, trust, failing),
        total=("ref",),
    )
    entity = Step(
        entity_table(kind, elements),
        f"实体 {kind} / set the golden values of {kind} entities side by side",
        reads=(f"golden_{kind}", "membership", f"record_{kind}"),
        sql=entity_sql(kind, elements, sorted(trust.sources)),
    )
    return [golden, entity]


def _repairs(kind: str, elements: Sequence[str]) -> str:
    wide = ",\n    ".join(f"max(case when element = '{element}' then new end) as {element}" for element in elements)
    return f"""repaired as (
  select record_id, batch, row_no,
    {wide}
  from repair where kind = '{kind}' and strength in ('certain', 'reliable') and new is not null and (rule <> 'entity' or old is not null)
  group by record_id, batch, row_no
)"""


def _failures(kind: str, elements: Sequence[str], failing: Sequence[str]) -> str:
    broken = {e: f"case when rule = '{OTHERS}' or category = 'validity' then 2 else 1 end" if e in NUMBERS else "1" for e in elements}
    wide = ",\n    ".join(f"max(case when element = '{e}' then {how} end) as {e}" for e, how in broken.items())
    categories = ", ".join(f"'{category}'" for category in sorted(failing)) or "''"
    return f"""failed as (
  select record_id, batch, row_no,
    {wide}
  from violation where kind = '{kind}' and (category in ({categories}) or rule = '{OTHERS}') group by record_id, batch, row_no
)"""


def _told(kind: str, elements: Sequence[str], trust: Trust, versions: str) -> str:
    """What each record says, its place in its entity by recency and ref, and the code by which each value competes; the smallest code wins.

    Places are found before values are looked at: a window that carries every value costs three times as much.
    """
    said = {e: f"case when x.{e} = 2 then f.{e} else coalesce(f.{e}, r.{e}) end" if e in NUMBERS else f"coalesce(f.{e}, r.{e})" for e in elements}
    values = ",\n    ".join(f"{said[e]} as {e}, f.{e} as {e}_new, x.{e} as {e}_bad" for e in elements)
    codes = ",\n    ".join(f"case when {e} is not null then {_code(kind, e, trust)} end as {e}_code" for e in elements)
    borne, lone, joined = _borne(kind, elements, trust)
    return f"""placed as (
  select m.entity_id, r.record_id, r.batch, r.row_no, dense_rank() over (partition by m.entity_id order by r.recorded_at desc nulls last) as day,
    2 * row_number() over (partition by m.entity_id order by r.recorded_at desc nulls last, r.ref) as place
  from membership m join record_{kind} r on r.record_id = m.record_id and {versions}
  where m.kind = '{kind}'
),
{borne}live as (
  select p.entity_id, p.record_id, p.day, p.place, r.source, r.role{lone},
    {values}
  from placed p join record_{kind} r on r.record_id = p.record_id and r.batch = p.batch and r.row_no = p.row_no
  left join repaired f on f.record_id = r.record_id and f.batch = r.batch and f.row_no = r.row_no
  left join failed x on x.record_id = r.record_id and x.batch = r.batch and x.row_no = r.row_no
  {joined}
),
told as (
  select entity_id, record_id, place, {", ".join(elements)},
    {codes}
  from live
)"""


def _borne(kind: str, elements: Sequence[str], trust: Trust) -> tuple[str, str, str]:
    """Whether one source alone tells a number while several tell another, or a record calls it a former one: CTEs, the column `lone` and its joins. Nothing for
    kinds without a number.
    """
    number = next((e for e in NUMBERS if e in elements), "")
    if not number:
        return "", "", ""
    counted = f"""borne as (
  select *, max(sources) over (partition by entity_id) as most from (
    select p.entity_id, r.{number} as number, count(distinct r.source) as sources from placed p
    join record_{kind} r on r.record_id = p.record_id and r.batch = p.batch and r.row_no = p.row_no where r.{number} is not null group by p.entity_id, r.{number}
  ) s
),
"""
    lone = f"when b.sources = 1 and b.most > 1 and not ({trust.deciding(kind, number, 'r.')}) then {_LONE}"
    joined = f"left join borne b on b.entity_id = p.entity_id and b.number = coalesce(f.{number}, r.{number})"
    if f"former_{number}" in elements:
        counted += f"""former as (
  select distinct p.entity_id, r.former_{number} as number from placed p
  join record_{kind} r on r.record_id = p.record_id and r.batch = p.batch and r.row_no = p.row_no where r.former_{number} is not null
),
"""
        lone = f"when o.number is not null then {_FORMER} {lone}"
        joined += f" left join former o on o.entity_id = p.entity_id and o.number = coalesce(f.{number}, r.{number})"
    return counted, f", case {lone} else 0 end as lone", joined


def _code(kind: str, element: str, trust: Trust) -> str:
    authorities = trust.elements.get(kind, {}).get(element, ())
    whens = "".join(f" when {trust.decides(source, element)} then {place * _AUTHORITY}" for place, source in enumerate(authorities))
    authority = f"case{whens} else {len(authorities) * _AUTHORITY} end" if authorities else "0"
    trusted = ranked("source", trust.places(kind, element), _TRUST)
    repaired = f"case when {element}_new is not null then 1 when {element}_bad = 1 then {_FAILED} else 0 end"
    about = " or ".join(f"(source = '{source}' and role = '{role}')" for source, role in trust.about.get(kind, ()))
    mention = f" + case when {about} then 0 else {_MENTION} end" if about else ""
    lone = " + lone" if element in NUMBERS else ""
    return f"day * {_DATE} + place + {authority}{mention} + {trusted} + {repaired}{lone}"


def _best(elements: Sequence[str]) -> str:
    each = ",\n    ".join(f"min({e}_code) as {e}_best, max({e}_code) as {e}_worst" for e in elements)
    return f"""best as (
  select entity_id,
    {each}
  from told group by entity_id
)"""


def _winners(kind: str, elements: Sequence[str], trust: Trust) -> str:
    """The code that won each element of each entity, the one that came last, and whether the winner is an authority."""
    branches = []
    for n, e in enumerate(elements, start=1):
        authorities = len(trust.elements.get(kind, {}).get(e, ()))
        authority = f"case when {e}_best % {_FAILED} < {authorities * _AUTHORITY} then 1 else 0 end"
        branches.append(f"select entity_id, {n} as n, {e}_best as best, {e}_worst as worst, {authority} as authority from best where {e}_best is not null")
    return "winner as (\n  " + "\n  union all ".join(branches) + "\n)"
