"""Contracts in YAML: read, checked word by word, refused with file, place and the nearest word that is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from cityweave.cfd_rules.contract import ENTRIES, EVENT_DETAILS, EVENT_ROLES, THING_KINDS, Cell, Contract, Each, Event, Op, Participant, Role
from cityweave.cfd_rules.contract_cell import cell_of, when_of
from cityweave.cfd_rules.contract_format import format_of
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known
from cityweave.cfd_rules.errors import ContractError, suggestion
from cityweave.cfd_rules.model import KINDS, SLOTS, Kind
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.yaml_text import from_yaml

DEFAULT_SEPARATORS, DEFAULT_MOST = Each(()).separators, Each(()).most
EVENT_SLOTS = 256

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
        headings=_headings(top),
        optional=top.texts("optional"),
    )
    _cross_checks(top, contract)
    return contract


def _cross_checks(top: Node, contract: Contract) -> None:
    _slots_suffice(top, contract)
    for name, columns in (("key", contract.key), ("op", (contract.op.column,) if contract.op else ())):
        if any(column in each.columns for each in contract.lists for column in columns):
            top.fail(name, f"列表列不能作 {name} / a column of lists cannot be the {name}", "换一列 / take another column")
    mapped = {element for role in contract.records for element, _ in role.elements}
    for element in contract.authority:
        if element not in mapped:
            top.fail("authority", f"没有映射数据元 {element} / element {element} is not mapped", suggestion(element, mapped))
    if contract.op and contract.delivery == "full":
        top.fail("op", "全量交付没有操作列 / a full delivery has no op column", "删去 op，或改为 delivery: delta / delete op, or say delivery: delta")
    used = (*contract.columns, *contract.unmapped)
    named = [(f"headings.{column}", column) for column, _ in contract.headings]
    named += [("format.fill_down", column) for column in contract.format.fill_down] + [("optional", column) for column in contract.optional]
    for place, column in named:
        if column not in used:
            top.fail(place, f"列 {column} 没有用到 / column {column} is not used", suggestion(column, used))
    for column in contract.optional:
        if column in contract.key:
            top.fail("optional", f"主键列 {column} 不能缺 / key column {column} can never lack", "从 optional 中删去 / delete it there")
    for column in contract.unmapped:
        if column in contract.columns:
            top.fail("unmapped", f"列 {column} 其实已映射 / column {column} is mapped after all", "从 unmapped 中删去 / delete it there")


def _records_differ(top: Node, records: tuple[Role, ...]) -> None:
    names = [role.name for role in records]
    for name in names:
        if names.count(name) > 1:
            top.fail("records", f"角色 {name} 出现两次 / role {name} stands twice")
    if not records:
        top.fail("records", "至少要有一个记录 / at least one record is needed")
    if len(records) > ENTRIES:
        top.fail("records", f"记录不能超过 {ENTRIES} 个 / no more than {ENTRIES} records", "并列的列用 each / use each for columns that repeat")
    _lists_differ(top, records)


def _lists_differ(top: Node, records: tuple[Role, ...]) -> None:
    """A column stands in one list only, and its items are told of roles of that list alone."""
    lists = {column: role.each for role in records if role.each for column in role.each.columns}
    for place, role in enumerate(records):
        if role.each and any(lists[column] != role.each for column in role.each.columns):
            top.fail(f"records[{place}].each", "一列只能属于一个列表：两处 each 须完全相同 / a column stands in one list: write both each alike")
        for element, cell in role.elements:
            if cell.column in lists and role.each != lists[cell.column]:
                what = f"列 {cell.column} 是列表 / column {cell.column} holds a list"
                top.fail(f"records[{place}].elements.{element}", what, "给这个角色也写上同样的 each / give this role the same each")


def _slots_suffice(top: Node, contract: Contract) -> None:
    """Every item has a number of its own: of records up to 4096 in a row, of events up to 256 (an edge's id has room for no more)."""
    if len(contract.events) > ENTRIES:
        top.fail("events", f"事件不能超过 {ENTRIES} 个 / no more than {ENTRIES} events")
    records = [(role.each, contract.record_slots(role.name)[1]) for role in contract.records]
    events = [(contract.each(event), contract.event_slots(place)[1]) for place, event in enumerate(contract.events)]
    for name, used, most in (("records", records, SLOTS), ("events", events, EVENT_SLOTS)):
        if any(each and second + each.most - 1 > most for each, second in used):
            top.fail(name, f"列表太多：{name} 的各项超过 {most} 个 / too many lists: more than {most} items of {name}", "减小 each.most / lower each.most")


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
    if not any(cell.column for _, cell in cells):
        elements.fail("", "至少要映射一列 / at least one column must be mapped")
    role = Role(_role_name(node), kind, tuple(cells), when_of(node), _each(node))
    if role.each and not any(cell.column in role.each.columns for _, cell in cells):
        elements.fail("", "列表中至少要用一列 / at least one column of the list must be used", f"each: {', '.join(role.each.columns)}")
    return role


def _role_name(node: Node) -> str:
    name = node.text("role")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        node.fail("role", f"角色名只能用小写字母、数字和下划线 / a role is named in a-z, 0-9 and _: {name}", "例如 / for example owner")
    return name


def _element(elements: Node, name: str, cls: str) -> Cell:
    cell = cell_of(elements, name)
    if cell.formats and cls != "date":
        elements.fail(name, "只有日期有格式 / only dates have formats")
    if name not in IDENTIFIERS or cell.constant:
        return cell
    stated = isinstance(elements.raw[name], dict) and "confirmed" in elements.raw[name]
    if not stated:
        elements.fail(name, "标识列须写明 confirmed / an identifier column must say confirmed", "confirmed: true，须由人确认 / after a person looked at it")
    return cell


def _time(node: Node, name: str) -> Cell | None:
    return cell_of(node, name) if node.has(name) else None


def _event(node: Node, records: tuple[Role, ...], registry: Registry) -> Event:
    node.only(known("event"))
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
    lists = dict.fromkeys(role.each for role in records for party in parties if role.name in party.records and role.each)
    if len(lists) > 1:
        node.fail("participants", "一个事件只能用一个列表的角色 / an event goes over one list only", "写成两个事件 / write two events")
    detail = _time(node, "detail")
    if detail and detail.list and detail.list not in registry.codes:
        node.fail("detail", f"没有代码表 {detail.list} / no code list {detail.list}", suggestion(detail.list, registry.codes))
    return Event(type_, tuple(parties), when_of(node), _time(node, "valid_from"), _time(node, "valid_to"), detail, _details(node, type_))


def _details(node: Node, type_: str) -> tuple[tuple[str, Cell], ...]:
    if not node.has("details"):
        return ()
    details, there = node.node("details"), EVENT_DETAILS.get(type_, {})
    for name in details.words:
        if name not in there:
            details.fail(name, f"事件 {type_} 没有明细 {name} / event {type_} has no detail {name}", suggestion(name, there))
    return tuple((name, cell_of(details, name)) for name in details.words)


def _participant(parent: Node, role: str, records: tuple[Role, ...], optional: bool) -> Participant:
    raw = parent.raw[role]
    names = [record.name for record in records]
    if isinstance(raw, dict):
        node = parent.node(role)
        node.only(known("participant"))
        return Participant(role, (), node.choice("thing", THING_KINDS), node.text("column"), optional)
    chosen = parent.texts(role)
    for name in chosen:
        if name not in names:
            parent.fail(role, f"没有记录角色 {name} / there is no record role {name}", suggestion(name, names))
    if len({record.each for record in records if record.name in chosen}) > 1:
        parent.fail(role, "这些角色须都来自同一列表，或都不是 / these roles must all be of one list, or none", "写成两个事件 / write two events")
    return Participant(role, chosen, optional=optional)
