"""The parser of the rule language: a rule's text to what it says, or an error with the position and what is expected there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cityweave.cfd_rules.errors import RuleError
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
    Number,
    Required,
    Statement,
    Test,
    Text,
    Unique,
    Value,
    Within,
)

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<mark>->|<>|<=|>=|[][(),=<>~@_]))")


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Statement:
    """What a rule says. RuleError gives the position and what is expected there."""
    return _Parser(text).statement()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.place = 0

    def statement(self) -> Statement:
        made: Statement
        if self.word("required"):
            made = Required(self.attrs(), self.when())
        elif self.word("format"):
            made = Formatted(self.attrs(), self.when())
        elif self.word("check"):
            made = Check(self.test(), self.when())
        elif self.word("unique"):
            attrs = self.bracketed()
            within = self.word("within")
            if within and not self.word("source"):
                self.fail("source")
            made = Unique(attrs, within, self.when())
        elif self.peek("["):
            made = self.bracket_rule()
        else:
            made = Check(self.test(), self.when())
        if self.place < len(self.tokens):
            self.fail("行尾 / the end of the rule")
        return made

    def bracket_rule(self) -> Statement:
        """Both a CFD and an inclusion begin with a list in brackets."""
        at = self.at()
        items = self.items()
        if self.word("in"):
            others_at = self.at()
            kind = self.name("一种实体 / a kind of entity")
            attrs = tuple(item for item in items if isinstance(item, Attr))
            if len(attrs) < len(items):
                raise _error(self.text, at, "左边只能是数据元 / only elements on the left")
            others = self.bracketed()
            if len(others) != len(attrs):
                raise _error(self.text, others_at, f"两边个数不等 / {len(attrs)} elements on the left, {len(others)} on the right")
            return Inclusion(attrs, kind, others, self.when(), others_at)
        self.mark("->")
        tests = tuple(item for item in items if not isinstance(item, Attr))
        return Cfd(tests, tuple(item for item in items if isinstance(item, Attr)), self.targets())

    def items(self) -> list[Attr | Test]:
        """attribute or condition, separated by commas."""
        self.mark("[")
        made: list[Attr | Test] = [self.item()]
        while self.peek(","):
            self.place += 1
            made.append(self.item())
        self.mark("]")
        return made

    def item(self) -> Attr | Test:
        start = self.place
        value = self.value()
        if isinstance(value, Attr) and (self.peek(",") or self.peek("]")):
            return value
        self.place = start
        return self.test()

    def targets(self) -> tuple[tuple[Attr, Value | None], ...]:
        self.mark("[")
        made = [self.target()]
        while self.peek(","):
            self.place += 1
            made.append(self.target())
        self.mark("]")
        return tuple(made)

    def target(self) -> tuple[Attr, Value | None]:
        attr = self.attr()
        if not self.peek("="):
            return attr, None
        self.place += 1
        if self.peek("_"):
            self.place += 1
            return attr, None
        return attr, self.value()

    def when(self) -> tuple[Test, ...]:
        return (self.test(),) if self.word("when") else ()

    def test(self) -> Test:
        parts = [self.conjunction()]
        while self.word("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Join("or", tuple(parts))

    def conjunction(self) -> Test:
        parts = [self.negation()]
        while self.word("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Join("and", tuple(parts))

    def negation(self) -> Test:
        if self.word("not"):
            return Join("not", (self.negation(),))
        if self.peek("("):
            self.place += 1
            inner = self.test()
            self.mark(")")
            return inner
        return self.comparison()

    def comparison(self) -> Test:
        value = self.value()
        at = self.at()
        if self.word("in"):
            return self.membership(value)
        if self.word("is"):
            if self.word("empty"):
                return Empty(value, True)
            if self.word("filled"):
                return Empty(value, False)
            self.fail("empty, filled")
        if self.peek("~"):
            self.place += 1
            return Match(value, self.string(), at)
        for op in ("=", "<>", "<=", ">=", "<", ">"):
            if self.peek(op):
                self.place += 1
                return Compare(op, value, self.value())
        if isinstance(value, Attr):
            return Flag(value)
        return self.fail("= <> < <= > >= ~ in is")

    def membership(self, value: Value) -> Test:
        at = self.at()
        if self.peek("@"):
            self.place += 1
            return Within(value, (), self.name("代码表 / a code list"), at)
        self.mark("(")
        words = [self.string()]
        while self.peek(","):
            self.place += 1
            words.append(self.string())
        self.mark(")")
        return Within(value, tuple(words), "", at)

    def value(self) -> Value:
        token = self.token("数据元、文字、数或函数 / an element, a text, a number or a function")
        if token.kind == "text":
            self.place += 1
            return Text(token.text[1:-1].replace("''", "'"))
        if token.kind == "number":
            self.place += 1
            return Number(int(token.text))
        name = self.name("数据元、文字、数或函数 / an element, a text, a number or a function")
        if not self.peek("("):
            return Attr(name, token.at)
        self.place += 1
        args = [self.value()]
        while self.peek(","):
            self.place += 1
            args.append(self.value())
        self.mark(")")
        return Call(name, tuple(args), token.at)

    def attrs(self) -> tuple[Attr, ...]:
        made = [self.attr()]
        while self.peek(","):
            self.place += 1
            made.append(self.attr())
        return tuple(made)

    def bracketed(self) -> tuple[Attr, ...]:
        self.mark("[")
        made = self.attrs()
        self.mark("]")
        return made

    def attr(self) -> Attr:
        at = self.at()
        return Attr(self.name("数据元 / an element"), at)

    def string(self) -> str:
        token = self.token("'…'")
        if token.kind != "text":
            self.fail("'…'")
        self.place += 1
        return token.text[1:-1].replace("''", "'")

    def name(self, expected: str) -> str:
        token = self.token(expected)
        if token.kind != "name":
            self.fail(expected)
        self.place += 1
        return token.text

    def word(self, text: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place].kind == "name" and self.tokens[self.place].text == text:
            self.place += 1
            return True
        return False

    def peek(self, mark: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place].kind in ("mark", "name") and self.tokens[self.place].text == mark

    def mark(self, mark: str) -> None:
        if not self.peek(mark):
            self.fail(mark)
        self.place += 1

    def token(self, expected: str) -> _Token:
        if self.place >= len(self.tokens):
            self.fail(expected)
        return self.tokens[self.place]

    def at(self) -> int:
        return self.tokens[self.place].at if self.place < len(self.tokens) else len(self.text)

    def fail(self, expected: str) -> Test:
        found = self.tokens[self.place].text if self.place < len(self.tokens) else "行尾 / the end"
        raise _error(self.text, self.at(), f"此处应为 {expected}，而不是 {found} / expected {expected}, not {found}")


def _tokens(text: str) -> list[_Token]:
    made, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found or found.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise _error(text, start, f"不认识的符号 {text[start]} / unknown symbol {text[start]}")
        made.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
        at = found.end()
    return made


def _error(text: str, at: int, what: str) -> RuleError:
    return RuleError(what, f"第 {at + 1} 个字符 / character {at + 1}: {text[:at]}▸{text[at:]}")
