"""The words people read: Chinese first, English beside. One table a vocabulary; what is not in it is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KINDS: Mapping[str, str] = {"person": "人 person", "legal_entity": "法人 legal entity", "building": "楼栋 building", "room": "房屋 room", "thing": "事物 thing"}

ELEMENTS: Mapping[str, str] = {
    "name": "姓名/名称 name",
    "former_name": "曾用名 former name",
    "sex": "性别 sex",
    "birth": "出生 birth",
    "id_type": "证件类型 id type",
    "id_no": "证件号码 id number",
    "id_part": "部分遮盖的号码 part of id",
    "ethnicity": "民族 ethnicity",
    "birth_place": "出生地 birth place",
    "phone": "电话 phone",
    "address": "地址 address",
    "household_no": "户号 household",
    "relation": "与户主关系 relation",
    "marital": "婚姻状况 marital",
    "occupation": "职业 occupation",
    "postcode": "邮编 postcode",
    "uscc": "信用代码 uscc",
    "reg_no": "注册号 reg. no.",
    "legal_form": "类型 legal form",
    "status": "状态 status",
    "founded": "成立 founded",
    "capital": "资本 capital",
    "scope": "范围 scope",
    "building_code": "楼栋编码 code",
    "floors": "层数 floors",
    "built": "建成 built",
    "room_code": "房屋编码 code",
    "floor": "所在层 floor",
    "area": "面积 area",
    "surname": "姓 surname",
    "given_name": "名 given name",
}

FACTS: Mapping[tuple[str, str], str] = {
    # (fact type, the role the entity plays) -> what happened to it
    ("birth", "child"): "出生 born",
    ("birth", "mother"): "生育 gave birth",
    ("birth", "father"): "得子女 had a child",
    ("household", "member"): "立户/入户 household",
    ("residence", "resident"): "居住 lived at",
    ("residence", "home"): "有人居住 was home to",
    ("marriage", "spouse_a"): "结婚 married",
    ("marriage", "spouse_b"): "结婚 married",
    ("divorce", "spouse_a"): "离婚 divorced",
    ("divorce", "spouse_b"): "离婚 divorced",
    ("death", "deceased"): "去世 died",
    ("employment", "employee"): "受雇 worked for",
    ("employment", "employer"): "雇用 employed",
    ("founding", "firm"): "成立 founded",
    ("cancellation", "firm"): "注销 cancelled",
    ("legal_representative", "person"): "任法定代表人 legal rep. of",
    ("legal_representative", "firm"): "法定代表人 legal rep.",
    ("shareholding", "holder"): "持股 shareholder of",
    ("shareholding", "firm"): "股东 shareholder",
    ("branch", "branch"): "分支机构，隶属 branch of",
    ("branch", "head"): "设有分支机构 has branch",
    ("ownership", "owner"): "产权 owned",
    ("ownership", "room"): "产权人 owner",
    ("part_of", "room"): "位于 in building",
    ("part_of", "building"): "含房屋 has room",
    ("adoption", "child"): "被收养 was adopted",
    ("adoption", "mother"): "收养 adopted",
    ("adoption", "father"): "收养 adopted",
    ("certificate", "holder"): "持证 held a certificate",
    ("schooling", "pupil"): "就读 went to school",
    ("schooling", "school"): "在校生 pupil",
    ("benefit", "recipient"): "享受待遇 received a benefit",
    ("departure", "resident"): "迁出 moved away",
    ("guardianship", "guardian"): "监护人 guardian of",
    ("guardianship", "ward"): "被监护 ward of",
    ("account", "holder"): "水电气户名 pays for utilities",
    ("account", "home"): "水电气 utilities paid by",
    ("penalty", "firm"): "行政处罚 penalty",
    ("enrolment", "bidder"): "入投标库 enrolled to bid",
    ("enrolment", "contact"): "投标联系人 bidder's contact",
    ("tender", "buyer"): "招标 called for bids",
    ("tender", "agency"): "代理招标 agency of tender",
    ("bid", "bidder"): "投标 bid",
    ("bid", "delegate"): "投标代表 delegate of bid",
    ("bid", "staff"): "项目人员 staff of bid",
    ("tax_registration", "firm"): "税务登记 registered for tax",
}

FACT_TYPES: Mapping[str, str] = {
    "birth": "出生 birth",
    "household": "同户 household",
    "residence": "居住 residence",
    "marriage": "结婚 marriage",
    "divorce": "离婚 divorce",
    "death": "死亡 death",
    "employment": "就业 employment",
    "founding": "成立 founding",
    "cancellation": "注销 cancellation",
    "legal_representative": "法定代表人 legal rep.",
    "shareholding": "持股 shareholding",
    "branch": "分支机构 branch",
    "ownership": "产权 ownership",
    "schooling": "就读 schooling",
    "guardianship": "监护 guardianship",
    "adoption": "收养 adoption",
    "certificate": "证照 certificate",
    "benefit": "待遇 benefit",
    "account": "水电气户 utility account",
    "penalty": "处罚 penalty",
    "tax_registration": "税务登记 tax registration",
    "enrolment": "入投标库 enrolment",
    "tender": "招标 tender",
    "bid": "投标 bid",
    "part_of": "所在楼栋 in building",
}

ROLES: Mapping[str, str] = {
    "child": "子女 child",
    "mother": "母亲 mother",
    "father": "父亲 father",
    "household": "户 household",
    "home": "住处 home",
    "spouse_a": "配偶 spouse",
    "spouse_b": "配偶 spouse",
    "employer": "单位 employer",
    "employee": "职工 employee",
    "firm": "企业 firm",
    "person": "人 person",
    "holder": "股东 holder",
    "branch": "分支机构 branch",
    "head": "总机构 head office",
    "owner": "产权人 owner",
    "room": "房屋 room",
    "building": "楼栋 building",
    "resident": "居民 resident",
    "member": "成员 member",
    "certificate": "证件 certificate",
    "pupil": "学生 pupil",
    "school": "学校 school",
    "recipient": "领取人 recipient",
    "guardian": "监护人 guardian",
    "ward": "被监护人 ward",
    "bidder": "投标人 bidder",
    "contact": "联系人 contact",
    "delegate": "授权代表 delegate",
    "staff": "项目人员 staff",
    "agent": "代理机构 agent",
    "phone": "电话 phone",
    "lot": "标段 lot",
    "partner": "联合体成员 partner",
    "subcontractor": "分包单位 subcontractor",
    "device": "机器码 machine code",
    "account": "保证金账户 deposit account",
    "buyer": "采购人 buyer",
    "agency": "代理机构 agency",
}

EDGES: Mapping[str, str] = {
    "spouse": "配偶 spouse",
    "parent": "亲子 parent",
    "kin": "亲属 kin",
    "household": "同户 household",
    "lives_in": "居住 lives in",
    "owns": "产权 owns",
    "works_for": "受雇 works for",
    "legal_representative": "法定代表人 legal rep.",
    "shareholder": "股东 shareholder",
    "branch_of": "隶属 branch of",
    "room_in_building": "房屋所在 in building",
    "studies_at": "就读 studies at",
    "guardian": "监护 guardian of",
}

PARENTS: Mapping[str, str] = {
    "mother": "母亲 mother",
    "father": "父亲 father",
    "adoptive_mother": "养母 adoptive mother",
    "adoptive_father": "养父 adoptive father",
}


def edge(said: Mapping[str, Any]) -> str:
    """What a relation is called: that of a parent by which parent."""
    return PARENTS.get(said["detail"] or "", EDGES["parent"]) if said["type"] == "parent" else EDGES.get(said["type"], said["type"])


UNDIRECTED = frozenset({"spouse", "kin"})
"""Relations that point neither way."""

_TITLES: dict[str, str] = {}


def know(titles: Mapping[str, str]) -> None:
    """Call sources by these titles from now on: those of the contracts of the one workspace that a command is about."""
    _TITLES.clear()
    _TITLES.update(titles)


CODES: Mapping[tuple[str, str], str] = {("sex", "1"): "男 M", ("sex", "2"): "女 F", ("sex", "0"): "未知 unknown", ("sex", "9"): "未说明 unstated"}

STATES: Mapping[str, str] = {
    "born": "出生 born",
    "founded": "成立 founded",
    "built": "建成 built",
    "active": "存续 active",
    "renamed": "更名 renamed",
    "moved": "迁址 moved",
    "suspended": "停业 suspended",
    "revoked": "吊销 revoked",
    "moved_out": "迁出 moved out",
    "cancelled": "注销 cancelled",
}
"""States that no fact tells (resolver/life_rules.py)."""

OWN_RULES: Mapping[str, str] = {
    "duplicate_key": "主键在一批中重复 / the key stands twice in a delivery: the last row counts",
    "list_length": "一行中各列表项数不同 / the lists of a row are not equally long",
    "number_of_another": "号码属于另一实体 / the number is another's",
    "entity": "同一实体的其他记录 / the entity's other records",
}
"""Rules that stand in no pack."""

RULES: Mapping[str, str] = {
    "only": "唯一的值 the only value",
    "repair": "确定的修复 a sure repair",
    "authority": "权威来源 authority source",
    "valid": "其余不合格 the others fail checks",
    "trust": "更可信的来源 more trusted source",
    "recency": "最近登记 latest recorded",
    "tie": "同等，按固定次序 tie, by fixed order",
    "number": "身份号码所载 told by the identity number",
}

WRITTEN: Mapping[str, str] = {
    "placeholder": "以文字代替空缺 a word for nothing",
    "characters": "全角、空格、不可见字符 odd characters",
    "date": "日期写法不同 another form of date",
    "word": "不用代码名称 not the code's name",
    "measure": "数量写法不同 another form of measure",
    "address": "地址不全 address not in full",
    "form": "写法不同 another form",
}
"""How a cell was written otherwise than its column usually is (cfd_rules/normalised.py)."""

STRENGTHS: Mapping[str, str] = {"certain": "确定 certain", "reliable": "可靠 reliable", "heuristic": "推测 heuristic"}


def chinese(text: str) -> str:
    """The Chinese half of a "中文 / English" text."""
    return re.split(r"\s*/\s*(?=[A-Za-z])", text, maxsplit=1)[0]


def chinese_word(text: str) -> str:
    """The Chinese word of a "中文 english" title."""
    return text.split(" ", 1)[0]


def bare(possible: int | None) -> str:
    """What to say of somebody of whom only a name is told: how many others bear it; nothing of whom more is told."""
    if possible is None:
        return ""
    return f"（只有姓名，可能是 {possible} 名同名者之一 name only, may be one of {possible} of that name）" if possible else "（只有姓名 name only）"


def source(name: str) -> str:
    """A source as people know it: the Chinese half of its contract's title."""
    return _TITLES.get(name, name).split(" / ")[0]


def element(name: str) -> str:
    """An element as people know it."""
    return ELEMENTS.get(name, name)


def code(name: str, value: str | None) -> str:
    """A value, with what a code means."""
    return "" if value is None else CODES.get((name, value), value)
