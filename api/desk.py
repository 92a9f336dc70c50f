"""What a handler may use: the served generation, what the workspace knows, and the lower floors' explanations, all handed in by the door."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from cityweave.api.served import Served, kind_of
from cityweave.api.state import Decision, Retired
from cityweave.api.workspace import Batch
from cityweave.engine.errors import InputError


@dataclass(frozen=True)
class ElementTitle:
    """What a person calls an element, and what its codes mean."""

    zh: str
    en: str
    codes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """All that answers are made from."""

    served: Served
    batches: tuple[Batch, ...]
    decided: Callable[[], tuple[Decision, ...]]
    today: dt.date
    titles: Mapping[tuple[str, str], ElementTitle]  # (kind, element)
    told: Told
    floors: Floors
    retired: Retirement

    @property
    def columns(self) -> Mapping[tuple[str, str, str], str]:
        """(source, role, element) -> delivered column."""
        return self.told.columns()

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule -> the sentence an official reads."""
        return self.told.rules()

    @property
    def event_columns(self) -> frozenset[tuple[str, str]]:
        """(source, delivered column) of dates and details of events."""
        return self.told.events()

    def entity(self, entity_id: str) -> str:
        """The entity that `entity_id` names today: itself, or what a retired id resolves to; InputError when it never was or is withdrawn."""
        kind_of(entity_id)
        if self.served.records_of(entity_id):
            return entity_id
        retired = self.retired(entity_id)
        if retired is None:
            raise InputError("没有这个实体 / there is no such entity", entity_id, "用 cityweave find 查找 / look it up with cityweave find")
        alive = self.served.entities_of(retired.records)
        if not alive:
            raise InputError("该实体已注销（其记录均已撤回） / this entity is withdrawn: so are all its records", entity_id, "无需再查 / nothing to look up")
        return alive[min(alive)]

    def means(self, kind: str, element: str, value: str | None) -> str | None:
        """What a code stands for, "中文 / English"; None for what is no code."""
        title = self.titles.get((kind, element))
        found = title.codes.get(value) if title and value else None
        return None if found is None else f"{found[0]} / {found[1]}"

    def record_entity(self, name: str) -> int:
        """The record that `name` says: a record's name, or an entity's (then its oldest record)."""
        known = name if ":" in name or "|" in name or name.isdigit() else self.entity(name)
        return self.served.named(known).record_id


class Told(Protocol):
    """What contracts and rule packs say today."""

    def columns(self) -> Mapping[tuple[str, str, str], str]:
        """(source, role, element) -> delivered column."""

    def rules(self) -> Mapping[str, str]:
        """Rule -> the sentence an official reads."""

    def events(self) -> frozenset[tuple[str, str]]:
        """(source, delivered column) of what only events read: dates, shares."""


class Retirement(Protocol):
    """Looks up ids that vanished."""

    def __call__(self, entity_id: str, /) -> Retired | None: ...


