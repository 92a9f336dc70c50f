"""Contracts proposed for the files of a city whose departments have unlike words: whose columns are whose, what rows tell, and what stays out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from stdnum.cn import uscc

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.propose import propose, propose_all
from tests.cfd_rules.test_propose_files import elements, lines, name, proposed, workbook
from tests.resolver.village import number

Row = Callable[[int], Sequence[object]]


def number_of(place: int) -> str:
    """A valid identity number."""
    return number("990101", f"19{50 + place % 50}-0{place % 9 + 1}-11", place + 1)


def code(place: int) -> str:
    """A valid credit code."""
    return f"91990101MA{place:07d}{uscc.calc_check_digit(f'91990101MA{place:07d}')}"


def firm(place: int) -> str:
    """Some firm."""
    return f"粤海市{name(place)}贸易有限公司"


def phone(place: int) -> str:
    """A mobile number."""
    return f"138{place:08d}"


def home(place: int) -> str:
    """An address."""
    return f"粤海市南湖区人民路{place + 1}号"


def told(tmp_path: Path, head: str, row: Row, count: int = 60) -> tuple[dict[str, str], dict[str, Any], dict[str, list[Any]]]:
    """Column -> role.element; the contract; event type -> its events."""
    (tmp_path / "f.csv").write_text(lines(head, count, row))
    made, _, raw = proposed(tmp_path / "f.csv")
    events: dict[str, list[Any]] = {}
    for event in raw.get("events", ()):
        events.setdefault(event["type"], []).append(event)
    return elements(made), raw, events


def test_a_household_register(tmp_path: Path) -> None:
    """A status alone makes no firm; who is struck off died or left; the number of a former certificate is no second number."""
    reasons = ("", "", "死亡", "迁出市外")
    found, raw, events = told(
        tmp_path,
        "登记编号,公民身份号码,姓名,曾用名,出生日期,户号,与户主关系,户籍地址,服务处所,登记状态,注销原因,注销日期,业务时间",
        lambda n: (
            *(f"H{n:04d}", number_of(n), name(n), "", "1990-03-07", f"{n // 3:04d}", "户主" if n % 3 == 0 else "子", home(n), firm(n) if n % 5 == 0 else ""),
            *("注销" if reasons[n % 4] else "正常", reasons[n % 4], "2020-05-06" if reasons[n % 4] else "", "2020-05-07"),
        ),
    )
    assert {role["role"]: role["kind"] for role in raw["records"]} == {"person": "person", "employer": "legal_entity"}
    assert found["服务处所"] == "employer.name" and "登记状态" not in found and found["与户主关系"] == "person.relation"
    assert raw["op"] == {"column": "登记状态", "put": ["正常"], "end": ["注销"]}
    assert raw["valid_to"] == [{"column": "注销日期", "when": {"equals": {"登记状态": ["注销"]}}}]
    assert events["death"][0]["when"] == {"equals": {"注销原因": "死亡"}}
    assert (events["departure"][0]["when"], events["departure"][0]["valid_from"]) == ({"equals": {"注销原因": "迁出市外"}}, "注销日期")
    assert "cancellation" not in events and events["employment"][0]["participants"] == {"employee": "person", "employer": "employer"}
    assert (raw["key"], raw["recorded_at"]) == (["登记编号"], "业务时间")


def test_births(tmp_path: Path) -> None:
    found, raw, events = told(
        tmp_path,
        "出生证编号,新生儿姓名,性别,出生时间,母亲姓名,母亲年龄,母亲证件号,父亲姓名,家庭住址,接生机构,签发日期",
        lambda n: (
            f"X{n:06d}",
            name(n),
            "男",
            f"2010年03月0{n % 9 + 1}日9时",
            name(n + 1),
            20 + n % 9,
            number_of(n),
            name(n + 2),
            home(n),
            "市一医院",
            "2010-04-01",
        ),
    )
    assert (found["性别"], found["出生时间"], found["家庭住址"]) == ("child.sex", "child.birth", "child.address")
    assert "出生证编号" not in found and "接生机构" not in found and raw["key"] == ["出生证编号"]
    assert set(events) == {"birth", "residence"} and len(events["birth"]) == 1
    assert raw["records"][1]["elements"]["birth"] == {"column": "母亲年龄", "measure": "age", "at": "签发日期"}


@pytest.mark.parametrize(
    ("head", "thing", "word"),
    [
        ("户号,户名,用水地址,用水性质,联系电话,开户日期", "水", ("居民", "非居民")),
        ("客户编号,客户名称,用电地址,客户类别,联系电话,立户日期", "电", ("个人", "单位")),
    ],
)
def test_customers_are_people_or_firms(tmp_path: Path, head: str, thing: str, word: tuple[str, str]) -> None:
    def row(n: int) -> Sequence[object]:
        firms = n % 9 == 0
        return f"{n:06d}", firm(n) if firms else name(n), home(n), word[firms], phone(n), "2010-01-01"

    _, raw, events = told(tmp_path, head, row)
    first, _, _, kind, *_ = head.split(",")
    assert raw["key"] == [first]
    assert [(role["kind"], role["when"]) for role in raw["records"]] == [
        ("person", {"equals": {kind: [word[0]]}}),
        ("legal_entity", {"equals": {kind: [word[1]]}}),
    ]
    assert events["account"][0]["participants"]["holder"] == ["person", "legal_entity"] and events["account"][0]["detail"] == {"constant": thing}
    assert "residence" not in events and "household" not in events


def test_a_fund_in_pinyin_tells_marriages_and_employments(tmp_path: Path) -> None:
    found, raw, events = told(
        tmp_path,
        "GRZH,XINGMING,ZJHM,CSRQ,SJHM,DWMC,POXM,POZJHM,GRZHZT,KHRQ",
        lambda n: (f"8{n:07d}", name(n), number_of(n), "19900307", phone(n), firm(n), name(n + 1), number_of(n + 100), "正常", "20100102"),
    )
    assert (found["POXM"], found["POZJHM"], found["DWMC"]) == ("spouse.name", "spouse.id_no", "legal_entity.name")
    assert events["marriage"][0]["participants"] == {"spouse_a": "person", "spouse_b": "spouse"}
    assert (raw["key"], raw["recorded_at"]) == (["GRZH"], "KHRQ") and "employment" in events


def test_certificates(tmp_path: Path) -> None:
    found, raw, events = told(
        tmp_path,
        "证书编号,证书类型,持证人,身份证,工作单位,发证日期,有效期至",
        lambda n: (f"JK{n:06d}", ("健康证明", "电工证")[n % 2], name(n), number_of(n), firm(n), "2020-01-05", "2022-01-05"),
    )
    assert (found["持证人"], found["身份证"], found["工作单位"]) == ("person.name", "person.id_no", "employer.name")
    (certificate,) = events["certificate"]
    assert (certificate["valid_from"], certificate["valid_to"], certificate["detail"]) == ("发证日期", "有效期至", "证书类型")
    assert "unmapped" not in raw


def test_foreigners_and_passports(tmp_path: Path) -> None:
    found, raw, _ = told(
        tmp_path,
        "permit_no,holder_name,passport_no,nationality,gender,date_of_birth,employer,issue_date,expiry_date,mobile",
        lambda n: (f"RP{n:06d}", f"John Smith{chr(97 + n % 26)}", f"E{n:08d}", "UK", "M", "1990-03-07", firm(n), "2020-01-05", "2022-01-05", phone(n)),
    )
    assert (found["passport_no"], found["holder_name"], found["employer"]) == ("person.id_no", "person.name", "employer.name")
    assert raw["records"][0]["elements"]["id_type"] == {"constant": "414"} and raw["recorded_at"] == "issue_date"


def test_a_house_survey(tmp_path: Path) -> None:
    found, _, events = told(
        tmp_path,
        "房屋代码,楼幢代码,标准地址,楼幢地址,小区(里弄)名称,所在层,建筑面积,总层数,竣工年份,抵押权人",
        lambda n: (f"F{n:05d}", f"Z{n // 6:03d}", f"{home(n // 6)}{n}室", home(n // 6), "延吉四村", n % 6 + 1, "88.5", 6, 1990, "中国银行粤海分行"),
    )
    assert found["房屋代码"] == "room.room_code" and found["楼幢代码"] == "building.building_code"
    assert (found["标准地址"], found["楼幢地址"], found["小区(里弄)名称"]) == ("room.address", "building.address", "building.name")
    assert "抵押权人" not in found and set(events) == {"part_of"}


def test_parties_of_a_lawsuit(tmp_path: Path) -> None:
    """Other departments' terms: a party is a person or a firm, by the words beside; the representative's number is nobody else's."""

    def row(n: int) -> Sequence[object]:
        person = (name(n), "自然人", number_of(n), "", "")
        return f"粤01民初{n}号", *(person if n % 4 else (firm(n), "法人", code(n), name(n), number_of(n + 200))), "2020-01-05"

    found, raw, _ = told(tmp_path, "案号,当事人,当事人类型,当事人证件号,法定代表人,法定代表人身份证号,立案日期", row)
    assert found["法定代表人身份证号"] == "legal_rep.id_no"
    kinds = {role["role"]: (role["kind"], role["when"]) for role in raw["records"]}
    assert kinds["person"] == ("person", {"equals": {"当事人类型": ["自然人"]}}) and kinds["legal_entity"] == (
        "legal_entity",
        {"equals": {"当事人类型": ["法人"]}},
    )
    assert {"uscc", "reg_no"} <= set(raw["records"][1]["elements"])


