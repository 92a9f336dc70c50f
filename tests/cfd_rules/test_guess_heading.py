"""What headings say: of whom, and what; those that only look like it say nothing."""

from __future__ import annotations

import pytest

from cityweave.cfd_rules.guess_heading import said


@pytest.mark.parametrize(
    ("heading", "role", "element"),
    [
        ("父亲证号", "father", "id_no"),
        ("POXM", "spouse", "name"),
        ("POZJHM", "spouse", "id_no"),
        ("法定代表人(负责人)", "legal_rep", "name"),
        ("法定代表人身份证号", "legal_rep", "id_no"),
        ("法人证件后四位", "legal_rep", "id_part"),
        ("收养人(父)证件", "father", "id_no"),
        ("被收养人出生日期", "child", "birth"),
        ("学生监护人姓名", "guardian", "name"),
        ("单位负责人电话", "legal_rep", "phone"),
        ("申领人.性别代码", "person", "sex"),
        ("股东2", "shareholder_2", "name"),
        ("shareholder1_name", "shareholder_1", "name"),
        ("legal_rep_id_no", "legal_rep", "id_no"),
        ("户名", "subject", "name"),
        ("客户名称", "subject", "name"),
        ("当事人", "subject", "name"),
        ("持证人", "person", "name"),
        ("原单位", "employer", "name"),
        ("招标人代码", "buyer", "uscc"),
        ("成员年龄", "relative", "age"),
        ("单位地址", "legal_entity", "address"),
        ("身份证后六位", "", "id_part"),
        ("原证件号码", "", "former_id_no"),
        ("former_passport_no", "", "former_id_no"),
        ("主体类型", "", "legal_form"),
        ("法人类型", "", "legal_form"),
        ("经营者名称", "", "name"),
        ("户主关系", "", "relation"),
        ("楼幢代码", "", "building_code"),
        ("房屋代码", "", "room_code"),
        ("建筑面积(㎡)", "", "area"),
        ("社会信用代码(身份证号码)", "", "uscc"),
        # they say something else
        ("出生证编号", "", ""),
        ("有效期至", "", ""),
        ("租期起", "", ""),
        ("登簿日期", "", ""),
        ("接生机构", "", ""),
        ("经办人", "", ""),
        ("权利人类型", "owner", ""),
        ("与逝者关系", "", ""),
        ("监护人关系", "guardian", ""),
        ("headcount", "", ""),
    ],
)
def test_of_whom_and_what(heading: str, role: str, element: str) -> None:
    found = said(heading)
    assert (found.role, found.element) == (role, element)


@pytest.mark.parametrize(
    ("heading", "element"),
    [("签发", "birth"), ("主体业态", "name"), ("经办人", "name"), ("共有方式", "name"), ("金额(元)", "id_no"), ("与逝者关系", "relation")],
)
def test_the_last_word_forbids_what_the_values_look_like(heading: str, element: str) -> None:
    assert not said(heading).fits("person", element)
