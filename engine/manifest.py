"""Generations: each is a small JSON file that names immutable tables by key; CURRENT names one of them.

<root>/generations/0007.json    table -> key, and what the generation was made from
       CURRENT                  "0007": replaced by one rename
       generations/.lock        held by the one process that writes
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cityweave.engine.disk import full_disk_told, write_atomically
from cityweave.engine.errors import StoreError
from cityweave.engine.store import Observer, Store

CURRENT = "CURRENT"


@dataclass(frozen=True)
class Manifest:
    """One complete result."""

    number: int
    tables: Mapping[str, str]  # table -> key in the store
    inputs: Mapping[str, Any] = field(default_factory=dict)  # JSON: how far the log went, which decisions, contracts, packs, model, settings, code

    def to_json(self) -> str:
        """Canonical JSON: equal manifests are equal texts."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, indent=1) + "\n"


class Generations:
    """The generations of a workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "generations"

    def numbers(self) -> list[int]:
        """The numbers of all generations, ascending."""
        return sorted(int(file.stem) for file in self.folder.glob("[0-9]*.json") if file.stem.isdigit())

    def load(self, number: int) -> Manifest:
        """The manifest of one generation; a StoreError if there is none or it cannot be read."""
        file = self.folder / _file(number)
        try:
            return Manifest(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise StoreError(f"没有第 {number} 代 / there is no generation {number}", str(file), f"现有 / there are: {self.numbers()}") from None
        except (OSError, ValueError, TypeError) as error:
            raise StoreError("代的清单损坏 / the manifest of a generation is damaged", str(file), "重新运行 run / run again") from error

    def current(self) -> Manifest | None:
        """The generation that is served, or None before the first."""
        try:
            text = (self.root / CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        if not text.isdigit():
            raise StoreError(
                "CURRENT 损坏 / CURRENT is damaged", str(self.root / CURRENT), "写入一个代号，或重新运行 / write a generation's number into it, or run again"
            )
        return self.load(int(text))

    def write(self, tables: Mapping[str, str], inputs: Mapping[str, Any]) -> Manifest:
        """Write the next generation's manifest, without serving it yet. The current one, or a last one that was never served, is used again if it is equal."""
        numbers = self.numbers()
        last = self.load(numbers[-1]) if numbers else None
        for known in (self.current(), last):
            if known is not None and dict(known.tables) == dict(tables) and known.inputs == dict(inputs):
                return known
        manifest = Manifest((last.number if last else 0) + 1, dict(tables), dict(inputs))
        with full_disk_told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.folder / _file(manifest.number), manifest.to_json().encode())
        return manifest

    def serve(self, manifest: Manifest, observer: Observer | None = None) -> None:
        """Make CURRENT name this generation, in one rename."""
        if observer is not None:
            observer("before_current", CURRENT)
        write_atomically(self.root / CURRENT, f"{manifest.number:04d}\n".encode())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write; a StoreError at once if another process holds it.

        Readers need none and are never locked out. The system frees it when its holder dies.
        """
        with full_disk_told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    "另一个进程正在写入该工作区 / another process is writing to this workspace",
                    str(self.root),
                    "等它结束再运行 / run again when it has finished",
                ) from None
            yield


@dataclass(frozen=True)
class Collected:
    """What a gc did."""

    kept: int
    removed: int
    freed: int  # bytes


def gc(store: Store, generations: Generations, keep: Iterable[int] | None = None, also: Iterable[str] = ()) -> Collected:
    """Remove every entry that no generation of `keep` (default: all there are) names and that is not in `also`; kept, removed, bytes freed.

    The manifests of generations not kept go first, so that none names a table that is gone; the current one is always kept. The caller holds `writing()`.
    """
    numbers = generations.numbers()
    current = generations.current()
    kept = {*(numbers if keep is None else keep), *([current.number] if current else [])}
    live = {*also, *(key for number in numbers if number in kept for key in generations.load(number).tables.values())}
    for number in numbers:
        if number not in kept:
            (generations.folder / _file(number)).unlink()
    store.sweep()
    stored = store.keys()
    dead = [key for key in stored if key not in live]
    freed = sum(store.remove(key) for key in dead)
    return Collected(len(stored) - len(dead), len(dead), freed)


def _file(number: int) -> str:
    return f"{number:04d}.json"
