"""Other names for things where they leave the workspace: in answers, exports, and a graph that is kept elsewhere.

A thing's id is the md5 of its kind and key, and keys (telephone numbers, household numbers, accounts) are so few that whoever reads the ids could try them
all. So what leaves is the id enciphered by a key that stays in the workspace: four rounds of a Feistel network (Luby & Rackoff 1988) with keyed BLAKE2b.
Entities' ids are numbers of records and say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cityweave.graph.model import THING_LENGTH

_ROUNDS = (b"1", b"2", b"3", b"4")
_HALF = THING_LENGTH // 2


class Pseudonyms:
    """Things' ids there and back under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.owner = hashlib.blake2b(b"owner", key=key, digest_size=8).hexdigest()
        """Names the key without telling it."""

    def hide(self, ids: Iterable[str]) -> list[str]:
        """The ids as they leave."""
        return [self._turn(name, _ROUNDS) if len(name) == THING_LENGTH else name for name in ids]

    def show(self, ids: Iterable[str]) -> list[str]:
        """The ids that left, as they were."""
        return [self._back(name) if len(name) == THING_LENGTH else name for name in ids]

    def _turn(self, name: str, rounds: Iterable[bytes]) -> str:
        left, right = int(name[:_HALF], 16), int(name[_HALF:], 16)
        for number in rounds:
            left, right = right, left ^ self._mix(right, number)
        return f"{left:016x}{right:016x}"

    def _back(self, name: str) -> str:
        swapped = self._turn(name[_HALF:] + name[:_HALF], _ROUNDS[::-1])
        return swapped[_HALF:] + swapped[:_HALF]

    def _mix(self, half: int, number: bytes) -> int:
        return int.from_bytes(hashlib.blake2b(half.to_bytes(8), key=self._key, person=number, digest_size=8).digest())
