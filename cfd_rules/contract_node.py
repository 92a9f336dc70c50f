"""A mapping in a contract's YAML: its words are read one by one, and what is wrong is told with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from cityweave.cfd_rules.errors import ContractError, suggestion


@dataclass(frozen=True)
class Node:
    """A mapping in the YAML, with the way to it for error messages."""

    raw: Any
    file: str
    path: str

    def __post_init__(self) -> None:
        if not isinstance(self.raw, Mapping):
            self.fail("", "这里应为键值 / a mapping is needed here")

    def fail(self, name: str, what: str, todo: str = "") -> NoReturn:
        """Raise a ContractError at a word of this mapping."""
        place = ".".join(part for part in (self.path, name) if part) or "(最外层 / top)"
        raise ContractError(what, f"{self.file}: {place}", todo)

    def only(self, known: str) -> None:
        """Refuse words that are not among these, separated by spaces."""
        for word in self.raw:
            if word not in known.split():
                self.fail(str(word), f"不认识的词 {word} / unknown word {word}", suggestion(str(word), known.split()))

    def has(self, name: str) -> bool:
        """Whether the word stands here with a value."""
        return self.raw.get(name) is not None

    @property
    def words(self) -> list[str]:
        """The words of the mapping."""
        return [str(word) for word in self.raw]

    def node(self, name: str) -> Node:
        """The mapping under a word."""
        self._need(name)
        return Node(self.raw[name], self.file, f"{self.path}.{name}" if self.path else name)

    def nodes(self, name: str, optional: bool = False) -> list[Node]:
        """The list of mappings under a word."""
        if not self.has(name) and optional:
            return []
        self._need(name)
        items = self.raw[name]
        if not isinstance(items, list):
            self.fail(name, "这里应为列表 / a list is needed here")
        return [Node(item, self.file, f"{self.path}.{name}[{place}]" if self.path else f"{name}[{place}]") for place, item in enumerate(items)]

    def text(self, name: str, default: str | None = None) -> str:
        """The text under a word; without a default it must be there."""
        if not self.has(name):
            if default is None:
                self._need(name)
            return default or ""
        value = self.raw[name]
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.fail(name, "这里应为文字 / a text is needed here", "加引号 / put it in quotes")
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The text or texts under a word; none is an empty tuple."""
        value = self.raw.get(name)
        if value is None or value == "none":
            return ()
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str | int) or isinstance(item, bool):
                self.fail(name, "这里应为文字 / texts are needed here", "加引号 / put them in quotes")
        return tuple(str(item) for item in items)

    def number(self, name: str) -> int:
        """The whole number under a word; 0 when it is not there."""
        value = self.raw.get(name, 0)
        if not isinstance(value, int) or value < 0:
            self.fail(name, "这里应为自然数 / a whole number is needed here")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false under a word."""
        value = self.raw.get(name, default)
        if not isinstance(value, bool):
            self.fail(name, "这里应为 true 或 false / true or false is needed here")
        return bool(value)

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str:
        """The text under a word, one of those allowed."""
        value = self.text(name, default)
        if value not in allowed:
            self.fail(name, f"不能是 {value} / {value} is not possible here", suggestion(value, allowed))
        return value

    def _need(self, name: str) -> None:
        if not self.has(name):
            self.fail(name, f"缺少 {name} / {name} is missing", f"补上 {name} / add {name}")
