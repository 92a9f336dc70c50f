"""Lives: the states an entity goes through, made of facts, and the facts that cannot be true of one life.

A death ends the states of the dead and of those bound to them (a marriage, a job), a cancellation those of a firm, where no source has ended them before.
Only the state is closed: the fact keeps what its sources say, so that a job told to begin after death is still seen as what it is, a contradiction
(`life_conflict`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cityweave.engine.model import Step
from cityweave.resolver.model_life import LIFE_CONFLICT, LIFECYCLE


@dataclass(frozen=True)
class State:
    """A fact of this type is this state of the entity in `role`, towards the party in `other`."""

    name: str
    fact: str
    role: str
    other: str = ""
    lasts: bool = True  # whether an end closes it; a moment has no end


STATES: Final = (
    State("born", "birth", "child", lasts=False),
    State("became_mother", "birth", "mother", "child", lasts=False),
    State("became_father", "birth", "father", "child", lasts=False),
    State("in_household", "household", "member", "household"),
    State("resident", "residence", "resident", "home"),
    State("married", "marriage", "spouse_a", "spouse_b"),
    State("married", "marriage", "spouse_b", "spouse_a"),
    State("divorced", "divorce", "spouse_a", "spouse_b", lasts=False),
    State("divorced", "divorce", "spouse_b", "spouse_a", lasts=False),
    State("employed", "employment", "employee", "employer"),
    State("legal_representative", "legal_representative", "person", "firm"),
    State("shareholder", "shareholding", "holder", "firm"),
    State("owner", "ownership", "owner", "room"),
    State("died", "death", "deceased", lasts=False),
    State("founded", "founding", "firm", lasts=False),
    State("represented_by", "legal_representative", "firm", "person"),
    State("held_by", "shareholding", "firm", "holder"),
    State("cancelled", "cancellation", "firm", lasts=False),
    State("owned_by", "ownership", "room", "owner"),
    State("home_of", "residence", "home", "resident"),
    State("in_building", "part_of", "room", "building"),
)

BEGINS: Final = {"person": ("birth", "born"), "legal_entity": ("founded", "founded"), "building": ("built", "built")}
"""Kind -> the element that says when it began, and the state it is where no fact says so. Of a year the first day stands for it."""


@dataclass(frozen=True)
class Conflict:
    """A fact of this type cannot begin at that time in the life of the entity in `role`."""

    name: str
    says: str  # the sentence an official reads: 中文 / English
    fact: str
    role: str
    elements: tuple[str, ...]  # whose grade it inherits


AFTER_END: Final = (
    Conflict("married_after_death", "死亡之后结婚 / married after death", "marriage", "spouse_a", ("person.birth",)),
    Conflict("married_after_death", "死亡之后结婚 / married after death", "marriage", "spouse_b", ("person.birth",)),
    Conflict("employed_after_death", "死亡之后参加工作 / began to work after death", "employment", "employee", ("person.birth",)),
    Conflict("moved_after_death", "死亡之后迁入 / moved in after death", "residence", "resident", ("person.birth", "person.address")),
    Conflict("represented_after_death", "死亡之后任法定代表人 / became legal representative after death", "legal_representative", "person", ("person.birth",)),
    Conflict("gave_birth_after_death", "死亡之后生育 / gave birth after death", "birth", "mother", ("person.birth",)),
    Conflict("hired_after_cancellation", "注销之后用工 / hired after it was cancelled", "employment", "employer", ("legal_entity.founded",)),
    Conflict("founded_after_cancellation", "注销早于成立 / cancelled before it was founded", "founding", "firm", ("legal_entity.founded",)),
)
"""Facts that begin after the death or cancellation of a party."""

BEFORE_BEGINNING: Final = (
    Conflict("died_before_birth", "死亡早于出生 / died before birth", "death", "deceased", ("person.birth",)),
    Conflict("married_before_birth", "出生之前结婚 / married before birth", "marriage", "spouse_a", ("person.birth",)),
    Conflict("married_before_birth", "出生之前结婚 / married before birth", "marriage", "spouse_b", ("person.birth",)),
    Conflict("employed_before_birth", "出生之前参加工作 / began to work before birth", "employment", "employee", ("person.birth",)),
    Conflict("moved_before_birth", "出生之前迁入 / moved in before birth", "residence", "resident", ("person.birth", "person.address")),
    Conflict("represented_before_birth", "出生之前任法定代表人 / legal representative before birth", "legal_representative", "person", ("person.birth",)),
    Conflict("mother_not_older", "母亲不比子女年长 / the mother is not older than the child", "birth", "mother", ("person.birth",)),
    Conflict("father_not_older", "父亲不比子女年长 / the father is not older than the child", "birth", "father", ("person.birth",)),
)
"""Facts that begin before a party was born."""

TWO_MARRIAGES: Final = Conflict("two_marriages", "同时有两个配偶 / married to two at once", "marriage", "", ("person.marital",))

SENTENCES: Final = {rule.name: rule.says for rule in (*AFTER_END, *BEFORE_BEGINNING, TWO_MARRIAGES)}
"""Rule of `life_conflict` -> its sentence."""


def steps(kinds: Sequence[str], grades: Mapping[str, int]) -> list[Step]:
    """The steps that make `lifecycle` and `life_conflict`; `grades`: "person.birth" -> grade, from the registry."""
    began = tuple(f"entity_{kind}" for kind in BEGINS if kind in kinds)
    return [
        Step(LIFECYCLE, "一生的状态 / the states of lives", ("fact", "fact_party", *began), lifecycle_sql(kinds)),
        Step(LIFE_CONFLICT, "不可能的一生 / lives that cannot be", ("fact", "fact_party", "lifecycle", *began), conflict_sql(kinds, grades)),
    ]


def lifecycle_sql(kinds: Sequence[str]) -> str:
    """SQL that gives the rows of `lifecycle`."""
    rules = [(state.name, state.fact, state.role, state.other, int(state.lasts)) for state in STATES]
    return f"""with {_table("rule", ("state", "fact", "role", "other", "lasts"), rules)},
{_PARTY},
{_ENDING},
{_beginning(kinds)},
lived as (
  select a.entity_id, r.state, f.valid_from, f.valid_to, f.fact_id, b.node_id as other_id, r.lasts
  from rule r join fact f on f.type = r.fact join party a on a.fact_id = f.fact_id and a.role = r.role and a.entity_id is not null
  left join party b on b.fact_id = f.fact_id and b.role = r.other
  where r.other = '' or b.node_id <> a.entity_id
),
bounded as (
  select l.*, case when y.ended is null or x.ended < y.ended then x.ended else y.ended end as ended, x.ended as own_end, y.ended as other_end
  from lived l left join ending x on x.entity_id = l.entity_id left join ending y on y.entity_id = l.other_id
),
widowed as (
  select m.entity_id, m.other_end as valid_from, case when m.own_end is null or n.wed < m.own_end then n.wed else m.own_end end as valid_to,
    m.fact_id, m.other_id
  from bounded m left join (
    select l.fact_id, l.entity_id, min(o.valid_from) as wed
    from bounded l join lived o on o.state = 'married' and o.entity_id = l.entity_id and o.valid_from >= l.other_end
    where l.state = 'married' group by l.fact_id, l.entity_id
  ) n on n.fact_id = m.fact_id and n.entity_id = m.entity_id
  where m.state = 'married' and m.other_end is not null and (m.valid_to is null or m.valid_to > m.other_end) and (m.own_end is null or m.own_end > m.other_end)
)
select entity_id, {_kind("entity_id")} as kind, state, valid_from,
  case when lasts = 1 and valid_to is null and (valid_from is null or ended >= valid_from) then ended else valid_to end as valid_to, fact_id, other_id
