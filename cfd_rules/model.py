"""Read me first: what floor 2 takes (batches of the log) and what it emits (records, events, violations, repairs), a line a field.

The way of a value: delivered bytes -> read_<source>_<batch> (text as delivered) -> row_<source> (which row speaks for which key)
-> version_<source> (from when to when we knew it) -> record_<kind>, event, participant -> violation, repair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

from cityweave.engine.model import Column, Table

Kind: TypeAlias = Literal["person", "legal_entity", "building", "room"]
KINDS: tuple[Kind, ...] = ("building", "room", "person", "legal_entity")
"""The four kinds of entity, in the order they are resolved."""

ROW_BITS = 12
BATCH_BITS = 43
SLOTS = 1 << ROW_BITS
"""record_id = batch << 43 | row << 12 | slot, of the first sight of the key."""


@dataclass(frozen=True)
class Batch:
    """One delivery in the log."""

    number: int  # 1, 2, … over the whole log
    source: str
    path: Path  # the delivered bytes, as kept in the log
    sha256: str  # of these bytes
    delivered: date  # `deliver --on`: from when on we know it
    file_name: str  # as the department named it


@dataclass(frozen=True)
class DeliveryCheck:
    """What a look at a delivered file found, before anything enters the log."""

    rows: int  # data rows in the file
    quarantined: int  # of these, rows that cannot be read
    problems: tuple[tuple[int, str], ...]  # the first few: data row, reason
    unmapped: tuple[str, ...]  # delivered columns of which the contract says nothing: never carried on
    ignored: int = 0  # rows that are none: empty, totals, footnotes, headings once more

    @property
    def share_millionths(self) -> int:
        """The share of quarantined rows, in millionths."""
        return self.quarantined * 1_000_000 // self.rows if self.rows else 0


def first_id(batch: int, row_no: int, slot: int = 0) -> int:
    """The record_id (or event_id) of slot `slot` of a data row."""
    return batch << BATCH_BITS | row_no << ROW_BITS | slot


def _of(id_: int) -> tuple[int, int, int]:
    return id_ >> BATCH_BITS, (id_ >> ROW_BITS) & ((1 << (BATCH_BITS - ROW_BITS)) - 1), id_ & (SLOTS - 1)


def batch_of(id_: int) -> int:
    """The batch in which the record was first seen."""
    return _of(id_)[0]


def row_of(id_: int) -> int:
    """The data row in which the record was first seen."""
    return _of(id_)[1]


def slot_of(id_: int) -> int:
    """The place of the record in its row: the position of its role in the contract."""
    return _of(id_)[2]


def read_table(source: str, batch: int, headings: tuple[str, ...]) -> Table:
    """`read_<source>_<batch>`: the mapped columns of one delivery as text, each row once, in the order of the file."""
    cells = tuple(Column(f"c{place}", "VARCHAR", heading) for place, heading in enumerate(headings, start=1))
    return Table(
        f"read_{source}_{batch}",
        f"{source} 第 {batch} 批读入的行 / rows read of batch {batch} of {source}",
        (
            Column("row_no", "BIGINT", "1-based data row of the delivered file"),
            Column("problem", "VARCHAR", "why the row cannot be read; NULL when it can"),
            *cells,
        ),
        ("row_no",),
    )


def row_table(source: str) -> Table:
    """`row_<source>`: which readable row of which batch says what about which key."""
    return Table(
        f"row_{source}",
        f"{source} 各批的行与主键 / rows and keys of {source}, all batches",
        (
            Column("batch", "INTEGER"),
            Column("row_no", "BIGINT"),
            Column("key", "VARCHAR", "the contract's key columns as delivered; without a key: md5 of the content # occurrence"),
            Column("op", "VARCHAR", "put, drop or end"),
            Column("content", "VARCHAR", "md5 of the mapped cells"),
            Column("first_id", "BIGINT", "record_id of slot 0: batch and row of the first sight of the key"),
            Column("delivered", "DATE"),
            Column("next_batch", "INTEGER", "the next batch of this source; NULL in the last"),
            Column("next_delivered", "DATE"),
            Column("recorded_at", "DATE"),
            Column("valid_from", "DATE"),
            Column("valid_to", "DATE"),
            Column("loser", "BOOLEAN", "a later row of the same batch has the same key: that one counts"),
        ),
        ("batch", "row_no"),
    )


def version_table(source: str) -> Table:
    """`version_<source>`: the rows that count, each with the time we knew it and the time it held."""
    return Table(
        f"version_{source}",
        f"{source} 的版本 / versions of {source}: known time and valid time",
        (
            Column("batch", "INTEGER"),
            Column("row_no", "BIGINT"),
            Column("key", "VARCHAR"),
            Column("first_id", "BIGINT"),
            *TIMES,
            Column("next_batch", "INTEGER", "the batch whose row took its place"),
            Column("alone", "BOOLEAN", "the only version of its key"),
        ),
        ("batch", "row_no"),
    )


TIMES = (
    Column("known_from", "DATE", "delivery date of the batch"),
    Column("known_to", "DATE", "delivery date of what took its place or withdrew it; NULL: open, and resolution sees it"),
    Column("recorded_at", "DATE", "the contract's column, else the delivery date"),
    Column("valid_from", "DATE", "from when it held"),
    Column("valid_to", "DATE", "to when it held, first day after"),
    Column("closed", "VARCHAR", "changed, corrected, retracted, ended; NULL: nothing closed it"),
    Column("closed_on", "DATE", "when we learned of `closed`: valid_to of `changed` and `ended` counts from then on"),
)


def record_table(kind: Kind, elements: tuple[str, ...]) -> Table:
    """`record_<kind>`: one line a version of a record; element values in canonical text."""
    return Table(
        f"record_{kind}",
        f"{kind} 记录 / records of kind {kind}: what one source row says of one entity",
        (
            Column("record_id", "BIGINT", "first batch << 43 | first row << 12 | slot"),
            Column("ref", "VARCHAR", "source|key|role: breaks every tie"),
            Column("source", "VARCHAR"),
            Column("key", "VARCHAR"),
            Column("role", "VARCHAR"),
            Column("batch", "INTEGER", "batch of the version"),
            Column("row_no", "BIGINT", "its data row in the delivered file"),
            *TIMES,
            *(Column(name, "VARCHAR") for name in elements),
        ),
        ("record_id", "batch", "row_no"),
        served=True,
    )


EVENT = Table(
    "event",
    "事件 / events: what a row says happened or held",
    (
        Column("event_id", "BIGINT", "first batch << 43 | first row << 12 | place of the event in the contract"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("type", "VARCHAR"),
        Column("source", "VARCHAR"),
        *TIMES,
        Column("detail", "VARCHAR", "relation code, share in millionths, …"),
    ),
    ("event_id", "batch", "row_no"),
)

PARTICIPANT = Table(
    "participant",
    "事件参与者 / who or what takes part in an event",
    (
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("role", "VARCHAR"),
        Column("record_id", "BIGINT", "NULL when it is a thing"),
        Column("thing_id", "VARCHAR", "NULL when it is a record"),
    ),
    ("event_id", "batch", "row_no", "role"),
)

EVENT_DETAIL = Table(
    "event_detail",
    "事件明细 / the details of events that have several: ceiling, price, regime, outcome",
    (
        Column("event_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("name", "VARCHAR"),
        Column("value", "VARCHAR", "canonical text"),
    ),
    ("event_id", "batch", "row_no", "name"),
)

THING = Table(
    "thing",
    "事物 / participants that are never resolved: household number, address, phone",
    (
        Column("thing_id", "VARCHAR", "md5(kind | key)"),
        Column("kind", "VARCHAR"),
        Column("key", "VARCHAR", "cleaned; of an address its norm"),
    ),
    ("thing_id",),
    served=True,
)

ADDRESS_TEXT = Table(
    "address_text",
    "出现过的地址文本 / the distinct address texts, cleaned",
    (Column("text", "VARCHAR"),),
    ("text",),
)

ADDRESS = Table(
    "address",
    "地址解析 / addresses, each text parsed once",
    (
        Column("text", "VARCHAR", "as it stands in record_<kind>.address"),
        Column("address_id", "VARCHAR", "md5(norm)"),
        Column("norm", "VARCHAR", "one text for every way of writing the same place"),
        Column("building_norm", "VARCHAR", "norm up to the building"),
        Column("room_norm", "VARCHAR", "norm with the room; NULL when the text names no room"),
        Column("city", "VARCHAR"),
        Column("district", "VARCHAR"),
        Column("street", "VARCHAR"),
        Column("road", "VARCHAR"),
        Column("number", "VARCHAR"),
        Column("estate", "VARCHAR"),
        Column("building", "VARCHAR"),
        Column("unit", "VARCHAR"),
        Column("room", "VARCHAR"),
    ),
    ("text",),
)

ADDRESS_FORM = Table(
    "address_form",
    "地址的完整写法 / addresses written in full, by the levels that most addresses of their place have",
    (Column("text", "VARCHAR"), Column("standard", "VARCHAR")),
    ("text",),
)

NORMALISED = Table(
    "normalised",
    "写法与本列不同而已规范的单元格 / cells of current rows that were written otherwise than their column usually is, and brought into form",
    (
        Column("source", "VARCHAR"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("heading", "VARCHAR", "the delivered column"),
        Column("form", "VARCHAR", "placeholder, characters, date, word, measure, address or form"),
    ),
    ("batch", "row_no", "heading"),
)

QUARANTINE = Table(
    "quarantine",
    "隔离区 / rows that cannot be read, each with its reason",
    (
        Column("source", "VARCHAR"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("problem", "VARCHAR"),
    ),
    ("source", "batch", "row_no"),
)

CODE = Table(
    "code",
    "代码表 / code lists: every text that stands for a code",
    (
        Column("list", "VARCHAR"),
        Column("text", "VARCHAR", "code, name or alias, ASCII letters in lower case"),
        Column("code", "VARCHAR"),
    ),
    ("list", "text"),
)

VIOLATION = Table(
    "violation",
    "违反规则的单元格 / cells of current records that break a rule",
    (
        Column("record_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("kind", "VARCHAR"),
        Column("source", "VARCHAR"),
        Column("role", "VARCHAR"),
        Column("element", "VARCHAR", "empty when the whole row is meant"),
        Column("rule", "VARCHAR"),
        Column("category", "VARCHAR"),
        Column("grade", "INTEGER", "of the element"),
    ),
    ("record_id", "batch", "row_no", "element", "rule"),
)

REPAIR = Table(
    "repair",
    "修复 / repaired cells with their reason; nothing delivered is overwritten",
    (
        Column("record_id", "BIGINT"),
        Column("batch", "INTEGER"),
        Column("row_no", "BIGINT"),
        Column("kind", "VARCHAR"),
        Column("element", "VARCHAR"),
        Column("rule", "VARCHAR", "the rule that counts when several would repair the cell"),
        Column("strength", "VARCHAR", "certain, reliable or heuristic"),
        Column("old", "VARCHAR"),
        Column("new", "VARCHAR"),
        Column("reason", "VARCHAR", "中文 / English; carries no value"),
    ),
    ("record_id", "batch", "row_no", "element"),
)


def rule_violation_table() -> Table:
    """`rule_violation`: what breaks a rule, before anybody knows whose records belong together; `violation` adds the numbers that are somebody else's."""
    return Table("rule_violation", "单凭规则查出的问题 / findings by rules alone", VIOLATION.columns, VIOLATION.key)


def rule_repair_table() -> Table:
    """`rule_repair`: what rules alone repair, before anybody knows whose records belong together; `repair` adds what an entity's other records say."""
    return Table("rule_repair", "规则的修复 / repairs by rules alone", REPAIR.columns, REPAIR.key)