def test_firms_and_their_former_names(tmp_path: Path) -> None:
    found, raw, events = told(
        tmp_path,
        "机构全称,原名称,统一社会信用代码,主要负责人,负责人手机号,成立时间,注销时间,办公地点,主体类型",
        lambda n: (firm(n), firm(n + 1) if n % 10 == 0 else "", code(n), name(n), phone(n), "2001-02-03", "2020-01-01" if n % 9 == 3 else "", home(n), "企业"),
    )
    assert (found["原名称"], found["主体类型"], found["办公地点"]) == ("legal_entity.former_name", "legal_entity.legal_form", "legal_entity.address")
    assert found["负责人手机号"] == "legal_rep.phone" and {role["role"] for role in raw["records"]} == {"legal_entity", "legal_rep"}
    assert set(events) == {"founding", "cancellation", "legal_representative"}


def test_numbers_of_both_kinds_in_a_column(tmp_path: Path) -> None:
    _, raw, events = told(
        tmp_path,
        "参保序号,社会保障号,姓名,单位名称,单位代码,参保年月,终止年月",
        lambda n: (f"{n:07d}", number_of(n), name(n), firm(n // 3), code(n // 3) if n % 2 else f"{39161835 + n}-X", "199601", "199909" if n % 2 else ""),
    )
    told_by = next(role["elements"] for role in raw["records"] if role["kind"] == "legal_entity")
    assert told_by["uscc"]["when"] != told_by["reg_no"]["when"]
    assert events["employment"][0]["valid_from"] == {"column": "参保年月", "format": "YYYYMM", "day": 1}
    assert events["employment"][0]["valid_to"]["column"] == "终止年月"


def test_pupils_and_their_guardians(tmp_path: Path) -> None:
    """A phone behind the guardian's name is the guardian's; lists that run beside the names belong to them."""
    found, _, events = told(
        tmp_path,
        "学号,姓名,身份证件号,学校名称,年级,监护人,联系电话,家庭住址,入学时间",
        lambda n: (f"X{n:05d}", name(n), number_of(n), "粤海市第一小学", "三年级", name(n + 1), phone(n), home(n), "2018-09-01"),
    )
    assert (found["联系电话"], found["家庭住址"], found["学校名称"]) == ("guardian.phone", "person.address", "school.name")
    assert events["schooling"][0]["detail"] == "年级" and "guardianship" in events

    def row(n: int) -> Sequence[object]:
        several = n % 3 == 0
        return (
            f"X{n:05d}",
            name(n),
            f"{name(n + 1)};{name(n + 2)}" if several else name(n + 1),
            "父亲;母亲" if several else "父亲",
            f"{phone(n)};{phone(n + 99)}" if several else phone(n),
        )

    _, raw, _ = told(tmp_path, "学籍号,学生姓名,监护人姓名,监护人关系,监护人电话", row)
    guardian = next(role for role in raw["records"] if role["role"] == "guardian")
    assert guardian["elements"] == {"name": "监护人姓名", "phone": "监护人电话"} and set(guardian["each"]["columns"]) == {
        "监护人姓名",
        "监护人电话",
        "监护人关系",
    }


def test_weddings_divorces_and_replaced_certificates(tmp_path: Path) -> None:
    words = ("结婚登记", "结婚登记", "离婚登记", "补领结婚证")
    _, _, events = told(
        tmp_path,
        "登记字号,业务类别,男方姓名,男方证件号,女方姓名,女方证件号,登记日期,原登记日期",
        lambda n: (f"J{n:05d}", words[n % 4], name(n), number_of(n), name(n + 1), number_of(n + 100), "2010-01-02", "1999-01-02" if n % 4 == 3 else ""),
    )
    assert [(event["when"]["equals"]["业务类别"], event["valid_from"]) for event in events["marriage"]] == [
        ("结婚登记", "登记日期"),
        ("补领结婚证", "原登记日期"),
    ]
    assert events["divorce"][0]["when"] == {"equals": {"业务类别": "离婚登记"}}


def test_dates_are_no_births_and_the_end_of_a_number_is_no_postcode(tmp_path: Path) -> None:
    found, raw, events = told(
        tmp_path,
        "备案编号,承租人,承租人证件后六位,房屋坐落,租期起,租期止,签发,有效期限",
        lambda n: (f"Z{n:05d}", name(n), f"{n + 100000}", f"{home(n)}101室", "2020-01-05", "2021-01-05", "2020-01-06", "2022-01-06"),
    )
    assert found == {"承租人": "tenant.name", "承租人证件后六位": "tenant.id_part", "房屋坐落": "room.address"}
    assert raw["records"][0]["elements"]["id_part"] == {"column": "承租人证件后六位", "measure": "tail"}
    assert (events["residence"][0]["valid_from"], events["residence"][0]["valid_to"]) == ("租期起", "租期止")


def test_a_tender_and_its_bids(tmp_path: Path) -> None:
    _, raw, events = told(
        tmp_path,
        "标段编号,投标单位,投标单位信用代码,投标报价(万元),联系人,联系电话,被授权人,文件制作机器码,是否中标,递交时间",
        lambda n: (f"ZB{n // 5:04d}", firm(n), code(n), f"{n}.5", name(n), phone(n), name(n + 1), f"MAC-{n % 7}", "是" if n % 5 == 0 else "否", "2023-10-06"),
    )
    (bid,) = events["bid"]
    assert bid["details"]["price"] == {"column": "投标报价(万元)", "measure": "amount", "unit": "万元"}
    assert bid["details"]["won"]["codes"] == {"是": "1", "否": "0"} and bid["participants"]["device"] == {"thing": "device", "column": "文件制作机器码"}
    assert "employment" not in events and raw["key"] == "none"


def test_merged_cells_are_filled_down(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["居住地址", "姓名", "联系电话"])
    for place in range(30):
        sheet.append([home(place) if place % 3 == 0 else None, name(place), phone(place)])
        if place % 3 == 2:
            sheet.merge_cells(start_row=place, end_row=place + 2, start_column=1, end_column=1)
    book.save(tmp_path / "f.xlsx")
    made, agreed, _ = proposed(tmp_path / "f.xlsx")
    assert agreed.format.fill_down == ("居住地址",)
    assert next(line.why for line in made.lines if line.column == "居住地址").endswith("addresses")


def test_cells_that_were_merged_before_the_file_was_a_text(tmp_path: Path) -> None:
    """What is empty together, from the left, in rows that go on; a spouse and her number, empty together further right, are simply not there."""

    def row(n: int) -> Sequence[object]:
        first = n % 3 == 0
        spouse = (name(n + 1), number_of(n + 100)) if n % 2 else ("", "")
        return f"{n // 3:04d}" if first else "", home(n) if first else "", name(n), "户主" if first else "子", number_of(n), *spouse

    (tmp_path / "f.csv").write_text(lines("户号,家庭住址,姓名,与户主关系,身份证号,配偶姓名,配偶身份证号", 60, row))
    assert proposed(tmp_path / "f.csv")[1].format.fill_down == ("户号", "家庭住址")


def test_totals_of_several_sheets_are_no_rows(tmp_path: Path) -> None:
    head = ["户号", "家庭住址", "姓名", "身份证号"]
    rows = [[f"{n // 3:04d}" if n % 3 == 0 else None, home(n) if n % 3 == 0 else None, name(n), number_of(n)] for n in range(24)]
    sheets = {title: [["救助名单"], head, *rows[start : start + 12], ["合计", "12"]] for title, start in (("低保", 0), ("特困", 12))}
    made, agreed, _ = proposed(workbook(tmp_path / "f.xlsx", sheets))
    assert (made.rows, agreed.format.fill_down) == (24, ("户号", "家庭住址"))


def test_a_credit_code_is_of_the_firm_before_it(tmp_path: Path) -> None:
    def row(n: int) -> Sequence[object]:
        return f"T{n:04d}", f"ZB{n // 5:03d}", firm(n), code(n), firm(n + 1), "2023-10-06"

    found, _, events = told(tmp_path, "投标编号,标段编号,投标人,统一社会信用代码,分包单位,递交日期", row)
    assert (found["统一社会信用代码"], found["分包单位"]) == ("bidder.uscc", "subcontractor.name") and "bid" in events


def test_a_number_of_the_file_is_no_key_and_a_register_of_penalties_numbers_no_firm(tmp_path: Path) -> None:
    _, raw, events = told(
        tmp_path,
        "序号,处罚决定书文号,行政相对人名称,统一信用代码,法定代表人,违法事实,决定日期",
        lambda n: (n + 1, f"市监罚{max(n, 1)}号", firm(n), code(n), name(n), "无证经营", "2020-01-05"),
    )
    assert raw["key"] == "none"
    assert (events["penalty"][0]["valid_from"], events["penalty"][0]["detail"]) == ("决定日期", "违法事实")


def test_a_file_about_nobody_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(lines("代码,含义,备注", 30, lambda n: (f"{n:03d}", f"第{n}类", "x")))
    made = propose(tmp_path / "f.csv", registry.load())
    assert "records: []" in made.yaml and "含义" in made.yaml and not made.unconfirmed


def test_a_folder_with_several_deliveries_of_a_source(tmp_path: Path) -> None:
    text = lines("编号,姓名,出生日期", 30, lambda n: (f"{n:04d}", name(n), "1990-03-07"))
    for file in ("户籍_2.csv", "户籍_10.csv", "户籍_1.csv", ".hidden"):
        (tmp_path / file).write_text(text)
    (tmp_path / "户籍_3.csv").write_text(lines("房屋编号,房屋坐落,建筑面积", 30, lambda n: (f"F{n:04d}", home(n), "80")))
    found = propose_all([tmp_path], registry.load())
    assert [(one.source, [file.name for file in files]) for one, files in found] == [
        ("huji", ["户籍_1.csv", "户籍_2.csv", "户籍_10.csv"]),
        ("huji_3", ["户籍_3.csv"]),
    ]
