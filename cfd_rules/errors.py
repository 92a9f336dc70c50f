"""What this floor can raise, and the one way to say "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein

from cityweave.engine.errors import ContractError, InputError, RuleError

__all__ = ["ContractError", "DeliveryRefusedError", "InputError", "RuleError", "nearest", "suggestion"]


class DeliveryRefusedError(InputError):
    """A full delivery is empty, or lacks more than 5 % of the keys of the one before: refused unless the absences are accepted."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None when none is near: at most half of the letters differ."""
    ranked = sorted((DamerauLevenshtein.distance(word.lower(), other.lower()), other) for other in known)
    return ranked[0][1] if ranked and ranked[0][0] * 2 <= max(len(word), len(ranked[0][1])) else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to do about an unknown word: the nearest known one, else all that are known."""
    words = list(known)
    near = nearest(word, words)
    return f"是否指 {near}？ / did you mean {near}?" if near else f"可用的有 / known are: {', '.join(sorted(words)) or '（无）/ (none)'}"
