"""Proofs of kinship for the door: who is meant by two names and numbers, and the verdict of the graph floor on one generation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from cityweave.engine.errors import InputError
from cityweave.engine.generation import Generation
from cityweave.graph import identity, model_proof
from cityweave.graph.identity import Nobody
from cityweave.graph.model_proof import RELATIONS, By, Verdict
from cityweave.graph.proof import prove


@dataclass(frozen=True)
class Proved:
    """A verdict with the words for it."""

    says: str
    verdict: Verdict
    one: str | None
    other: str | None
    note: str | None
    titles: Mapping[str, str]


class Proofs:
    """The proofs of one generation; `household` tells how the household register relates two people, if it does."""

    def __init__(self, generation: Generation, household: Any) -> None:
        self._generation, self._household = generation, household

    def prove(self, relation: str, one: tuple[str, str], other: tuple[str, str], by: str, as_of: dt.date, known: dt.date | None) -> Proved:
        """The verdict; InputError for a relation that is not known, a number that is not valid, one person twice. No value stands in an error."""
        if relation not in RELATIONS:
            near = get_close_matches(relation, RELATIONS, 1)
            every = [*near, *(one for one in RELATIONS if one not in near)]
            raise InputError("没有这种关系 / there is no such relation", "RELATION", f"可用 / use: {', '.join(every)}")
        if by not in ("birth", "adoption", "any"):
            raise InputError(f"没有 {by} / there is no {by}", "--by", "birth 生父母，adoption 养父母，any 不论生养 / birth, adoption, or any")
        if not {"document", "renumbered"} <= set(self._generation.manifest.tables):
            raise InputError("这一代结果没有证明所需的表 / this generation lacks the tables of proofs", "", "重新运行 cityweave run / run again: cityweave run")
        said = RELATIONS[relation].says
        found = [self._who(side, place) for side, place in ((one, "甲 / the first"), (other, "乙 / the second"))]
        lacking = tuple(f"{place}：{side.says}" for side, place in zip(found, ("甲 the first", "乙 the second"), strict=True) if isinstance(side, Nobody))
        ids = [None if isinstance(side, Nobody) else side.entity_id for side in found]
        if lacking:
            return Proved(said, Verdict("unknown", (), lacking), ids[0], ids[1], None, model_proof.TITLES)
        first, second = cast("list[model_proof.Person]", found)
        if first.entity_id == second.entity_id:
            raise InputError("甲与乙是同一人 / the two are one person", "标准输入 / standard input", "给出两个人 / name two people")
        verdict = prove(self._generation, RELATIONS[relation], first, second, cast(By, by), as_of, known)
        note = self._household(first.entity_id, second.entity_id, as_of) if verdict.outcome == "unknown" else None
        return Proved(said, verdict, ids[0], ids[1], note, model_proof.TITLES)

    def _who(self, side: tuple[str, str], place: str) -> model_proof.Person | Nobody:
        name, text = side
        number = identity.number_of(text) or identity.document_of(text)
        if not name.strip() or not text.strip():
            raise InputError("要有全名和号码 / a full name and a number are needed", place, "每人一行：全名 号码 / a line each: full name, number")
        if number is None:
            raise InputError(
                "既非有效的公民身份号码（GB 11643），也不像护照等证件的号码 / neither a valid identity number (GB 11643) nor like that of a passport or permit",
                place,
                "核对后再试 / check it and try again",
            )
        return identity.who(self._generation, name, number)