class Floors(Protocol):
    """What lower floors explain and traverse; values come as cells."""

    def why(self, left: int, right: int) -> Any:
        """A resolver.explain.Why: every piece of evidence about two records, and the sum."""

    def why_not(self, left: int, right: int) -> Any:
        """A resolver.explain.WhyNot: what keeps two records apart."""

    def how(self, entity_id: str) -> Any:
        """A resolver.explain.How: how an entity came together."""

    def merge(self, kind: str) -> int:
        """The weight from which a pair of that kind is merged, in millionths of a bit."""

    def neighbours(self, entity_id: str, depth: int, types: tuple[str, ...], as_of: dt.date, limit: int) -> Any:
        """A graph.model.Neighbours."""

    def relations(self, nodes: tuple[str, ...], types: tuple[str, ...], as_of: dt.date) -> list[Any]:
        """The graph.model.Edge that begin at one of these nodes and end at another."""

    def path(self, left: str, right: str, types: tuple[str, ...], as_of: dt.date, limit: int) -> Any:
        """A graph.model.Path, or None."""

    def best_paths(self, left: str, right: str, types: tuple[str, ...], as_of: dt.date, best: int, most: int) -> Any:
        """A graph.model_answers.Paths."""

    def control(self, firm: str, as_of: dt.date, chains: int) -> Any:
        """A graph.model_answers.Control."""

    def firms_of(self, person: str, as_of: dt.date, relatives: bool) -> Any:
        """A graph.model_answers.FirmsOf."""

    def relatives(self, person: str, as_of: dt.date) -> Any:
        """The graph.model_answers.Relative of a person."""

    def household(self, person: str, as_of: dt.date) -> Any:
        """A graph.model_answers.Household."""

    def occupants(self, place: str, as_of: dt.date) -> Any:
        """A graph.model_answers.Occupants."""

    def turning(self, age: int, month: str, as_of: dt.date) -> Any:
        """A graph.model.Turning."""

    def roll(self, rule: str, month: dt.date | None, days: int | None, what: str | None, as_of: dt.date, known: dt.date | None) -> Any:
        """A graph.model_service.Roll; InputError names the lists there are."""

    def screening(self, as_of: dt.date, known: dt.date) -> Any:
        """A graph.screen.model.Screening; InputError when no source tells of bids."""

    def prove(self, relation: str, one: tuple[str, str], other: tuple[str, str], by: str, as_of: dt.date, known: dt.date | None) -> Any:
        """An api.proofs.Proved: the verdict on a kinship of two people, each a full name and a number."""

    def lists(self) -> list[tuple[str, str, bool, tuple[tuple[str, tuple[str, ...], str, str], ...]]]:
        """The service lists: name, title, whether by age, what each needs (event type, details, what is missing, what then)."""

    def reason(self, code: str) -> str:
        """The sentence of a reason on a list."""

    def golden_known(self, entity_id: str, known: dt.date, as_of: dt.date | None) -> list[dict[str, Any]]:
        """Golden values of an entity as they would be chosen from the versions known on one date (and held on another): element, value, record_id, rule."""

    def sentence(self, rule: str) -> str:
        """What a conflict of a life says, 中文 / English."""

    def facts_known(self, entity_id: str, known: dt.date) -> list[dict[str, Any]]:
        """Facts of an entity as told by that date: type, valid_from, valid_to, detail, events, sources, parties (role, entity, thing)."""

    def canonical(self, source: str, cells: pl.DataFrame) -> pl.DataFrame:
        """column, kind, element, cls, text, value: what texts (column, text) would have come to, had this source delivered them."""

    def norms(self, texts: pl.Series) -> pl.DataFrame:
        """text, norm: addresses with the one text for every way of writing the same place."""

    def digest(self) -> dict[str, str]:
        """Table -> fingerprint of its rows."""

    def score(self, found: pl.DataFrame, truth: pl.DataFrame, some: pl.DataFrame | None = None) -> dict[str, Any]:
        """Pairwise and B-cubed precision, recall, F1 of a partition (record_id, entity) by the true one; with `some`, of the pairs these are part of."""

    def baseline(self, name: str, kind: str, truth: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, Any]]:
        """The partition (record_id, entity) that a baseline finds in the live records of a kind, and what is to be said of it."""


EARLIEST, LATEST = dt.date(1850, 1, 1), dt.date(2150, 1, 1)
"""Dates that a question may name."""


def day(text: str | None) -> dt.date | None:
    """A date as people write it; InputError when it is none, or out of range."""
    try:
        found = None if text is None else dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError("日期读不懂 / the date is not understood", text or "", "写成 2020-06-30 / write 2020-06-30") from error
    if found is not None and not EARLIEST <= found < LATEST:
        raise InputError("日期超出范围 / the date is out of range", text or "", f"{EARLIEST} 至 {LATEST} 之前 / from {EARLIEST} until before {LATEST}")
    return found


def month_of(text: str, today: dt.date) -> str:
    """A month as people write it, as 2020-07; `this` is that of `today`, `next` the one after; `this-09` and `next-09` are of this year and the next."""
    if text == "this":
        return f"{today.year:04d}-{today.month:02d}"
    if text == "next":
        return f"{today.year + 1:04d}-01" if today.month == 12 else f"{today.year:04d}-{today.month + 1:02d}"
    text = re.sub("^(this|next)-", lambda year: f"{today.year + (year[1] == 'next'):04d}-", text)
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    if found is None or not 1 <= int(found[2]) <= 12 or not EARLIEST.year <= int(found[1]) < LATEST.year:
        raise InputError(f"月份读不懂 / the month is not understood: {text}", "--month", "写成 this、next 或 2020-07 / write this, next or 2020-07")
    return text
