"""Whether a rule says something that can be: known elements, functions, lists and codes, conditions that can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.rule_sql import FUNCTIONS, PSEUDO


def check_statement(statement: Statement, kind: Kind, registry: Registry) -> None:
    """RuleError when a statement names what is not there, or can never apply."""
    elements = registry.elements[kind]
    for attr in named_attrs(statement):
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


def _check_within(test: Within, elements: Any, registry: Registry) -> None:
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
    for name, words in bound(conditions(statement)):
        allowed[name] = allowed[name] & words if name in allowed else words
        if not allowed[name]:
            raise RuleError(f"条件从不成立：{name} 不能同时为两个值 / the condition never holds: {name} cannot be two values at once")


def conditions(statement: Statement) -> Sequence[Test]:
    """The tests under which a statement applies."""
    return statement.conditions if isinstance(statement, Cfd) else statement.when


def bound(tests: Iterable[Test]) -> Iterator[tuple[str, set[str]]]:
    """The attributes that conditions bind to constants, with the constants that are left."""
    for test in tests:
        if isinstance(test, Compare) and test.op == "=" and isinstance(test.left, Attr) and isinstance(test.right, Text):
            yield test.left.name, {test.right.value}
        elif isinstance(test, Within) and test.words and isinstance(test.value, Attr):
            yield test.value.name, set(test.words)
        elif isinstance(test, Join) and test.op == "and":
            yield from bound(test.parts)


def _place(at: int) -> str:
    return f"第 {at + 1} 个字符 / character {at + 1}"


def named_attrs(statement: Statement) -> Iterator[Attr]:
    """Every attribute of its own record that a statement names."""
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
