"""Read me first: what floor 5 works with. A question is a frozen dataclass; the door answers it; CLI, JSON and HTTP share both.

A question's docstring is what a person reads in `--help` and in the OpenAPI page. A field marked `value` holds something looked for (a name, a number): it
never reaches the audit, a log or a URL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import polars as pl

from cityweave.api.number import kept
from cityweave.engine.errors import InputError

KINDS = ("person", "legal_entity", "building", "room")
MOST = 1_000_000
"""Nobody reads more than that: who wants all takes `export`."""
LONGEST = 1_000
"""So many characters a text of a question may have."""


@dataclass(frozen=True)
class Cell:
    """A value of a data element on its way out: only the door turns it into text, masked by the element's grade."""

    kind: str
    element: str
    value: str | None


@dataclass(frozen=True)
class Found:
    """What a handler hands to the door: JSON with cells in it, and the entities it speaks of ("*": all)."""

    data: dict[str, Any]
    entities: tuple[str, ...] = ()
    frame: pl.DataFrame | None = None  # rows to write into a file
    asked: str = ""  # the question that a sentence was understood as, for the audit
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # columns of the frame that hold values: (kind, element)


@dataclass(frozen=True)
class Answer:
    """What the door lets out."""

    question: str
    generation: int
    date: str  # what "today" meant
    clear: bool  # values of grade 3 and above are unmasked
    data: dict[str, Any]
    frame: pl.DataFrame | None = field(default=None, repr=False)

    def json(self) -> str:
        """The one JSON form, for --json and HTTP."""
        return json.dumps(self.document(), ensure_ascii=False, indent=1)

    def document(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return {"question": self.question, "generation": self.generation, "date": self.date, "clear": self.clear, "data": self.data}


def value(default: str | None = None, says: str = "", example: Any = None) -> Any:
    """A field that holds a value looked for."""
    return field(default=default, metadata={"value": True, "says": says, "example": example})


def told(default: Any, says: str, example: Any = None) -> Any:
    """A field that is not a value of anybody's record."""
    return field(default=default, metadata={"says": says, "example": default if example is None else example})


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question about a generation."""

    name: ClassVar[str] = ""
    remote: ClassVar[bool] = True  # whether HTTP serves it: not when it names files of this machine
    generation: int | None = told(None, "哪一代结果，缺省为当前 / which generation, by default the current one")

    def __post_init__(self) -> None:
        limit = getattr(self, "limit", 1)
        if not 1 <= limit <= MOST:
            raise InputError(f"数量应为 1 到 {MOST} / limit is from 1 to {MOST}", "limit", "换一个数 / give another number")
        kind = getattr(self, "kind", None)
        if kind and kind not in KINDS:
            raise InputError("没有这个种类 / there is no such kind", "kind", f"可用 / use: {', '.join(KINDS)}")
        long = [item.name for item in fields(self) if isinstance(said := getattr(self, item.name), str) and len(said) > LONGEST]
        if long:
            raise InputError(f"至多 {LONGEST} 个字 / {LONGEST} characters at most", ", ".join(long), "写短些 / write less")

    def says(self) -> str:
        """What the audit keeps: the name and every field that holds no value. Somebody may have typed a number where an id belongs: that is left out too."""
        shown = {item.name: getattr(self, item.name) for item in fields(self) if not item.metadata.get("value")}
        said = {name: kept(item) if isinstance(item, str) else item for name, item in shown.items() if item not in (None, (), False)}
        return json.dumps([self.name, said], ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Status(Question):
    """有哪些交付、哪一代结果、多少实体 / what was delivered, which generation is served, how many entities."""

    name = "status"


@dataclass(frozen=True, kw_only=True)
class Quality(Question):
    """查出了什么问题、修复了什么；--rows 逐行列出供部门改正 / found wrong and repaired; --rows lists file, row, column, rule for the department to mend."""

    name = "quality"
    source: str | None = told(None, "只看一个来源 / one source only", "hukou")
    rows: bool = told(False, "逐行列出 / list each row")
    limit: int = told(1000, "最多列几行 / how many rows at most")


@dataclass(frozen=True, kw_only=True)
class Find(Question):
    """按姓名、号码、电话或地址找实体 / find entities by name, number, phone or address."""

    name = "find"
    text: str = value("", "要找的内容 / what to look for", "王伟")
    kind: str | None = told(None, "person、legal_entity、building 或 room", "person")
    limit: int = told(20, "最多列几个 / how many at most")


@dataclass(frozen=True, kw_only=True)
class Entity(Question):
    """一个实体：最可信的值、出自哪条记录、有哪些记录 / one entity: its golden values, where each comes from, its records."""

    name = "entity"
    id: str = told("", "实体编号 / the entity's id", "paaaaaaaaabaa")
    known: str | None = told(None, "按哪一天所知，缺省为现在 / as known on that date, by default now", "2020-06-30")
    as_of: str | None = told(None, "只用哪一天有效的版本 / from versions that held on that date", "2020-06-30")


@dataclass(frozen=True, kw_only=True)
class Timeline(Question):
    """一生：何时发生了什么、哪些来源说的 / a life: what happened when, and which sources say so."""

    name = "timeline"
    id: str = told("", "实体编号 / the entity's id", "paaaaaaaaabaa")
    as_of: str | None = told(None, "哪一天有效 / what held on that date", "2020-06-30")
    known: str | None = told(None, "按哪一天所知，缺省为现在 / as known on that date, by default now", "2020-06-30")


@dataclass(frozen=True, kw_only=True)
class Why(Question):
    """两条记录为什么合并（或证据够不够） / why two records were merged: every piece of evidence, and the sum."""

    name = "why"
    left: str = told("", "一条记录：编号或 来源:批次:行:角色 / a record: its id or source:batch:row:role", "hukou:1:12:person")
    right: str = told("", "另一条记录 / the other record", "marriage:2:7:husband")


@dataclass(frozen=True, kw_only=True)
class WhyNot(Question):
    """两条记录或两个实体为什么没有合并 / why two records, or two entities, were not merged."""

    name = "why_not"
    left: str = told("", "一条记录或一个实体 / a record or an entity", "paaaaaaaaabaa")
    right: str = told("", "另一条 / the other", "paaaaaaaaacaa")


@dataclass(frozen=True, kw_only=True)
class How(Question):
    """一个实体是怎样一步步合成的 / how an entity came together, step by step."""

    name = "how"
    id: str = told("", "实体编号 / the entity's id", "paaaaaaaaabaa")


@dataclass(frozen=True, kw_only=True)
class Turning(Question):
    """谁在某月满若干岁 / who turns that age in a month."""

    name = "turning"
    age: int = told(65, "年龄 / the age", 65)
    month: str = told("next", "this、next、2020-07，或 next-09（明年9月） / this, next, 2020-07, or next-09 (of next year)", "next")
    as_of: str | None = told(None, "按哪一天的生死与住处，缺省为今天 / deaths and homes as of that date, by default today", "2020-06-30")
    limit: int = told(1000, "最多列几个；截去的会计数 / how many at most; what is cut is counted")


@dataclass(frozen=True, kw_only=True)
class Export(Question):
    """整张表写成文件（csv、parquet、jsonl） / a whole table into a file (csv, parquet, jsonl)."""

    name = "export"
    remote = False
    table: str = told("membership", "哪张表 / which table")
    all: bool = told(False, "membership：每一个交付的行，不只现行的 / membership: every delivered row, not only live ones")


@dataclass(frozen=True, kw_only=True)
class Evaluate(Question):
    """对照真相：准确率、召回率、F1，与简单做法相比 / against the truth: precision, recall, F1, beside simple ways on the same rows."""

    name = "evaluate"
    remote = False
    truth: str = told("", "真相所在的文件夹 / the folder with the truth")
    baselines: str = told("keys", "与何相比：keys、splink / beside what: keys, splink")
    mistakes: int = told(0, "列出最大的几个错误及其理由 / how many of the largest mistakes to explain")


@dataclass(frozen=True, kw_only=True)
class Digest(Question):
    """每张表内容的指纹 / the fingerprint of each table's content."""

    name = "digest"


@dataclass(frozen=True, kw_only=True)
class Diff(Question):
    """两代结果之间：合并、拆分、新增、消失的实体 / between two generations: entities merged, split, new, gone."""

    name = "diff"
    old: int | None = told(None, "旧的一代，缺省为上一代 / the older one, by default the one before", 1)
    limit: int = told(20, "每类最多列几个 / how many of each at most")


@dataclass(frozen=True, kw_only=True)
class Possible(Question):
    """可能相同、待人判断的记录对 / pairs that may be the same and wait for a person."""

    name = "possible"
    kind: str | None = told(None, "person、legal_entity、building 或 room", "person")
    limit: int = told(20, "最多列几对 / how many pairs at most")
