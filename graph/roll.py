"""A service list from a rule: who is eligible, who is to be checked and why, who is left out and why, and which sources nobody delivered.

A pure function of the served tables (graph/model_service.py), the rule, the period, the day it holds (`as_of`), the day of knowledge (`known`; None: today's)
and who opted out. Where two dates of birth are told, one that stands in an accepted identity number, or that several sources tell against one, settles it.
A doubt about who is who counts only where it could change the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol

import pyarrow as pa

from cityweave.engine.errors import InputError
from cityweave.graph.dates import add_months, add_years, text_days
from cityweave.graph.model_service import KINDS_TOLD, PRESCHOOL, Listed, Missing, Reason, Roll, Rows, ServiceRule

PERMITS = ("residence_permit", "居住证")
"""Kinds of certificate that are a basis of residence."""


RENEWED = 183
"""A certificate of the same kind that began so many days before this one ends, or later, renews it."""


DAYS = 30
SCHOOL = 9
"""So far ahead a list by days looks when nobody says how far."""


class Reader(Protocol):
    """A generation's look-ups (engine/generation.py)."""

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows whose `column` is one of `values`."""

    def read(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A whole table."""


def roll(reader: Reader, rule: ServiceRule, period: tuple[date, date], as_of: date, known: date | None, opted_out: frozenset[str]) -> Roll:
    """The list of those whom the rule means between the two days of `period` (both included)."""
    maker = _Maker(reader, rule, period, as_of, known, opted_out)
    listed = maker.by_age() if rule.when == "age" else maker.by_expiry()
    parts: dict[str, list[Listed]] = {"eligible": [], "check": [], "out": []}
    for item in listed:
        codes = {reason.code for reason in item.reasons}
        parts["out" if codes & set(rule.leave_out) else "check" if codes else "eligible"].append(item)
    eligible, check, out = (tuple(sorted(part, key=lambda item: (item.due or date.max, item.entity_id, item.item or ""))) for part in parts.values())
    return Roll(rule.name, rule.says, *period, eligible, check, out, missing(reader, rule))


def missing(reader: Reader, rule: ServiceRule) -> tuple[Missing, ...]:
    """What the rule needs and no source tells."""
    told = reader.read("coverage", ["type", "detail"]).to_pylist()
    loaded = {(row["type"], row["detail"]) for row in told} | {(row["type"], "") for row in told}
    lacks = [need for need in rule.needs if not any((need[0], detail) in loaded for detail in (need[1] or ("",)))]
    return tuple(Missing(what, then) for _, _, what, then in lacks)


def period_of(rule: ServiceRule, as_of: date, month: date | None = None, days: int | None = None) -> tuple[date, date]:
    """The days that the list is about: the month that begins on `month` (the next), the next `days` (30), or those to the day before the next school year.

    A list by days may be asked for a month instead, one by school year for the September in which the year begins. InputError for what does not suit the list.
    """
    if month is not None and days is not None:
        raise InputError("按月或按天，只能择一 / by month or by days, not both", "--days", "去掉一个 / leave one out")
    if days is not None and rule.within != "days":
        raise InputError(f"这张名单不按天 / this list is not by days: {rule.name}", "--days", f"去掉它 / leave it out; {rule.says}")
    if rule.within == "school_year":
        if month is not None and month.month != SCHOOL:
            todo = f"写开学的9月，如 2026-09，或去掉它 / name the September, as 2026-09, or leave it out; {rule.says}"
            raise InputError(f"这张名单按学年，不按月 / this list is not by month but by school year: {rule.name}", "--month", todo)
        autumn = date(month.year if month else as_of.year + (as_of.month >= SCHOOL), SCHOOL, 1)
        return add_years(autumn, -1), autumn - timedelta(1)
    if rule.within == "days" and month is None:
        return as_of, as_of + timedelta(DAYS if days is None else days)
    first = month or add_months(as_of.replace(day=1), 1)
    return first, add_months(first, 1) - timedelta(1)


