"""Contracts in YAML: read, checked word by word, refused with file, place and the nearest word that is known."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from cityweave.cfd_rules.contract import (
    EVENT_DETAILS,
    EVENT_ROLES,
    FILE_KINDS,
    THING_KINDS,
    Cell,
    Contract,
    Event,
    FileKind,
    Format,
    Op,
    Participant,
    Role,
    When,
)
from cityweave.cfd_rules.errors import ContractError, suggestion
from cityweave.cfd_rules.model import KINDS, SLOTS, Kind
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.yaml_text import from_yaml

IDENTIFIERS = frozenset({"id_no", "uscc", "reg_no", "room_code", "building_code"})
"""Elements that decide who is who: their columns need `confirmed: true`."""


def load(path: Path, registry: Registry) -> Contract:
    """The contract in a YAML file. ContractError says what is wrong, where in the file, and the nearest word that is known."""
    try:
        raw = from_yaml(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ContractError("没有这个合同文件 / there is no such contract file", str(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"不是 UTF-8 的 YAML / not YAML in UTF-8: {error}", path.name) from None
    return parse(raw, path.name, registry)


def load_all(folder: Path, registry: Registry) -> tuple[Contract, ...]:
    """Every contract of a folder, by source. ContractError also when a source stands in two files."""
    contracts: dict[str, Contract] = {}
    for path in sorted(folder.glob("*.yaml")):
        contract = load(path, registry)
        if contract.source in contracts:
            raise ContractError(f"来源 {contract.source} 有两个合同 / source {contract.source} has two contracts", path.name)
        contracts[contract.source] = contract
    return tuple(contracts[source] for source in sorted(contracts))


def parse(raw: Any, file: str, registry: Registry) -> Contract:
    """The contract that parsed YAML means."""
    top = _Node(raw, file, "")
    top.only(
        "source title department format delivery key op recorded_at valid_from valid_to on_change absent duplicate_free authority records events unmapped"
    )
    source = top.text("source")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", source):
        top.fail("source", f"来源名只能用小写字母、数字和下划线 / a source is named in a-z, 0-9 and _: {source}")
    delivery = cast(Literal["full", "delta"], top.choice("delivery", ("full", "delta")))
    records = tuple(_role(node, registry) for node in top.nodes("records"))
    _records_differ(top, records)
    contract = Contract(
        source=source,
        title=top.text("title", ""),
        department=top.text("department", ""),
        format=_format(top.node("format")),
        delivery=delivery,
        key=top.texts("key"),
        op=_op(top.node("op")) if top.has("op") else None,
        recorded_at=_time(top, "recorded_at"),
        valid_from=_time(top, "valid_from"),
        valid_to=_time(top, "valid_to"),
        on_change=cast(Literal["change", "correction"], top.choice("on_change", ("change", "correction"), "correction")),
        absent=cast(Literal["retracted", "ended"], top.choice("absent", ("retracted", "ended"), "retracted")),
        duplicate_free=top.flag("duplicate_free"),
        authority=top.texts("authority"),
        records=records,
        events=tuple(_event(node, records, registry) for node in top.nodes("events", optional=True)),
        unmapped=top.texts("unmapped"),
    )
    _cross_checks(top, contract)
    return contract


def _cross_checks(top: _Node, contract: Contract) -> None:
    mapped = {element for role in contract.records for element, _ in role.elements}
    for element in contract.authority:
        if element not in mapped:
            top.fail("authority", f"没有映射数据元 {element} / element {element} is not mapped", suggestion(element, mapped))
    if contract.op and contract.delivery == "full":
        top.fail("op", "全量交付没有操作列 / a full delivery has no op column", "删去 op，或改为 delivery: delta / delete op, or say delivery: delta")
    for column in contract.unmapped:
        if column in contract.columns:
            top.fail("unmapped", f"列 {column} 其实已映射 / column {column} is mapped after all", "从 unmapped 中删去 / delete it there")


def _records_differ(top: _Node, records: tuple[Role, ...]) -> None:
    names = [role.name for role in records]
    for name in names:
        if names.count(name) > 1:
            top.fail("records", f"角色 {name} 出现两次 / role {name} stands twice")
    if not 0 < len(records) < SLOTS:
        top.fail("records", "至少要有一个记录 / at least one record is needed")


def _format(node: _Node) -> Format:
    node.only("kind encoding separator quote skip header sheet")
    kind = cast(FileKind, node.choice("kind", FILE_KINDS))
    encoding = node.text("encoding", "utf-8")
    try:
        codecs.lookup(encoding)
    except LookupError:
        node.fail("encoding", f"不认识的编码 {encoding} / unknown encoding {encoding}", suggestion(encoding, ("utf-8", "gb18030", "gbk", "big5", "utf-16")))
    separator = node.text("separator", "\t" if kind == "tsv" else ",")
    if len(separator) != 1:
        node.fail("separator", "分隔符须为一个字符 / the separator is one character", '制表符写作 "\\t" / a tab is written "\\t"')
    return Format(kind, encoding, separator, node.text("quote", '"'), node.number("skip"), node.flag("header", True), node.text("sheet", ""))


def _op(node: _Node) -> Op:
    node.only("column put drop end")
    op = Op(node.text("column"), node.texts("put"), node.texts("drop"), node.texts("end"))
    words = [*op.put, *op.drop, *op.end]
    for word in words:
        if words.count(word) > 1:
            node.fail("", f"操作 {word} 有两个意思 / op {word} has two meanings")
    if not op.put:
        node.fail("put", "须写明哪些操作是登记 / say which ops put a row")
    return op


def _role(node: _Node, registry: Registry) -> Role:
    node.only("role kind when elements")
    kind = cast(Kind, node.choice("kind", KINDS))
    elements = node.node("elements")
    known = registry.elements[kind]
    cells = []
    for name in elements.words:
        if name not in known:
            elements.fail(name, f"{kind} 没有数据元 {name} / {kind} has no element {name}", suggestion(name, known))
        cells.append((name, _element(elements, name, known[name].cls)))
    if not any(cell.column for _, cell in cells):
        elements.fail("", "至少要映射一列 / at least one column must be mapped")
    return Role(node.text("role"), kind, tuple(cells), _when(node))


def _element(elements: _Node, name: str, cls: str) -> Cell:
    cell = _cell(elements, name)
    if cell.formats and cls != "date":
        elements.fail(name, "只有日期有格式 / only dates have formats")
    if name not in IDENTIFIERS or cell.constant:
        return cell
    stated = isinstance(elements.raw[name], dict) and "confirmed" in elements.raw[name]
    if not stated:
        elements.fail(name, "标识列须写明 confirmed / an identifier column must say confirmed", "confirmed: true，须由人确认 / after a person looked at it")
    return cell


def _time(node: _Node, name: str) -> Cell | None:
    return _cell(node, name) if node.has(name) else None


def _cell(parent: _Node, name: str) -> Cell:
    raw = parent.raw[name]
    if isinstance(raw, str):
        return Cell(column=raw)
    node = parent.node(name)
    node.only("column constant format formats codes list pattern measure confirmed")
    if node.has("column") == node.has("constant"):
        node.fail("", "须写 column 或 constant 之一 / say either column or constant")
    pattern = node.text("pattern", "")
    try:
        if pattern and re.compile(pattern).groups != 1:
            node.fail("pattern", "正则须恰有一组括号 / the pattern needs exactly one group")
    except re.error as error:
        node.fail("pattern", f"不是正则表达式 / not a regular expression: {error}")
    formats = (*node.texts("format"), *node.texts("formats"))
    for form in formats:
        if not re.fullmatch(r"[^YMD]*(YYYY|MM?|DD?)([^YMD]*)(YYYY|MM?|DD?)([^YMD]*)(YYYY|MM?|DD?)[^YMD]*", form):
            node.fail("format", f"不是日期格式 {form} / not a date format {form}", "例如 YYYYMMDD、YYYY-MM-DD、DD/MM/YYYY / for example")
    measure = cast(Literal["", "millionths"], node.choice("measure", ("", "millionths"), ""))
    codes: tuple[tuple[str, str], ...] = ()
    if node.has("codes"):
        codes = tuple((str(word), str(code)) for word, code in node.node("codes").raw.items())
    listed = node.text("list", "").lstrip("@")
    return Cell(node.text("column", ""), node.text("constant", ""), formats, codes, listed, pattern, measure, node.flag("confirmed", True))


def _when(node: _Node) -> When:
    if not node.has("when"):
        return When()
    when = node.node("when")
    when.only("filled equals")
    equals = when.node("equals") if when.has("equals") else None
    return When(when.texts("filled"), tuple((column, equals.texts(column)) for column in equals.words) if equals else ())


def _event(node: _Node, records: tuple[Role, ...], registry: Registry) -> Event:
    node.only("type when participants optional valid_from valid_to detail details")
    type_ = node.choice("type", tuple(EVENT_ROLES))
    optional = node.texts("optional")
    participants = node.node("participants")
    parties = []
    for role in participants.words:
        if role not in EVENT_ROLES[type_]:
            participants.fail(role, f"事件 {type_} 没有角色 {role} / event {type_} has no role {role}", suggestion(role, EVENT_ROLES[type_]))
        parties.append(_participant(participants, role, records, role in optional))
    if not any(not party.optional and (party.records or type_ == "tender") for party in parties):
        participants.fail("", "至少要有一个必有的记录 / at least one record must take part")
    detail = _time(node, "detail")
    if detail and detail.list and detail.list not in registry.codes:
        node.fail("detail", f"没有代码表 {detail.list} / no code list {detail.list}", suggestion(detail.list, registry.codes))
    return Event(type_, tuple(parties), _when(node), _time(node, "valid_from"), _time(node, "valid_to"), detail, _details(node, type_))


def _details(node: _Node, type_: str) -> tuple[tuple[str, Cell], ...]:
    if not node.has("details"):
        return ()
    details, known = node.node("details"), EVENT_DETAILS.get(type_, {})
    for name in details.words:
        if name not in known:
            details.fail(name, f"事件 {type_} 没有明细 {name} / event {type_} has no detail {name}", suggestion(name, known))
    return tuple((name, _cell(details, name)) for name in details.words)


def _participant(parent: _Node, role: str, records: tuple[Role, ...], optional: bool) -> Participant:
    raw = parent.raw[role]
    names = [record.name for record in records]
    if isinstance(raw, dict):
        node = parent.node(role)
        node.only("thing column")
        return Participant(role, (), node.choice("thing", THING_KINDS), node.text("column"), optional)
    chosen = parent.texts(role)
    for name in chosen:
        if name not in names:
            parent.fail(role, f"没有记录角色 {name} / there is no record role {name}", suggestion(name, names))
    return Participant(role, chosen, optional=optional)


@dataclass(frozen=True)
class _Node:
    """A mapping in the YAML, with the way to it for error messages."""

    raw: Any
    file: str
    path: str

    def __post_init__(self) -> None:
        if not isinstance(self.raw, Mapping):
            self.fail("", "这里应为键值 / a mapping is needed here")

    def fail(self, name: str, what: str, todo: str = "") -> None:
        place = ".".join(part for part in (self.path, name) if part) or "(最外层 / top)"
        raise ContractError(what, f"{self.file}: {place}", todo)

    def only(self, known: str) -> None:
        for word in self.raw:
            if word not in known.split():
                self.fail(str(word), f"不认识的词 {word} / unknown word {word}", suggestion(str(word), known.split()))

    def has(self, name: str) -> bool:
        return self.raw.get(name) is not None

    @property
    def words(self) -> list[str]:
        return [str(word) for word in self.raw]

    def node(self, name: str) -> _Node:
        self._need(name)
        return _Node(self.raw[name], self.file, f"{self.path}.{name}" if self.path else name)

    def nodes(self, name: str, optional: bool = False) -> list[_Node]:
        if not self.has(name) and optional:
            return []
        self._need(name)
        items = self.raw[name]
        if not isinstance(items, list):
            self.fail(name, "这里应为列表 / a list is needed here")
        return [_Node(item, self.file, f"{self.path}.{name}[{place}]" if self.path else f"{name}[{place}]") for place, item in enumerate(items)]

    def text(self, name: str, default: str | None = None) -> str:
        if not self.has(name):
            if default is None:
                self._need(name)
            return default or ""
        value = self.raw[name]
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.fail(name, "这里应为文字 / a text is needed here", "加引号 / put it in quotes")
        return str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.raw.get(name)
        if value is None or value == "none":
            return ()
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str | int) or isinstance(item, bool):
                self.fail(name, "这里应为文字 / texts are needed here", "加引号 / put them in quotes")
        return tuple(str(item) for item in items)

    def number(self, name: str) -> int:
        value = self.raw.get(name, 0)
        if not isinstance(value, int) or value < 0:
            self.fail(name, "这里应为自然数 / a whole number is needed here")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.raw.get(name, default)
        if not isinstance(value, bool):
            self.fail(name, "这里应为 true 或 false / true or false is needed here")
        return bool(value)

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.fail(name, f"不能是 {value} / {value} is not possible here", suggestion(value, allowed))
        return value

    def _need(self, name: str) -> None:
        if not self.has(name):
            self.fail(name, f"缺少 {name} / {name} is missing", f"补上 {name} / add {name}")
