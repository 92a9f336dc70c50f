"""Files as departments write them: titles, totals, headings in two lines or renamed, merged cells, several sheets, odd separators, nested JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.delivery import check_delivery
from cityweave.cfd_rules.errors import ContractError, InputError
from cityweave.cfd_rules.read import Reading, mapped, read
from tests.cfd_rules.town import contract


def agreed(form: str, extra: str = "", columns: Sequence[str] = ("编号", "姓名")) -> Contract:
    """A contract over some columns."""
    names = "".join(f", {element}: {column}" for element, column in zip(("occupation", "birth_place"), columns[2:], strict=False))
    return contract(
        f"source: s\nformat: {form}\ndelivery: full\nkey: [{columns[0]}]\n{extra}\n"
        f"records: [{{role: p, kind: person, elements: {{name: {columns[1]}{names}}}}}]\n"
    )


def rows(path: Path, content: str | bytes, what: Contract) -> list[tuple[object, ...]]:
    """(row_no, cells…) of the readable rows, or the problem."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    table, _ = mapped(read(path, what.format), Reading.of(what), path.name)
    return [(row.pop("row_no"), *([problem] if (problem := row.pop("problem")) else row.values())) for row in table.to_pylist()]


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """The bytes of an Excel file."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    book.save(path)
    return path.read_bytes()


def test_headings_renamed_reordered_and_written_loosely(tmp_path: Path) -> None:
    what = agreed("{kind: csv}", "headings: {姓名: [名字, 申请人姓名]}")
    for heading in ("编号,姓名", "编 号,名字", "编号*,申请人\u3000姓名", "\ufeff编号,姓　名"):
        assert rows(tmp_path / "f", f"{heading}\n1,张三\n", what) == [(1, "1", "张三")]
    assert rows(tmp_path / "f", "名字,备注,编号\n张三,x,1\n", what) == [(1, "1", "张三")]
    with pytest.raises(InputError, match="缺少列 姓名") as caught:
        rows(tmp_path / "f", "编号,性名\n1,张三\n", what)
    assert "姓名: 是否指 性名" in caught.value.todo and "headings" in caught.value.todo


def test_a_heading_that_stands_twice(tmp_path: Path) -> None:
    assert rows(tmp_path / "f", "编号,姓名,备注,备注\n1,张三,x,y\n", agreed("{kind: csv}")) == [(1, "1", "张三")]
    with pytest.raises(InputError, match="表头重复 姓名"):
        rows(tmp_path / "f", "编号,姓名,姓名\n1,张三,李四\n", agreed("{kind: csv}"))
    assert rows(tmp_path / "f", "编号,姓名,姓名\n1,张三,李四\n", agreed("{kind: csv}", columns=("编号", "姓名", "姓名#2"))) == [(1, "1", "张三", "李四")]


def test_titles_totals_footnotes_and_headings_on_every_page(tmp_path: Path) -> None:
    what = agreed("{kind: csv, skip: 1, ignore: ['^合计', '^制表人']}")
    content = "某局花名册,\n编号,姓名\n1,张三\n编号,姓名\n,\n2,李四\n合计,2\n制表人：王五\n3,赵六,多\n"
    assert rows(tmp_path / "f", content, what) == [(1, "1", "张三"), (4, "2", "李四"), (7, "应有 2 栏，实有 3 栏 / 3 fields instead of 2")]
    check = check_delivery(what, tmp_path / "f")
    assert (check.rows, check.quarantined, check.ignored) == (3, 1, 4)


def test_columns_that_some_deliveries_lack(tmp_path: Path) -> None:
    what = agreed("{kind: csv}", "optional: [职业]", columns=("编号", "姓名", "职业"))
    assert rows(tmp_path / "f", "编号,姓名\n1,张三\n", what) == [(1, "1", "张三", None)]
    assert rows(tmp_path / "f", "编号,姓名,职业\n1,张三,工人\n", what) == [(1, "1", "张三", "工人")]


def test_headings_in_two_lines_and_merged_cells(tmp_path: Path) -> None:
    what = agreed("{kind: xlsx, header: 2, fill_down: [编号], ignore: [小计]}", columns=("编号", "户主.姓名", "户主.职业", "住址.市"))
    lines = [["编号", "户主", None, "住址", None], [None, "姓名", "职业", "省", "市"], ["1", "张三", "工", "粤", "深"], [None, "李四", None, "粤", "广"]]
    content = workbook(tmp_path / "b.xlsx", {"一": [*lines, ["小计", None, None, None, None], [None, "王五", None, None, None]]})
    assert rows(tmp_path / "f", content, what) == [(1, "1", "张三", "工", "深"), (2, "1", "李四", None, "广"), (4, "1", "王五", None, None)]


def test_several_sheets(tmp_path: Path) -> None:
    sheets = {"说明": [["填表说明"]], "南湖区": [["编号", "姓名"], [1, "张三"]], "北湖区": [["姓名", "编号"], ["李四", 2]], "空": []}
    content = workbook(tmp_path / "b.xlsx", sheets)
    what = agreed('{kind: xlsx, sheets: "*区", sheet_column: 区}', columns=("编号", "姓名", "区"))
    assert rows(tmp_path / "f", content, what) == [(1, "1", "张三", "南湖区"), (2, "2", "李四", "北湖区")]
    assert rows(tmp_path / "f", content, agreed("{kind: xlsx, sheets: [北湖区]}")) == [(1, "2", "李四")]
    assert rows(tmp_path / "f", content, agreed("{kind: xlsx, sheet: 南湖区}")) == [(1, "1", "张三")]
    everything = agreed("{kind: xlsx, sheets: all}", columns=("编号", "姓名"))
    assert [row[0] for row in rows(tmp_path / "f", content, everything)] == [1, 2]
    with pytest.raises(InputError, match="没有工作表 西湖区"):
        rows(tmp_path / "f", content, agreed("{kind: xlsx, sheets: [西湖区]}"))


def test_merged_cells_do_not_reach_into_the_next_sheet(tmp_path: Path) -> None:
    sheets = {"甲": [["编号", "姓名"], ["1", "张三"], [None, "李四"], ["合计", None]], "乙": [["编号", "姓名"], ["2", "王五"], [None, "赵六"]]}
    what = agreed("{kind: xlsx, sheets: all, fill_down: [编号], ignore: [^合计]}")
    expected = [(1, "1", "张三"), (2, "1", "李四"), (4, "2", "王五"), (5, "2", "赵六")]
    assert rows(tmp_path / "f", workbook(tmp_path / "b.xlsx", sheets), what) == expected


@pytest.mark.parametrize("separator", ["|", "^", ";", "||", "^|^", "@@", "，", "¦", "\\u0001"])
def test_separators(tmp_path: Path, separator: str) -> None:
    what = agreed(f'{{kind: csv, separator: "{separator}"}}')
    mark = "\u0001" if separator.startswith("\\") else separator
    assert rows(tmp_path / "f", f'编号{mark}姓名\n1{mark}张三\n2{mark}"李{mark}四"\n', what) == [(1, "1", "张三"), (2, "2", f"李{mark}四")]


def test_nested_json(tmp_path: Path) -> None:
    text = """