def only(reader: Reader, rule: ServiceRule, what: str) -> ServiceRule:
    """The rule for no other certificates than those whose kind, as told, contains `what`; InputError where the list is not about certificates."""
    if rule.when != "expires":
        raise InputError(f"这张名单与证照无关 / this list is not about certificates: {rule.name}", "--what", f"去掉它 / leave it out; {rule.says}")
    told = reader.read("coverage", ["type", "detail"]).to_pylist()
    held = {row["detail"] for row in told if row["type"] == "certificate" and row["detail"] and what in row["detail"]}
    kinds = tuple(sorted(kind for kind in held if (not rule.kinds or kind in rule.kinds) and kind not in rule.not_kinds)) or (what,)
    need = ("certificate", kinds, "名称含此词的证照 / certificates of a kind that contains this word", "无从列出 / nothing can be listed")
    return replace(rule, kinds=kinds, needs=(need, *(one for one in rule.needs if one[0] != "certificate")))


class _Maker:
    def __init__(self, reader: Reader, rule: ServiceRule, period: tuple[date, date], as_of: date, known: date | None, opted_out: frozenset[str]) -> None:
        self.reader, self.rule, self.opted_out = reader, rule, opted_out
        self.period, self.as_of, self.known = period, as_of, known

    def by_age(self) -> list[Listed]:
        """Everyone of whom some date of birth falls into the period."""
        first, last = (add_years(day, -self.rule.age) for day in self.period)
        if (last.month, last.day) == (2, 28):
            last = add_years(self.period[1] + timedelta(1), -self.rule.age) - timedelta(1)  # a 29 February comes of age on the 28th of a common year
        texts = text_days(first, last)
        found = self._rows("birth_told", texts, "birth")
        candidates = sorted({row["entity_id"] for rows in found.values() for row in rows if self._told(row)})
        births, standing = self._rows("birth_told", candidates), self._rows("standing", candidates)
        doubts = self._rows("doubt", candidates)
        others = sorted({row["other_id"] for rows in doubts.values() for row in rows})
        standing |= self._rows("standing", [other for other in others if other not in standing])
        births |= self._rows("birth_told", [other for other in others if other not in births])
        made = [self._aged(entity, births, standing, doubts.get(entity, []), set(texts)) for entity in candidates]
        return [item for item in made if item is not None]

    def _aged(self, entity: str, births: dict[str, Rows], standing: dict[str, Rows], doubts: Rows, texts: set[str]) -> Listed | None:
        told = [row for row in births.get(entity, ()) if self._told(row)]
        best = max(told, key=_strength)
        rivals = [row for row in told if row is not best and (row["birth"] in texts) != (best["birth"] in texts) and not _settles(best, row)]
        if best["birth"] not in texts and not rivals:
            return None
        born = best if best["birth"] in texts else max((row for row in rivals), key=_strength)
        whole = len(born["birth"]) == 10 and not born["birth"].endswith("-00")
        item = Listed(
            entity,
            self._due(born["birth"]) if whole else None,
            born["birth"],
            tuple(filter(None, (born["sources"] or "").split("+"))),
            bool(born["number"]),
        )
        held = standing.get(entity, [])
        out = self._left_out(entity, held)
        if out and born is not best:
            return None
        reasons = [*out, *([Reason("two_births")] if rivals else []), *([] if whole else [Reason("unknown_day")])]
        item = self._resident(item, held)
        reasons += [reason for reason in item.reasons if not (out and reason.code != "moved_out")]
        if not out:
            reasons += self._doubts(best, doubts, births, standing, texts)
        return replace(item, reasons=tuple(reasons))

    def by_expiry(self) -> list[Listed]:
        """Everyone who holds a certificate that ends in the period."""
        days = [self.period[0] + timedelta(day) for day in range((self.period[1] - self.period[0]).days + 1)]
        ending = [row for rows in self._rows("standing", days, "valid_to").values() for row in rows if row["type"] == "certificate" and self._mine(row)]
        ending = [row for row in ending if self._holds(row)]
        holders = sorted({row["entity_id"] for row in ending})
        standing = self._rows("standing", holders)
        made: dict[tuple[str, str], Listed] = {}
        for row in ending:
            entity, held = row["entity_id"], standing.get(row["entity_id"], [])
            item = Listed(entity, row["valid_to"], item=row["other_id"], item_kind=row["detail"], basis_sources=(row["source"],), confirmed=row["confirmed"])
            reasons = self._left_out(entity, held)
            if "renewed" in self.rule.leave_out and any(self._renews(other, row) for other in held):
                reasons.append(Reason("renewed"))
            if entity[:1] == "p":
                reasons += [reason for reason in self._resident(item, held).reasons if reason.code == "moved_out"]
            made[entity, row["other_id"] or ""] = replace(item, reasons=tuple(reasons))
        return list(made.values())

    def _mine(self, row: dict[str, Any]) -> bool:
        return (not self.rule.kinds or row["detail"] in self.rule.kinds) and row["detail"] not in self.rule.not_kinds

    def _renews(self, other: dict[str, Any], row: dict[str, Any]) -> bool:
        """Whether another line says that the same certificate, or one of its kind that began near its end, holds longer."""
        later = other["type"] == "certificate" and other["detail"] == row["detail"] and self._knows(other) and not _ended_early(other, self.as_of)
        near = other["valid_from"] is not None and other["valid_from"] >= row["valid_to"] - timedelta(RENEWED)
        same = other["other_id"] == row["other_id"] or near
        return bool(later and same and (other["valid_to"] is None or other["valid_to"] > row["valid_to"]))

    def _left_out(self, entity: str, held: Rows) -> list[Reason]:
        rule, found = self.rule, []
        if entity in self.opted_out:
            found.append(Reason("opted_out"))
        for code, type_ in (("dead", "death"), ("cancelled", "cancellation")):
            ends = [row for row in held if row["type"] == type_ and self._knows(row) and (row["valid_from"] is None or row["valid_from"] <= self.as_of)]
            if code in rule.leave_out and ends:
                found.append(_reason(code, ends))
        cards = [row for row in held if row["type"] == "certificate" and row["detail"] in rule.holds and self._holds(row)]
        if "holds" in rule.leave_out and cards:
            found.append(_reason("holds", cards))
        pupil = [row for row in held if row["type"] == "schooling" and self._holds(row) and not re.search(PRESCHOOL, row["detail"] or "")]
        if "attends" in rule.leave_out and pupil:
            found.append(_reason("attends", pupil))
        return found

    def _resident(self, item: Listed, held: Rows) -> Listed:
        """With the best basis of residence that holds, or the reason why there is none."""
        lives = [(row, basis) for row in held for basis in (_basis(row),) if basis and self._knows(row)]
        gone = max((row["valid_from"] for row in held if row["type"] == "departure" and self._knows(row) and row["valid_from"]), default=None)
        gone = None if gone is None or gone > self.as_of else gone
        now = [(row, basis) for row, basis in lives if self._holds(row) and (gone is None or (row["valid_from"] or date.min) > gone)]
        for basis in self.rule.basis or tuple(dict.fromkeys(basis for _, basis in now)):
            mine = [row for row, of in now if of == basis]
            if mine:
                return self._confirmed(replace(item, basis=basis, home=_home(now)), mine)
        struck = [row for row in held if _basis(row) and row["closed"] == "retracted" and (self.known is None or row["known_to"] <= self.known)]
        if not lives and not struck and gone is None:
            return replace(item, reasons=(Reason("no_residence"),))
        ends = [row for row, _ in lives] + struck + [row for row in held if row["type"] == "departure"]
        days = [row["valid_to"] for row, _ in lives if row["valid_to"]] + [row["known_to"] for row in struck]
        return replace(item, reasons=(_reason("moved_out", ends, gone or max(days, default=None)),))

    def _confirmed(self, item: Listed, rows: Rows) -> Listed:
        last = max((row["confirmed"] for row in rows if row["confirmed"]), default=None)
        item = replace(item, basis_sources=tuple(sorted({row["source"] for row in rows})), confirmed=last)
        months = dict(self.rule.confirm).get(item.basis or "")
        if months and (last is None or add_months(last, months) < self.as_of):
            return replace(item, reasons=(Reason("unconfirmed", last, item.basis_sources),))
        return item

    def _doubts(self, best: dict[str, Any], doubts: Rows, births: dict[str, Rows], standing: dict[str, Rows], texts: set[str]) -> list[Reason]:
        """Entities that may be the same and, if they are, would change the verdict; of one that its number says is somebody else, the record in doubt."""
        found = set()
        for row in doubts:
            other = row["other_id"]
            told = [birth for birth in births.get(other, ()) if self._told(birth)]
            numbered = {birth["birth"] for birth in told if birth["number"]}
            apart = bool(best["number"] and numbered and best["birth"] not in numbered)
            rival = max(told, key=_strength) if told and not apart else None
            lines = [line for line in standing.get(other, ()) if not apart or (line["record_id"] == row["record_id"] and not row["bound"])]
            changes = bool(self._left_out("" if apart else other, lines)) or any(line["type"] == "departure" and self._knows(line) for line in lines)
            if changes or (rival and rival["birth"] not in texts and not _settles(best, rival)):
                found.add(other)
        return [Reason("doubtful_merge", other=other) for other in sorted(found)]

    def _due(self, born: str) -> date:
        return add_years(date.fromisoformat(born), self.rule.age)

    def _told(self, row: dict[str, Any]) -> bool:
        if self.known is None:
            return row["known_to"] is None
        return (row["known_from"] is None or row["known_from"] <= self.known) and (row["known_to"] is None or row["known_to"] > self.known)

    def _knows(self, row: dict[str, Any]) -> bool:
        return knows(row, self.known)

    def _holds(self, row: dict[str, Any]) -> bool:
        return holds(row, self.as_of, self.known)

    def _rows(self, table: str, values: Sequence[Any], column: str = "entity_id") -> dict[Any, Rows]:
        found: dict[Any, Rows] = {}
        for row in self.reader.where(table, column, values).to_pylist() if values else ():
            found.setdefault(row[column], []).append(row)
        return found


