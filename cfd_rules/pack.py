"""Rule packs: YAML files of rules for one kind, loaded and checked against the registry, for contradiction and for rules that can never apply."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from cityweave.cfd_rules.errors import RuleError, suggestion
from cityweave.cfd_rules.language import (
    Attr,
    Call,
    Cfd,
    Check,
    Compare,
    Empty,
    Flag,
    Formatted,
    Inclusion,
    Join,
    Match,
    Required,
    Statement,
    Test,
    Text,
    Unique,
    Value,
    Within,
)
from cityweave.cfd_rules.model import KINDS, Kind
from cityweave.cfd_rules.parser import parse
from cityweave.cfd_rules.registry import Element, Registry
from cityweave.cfd_rules.rule_sql import FUNCTIONS, PSEUDO
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
        _check_statement(statement, kind, registry)
        on = entry.get("on") or next((attr.name for attr in _attrs(statement) if attr.name not in PSEUDO), "")
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


def _check_statement(statement: Statement, kind: Kind, registry: Registry) -> None:
    elements = registry.elements[kind]
    for attr in _attrs(statement):
        _known(attr, elements)
    for part in _walk(statement):
        if isinstance(part, Call):
            _check_call(part)
        elif isinstance(part, Within):
            _check_within(part, elements, registry)
        elif isinstance(part, Match):
            _check_pattern(part)
        elif isinstance(part, Compare) and part.op == "=" and isinstance(part.left, Attr) and isinstance(part.right, Text):
            _check_code(part.left, part.right.value, elements, registry)
        elif isinstance(part, Flag) and part.attr.name != "duplicate_free":
            raise RuleError(f"{part.attr.name} 不是判断 / {part.attr.name} is no test", _place(part.attr.at), "比较它 / compare it")
    if isinstance(statement, Inclusion):
        if statement.kind not in KINDS:
            raise RuleError(f"没有实体 {statement.kind} / no kind {statement.kind}", _place(statement.at), suggestion(statement.kind, KINDS))
        for attr in statement.others:
            _known(attr, registry.elements[statement.kind])
    if isinstance(statement, Cfd):
        if not statement.left and any(value is None for _, value in statement.right):
            raise RuleError("变量 CFD 的左边要有数据元 / a variable CFD needs an element on its left")
        for attr, value in statement.right:
            if isinstance(value, Text):
                _check_code(attr, value.value, elements, registry)
    _check_dead(statement)


def _known(attr: Attr, elements: Iterable[str]) -> None:
    if attr.name not in elements and attr.name not in PSEUDO:
        raise RuleError(f"没有数据元 {attr.name} / no element {attr.name}", _place(attr.at), suggestion(attr.name, [*elements, *PSEUDO]))


def _check_call(call: Call) -> None:
    at = _place(call.at)
    if call.name not in FUNCTIONS:
        raise RuleError(f"没有函数 {call.name} / no function {call.name}", at, suggestion(call.name, FUNCTIONS))
    if len(call.args) != FUNCTIONS[call.name].arguments:
        raise RuleError(f"{call.name} 要 {FUNCTIONS[call.name].arguments} 个参数 / {call.name} takes {FUNCTIONS[call.name].arguments} arguments", at)


def _check_within(test: Within, elements: dict[str, Element] | Any, registry: Registry) -> None:
    if test.list and test.list not in registry.codes:
        raise RuleError(f"没有代码表 @{test.list} / no code list @{test.list}", _place(test.at), suggestion(test.list, registry.codes))
    if isinstance(test.value, Attr):
        for word in test.words:
            _check_code(test.value, word, elements, registry)


def _check_code(attr: Attr, word: str, elements: Any, registry: Registry) -> None:
    """A constant that the element's code list does not hold can never match: the rule would be dead."""
    element = elements.get(attr.name)
    if element and element.codes and word not in registry.codes[element.codes].titles:
        raise RuleError(
            f"{attr.name} 从不为 {word}：代码表 @{element.codes} 没有它 / {attr.name} is never {word}: @{element.codes} has no such code",
            _place(attr.at),
            suggestion(word, registry.codes[element.codes].titles),
        )


def _check_pattern(test: Match) -> None:
    try:
        re.compile(test.pattern)
    except re.error as error:
        raise RuleError(f"不是正则表达式 / not a regular expression: {error}", _place(test.at)) from None
    if re.search(r"\\[pPwWbBsSdD]|\(\?", test.pattern):
        what = "正则只用字面字符和 [...] / patterns use characters and [...] only, so that both engines agree"
        raise RuleError(what, _place(test.at), "[0-9] 代替 \\d / instead of \\d")


def _check_dead(statement: Statement) -> None:
    allowed: dict[str, set[str]] = {}
    for name, words in _constants(_conditions(statement)):
        allowed[name] = allowed[name] & words if name in allowed else words
        if not allowed[name]:
            raise RuleError(f"条件从不成立：{name} 不能同时为两个值 / the condition never holds: {name} cannot be two values at once")


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
    left, right = dict(_constants(_conditions(one))), dict(_constants(_conditions(other)))
    if not (set(left) <= set(right) or set(right) <= set(left)):
        return False
    return all(left[name] & right[name] for name in set(left) & set(right))


def _conditions(statement: Statement) -> Sequence[Test]:
    return statement.conditions if isinstance(statement, Cfd) else statement.when


def _constants(tests: Iterable[Test]) -> Iterator[tuple[str, set[str]]]:
    """The attributes that conditions bind to constants, with the constants that are left."""
    for test in tests:
        if isinstance(test, Compare) and test.op == "=" and isinstance(test.left, Attr) and isinstance(test.right, Text):
            yield test.left.name, {test.right.value}
        elif isinstance(test, Within) and test.words and isinstance(test.value, Attr):
            yield test.value.name, set(test.words)
        elif isinstance(test, Join) and test.op == "and":
            yield from _constants(test.parts)


def _place(at: int) -> str:
    return f"第 {at + 1} 个字符 / character {at + 1}"


def _attrs(statement: Statement) -> Iterator[Attr]:
    for part in _walk(statement):
        if isinstance(part, Attr):
            yield part


def _walk(part: Statement | Test | Value) -> Iterator[Test | Value]:
    """Every test, value and attribute inside; of an inclusion only its own side."""
    if isinstance(part, Required | Formatted | Unique | Inclusion):
        yield from part.attrs
        for test in part.when:
            yield from _walk(test)
    elif isinstance(part, Check):
        yield from _walk(part.test)
        for test in part.when:
            yield from _walk(test)
    elif isinstance(part, Cfd):
        for attr, value in part.right:
            yield attr
            if value is not None:
                yield from _walk(value)
        yield from part.left
        for test in part.conditions:
            yield from _walk(test)
    else:
        yield part
        yield from _inside(part)


def _inside(part: Test | Value) -> Iterator[Test | Value]:
    inner: tuple[Test | Value, ...] = ()
    if isinstance(part, Compare):
        inner = (part.left, part.right)
    elif isinstance(part, Within | Match | Empty):
        inner = (part.value,)
    elif isinstance(part, Flag):
        inner = (part.attr,)
    elif isinstance(part, Join):
        inner = part.parts
    elif isinstance(part, Call):
        inner = part.args
    for item in inner:
        yield from _walk(item)
