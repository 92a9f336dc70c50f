"""What a column most likely is: by its heading, and by its values alone. Each guess says how sure it is and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from stdnum.cn import uscc

from cityweave.cfd_rules.classes import GB11643_WEIGHTS
from cityweave.cfd_rules.guess_heading import SURE, Said
from cityweave.cfd_rules.model import Kind
from cityweave.cfd_rules.registry import Registry

SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚欧莫"
    "向温芦柴鲍华俞章鲁葛毕聂丛焦柳邢骆岳齐梅庄辛管祝左涂谷祁舒耿牟卜詹关苗凌费纪靳盛童甄项曲游阳裴席卫查屈覃霍翁隋甘包司柏"
    "宁柯阮桂闵解冉吉饶刁瞿戚丘古米池滕晋臧宫匡佟蒲蔺蓝殷褚娄窦岑商农简仇封艾尚桑"
)
_ORG = re.compile(r"(公司|厂|店|中心|局|院|所|社|行|部|会|处|站|馆|学校|[小中大]学|政府|集团|合伙|\b(ltd|llc|inc|gmbh|plc|co)\b\.?)$", re.IGNORECASE)
_PLACES = frozenset(
    {"london", "westminster", "birmingham", "manchester", "liverpool", "edinburgh", "leeds", "sheffield", "glasgow", "dublin", "paris", "boston", "cornwall"}
    | {"devon", "york", "bristol", "北京", "上海", "广州", "深圳", "天津", "重庆", "武汉", "成都"}
)
_JOBS = frozenset(
    {"politician", "painter", "writer", "cricketer", "priest", "photographer", "poet", "actor", "lawyer", "engineer", "architect", "businessperson", "botanist"}
    | {"journalist", "composer", "physician", "teacher", "教师", "医生", "工人", "农民", "学生", "工程师", "职员", "司机", "护士", "会计", "律师"}
)


@dataclass(frozen=True)
class Guess:
    """A column may be this element of this kind."""

    kind: Kind
    element: str
    sure: int  # per cent
    why: str


@dataclass(frozen=True)
class Sample:
    """Some values of a column, without empty ones, in the order of the file."""

    column: str
    values: tuple[str, ...]
    distinct: int
    filled: int  # per cent

    def share(self, test: Callable[[str], object]) -> int:
        """The per cent of the values that pass a test."""
        return sum(1 for value in self.values if test(value)) * 100 // len(self.values) if self.values else 0


_P: Kind = "person"
_L: Kind = "legal_entity"

NAMELESS = re.compile(r"(c|col|column|field|f|v|x|列|字段|unnamed:?)[ _]?[0-9]+", re.IGNORECASE)
"""Headings that say nothing."""

PASSPORT = r"^[A-Z]{1,2}[0-9]{7,8}$"
OP_HEADING = re.compile(r"^(操作|操作类型|变更类型|op|operation|action)$", re.IGNORECASE)
DATE_ELEMENTS = frozenset({"birth", "founded"})


def guesses(sample: Sample, heading: Said, registry: Registry) -> list[Guess]:
    """Everything a column may be, the surest first. What heading and values both say is surer than either."""
    told_by_values = by_values(sample, registry)
    values = [guess for guess in told_by_values if heading.fits(guess.kind, guess.element)]
    if not heading.element and not NAMELESS.fullmatch(sample.column):
        # A heading that says something else: a date is then no birth, a name that of the one meant only where the heading may be one's.
        clear = {"id_no", "uscc", *(("name",) if heading.named else ())}
        values = [guess if guess.element in clear else replace(guess, sure=guess.sure - 45) for guess in values if guess.element not in DATE_ELEMENTS]
    like = heading.element.removeprefix("former_")
    found = {(guess.kind, guess.element): guess for guess in values if guess.element == heading.element or guess.element != like}
    for kind in (_told(heading, values) if heading.element else ()):
        told = Guess(kind, heading.element, SURE, f"列名 / heading {sample.column}")
        both = found.get((kind, heading.element)) or next((guess for guess in told_by_values if guess.element == like), None)
        found[kind, heading.element] = (
            replace(told, sure=min(99, max(both.sure, SURE) + 8), why=f"{told.why}；{both.why}") if both else _doubted(told, values, sample)
        )
    partly = [replace(guess, sure=guess.sure - (100 - sample.filled) // 5) for guess in found.values()]  # of two the one that more rows have
    return sorted(partly, key=lambda guess: (-guess.sure, guess.kind != "person", guess.element))


def _told(heading: Said, values: Sequence[Guess]) -> tuple[Kind, ...]:
    """The kinds a heading may mean: of a name that of its values where they speak clearly, and then the other not at all."""
    kinds = cast("tuple[Kind, ...]", heading.kinds)
    clear = [guess.kind for guess in values if guess.element == "name" and guess.sure >= CLEAR]
    return tuple(kind for kind in kinds if kind in clear) if heading.element in ("name", "former_name") and clear else kinds


CLEAR = 80


def _doubted(heading: Guess, values: Sequence[Guess], sample: Sample) -> Guess:
    """A heading whose values speak for something else is believed less; numbers and dates whose values are none, hardly."""
    against = [guess for guess in values if guess.sure >= 90 and guess.element != "id_no"]
    wanted = _SHAPES.get(heading.element)
    shaped = sample.share(wanted) if wanted and sample.values else 100
    if shaped < 50:
        return replace(heading, sure=30, why=f"{heading.why}；但值不像 / but the values do not look like it")
    strict = heading.element in ("id_no", "uscc") and bool(sample.values)
    return replace(heading, sure=55, why=f"{heading.why}；但值不像 / but the values do not look like it") if against or strict else heading


_SHAPES: dict[str, Callable[[str], object]] = {
    # what the values of an element that a heading names must at least look like
    "id_no": re.compile(r"[0-9A-Za-z*×●＊]{6,18}[(（]?[0-9A-Za-z]?[)）]?").fullmatch,
    "uscc": re.compile(r"[0-9A-Za-z*-]{8,20}").fullmatch,
    "reg_no": re.compile(r".*[0-9].*").fullmatch,
    "birth": re.compile(r".*[0-9一二三四五六七八九].*").fullmatch,
    "founded": re.compile(r".*[0-9一二三四五六七八九].*").fullmatch,
    "phone": re.compile(r"[-0-9+ ()（）*转]{5,}").fullmatch,
    "id_part": re.compile(r"[0-9Xx*]{3,8}").fullmatch,
    "area": re.compile(r"[0-9.]+(㎡|平方米|m2)?").fullmatch,
    "name": re.compile(r"\D+").search,
}


def by_values(sample: Sample, registry: Registry) -> list[Guess]:
    """What the values say by themselves, whatever the heading."""
    if not sample.values:
        return []
    found = []
    for kind, element, test, least, sure, what in _TESTS:
        share = sample.share(test)
        if share >= least:
            found.append(Guess(kind, element, min(sure * share // 100, sure, 96), f"{share} % {what}"))
    found += _codes(sample, registry)
    return found + _kinds_of_words(sample)


def is_date(value: str) -> bool:
    """Whether a text is written like a date, right or wrong."""
    return bool(re.fullmatch(r"(1[0-9]{3}|20[0-9]{2})([-/.年]?)[01]?[0-9]\2?[-/.月]?[0-3]?[0-9]日?([ T][0-9:.]+Z?)?", value)) and len(value) >= 8


def is_name(value: str) -> bool:
    """Whether a text looks like a Chinese person's name: a surname and one to three more characters, or a name with a dot."""
    return bool(re.fullmatch(r"[一-龥]{2,4}", value) and value[0] in SURNAMES) or bool(re.fullmatch(r"[一-龥]{1,8}([·•‧・][一-龥]{1,8})+", value))


