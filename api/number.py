"""What reads as an identity number or a mobile phone's: used to keep one from leaving where none belongs, and from being written down where nobody needs it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from cityweave.engine.errors import InputError

_NUMBER = re.compile(r"(?<![0-9])[0-9]{6}([0-9]{8})[0-9]{3}[0-9Xx](?![0-9])")


def holds_number(text: str) -> bool:
    """Whether a text holds what reads as an 18-character identity number: one with a date in it."""
    return any(_is_date(found[1]) for found in _NUMBER.finditer(text))


def holds_valid_number(text: str) -> bool:
    """Whether a text holds an identity number whose check digit is right, too (GB 11643-1999): a file's name may hold eighteen digits with a day in them."""
    return any(_is_date(found[1]) and _checked(found[0]) for found in _NUMBER.finditer(text))


def _checked(number: str) -> bool:
    """ISO 7064 MOD 11-2 over all eighteen: the remainder is 1."""
    return sum(("0123456789X".index(char) << (17 - place)) for place, char in enumerate(number.upper())) % 11 == 1


_OLD = re.compile(r"(?<![0-9])[0-9]{6}([0-9]{6})[0-9]{3}(?![0-9])")


def holds_old_number(text: str) -> bool:
    """Whether a text holds what reads as an identity number of 15 digits, as they were until 1999: a firm's old registration number may look alike."""
    return any(_is_date(f"19{found[1]}") for found in _OLD.finditer(text))


_MOBILE = re.compile(r"(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9])")


def holds_secret(text: str) -> bool:
    """Whether a text that somebody typed holds an identity number, old or new, or a mobile phone's, also full-width or cut by spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", text)
    joined = re.sub(r"(?<=[0-9])[ -]+(?=[0-9Xx])", "", plain)
    return any(holds_number(one) or holds_old_number(one) or _MOBILE.search(one) is not None for one in (plain, joined))


def kept(text: str) -> str:
    """A text that somebody typed, but for one that was kept with such a number before that was refused."""
    return "***" if holds_secret(text) else text


def refuse_secret(text: str, where: str) -> None:
    """InputError when a text that is to be kept holds such a number; the number does not stand in it."""
    if holds_secret(text):
        raise InputError(
            "这里会留存，不能写证件号码或手机号 / this is kept: no identity or phone number may stand in it",
            where,
            "用实体或记录的编号 / write the id of the entity or record",
        )


def _is_date(digits: str) -> bool:
    try:
        return 1800 <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False
