"""Which events a proposed contract tells: by the roles that a row has, by the dates and the words beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cityweave.cfd_rules.guess_events import CONSTANTS, DETAILS, LISTS, TELLINGS, YES_NO, Telling
from cityweave.cfd_rules.propose_cells import date_forms
from cityweave.cfd_rules.propose_model import Draft
from cityweave.cfd_rules.propose_text import amount, dated, listing, quoted


def events(draft: Draft) -> list[str]:
    """The lines of `events`."""
    out: list[str] = []
    told: set[tuple[str, str, str]] = set()
    for telling in TELLINGS:
        found = _parties(draft, telling)
        if found is None or (telling.needs and not _headed(draft, telling.needs)) or (telling.unless and _headed(draft, telling.unless)):
            continue
        condition = _condition(draft, telling)
        if condition is None:
            continue
        for roles in _each_of(found):
            this = (telling.type, next(iter(roles.values())), condition)
            out += [_event(draft, telling, roles, condition)] if this not in told else []
            told.add(this)
    return out


def _parties(draft: Draft, telling: Telling) -> dict[str, list[str]] | None:
    """Its role -> those of the row that may be it; None when one is not there without whom it is not told."""
    found: dict[str, list[str]] = {}
    for name, wanted in telling.parties.items():
        if wanted.startswith("thing "):
            thing, _, heading = wanted.removeprefix("thing ").partition(":")
            column = _of_thing(draft, found, heading)
            who = [f"{{thing: {thing}, column: {quoted(column)}}}"] if column else []
        else:
            who = _roles(draft, wanted)
        if who:
            found[name] = who
        elif name not in telling.optional:
            return None
    return found if len(found) > 1 or len(telling.parties) == 1 else None


_KNOWN_BY = frozenset({"name", "surname", "given_name", "id_no", "id_part", "uscc"})


def _roles(draft: Draft, wanted: str) -> list[str]:
    known = [role for role in draft.roles if role in ("room", "building") or any(line.element in _KNOWN_BY for line in draft.of(role))]
    told = [role for part in wanted.split("|") for role in known if re.fullmatch(re.escape(part).replace(r"\*", ".*"), role)]
    return told if "*" in wanted else told[:1]


def _of_thing(draft: Draft, found: Mapping[str, Sequence[str]], heading: str) -> str:
    """The column of a thing: by its heading, or the element of whoever takes part beside it."""
    who = next(iter(found.values()), [""])[0]
    if heading.startswith("element "):
        role, _, element = heading.removeprefix("element ").rpartition(".")
        return draft.column(role or who, element)
    if not heading:
        return draft.column(who, "address")
    return _headed(draft, heading)


def _condition(draft: Draft, telling: Telling) -> str | None:
    """When a row tells it; None: never. The words of a class of rows say it before a date does."""
    if telling.words:
        for column in draft.samples:
            words = draft.words(column)
            said = [word for word in words if re.search(telling.words, word, re.IGNORECASE)]
            if said and len(words) > len(said) and not any(line.element in ("marital", "relation") for line in draft.lines if line.column == column):
                return f"equals: {{{quoted(column)}: {listing(said) if len(said) > 1 else quoted(said[0])}}}"
            if said and len(words) == len(said) > 0:
                return ""
    if telling.told_by:
        column = _date(draft, telling.told_by)
        return f"filled: [{quoted(column)}]" if column else None
    if telling.type == "founding" and not draft.column("legal_entity", "founded"):  # who is named as an employer was not founded that day
        return None
    return None if telling.worded else ""


def _each_of(found: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """One event for each role where several may take the first part: shareholder_1, shareholder_2."""
    first = next(iter(found))
    return [{name: role if name == first else roles[0] for name, roles in found.items()} for role in found[first]]


def _event(draft: Draft, telling: Telling, roles: Mapping[str, str], condition: str) -> str:
    parties = {name: _with_firm(draft, role) for name, role in roles.items()}
    told = [f"type: {telling.type}", f"participants: {{{', '.join(f'{name}: {who}' for name, who in parties.items())}}}"]
    optional = [name for name in telling.optional if name in roles]
    told += [f"optional: [{', '.join(optional)}]"] if optional else []
    told += [f"when: {{{condition}}}"] if condition else []
    for word, headings in (("valid_from", telling.start), ("valid_to", telling.end)):
        column = _day(draft, next(iter(roles.values())), headings)
        told += [f"{word}: {dated(draft, column, whole=True)}"] if column else []
    details = [f"{name}: {cell}" for name, heading in DETAILS.get(telling.type, {}).items() if (cell := _told(draft, name, _headed(draft, heading)))]
    told += [f"details: {{{', '.join(details)}}}"] if details else []
    detail = _detail(draft, telling, roles)
    told += [f"detail: {detail}"] if detail else []
    return f"  - {{{', '.join(told)}}}"


def _with_firm(draft: Draft, role: str) -> str:
    split = draft.splits.get(role)
    return f"[{role}, {split.firm}]" if split else role


def _day(draft: Draft, role: str, headings: str) -> str:
    if headings.startswith("element "):
        column = draft.column(role, headings.removeprefix("element "))
        return "" if any(line.measure for line in draft.lines if line.column == column) else column
    return next((found for heading in headings.split(";") if heading and (found := _date(draft, heading))), "")


def _detail(draft: Draft, telling: Telling, roles: Mapping[str, str]) -> str:
    share = next((draft.shares[role] for role in roles.values() if role in draft.shares and telling.type in ("ownership", "shareholding")), "")
    if share:
        return f"{{column: {quoted(share)}, measure: millionths}}"
    if telling.detail.startswith("element "):
        element = telling.detail.removeprefix("element ")
        column = draft.column(next(iter(roles.values())), element)
        return f"{{column: {quoted(column)}, list: {LISTS[element]}}}" if column else ""
    column = next((found for heading in telling.detail.split(";") if heading and (found := _headed(draft, heading))), "")
    if column:
        return quoted(column)
    about = " ".join((*draft.samples, draft.file))
    known = next((constant for type_, word, constant in CONSTANTS if type_ == telling.type and re.search(word, about)), "")
    thing = re.search(r"column: \"?([^\"}]+)", roles.get("certificate", ""))  # 食品经营许可证编号: the heading says which
    named = re.sub(r"(编号|号码?|代码|[_ ]?(no|number|id))$", "", thing[1]) if thing else ""
    return f"{{constant: {quoted(known or named)}}}" if known or len(named) > 1 else ""


def _told(draft: Draft, detail: str, column: str) -> str:
    """The cell of a detail of a bid or a tender; empty where the column is not there, or says nothing that can be read."""
    if not column:
        return ""
    if detail in ("price", "ceiling"):
        return amount(column)
    if detail == "won":
        codes = {word: YES_NO[word] for word in draft.words(column) if word in YES_NO}
        told = ", ".join(f'{quoted(word)}: "{code}"' for word, code in codes.items())
        return f"{{column: {quoted(column)}, codes: {{{told}}}}}" if codes else ""
    return dated(draft, column) if detail == "published" else quoted(column)


def _headed(draft: Draft, pattern: str) -> str:
    """The first column that is called so."""
    return next((name for name in draft.samples if re.search(pattern, name, re.IGNORECASE)), "")


def _date(draft: Draft, pattern: str) -> str:
    """The first column that is called so and holds dates."""
    named = [name for name in draft.samples if re.search(pattern, name, re.IGNORECASE)]
    return next((name for name in named if date_forms(draft.samples[name].values)[1] >= 60), "")
