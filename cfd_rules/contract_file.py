"""Contracts in YAML: read, checked word by word, refused with file, place and the nearest word that is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from cityweave.cfd_rules.cell import Cell, Each
from cityweave.cfd_rules.contract import ENTRIES, Contract, Op, Role
from cityweave.cfd_rules.contract_cell import cell_of, when_of
from cityweave.cfd_rules.contract_check import cross_checks
from cityweave.cfd_rules.contract_derived import joined_of, split_of
from cityweave.cfd_rules.contract_event import event_of, time_of
from cityweave.cfd_rules.contract_format import format_of
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known
from cityweave.cfd_rules.errors import ContractError, suggestion
from cityweave.cfd_rules.model import KINDS, Kind
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.yaml_text import from_yaml

DEFAULT_SEPARATORS, DEFAULT_MOST = Each(()).separators, Each(()).most

IDENTIFIERS = frozenset({"id_no", "uscc", "reg_no", "room_code", "building_code"})
"""Elements that decide who is who: their columns need `confirmed: true`."""


def load(path: Path, registry: Registry) -> Contract:
    """The contract in a YAML file. ContractError says what is wrong, where in the file, and the nearest word that is known."""
    try:
        raw = from_yaml(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ContractError("没有这个合同文件 / there is no such contract file", str(path)) from None
    except UnicodeDecodeError:
        raise ContractError("不是 UTF-8 文本 / not a text in UTF-8", path.name, "另存为 UTF-8 / save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = path.name if mark is None else f"{path.name}, 行 / line {mark.line + 1}"
        what = f"YAML 读不懂 / the YAML is not understood: {problem or type(error).__name__}"
        raise ContractError(what, where, "看这一行的缩进、冒号和引号（不可用制表符） / look at its indentation (no tabs), colons and quotes") from None
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


def load_one(folder: Path, source: str, registry: Registry) -> Contract | None:
    """The contract of one source, None when no file is one; what is wrong with other files does not matter. ContractError as in `load_all`."""
    files = [path for path in sorted(folder.glob("*.yaml")) if _source(path) == source]
    if len(files) > 1:
        raise ContractError(f"来源 {source} 有两个合同 / source {source} has two contracts", files[1].name)
    return load(files[0], registry) if files else None


def _source(path: Path) -> str:
    """The source that a file says it is a contract of; of a file that cannot be read the one it is named after."""
    try:
        raw = from_yaml(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return path.stem
    return str(raw.get("source", path.stem)) if isinstance(raw, dict) else path.stem


def parse(raw: Any, file: str, registry: Registry) -> Contract:
    """The contract that parsed YAML means."""
    top = Node(raw, file, "")
    top.only(known("contract"))
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
        format=format_of(top.node("format")),
        delivery=delivery,
        key=top.texts("key"),
        op=_op(top.node("op")) if top.has("op") else None,
        recorded_at=time_of(top, "recorded_at"),
        valid_from=time_of(top, "valid_from"),
        valid_to=time_of(top, "valid_to"),
        on_change=cast(Literal["change", "correction"], top.choice("on_change", ("change", "correction"), "correction")),
        absent=cast(Literal["retracted", "ended"], top.choice("absent", ("retracted", "ended"), "retracted")),
        duplicate_free=top.flag("duplicate_free"),
        authority=top.texts("authority"),
        records=records,
        events=tuple(event_of(node, records, registry) for node in top.nodes("events", optional=True)),
        unmapped=top.texts("unmapped"),
        headings=_headings(top),
        optional=top.texts("optional"),
        placeholders=top.texts("placeholders"),
        derived=(*joined_of(top), *split_of(top)),
    )
    cross_checks(top, contract)
    return contract


def _records_differ(top: Node, records: tuple[Role, ...]) -> None:
    names = [role.name for role in records]
    for name in names:
        if names.count(name) > 1:
            top.fail("records", f"角色 {name} 出现两次 / role {name} stands twice")
    if not records:
        top.fail("records", "至少要有一个记录 / at least one record is needed")
    if len(records) > ENTRIES:
        top.fail("records", f"记录不能超过 {ENTRIES} 个 / no more than {ENTRIES} records", "并列的列用 each / use each for columns that repeat")


def _headings(top: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not top.has("headings"):
        return ()
    node = top.node("headings")
    made = tuple((column, node.texts(column)) for column in node.words)
    names = [name for column, others in made for name in (column, *others)]
    for name in names:
        if names.count(name) > 1:
            node.fail(name, f"列名 {name} 出现两次 / heading {name} stands twice", "一个列名只能指一列 / a heading means one column")
    return made


def _op(node: Node) -> Op:
    node.only(known("op"))
    op = Op(node.text("column"), node.texts("put"), node.texts("drop"), node.texts("end"))
    words = [*op.put, *op.drop, *op.end]
    for word in words:
        if words.count(word) > 1:
            node.fail("", f"操作 {word} 有两个意思 / op {word} has two meanings")
    if not op.put:
        node.fail("put", "须写明哪些操作是登记 / say which ops put a row")
    return op


def _each(node: Node) -> Each | None:
    if not node.has("each"):
        return None
    each = node.node("each")
    each.only(known("each"))
    columns = each.texts("columns")
    if not columns:
        each.fail("columns", "至少要有一列 / at least one column is needed")
    separators = each.text("separators", DEFAULT_SEPARATORS)
    most = each.number("most") or DEFAULT_MOST
    if not 2 <= most <= ENTRIES:
        each.fail("most", f"须为 2 到 {ENTRIES} / between 2 and {ENTRIES} is possible")
    return Each(columns, separators, most)


def _role(node: Node, registry: Registry) -> Role:
    node.only(known("record"))
    kind = cast(Kind, node.choice("kind", KINDS))
    elements = node.node("elements")
    there = registry.elements[kind]
    cells = []
    for name in elements.words:
        if name not in there:
            elements.fail(name, f"{kind} 没有数据元 {name} / {kind} has no element {name}", suggestion(name, there))
        cells.append((name, _element(elements, name, there[name].cls)))
    if not any(cell.heading for _, cell in cells):
        elements.fail("", "至少要映射一列 / at least one column must be mapped")
    return Role(_role_name(node), kind, tuple(cells), when_of(node), _each(node))


def _role_name(node: Node) -> str:
    name = node.text("role")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        node.fail("role", f"角色名只能用小写字母、数字和下划线 / a role is named in a-z, 0-9 and _: {name}", "例如 / for example owner")
    return name


def _element(elements: Node, name: str, cls: str) -> Cell:
    cell = cell_of(elements, name)
    for one in (cell, *cell.cases):
        if (one.formats or one.measure in ("age", "nominal_age")) and cls != "date":
            elements.fail(name, "只有日期有格式和年龄 / only dates have formats and ages")
        if one.measure in ("head", "tail") and cls != "masked":
            elements.fail(name, "head 和 tail 只用于 id_part / head and tail are for id_part only", "id_part")
        if one.list:
            elements.fail(name, "list 只用于事件的 detail / list is for the detail of events only", "用 codes / use codes")
    raw = elements.raw[name]
    if name in IDENTIFIERS:
        for entry in raw if isinstance(raw, list) else [raw]:
            if not isinstance(entry, dict) or ("column" in entry and "confirmed" not in entry):
                todo = "confirmed: true，须由人确认 / after a person looked at it"
                elements.fail(name, "标识列须写明 confirmed / an identifier column must say confirmed", todo)
    return cell
