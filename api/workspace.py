"""A workspace: the one folder that holds everything, and the one module that chooses paths in it.

cityweave.toml  contracts/  rules/  services/  models/     log/000001-<source>/  data.<suffix> + manifest.json
store/<key>/    generations/0007.json  CURRENT   state.sqlite   token     spill/  (what a run puts aside when memory is short)

Everything in it belongs to its owner alone: it holds people's data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from cityweave.api import settings as settings_module
from cityweave.api.settings import Settings
from cityweave.api.state import State
from cityweave.cfd_rules import contract_file, pack, propose, registry
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.delivery import check_delivery
from cityweave.cfd_rules.model import Batch as LoggedBatch
from cityweave.cfd_rules.model import DeliveryCheck
from cityweave.cfd_rules.pack import Pack
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.disk import full_disk_told, sync, write_atomically
from cityweave.engine.engines import load_engine
from cityweave.engine.errors import InputError, StoreError
from cityweave.engine.manifest import Generations, Manifest
from cityweave.engine.run import Engine
from cityweave.engine.store import Store
from cityweave.graph import snapshot
from cityweave.graph.address import Address


@dataclass(frozen=True)
class Batch:
    """One delivery in the log, kept as delivered."""

    number: int
    source: str
    file_name: str  # the name it was delivered under
    suffix: str
    sha256: str
    bytes: int
    rows: int
    delivered: dt.date
    path: Path  # the bytes

    @property
    def logged(self) -> LoggedBatch:
        """The same as floor 2 takes it."""
        return LoggedBatch(self.number, self.source, self.path, self.sha256, self.delivered, self.file_name)

    def manifest(self) -> dict[str, object]:
        """What stands in manifest.json: everything but where it lies."""
        return {**{name: value for name, value in asdict(self).items() if name != "path"}, "delivered": self.delivered.isoformat()}


@dataclass(frozen=True)
class Proposed:
    """A contract proposed for a file, and written into contracts/."""

    source: str
    file: Path
    contract: str
    rows: int
    key: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]  # column, role, element, sure (per cent), use (of a column that is no element: key, event, …), why
    unconfirmed: tuple[str, ...]  # identifier columns that a person must look at
    later: tuple[Path, ...] = ()  # further deliveries of the same source

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "source": self.source,
            "file": str(self.file),
            "contract": self.contract,
            "rows": self.rows,
            "key": list(self.key),
            "columns": list(self.lines),
            "unconfirmed": list(self.unconfirmed),
            "later": [str(file) for file in self.later],
        }


class Workspace:
    """An opened workspace. Reading it takes no lock; deliver, train, run and gc hold `generations.writing()`."""

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        os.umask(0o077)  # folders 0700 and files 0600, whoever writes them: our own code, DuckDB, SQLite, Spark's Java
        self.root = root
        self.settings: Settings = settings_module.load(root / settings_module.FILE, environ)
        self.contracts = root / "contracts"
        self.rules = root / "rules"
        self.services = root / "services"
        self.models = root / "models"
        self.log = root / "log"
        self.spill = root / "spill"
        self.store = Store(root / "store")
        self.generations = Generations(root)
        self.state = State(root / "state.sqlite")
        self.token_file = root / "token"

    @classmethod
    def create(cls, root: Path, *, demo: bool = False) -> Workspace:
        """A new workspace in an absent or empty folder, or one without cityweave.toml."""
        file = root / settings_module.FILE
        if file.exists():
            raise InputError(
                "这里已有工作区 / there is a workspace here already", str(root), "换一个文件夹，或直接使用 / choose another folder, or use this one"
            )
        os.umask(0o077)
        for folder in ("contracts", "rules", "models", "log", "store", "generations"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        if not (root / "state.sqlite").exists():
            State.create(root / "state.sqlite")
        write_atomically(file, settings_module.template(root.resolve().name, demo).encode())  # last: a folder with this file is whole
        return cls(root)

    @staticmethod
    def exists(root: Path) -> bool:
        """Whether there is a workspace in `root`."""
        return (root / settings_module.FILE).is_file()

    @classmethod
    def open(cls, root: Path, environ: Mapping[str, str] | None = None) -> Workspace:
        """The workspace in `root`; InputError when there is none."""
        if not (root / settings_module.FILE).is_file():
            raise InputError(
                "这里没有工作区 / there is no workspace here", str(root), "先运行 cityweave init，或用 -w 指明 / run cityweave init first, or name one with -w"
            )
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

    def take_city(self, city: Path, contracts: Path, *, first_only: bool) -> list[tuple[Batch, DeliveryCheck]]:
        """Copy the contracts of a synthetic city and deliver its batches in their order; what is in the log already is passed over."""
        listing = city / "deliveries.json"
        if not listing.is_file():
            raise InputError("这里没有城市 / there is no city here", str(city), "先运行 cityweave generate / run cityweave generate first")
        for contract in sorted(contracts.glob("*.yaml")):
            if not (self.contracts / contract.name).exists():
                write_atomically(self.contracts / contract.name, contract.read_bytes())
        known = {(batch.source, batch.file_name) for batch in self.batches()}
        listed = json.loads(listing.read_text("utf-8"))
        wanted = [item for item in listed if (item["source"], item["file"]) not in known and not (first_only and item["batch"] > 1)]
        return [self.deliver(item["source"], city / item["file"], dt.date.fromisoformat(item["on"]), file_name=item["file"], again=True) for item in wanted]

    def propose(self, files: Sequence[Path]) -> list[Proposed]:
        """Write a proposed contract for each file into contracts/, all or none; a person confirms the identifier columns there. None is overwritten.

        A folder stands for its files. Files that are called alike but for a number or a date at the end, and have most headings in common, are deliveries
        of one source: the first is looked at.
        """
        found = propose.propose_all(files, self.registry)
        sources = [one.source for one, _ in found]
        for one, same in found:
            if (self.contracts / f"{one.source}.yaml").exists() or sources.count(one.source) > 1:
                raise InputError(
                    f"来源 {one.source} 已有合同，或两个文件同名 / source {one.source} has a contract, or two files give that name",
                    f"{same[0].name} -> contracts/{one.source}.yaml",
                    "把合同移走，或给文件改名；什么也没有写 / move the contract away, or rename the file; nothing was written",
                )
        for one, _ in found:
            write_atomically(self.contracts / f"{one.source}.yaml", one.yaml.encode())
        return [_proposed(same, one) for one, same in found]

    def deliver(
        self, source: str, file: Path, on: dt.date, *, accept_absences: bool = False, file_name: str = "", again: bool = False
    ) -> tuple[Batch, DeliveryCheck]:
        """Check a delivery and put it into the log; the batch, and what the check found. InputError says what is wrong with the file; then nothing is kept.

        `again`: the same bytes may come once more (a full delivery in which nothing changed).
        """
        contract = self.contract(source)
        name = file_name or file.name
        where = f"来源 / source {source}, 文件 / file {name}"
        if not file.is_file():
            raise InputError("没有这个文件 / there is no such file", where, "检查路径 / check the path")
        with self.generations.writing():
            earlier = [batch for batch in self.batches() if batch.source == source]
            if earlier and on < earlier[-1].delivered:
                raise InputError(
                    f"日期早于该来源上一次交付（{earlier[-1].delivered}） / the date is before the source's last delivery ({earlier[-1].delivered})",
                    where,
                    "按先后交付，或改 --on / deliver in order, or change --on",
                )
            before = _same(earlier[-1:] if contract.delivery == "full" else earlier, _sha256(file))
            if before is not None and not again:
                raise InputError(
                    f"这份文件已交付过（第 {before.number} 批） / this file was delivered before (batch {before.number})", where, "无需再交 / nothing to do"
                )
            check = check_delivery(contract, file, earlier[-1].path if earlier else None, accept_absences=accept_absences, file_name=name)
            return self._keep(source, file, name, on, check.rows), check

    def _keep(self, source: str, file: Path, name: str, on: dt.date, rows: int) -> Batch:
        """Put a checked delivery into the log: copied aside, fsynced, renamed."""
        number, suffix = self.next_batch(), "".join(file.suffixes[-1:]).lower()
        folder, aside = self.log / f"{number:06d}-{source}", self.log / f".aside-{os.getpid()}"
        with full_disk_told(self.log):
            try:
                shutil.rmtree(aside, ignore_errors=True)
                aside.mkdir()
                shutil.copyfile(file, aside / f"data{suffix}")
                sync(aside / f"data{suffix}")
                digest, size = _sha256(aside / f"data{suffix}"), (aside / f"data{suffix}").stat().st_size
                batch = Batch(number, source, name, suffix, digest, size, rows, on, folder / f"data{suffix}")
                write_atomically(aside / "manifest.json", json.dumps(batch.manifest(), ensure_ascii=False, indent=1).encode())
                aside.rename(folder)
                sync(self.log)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        return batch

    @cached_property
    def registry(self) -> Registry:
        """The data elements, their grades and masks."""
        return registry.load()

    def read_contracts(self) -> tuple[Contract, ...]:
        """The contracts, by source; ContractError names what does not load."""
        return contract_file.load_all(self.contracts, self.registry)

    def titles(self) -> dict[str, str]:
        """Source -> the title its contract gives it. Read without looking at the rest, so that it costs nothing and a broken contract breaks nothing."""
        found = {}
        for path in sorted(self.contracts.glob("*.yaml")):
            said = dict(re.findall(r"(?m)^(source|title):[ ]*[\"']?([^\n#\"']+)", path.read_text("utf-8", errors="replace")))
            if said.get("title"):
                found[said.get("source", path.stem).strip()] = said["title"].strip()
        return found

    def contract(self, source: str) -> Contract:
        """The contract of one source, whatever is wrong with those of others; InputError when there is none, ContractError when it does not load."""
        found = contract_file.load_one(self.contracts, source, self.registry)
        if found is None:
            known = ", ".join(contract.source for contract in self.read_contracts()) or "-"
            raise InputError(f"没有来源 {source} 的合同 / there is no contract for source {source}", "contracts/", f"现有 / there are: {known}")
        return found

    def packs(self) -> tuple[Pack, ...]:
        """The rule packs that apply here: those that are shipped; those in rules/ take the place of the one of their kind."""
        own = {made.kind: made for made in pack.load_all(self.rules, self.registry)}
        shipped = {made.kind: made for made in pack.shipped(self.registry)}
        return tuple((shipped | own).values())

    def engine(self, name: str | None = None) -> Engine:
        """The engine of that name, else the one in cityweave.toml."""
        chosen = self.settings.engine
        return load_engine(name or chosen.name, threads=chosen.threads, memory=chosen.memory, temporary=self.spill)

    def snapshot(self, manifest: Manifest) -> Path:
        """The graph snapshot of a generation, made when it is not there."""
        name = snapshot.key(manifest.tables["edge"], manifest.tables["node"])
        folder = self.root / "snapshots" / name
        if not folder.is_dir():
            with full_disk_told(folder):
                snapshot.build(self.store.read(manifest.tables["edge"]), self.store.read(manifest.tables["node"]), folder)
        return folder

    def kept_model(self, digest: str) -> Path:
        """Where the model of that digest is kept for as long as a generation made with it is."""
        return self.models / "kept" / f"{digest}.json"

    def keep_models(self, digests: Mapping[str, str]) -> None:
        """Keep a copy of each of these models (kind -> digest) under its digest: training anew must not take away what explains a generation."""
        for kind, digest in digests.items():
            kept = self.kept_model(digest)
            if not kept.is_file():
                kept.parent.mkdir(exist_ok=True)
                write_atomically(kept, (self.models / f"{kind}.json").read_bytes())

    def sweep(self) -> None:
        """Remove snapshots and kept models that no generation has, and what a run that was killed put aside."""
        shutil.rmtree(self.spill, ignore_errors=True)
        manifests = [self.generations.load(number) for number in self.generations.numbers()]
        live = {snapshot.key(manifest.tables["edge"], manifest.tables["node"]) for manifest in manifests}
        for folder in (self.root / "snapshots").glob("*"):
            if folder.name not in live:
                shutil.rmtree(folder, ignore_errors=True)
        used = {self.kept_model(digest) for manifest in manifests for digest in manifest.inputs.get("models", {}).values()}
        for file in (self.models / "kept").glob("*.json"):
            if file not in used:
                file.unlink()

    def neo4j_address(self) -> Address:
        """Where the Neo4j is; its password comes from the settings, the environment or a file."""
        said = self.settings.neo4j
        password = said.password
        if not password and said.password_file:
            file = Path(said.password_file)
            if not file.is_file():
                raise InputError("没有密码文件 / there is no file with the password", str(file), "检查 [neo4j] password_file / look at [neo4j] password_file")
            password = file.read_text("utf-8").strip()
        return Address(said.uri, said.user, password, said.database, said.ca, said.timeout)

    def graph_key(self) -> bytes:
        """The key under which things leave, in answers and into a Neo4j: in a file that only its owner may read, made at first use."""
        return bytes.fromhex(self._secret(self.root / "neo4j.key"))

    @staticmethod
    def _secret(file: Path) -> str:
        if not file.exists():
            aside = file.with_name(f".{file.name}-{os.getpid()}")
            with os.fdopen(os.open(aside, os.O_CREAT | os.O_WRONLY, 0o600), "w") as opened:
                opened.write(os.urandom(24).hex())
            try:
                os.link(aside, file)
            except FileExistsError:
                pass  # two processes began together: the first one's stays
            except OSError:  # a disk that knows no links
                aside.replace(file)
            aside.unlink(missing_ok=True)
        return file.read_text().strip()

    def token(self) -> str:
        """The token that `serve` wants: from the settings, else from a file that only its owner may read, made at first use."""
        if self.settings.serve.token:
            return self.settings.serve.token
        return self._secret(self.token_file)


def write_table(rows: pl.DataFrame | None, file: Path, *, raw: bool = False) -> None:
    """Write rows as csv, parquet or jsonl, by the file's suffix: aside first, renamed when whole.

    A csv is written for Excel, unless `raw`: with a mark by which it knows UTF-8, and an apostrophe before a cell that it would run as a formula.
    """
    writers = {".csv": "write_csv", ".parquet": "write_parquet", ".jsonl": "write_ndjson"}
    suffix = suffix_of(file, tuple(writers))
    made = pl.DataFrame() if rows is None else rows
    if suffix == ".csv" and not raw:
        guarded = made.with_columns(pl.col(pl.String).str.replace(FORMULA, "'${1}"))
        _write_aside(file, lambda aside: guarded.write_csv(aside, include_bom=True))
    else:
        _write_aside(file, getattr(made, writers[suffix]))


FORMULA = r"^([=+\-@\t\r])"
"""How a cell begins that a spreadsheet runs."""


def write_text(text: str, file: Path) -> None:
    """Write a text into a file: aside first, renamed when whole."""
    _write_aside(file, lambda aside: aside.write_text(text, "utf-8"))


def suffix_of(file: Path, known: tuple[str, ...]) -> str:
    """The file's suffix; InputError when it is none of these, or there is no folder for the file."""
    if file.suffix.lower() not in known:
        raise InputError(f"不认识的文件类型 {file.suffix} / unknown kind of file {file.suffix}", str(file), f"可用 / use one of: {', '.join(known)}")
    if not file.parent.is_dir():
        raise InputError("没有这个文件夹 / there is no such folder", str(file.parent), "先建立 / make it first")
    return file.suffix.lower()


def _write_aside(file: Path, write: Callable[[Path], object]) -> None:
    aside = file.with_name(f".{file.name}-{os.getpid()}")
    with full_disk_told(file):
        try:
            write(aside)
            aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)


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


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _same(batches: Sequence[Batch], sha256: str) -> Batch | None:
    return next((batch for batch in batches if batch.sha256 == sha256), None)


def _proposed(files: Sequence[Path], found: propose.Proposal) -> Proposed:
    told = ("column", "role", "element", "sure", "use", "why")
    lines = tuple({name: getattr(line, name) for name in told} for line in found.lines)
    return Proposed(found.source, files[0], f"contracts/{found.source}.yaml", found.rows, found.key, lines, found.unconfirmed, tuple(files[1:]))
