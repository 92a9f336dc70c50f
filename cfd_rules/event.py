"""From versions to events: what a row says happened or held, who and what took part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cityweave.cfd_rules.classes import Sql, text_literal
from cityweave.cfd_rules.cleaned import ITEM_OF, Values
from cityweave.cfd_rules.contract import BEGINNINGS, MOMENTS, Contract, Event, Participant
from cityweave.cfd_rules.item import item_table, reads_of, rows_of, slot_of_item
from cityweave.cfd_rules.model import EVENT, EVENT_DETAIL, PARTICIPANT, THING
from cityweave.cfd_rules.record import nothing, present
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.model import Step


def event_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`event`: one SELECT an event of a contract, one line a version.

    A later version that tells the same event anew replaces it; one that tells another from a later day on closes its interval and both stay known.
    """
    selects: list[Sql] = []
    reads: list[str] = []
    for contract in contracts:
        for slot, event in enumerate(contract.events):
            selects += _event(contract, slot, event, registry)
            reads += reads_of(contract, contract.each(event))
    return Step(
        writes=EVENT,
        says="事件 / events",
        reads=tuple(dict.fromkeys(reads)),
        sql="\nUNION ALL\n".join(selects) or nothing(EVENT),
        total=("batch", "event_id"),
    )


def participant_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`participant`: one SELECT a role of an event."""
    selects: list[Sql] = []
    reads: list[str] = []
    for contract in contracts:
        values = Values(contract, registry)
        for slot, event in enumerate(contract.events):
            for party in event.participants:
                selects.append(_participant(contract, slot, event, party, values))
                reads += [*reads_of(contract, contract.each(event)), *(("address",) if party.thing == "address" else ())]
    return Step(
        writes=PARTICIPANT,
        says="事件参与者 / participants of events",
        reads=tuple(dict.fromkeys(reads)),
        sql="\nUNION ALL\n".join(selects) or nothing(PARTICIPANT),
    )


def event_detail_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`event_detail`: one SELECT a named detail of an event."""
    selects: list[Sql] = []
    reads: list[str] = []
    for contract in contracts:
        values = Values(contract, registry)
        for place, event in enumerate(contract.events):
            each = contract.each(event)
            for name, cell in event.details:
                said = values.named_detail(event.type, name, cell, each)
                selects.append(
                    f"SELECT v.first_id + {slot_of_item(contract.event_slots(place), each)} AS event_id, v.batch, v.row_no, {text_literal(name)} AS name, "
                    f"{said} AS value {rows_of(contract, each)} WHERE {_happens(contract, event, values)} AND {said} IS NOT NULL"
                )
                reads += reads_of(contract, each)
    return Step(
        writes=EVENT_DETAIL,
        says="事件的各项明细 / details of events that have several",
        reads=tuple(dict.fromkeys(reads)),
        sql="\nUNION ALL\n".join(selects) or nothing(EVENT_DETAIL),
    )


def thing_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`thing`: every participant that is not resolved, once."""
    selects: list[Sql] = []
    reads: list[str] = []
    for contract in contracts:
        values = Values(contract, registry)
        for event in contract.events:
            for party in event.participants:
                if party.thing:
                    each = contract.each(event)
                    cell = values.thing(party.thing, party.column, each)
                    table = item_table(contract, each) if each and cell.startswith(f"{ITEM_OF}.") else f"value_{contract.source}"
                    key, join = _thing_key(party, cell)
                    selects.append(f"SELECT '{party.thing}' AS kind, {key} AS key FROM {table} {cell[0]}{join} WHERE {key} IS NOT NULL")
                    reads += [table, *(("address",) if party.thing == "address" else ())]
    told = "\nUNION ALL\n".join(selects)
    return Step(
        writes=THING,
        says="事物 / things",
        reads=tuple(dict.fromkeys(reads)),
        sql=f"SELECT DISTINCT {_thing_id('kind', 'key')} AS thing_id, kind, key FROM ({told}) t" if told else nothing(THING),
    )


_WHO = frozenset({"name", "id_no", "uscc", "reg_no", "room_code", "building_code"})


@dataclass(frozen=True)
class _Columns:
    """What an event says, as SQL over a row v of value_<source>."""

    event_id: Sql
    valid_from: Sql
    valid_to: Sql
    detail: Sql
    told: Sql  # digest of who and what is told


def _event(contract: Contract, slot: int, event: Event, registry: Registry) -> list[Sql]:
    """The SELECTs of an event. Only versions of a key that has several, of a source where a row changes what held, must be looked at together."""
    values, each = Values(contract, registry), contract.each(event)
    valid_to = f"as_date({values.date(event.valid_to, each)})" if event.valid_to else _row_valid_to(contract, event)
    said = _Columns(
        f"v.first_id + {slot_of_item(contract.event_slots(slot), each)}",
        f"as_date({values.date(event.valid_from, each)})" if event.valid_from else _row_valid_from(contract, event, valid_to, values),
        valid_to,
        "CAST(NULL AS VARCHAR)" if event.detail is None else values.detail(event.detail, each),
        _told(contract, event, values),
    )
    rows = f"{rows_of(contract, each)} WHERE {_happens(contract, event, values)}"
    moment = event.type in MOMENTS
    ended = said.valid_to if moment else f"CASE WHEN v.closed = 'ended' THEN coalesce({said.valid_to}, v.valid_to) ELSE {said.valid_to} END"
    simple = f"""SELECT {said.event_id} AS event_id, v.batch, v.row_no, '{event.type}' AS type, '{contract.source}' AS source, v.known_from, v.known_to,
