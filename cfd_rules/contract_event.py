"""The events of a contract: who takes part, when, and how."""

from __future__ import annotations

from cityweave.cfd_rules.cell import Cell
from cityweave.cfd_rules.contract import EVENT_DETAILS, EVENT_ROLES, MOMENTS, THING_KINDS, Event, Participant, Role
from cityweave.cfd_rules.contract_cell import cell_of, when_of
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known
from cityweave.cfd_rules.errors import suggestion
from cityweave.cfd_rules.registry import Registry


def event_of(node: Node, records: tuple[Role, ...], registry: Registry) -> Event:
    """An entry of `events`."""
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
    detail = _time(node, "detail")
    if detail and detail.list and detail.list not in registry.codes:
        node.fail("detail", f"没有代码表 {detail.list} / no code list {detail.list}", suggestion(detail.list, registry.codes))
    succeeds = node.choice("succeeds", tuple(party.role for party in parties)) if node.has("succeeds") else ""
    if succeeds and type_ in MOMENTS:
        node.fail("succeeds", f"事件 {type_} 是一时之事，没有终止 / event {type_} happens on a day and does not last")
    return Event(type_, tuple(parties), when_of(node), time_of(node, "valid_from"), time_of(node, "valid_to"), detail, _details(node, type_), succeeds)


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
    return Participant(role, chosen, optional=optional)


def _time(node: Node, name: str) -> Cell | None:
    return cell_of(node, name) if node.has(name) else None


def time_of(node: Node, name: str) -> Cell | None:
    """A time: a column, or several of which the first counts whose condition holds."""
    cell = _time(node, name)
    for one in (cell, *cell.cases) if cell else ():
        if one.measure or one.list or any(code.since or code.until for code in one.codes):
            node.fail(name, "时间只有 column、format、pivot、pattern、when / a time has a column, formats, a pivot, a pattern and a condition only")
    return cell
