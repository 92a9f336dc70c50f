"""How a value is shown to someone who may not see it in clear. Each mask's docstring is what the reader is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping


def none(value: str) -> str:
    """原样 / shown as it is."""
    return value


def all_(value: str) -> str:
    """全部遮掩 / nothing is shown."""
    return "*" if value else value


def first_char(value: str) -> str:
    """只留第一个字 / the first character only."""
    return value[:1] + "*" * min(len(value) - 1, 3) if value else value


def year(value: str) -> str:
    """只留年份 / the year only."""
    if re.fullmatch(r"\d{4}", value):
        return value
    return value[:4] + "-**-**" if re.match(r"^\d{4}-", value) else all_(value)


def keep_3_2(value: str) -> str:
    """留前三后二 / the first three and the last two characters; never a digit of the birth date in an identity number."""
    return value[:3] + "*" * (len(value) - 5) + value[-2:] if len(value) >= 8 else all_(value)


def keep_2_0(value: str) -> str:
    """留前二 / the first two characters."""
    return value[:2] + "*" * (len(value) - 2) if len(value) >= 4 else all_(value)


def place(value: str) -> str:
    """留到区县街道 / city, district and street only."""
    found = re.match(r"^.*?(街道|镇|乡|区|县|市)", value)
    head = re.match(r"^(?:[^市区县]{1,8}市)?(?:[^市区县]{1,8}[区县])?(?:[^市区县路]{1,8}(?:街道|镇|乡))?", value)
    return (head.group(0) if head and head.group(0) else found.group(0) if found else "") + "***"


MASKS: Mapping[str, Callable[[str], str]] = {
    "none": none,
    "all": all_,
    "first_char": first_char,
    "year": year,
    "keep_3_2": keep_3_2,
    "keep_2_0": keep_2_0,
    "place": place,
}


def mask(value: str | None, how: str) -> str | None:
    """The value as it may be shown; NULL stays NULL."""
    return None if value is None else MASKS[how](value)