v.recorded_at, {said.valid_from} AS valid_from, {ended} AS valid_to, v.closed, v.closed_on, {said.detail} AS detail {rows}"""
    if moment or contract.on_change == "correction":
        return [simple]
    return [f"{simple} AND v.alone", _changing(contract, slot, event, said, f"{rows} AND NOT v.alone")]


def _row_valid_from(contract: Contract, event: Event, valid_to: Sql, values: Values) -> Sql:
    """Since when what a row tells holds, where the event does not say: since when the row does.

    Nobody was born on the day that his row was recorded, and what had ended by that day began on no day that we know.
    """
    row_from = "v.recorded_at" if contract.valid_from and not contract.dated(event) else "v.valid_from"
    if event.type in BEGINNINGS:
        days = [f"as_date({values.element(role, BEGINNINGS[event.type][1], cell)})" for role, cell in contract.begun(event)]
        return f"coalesce({', '.join([*days, f'CASE WHEN {row_from} <> v.recorded_at THEN {row_from} END'])})"
    return f"CASE WHEN {valid_to} <= {row_from} AND {row_from} = v.recorded_at THEN CAST(NULL AS DATE) ELSE {row_from} END" if event.valid_to else row_from


def _row_valid_to(contract: Contract, event: Event) -> Sql:
    """Until when what a row tells holds, where the event does not say: until when the row says that it holds itself."""
    if contract.valid_to is None or event.type in MOMENTS:
        return "CAST(NULL AS DATE)"
    return "CASE WHEN v.closed = 'changed' THEN CAST(NULL AS DATE) ELSE v.valid_to END"


def _changing(contract: Contract, slot: int, event: Event, said: _Columns, rows: Sql) -> Sql:
    """The versions of events that change: a version that tells the same anew replaces the one before; one that tells another closes its interval."""
    name = f"{contract.source}_{slot}"
    return f"""SELECT event_id, batch, row_no, '{event.type}' AS type, '{contract.source}' AS source, known_from,
CASE WHEN closed = 'changed' AND (told_after IS NULL OR (told_after <> told AND from_after > valid_from)) THEN CAST(NULL AS DATE) ELSE known_to END AS known_to,
recorded_at, valid_from,
CASE WHEN closed = 'changed' AND told_after IS NULL THEN coalesce(valid_to, row_valid_to)
WHEN closed = 'changed' AND told_after <> told AND from_after > valid_from AND (valid_to IS NULL OR valid_to > from_after) THEN from_after
WHEN closed = 'ended' THEN coalesce(valid_to, row_valid_to) ELSE valid_to END AS valid_to, closed, closed_on, detail
FROM (SELECT *, CASE WHEN batch_after = next_batch THEN next_told END AS told_after, CASE WHEN batch_after = next_batch THEN next_from END AS from_after
FROM (SELECT *, lead(batch) OVER (PARTITION BY event_id ORDER BY batch) AS batch_after, lead(told) OVER (PARTITION BY event_id ORDER BY batch) AS next_told,
lead(valid_from) OVER (PARTITION BY event_id ORDER BY batch) AS next_from
FROM ({_runs(contract, slot, event, said, rows)}) runs_{name}) next_{name}) after_{name}"""


def _runs(contract: Contract, slot: int, event: Event, said: _Columns, rows: Sql) -> Sql:
    """The versions of an event. One whose time is not its own holds since the first of the versions in a row that tell the same."""
    versions = f"""SELECT {said.event_id} AS event_id, v.batch, v.row_no, v.known_from, v.known_to, v.recorded_at, {said.valid_from} AS valid_from,
{said.valid_to} AS valid_to, v.valid_to AS row_valid_to, v.closed, v.closed_on, v.next_batch, {said.detail} AS detail, {said.told} AS told {rows}"""
    fixed = _date_of_the_whole(contract, event)
    if event.valid_from and not fixed:
        return versions
    name = f"{contract.source}_{slot}"
    kept = "event_id, batch, row_no, known_from, known_to, recorded_at, valid_to, row_valid_to, closed, closed_on, next_batch, detail, told"
    unmoved = "CASE WHEN told_before <> told AND valid_from <= from_before THEN CASE WHEN recorded_at > from_before THEN recorded_at ELSE known_from END END"
    since = "min(valid_from) OVER (PARTITION BY event_id, run)"
    return f"""SELECT {kept}, {f"coalesce(max({unmoved}) OVER (PARTITION BY event_id, run), {since})" if fixed else since} AS valid_from
