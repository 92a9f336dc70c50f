"""Questions of the supervisor: which bidders belong together (api/model.py says what a question is)."""

from __future__ import annotations

from dataclasses import dataclass

from cityweave.api.model import Question, told


@dataclass(frozen=True, kw_only=True)
class Rings(Question):
    """哪些投标人可能是一伙：线索，非认定 / which bidders may belong together: leads, not findings."""

    name = "rings"
    as_of: str | None = told(None, "只看到哪一天为止开标的 / lots opened by that date", "2025-06-30")
    known: str | None = told(None, "按哪一天所知 / as known on that date", "2025-12-31")
    limit: int = told(20, "最多列几个 / how many at most")


@dataclass(frozen=True, kw_only=True)
class Ring(Question):
    """一个线索：成员、证据、试过的无辜解释、缺的证据 / one lead: members, evidence, innocent explanations tried, evidence missing."""

    name = "ring"
    id: str = told("", "线索编号，见 rings / the lead's id, as rings tells it", "gabcd2345")
    as_of: str | None = told(None, "与 rings 相同 / as with rings", "2025-06-30")
    known: str | None = told(None, "与 rings 相同 / as with rings", "2025-12-31")
