"""Answers to a sentence: how it was understood, then the answer to that question. Names stand for entities; a name of several is not guessed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cityweave.api.answers_entities import named, summary
from cityweave.api.desk import Desk
from cityweave.api.model import Found, Question
from cityweave.api.model_ask import Ask
from cityweave.api.sentences import ENTITY, Understood, understand
from cityweave.engine.errors import InputError

AMBIGUOUS = 20
"""So many entities of one name are shown to choose from."""


def ask(desk: Desk, asked: Ask, questions: dict[str, type[Question]], answer: Callable[[Question], Found]) -> Found:
    """`understood` (the question and its fields) and `answer`; or `which`, where a name means several."""
    made = understand(asked.text)
    kind = questions[made.form.question]
    ids: dict[str, str] = {}
    for name, text in made.who.items():
        found = _entities(desk, text, made.form.who[name])
        if len(found) > 1:
            return _which(desk, made, name, found)
        ids[name] = found[0]
    allowed = kind.__dataclass_fields__
    dates = {name: value for name, value in (("as_of", asked.as_of), ("known", asked.known)) if value}
    given = {**dates, **made.fields}
    stray = [name for name in ("as_of", "known") if name in given and name not in allowed]
    if stray:
        raise InputError(f"这个问题不分日期 / this question knows no {stray[0]}", made.form.question, "去掉日期 / leave the date out")
    inner = kind(generation=asked.generation, **ids, **given)
    answered = answer(inner)
    values = {name for name, item in allowed.items() if item.metadata.get("value")}
    fields = {name: value for name, value in {**ids, **given}.items() if name not in values}
    data = {"understood": _understood(made, fields), "count": count(made, answered.data) if made.counted else None, "answer": answered.data}
    return Found(data, answered.entities, asked=inner.says())


def count(made: Understood, data: dict[str, Any]) -> int | None:
    """How many there are, cut ones among them; None where the answer holds others beside those asked for, and lists them only."""
    counted = COUNTED.get(made.form.question)
    return counted(made, data) if counted else None


def _neighbours(made: Understood, data: dict[str, Any]) -> int | None:
    types = made.fields.get("types")
    return len(data["found"]) + data["cut"] if types in ONE_WAY else None


def _shareholders(_: Understood, data: dict[str, Any]) -> int | None:
    direct = {stake["holder"] for stake in data["stakes"] if stake["firm"] == data["firm"]}
    return len(direct) if not data["stakes_cut"] else None


def _firms(_: Understood, data: dict[str, Any]) -> int | None:
    return len({one["firm"] for one in data["firms"]}) if not data["cut"] else None


ONE_WAY = (("owns",), ("works_for",), ("studies_at",), ("legal_representative",), ("spouse",))
"""Relations whose other end is always what was asked for: of parents and children both are seen."""

COUNTED: Mapping[str, Callable[[Understood, dict[str, Any]], int | None]] = {
    "turning": lambda _, data: int(data["total"]),
    "list": lambda _, data: int(data["total"]["eligible"]),
    "rings": lambda _, data: int(data["total"]),
    "neighbours": _neighbours,
    "control": _shareholders,
    "firms_of": _firms,
    "relatives": lambda _, data: len(data["relatives"]) + int(data["cut"]),
    "penalties": lambda _, data: int(data["firms"]),
}


def _understood(made: Understood, fields: dict[str, Any]) -> dict[str, Any]:
    return {"question": made.form.question, "zh": made.form.zh, "en": made.form.en, "fields": json.loads(json.dumps(fields, ensure_ascii=False))}


def _which(desk: Desk, made: Understood, name: str, found: list[str]) -> Found:
    shown = found[:AMBIGUOUS]
    which = {"field": name, "total": len(found), "entities": [summary(desk, entity) for entity in shown]}
    return Found({"understood": _understood(made, {}), "which": which}, tuple(shown))


def _entities(desk: Desk, text: str, kinds: tuple[str, ...]) -> list[str]:
    if ENTITY.fullmatch(text):
        return [desk.entity(text)]
    found = [entity for kind in kinds if kind in desk.served.kinds() for entity in named(desk.served, kind, text)]
    if not found:
        todo = "用 cityweave find 查找，句中写编号 / look it up with cityweave find and write its id"
        raise InputError("没有叫这个的实体 / there is no entity of that name", "", todo)
    return found
