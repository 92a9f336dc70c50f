"""Survivorship: of all that an entity's records say, which value it lives on with, and whose word that is.

For each element, in this order: a value that passes its class before one that fails it; the element's authority source; the source's trust; the
latest `recorded_at`; last the record's ref. A sure repair of a cell (certain or reliable) stands in for what was delivered. Neither the batch nor the
record's number decides anything.

The order is written as one whole number per record and element, so that choosing is a `min` of numbers and no sort of values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cityweave.engine.model import Step
from cityweave.resolver.model_life import Trust, entity_table, golden_table

OPEN = "r.known_to is null"
"""The versions that resolution sees."""

_DATE = 1 << 22  # places of a record within its entity
_TRUST = 1 << 44
_AUTHORITY = 1 << 54
_FAILED = 1 << 58


def known_on(day: str) -> str:
    """SQL: the versions that were known on an ISO day; the same golden_sql then chooses anew under the current partition."""
    return f"r.known_from <= date '{day}' and (r.known_to is null or r.known_to > date '{day}')"


def golden_sql(kind: str, elements: Sequence[str], trust: Trust, failing: Sequence[str], versions: str = OPEN) -> str:
    """SQL that gives the rows of `golden_<kind>`; violations of a category in `failing` make a value lose."""
    chosen = "\nunion all\n".join(_chosen(kind, element, trust) for element in elements)
    return f"with {_repairs(kind, elements)},\n{_failures(kind, elements, failing)},\n{_told(kind, elements, trust, versions)},\n{_best(elements)}\n{chosen}"


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
    return f"""mended as (
  select record_id, batch, row_no, element, new,
    row_number() over (partition by record_id, batch, row_no, element order by strength, rule, new) as place
  from repair where kind = '{kind}' and strength in ('certain', 'reliable') and new is not null
),
repaired as (
  select record_id, batch, row_no,
    {wide}
  from mended where place = 1 group by record_id, batch, row_no
)"""


def _failures(kind: str, elements: Sequence[str], failing: Sequence[str]) -> str:
    wide = ",\n    ".join(f"max(case when element = '{element}' then 1 end) as {element}" for element in elements)
    categories = ", ".join(f"'{category}'" for category in sorted(failing)) or "''"
    return f"""failed as (
  select record_id, batch, row_no,
    {wide}
  from violation where kind = '{kind}' and category in ({categories}) group by record_id, batch, row_no
)"""


def _told(kind: str, elements: Sequence[str], trust: Trust, versions: str) -> str:
    """What each record says: value, whether repaired, and the code by which it competes; the smallest code wins."""
    values = ",\n    ".join(f"coalesce(f.{e}, r.{e}) as {e}, f.{e} as {e}_new, x.{e} as {e}_bad" for e in elements)
    codes = ",\n    ".join(f"case when {e} is not null then {_code(kind, e, trust)} end as {e}_code" for e in elements)
    return f"""live as (
  select m.entity_id, r.record_id, r.ref, r.source, r.recorded_at,
    {values}
  from membership m join record_{kind} r on r.record_id = m.record_id and {versions}
  left join repaired f on f.record_id = r.record_id and f.batch = r.batch and f.row_no = r.row_no
  left join failed x on x.record_id = r.record_id and x.batch = r.batch and x.row_no = r.row_no
  where m.kind = '{kind}'
),
placed as (
  select *,
    dense_rank() over (partition by entity_id order by recorded_at desc nulls last) * {_DATE}
    + row_number() over (partition by entity_id order by recorded_at desc nulls last, ref) as place
  from live
),
told as (
  select entity_id, record_id, source, {", ".join(f"{e}, {e}_new" for e in elements)},
    {codes}
  from placed
)"""


def _code(kind: str, element: str, trust: Trust) -> str:
    authorities = {source: place for place, source in enumerate(trust.elements.get(kind, {}).get(element, ()))}
    ranks = ranked("source", authorities, _AUTHORITY), ranked("source", trust.places(kind, element), _TRUST)
    return f"place + {ranks[0]} + {ranks[1]} + case when {element}_bad = 1 and {element}_new is null then {_FAILED} else 0 end"


def _best(elements: Sequence[str]) -> str:
    each = ",\n    ".join(
        f"min({e}_code) as {e}_best, max({e}_code) as {e}_worst, case when min({e}) = max({e}) then 1 else 0 end as {e}_same" for e in elements
    )
    return f"""best as (
  select entity_id,
    {each}
  from told group by entity_id
)"""


def _chosen(kind: str, element: str, trust: Trust) -> str:
    """The winner of one element; its rule is the first criterion by which it beat another record."""
    best, worst = f"b.{element}_best", f"b.{element}_worst"
    authorities = ", ".join(f"'{source}'" for source in trust.elements.get(kind, {}).get(element, ()))
    authority = f"\n    when t.source in ({authorities}) then 'authority'" if authorities else ""
    return f"""select t.entity_id, '{element}' as element, t.{element} as value, t.record_id,
  case when t.{element}_new is not null then 'repair'
    when b.{element}_same = 1 then 'only'{authority}
    when {best} < {_FAILED} and {worst} >= {_FAILED} then 'valid'
    when {best} - {best} % {_TRUST} <> {worst} - {worst} % {_TRUST} then 'trust'
    when {best} - {best} % {_DATE} <> {worst} - {worst} % {_DATE} then 'recency'
    else 'tie' end as rule
from told t join best b on b.entity_id = t.entity_id and t.{element}_code = {best}"""
