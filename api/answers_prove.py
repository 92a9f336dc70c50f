"""The answer to a question of proof: the verdict with its documents, or what is missing; never a third person, never a number."""

from __future__ import annotations

from typing import Any

from cityweave.api.desk import Desk, day
from cityweave.api.model import Found
from cityweave.api.model_prove import Prove

VERDICTS = {"yes": "属实 / true", "no": "不属实 / not true", "unknown": "无法证明 / cannot be proved"}


def prove(desk: Desk, asked: Prove) -> Found:
    """属实, 不属实 or 无法证明; kind of document, source and day of each; who of the two was found."""
    as_of = day(asked.as_of) or desk.today
    sides = (asked.one_name, asked.one_number), (asked.other_name, asked.other_number)
    made = desk.floors.prove(asked.relation, sides[0], sides[1], asked.by, as_of, day(asked.known))
    data: dict[str, Any] = {
        "relation": asked.relation,
        "says": made.says,
        "by": asked.by,
        "as_of": as_of.isoformat(),
        "known": asked.known,
        "verdict": made.verdict.outcome,
        "verdict_says": VERDICTS[made.verdict.outcome],
        "documents": [
            {"kind": one.kind, "title": made.titles[one.kind], "source": one.source or None, "on": one.on.isoformat() if one.on else None, "states": one.states}
            for one in made.verdict.evidence
        ],
        "missing": list(made.verdict.missing),
        "note": made.note,
        "one": made.one,
        "other": made.other,
    }
    return Found(data, tuple(sorted(entity for entity in (made.one, made.other) if entity)))