source: s
format: {kind: jsonl}
delivery: full
key: [id]
records:
  - {role: head, kind: person, elements: {name: 户主.姓名, birth: 户主.出生.日期, occupation: 标签}}
  - {role: member, kind: person, each: {columns: [成员.姓名, 成员.关系]}, elements: {name: 成员.姓名, relation: 成员.关系}}
"""
    head = '"户主": {"姓名": "张三", "出生": {"日期": "1990-03-07"}}, "标签": ["a", "b"]'
    lines = f'{{"id": 1, {head}, "成员": [{{"姓名": "李四", "关系": "妻"}}, {{"姓名": "张小"}}]}}\n'
    expected = (1, "1", "张三", "1990-03-07", "a、b", "李四␟张小", "妻␟")
    assert rows(tmp_path / "f", lines + '{"id": 2, "成员": []}\n', contract(text)) == [expected, (2, "2", None, None, None, None, None)]
    array = contract(text.replace("kind: jsonl", "kind: json, rows: data.list"))
    assert rows(tmp_path / "f", '{"code": 0, "data": {"list": [' + lines.strip() + ', 7]}}', array) == [expected, (2, "不是 JSON 对象 / not a JSON object")]
    top = contract(text.replace("kind: jsonl", "kind: json"))
    assert rows(tmp_path / "f", "[\n" + lines.strip() + "\n]\n", top) == [expected]


@pytest.mark.parametrize(
    ("content", "form", "what", "todo"),
    [
        ('[{"a": 1}]', "jsonl", "JSON 数组", "kind: json"),
        ('{"rows": [{"a": 1}]}', "json", "不是数组", "rows"),
        ('[{"a": 1},', "json", "不是 JSON", "kind: jsonl"),
        ("[" * 100_000, "json", "JSON", ""),
    ],
)
def test_json_that_is_something_else(tmp_path: Path, content: str, form: str, what: str, todo: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        rows(tmp_path / "f", content, agreed(f"{{kind: {form}}}"))
    assert todo in caught.value.todo


def test_parquet_with_structs_and_lists(tmp_path: Path) -> None:
    pq.write_table(pa.table({"编号": [1], "户主": [{"姓名": "张三", "曾用": ["甲", "乙"]}]}), tmp_path / "p")
    what = agreed("{kind: parquet}", columns=("编号", "户主.姓名", "户主.曾用"))
    assert rows(tmp_path / "f", (tmp_path / "p").read_bytes(), what) == [(1, "1", "张三", "甲、乙")]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{kind: csv}", "{kind: parquet, encoding: gbk}", "format.encoding"),
        ("{kind: csv}", "{kind: csv, sheets: all}", "format.sheets"),
        ("{kind: csv}", "{kind: csv, ignore: '(合计'}", "format.ignore"),
        ("{kind: csv}", "{kind: csv, header: 12}", "format.header"),
        ("{kind: csv}", "{kind: csv, fill_down: [户号]}", "format.fill_down"),
        ("{kind: csv}", "{kind: csv, separator: 'abcdefghij'}", "format.separator"),
        ("\n\nrecords", "\nheadings: {性名: [x]}\nrecords", "headings.性名"),
        ("\n\nrecords", "\nheadings: {姓名: [x], 编号: [x]}\nrecords", "headings.x"),
    ],
)
def test_formats_that_cannot_be_are_refused(old: str, new: str, place: str) -> None:
    text = "source: s\nformat: {kind: csv}\ndelivery: full\nkey: [编号]\n\nrecords: [{role: p, kind: person, elements: {name: 姓名}}]\n"
    with pytest.raises(ContractError) as caught:
        contract(text.replace(old, new))
    assert caught.value.where == f"test.yaml: {place}"
