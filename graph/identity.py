"""Whom a full name and an identity number mean: the person who holds the number as an accepted one, under that name. Otherwise the reason why nobody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.classes import BETWEEN_NAMES, GB11643_WEIGHTS
from cityweave.graph.model_proof import Person

_DOTS = dict.fromkeys(map(ord, "・•‧∙⋅●．."), "·")


class Reader(Protocol):
    """A generation's look-ups (engine/generation.py)."""

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows whose `column` is one of `values`."""


@dataclass(frozen=True)
class Nobody:
    """Why a name and a number mean nobody: 中文 / English."""

    says: str


def number_of(text: str) -> str | None:
    """An identity number in its form of 18 characters; None when it is not valid (GB 11643-1999, with the old 15 digits)."""
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"\d{15}", found):
        body = f"{found[:6]}19{found[6:]}"
        found = body + _check(body)
    if not re.fullmatch(r"\d{17}[0-9X]", found) or _check(found[:17]) != found[17] or born(found) is None:
        return None
    return found


def document_of(text: str) -> str | None:
    """The number of a passport, a travel permit or the like, in capitals; None for what cannot be one."""
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return found if re.fullmatch(r"(?=[0-9A-Z]*[A-Z])(?=[0-9A-Z]*[0-9])[0-9A-Z]{6,20}|[0-9]{8,10}", found) else None


def born(number: str) -> date | None:
    """The day of birth in an identity number."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def name_of(text: str) -> str:
    """A name as names are compared: without spaces, one middle dot, capitals."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).translate(_DOTS).upper()


def names_of(record: Mapping[str, Any]) -> set[str]:
    """The name and the former names of a record, as names are compared."""
    return {name_of(text) for text in (record["name"], *(record["former_name"] or "").split(BETWEEN_NAMES)) if text}


def who(reader: Reader, name: str, number: str) -> Person | Nobody:
    """The person, or why nobody. A number that several people hold, or that is known under another name, binds nobody. A former number means
    who has another now. The number is one of `number_of` or of `document_of`; a document's is looked for under every type that there is.
    """
    numbers = [number] if number_of(number) else [f"{code}:{number}" for code in sorted(registry.load().codes["id_type"].titles)]
    changed = [row["now"] for row in reader.where("renumbered", "former", numbers).to_pylist() if name_of(row["name"]) == name_of(name)]
    unit = [row for row in reader.where("unit_person", "id_no", [*numbers, *changed]).to_pylist() if row["accepted"]]
    if not unit:
        return Nobody("该号码没有被任何登记证实 / no record bears this number out")
    records = [row["record_id"] for row in unit]
    named = reader.where("record_person", "record_id", records, ["record_id", "name", "former_name", "known_to"]).to_pylist()
    entity_of = {row["record_id"]: row["entity_id"] for row in reader.where("membership", "record_id", records).to_pylist()}
    under: dict[str, set[str]] = {}
    for row in named:
        if row["known_to"] is None and row["record_id"] in entity_of:
            under.setdefault(entity_of[row["record_id"]], set()).update(names_of(row))
    fitting = sorted(entity for entity, names in under.items() if name_of(name) in names)
    if not fitting:
        return Nobody("该号码登记的是另一个姓名 / this number is known under another name")
    if len(fitting) > 1:
        return Nobody("该号码由多人持有 / several people hold this number")
    card = number_of((changed or [number])[0])
    return Person(fitting[0], ("1" if int(card[16]) % 2 else "2") if card else "", born(card) if card else None, frozenset(under[fitting[0]]))


def _check(body: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, GB11643_WEIGHTS, strict=True)) % 11]
