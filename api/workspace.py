"""A workspace: the one folder that holds everything, and the one module that chooses paths in it.

    cityweave.toml  contracts/  rules/  models/     log/000001-<source>/  data.<suffix> + manifest.json
    store/<key>/    generations/0007.json  CURRENT   state.sqlite   token
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cityweave.api import settings as settings_module
from cityweave.api.settings import Settings
from cityweave.api.state import State
from cityweave.engine.errors import CityweaveError, InputError, StoreError
from cityweave.engine.manifest import Generations
from cityweave.engine.store import Store

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Batch:
    """One delivery in the log, kept as delivered."""

    number: int
    source: str
    file_name: str  # the name it was delivered under
    suffix: str
    sha256: str
    bytes: int
    delivered: dt.date
    path: Path  # the bytes

    def manifest(self) -> dict[str, object]:
        """What stands in manifest.json: everything but where it lies."""
        return {**{name: value for name, value in asdict(self).items() if name != "path"}, "delivered": self.delivered.isoformat()}


class Workspace:
    """An opened workspace. Reading it takes no lock; deliver, train, run and gc hold `generations.writing()`."""

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.settings: Settings = settings_module.load(root / settings_module.FILE, environ)
        self.contracts = root / "contracts"
        self.rules = root / "rules"
        self.models = root / "models"
        self.log = root / "log"
        self.store = Store(root / "store")
        self.generations = Generations(root)
        self.state = State(root / "state.sqlite")
        self.token_file = root / "token"

    @classmethod
    def create(cls, root: Path, *, demo: bool = False) -> Workspace:
        """A new workspace in an absent or empty folder, or one without cityweave.toml."""
        file = root / settings_module.FILE
        if file.exists():
            raise InputError("这里已有工作区 / there is a workspace here already", str(root), "换一个文件夹，或直接使用 / choose another folder, or use this one")
        for folder in ("contracts", "rules", "models", "log", "store", "generations"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        if not (root / "state.sqlite").exists():
            State.create(root / "state.sqlite")
        _write(file, settings_module.template(root.resolve().name, demo).encode())  # last: a folder with this file is whole
        return cls(root)

    @classmethod
    def open(cls, root: Path, environ: Mapping[str, str] | None = None) -> Workspace:
        """The workspace in `root`; InputError when there is none."""
        if not (root / settings_module.FILE).is_file():
            raise InputError("这里没有工作区 / there is no workspace here", str(root), "先运行 cityweave init，或用 -w 指明 / run cityweave init first, or name one with -w")
        return cls(root, environ)

    def batches(self) -> tuple[Batch, ...]:
        """The log, in order."""
        return tuple(_read_batch(folder) for folder in sorted(self.log.glob("[0-9]*-*")) if folder.is_dir())

    def date(self) -> dt.date:
        """What "today" means here: the last delivery in a demo city, else today, else what cityweave.toml pins."""
        batches = self.batches()
        return self.settings.today(max((batch.delivered for batch in batches), default=None))

    def next_batch(self) -> int:
        """The number the next delivery gets."""
        batches = self.batches()
        return batches[-1].number + 1 if batches else 1

    def keep(self, source: str, file: Path, on: dt.date, *, full: bool) -> Batch:
        """Put a checked delivery into the log: copied aside, fsynced, renamed. InputError when the same bytes came from that source before (for a full delivery: last time)."""
        earlier = [batch for batch in self.batches() if batch.source == source]
        if earlier and on < earlier[-1].delivered:
            raise InputError(
                f"日期早于该来源上一次交付（{earlier[-1].delivered}） / the date is before the source's last delivery ({earlier[-1].delivered})",
                f"来源 / source {source}, 文件 / file {file.name}",
                "按先后交付，或改 --on / deliver in order, or change --on",
            )
        known = {batch.sha256: batch for batch in (earlier[-1:] if full else earlier)}
        number, suffix = self.next_batch(), "".join(file.suffixes[-1:]).lower()
        folder, aside = self.log / f"{number:06d}-{source}", self.log / f".aside-{os.getpid()}"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            digest, size = _copy(file, aside / f"data{suffix}")
            before = known.get(digest)
            if before is not None:
                raise InputError(
                    f"这份文件已交付过（第 {before.number} 批） / this file was delivered before (batch {before.number})",
                    f"来源 / source {source}, 文件 / file {file.name}",
                    "无需再交 / nothing to do",
                )
            batch = Batch(number, source, file.name, suffix, digest, size, on, folder / f"data{suffix}")
            _write(aside / "manifest.json", json.dumps(batch.manifest(), ensure_ascii=False, indent=1).encode())
            _sync(aside)
            aside.rename(folder)
            _sync(self.log)
        except OSError as error:
            raise disk(error, f"log/{folder.name}") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return batch

    def token(self) -> str:
        """The token that `serve` wants: from the settings, else from a file that only its owner may read, made at first use."""
        if self.settings.serve.token:
            return self.settings.serve.token
        if not self.token_file.exists():
            handle = os.open(self.token_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(os.urandom(24).hex())
        return self.token_file.read_text().strip()


def disk(error: OSError, where: str) -> CityweaveError:
    """The one clear error for what the disk refused."""
    return StoreError(
        f"磁盘读写失败 / the disk refused: {error.strerror or error}", where, "检查磁盘空间和权限；原有结果未动 / look at space and permissions; former results are untouched"
    )


def _read_batch(folder: Path) -> Batch:
    try:
        said = json.loads((folder / "manifest.json").read_text("utf-8"))
        path = folder / f"data{said['suffix']}"
        if path.stat().st_size != said["bytes"]:
            raise ValueError("size")
        return Batch(**{**said, "delivered": dt.date.fromisoformat(said["delivered"]), "path": path})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "日志里的一次交付损坏 / a delivery in the log is damaged", f"log/{folder.name}", "从备份恢复该文件夹 / restore that folder from a backup"
        ) from error


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest(), size


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
