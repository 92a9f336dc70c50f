"""Facts that cannot be true of one life: begun before it or after it, too young, twice, or in a state that cannot follow (life_rules.py has the rules and their sentences)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cityweave.resolver.life_rules import ACTS, AFTER, AGES, BEFORE, BEGINS, ENDS, MACHINE, TWO_BIRTHS, TWO_MARRIAGES, Act


def conflict_sql(kinds: Sequence[str], grades: Mapping[str, int]) -> str:
    """SQL that gives the rows of `life_conflict`. A bounded fact may have begun long before its day: that contradicts no end, but is too early for a beginning all the more."""
    parts = [_bounds(), _acts("early", ACTS, BEFORE, grades), _acts("late", ACTS, AFTER, grades), _young(grades)]
    selects = [_LATE, _EARLY, _two_marriages(grades), _two_births(grades), _followed(grades)]
    if "person" in kinds:
        selects.append(_YOUNG)
    return f"with {','.join(parts)}\n" + "\nunion all\n".join(selects)


def table(name: str, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """A CTE of constants."""
    each = [
        "select " + ", ".join(f"{value if isinstance(value, int) else repr(value)} as {column}" for column, value in zip(columns, row, strict=True))
        for row in rows
    ]
    return f"{name} as (\n  " + "\n  union all ".join(each) + "\n)"


def _list(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def _bounds() -> str:
    """When each life began and ended, and the facts that say so."""
    begins, ends = _list([state for _, state in BEGINS.values()]), _list(list(ENDS.values()))
    return f"""bound as (
  select entity_id, kind, min(case when state in ({begins}) then valid_from end) as began, min(case when state in ({begins}) then fact_id end) as began_by,
    min(case when state in ({ends}) then valid_from end) as ended, min(case when state in ({ends}) then fact_id end) as ended_by
  from lifecycle where state in ({begins}, {ends}) group by entity_id, kind
)"""


def _acts(name: str, acts: Sequence[Act], words: Mapping[str, tuple[str, str, str]], grades: Mapping[str, int]) -> str:
    """The rules of one side, a line a kind of doer."""
    side = "before" if words is BEFORE else "after"
    rows = [
        (f"{act.name}_{side}_{words[kind][0]}", kind, act.fact, act.role, max(grades.get(element, 2) for element in act.elements))
        for act in acts
        for kind in words
        if (act.before if words is BEFORE else act.after)
    ]
    rows = rows or [("", "", "", "", 0)]
    return table(name, ("name", "kind", "fact", "role", "grade"), rows)


_LATE = """select p.entity_id, b.kind, r.name as rule, f.fact_id, b.ended_by as against_id, r.grade
from late r join fact f on f.type = r.fact join fact_party p on p.fact_id = f.fact_id and p.role = r.role
join bound b on b.entity_id = p.entity_id and b.kind = r.kind where f.valid_from > b.ended and not f.bounded"""

_EARLY = """select p.entity_id, b.kind, r.name as rule, f.fact_id, case when b.began_by <> f.fact_id then b.began_by end as against_id, r.grade
from early r join fact f on f.type = r.fact join fact_party p on p.fact_id = f.fact_id and p.role = r.role
join bound b on b.entity_id = p.entity_id and b.kind = r.kind where f.valid_from < b.began"""


def _young(grades: Mapping[str, int]) -> str:
    rows = [
        (rule.name, rule.fact, role, rule.years, rule.sex, rule.since, rule.until, grades.get("person.birth", 2))
        for rule in AGES
        for role in (("spouse_a", "spouse_b") if rule.role == "spouse" else (rule.role,))
    ]
    return table("young", ("name", "fact", "role", "years", "sex", "since", "until", "grade"), rows)


_BIRTHDAY = (
    "as_date(case when substr({birth}, 6) = '02-29' and {year} % 4 <> 0 then lpad(cast({year} as varchar), 4, '0') || '-02-28' "
    "else lpad(cast({year} as varchar), 4, '0') || substr({birth}, 5) end)"
).format(birth="cast(b.began as varchar)", year="(year(b.began) + r.years)")
"""SQL: the day on which one reaches that age; born on 29 February, in common years on the 28th (Civil Code, art. 202)."""

_YOUNG = f"""select p.entity_id, 'person' as kind, r.name as rule, f.fact_id, b.began_by as against_id, r.grade
from young r join fact f on f.type = r.fact join fact_party p on p.fact_id = f.fact_id and p.role = r.role
join bound b on b.entity_id = p.entity_id and b.kind = 'person' join entity_person e on e.entity_id = p.entity_id
where (r.sex = '' or e.sex = r.sex) and f.valid_from >= b.began and f.valid_from >= as_date(r.since) and f.valid_from < as_date(r.until)
  and f.valid_from < {_BIRTHDAY}"""


def _two_marriages(grades: Mapping[str, int]) -> str:
    return f"""select a.entity_id, 'person' as kind, '{TWO_MARRIAGES[0]}' as rule, b.fact_id, a.fact_id as against_id, {grades.get("person.marital", 2)} as grade
from lifecycle a join lifecycle b on b.entity_id = a.entity_id and b.state = 'married' and a.state = 'married' and a.other_id <> b.other_id
where (a.valid_from < b.valid_from or a.valid_from = b.valid_from and a.fact_id < b.fact_id) and (a.valid_to is null or a.valid_to > b.valid_from)"""


def _two_births(grades: Mapping[str, int]) -> str:
    """Two births of one child of which each names a mother, or each a father, whom the other does not."""
    return f"""select a.entity_id, 'person' as kind, '{TWO_BIRTHS[0]}' as rule, max(y.fact_id) as fact_id, min(x.fact_id) as against_id, {grades.get("person.birth", 2)} as grade
from lifecycle a join fact_party x on x.fact_id = a.fact_id and x.role in ('mother', 'father')
join lifecycle b on b.entity_id = a.entity_id and b.state = 'born' and b.fact_id > a.fact_id
join fact_party y on y.fact_id = b.fact_id and y.role = x.role and y.entity_id <> x.entity_id
where a.state = 'born' group by a.entity_id, a.fact_id, b.fact_id"""


def _followed(grades: Mapping[str, int]) -> str:
    """States of a register that the machine does not let follow: a firm that lives on after it was cancelled or revoked."""
    wrong = [
        (before, after)
        for before in ("cancelled", "revoked")
        for after in ("active", "renamed", "moved", "suspended")
        if after not in MACHINE["legal_entity"].get(before, ())
    ]
    pairs = " or ".join(f"a.state = '{before}' and b.state = '{after}'" for before, after in wrong)
    return f"""select a.entity_id, a.kind, b.state || '_after_' || a.state as rule, b.fact_id, a.fact_id as against_id,
  {grades.get("legal_entity.status", 1)} as grade
from lifecycle a join lifecycle b on b.entity_id = a.entity_id and b.valid_from > a.valid_from and ({pairs}) where a.kind = 'legal_entity'"""