from bounded
union all
select entity_id, 'person' as kind, 'widowed' as state, valid_from, valid_to, fact_id, other_id from widowed
union all
select g.entity_id, {_kind("g.entity_id")} as kind, g.state, g.began as valid_from, cast(null as date) as valid_to, null as fact_id, null as other_id
from beginning g left join lived l on l.entity_id = g.entity_id and l.state = g.state
where l.entity_id is null"""


def conflict_sql(kinds: Sequence[str], grades: Mapping[str, int]) -> str:
    """SQL that gives the rows of `life_conflict`."""
    graded = {rule: max(grades.get(element, 2) for element in rule.elements) for rule in (*AFTER_END, *BEFORE_BEGINNING, TWO_MARRIAGES)}
    after, before = ([(rule.name, rule.fact, rule.role, graded[rule]) for rule in rules] for rules in (AFTER_END, BEFORE_BEGINNING))
    columns = ("name", "fact", "role", "grade")
    return f"""with {_table("late", columns, after)},
{_table("early", columns, before)},
{_PARTY},
{_ENDING},
{_beginning(kinds)}
select p.entity_id, {_kind("p.entity_id")} as kind, r.name as rule, f.fact_id, x.fact_id as against_id, r.grade
from late r join fact f on f.type = r.fact join party p on p.fact_id = f.fact_id and p.role = r.role join ending x on x.entity_id = p.entity_id
where f.valid_from > x.ended
union all
select p.entity_id, {_kind("p.entity_id")} as kind, r.name as rule, f.fact_id, null as against_id, r.grade
from early r join fact f on f.type = r.fact join party p on p.fact_id = f.fact_id and p.role = r.role join beginning g on g.entity_id = p.entity_id
where f.valid_from < g.began or f.type = 'birth' and f.valid_from = g.began
union all
select a.entity_id, 'person' as kind, '{TWO_MARRIAGES.name}' as rule, b.fact_id, a.fact_id as against_id, {graded[TWO_MARRIAGES]} as grade
from lifecycle a join lifecycle b on b.entity_id = a.entity_id and b.state = 'married' and a.state = 'married' and a.other_id <> b.other_id
where (a.valid_from < b.valid_from or a.valid_from = b.valid_from and a.fact_id < b.fact_id) and (a.valid_to is null or a.valid_to > b.valid_from)"""


_PARTY = """party as (
  select fact_id, role, entity_id, coalesce(entity_id, thing_id) as node_id from fact_party
)"""

_ENDING = """ending as (
  select p.entity_id, f.fact_id, f.valid_from as ended from fact f join fact_party p on p.fact_id = f.fact_id
  where (f.type = 'death' and p.role = 'deceased' or f.type = 'cancellation' and p.role = 'firm') and f.valid_from is not null
)"""


def _beginning(kinds: Sequence[str]) -> str:
    each = [f"select entity_id, '{state}' as state, {element} as text from entity_{kind}" for kind, (element, state) in BEGINS.items() if kind in kinds] or [
        "select cast(null as varchar) as entity_id, cast(null as varchar) as state, cast(null as varchar) as text"
    ]
    told = "\n  union all ".join(each)
    return f"""begun as (
  {told}
),
dated as (
  select entity_id, state, as_date(case when length(text) = 4 then text || '-01-01' else text end) as began from begun
),
beginning as (
  select entity_id, state, began from dated where began is not null
)"""


def _kind(column: str) -> str:
    return f"case substr({column}, 1, 1) when 'p' then 'person' when 'l' then 'legal_entity' when 'b' then 'building' when 'r' then 'room' end"


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """A CTE of constants."""
    each = [
        "select " + ", ".join(f"{value if isinstance(value, int) else repr(value)} as {column}" for column, value in zip(columns, row, strict=True))
        for row in rows
    ]
    return f"{name} as (\n  " + "\n  union all ".join(each) + "\n)"
