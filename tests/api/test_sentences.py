"""The sentences that `ask` understands: each form by its own examples, dates, Chinese numerals; the rest is refused with the nearest."""

from __future__ import annotations

import pytest

from cityweave.api.questions import QUESTIONS
from cityweave.api.sentences import FORMS, Form, number, secret, understand
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
    "明年秋季该上一年级的孩子": {"rule": "school-entry"},
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
    "按2025年12月31日所知，下个月谁可以领老年卡": {"rule": "senior-card", "month": "next", "known": "2025-12-31"},
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_is_understood(text: str) -> None:
    assert understand(text).fields == UNDERSTOOD[text]


def test_names_are_taken_whole() -> None:
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
