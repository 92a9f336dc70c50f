"""Rules to findings. Cost does not grow with the number of rules: per kind one scan for all rules that look at one row, one grouping per distinct left side.

The steps of a kind: `finding_<kind>` (a bit mask a record, only of records that break something), `vote_<kind>` (groups of variable CFDs that do not agree),
`violation_<kind>`; then `violation` puts the kinds together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cityweave.cfd_rules.classes import Sql, text_literal
from cityweave.cfd_rules.cleaned import ITEM_OF, Values
from cityweave.cfd_rules.contract import Contract, Role
from cityweave.cfd_rules.dates import agrees
from cityweave.cfd_rules.item import reads_of, rows_of
from cityweave.cfd_rules.language import Cfd, Check, Formatted, Inclusion, Required, Test, Unique
from cityweave.cfd_rules.model import VIOLATION, Kind, rule_violation_table
from cityweave.cfd_rules.pack import Pack, Rule
from cityweave.cfd_rules.record import nothing, present
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.rule_sql import PSEUDO, Scope
from cityweave.engine.model import Column, Step, Table

BITS = 62
"""Rules in one mask."""

_ROW = "record_id, batch, row_no, source, role"


@dataclass(frozen=True)
class Single:
    """A condition on one row under which an element of it breaks a rule."""

    rule: Rule
    element: str
    broken: Sql


def scope(kind: Kind, contracts: Sequence[Contract], registry: Registry) -> Scope:
    """What the rules of a kind may look at."""
    return Scope(registry.elements[kind], registry.codes, tuple(contract.source for contract in contracts if contract.duplicate_free))


def singles(pack: Pack, seen: Scope, contracts: Sequence[Contract]) -> tuple[Single, ...]:
    """The rules that look at one row, one entry an element."""
    return tuple(single for rule in pack.rules for single in _singles(rule, seen, contracts))


def _singles(rule: Rule, seen: Scope, contracts: Sequence[Contract]) -> Iterator[Single]:
    statement = rule.statement
    if isinstance(statement, Required):
        for attr in statement.attrs:
            yield Single(rule, attr.name, _all(seen, statement.when, f"{attr.name} IS NULL", has_column(rule.kind, attr.name, contracts)))
    elif isinstance(statement, Formatted):
        for attr in statement.attrs:
            yield Single(rule, attr.name, _all(seen, statement.when, f"{attr.name} IS NOT NULL", f"NOT {seen.ok(attr.name)}"))
    elif isinstance(statement, Check):
        yield Single(rule, rule.on, _all(seen, statement.when, f"NOT {seen.test(statement.test)}"))
    elif isinstance(statement, Cfd):
        filled = [f"{attr.name} IS NOT NULL" for attr in statement.left if attr.name not in PSEUDO]
        for attr, value in statement.right:
            if value is not None:
                yield Single(rule, attr.name, _all(seen, statement.conditions, *filled, differs(seen, attr.name, seen.value(value))))


def differs(seen: Scope, name: str, value: Sql) -> Sql:
    """True when an element is not the value; what is known of a date (a year, an interval) may be any day in it."""
    return f"NOT {agrees(name, value)}" if seen.elements[name].cls == "date" else f"{name} <> {value}"


def has_column(kind: Kind, element: str, contracts: Sequence[Contract]) -> Sql:
    """True for records whose source delivers the element: where it has no column, there is no cell that could be empty."""
    cells = []
    for contract in contracts:
        roles = [role for role in contract.records if role.kind == kind and any(name == element and not cell.constant for name, cell in role.elements)]
        if roles:
            role = "split_part(role, '.', 1)" if any(role.each for role in roles) else "role"  # owner.2 is one of owner
            cells.append(f"(source = '{contract.source}' AND {role} IN ({', '.join(text_literal(role.name) for role in roles)}))")
    return f"({' OR '.join(cells)})" if cells else "FALSE"


def _all(seen: Scope, when: Sequence[Test], *more: Sql) -> Sql:
    return " AND ".join([*(seen.test(test) for test in when), *more])


def base(kind: Kind, elements: Sequence[str], seen: Scope, also: Sequence[str] = ()) -> Sql:
    """The current records of a kind with the validity of those elements that some rule asks about. Call it after the tests are made."""
    columns = ["record_id", "batch", "row_no", "source", "role", "known_from", "recorded_at", *also, *elements]
    valid = "".join(f", coalesce({sql}, FALSE) AS {name}" for name, sql in sorted(seen.valid.items()))
    return f"SELECT {', '.join(columns)}{valid} FROM record_{kind} WHERE known_to IS NULL"


def finding_step(kind: Kind, pack: Pack, contracts: Sequence[Contract], registry: Registry) -> Step:
    """`finding_<kind>`: for each record that breaks a rule about single rows, which ones, as bits."""
    seen = scope(kind, contracts, registry)
    found = singles(pack, seen, contracts)
    masks = [found[start : start + BITS] for start in range(0, len(found), BITS)] or [()]
    names = [f"mask_{place}" for place in range(len(masks))]
    table = Table(
        f"finding_{kind}",
        f"{kind} 单行规则的结果 / what single records of kind {kind} break, as bits",
        (
            Column("record_id", "BIGINT"),
            Column("batch", "INTEGER"),
            Column("row_no", "BIGINT"),
            Column("source", "VARCHAR"),
            Column("role", "VARCHAR"),
            *(Column(name, "BIGINT") for name in names),
        ),
        ("record_id", "batch", "row_no"),
    )
    sums = [" + ".join(f"CASE WHEN {single.broken} THEN {1 << bit} ELSE 0 END" for bit, single in enumerate(mask)) or "0" for mask in masks]
    columns = ", ".join(f"{sum_} AS {name}" for sum_, name in zip(sums, names, strict=True))
    some = " OR ".join(f"{name} <> 0" for name in names)
    rows = base(kind, registry.names(kind), seen)
    return Step(
        writes=table,
        says=f"查 {kind} 单行规则 / check single records of kind {kind}",
        reads=(f"record_{kind}",),
        sql=f"SELECT * FROM (SELECT {_ROW}, {columns} FROM ({rows}) r) m WHERE {some}",
    )


def violation_step(kind: Kind, pack: Pack, contracts: Sequence[Contract], registry: Registry) -> Step:
    """`violation_<kind>`: all findings of a kind: the bits spelled out, minorities of variable CFDs, duplicates, missing counterparts."""
    seen = scope(kind, contracts, registry)
    found = singles(pack, seen, contracts)
    selects = [_spelled(kind, registry, found[start : start + BITS], start // BITS) for start in range(0, len(found), BITS)]
    reads = [f"finding_{kind}", f"vote_{kind}"]
    selects.append(
        f"SELECT v.record_id, v.batch, v.row_no, '{kind}' AS kind, v.source, v.role, v.element, v.rule, v.category, v.grade "
        f"FROM vote_{kind} v WHERE v.winner IS NULL OR v.told <> v.winner"
    )
    for rule in pack.rules:
        if isinstance(rule.statement, Unique):
            selects.append(_duplicates(kind, rule, rule.statement, registry, contracts))
            reads.append(f"record_{kind}")
        elif isinstance(rule.statement, Inclusion):
            selects.append(_missing(kind, rule, rule.statement, registry, contracts))
            reads += [f"record_{kind}", f"record_{rule.statement.kind}"]
    return Step(
        writes=Table(f"violation_{kind}", f"{kind} 违反规则的单元格 / cells of kind {kind} that break a rule", VIOLATION.columns, VIOLATION.key),
        says=f"列出 {kind} 的问题 / list what {kind} records break",
        reads=tuple(dict.fromkeys(reads)),
        sql="\nUNION ALL\n".join(selects),
        uses=(pack.digest,),
    )


def union_step(kinds: Sequence[Kind], contracts: Sequence[Contract], registry: Registry) -> Step:
    """`rule_violation`: all kinds, the rows whose key a later row of the same batch has again, and those whose lists are not equally long."""
    selects = [f"SELECT {', '.join(VIOLATION.names)} FROM violation_{kind}" for kind in kinds]
    reads = [f"violation_{kind}" for kind in kinds]
    for contract in contracts:
        if contract.key:
            main = contract.records[0]
            selects.append(
                f"SELECT first_id AS record_id, batch, row_no, '{main.kind}' AS kind, '{contract.source}' AS source, '{main.name}' AS role, '' AS element, "
                f"'{DUPLICATE_KEY}' AS rule, 'uniqueness' AS category, 1 AS grade FROM row_{contract.source} WHERE loser"
            )
            reads.append(f"row_{contract.source}")
        for role in contract.records:
            if role.each and len(role.each.columns) > 1:
                selects.append(_uneven(contract, role, registry))
                reads += reads_of(contract, role.each)
    table = rule_violation_table()
    return Step(writes=table, says=table.says, reads=tuple(dict.fromkeys(reads)), sql="\nUNION ALL\n".join(selects) or nothing(table))


DUPLICATE_KEY = "duplicate_key"
"""The rule every contract with a key has: a key stands once in a batch; the last row counts, the others are listed."""


LIST_LENGTH = "list_length"
"""The rule every list of several columns has: as many items in each. What is missing is missing at the end; nothing is lost."""


def _uneven(contract: Contract, role: Role, registry: Registry) -> Sql:
    return (
        f"SELECT v.first_id + {contract.slot(role.name)} AS record_id, v.batch, v.row_no, '{role.kind}' AS kind, '{contract.source}' AS source, "
        f"'{role.name}' AS role, '' AS element, '{LIST_LENGTH}' AS rule, 'completeness' AS category, 1 AS grade {rows_of(contract, role.each)} "
        f"WHERE v.known_to IS NULL AND {ITEM_OF}.place = 1 AND {ITEM_OF}.uneven AND {present(role, Values(contract, registry))}"
    )


def _spelled(kind: Kind, registry: Registry, found: Sequence[Single], place: int) -> Sql:
    rows = ", ".join(
        f"({1 << bit}, '{single.element}', '{single.rule.id}', '{single.rule.category}', {registry.elements[kind][single.element].grade})"
        for bit, single in enumerate(found)
    )
    bit = f"(f.mask_{place} // b.bit) % 2 = 1"
    return (
        f"SELECT f.record_id, f.batch, f.row_no, '{kind}' AS kind, f.source, f.role, b.element, b.rule, b.category, b.grade "
        f"FROM finding_{kind} f JOIN (VALUES {rows}) AS b(bit, element, rule, category, grade) ON {bit}"
    )


def _label(kind: Kind, rule: Rule, element: str, registry: Registry) -> Sql:
    grade = registry.elements[kind][element].grade
    return f"'{element}' AS element, '{rule.id}' AS rule, '{rule.category}' AS category, {grade} AS grade"


def _duplicates(kind: Kind, rule: Rule, unique: Unique, registry: Registry, contracts: Sequence[Contract]) -> Sql:
    """Records whose values stand in another current record, too: one grouping, joined back to the few that are not alone. What its source ended is past."""
    seen = scope(kind, contracts, registry)
    attrs = [attr.name for attr in unique.attrs]
    tests = _all(seen, unique.when, *(f"{name} IS NOT NULL" for name in attrs))
    rows = f"SELECT * FROM ({base(kind, registry.names(kind), seen, ['closed'])}) r WHERE {tests} AND coalesce(closed, '') <> 'ended'"
    keys = [*attrs, *(["source"] if unique.within_source else [])]
    same = " AND ".join(f"d.{name} = g.{name}" for name in keys)
    return (
        f"SELECT d.record_id, d.batch, d.row_no, '{kind}' AS kind, d.source, d.role, {_label(kind, rule, attrs[0], registry)} FROM ({rows}) d "
        f"JOIN (SELECT {', '.join(keys)} FROM ({rows}) a GROUP BY {', '.join(keys)} HAVING count(*) > 1) g ON {same}"
    )


def _missing(kind: Kind, rule: Rule, inclusion: Inclusion, registry: Registry, contracts: Sequence[Contract]) -> Sql:
    """Records whose values stand in no current record of the other kind."""
    seen = scope(kind, contracts, registry)
    attrs = [attr.name for attr in inclusion.attrs]
    tests = _all(seen, inclusion.when, *(f"{name} IS NOT NULL" for name in attrs))
    rows = f"SELECT * FROM ({base(kind, registry.names(kind), seen)}) r WHERE {tests}"
    others = ", ".join(f"{other.name} AS o{place}" for place, other in enumerate(inclusion.others))
    same = " AND ".join(f"m.{name} = o.o{place}" for place, name in enumerate(attrs))
    return (
        f"SELECT m.record_id, m.batch, m.row_no, '{kind}' AS kind, m.source, m.role, {_label(kind, rule, attrs[0], registry)} FROM ({rows}) m "
        f"ANTI JOIN (SELECT {others} FROM record_{inclusion.kind} WHERE known_to IS NULL) o ON {same}"
    )
