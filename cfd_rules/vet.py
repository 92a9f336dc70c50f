"""Vetting: how often, in the data at hand, a rule's left side predicts its right side. A rule below the bar still reports but repairs nothing.

A constant CFD is held to every record in which both sides are filled, a variable one to every record in a group of several: right is the group's
most frequent value. `train` counts it; what was counted is an input of a run (models/rules.json), never a result of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cityweave.cfd_rules.classes import CLASSES, Sql
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.detect import base, differs, scope
from cityweave.cfd_rules.errors import RuleError
from cityweave.cfd_rules.language import Cfd, Value
from cityweave.cfd_rules.model import Kind
from cityweave.cfd_rules.pack import Pack, Rule
from cityweave.cfd_rules.record import nothing
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.rule_sql import PSEUDO, Scope
from cityweave.engine.disk import write_atomically
from cityweave.engine.model import Column, Step, Table

FILE = "rules.json"

BAR = 900
"""In thousandths: a rule that holds less often may report, not repair."""

FEWEST = 20
"""Cases. With fewer a vote is not vetted; what is certain by a standard stays so."""


@dataclass(frozen=True)
class Vetted:
    """What the data says of one rule."""

    rule: str
    text: str  # of the rule when it was counted: another text must be counted again
    checked: int
    held: int

    @property
    def thousandths(self) -> int:
        """How often it held."""
        return self.held * 1000 // self.checked if self.checked else 0


def vet_step(pack: Pack, contracts: Sequence[Contract], registry: Registry) -> Step:
    """`vet_<kind>`: rule, checked, held, of each rule that repairs."""
    table = Table(
        f"vet_{pack.kind}",
        f"{pack.kind} 规则的可信程度 / how often rules of {pack.kind} hold",
        (Column("rule", "VARCHAR"), Column("checked", "BIGINT"), Column("held", "BIGINT")),
        ("rule",),
    )
    seen = scope(pack.kind, contracts, registry)
    selects = [
        select
        for rule in pack.rules
        if rule.repair != "none" and isinstance(rule.statement, Cfd)
        for select in _counts(pack.kind, rule, rule.statement, seen, registry)
    ]
    sql = f"SELECT rule, coalesce(sum(checked), 0) AS checked, coalesce(sum(held), 0) AS held FROM ({' UNION ALL '.join(selects)}) c GROUP BY rule"
    return Step(
        writes=table,
        says=f"检验 {pack.kind} 规则 / vet rules of kind {pack.kind}",
        reads=(f"record_{pack.kind}",) if selects else (),
        sql=sql if selects else nothing(table),
        uses=(pack.digest,),
    )


def _counts(kind: Kind, rule: Rule, cfd: Cfd, seen: Scope, registry: Registry) -> list[Sql]:
    left = [attr.name for attr in cfd.left]
    tests = [*(seen.test(test) for test in cfd.conditions), *(f"{name} IS NOT NULL" for name in left if name not in PSEUDO)]
    return [
        _constant(kind, rule, attr.name, value, tests, seen, registry) if value else _variable(kind, rule, attr.name, left, tests, seen, registry)
        for attr, value in cfd.right
    ]


def _constant(kind: Kind, rule: Rule, element: str, value: Value, tests: Sequence[Sql], seen: Scope, registry: Registry) -> Sql:
    new = seen.value(value)
    where = " AND ".join([*tests, f"{element} IS NOT NULL", f"{new} IS NOT NULL"])
    rows = base(kind, registry.names(kind), seen)
    broken = differs(seen, element, new)
    return f"SELECT '{rule.id}' AS rule, count(*) AS checked, sum(CASE WHEN {broken} THEN 0 ELSE 1 END) AS held FROM ({rows}) r WHERE {where}"


def _variable(kind: Kind, rule: Rule, element: str, left: Sequence[str], tests: Sequence[Sql], seen: Scope, registry: Registry) -> Sql:
    keys = ", ".join(left)
    valid = [check(name) for name in left if (check := CLASSES[registry.elements[kind][name].cls].valid)]
    where = " AND ".join([*tests, f"{element} IS NOT NULL", *valid])
    rows = base(kind, registry.names(kind), seen)
    told = f"SELECT {keys}, {element}, count(*) AS n FROM ({rows}) r WHERE {where} GROUP BY {keys}, {element}"
    groups = f"SELECT {keys}, sum(n) AS checked, max(n) AS held FROM ({told}) t GROUP BY {keys} HAVING sum(n) > 1"
    return f"SELECT '{rule.id}' AS rule, sum(checked) AS checked, sum(held) AS held FROM ({groups}) g"


def vetted(packs: Sequence[Pack], rows: Mapping[str, tuple[int, int]]) -> tuple[Vetted, ...]:
    """What was counted (rule -> checked, held) beside the rules' texts, by rule."""
    found = [(rule, *rows[rule.id]) for pack in packs for rule in pack.rules if rule.id in rows]
    return tuple(sorted((Vetted(rule.id, rule.text, checked, held) for rule, checked, held in found), key=lambda item: item.rule))


def text(known: Sequence[Vetted]) -> str:
    """The file's text: canonical JSON."""
    return json.dumps([asdict(item) for item in known], ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def save(known: Sequence[Vetted], path: Path) -> tuple[Vetted, ...]:
    """Writes the file and returns what it says."""
    write_atomically(path, text(known).encode())
    return tuple(known)


def report(packs: Sequence[Pack], known: Sequence[Vetted]) -> dict[str, Any]:
    """What training says of the rules: how many were counted, which may only report, each with how often it held."""
    counted = {item.rule: item for item in known}
    held_back = [rule.id for pack in packs for rule in pack.rules if not may_repair(rule, counted.get(rule.id))]
    shown = [asdict(item) | {"thousandths": item.thousandths, "repairs": item.rule not in held_back} for item in known]
    return {"kind": "rules", "file": f"models/{FILE}", "digest": digest(known), "vetted": shown, "held_back": held_back}


def load(path: Path) -> tuple[Vetted, ...]:
    """What the file says; nothing without one. RuleError when it cannot be read."""
    if not path.is_file():
        return ()
    try:
        return tuple(Vetted(**item) for item in json.loads(path.read_text("utf-8")))
    except (ValueError, TypeError) as error:
        raise RuleError("规则检验文件读不懂 / the vetting of rules cannot be read", path.name, "运行 cityweave train / run cityweave train") from error


def digest(known: Sequence[Vetted]) -> str:
    """sha256 of what was counted."""
    return hashlib.sha256(text(known).encode()).hexdigest()


def permitted(packs: Sequence[Pack], known: Sequence[Vetted]) -> tuple[Pack, ...]:
    """The packs, in which rules that may not repair only report."""
    counted = {item.rule: item for item in known}
    return tuple(
        Pack(pack.kind, tuple(rule if may_repair(rule, counted.get(rule.id)) else replace(rule, repair="none") for rule in pack.rules)) for pack in packs
    )


def may_repair(rule: Rule, known: Vetted | None) -> bool:
    """Whether a rule that wants to repair may: it held often enough; a vote must have been counted at all."""
    if rule.repair in ("none", "heuristic"):
        return True
    if known is None or known.text != rule.text or known.checked < FEWEST:
        return rule.repair == "certain"
    return known.thousandths >= BAR
