"""Questions to the graph (api/model.py says what a question is)."""

from __future__ import annotations

from dataclasses import dataclass

from cityweave.api.model import Question, told


@dataclass(frozen=True, kw_only=True)
class Neighbours(Question):
    """一个实体的关系 / what an entity is related to."""

    name = "neighbours"
    id: str = told("", "实体编号 / the entity's id", "paaaaaaaaabaa")
    depth: int = told(1, "几步之内 / within how many steps")
    types: tuple[str, ...] = told((), "只看哪些关系 / which relations only", ["spouse", "parent"])
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")
    limit: int = told(50, "最多列几个；截去的会计数 / how many at most; what is cut is counted")


@dataclass(frozen=True, kw_only=True)
class Draw(Question):
    """一个实体的关系图：几步之内的实体，以及它们之间的全部关系 / a picture of an entity's relations: who is within some steps, and all relations among them."""

    name = "draw"
    id: str = told("", "实体编号 / the entity's id", "paaaaaaaaabaa")
    depth: int = told(2, "几步之内 / within how many steps")
    types: tuple[str, ...] = told((), "只看哪些关系 / which relations only", ["spouse", "parent"])
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")
    limit: int = told(2000, "最多几个；截去的会计数 / how many at most; what is cut is counted")


@dataclass(frozen=True, kw_only=True)
class Path(Question):
    """两个实体之间最短的关系链 / the shortest chain of relations between two entities."""

    name = "path"
    left: str = told("", "一个实体 / an entity", "paaaaaaaaabaa")
    right: str = told("", "另一个实体 / another entity", "laaaaaaaaacaa")
    types: tuple[str, ...] = told((), "只走哪些关系 / which relations only")
    as_of: str | None = told(None, "哪一天有效 / valid on that date")
    limit: int = told(6, "最多几步 / how many steps at most")


@dataclass(frozen=True, kw_only=True)
class Paths(Question):
    """两个实体之间最好的几条关系链，少走中转多的节点 / the best chains between two entities, going round hubs."""

    name = "paths"
    left: str = told("", "一个实体 / an entity", "paaaaaaaaabaa")
    right: str = told("", "另一个实体 / another entity", "laaaaaaaaacaa")
    types: tuple[str, ...] = told((), "只走哪些关系 / which relations only")
    as_of: str | None = told(None, "哪一天有效 / valid on that date")
    best: int = told(3, "几条 / how many")
    limit: int = told(10, "最多代价：每步 1，经过中转多的节点另加 / what a chain may cost: one a step, more through a hub")


@dataclass(frozen=True, kw_only=True)
class Control(Question):
    """谁控制一家企业：股东逐级向上，每一步的份额、起止、来源 / who owns a firm: shareholders upward, each hop with share, interval and source."""

    name = "control"
    id: str = told("", "企业编号 / the firm's id", "laaaaaaaaacaa")
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")
    limit: int = told(20, "最多列几个股东、几条链；截去的会说明 / how many owners and chains at most; what is cut is said")


@dataclass(frozen=True, kw_only=True)
class FirmsOf(Question):
    """一个人的企业：法定代表人、股东、间接持股；可连同近亲属 / the firms of a person: representative, shareholder, through firms; with relatives if asked."""

    name = "firms_of"
    id: str = told("", "人的编号 / the person's id", "paaaaaaaaabaa")
    relatives: bool = told(False, "连同近亲属 / close relatives too")
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")
    limit: int = told(100, "最多列几条；截去的会计数 / how many at most; what is cut is counted")


GRANDPARENTS = {
    # word -> whose side, and who: empty, either
    "grandfather": ("", "father"),
    "grandmother": ("", "mother"),
    "paternal_grandparent": ("father", ""),
    "maternal_grandparent": ("mother", ""),
    "paternal_grandfather": ("father", "father"),
    "paternal_grandmother": ("father", "mother"),
    "maternal_grandfather": ("mother", "father"),
    "maternal_grandmother": ("mother", "mother"),
}
KIN = ("spouse", "parent", "child", "sibling", "grandparent", "grandchild", "kin", *GRANDPARENTS)
"""The relations of `relatives`."""


@dataclass(frozen=True, kw_only=True)
class Relatives(Question):
    """一个人的近亲属：配偶、父母、子女、兄弟姐妹、祖父母、孙子女 / close relatives: spouse, parents, children, siblings, grandparents, grandchildren."""

    name = "relatives"
    id: str = told("", "人的编号 / the person's id", "paaaaaaaaabaa")
    relation: str | None = told(None, f"只看哪一种 / which only: {', '.join(KIN)}", "grandparent")
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")
    limit: int = told(100, "最多列几个；截去的会计数 / how many at most; what is cut is counted")


@dataclass(frozen=True, kw_only=True)
class Penalties(Question):
    """哪些企业某一年受过处罚 / which firms were penalised in a year."""

    name = "penalties"
    year: str = told("last", "last（去年）、this（今年）或 2020 / last, this or 2020", "last")
    as_of: str | None = told(None, "以哪一天为今天；其后的不列 / the date that today means; later ones are left out", "2020-06-30")
    limit: int = told(1000, "最多列几条；截去的会计数 / how many at most; what is cut is counted")


@dataclass(frozen=True, kw_only=True)
class Household(Question):
    """某一天的同户人员 / with whom a person was in one household on a date."""

    name = "household"
    id: str = told("", "人的编号 / the person's id", "paaaaaaaaabaa")
    as_of: str | None = told(None, "哪一天有效 / valid on that date", "2020-06-30")


@dataclass(frozen=True, kw_only=True)
class Occupants(Question):
    """一间房或一栋楼的居民和产权人：现在和过去 / residents and owners of a room or a building, then and now."""

    name = "occupants"
    id: str = told("", "房屋或楼栋编号 / the id of a room or a building", "raaaaaaaaacaa")
    as_of: str | None = told(None, "“现在”指哪一天 / the date that now means", "2020-06-30")
    limit: int = told(200, "最多列几个；截去的会计数 / how many at most; what is cut is counted")
