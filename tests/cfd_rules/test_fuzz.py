"""Broken files: whatever bytes arrive, a reader gives rows or one clear message, never a traceback; the same for a look at a file nobody has described."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.cell import Each
from cityweave.cfd_rules.contract import FILE_KINDS, Format
from cityweave.cfd_rules.delivery import check_delivery
from cityweave.cfd_rules.errors import DeliveryRefusedError, InputError
from cityweave.cfd_rules.propose import propose
from cityweave.cfd_rules.read import Reading, mapped, read
from tests.cfd_rules.town import contract

ROWS = [{"编号": str(n), "姓名": f"张三、李{n}", "户主": {"姓名": "王五"}, "子女": [{"姓名": "甲"}, {"姓名": "乙"}]} for n in range(6)]


def whole(kind: str, folder: Path) -> bytes:
    """A file that can be read."""
    if kind == "jsonl":
        return "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode()
    if kind == "json":
        return json.dumps(ROWS, ensure_ascii=False).encode()
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), folder / "p")
        return (folder / "p").read_bytes()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in [["编号", "姓名"], *([row["编号"], row["姓名"]] for row in ROWS)]:
            sheet.append(row)
        book.save(folder / "x.xlsx")
        return (folder / "x.xlsx").read_bytes()
    mark = "\t" if kind == "tsv" else ","
    return "\n".join([f"编号{mark}姓名", *(f'{row["编号"]}{mark}"{row["姓名"]}"' for row in ROWS)]).encode()


Cut = tuple[int, int, bytes]


def damaged(raw: bytes, damage: list[Cut]) -> bytes:
    """The bytes with some of them replaced."""
    for place, length, instead in damage:
        raw = raw[:place] + instead + raw[place + length :]
    return raw


cuts = st.tuples(st.integers(0, 400), st.integers(0, 60), st.binary(max_size=12))
formats = st.builds(
    Format,
    kind=st.sampled_from(FILE_KINDS),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16", "big5", "utf-8-sig", "utf-16-le"]),
    separator=st.sampled_from([",", "\t", "||", "，"]),
    quote=st.sampled_from(['"', "'", ""]),
    skip=st.integers(0, 3),
    header=st.integers(0, 3),
    sheets=st.sampled_from([(), ("*",), ("Sheet",), ("没有",)]),
    ignore=st.sampled_from([(), ("^合计",)]),
    rows=st.sampled_from(["", "data"]),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILE_KINDS), formats, st.lists(cuts, max_size=3))
@example("csv", Format("csv", header=3), [])
@example("json", Format("json"), [(0, 0, b'[{"a":"\\ud800","\\udfff":1}]')])
@example("jsonl", Format("jsonl"), [(2, 1, b"")])
@example("jsonl", Format("jsonl"), [(2, 0, b" ")])
def test_a_reader_gives_rows_or_one_clear_message(tmp_path_factory: pytest.TempPathFactory, kind: str, form: Format, damage: list[Cut]) -> None:
    folder = tmp_path_factory.mktemp("f")
    (folder / "f").write_bytes(damaged(whole(kind, folder), damage))
    try:
        cells = read(folder / "f", form)
        assert len(cells.table) == len(cells.problem)
        columns = tuple(cells.table.column_names[:2])
        if columns:
            reading = Reading("s", form, columns, columns[:1], "", (), (), (Each(columns[1:], "、 "),) if len(columns) > 1 else ())
            table, ignored = mapped(cells, reading, "f")
            assert len(table) + ignored == len(cells.problem)
    except InputError as error:
        assert error.what and error.where


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILE_KINDS), st.lists(cuts, max_size=3))
@example("csv", [(7, 0, b"*\r")])
def test_a_look_at_a_broken_file_gives_a_contract_or_one_message(tmp_path_factory: pytest.TempPathFactory, kind: str, damage: list[Cut]) -> None:
    folder = tmp_path_factory.mktemp("f")
    (folder / "f").write_bytes(damaged(whole(kind, folder), damage))
    try:
        made = propose(folder / "f", registry.load())
    except InputError as error:
        assert error.what and error.where
        return
    assert made.yaml


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_delivered_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("f")
    (folder / "f").write_bytes(raw)
    for form in ("csv", "json", "jsonl", "xlsx", "parquet"):
        agreed = contract(f"source: s\nformat: {{kind: {form}}}\ndelivery: full\nkey: [k]\nrecords: [{{role: p, kind: person, elements: {{name: n}}}}]\n")
        with pytest.raises((InputError, DeliveryRefusedError)):
            check_delivery(agreed, folder / "f")
