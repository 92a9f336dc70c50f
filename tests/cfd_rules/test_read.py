"""Reading: each delivered row comes out once, as cells or with the reason why it cannot be read; whole files fail with one clear message."""

from __future__ import annotations

import csv as python_csv
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.read import Reading, mapped, read

CSV = Format("csv")


def told(path: Path, content: bytes | str, form: Format) -> list[tuple[object, ...]]:
    """(problem or None, cells…) of each row."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    cells = read(path, form)
    return [(problem and problem.split(" / ")[0], *row.values()) for problem, row in zip(cells.problem, cells.table.to_pylist(), strict=True)]


def test_rows_keep_their_places(tmp_path: Path) -> None:
    rows = told(tmp_path / "f", 'a,b,c\n1,"x\ny",3\n4,5\n\n6,7,8,9\n10,11,12\n"q","w""e",\n', CSV)
    assert rows == [
        (None, "1", "x\ny", "3"),
        ("应有 3 栏，实有 2 栏", None, None, None),
        ("应有 3 栏，实有 4 栏", None, None, None),
        (None, "10", "11", "12"),
        (None, "q", 'w"e', None),
    ]


def test_an_open_quote_swallows_no_row(tmp_path: Path) -> None:
    assert told(tmp_path / "f", 'a,b\n1,"x\n2,3\n4,5\n', CSV) == [("引号未闭合", None, None), (None, "2", "3"), (None, "4", "5")]


def test_gb18030_beyond_the_basic_plane_and_broken_bytes(tmp_path: Path) -> None:
    raw = "姓名,b\n张𠀀三,2\n李,\n".encode("gb18030") + b"\xff\xff,3\n"
    rows = told(tmp_path / "f", raw, Format("csv", "gb18030"))
    assert rows[:2] == [(None, "张𠀀三", "2"), (None, "李", None)]
    assert rows[2][0] == "有无法解码的字节"


def test_marks_tabs_line_ends_and_lines_before_the_header(tmp_path: Path) -> None:
    assert told(tmp_path / "f", "\ufeffa\tb\r\n1\t2\r\n", Format("tsv", "utf-8-sig", "\t")) == [(None, "1", "2")]
    assert told(tmp_path / "f", "某局\n2024 年\na,b\n1,2\n", Format("csv", skip=2)) == [(None, "1", "2")]
    assert told(tmp_path / "f", "1,2\n3,4", Format("csv", header=False)) == [(None, "1", "2"), (None, "3", "4")]


def test_json_lines(tmp_path: Path) -> None:
    assert told(tmp_path / "f", '{"a":"1","d":"2020-01-01"}\n{"a":"x","d":null}\n', Format("jsonl")) == [(None, "1", "2020-01-01"), (None, "x", None)]
    rows = told(tmp_path / "f", '{"a":1,"d":"2020"}\n{"a":"x"\n[1]\n{"d":1.50}', Format("jsonl"))
    assert rows == [(None, "1", "2020"), ("不是 JSON：第 9 个字符", None, None), ("不是 JSON 对象", None, None), (None, None, "1.50")]


def test_excel_and_parquet_give_text_as_written(tmp_path: Path) -> None:
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b", "c"], [dt.date(2020, 2, 29), 12, "x"], [None, 1.5, ""]):
        sheet.append(row)
    book.save(tmp_path / "f.xlsx")
    assert told(tmp_path / "f.xlsx", (tmp_path / "f.xlsx").read_bytes(), Format("xlsx")) == [(None, "2020-02-29", "12", "x"), (None, None, "1.5", None)]
    pq.write_table(pa.table({"a": [dt.date(2020, 2, 29), None], "b": [1.0, None], "c": ["", "x"]}), tmp_path / "f.parquet")
    assert told(tmp_path / "f.parquet", (tmp_path / "f.parquet").read_bytes(), Format("parquet")) == [(None, "2020-02-29", "1", None), (None, None, None, "x")]


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (b"", CSV, "文件是空的"),
        (b"\n\n", CSV, "文件是空的"),
        ("姓名,b\n".encode("gb18030") + "张三丰,2\n".encode("gb18030") * 50, CSV, "合同所说的编码 utf-8，用 gb18030 能读"),
        (b"a,b\n1,2\n", Format("parquet"), "不是 Parquet 文件"),
        (b"a,b\n1,2\n", Format("xlsx"), "不是 Excel 文件"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, form: Format, message: str) -> None:
    with pytest.raises(InputError, match=message):
        told(tmp_path / "f", content, form)


def test_missing_columns_are_named_with_those_near_them(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("登记编码,姓名\n1,张三\n")
    reading = Reading("s", CSV, ("登记编号", "姓名"), ("登记编号",), "", ())
    with pytest.raises(InputError, match="登记编号: 是否指 登记编码"):
        mapped(read(tmp_path / "f", CSV), reading, "f")


def test_rows_without_a_key_or_with_an_unknown_op(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("k,op\n1,put\n,put\n3,what\n")
    made = mapped(read(tmp_path / "f", CSV), Reading("s", CSV, ("k", "op"), ("k",), "op", ("put",)), "f")[0]
    assert [problem and problem.split(" / ")[0] for problem in made.column("problem").to_pylist()] == [None, "主键列 k 为空", "操作列 op 的值不认识"]


cells = st.text(st.sampled_from('ab张,"\n 1'), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=12))
def test_read_and_quarantined_make_the_delivered_rows(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    """What Python's csv module writes comes back row for row: the well-formed with their cells, the others with a reason."""
    rows = [row for row in rows if len(row) > 1 or row[0]]  # a lone empty cell is an empty line
    out = io.StringIO()
    writer = python_csv.writer(out, lineterminator="\n")
    writer.writerow(["h1", "h2"])
    writer.writerows(rows)
    made = told(tmp_path_factory.mktemp("r") / "f", out.getvalue(), CSV)
    assert len(made) == len(rows)
    for (problem, *values), row in zip(made, rows, strict=True):
        assert (problem is None) == (len(row) == 2)
        assert problem or values == [cell or None for cell in row]
