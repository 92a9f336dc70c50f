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
class Path(Question):
    """两个实体之间最短的关系链 / the shortest chain of relations between two entities."""

    name = "path"
    left: str = told("", "一个实体 / an entity", "paaaaaaaaabaa")
    right: str = told("", "另一个实体 / another entity", "laaaaaaaaacaa")
    types: tuple[str, ...] = told((), "只走哪些关系 / which relations only")
    as_of: str | None = told(None, "哪一天有效 / valid on that date")
    limit: int = told(6, "最多几步 / how many steps at most")
