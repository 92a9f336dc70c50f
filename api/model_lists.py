"""Questions of the service officer (api/model.py says what a question is): lists by rule, proof of kinship."""

from __future__ import annotations

from dataclasses import dataclass

from cityweave.api.model import Question, told


@dataclass(frozen=True, kw_only=True)
class ServiceList(Question):
    """按规则列名单：谁符合、谁待核实、谁不列及原因 / a list by a rule: who is eligible, who is to be checked, who is left out and why."""

    name = "list"
    rule: str = told("", "哪张名单：senior-card、school-entry、certificate-expiring、permit-expiring，或 services/ 里自己的 / which list", "senior-card")
    month: str | None = told(None, "哪个月：this、next（缺省）、2020-07、next-09（明年9月）；学年写9月 / which month; a school year by its September", "next")
    days: int | None = told(None, "按天的名单：今后几天之内，缺省 30 / for lists by days: within how many days, by default 30")
    what: str | None = told(None, "证照名单：只列名称含此词的证照 / lists of certificates: only kinds whose name contains this", "驾驶证")
    as_of: str | None = told(None, "哪一天的处境，缺省为今天 / as things stand on that date, by default today", "2020-06-30")
    known: str | None = told(None, "按哪一天所知，缺省为现在 / as known on that date, by default now", "2020-06-30")
    limit: int = told(1000, "每部分最多列几个；截去的会计数 / how many of each part at most; what is cut is counted")
