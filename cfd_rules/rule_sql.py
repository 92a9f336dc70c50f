"""Tests and values of the rule language as SQL over a row of record_<kind>. Truth is SQL's: what is empty breaks no rule but `required`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cityweave.cfd_rules.classes import CLASSES, Sql, gb11643_birth, gb11643_sex, text_literal
from cityweave.cfd_rules.language import Attr, Call, Compare, Empty, Flag, Match, Number, Test, Text, Value, Within
from cityweave.cfd_rules.registry import CodeList, Element

PSEUDO = ("delivered", "recorded_at", "source", "role", "duplicate_free")
"""Attributes of the row itself: delivery day, day of record, source, role, and whether it is the main record of a duplicate-free source."""


@dataclass(frozen=True)
class Function:
    """A function of the language: how many arguments, and its SQL. What needs a valid code gives NULL without one."""

    says: str
    arguments: int
    sql: Callable[..., Sql]
    valid_only: bool = False


FUNCTIONS: Mapping[str, Function] = {
    "gb11643.birth": Function("公民身份号码中的出生日期 / the birth date in an identity number", 1, gb11643_birth, True),
    "gb11643.sex": Function("公民身份号码中的性别 / the sex in an identity number", 1, gb11643_sex, True),
    "gb11643.region": Function("公民身份号码中的地区 / the region in an identity number", 1, lambda x: f"substr({x}, 1, 6)", True),
    "gb32100.reg_no": Function("信用代码中的主体标识码 / the organisation code in a credit code", 1, lambda x: f"substr({x}, 9, 9)", True),
    "length": Function("字数 / the number of characters", 1, lambda x: f"length({x})"),
    "year": Function("年 / the year of a date", 1, lambda x: f"as_int(substr({x}, 1, 4))"),
    "years_before": Function(
        "若干年前的同一天 / the same day some years before", 2, lambda day, years: f"CAST(as_int(substr({day}, 1, 4)) - {years} AS VARCHAR) || substr({day}, 5)"
    ),
}


@dataclass
class Scope:
    """What SQL is made for: the elements of a kind; it notes which of them need to be known as valid."""

    elements: Mapping[str, Element]
    codes: Mapping[str, CodeList]
    duplicate_free: Iterable[str] = ()
    valid: dict[str, Sql] = field(default_factory=dict)

    def ok(self, name: str) -> Sql:
        """The column that says whether an element is valid for its class; TRUE for classes that have no check."""
        element = self.elements[name]
        check = CLASSES[element.cls].valid
        if check is None:
            return "TRUE"
        self.valid[f"ok_{name}"] = check(name)
        return f"ok_{name}"

    def test(self, test: Test) -> Sql:
        """A test as SQL; NULL when something it needs is empty or not valid."""
        if isinstance(test, Compare):
            numeric = isinstance(test.left, Number) or isinstance(test.right, Number) or _counts(test.left) or _counts(test.right)
            return f"({self.value(test.left, numeric)} {test.op} {self.value(test.right, numeric)})"
        if isinstance(test, Within):
            words = sorted(self.codes[test.list].titles) if test.list else test.words
            return f"({self.value(test.value)} IN ({', '.join(map(text_literal, words))}))"
        if isinstance(test, Match):
            return f"regexp_matches({self.value(test.value)}, {text_literal(test.pattern)})"
        if isinstance(test, Empty):
            return f"({self.value(test.value)} IS {'' if test.empty else 'NOT '}NULL)"
        if isinstance(test, Flag):
            sources = ", ".join(text_literal(source) for source in sorted(self.duplicate_free))
            return f"(record_id % 4096 = 0 AND source IN ({sources}))" if sources else "FALSE"
        if test.op == "not":
            return f"(NOT {self.test(test.parts[0])})"
        return "(" + f" {test.op.upper()} ".join(map(self.test, test.parts)) + ")"

    def value(self, value: Value, numeric: bool = False) -> Sql:
        """A value as SQL: text, or a whole number where one is asked for."""
        if isinstance(value, Text):
            return text_literal(value.value)
        if isinstance(value, Number):
            return str(value.value)
        if isinstance(value, Call):
            function = FUNCTIONS[value.name]
            made = function.sql(*(self.value(arg) for arg in value.args))
            checked = [self.ok(arg.name) for arg in value.args if isinstance(arg, Attr) and arg.name not in PSEUDO] if function.valid_only else []
            return f"CASE WHEN {' AND '.join(checked)} THEN {made} END" if checked else made
        return self.attr(value.name, numeric)

    def attr(self, name: str, numeric: bool = False) -> Sql:
        """An attribute as SQL; dates that are none are NULL."""
        if name == "delivered":
            return "CAST(known_from AS VARCHAR)"
        if name == "recorded_at":
            return "CAST(recorded_at AS VARCHAR)"
        if name in PSEUDO:
            return name
        if numeric:
            return f"as_int(split_part({name}, '.', 1))"
        return f"CASE WHEN {self.ok(name)} THEN {name} END" if self.elements[name].cls == "date" else name


def _counts(value: Value) -> bool:
    return isinstance(value, Call) and value.name in ("length", "year")
