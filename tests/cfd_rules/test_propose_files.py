"""Proposing contracts for files of unlike habits: each proposal loads as a contract, reads its own file, and finds what the file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.delivery import check_delivery
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.propose import Proposal, propose
from cityweave.cfd_rules.sniff import sniff
from cityweave.cfd_rules.yaml_text import from_yaml

NAMES = ("张伟", "王芳", "李娜", "刘洋", "陈静", "杨磊", "赵敏", "黄勇", "周杰", "吴霞")
NUMBERS = ("110101199003077213", "11010119900307101X", "110101199003071028")


def proposed(path: Path) -> tuple[Proposal, Contract, dict[str, Any]]:
    """The proposal, the contract it is, and its YAML; the contract must read the file without a problem."""
    made = propose(path, registry.load())
    agreed = contract_file.parse(from_yaml(made.yaml), "proposed.yaml", registry.load())
    check = check_delivery(agreed, path)
    assert check.quarantined == 0, check.problems
    return made, agreed, from_yaml(made.yaml)


def elements(made: Proposal) -> dict[str, str]:
    """Column -> role.element."""
    return {line.column: f"{line.role}.{line.element}" for line in made.lines if line.role}


def name(place: int) -> str:
    """Some name."""
    return NAMES[place % 10] + ("" if place % 3 else "文")


def lines(head: str, count: int, row: Any, mark: str = ",") -> str:
    """A text file."""
    return "\n".join([head, *(mark.join(map(str, row(place))) for place in range(count))]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("mark", [",", "\t", "|", "^", "||", "^|^"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, mark: str) -> None:
    text = lines(mark.join(("编号", "姓名", "出生日期")), 30, lambda n: (f"{n:04d}", name(n), "1990-03-07"), mark)
    (tmp_path / "f.txt").write_bytes(text.encode(encoding))
    made, agreed, _ = proposed(tmp_path / "f.txt")
    assert (agreed.format.separator, made.key) == (mark, ("编号",))
    assert elements(made) == {"姓名": "person.name", "出生日期": "person.birth"}


def test_big5(tmp_path: Path) -> None:
    text = lines("編號,姓名,性別,電話", 30, lambda n: (f"{n:04d}", "陳大文", "男", f"138001380{n:02d}"))
    (tmp_path / "f.csv").write_bytes(text.encode("big5"))
    assert sniff(tmp_path / "f.csv").format.encoding == "big5"


def test_titles_and_totals(tmp_path: Path) -> None:
    text = "某某局花名册,,\n编号,姓名,民族\n" + lines("", 30, lambda n: (f"{n:04d}", name(n), "汉族")).strip() + "\n合计,30,\n制表人：王五,,\n"
    (tmp_path / "f.csv").write_text(text)
    made, agreed, _ = proposed(tmp_path / "f.csv")
    assert (agreed.format.skip, agreed.format.ignore, made.rows) == (1, ("^合计", "^制表"), 30)


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """An Excel file."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def test_sheets_of_a_workbook_and_headings_in_two_lines(tmp_path: Path) -> None:
    head = [["花名册"], ["编号", "姓名", "住址", None], [None, None, "市", "详细地址"]]
    rows = [[f"{n:04d}", name(n), "粤海市", f"人民路{n}号"] for n in range(20)]
    path = workbook(tmp_path / "b.xlsx", {"说明": [["本表由街道填报"]], "南湖区": [*head, *rows[:10]], "北湖区": [*head, *rows[10:]]})
    made, agreed, _ = proposed(path)
    assert (agreed.format.sheets, agreed.format.skip, agreed.format.header, made.rows) == (("南湖区", "北湖区"), 1, 2, 20)
    assert elements(made)["住址.详细地址"] == "person.address"


