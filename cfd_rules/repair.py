"""Repairs. Certain: an embedded code fills an empty cell. Reliable: a weighted vote with a margin among records that must agree. Nothing is overwritten:
a repair stands beside the delivered value, and matching never reads it (DESIGN, section 6)."""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.cfd_rules.classes import CLASSES, Sql, text_literal
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.detect import base, has_column, scope
from cityweave.cfd_rules.language import Cfd
from cityweave.cfd_rules.model import REPAIR, Kind, rule_repair_table
from cityweave.cfd_rules.pack import Pack, Rule
from cityweave.cfd_rules.record import nothing
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.rule_sql import PSEUDO
from cityweave.engine.model import Column, Step, Table

AUTHORITY_WEIGHT = 3
"""What the word of a source with authority over an element weighs in a vote; any other weighs one."""

MARGIN = 2
"""The winner needs at least this many times the weight of all others together; else the vote abstains."""


def vote_step(kind: Kind, pack: Pack, contracts: Sequence[Contract], registry: Registry) -> Step:
    """`vote_<kind>`: the cells in groups of a variable CFD that do not agree, each with what the group says it should be (NULL: the vote abstains)."""
    selects = [
        _vote(kind, rules, conditions_of, left, contracts, registry) for (left, conditions_of), rules in _grouped(pack).items()
    ]
    table = Table(
        f"vote_{kind}",
        f"{kind} 变量规则中不一致的组 / groups of kind {kind} that do not agree, and their vote",
        (
            Column("record_id", "BIGINT"),
            Column("batch", "INTEGER"),
            Column("row_no", "BIGINT"),
            Column("source", "VARCHAR"),
            Column("role", "VARCHAR"),
            Column("element", "VARCHAR"),
            Column("rule", "VARCHAR"),
            Column("category", "VARCHAR"),
            Column("grade", "INTEGER"),
            Column("strength", "VARCHAR", "of the repair, or none"),
            Column("told", "VARCHAR"),
            Column("winner", "VARCHAR"),
            Column("weight", "BIGINT", "of the winner"),
            Column("rest", "BIGINT", "of all others together"),
        ),
        ("record_id", "batch", "row_no", "element", "rule"),
    )
    return Step(
        writes=table,
        says=f"{kind} 组内表决 / vote within groups of kind {kind}",
        reads=(f"record_{kind}",) if selects else (),
        sql="\nUNION ALL\n".join(selects) or nothing(table),
        total=("value",),
    )


def repair_step(packs: Sequence[Pack], contracts: Sequence[Contract], registry: Registry) -> Step:
    """`rule_repair`: one repair a cell: certain before reliable before heuristic, then by rule."""
    selects = [select for pack in packs for select in _repairs(pack, contracts, registry)]
    if not selects:
        return Step(writes=rule_repair_table(), says=rule_repair_table().says, sql=nothing(REPAIR))
    order = "CASE strength WHEN 'certain' THEN 1 WHEN 'reliable' THEN 2 ELSE 3 END, rule, new"
    sql = (
        f"SELECT {', '.join(REPAIR.names)} FROM (SELECT *, row_number() OVER (PARTITION BY record_id, batch, row_no, element ORDER BY {order}) AS place "
        f"FROM ({' UNION ALL '.join(selects)}) r) p WHERE place = 1"
    )
    reads = [f"vote_{pack.kind}" for pack in packs] + [f"record_{pack.kind}" for pack in packs if any(rule.repair == "certain" for rule in pack.rules)]
    return Step(
        writes=rule_repair_table(), says=rule_repair_table().says, reads=tuple(reads), sql=sql, uses=tuple(pack.digest for pack in packs), total=("rule", "new")
    )


def _repairs(pack: Pack, contracts: Sequence[Contract], registry: Registry) -> list[Sql]:
    score = "CAST(weight AS VARCHAR) || ':' || CAST(rest AS VARCHAR)"
    made = [
        f"SELECT record_id, batch, row_no, '{pack.kind}' AS kind, element, rule, strength, told AS old, winner AS new, "
        f"'同组多数 / most of the group say so, ' || {score} AS reason "
        f"FROM vote_{pack.kind} WHERE strength <> 'none' AND winner IS NOT NULL AND told <> winner"
    ]
    for rule in pack.rules:
        if isinstance(rule.statement, Cfd) and rule.repair == "certain":
            made += [_fill(pack, rule, place, contracts, registry) for place in range(len(rule.statement.right))]
    return made


def _fill(pack: Pack, rule: Rule, place: int, contracts: Sequence[Contract], registry: Registry) -> Sql:
    """An empty cell gets what the constant or the embedded code says; a filled one is never touched by a certain repair."""
    assert isinstance(rule.statement, Cfd)
    seen = scope(pack.kind, contracts, registry)
    attr, value = rule.statement.right[place]
    assert value is not None
    new = seen.value(value)
    tests = [has_column(pack.kind, attr.name, contracts), *(seen.test(test) for test in rule.statement.conditions)]
    tests += [*(f"{left.name} IS NOT NULL" for left in rule.statement.left if left.name not in PSEUDO)]
    rows = base(pack.kind, registry.names(pack.kind), seen)
    return (
        f"SELECT record_id, batch, row_no, '{pack.kind}' AS kind, '{attr.name}' AS element, '{rule.id}' AS rule, 'certain' AS strength, "
        f"CAST(NULL AS VARCHAR) AS old, new, {text_literal('空缺，' + rule.zh + ' / it was empty; ' + rule.en)} AS reason "
        f"FROM (SELECT *, {new} AS new FROM ({rows}) r WHERE {attr.name} IS NULL AND {' AND '.join(tests)}) f WHERE new IS NOT NULL"
    )


