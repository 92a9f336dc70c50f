"""The store: one folder per step result, named by its key. An entry is whole or absent, and never changes.

<root>/<key>/table.parquet   the rows
             table.arrow     the same rows sorted by key, memory-mappable (served tables only)
             by-<column>.arrow   values of another column in order, each with its row in table.arrow
             meta.json       what made it: name, rows, seconds, peak memory, the keys of its inputs, the sizes of its files
<root>/.tmp-<key>-<pid>/     being written
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from cityweave.engine.disk import full_disk_told, sync
from cityweave.engine.errors import StoreError
from cityweave.engine.model import Type

PARQUET, ARROW_FILE, INDEX_FILE, META = "table.parquet", "table.arrow", "by-{}.arrow", "meta.json"

Moment: TypeAlias = Literal["before_write", "before_rename", "after_rename"]
Observer: TypeAlias = Callable[[str, str], None]
"""Called with a moment and a table's name; tests kill the process there."""


@dataclass(frozen=True)
class Meta:
    """What is known of an entry."""

    key: str
    name: str
    rows: int
    seconds: float = 0.0
    peak_mb: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)  # table -> key
    columns: Mapping[str, Type] = field(default_factory=dict)  # as declared: with these and the order, a digest needs no plan
    order: Sequence[str] = ()  # the columns of the table's key
    files: Mapping[str, int] = field(default_factory=dict)  # file -> bytes


class Store:
    """Immutable tables by key under one folder."""

    def __init__(self, root: Path, observer: Observer | None = None) -> None:
        self.root = root
        self.observer = observer
        with full_disk_told(root):
            root.mkdir(parents=True, exist_ok=True)

    def has(self, key: str) -> bool:
        """Whether the entry is there; being renamed whole, it is then complete."""
        return (self.root / key).is_dir()

    def path(self, key: str) -> Path:
        """Where the entry's Parquet file is."""
        return self.root / key / PARQUET

    def arrow_path(self, key: str) -> Path:
        """Where the entry's memory-mappable file is, if its table is served."""
        return self.root / key / ARROW_FILE

    def index_path(self, key: str, column: str) -> Path:
        """Where the index of a served entry by another column is, if its table has one."""
        return self.root / key / INDEX_FILE.format(column)

    def meta(self, key: str) -> Meta:
        """What is known of the entry; a StoreError if it is gone, or damaged (a file missing or of another size than written)."""
        self._expect(key)
        meta = _meta(self.root / key)
        for file, size in meta.files.items():
            try:
                found = (self.root / key / file).stat().st_size
            except OSError:
                found = -1
            if found != size:
                raise damaged(self.root / key, f"{file}: {found} != {size} bytes")
        return meta

    def read(self, key: str, columns: list[str] | None = None) -> pa.Table:
        """The rows, columns as stored; a StoreError if the file cannot be read."""
        self._expect(key)
        try:
            return pq.read_table(self.path(key), columns=columns, memory_map=True, partitioning=None)
        except (OSError, pa.ArrowInvalid) as error:
            raise damaged(self.root / key, type(error).__name__) from error

    def keys(self) -> list[str]:
        """The keys of all entries, sorted."""
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir() and not entry.name.startswith("."))

    @contextmanager
    def draft(self, key: str, name: str) -> Iterator[Path]:
        """A folder to write an entry in; removed again if the block fails or does not `commit` it."""
        folder = self.root / f".tmp-{key}-{os.getpid()}"
        try:
            with full_disk_told(self.root):
                self._observe("before_write", name)
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def commit(self, folder: Path, meta: Meta) -> None:
        """Make a draft an entry: everything in it forced to the disk, then renamed. If another process was first, its entry stays and ours goes."""
        content = {**asdict(meta), "files": {file.name: file.stat().st_size for file in sorted(folder.iterdir())}}
        (folder / META).write_text(json.dumps(content, sort_keys=True, ensure_ascii=False), encoding="utf-8")
        for file in (*folder.iterdir(), folder):
            sync(file)
        self._observe("before_rename", meta.name)
        try:
            folder.rename(self.root / meta.key)
        except OSError:
            if not self.has(meta.key):
                raise
        self._observe("after_rename", meta.name)

    def settle(self) -> None:
        """Force the renames so far to the disk: once a run, before a generation names the entries. An entry lost before that is made again."""
        sync(self.root)

    def remove(self, key: str) -> int:
        """Remove an entry and say how many bytes that freed. It is moved out of sight first, so nobody sees half of it."""
        aside = self.root / f".tmp-{key}-{os.getpid()}"
        freed = sum(file.stat().st_size for file in (self.root / key).iterdir())
        (self.root / key).rename(aside)
        shutil.rmtree(aside)
        return freed

    def sweep(self) -> int:
        """Remove what processes that are gone left half-written; the number of folders removed."""
        left = [folder for folder in self.root.glob(".tmp-*") if not _alive(folder.name.rpartition("-")[2])]
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        return len(left)

    def _expect(self, key: str) -> None:
        if not self.has(key):
            raise StoreError(
                "存储里的一张表不见了 / a table is gone from the store",
                str(self.root / key),
                "运行 cityweave run，会重新计算；更早的代须从备份恢复 / cityweave run makes it anew; older generations come from a backup",
            )

    def _observe(self, moment: Moment, name: str) -> None:
        if self.observer is not None:
            self.observer(moment, name)


def damaged(entry: Path, detail: str) -> StoreError:
    """The error for an entry that cannot be read."""
    return StoreError(
        f"存储条目损坏（{detail}） / a store entry is damaged ({detail})",
        str(entry),
        "删除该目录后重新运行，会重新计算 / delete that folder and run again: it will be made anew",
    )


@lru_cache(maxsize=4096)
def _meta(entry: Path) -> Meta:
    try:
        return Meta(**json.loads((entry / META).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise damaged(entry, f"{META}: {type(error).__name__}") from error


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
