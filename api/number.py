"""What reads as an identity number: used to keep one from leaving where none belongs."""

from __future__ import annotations

import datetime as dt
import re

_NUMBER = re.compile(r"(?<![0-9])[0-9]{6}([0-9]{8})[0-9]{3}[0-9Xx](?![0-9])")


def holds_number(text: str) -> bool:
    """Whether a text holds what reads as an 18-character identity number: one with a date in it."""
    return any(_is_date(found[1]) for found in _NUMBER.finditer(text))


_OLD = re.compile(r"(?<![0-9])[0-9]{6}([0-9]{6})[0-9]{3}(?![0-9])")


def holds_old_number(text: str) -> bool:
    """Whether a text holds what reads as an identity number of 15 digits, as they were until 1999: a firm's old registration number may look alike."""
    return any(_is_date(f"19{found[1]}") for found in _OLD.finditer(text))


def _is_date(digits: str) -> bool:
    try:
        return 1800 <= dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False
