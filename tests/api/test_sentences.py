"""The sentences that `ask` understands: each form by its own examples, dates, Chinese numerals; the rest is refused with the nearest."""

from __future__ import annotations

import pytest

from cityweave.api.questions import QUESTIONS
from cityweave.api.sentence_forms import FORMS
from cityweave.api.sentence_lists import Form, number
from cityweave.api.sentences import secret, understand
from cityweave.engine.errors import InputError

NUMBERS = ("990102196302030024", "990102199001011237")


@pytest.mark.parametrize("form", FORMS, ids=[f"{form.question}-{form.en}" for form in FORMS])
def test_each_form_understands_its_examples(form: Form) -> None:
    assert form.question in QUESTIONS
    for example in (form.zh, form.en):
        for word in ("号码", "number"):
            for one in NUMBERS:
                example = example.replace(word, one, 1)
        assert understand(example).form is form, example
        assert understand(f"{example}?").form is form


UNDERSTOOD = {
    "下个月谁满65岁": {"age": 65, "month": "next"},
    "2026年3月谁满六十岁？": {"age": 60, "month": "2026-03"},
    "who turns 80 in 2026-04": {"age": 80, "month": "2026-04"},
    "今后九十天内有哪些证照将到期": {"rule": "certificate-expiring", "days": 90},
    "who gets a senior card next month, as of 2026-01-05": {"rule": "senior-card", "month": "next", "as_of": "2026-01-05"},
    "在2020年6月30日，王秀英和谁同户": {"as_of": "2020-06-30"},
    "画出王秀英三步之内的关系图": {"depth": 3},
    "画王秀英的关系图": {},
    "draw the relations of 王秀英, as of 2020-06-30": {"as_of": "2020-06-30"},
    "王秀英和李伟之间最好的两条关系链": {"best": 2},
    "the best chains between 王秀英 and 李伟": {},
    "谁是王秀英的妻子": {"types": ("spouse",)},
    "甲公司的法定代表人是谁": {"types": ("legal_representative",)},
    "who is the legal representative of 甲公司": {"types": ("legal_representative",)},
    "王秀英名下有哪些房产": {"types": ("owns",)},
    "王秀英的房产在哪里": {"types": ("owns",)},
    "王秀英在哪家公司工作": {"types": ("works_for",)},
    "2020年6月30日王秀英住在什么地方": {"types": ("lives_in",), "as_of": "2020-06-30"},
    "what are the children of 王秀英": {"types": ("parent",)},
    "甲公司的股东有哪些": {},
    "甲公司是谁控制的": {},
    "有哪些老人下个月满65岁": {"age": 65, "month": "next"},
    "下个月有哪些老人满65岁": {"age": 65, "month": "next"},
    "王秀英名下有几家公司": {},
    "王秀英家里有几口人": {},
    "王秀英的老婆是谁": {"types": ("spouse",)},
    "王秀英的父亲是谁": {"types": ("parent",)},
    "王秀英的户主是谁": {"types": ("kin",)},
    "王秀英有几个孩子": {"types": ("parent",)},
    "王秀英还健在吗": {},
    "王秀英什么时候结的婚": {},
    "甲公司什么时候成立的": {},
    "甲公司注销了没有": {},
    "王秀英离过婚吗": {},
    "is 王秀英 still alive": {},
    "who represents 甲公司": {"types": ("legal_representative",)},
    "who owns 甲公司": {},
    "who owns the flat rg0000ae5": {},
    "what firms does 王秀英 own": {},
    "王秀英是哪些合作社的成员": {},
    "哪些居住证30天内到期": {"rule": "permit-expiring", "days": 30},
    "下个月满80岁的有谁": {"age": 80, "month": "next"},
    "list people turning 80 next month": {"age": 80, "month": "next"},
    "明年秋季该上一年级的孩子": {"rule": "school-entry", "month": "next-09"},
    "2026年9月该上小学的孩子": {"rule": "school-entry", "month": "2026-09"},
    "2026年秋季该入学的儿童有哪些": {"rule": "school-entry", "month": "2026-09"},
    "2026年该上小学的孩子": {"rule": "school-entry", "month": "2026-09"},
    "今年九月谁该上学": {"rule": "school-entry", "month": "this-09"},
    "which children enter school in 2026": {"rule": "school-entry", "month": "2026-09"},
    "children entering school in September 2026": {"rule": "school-entry", "month": "2026-09"},
    "下月到期的居住证": {"rule": "permit-expiring", "month": "next"},
    "谁的居住证下个月到期": {"rule": "permit-expiring", "month": "next"},
    "2026年3月到期的居住证有哪些": {"rule": "permit-expiring", "month": "2026-03"},
    "下个月哪些证照到期": {"rule": "certificate-expiring", "month": "next"},
    "哪些证件本月到期": {"rule": "certificate-expiring", "month": "this"},
    "未来60天到期的证照有哪些": {"rule": "certificate-expiring", "days": 60},
    "residence permits expiring next month": {"rule": "permit-expiring", "month": "next"},
    "which certificates expire in March 2026": {"rule": "certificate-expiring", "month": "2026-03"},
    "下个月该办敬老卡的老人名单": {"rule": "senior-card", "month": "next"},
    "明年1月谁满65岁": {"age": 65, "month": "next-01"},
    "下个月满65周岁的人员名单": {"age": 65, "month": "next"},
    "who will turn 65 next month": {"age": 65, "month": "next"},
    "王秀英2010年底的户籍地址": {"types": ("household", "lives_in"), "as_of": "2010-12-31"},
    "王秀英2015年住在哪里": {"types": ("lives_in",), "as_of": "2015-12-31"},
    "2015年底王秀英和谁同户": {"as_of": "2015-12-31"},
    "2026年3月满八十岁的老人有哪些": {"age": 80, "month": "2026-03"},
    "households of 王秀英 on 2015-06-30": {"as_of": "2015-06-30"},
    "rg0000ae5住着几户人": {},
    "哪些公司可能串标": {},
    "王秀英和李伟是什么亲戚": {},
    "王秀英是谁": {},
    "王秀英和李伟是不是夫妻": {},
    "下个月满65岁还没办优待证的老人有哪些": {"rule": "senior-card", "month": "next"},
    "本月谁满65岁": {"age": 65, "month": "this"},
    "这个月谁该办敬老卡": {"rule": "senior-card", "month": "this"},
    "who turns 65 in January 2026": {"age": 65, "month": "2026-01"},
    "王秀英现在住哪": {"types": ("lives_in",)},
    "where did 王秀英 live in 2015": {"types": ("lives_in",), "as_of": "2015-12-31"},
    "王秀英和谁在一个户口本上": {},
    "王秀英名下几套房": {"types": ("owns",)},
    "王秀英是哪些企业的法人": {"types": ("legal_representative",)},
    "谁是甲公司的实控人": {},
    "甲公司有没有被处罚过": {},
    "王秀英的曾用名是什么": {},
    "围标串标线索": {},
    "how is 王秀英 related to 李伟": {},
    "list the children of 王秀英": {"types": ("parent",)},
    "半年内到期的驾驶证": {"rule": "certificate-expiring", "what": "驾驶证", "days": 184},
    "三个月内哪些食品经营许可证到期": {"rule": "certificate-expiring", "what": "食品经营许可证", "days": 93},
    "下个月到期的驾驶证有哪些": {"rule": "certificate-expiring", "what": "驾驶证", "month": "next"},
    "一年内到期的居住证": {"rule": "permit-expiring", "days": 366},
    "driving licences expiring next month": {"rule": "certificate-expiring", "what": "驾驶证", "month": "next"},
    "王秀英的爷爷是谁": {"relation": "paternal_grandfather"},
    "王秀英的外婆叫什么": {"relation": "maternal_grandmother"},
    "谁是王秀英的奶奶": {"relation": "paternal_grandmother"},
    "王秀英的兄弟姐妹有哪些": {"relation": "sibling"},
    "who are the grandparents of 王秀英": {"relation": "grandparent"},
    "who is 王秀英's maternal grandfather": {"relation": "maternal_grandfather"},
    "去年被罚的企业": {"year": "last"},
    "去年哪些企业受过处罚": {"year": "last"},
    "2024年被处罚的公司有哪些": {"year": "2024"},
    "哪些企业今年被罚过": {"year": "this"},
    "which firms were fined in 2024": {"year": "2024"},
    "firms penalised last year": {"year": "last"},
    "甲公司的负责人是谁": {"types": ("legal_representative",)},
    "甲公司的分公司": {"types": ("branch_of",)},
    "what are the branches of 甲公司": {"types": ("branch_of",)},
    "按2025年12月31日所知，下个月谁可以领老年卡": {"rule": "senior-card", "month": "next", "known": "2025-12-31"},
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_is_understood(text: str) -> None:
    assert understand(text).fields == UNDERSTOOD[text]


MEANT = {
    "entity 甲公司": "甲公司注册地址在哪|甲公司的住所|甲公司的地址是什么|甲公司在哪里|where is 甲公司 registered|what is the registered address of 甲公司",
    "timeline 甲公司": "甲公司受过哪些处罚|甲公司的处罚记录|查一下甲公司的处罚|甲公司被罚过吗|has 甲公司 ever been fined|list the penalties of 甲公司",
    "timeline 方盛修理部": "方盛修理部受过哪些处罚|penalties of 方盛修理部",
    "entity 方盛修理部": "方盛修理部的地址|方盛修理部的登记地址是什么|方盛修理部在哪里",
    "neighbours lives_in 李知行": "李知行的地址|李知行的住址在哪里",
    "control 甲公司": "谁是甲公司的老板|甲公司的股东|甲公司股东是谁|shareholders of 甲公司"
    "|谁持有甲公司的股份|哪些人持有甲公司股权|甲公司的股权在谁手里|who holds shares of 甲公司|who owns the shares in 甲公司",
    "rings": "疑似围标|疑似围标的企业|哪些公司涉嫌串标|有哪些疑似围标线索|suspected bid-rigging|which firms may be colluding",
    "neighbours legal_representative 甲公司": "甲公司法人是谁|甲公司的负责人|甲公司负责人是谁|谁是甲公司的负责人"
    "|who is in charge of 甲公司|who heads 甲公司|甲公司的法人代表|谁是甲公司的法人",
    "neighbours works_for 甲公司": "甲公司有多少员工|who works at 甲公司",
    "neighbours household lives_in 王秀英": "王秀英的户口在哪里|王秀英户籍地址|王秀英是哪里的户口|where is 王秀英 registered|the registered address of 王秀英",
    "neighbours lives_in 王秀英": "王秀英的现住址|the address of 王秀英",
    "neighbours owns 王秀英": "王秀英名下有没有房|王秀英名下房产|how many flats does 王秀英 own|rooms of 王秀英",
    "neighbours legal_representative 王秀英": "王秀英是哪些企业的法人|王秀英担任哪些公司的法人|王秀英当法人的公司有哪些"
    "|which firms is 王秀英 the legal representative of|which firms does 王秀英 represent",
    "neighbours parent 王秀英": "王秀英的父母|列出王秀英的子女|children of 王秀英|who are 王秀英's children|how many children does 王秀英 have",
    "neighbours spouse 王秀英": "王秀英的配偶|who is married to 王秀英|who is 王秀英's husband",
    "timeline 王秀英": "王秀英以前住在哪里|王秀英住过哪些地方|王秀英离婚了吗|where has 王秀英 lived",
    "entity 王秀英": "王秀英以前叫什么|王秀英今年多大|former names of 王秀英|how old is 王秀英|请帮我查一下王秀英的档案",
    "draw 王秀英": "王秀英的关系图|请画王秀英的关系图",
    "household 王秀英": "王秀英的户口本上有谁",
    "occupants rg0000ae5": "谁是rg0000ae5的房主|rg0000ae5的业主",
    "path 王秀英 李伟": "王秀英和李伟什么关系|王秀英与李伟的关系|王秀英是李伟的什么人|王秀英和李伟是夫妻吗|王秀英跟李伟有没有关系"
    "|are 王秀英 and 李伟 related|is 王秀英 related to 李伟",
}


@pytest.mark.parametrize(("meant", "text"), [(meant, text) for meant, texts in MEANT.items() for text in texts.split("|")])
def test_a_question_is_meant_of_whom_it_names(meant: str, text: str) -> None:
    made = understand(text)
    types = made.fields.get("types", ())
    assert isinstance(types, tuple) and " ".join((made.form.question, *types, *made.who.values())) == meant


@pytest.mark.parametrize(
    "text",
    ["3月份谁满65岁", "甲公司的经营地址", "王秀英的儿子的单位", "who is 65 next month", "show the relations", "快到期的证照"],
)
def test_what_is_not_said_clearly_or_not_held_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        understand(text)


COUNTED = {
    "下个月有多少人满65岁": {"age": 65, "month": "next"},
    "有多少老人下个月满65岁": {"age": 65, "month": "next"},
    "下个月满65岁的老人有多少": {"age": 65, "month": "next"},
    "how many people turn 65 next month": {"age": 65, "month": "next"},
    "30天内有多少居住证到期": {"rule": "permit-expiring", "days": 30},
    "how many residence permits expire within 30 days": {"rule": "permit-expiring", "days": 30},
    "how many children enter school in 2026": {"rule": "school-entry", "month": "2026-09"},
    "甲公司有多少股东": {},
    "how many shareholders does 甲公司 have": {},
    "有多少疑似围标线索": {},
    "王秀英名下有多少家公司": {},
    "how many firms does 王秀英 own": {},
    "王秀英名下有几套房": {"types": ("owns",)},
    "去年有多少企业被罚": {"year": "last"},
    "2025年有多少企业被罚": {"year": "2025"},
    "how many firms were penalised last year": {"year": "last"},
    "王秀英有几个兄弟姐妹": {"relation": "sibling"},
    "how many siblings does 王秀英 have": {"relation": "sibling"},
}


@pytest.mark.parametrize("text", COUNTED)
def test_who_asks_how_many_is_told_so(text: str) -> None:
    made = understand(text)
    assert made.counted and made.fields == COUNTED[text] and set(made.who.values()) <= {"王秀英", "甲公司"}
    assert not understand("下个月谁满65岁").counted


def test_names_are_taken_whole() -> None:
    assert understand("查良镛是谁").who == {"id": "查良镛"} and understand("李国家住在哪里").who == {"id": "李国家"}
    assert understand("粤海市明德科技有限公司的实际控制人是谁").who == {"id": "粤海市明德科技有限公司"}
    assert understand("古丽·买买提和李伟是什么关系").who == {"left": "古丽·买买提", "right": "李伟"}
    assert understand("画出古丽·买买提两步以内的关系图").who == understand("draw the picture of 古丽·买买提").who == {"id": "古丽·买买提"}
    assert understand("王秀英住在哪里").who == understand("王秀英的家人有哪些人").who == understand("where does 王秀英 work").who == {"id": "王秀英"}
    assert understand("王秀英与李伟最好的3条路径").who == {"left": "王秀英", "right": "李伟"}
    made = understand(f"王秀英（{NUMBERS[0]}）是李伟（{NUMBERS[1]}）的母亲吗？")
    assert made.fields == {"relation": "mother-of", "one_name": "王秀英", "one_number": NUMBERS[0], "other_name": "李伟", "other_number": NUMBERS[1]}


@pytest.mark.parametrize("text", ["", "下个月谁结婚", "who is the richest", "990102196302030024", "谁下个月满岁"])
def test_the_rest_is_refused_with_examples_and_without_its_words(text: str) -> None:
    with pytest.raises(InputError, match="not understood") as told:
        understand(text)
    assert "下个月谁满65岁" in str(told.value) or "who " in str(told.value)
    assert not text or text not in str(told.value)


def test_numbers_in_chinese() -> None:
    assert [number(text) for text in ("十", "十八", "六十五", "一百", "一百零三", "二百", "两百", "65")] == [10, 18, 65, 100, 103, 200, 200, 65]


def test_what_may_not_stand_on_a_command_line() -> None:
    assert secret(f"王秀英（{NUMBERS[0]}）是谁") and secret("13812345678是谁的") and secret("谁住在粤海市南湖区春风路8号3栋201")
    assert not any(map(secret, ("下个月谁满65岁", "谁住在rg0000ae5", "p80000002和谁同户", "在2020-06-30王秀英和谁同户", "粤海明德科技有限公司的股东是谁")))
