"""What a heading says: of whom its column speaks, and what it tells of them. 父亲身份证号 is the father's number, 持证人 a name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import cast

from cityweave.cfd_rules.guess_words import HEADINGS, NAMED, NOT_OF, TAILS, WORDS
from cityweave.cfd_rules.model import Kind

SURE = 85
"""How sure a heading that names an element is, per cent."""

MAIN = ("person", "legal_entity", "subject")
"""Roles of those whom the rows are about."""


@dataclass(frozen=True)
class Said:
    """What a heading says."""

    role: str  # "" when it does not say of whom
    kinds: tuple[str, ...]  # of which kinds that one may be; empty: any
    element: str  # "" when it does not say what
    may_be: frozenset[str] | None  # elements that its values may still make it; None: any
    named: bool  # ends as a heading of names does

    def fits(self, kind: Kind, element: str) -> bool:
        """Whether a column that is headed so may be this element."""
        if self.kinds and kind not in self.kinds:
            return False
        return element == self.element or self.may_be is None or element in self.may_be


def said(heading: str) -> Said:
    """What a heading says."""
    plain = _plain(heading)
    role, kinds, rest = _whose(plain)
    whole_kinds, element = _what(rest)
    if role and not rest:
        return Said(role, kinds, "name", frozenset({"name"}), named=True)
    if element == "relation" and role not in ("", "person", "relative"):  # to the ward or the deceased, not to the head of a household
        return Said(role, kinds, "", frozenset(), named=False)
    both = tuple(kind for kind in whole_kinds if kind in kinds) if kinds and whole_kinds else (whole_kinds or kinds)
    if kinds and whole_kinds and not both:  # 单位地址 of a person's row is the firm's, 业主房屋编码 the room's
        role, both = "", whole_kinds
    return Said(role, both, element, None if element else _tail(rest, heading), named=bool(NAMED.search(rest)))


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-./（）()'’、]+", "", unicodedata.normalize("NFKC", heading).lower())


def _whose(plain: str) -> tuple[str, tuple[str, ...], str]:
    """Role, its kinds, and what is left of the heading; the last of several words counts: 学生监护人姓名 is the guardian's name."""
    role: str = ""
    kinds: tuple[str, ...] = ()
    rest = plain
    while not NOT_OF.search(rest) and (found := _begins(rest)):
        word, place = found
        new, of = WORDS[word]
        if role and new in MAIN and role not in MAIN:  # 法定代表人单位 says nothing anew
            break
        rest, role, kinds = rest[len(word) :].removeprefix("的"), f"{new}{place}", of
        rest = rest[len(place.strip("_")) :] if place else rest
    return role, kinds, rest


def _begins(text: str) -> tuple[str, str] | None:
    """The word of a role that a text begins with, and the number behind it (股东1). Initials and single characters only before something known."""
    for word in WORDS:
        if not text.startswith(word):
            continue
        rest = text[len(word) :]
        number = re.match(r"[1-9]", rest)
        rest = rest[1:] if number else rest
        weak = len(word) == 1 or (word.isascii() and (len(word) <= 3 or rest))
        if weak and not _what(rest)[1]:
            continue
        return word, f"_{number[0]}" if number else ""
    return None


def _what(rest: str) -> tuple[tuple[str, ...], str]:
    """The kinds and the element that a heading names."""
    return next(((kinds, element) for pattern, kinds, element in HEADINGS if re.search(pattern, rest)), ((), ""))


def _tail(rest: str, heading: str) -> frozenset[str] | None:
    text = rest or heading.lower()
    if rest.isascii() and len(rest) > 3 and not re.search(r"[0-9]", rest):
        text = heading.lower()
    return next((elements for pattern, elements in TAILS if re.search(rf"({pattern})$", text) and not re.fullmatch(r"[a-z]?[0-9]*", text)), None)


def kind_of(kinds: tuple[str, ...], default: Kind) -> Kind:
    """The kind of a column: the only one it may be, else the default where it may be that."""
    return default if default in kinds or not kinds else cast("Kind", kinds[0])