def _grouped(pack: Pack) -> dict[tuple[tuple[str, ...], str], list[Rule]]:
    """Variable CFDs by left side and condition: each group is grouped once, however many right sides it has."""
    groups: dict[tuple[tuple[str, ...], str], list[Rule]] = {}
    for rule in pack.rules:
        if isinstance(rule.statement, Cfd) and any(value is None for _, value in rule.statement.right):
            left = tuple(sorted(attr.name for attr in rule.statement.left))
            groups.setdefault((left, repr(rule.statement.conditions)), []).append(rule)
    return groups


def _vote(kind: Kind, rules: Sequence[Rule], _: str, left: Sequence[str], contracts: Sequence[Contract], registry: Registry) -> Sql:
    first = rules[0].statement
    assert isinstance(first, Cfd)
    seen = scope(kind, contracts, registry)
    tests = [*(seen.test(test) for test in first.conditions), *(f"{name} IS NOT NULL" for name in left)]
    told = [(attr.name, rule) for rule in rules if isinstance(rule.statement, Cfd) for attr, value in rule.statement.right if value is None]
    targets = list(dict.fromkeys(name for name, _ in told))
    rows = f"SELECT * FROM ({base(kind, registry.names(kind), seen)}) r WHERE {' AND '.join(tests)}"
    keys = ", ".join(left)
    bounds = ", ".join(f"min({name}) AS low_{name}, max({name}) AS high_{name}" for name in targets)
    differ = " OR ".join(f"min({name}) <> max({name})" for name in targets)
    # A wrong code holds no group together. min() of the grouped column keeps this check from being pushed down from the few groups that differ to all rows.
    checks = [check(f"min({name})") for name in left if (check := CLASSES[registry.elements[kind][name].cls].valid)]
    differ = " AND ".join([f"({differ})", *checks])
    tag = "_".join((kind, *left))
    same = " AND ".join(f"m.{name} = g.{name}" for name in left)
    alike = " AND ".join(f"v.{name} = c.{name}" for name in left)
    spelled = " UNION ALL ".join(_cells(kind, name, rule, left, contracts, registry, tag) for name, rule in told)
    return f"""SELECT * FROM (WITH rows_{tag} AS ({rows}),
apart_{tag} AS (SELECT {keys}, {bounds} FROM rows_{tag} GROUP BY {keys} HAVING {differ}),
members_{tag} AS (SELECT m.*, {", ".join(f"g.low_{name}, g.high_{name}" for name in targets)} FROM rows_{tag} m JOIN apart_{tag} g ON {same}),
cells_{tag} AS ({spelled}),
votes_{tag} AS (SELECT {keys}, element, rule, told AS value, sum(weight) AS weight FROM cells_{tag} GROUP BY {keys}, element, rule, told),
ranked_{tag} AS (SELECT *, row_number() OVER (PARTITION BY {keys}, element, rule ORDER BY weight DESC, value) AS place,
sum(weight) OVER (PARTITION BY {keys}, element, rule) AS total FROM votes_{tag})
SELECT c.record_id, c.batch, c.row_no, c.source, c.role, c.element, c.rule, c.category, c.grade, c.strength, c.told,
CASE WHEN v.weight >= {MARGIN} * (v.total - v.weight) THEN v.value END AS winner, v.weight, v.total - v.weight AS rest
FROM cells_{tag} c JOIN ranked_{tag} v ON v.place = 1 AND v.element = c.element AND v.rule = c.rule AND {alike}) done_{tag}"""


def _cells(kind: Kind, name: str, rule: Rule, left: Sequence[str], contracts: Sequence[Contract], registry: Registry, tag: str) -> Sql:
    roles = {contract.source: [one for role in contract.deciding(name) if role.kind == kind for one in role.names] for contract in contracts}
    deciding = [f"(source = '{source}' AND role IN ({', '.join(map(text_literal, names))}))" for source, names in sorted(roles.items()) if names]
    weight = f"CASE WHEN {' OR '.join(deciding)} THEN {AUTHORITY_WEIGHT} ELSE 1 END" if deciding else "1"
    element = registry.elements[kind][name]
    return (
        f"SELECT record_id, batch, row_no, source, role, {', '.join(left)}, '{name}' AS element, '{rule.id}' AS rule, '{rule.category}' AS category, "
        f"{element.grade} AS grade, '{rule.repair}' AS strength, {name} AS told, {weight} AS weight "
        f"FROM members_{tag} WHERE low_{name} <> high_{name} AND {name} IS NOT NULL"
    )
