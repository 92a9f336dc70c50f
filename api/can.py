"""What can be asked: for each question what it needs, which of the loaded sources tell it, and what each gap means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cityweave.api.desk import Desk
from cityweave.api.model import Found
from cityweave.api.model_ask import Can


@dataclass(frozen=True)
class Need:
    """An event type ("birth") or an element ("person.birth") that a question needs: without it nothing, or the answer lacks something."""

    what: str
    says: str  # 中文 / English
    then: str
    must: bool = False


BIRTH = Need("person.birth", "出生日期 / dates of birth", "无从计算年龄 / ages are not known", must=True)
DEATH = Need("death", "死亡登记 / deaths", "无法剔除已故者 / the dead are not excluded")
HOMES = Need("residence", "居住登记 / residence", "不知住处 / homes are not known")
SHARES = Need("shareholding", "股东登记 / shareholders", "无从知道股东 / owners are not known", must=True)

NEEDS: dict[str, tuple[Need, ...]] = {
    "turning": (BIRTH, DEATH, HOMES),
    "neighbours": (
        Need("birth", "出生与父母登记 / births with parents", "没有亲子关系 / no parents and children"),
        Need("marriage", "婚姻登记 / marriages", "没有配偶关系 / no spouses"),
        Need("household", "户籍登记 / households", "没有同户关系 / no households"),
        Need("employment", "就业登记 / jobs", "没有雇用关系 / no employers"),
        Need("ownership", "产权登记 / property titles", "没有产权关系 / no owners of rooms"),
        HOMES,
        Need("shareholding", "股东登记 / shareholders", "没有持股关系 / no shareholders"),
        Need("legal_representative", "法定代表人登记 / legal representatives", "没有任职关系 / no legal representatives"),
    ),
    "prove": (
        Need("person.id_no", "公民身份号码 / identity numbers", "无从确认是谁 / nobody can be bound", must=True),
        Need("birth", "出生与父母登记 / births with parents", "无法证明父母、子女、兄弟姐妹、祖父母 / parents, siblings and grandparents cannot be proved"),
        Need("adoption", "收养登记 / adoptions", "无法证明收养 / adoption cannot be proved"),
        Need("marriage", "结婚登记 / marriages", "无法证明婚姻 / marriage cannot be proved"),
        Need("divorce", "离婚登记 / divorces", "婚姻可能已解除而不知 / a marriage may have ended unknown"),
        Need("death", "死亡登记 / deaths", "婚姻可能因死亡终止而不知 / a marriage may have ended by a death unknown"),
    ),
    "control": (SHARES, Need("cancellation", "企业注销登记 / cancelled firms", "已注销的企业仍在链上 / cancelled firms stay in the chain")),
    "firms_of": (
        Need("legal_representative", "法定代表人登记 / legal representatives", "没有任职 / no firms as representative"),
        Need("shareholding", "股东登记 / shareholders", "没有持股 / no firms as shareholder"),
    ),
    "relatives": (
        Need("birth", "出生与父母登记 / births with parents", "没有父母、子女、兄弟姐妹、祖父母 / no parents, children, siblings, grandparents"),
        Need("marriage", "婚姻登记 / marriages", "没有配偶 / no spouses"),
    ),
    "penalties": (Need("penalty", "行政处罚 / penalties", "不知处罚 / penalties are not known", must=True),),
    "household": (Need("household", "户籍登记 / households", "不知同户 / households are not known", must=True),),
    "occupants": (
        Need("residence", "居住登记 / residence", "不知居民 / residents are not known"),
        Need("ownership", "产权登记 / property titles", "不知产权人 / owners are not known"),
    ),
    "rings": (
        Need("tender", "招标项目 / tenders", "无从比较 / nothing can be compared", must=True),
        Need("bid", "投标记录 / bids", "无从比较 / nothing can be compared", must=True),
        Need("shareholding", "股东登记 / shareholders", "看不出共同控制 / shared control is not seen"),
    ),
    "timeline": (DEATH, HOMES, Need("employment", "就业登记 / jobs", "不知工作经历 / jobs are not known")),
}
SAME = {"draw": "neighbours", "path": "neighbours", "paths": "neighbours", "ring": "rings"}
"""Questions that need what another needs."""


def can(desk: Desk, _: Can) -> Found:
    """A line a question (and a line a list): allowed `yes`, `partly` or `no`, with the sources of what it needs, and the gaps with what they mean."""
    told = _told(desk)
    lines = [_line(name, "", needs, told) for name, needs in NEEDS.items()]
    lines += [_line(name, "", NEEDS[like], told) for name, like in SAME.items()]
    for rule, says, by_age, needs in desk.floors.lists():
        more = tuple(Need(f"{event}:{'|'.join(of)}" if of else event, what, then, must=then.startswith("无从")) for event, of, what, then in needs)
        lines.append(_line("list", rule, (*((BIRTH,) if by_age else ()), *more), told) | {"says": says})
    return Found({"questions": sorted(lines, key=lambda line: (line["question"], line["list"] or ""))}, ())


def _told(desk: Desk) -> dict[str, set[str]]:
    """Event type, "type:detail" or "person.element" -> the sources that tell it."""
    told: dict[str, set[str]] = {}
    if desk.served.has("coverage"):
        for row in desk.served.scan("coverage").collect().to_dicts():
            told.setdefault(row["type"], set()).add(row["source"])
            told.setdefault(f"{row['type']}:{row['detail']}", set()).add(row["source"])
    loaded = {batch.source for batch in desk.batches}
    for source, _, element in desk.columns:
        if source in loaded:
            told.setdefault(f"person.{element}", set()).add(source)
    return told


def _line(question: str, rule: str, needs: tuple[Need, ...], told: dict[str, set[str]]) -> dict[str, Any]:
    has, gaps = [], []
    lacks = False
    for need in needs:
        event, _, details = need.what.partition(":")
        sources = set().union(*(told.get(f"{event}:{detail}", set()) for detail in details.split("|"))) if details else told.get(event, set())
        if sources:
            has.append({"what": need.says, "sources": sorted(sources)})
        else:
            gaps.append({"what": need.says, "then": need.then})
            lacks = lacks or need.must
    allowed = "no" if lacks or not has else "partly" if gaps else "yes"
    return {"question": question, "list": rule or None, "says": None, "allowed": allowed, "has": has, "gaps": gaps}
