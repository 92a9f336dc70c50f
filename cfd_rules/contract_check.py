"""Whether the words of a contract go together."""

from __future__ import annotations

from cityweave.cfd_rules.contract import ENTRIES, Contract
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.errors import suggestion
from cityweave.cfd_rules.model import SLOTS

EVENT_SLOTS = 256
"""Events of a row, items of lists among them: the id of an edge has room for no more (graph/plan.py)."""


def cross_checks(top: Node, contract: Contract) -> None:
    """ContractError when words that are right by themselves do not go together."""
    _derived_differ(top, contract)
    _lists_differ(top, contract)
    _slots_suffice(top, contract)
    for name, columns in (("key", contract.key), ("op", (contract.op.column,) if contract.op else ())):
        if any(column in each.columns for each in contract.lists for column in columns):
            top.fail(name, f"列表列不能作 {name} / a column of lists cannot be the {name}", "换一列 / take another column")
    mapped = {element for role in contract.records for element, _ in role.elements}
    mapped |= {f"{role.name}.{element}" for role in contract.records for element, _ in role.elements}
    for element in contract.authority:
        if element not in mapped:
            top.fail("authority", f"没有映射数据元 {element} / element {element} is not mapped", suggestion(element, mapped))
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


def _derived_differ(top: Node, contract: Contract) -> None:
    """A derived column has a name of its own, is made of delivered ones, and is no key: keys are what was delivered."""
    names = [made.name for made in contract.derived]
    for made in contract.derived:
        place = f"split.{made.columns[0]}" if made.pattern else f"joined.{made.name}"
        if names.count(made.name) > 1 or made.name in made.columns:
            top.fail(place, f"列名 {made.name} 已用过 / column {made.name} is there already", "另取一个名字 / choose another name")
        if any(column in names for column in made.columns):
            top.fail(place, "只能由交付的列组成 / it is made of delivered columns only")
    for column in (*contract.key, *((contract.op.column,) if contract.op else ()), *(column for each in contract.lists for column in each.columns)):
        if column in names:
            place = "key" if column in contract.key else "op"
            top.fail(place, f"{column} 不是交付的列 / {column} is no delivered column", "写交付的列 / name delivered columns")


def _lists_differ(top: Node, contract: Contract) -> None:
    """A column stands in one list only, and its items are told of roles of that list alone."""
    lists = {column: each for each in contract.lists for column in each.columns}
    for place, role in enumerate(contract.records):
        if role.each and any(lists[column] != role.each for column in role.each.columns):
            top.fail(f"records[{place}].each", "一列只能属于一个列表：两处 each 须完全相同 / a column stands in one list: write both each alike")
        if role.each and {element for element, cell in role.elements if set(cell.columns) & set(role.each.columns)} == {"former_name"}:
            what = "几个曾用名是同一主体的，不用 each / several former names are one's own and need no each"
            top.fail(f"records[{place}].each", what, f"former_name: {role.each.columns[0]}")
        own = {lists.get(delivered) for _, cell in role.elements for column in cell.columns for delivered in contract.delivered(column)}
        if role.each and role.each not in own:
            what = "列表中至少要用一列 / at least one column of the list must be used"
            top.fail(f"records[{place}].elements", what, f"each: {', '.join(role.each.columns)}")
        for element, cell in role.elements:
            strange = [one for column in cell.columns for one in contract.delivered(column) if lists.get(one, role.each) != role.each]
            if strange:
                what = f"列 {strange[0]} 是列表 / column {strange[0]} holds a list"
                top.fail(f"records[{place}].elements.{element}", what, "给这个角色也写上同样的 each / give this role the same each")


    for place, event in enumerate(contract.events):
        eaches = {party.role: {role.each for role in contract.records if role.name in party.records} for party in event.participants}
        for name, own in eaches.items():
            if len(own) > 1:
                what = "这些角色须都来自同一列表，或都不是 / these roles must all be of one list, or none"
                top.fail(f"events[{place}].participants.{name}", what, "写成两个事件 / write two events")
        if len({each for own in eaches.values() for each in own if each}) > 1:
            what = "一个事件只能用一个列表的角色 / an event goes over one list only"
            top.fail(f"events[{place}].participants", what, "写成两个事件 / write two events")


def _slots_suffice(top: Node, contract: Contract) -> None:
    """Every item has a number of its own: of records up to 4096 in a row, of events up to 256 (an edge's id has room for no more)."""
    if len(contract.events) > ENTRIES:
        top.fail("events", f"事件不能超过 {ENTRIES} 个 / no more than {ENTRIES} events")
    records = [(role.each, contract.record_slots(role.name)[1]) for role in contract.records]
    events = [(contract.each(event), contract.event_slots(place)[1]) for place, event in enumerate(contract.events)]
    for name, used, most in (("records", records, SLOTS), ("events", events, EVENT_SLOTS)):
        if any(each and second + each.most - 1 > most for each, second in used):
            top.fail(name, f"列表太多：{name} 的各项超过 {most} 个 / too many lists: more than {most} items of {name}", "减小 each.most / lower each.most")
