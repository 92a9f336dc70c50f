"""A city's deliveries put into a real workspace, and what came out of it: the harness of the tests of the whole way of the data."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cityweave.api import pipeline
from cityweave.api.workspace import Workspace
from cityweave.engine.digest import TOTAL, digest
from cityweave.engine.duck import DuckEngine
from cityweave.engine.manifest import Manifest
from cityweave.engine.run import Engine
from cityweave.fixtures import CONTRACTS
from cityweave.fixtures.days import BATCHES

Tell = Callable[..., None]
"""Prints a line of what a test tried; the lines stand in a section of their own at the end of the test run."""


@dataclass(frozen=True)
class Delivery:
    """One file of a city, with the date it is delivered on."""

    source: str
    file: Path
    name: str
    on: dt.date
    batch: int = 0


def deliveries(city: Path, batches: Iterable[int] = BATCHES) -> list[Delivery]:
    """The deliveries of a generated city in their order. A file that is byte for byte the source's one before says nothing new and is left out."""
    wanted, seen, found = set(batches), set(), []
    for item in json.loads((city / "deliveries.json").read_text("utf-8")):
        file = city / item["file"]
        print_ = (item["source"], hashlib.sha256(file.read_bytes()).hexdigest())
        if item["batch"] in wanted and print_ not in seen:
            found.append(Delivery(item["source"], file, item["file"], dt.date.fromisoformat(item["on"]), item["batch"]))
        seen.add(print_)
    return found


def workspace(root: Path, given: Sequence[Delivery], models: Path | None) -> Workspace:
    """A new workspace with the contracts of the city, these deliveries and these models."""
    made = Workspace.create(root, demo=True)
    for contract in sorted(CONTRACTS.glob("*.yaml")):
        shutil.copyfile(contract, made.contracts / contract.name)
    if models is not None:
        shutil.copytree(models, made.models, dirs_exist_ok=True)
    return deliver(made, given)


def deliver(to: Workspace, given: Sequence[Delivery]) -> Workspace:
    """The same workspace with more deliveries in its log."""
    for item in given:
        to.deliver(item.source, item.file, item.on, accept_absences=True, file_name=item.name)
    return to


def copied(whole: Workspace, root: Path, *, store: bool = True) -> Workspace:
    """A copy of a workspace in another folder; without `store` nothing that was computed comes along. What never changes is linked, not copied."""
    left = () if store else ("store", "generations", "CURRENT", "snapshots")
    shutil.copytree(
        whole.root, root, copy_function=_linked, ignore=lambda folder, names: [name for name in names if name in left and Path(folder) == whole.root]
    )
    for folder in ("store", "generations"):
        (root / folder).mkdir(exist_ok=True)
    return Workspace.open(root)


def _linked(source: str, target: str) -> None:
    if {"store", "snapshots", "log"} & set(Path(source).parts):
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


def current(of: Workspace) -> Manifest:
    """The generation that is served."""
    manifest = of.generations.current()
    assert manifest is not None
    return manifest


def prints(of: Workspace, manifest: Manifest | None = None) -> dict[str, str]:
    """What `cityweave digest` says of a generation: table -> hash, and the total."""
    return digest(of.store, (manifest or current(of)).tables)


def total(of: Workspace) -> str:
    """The digest of the generation that is served."""
    return prints(of)[TOTAL]


def table(of: Workspace, name: str, manifest: Manifest | None = None) -> pl.DataFrame:
    """The rows of a table of a generation."""
    return pl.DataFrame(of.store.read((manifest or current(of)).tables[name]))


def differing(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """The tables whose hashes differ."""
    return sorted(name for name in {*left, *right} - {TOTAL} if left.get(name) != right.get(name))


def records(of: Workspace, manifest: Manifest | None = None) -> pl.DataFrame:
    """record_id, ref, kind of every version of every record."""
    return pl.concat([table(of, f"record_{kind}", manifest).select("record_id", "ref", pl.lit(kind).alias("kind"), "known_to") for kind in pipeline.KINDS])


class Engined(Workspace):
    """A workspace that runs on an engine it was given, so that many small runs share one."""

    given: Engine | None = None

    def engine(self, name: str | None = None) -> Engine:
        """The given engine."""
        return self.given or super().engine(name)


def engined(root: Path, engine: Engine | None = None, *, threads: int = 1) -> Engined:
    """The workspace in `root` on one engine."""
    opened = Engined.open(root)
    assert isinstance(opened, Engined)
    opened.given = engine or DuckEngine(threads=threads, memory="2GB")
    return opened


@dataclass(frozen=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str


def command(place: Path, *words: object, text: str = "", environ: dict[str, str] | None = None, before: Callable[[], None] | None = None) -> Said:
    """The real command line in a process of its own, in the folder of a workspace."""
    done = subprocess.run(
        [sys.executable, "-c", "from cityweave.api.cli import main; main()", *map(str, words)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
        env={**os.environ, "COLUMNS": "200", "CITYWEAVE_CALLER": "tester", **(environ or {})},
        preexec_fn=before,
    )
    return Said(done.returncode, done.stdout, done.stderr)
