"""The digest: rows and values count, how they lie in a file does not."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.engine.digest import table_digest
from cityweave.engine.model import Column, Table

TABLE = Table(
    "t",
    "表 / a table",
    (Column("k", "BIGINT"), Column("text", "VARCHAR"), Column("day", "DATE"), Column("yes", "BOOLEAN"), Column("small", "INTEGER")),
    ("k", "text"),
    nullable=("text",),
)
TEXT = st.text(alphabet="a张𠮷\u3000\n ", max_size=3)
DAY = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
ROW = st.tuples(st.integers(0, 5), st.none() | TEXT, st.none() | DAY, st.none() | st.booleans(), st.none() | st.integers(-3, 3))
ROWS = st.lists(ROW, max_size=12)
Row = tuple[Any, ...]


def _table(rows: list[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, TABLE.schema, strict=True)], schema=TABLE.schema)


@settings(deadline=None)
@given(ROWS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_chunks_and_encodings_do_not_enter(rows: list[Row], random: Any, pieces: int) -> None:
    plain = table_digest(_table(rows), TABLE)
    other = list(rows)
    random.shuffle(other)
    cuts = sorted(random.randrange(len(other) + 1) for _ in range(pieces))
    chunks = [_table(other[start:end]) for start, end in zip([0, *cuts], [*cuts, len(other)], strict=True)]
    assert table_digest(pa.concat_tables(chunks), TABLE) == plain
    encoded = _table(other).set_column(1, "text", _table(other)["text"].dictionary_encode())
    assert table_digest(encoded, TABLE) == plain
    large = _table(other).set_column(1, "text", _table(other)["text"].cast(pa.large_string()))
    assert table_digest(large.select(["small", "yes", "day", "text", "k"]), TABLE) == plain


@settings(deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.data())
def test_one_cell_another_or_one_row_more_changes_it(rows: list[Row], data: st.DataObject) -> None:
    plain = table_digest(_table(rows), TABLE)
    place, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, 4))
    changed = list(rows[place])
    changed[column] = data.draw(ROW.map(lambda row: row[column]).filter(lambda value: value != rows[place][column]))
    assert table_digest(_table([*rows[:place], tuple(changed), *rows[place + 1 :]]), TABLE) != plain
    assert table_digest(_table([*rows, rows[place]]), TABLE) != plain


def test_what_lies_in_the_slots_of_nulls_does_not_enter() -> None:
    garbage = pa.Array.from_buffers(pa.int32(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(b"\x05\0\0\0\x63\0\0\0")])
    clean = pa.array([5, None], pa.int32())
    assert garbage.equals(clean)
    rows = _table([(1, "a", None, None, 5), (2, "b", None, None, None)])
    assert table_digest(rows.set_column(4, "small", garbage), TABLE) == table_digest(rows, TABLE)


def test_texts_do_not_run_into_each_other() -> None:
    one = _table([(1, "ab", None, None, None), (2, "c", None, None, None)])
    two = _table([(1, "a", None, None, None), (2, "bc", None, None, None)])
    assert table_digest(one, TABLE) != table_digest(two, TABLE)


def test_a_sliced_column_is_read_from_where_it_begins() -> None:
    rows = [(number, f"张{number}", None, number % 2 == 0, number) for number in range(9)]
    assert table_digest(_table(rows).slice(3, 4), TABLE) == table_digest(_table(rows[3:7]), TABLE)
