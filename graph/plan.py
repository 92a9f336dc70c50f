"""Facts become edges by rules that are data (graph/model.py); entities and the things they touch become nodes."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.engine.model import Step
from cityweave.graph.model import EDGE, ENDS_WITH_LIFE, HEADS, KIN, NODE, RULES, EdgeRule
from cityweave.resolver.model_life import MOMENT

_STEP = 256
"""Ids of edges made by one rule are this far from those of the next: below it is the event's place in its contract (always < 256), above it the row."""

_BEGINS = {"person": "birth", "legal_entity": "founded", "building": "built"}


def steps(kinds: Sequence[str] = ("building", "room", "person", "legal_entity"), rules: Sequence[EdgeRule] = RULES) -> list[Step]:
    """The steps that make `edge` and `node`; they read fact, fact_party, telling and entity_<kind> of these kinds."""
    entities = tuple(f"entity_{kind}" for kind in kinds)
    return [
        Step(EDGE, "事实成为关系 / facts become edges", ("fact", "fact_party", "telling"), edge_sql(rules), total=("fact_id", "head_fact")),
        Step(NODE, "实体与事物成为节点 / entities and things become nodes", ("edge", "fact", "fact_party", *entities), node_sql(kinds)),
    ]


def edge_sql(rules: Sequence[EdgeRule] = RULES) -> str:
    """SQL that gives the rows of `edge`: one a fact and rule, and kin from each household member to the head of the time.

    What a moment founds lasts: who was born to somebody, or adopted, is their child from that day on. Marriages, homes and jobs end with a life
    (ENDS_WITH_LIFE), on the day it was recorded where nobody knows the day of death; one that is dated after it, by a source that tells when it wrote, began on
    no day that we know.
    """
    table = "\n  union all ".join(
        f"select {r.number} as number, '{r.type}' as type, '{r.fact}' as fact, '{r.from_role}' as from_role, '{r.to_role}' as to_role, '{r.detail}' as detail"
        for r in rules
    )
    moment, ends = (", ".join(f"'{type_}'" for type_ in types) for types in (MOMENT, ENDS_WITH_LIFE))
    return f"""with rule as (
  {table}
),
party as (
  select fact_id, role, coalesce(entity_id, thing_id) as node_id from fact_party
),
died as (
  select p.entity_id as node_id, coalesce(min(f.valid_from), min(t.recorded_at)) as day from fact f join fact_party p on p.fact_id = f.fact_id
  left join telling t on t.type = 'death' and t.party_1 = p.entity_id where f.type = 'death' and p.role = 'deceased' group by p.entity_id
),
direct as (
  select f.fact_id + {_STEP} * r.number as edge_id, r.type, a.node_id as from_id, b.node_id as to_id, f.valid_from,
    case when f.type in ({moment}) then null else f.valid_to end as valid_to, case when r.detail = '' then f.detail else r.detail end as detail,
    f.fact_id, f.events, f.sources
  from rule r join fact f on f.type = r.fact
  join party a on a.fact_id = f.fact_id and a.role = r.from_role
  join party b on b.fact_id = f.fact_id and b.role = r.to_role
  where a.node_id <> b.node_id
),
{_kin()},
told as (
  select * from direct union all select edge_id, type, from_id, to_id, valid_from, valid_to, detail, fact_id, events, sources from kin
)
select t.edge_id, t.type, t.from_id, t.to_id, case when t.valid_from > least(x.day, y.day) then null else t.valid_from end as valid_from,
  least(t.valid_to, x.day, y.day) as valid_to, t.detail, t.fact_id, t.events, t.sources
from told t
left join died x on x.node_id = t.from_id and t.type in ({ends}) left join died y on y.node_id = t.to_id and t.type in ({ends})"""


def _kin() -> str:
    """CTEs: who is what to the head of the household, while both were in it. Of more than four heads of one time none is believed."""
    heads = ", ".join(f"'{code}'" for code in HEADS)
    return f"""living as (
  select f.fact_id, f.valid_from, f.valid_to, f.detail, f.events, f.sources, a.node_id as member, b.node_id as household
  from fact f join party a on a.fact_id = f.fact_id and a.role = 'member' join party b on b.fact_id = f.fact_id and b.role = 'household'
  where f.type = 'household'
),
met as (
  select m.fact_id, m.member, h.member as head, m.detail, m.events, m.sources,
    case when m.valid_from is null or h.valid_from > m.valid_from then h.valid_from else m.valid_from end as valid_from,
    case when m.valid_to is null or h.valid_to < m.valid_to then h.valid_to else m.valid_to end as valid_to, h.fact_id as head_fact
  from living m join living h on h.household = m.household
  where m.detail not in ({heads}) and h.detail in ({heads}) and h.member <> m.member
),
numbered as (
  select *, row_number() over (partition by fact_id order by valid_from nulls first, head_fact) as place, count(*) over (partition by fact_id) as heads
  from met where valid_from is null or valid_to is null or valid_from < valid_to
),
kin as (
  select fact_id + {_STEP} * ({KIN - 1} + place) as edge_id, 'kin' as type, member as from_id, head as to_id, valid_from, valid_to, detail,
    fact_id, events, sources
  from numbered where heads <= {16 - KIN}
)"""


def node_sql(kinds: Sequence[str]) -> str:
    """SQL that gives the rows of `node`."""
    entities = "\n  union all ".join(
        f"select entity_id as node_id, '{kind}' as kind, {_BEGINS.get(kind, 'cast(null as varchar)')} as begins from entity_{kind}" for kind in kinds
    )
    return f"""with entity as (
  {entities}
),
ending as (
  select p.entity_id, f.valid_from, f.sources from fact f join fact_party p on p.fact_id = f.fact_id
  where (f.type = 'death' and p.role = 'deceased' or f.type = 'cancellation' and p.role = 'firm') and f.valid_from is not null
),
met as (
  select from_id as node_id from edge union select to_id as node_id from edge
)
select e.node_id, e.kind, e.begins, d.valid_from as ends, d.sources as ends_sources
from entity e left join ending d on d.entity_id = e.node_id
union all
select m.node_id, 'thing' as kind, null as begins, null as ends, null as ends_sources
from met m left join entity e on e.node_id = m.node_id where e.node_id is null"""