def knows(row: dict[str, Any], known: date | None) -> bool:
    """Whether a line of `standing` was our word on that day (None: today's)."""
    kept = row["known_to"] is None or row["closed"] == "changed"
    return kept if known is None else row["known_from"] <= known and (kept or known < row["known_to"])


def holds(row: dict[str, Any], as_of: date, known: date | None) -> bool:
    """Whether a line of `standing` holds on a day as known on a day."""
    if not knows(row, known) or (row["valid_from"] is not None and row["valid_from"] > as_of):
        return False
    learned = row["closed_on"] is None or known is None or row["closed_on"] <= known
    if row["closed"] == "ended" and learned and _ended_early(row, as_of):
        return False
    return row["valid_to"] is None or row["valid_to"] > as_of or (row["closed"] == "changed" and not learned)


def _ended_early(row: dict[str, Any], as_of: date) -> bool:
    return row["closed"] == "ended" and row["closed_on"] is not None and row["closed_on"] <= as_of


def _basis(row: dict[str, Any]) -> str | None:
    if row["type"] == "certificate":
        return "permit" if row["detail"] in PERMITS else None
    return row["type"] if row["type"] in ("household", "residence") else None


def _home(now: Sequence[tuple[dict[str, Any], str]]) -> str | None:
    """Where somebody lives: the residence they moved to last."""
    homes = [row for row, basis in now if basis == "residence" and row["other_id"]]
    return max(homes, key=lambda row: (row["valid_from"] or date.min, row["other_id"]))["other_id"] if homes else None


def _reason(code: str, rows: Iterable[dict[str, Any]], on: date | None = None) -> Reason:
    rows = list(rows)
    first = min((row["valid_from"] for row in rows if row["valid_from"]), default=None)
    return Reason(code, on or first, tuple(sorted({row["source"] for row in rows})))


def _strength(row: dict[str, Any]) -> tuple[bool, int, bool, str]:
    """How strongly a birth date is told: by a number, by how many sources, whether it is the golden one; ties by the text."""
    return bool(row["number"]), int(row["tellers"]), bool(row["golden"]), str(row["birth"])


def _settles(best: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether one told date settles the matter against another: by a number where the other has none, or several sources against one."""
    if best["number"] or other["number"]:
        return bool(best["number"] and not other["number"])
    return int(best["tellers"]) >= 2 and int(other["tellers"]) <= 1


assert set(KINDS_TOLD) >= {"certificate", "schooling"}