FROM (SELECT *, sum(CASE WHEN told_before = told THEN 0 ELSE 1 END) OVER (PARTITION BY event_id ORDER BY batch
ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
FROM (SELECT *, lag(told) OVER (PARTITION BY event_id ORDER BY batch) AS told_before,
lag(valid_from) OVER (PARTITION BY event_id ORDER BY batch) AS from_before FROM ({versions}) rows_{name}) before_{name}) run_{name}"""


def _date_of_the_whole(contract: Contract, event: Event) -> bool:
    """Whether the event's first day is one of the row or of what was born or founded: it stays when what the event tells changes."""
    if event.valid_from is None:
        return contract.valid_from is not None
    begun = {other.valid_from.column for other in contract.events if other.type in ("birth", "founding") and other.valid_from}
    return event.valid_from.column in begun


def _told(contract: Contract, event: Event, values: Values) -> Sql:
    """A digest of what is told: who and what by their delivered cells, the detail, and the time where it is stated."""
    each = contract.each(event)
    told = []
    for party in event.participants:
        for name in party.records:
            role = contract.role(name)
            told += [values.element(role, element, cell) for element, cell in role.elements if not cell.constant and element in _WHO]
        if party.column:
            told.append(values.thing(party.thing, party.column, each))
    if event.detail and not event.detail.constant:
        told.append(values.detail(event.detail, each))
    if event.valid_from and not event.valid_from.constant:
        told.append(values.date(event.valid_from, each))
    return "md5(" + " || '␟' || ".join(f"coalesce({value}, '')" for value in dict.fromkeys(told)) + ")"


def _happens(contract: Contract, event: Event, values: Values) -> Sql:
    """True when a row, or an item of its list, tells the event: its condition holds and every participant that must be there is."""
    each = contract.each(event)
    parts = values.condition(event.when, each)
    for party in event.participants:
        if party.optional:
            continue
        if party.thing:
            parts.append(f"{values.thing(party.thing, party.column, each)} IS NOT NULL")
        else:
            parts.append("(" + " OR ".join(f"({present(contract.role(name), values)})" for name in party.records) + ")")
    return " AND ".join(parts)


def _participant(contract: Contract, slot: int, event: Event, party: Participant, values: Values) -> Sql:
    each = contract.each(event)
    event_id = f"v.first_id + {slot_of_item(contract.event_slots(slot), each)}"
    head, rows = f"SELECT {event_id} AS event_id, v.batch, v.row_no, {text_literal(party.role)} AS role", rows_of(contract, each)
    if party.thing:
        key, join = _thing_key(party, values.thing(party.thing, party.column, each))
        thing = _thing_id(text_literal(party.thing), key)
        return f"{head}, CAST(NULL AS BIGINT) AS record_id, {thing} AS thing_id {rows}{join} WHERE {_happens(contract, event, values)} AND {key} IS NOT NULL"
    roles = [contract.role(name) for name in party.records]
    there = {role.name: f"({present(role, values)})" for role in roles}
    cases = [f"WHEN {there[role.name]} THEN v.first_id + {slot_of_item(contract.record_slots(role.name), role.each)}" for role in roles]
    some = " OR ".join(there.values())
    return f"{head}, CASE {' '.join(cases)} END AS record_id, CAST(NULL AS VARCHAR) AS thing_id {rows} WHERE {_happens(contract, event, values)} AND ({some})"


def _thing_key(party: Participant, cell: Sql) -> tuple[Sql, Sql]:
    """The key of a thing, and the join it needs: an address is known by its norm."""
    return ("a.norm", f" JOIN address a ON a.text = {cell}") if party.thing == "address" else (cell, "")


def _thing_id(kind: Sql, key: Sql) -> Sql:
    return f"md5({kind} || '|' || {key})"