def is_organisation(value: str) -> bool:
    """Whether a text ends like the name of an organisation."""
    return bool(_ORG.search(value)) and len(value) >= 4


def _valid_identity(value: str) -> bool:
    """Digits and check character of GB 11643."""
    text = value.strip().upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(GB11643_WEIGHTS, text, strict=False))
    return "10X98765432"[total % 11] == text[17]


def _masked_identity(value: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{2,9}([*×●＊]{3,}|[Xx]{4,})[0-9]{0,6}[0-9Xx]?", value.strip()))


def _valid_uscc(value: str) -> bool:
    text = value.strip().upper()
    return bool(re.fullmatch(r"[0-9A-HJ-NP-RTUW-Y]{18}", text)) and bool(uscc.calc_check_digit(text[:-1]) == text[-1])


_TESTS: tuple[tuple[Kind, str, Callable[[str], object], int, int, str], ...] = (
    # (kind, element, test of a value, least share in per cent, how sure at 100 %, what the values are)
    (_P, "id_no", _valid_identity, 40, 99, "校验码正确的身份号码 / identity numbers with the right check character"),
    (_P, "id_no", _masked_identity, 40, 90, "部分遮掩的身份号码，归入 id_part / identity numbers hidden in part: they become id_part"),
    (_P, "id_no", re.compile(PASSPORT).fullmatch, 60, 40, "像护照号码 / look like passport numbers"),
    (_L, "uscc", _valid_uscc, 40, 99, "校验码正确的信用代码 / credit codes with the right check character"),
    (_P, "phone", re.compile(r"(\+?86)?1[0-9]{10}").fullmatch, 60, 95, "手机号码 / mobile numbers"),
    (_P, "postcode", re.compile(r"[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}", re.IGNORECASE).fullmatch, 60, 92, "英国邮编 / British postcodes"),
    (_P, "postcode", re.compile(r"[0-9]{6}").fullmatch, 90, 60, "六位数字 / six digits"),
    (_P, "birth", is_date, 60, 70, "日期 / dates"),
    (_P, "name", is_name, 50, 92, "姓氏开头的两到四个汉字 / two to four Han, a surname first"),
    (_L, "name", is_organisation, 50, 90, "单位名称 / names of organisations"),
    (_P, "address", re.compile(r"[路街巷道村镇].*[0-9一二三四五六七八九十]+").search, 60, 90, "地址 / addresses"),
    (_P, "occupation", _JOBS.__contains__, 20, 200, "常见职业 / common occupations"),
    (_P, "birth_place", _PLACES.__contains__, 10, 400, "常见地名 / common places"),
)


def _codes(sample: Sample, registry: Registry) -> list[Guess]:
    """Elements with a code list, when most values stand in it."""
    found = []
    for element, entry in registry.elements["person"].items():
        if entry.codes and sample.distinct <= 3 * len(registry.codes[entry.codes].titles):
            texts = registry.codes[entry.codes].texts
            share = sample.share(lambda value, texts=texts: value.lower() in texts)  # type: ignore[misc]  # the default binds the loop's list
            words = sample.share(lambda value, texts=texts: value.lower() in texts and not value.isdigit())  # type: ignore[misc]
            if share >= 80:
                sure = 95 if words >= 50 else 35  # digits alone stand in many lists
                found.append(Guess("person", element, sure * share // 100, f"{share} % 在代码表 / in the code list @{entry.codes}"))
    return found


def _kinds_of_words(sample: Sample) -> list[Guess]:
    """Latin names: several words make a full name, one word a part of a name. Weak by itself; `propose` compares columns."""
    several = sample.share(re.compile(r"[a-z][a-z'.,-]*( [a-z0-9][a-z0-9'.,-]*)+", re.IGNORECASE).fullmatch)
    one = sample.share(re.compile(r"[a-z][a-z'-]+\.?", re.IGNORECASE).fullmatch)
    varied = len(set(sample.values)) * 100 // max(len(sample.values), 1)
    if several >= 70 and varied >= 25:
        return [Guess(_P, "name", 60, f"{several} % 由几个词组成，{varied} % 各不相同 / {several} % of several words, {varied} % distinct")]
    if one >= 80 and varied >= 5:
        return [Guess(_P, "given_name", 30, f"{one} % 为一个词 / {one} % of one word"), Guess(_P, "surname", 30, f"{one} % 为一个词 / {one} % of one word")]
    return []