def test_json_arrays_and_nested_objects(tmp_path: Path) -> None:
    rows = [{"id": n, "户主": {"姓名": name(n)}, "成员": [{"姓名": name(n + 1)}, {"姓名": name(n + 2)}]} for n in range(20)]
    (tmp_path / "f.json").write_text(json.dumps({"code": 0, "data": {"list": rows}}, ensure_ascii=False))
    made, agreed, raw = proposed(tmp_path / "f.json")
    assert (agreed.format.kind, agreed.format.rows, made.key) == ("json", "data.list", ("id",))
    assert any(role.get("each") for role in raw["records"])
    (tmp_path / "f.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    assert proposed(tmp_path / "f.jsonl")[1].format.kind == "jsonl"


def test_list_cells_with_numbers_and_shares_side_by_side(tmp_path: Path) -> None:
    def row(n: int) -> tuple[str, ...]:
        two = n % 4 == 0
        who, number, share = (f"{name(n)}、{name(n + 1)}", ";".join(NUMBERS[:2]), "60%;40%") if two else (name(n), NUMBERS[n % 3], "100%")
        return f"R{n:04d}", f"人民路{n}号{n}栋101室", who, number, share, "2001-02-03"

    (tmp_path / "f.csv").write_text(lines("房屋编码,房屋坐落,权利人,证件号码,共有比例,登记日期", 40, row))
    made, _, raw = proposed(tmp_path / "f.csv")
    owner = next(role for role in raw["records"] if role["role"] == "owner")
    assert owner["each"]["columns"] == ["权利人", "证件号码", "共有比例"]
    assert set(owner["each"]["separators"]) == set("、;")
    assert {event["type"]: event.get("detail") for event in raw["events"]}["ownership"] == {"column": "共有比例", "measure": "millionths"}
    assert made.unconfirmed


DATES = {
    "DD/MM/YYYY": lambda n: f"{n % 28 + 1:02d}/03/1990",
    "MM/DD/YYYY": lambda n: f"03/{n % 28 + 1:02d}/1990",
    "excel": lambda n: str(32939 + n),
    "YY.M.D": lambda n: f"90.3.{n % 28 + 1}",
    "YYYYMM": lambda n: f"19900{n % 9 + 1}",
    "YYMMDD": lambda n: f"9003{n % 28 + 1:02d}",
    "": lambda n: f"一九九〇年三月{'一二三四五六七八九'[n % 9]}日",
}


@pytest.mark.parametrize("form", DATES)
def test_ways_of_writing_dates(tmp_path: Path, form: str) -> None:
    (tmp_path / "f.csv").write_text(lines("编号,姓名,出生日期", 40, lambda n: (f"{n:04d}", name(n), DATES[form](n))))
    _, agreed, _ = proposed(tmp_path / "f.csv")
    birth = dict(agreed.records[0].elements)["birth"]
    wanted = form.replace("DD/MM/YYYY", "D/M/YYYY").replace("MM/DD/YYYY", "M/D/YYYY") if "/" in form else form
    assert birth.formats == ((wanted,) if form else ())


@pytest.mark.parametrize(
    ("head", "row", "expected"),
    [
        (
            "XM,XB,CSRQ,SFZH,MZ,LXDH,JTZZ",
            lambda n: (name(n), "男", "19900307", NUMBERS[n % 3], "汉", f"138001380{n:02d}", f"人民路{n}号"),
            {"XM": "name", "XB": "sex", "CSRQ": "birth", "SFZH": "id_no", "MZ": "ethnicity", "LXDH": "phone", "JTZZ": "address"},
        ),
        (
            "first_name,last_name,dob,gender,postcode,mobile",
            lambda n: ("john", f"smith{chr(97 + n % 26)}", "1990-03-07", "M", "SW1A 1AA", f"138001380{n:02d}"),
            {"first_name": "given_name", "last_name": "surname", "dob": "birth", "gender": "sex", "postcode": "postcode", "mobile": "phone"},
        ),
        (
            "姓名,年龄,身份证号,与户主关系,户号",
            lambda n: (name(n), 20 + n, f"1101**********{n:04d}", "子", f"H{n // 3:03d}"),
            {"姓名": "name", "年龄": "birth", "身份证号": "id_no", "与户主关系": "relation", "户号": "household_no"},
        ),
    ],
)
def test_headings_of_people(tmp_path: Path, head: str, row: Any, expected: dict[str, str]) -> None:
    (tmp_path / "f.csv").write_text(lines(head, 40, row))
    made, agreed, _ = proposed(tmp_path / "f.csv")
    assert elements(made) == {column: f"person.{element}" for column, element in expected.items()}
    if "年龄" in expected:
        assert dict(agreed.records[0].elements)["birth"].measure == "age"
        assert [event.type for event in agreed.events] == ["household"]


def test_a_register_of_firms(tmp_path: Path) -> None:
    head = "统一社会信用代码,企业名称,法定代表人,法定代表人证件号码,注册资本,成立日期,股东1,股东1持股比例,股东2,股东2持股比例,注销日期,状态"
    codes = ("91350100M000100Y43", "91440300708461136T")

    def row(n: int) -> tuple[str, ...]:
        firm = (codes[n % 2], f"粤海{name(n)}贸易有限公司", name(n), NUMBERS[n % 3], f"{n + 1}00万元", "2001-02-03")
        return *firm, name(n), "60%", name(n + 1), "40%", "", "存续"

    (tmp_path / "f.csv").write_text(lines(head, 40, row))
    made, agreed, _ = proposed(tmp_path / "f.csv")
    told = elements(made)
    assert told["法定代表人"] == "legal_rep.name" and told["股东2"] == "shareholder_2.name" and told["企业名称"] == "legal_entity.name"
    assert [event.type for event in agreed.events] == ["founding", "legal_representative", "shareholding", "shareholding"]
    assert dict(next(role for role in agreed.records if role.kind == "legal_entity").elements)["capital"].measure == "amount"


def test_an_op_column(tmp_path: Path) -> None:
    words = ("新增", "变更", "注销", "删除")
    (tmp_path / "f.csv").write_text(lines("编号,操作,姓名,更新日期", 40, lambda n: (f"{n:04d}", words[n % 4], name(n), "2020-01-02")))
    _, agreed, _ = proposed(tmp_path / "f.csv")
    assert agreed.op is not None
    assert (agreed.op.put, agreed.op.drop, agreed.op.end, agreed.delivery) == (("变更", "新增"), ("删除",), ("注销",), "delta")


def test_whose_a_telephone_is_and_a_line_about_the_whole(tmp_path: Path) -> None:
    """A landlord's and a relative's columns are no one else's; a licence calls the firm 经营者名称 and founds nobody; two lines stand before the headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["食品经营许可证"])
    sheet.append(["填报单位：某局", None, None, "填报日期：2026年3月"])
    sheet.append(["许可证编号", "经营者名称", "负责人", "经营场所", "房主电话"])
    for place in range(30):
        sheet.append([f"JY{place:05d}", f"粤海市{name(place)}贸易有限公司", name(place), f"粤海市南湖区人民路{place + 1}号", f"100{place:08d}"])
    book.save(tmp_path / "permits.xlsx")
    made, agreed, _ = proposed(tmp_path / "permits.xlsx")
    assert agreed.format.skip == 2 and made.rows == 30
    told = elements(made)
    assert (told["经营者名称"], told["负责人"]) == ("legal_entity.name", "legal_rep.name")
    assert told.get("房主电话", "landlord.phone") == "landlord.phone"
    assert "founding" not in {event.type for event in agreed.events}
    families = [[{"姓名": name(place + n), "电话": f"100{n}{place:07d}"} for n in (1, 2)] for place in range(30)]
    pupils = [{"学籍号": f"G{place}", "学生": {"姓名": name(place), "性别": "女"}, "家庭成员": family} for place, family in enumerate(families)]
    (tmp_path / "pupils.json").write_text(json.dumps({"data": {"list": pupils}}, ensure_ascii=False), "utf-8")
    made, agreed, _ = proposed(tmp_path / "pupils.json")
    lists = {role.name: role.each.columns if role.each else () for role in agreed.records}
    assert lists == {"person": (), "relative": ("家庭成员.姓名", "家庭成员.电话")}


@pytest.mark.parametrize("content", [b"", b"\n \n", b"PK\x03\x04broken", b"PAR1broken", b"\xd0\xcf\x11\xe0old", b'[{"a": 1', b"{", b"\x00\x00\x00\x00"])
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(InputError) as caught:
        propose(tmp_path / "f", registry.load())
    assert caught.value.what and "f" in caught.value.where
