"""Service rules as data: `load` reads one from YAML and refuses what it does not understand, with file, place and the nearest known word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cityweave.cfd_rules.yaml_text import from_yaml
from cityweave.engine.errors import RuleError
from cityweave.graph.model_service import REASONS, SUBJECTS, ServiceRule

SHIPPED = Path(__file__).parent / "services"
BASES = ("household", "permit", "residence")
LEAVE_OUT = ("opted_out", "dead", "cancelled", "holds", "attends", "renewed", "moved_out")
WITHIN = {"age": ("month", "days", "school_year"), "expires": ("days", "month")}


def load(path: Path) -> ServiceRule:
    """The rule in a YAML file; RuleError says what is wrong with it and where."""
    try:
        said = from_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RuleError("服务规则读不出来 / the service rule cannot be read", path.name, "应为 UTF-8 的 YAML / it should be YAML in UTF-8") from error
    return _Reader(path.name).rule(said)


def load_all(folder: Path) -> dict[str, ServiceRule]:
    """Every rule of a folder, by name."""
    rules: dict[str, ServiceRule] = {}
    for path in sorted(folder.glob("*.yaml")):
        rule = load(path)
        if rule.name in rules:
            raise RuleError(f"名单 {rule.name} 有两份 / there are two lists called {rule.name}", path.name, "改名或删去一份 / rename one or remove it")
        rules[rule.name] = rule
    return rules


@cache
def shipped() -> Mapping[str, ServiceRule]:
    """The rules that ship."""
    return load_all(SHIPPED)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file

    def rule(self, said: Any) -> ServiceRule:
        self._only("", said, ("list", "zh", "en", "of", "when", "residence", "leave_out", "holds", "kinds", "not_kinds", "needs"))
        when = said.get("when")
        self._only("when", when, ("age", "expires", "within"))
        kind = next((word for word in ("age", "expires") if word in when), "")
        if not kind:
            self._fail("when", "须写 age 或 expires / say age or expires")
        within = self._word("when.within", when.get("within"), WITHIN[kind])
        age = when.get("age", 0)
        if kind == "age" and not (isinstance(age, int) and 0 < age <= 150):
            self._fail("when.age", "年龄应为 1 到 150 / an age is from 1 to 150")
        residence = said.get("residence") or {}
        self._only("residence", residence, ("basis", "confirm"))
        confirm = residence.get("confirm") or {}
        self._only("residence.confirm", confirm, BASES)
        if any(not isinstance(months, int) or months < 1 for months in confirm.values()):
            self._fail("residence.confirm", "应为月数 / months are needed")
        return ServiceRule(
            name=self._text("list", said),
            zh=self._text("zh", said),
            en=self._text("en", said),
            when=kind,
            within=within,
            age=age,
            basis=self._words("residence.basis", residence.get("basis"), BASES),
            confirm=tuple(confirm.items()),
            leave_out=self._words("leave_out", said.get("leave_out"), LEAVE_OUT),
            holds=self._words("holds", said.get("holds")),
            kinds=self._words("kinds", said.get("kinds")),
            not_kinds=self._words("not_kinds", said.get("not_kinds")),
            needs=tuple(self._need(item) for item in said.get("needs") or ()),
        )

    def _need(self, said: Any) -> tuple[str, tuple[str, ...], str, str]:
        self._only("needs", said, ("event", "details", "zh", "en", "then_zh", "then_en"))
        event = self._word("needs.event", said.get("event"), tuple(SUBJECTS))
        zh, en, then_zh, then_en = (self._text(name, said) for name in ("zh", "en", "then_zh", "then_en"))
        return event, self._words("needs.details", said.get("details")), f"{zh} / {en}", f"{then_zh} / {then_en}"

    def _text(self, name: str, said: Mapping[str, Any]) -> str:
        found = said.get(name)
        if not isinstance(found, str) or not found.strip():
            self._fail(name, f"缺少 {name} / {name} is missing")
        return str(found).strip()

    def _words(self, place: str, said: Any, known: Iterable[str] = ()) -> tuple[str, ...]:
        items = [] if said is None else said if isinstance(said, list) else [said]
        return tuple(self._word(place, item, tuple(known)) if known else str(item) for item in items)

    def _word(self, place: str, said: Any, known: tuple[str, ...]) -> str:
        if said not in known:
            near = get_close_matches(str(said), known, 1)
            self._fail(place, f"不认识 {said} / {said} is not known", f"可用 / use: {', '.join(near or known)}")
        return str(said)

    def _only(self, place: str, said: Any, known: tuple[str, ...]) -> None:
        if not isinstance(said, Mapping):
            self._fail(place, "这里应为键值 / a mapping is needed here")
        for word in said:
            if word not in known:
                near = get_close_matches(str(word), known, 1)
                self._fail(f"{place}.{word}".strip("."), f"不认识的词 {word} / unknown word {word}", f"可用 / use: {', '.join(near or known)}")

    def _fail(self, place: str, what: str, todo: str = "") -> None:
        raise RuleError(what, f"services/{self._file}: {place}", todo or "见 docs/services.md / see docs/services.md")


assert set(LEAVE_OUT) <= set(REASONS)
