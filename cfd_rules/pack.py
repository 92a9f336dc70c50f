"""Rule packs: YAML files of rules for one kind, loaded and checked against the registry, for contradiction and for rules that can never apply."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from cityweave.cfd_rules.errors import RuleError, suggestion
from cityweave.cfd_rules.language import Cfd, Statement, Text
from cityweave.cfd_rules.model import KINDS, Kind
from cityweave.cfd_rules.pack_check import bound, check_statement, conditions, named_attrs
from cityweave.cfd_rules.parser import parse
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.rule_sql import PSEUDO
from cityweave.cfd_rules.yaml_text import from_yaml

HERE = Path(__file__).parent / "packs"
CATEGORIES = ("completeness", "validity", "accuracy", "consistency", "uniqueness", "timeliness")
SEVERITIES = ("error", "warning")
REPAIRS = ("none", "certain", "reliable", "heuristic")
CODES_NEVER_VOTED = frozenset({"identity_number", "uscc", "token"})
"""Classes whose values are never repaired by a vote: a code is right or wrong, not nearly right."""


@dataclass(frozen=True)
class Rule:
    """One rule, as it was written and as it was understood."""

    id: str
    kind: Kind
    zh: str
    en: str
    category: str
    severity: str
    repair: str
    text: str
    statement: Statement
    on: str  # the element a finding stands at, where the statement does not say

    @property
    def says(self) -> str:
        """The sentence an official reads."""
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True)
class Pack:
    """The rules for one kind."""

    kind: Kind
    rules: tuple[Rule, ...]

    @property
    def digest(self) -> str:
        """sha256 of what its rules say."""
        rules = [(rule.id, rule.text, rule.category, rule.severity, rule.repair, rule.on) for rule in self.rules]
        return hashlib.sha256(json.dumps(rules, ensure_ascii=False).encode()).hexdigest()


def shipped(registry: Registry) -> tuple[Pack, ...]:
    """The packs that come with Cityweave, one a kind."""
    return load_all(HERE, registry)


def load_all(folder: Path, registry: Registry) -> tuple[Pack, ...]:
    """Every pack of a folder, merged by kind."""
    rules: dict[Kind, list[Rule]] = {}
    for path in sorted(folder.glob("*.yaml")):
        pack = load(path, registry)
        rules.setdefault(pack.kind, []).extend(pack.rules)
    return tuple(_checked(Pack(kind, tuple(rules[kind])), registry, folder.name) for kind in KINDS if kind in rules)


def load(path: Path, registry: Registry) -> Pack:
    """The pack in a YAML file. RuleError names file, rule, position, and what is expected there."""
    try:
        raw = from_yaml(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise RuleError(f"读不了规则文件 / the pack cannot be read: {error}", path.name) from None
    return parse_pack(raw, registry, path.name)


def parse_pack(raw: Any, registry: Registry, file: str) -> Pack:
    """The pack that parsed YAML means, checked."""
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS or not isinstance(raw.get("rules"), list):
        raise RuleError("规则文件须有 kind 和 rules / a pack has a kind and rules", file, f"kind: {', '.join(KINDS)}")
    kind = cast(Kind, raw["kind"])
    return _checked(Pack(kind, tuple(_rule(entry, kind, registry, f"{file}: rules[{place}]") for place, entry in enumerate(raw["rules"]))), registry, file)


def _rule(entry: Any, kind: Kind, registry: Registry, where: str) -> Rule:
    known = ("id", "zh", "en", "category", "severity", "repair", "rule", "on")
    if not isinstance(entry, dict):
        raise RuleError("规则须为键值 / a rule is a mapping", where)
    for word in entry:
        if word not in known:
            raise RuleError(f"不认识的词 {word} / unknown word {word}", where, suggestion(word, known))
    for word in ("id", "zh", "en", "category", "rule"):
        if not entry.get(word):
            raise RuleError(f"缺少 {word} / {word} is missing", where, f"补上 {word} / add {word}")
    where = f"{where} {entry['id']}"
    for word, default, allowed in (("category", "", CATEGORIES), ("severity", "error", SEVERITIES), ("repair", "none", REPAIRS)):
        if entry.get(word, default) not in allowed:
            raise RuleError(f"{word} 不能是 {entry.get(word)} / {word} cannot be {entry.get(word)}", where, ", ".join(allowed))
    try:
        statement = parse(entry["rule"])
        check_statement(statement, kind, registry)
        on = entry.get("on") or next((attr.name for attr in named_attrs(statement) if attr.name not in PSEUDO), "")
        if on not in registry.elements[kind]:
            raise RuleError(f"没有数据元 {on} / no element {on}", "", suggestion(on, registry.elements[kind]))
    except RuleError as error:
        raise RuleError(error.what, f"{where} {error.where}", error.todo) from None
    rule = Rule(
        entry["id"],
        kind,
        entry["zh"],
        entry["en"],
        entry["category"],
        entry.get("severity", "error"),
        entry.get("repair", "none"),
        entry["rule"],
        statement,
        on,
    )
    _check_repair(rule, registry, where)
    return rule


def _check_repair(rule: Rule, registry: Registry, where: str) -> None:
    cfd = rule.statement if isinstance(rule.statement, Cfd) else None
    if rule.repair == "none":
        return
    if cfd is None:
        raise RuleError("只有 CFD 能修复 / only a CFD can repair", where, "删去 repair / delete repair")
    for attr, value in cfd.right:
        if value is None and rule.repair == "certain":
            raise RuleError("多数表决不是确定的修复 / a vote is never certain", where, "repair: reliable")
        if value is None and registry.elements[rule.kind][attr.name].cls in CODES_NEVER_VOTED:
            raise RuleError(f"编号 {attr.name} 不能靠表决修复 / the code {attr.name} is never repaired by a vote", where, "repair: none")


def _checked(pack: Pack, registry: Registry, file: str) -> Pack:
    """The pack, if its ids are distinct and no two constant rules ask for different values of the same cell."""
    seen: set[str] = set()
    for rule in pack.rules:
        if rule.id in seen:
            raise RuleError(f"规则 {rule.id} 出现两次 / rule {rule.id} stands twice", file, "改名 / rename one")
        seen.add(rule.id)
    cfds = [(rule, rule.statement) for rule in pack.rules if isinstance(rule.statement, Cfd)]
    constants = [(rule, attr.name, value.value) for rule, cfd in cfds for attr, value in cfd.right if isinstance(value, Text)]
    for place, (one, element, value) in enumerate(constants):
        for other, element_too, value_too in constants[:place]:
            if element == element_too and value != value_too and _together(one.statement, other.statement):
                what = f"规则 {other.id} 与 {one.id} 矛盾：要 {element} 同时为 {value_too} 和 {value}"
                raise RuleError(f"{what} / rules {other.id} and {one.id} contradict each other on {element}", file)
    return pack


def _together(one: Statement, other: Statement) -> bool:
    """Whether the conditions of one imply nothing that keeps the other from applying to the same row: then both constants are asked for."""
    left, right = dict(bound(conditions(one))), dict(bound(conditions(other)))
    if not (set(left) <= set(right) or set(right) <= set(left)):
        return False
    return all(left[name] & right[name] for name in set(left) & set(right))
