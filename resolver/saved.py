"""The saved model: what `cityweave train` learns from one city's data, kept as one hashed JSON file. It is an input of a run, never made by it (DESIGN, section 1)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from cityweave.engine.errors import ModelError
from cityweave.resolver.settings import Settings

VERSION = 1
"""Of the file's layout."""

TRAIN = "运行 cityweave train 重新训练 / run `cityweave train`"
"""What to do about any trouble with a model."""


@dataclass(frozen=True)
class LevelWeight:
    """What was learned of one level."""

    level: str
    m: str  # chance among true pairs, six significant digits
    u: str  # chance among pairs of different entities
    weight: int  # millionths of a bit
    rarity_base: int  # log2(u) in millionths of a bit: a value's rarity is measured from here


@dataclass(frozen=True)
class Rarity:
    """Term frequencies of one feature: -log2 of the share of records with a value, in millionths of a bit."""

    default: int  # for values seen once or never
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A trained model of one kind."""

    kind: str
    settings: str  # digest of the settings it was trained with
    prior: int  # millionths of a bit: log2 odds that two records drawn at random are one entity
    weights: Mapping[str, tuple[LevelWeight, ...]]  # comparison -> a weight per level, in the settings' order
    rarity: Mapping[str, Rarity]  # feature -> term frequencies
    stop: Mapping[str, tuple[str, ...]]  # blocking rule -> values that too many records share
    trust: Mapping[str, int]  # "element|source" -> thousandths: how often the source agrees with the others
    merge: int
    review: int
    report: Mapping[str, Any]  # how it was trained: for people, and part of the hash like all else
    version: int = VERSION
    path: Path | None = field(default=None, compare=False)  # where it is saved

    def text(self) -> str:
        """The file's text: canonical JSON, so that equal models are equal bytes."""
        content = {name: value for name, value in asdict(self).items() if name != "path"}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @cached_property
    def digest(self) -> str:
        """Hash of everything in it: enters the key of every step that uses it."""
        return _sha(self.text())

    def weight(self, comparison: str, level: str) -> LevelWeight:
        """What was learned of that level; KeyError if there is none."""
        return {weight.level: weight for weight in self.weights[comparison]}[level]


def save(model: Model, path: Path) -> Model:
    """Write the file aside, fsync, rename; the model with its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".aside")
    with aside.open("w", encoding="utf-8") as file:
        file.write(model.text())
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    return load(path)


def load(path: Path, digest: str = "") -> Model:
    """The model of that file (and of that digest, where one is given).

    Errors: ModelError when there is no file, it is not a model, or one of another version.
    """
    if not path.is_file():
        raise ModelError("没有模型 / there is no model", path.name, TRAIN)
    model = _load(path, path.stat().st_mtime_ns, path.stat().st_size)
    if digest and model.digest != digest:
        raise ModelError("模型文件在运行中被改动 / the model file changed while it was in use", path.name, TRAIN)
    return model


def check(model: Model, settings: Settings) -> None:
    """Errors: ModelError when the model was trained for another kind or with other settings."""
    where = model.path.name if model.path else model.kind
    if model.kind != settings.kind:
        raise ModelError(f"模型属于 {model.kind}，不是 {settings.kind} / the model is one of {model.kind}, not of {settings.kind}", where, TRAIN)
    if model.settings != settings.digest():
        raise ModelError("模型按另一套比较设置训练 / the model was trained with other settings", where, TRAIN)


def model_input(model: Model) -> tuple[dict[str, Any], dict[str, Path]]:
    """Arguments and files of a step that reads the model: the digest enters its key, the path does not."""
    if model.path is None:
        raise ModelError("模型尚未保存 / the model is not saved", model.kind, TRAIN)
    return {"model": model.digest}, {"model": model.path}


@lru_cache(maxsize=8)
def _load(path: Path, modified: int, size: int) -> Model:
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
        if content["version"] != VERSION:
            raise ModelError(
                f"模型版本为 {content['version']}，本程序用 {VERSION} / the model has version {content['version']}, this program uses {VERSION}",
                path.name,
                TRAIN,
            )
        content["weights"] = {name: tuple(LevelWeight(**weight) for weight in weights) for name, weights in content["weights"].items()}
        content["rarity"] = {name: Rarity(**rarity) for name, rarity in content["rarity"].items()}
        content["stop"] = {name: tuple(values) for name, values in content["stop"].items()}
        model = Model(**content, path=path)
        model.__dict__["digest"] = _sha(text)  # of the file as it stands, which `save` wrote canonically: writing a large model out again takes a second
        return model
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError("模型文件读不懂 / the model file cannot be read", path.name, TRAIN) from error


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
