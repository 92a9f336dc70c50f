"""The question of proof (api/model.py says what a question is)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, TypeAlias

from cityweave.api.model import Question, told, value
from cityweave.engine.errors import InputError

Sides: TypeAlias = tuple[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Prove(Question):
    """两人的亲属关系：属实、不属实，或无法证明及缺什么 / a kinship of two people: proved, disproved, or not provable and what is missing."""

    name = "prove"
    relation: str = told("", "mother-of、father-of、parent-of、child-of、spouse-of、sibling-of、grandparent-of", "mother-of")
    one_name: str = value("", "甲的全名 / full name of the first", "王秀英")
    one_number: str = value("", "甲的公民身份号码 / identity number of the first", "9901021963****0024")
    other_name: str = value("", "乙的全名 / full name of the second", "李伟")
    other_number: str = value("", "乙的公民身份号码 / identity number of the second", "9901021990****1237")
    by: str = told("birth", "birth 生父母，adoption 养父母，any 不论生养 / parents by birth, by adoption, or any", "birth")
    as_of: str | None = told(None, "哪一天的婚姻，缺省为今天 / marriages of that date, by default today", "2020-06-30")
    known: str | None = told(None, "按哪一天所知，缺省为现在 / as known on that date, by default now", "2020-06-30")

    @classmethod
    def of(cls, relation: str, sides: Sides, **more: Any) -> Prove:
        """The question about two people, each a full name and a number."""
        (one_name, one_number), (other_name, other_number) = sides
        return cls(relation=relation, one_name=one_name, one_number=one_number, other_name=other_name, other_number=other_number, **more)


def pairs(text: str) -> Sides:
    """The two people of a text: a line each, the number last."""
    found = []
    for line in filter(None, (line.strip() for line in unicodedata.normalize("NFKC", text).splitlines())):
        *name, number = re.split(r"[\s,、;；:：]+", line.strip(" \t,、;；:："))
        found.append((" ".join(name), number))
    if len(found) != 2 or not all(name and number for name, number in found):
        where = "标准输入 / standard input"
        raise InputError("要有两行，每行：全名 号码 / two lines are needed, each: full name, number", where, "甲在前，乙在后 / the first, then the second")
    return found[0], found[1]


RELATION_WORDS = {
    "母亲": "mother-of", "妈妈": "mother-of", "父亲": "father-of", "爸爸": "father-of", "父母": "parent-of", "子女": "child-of", "儿子": "child-of",
    "女儿": "child-of", "配偶": "spouse-of", "丈夫": "spouse-of", "妻子": "spouse-of", "兄弟姐妹": "sibling-of", "祖父母": "grandparent-of",
    "mother": "mother-of", "father": "father-of", "parent": "parent-of", "child": "child-of", "spouse": "spouse-of", "sibling": "sibling-of",
    "grandparent": "grandparent-of",
}
"""Words of a sentence -> the relation they ask for."""
