"""The registry of data elements and code lists: what a record may carry, how it is checked, who may see it and how it is masked."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa

from cityweave.cfd_rules.classes import CLASSES
from cityweave.cfd_rules.errors import ContractError, suggestion
from cityweave.cfd_rules.masking import MASKS
from cityweave.cfd_rules.model import KINDS, Kind
from cityweave.cfd_rules.yaml_text import from_yaml

HERE = Path(__file__).parent
SHARES = ("unconditional", "conditional", "none")


@dataclass(frozen=True)
class Element:
    """One data element of a kind."""

    kind: Kind
    name: str
    zh: str
    en: str
    cls: str  # its class: how it is cleaned and checked (classes.py)
    grade: int  # 1-4
    share: str  # unconditional, conditional, none
    mask: str  # how it is shown when it may not be seen in clear (masking.py)
    standard: str
    codes: str = ""  # the code list of a code


@dataclass(frozen=True)
class CodeList:
    """A code list: code -> (zh, en), and every text that stands for a code."""

    name: str
    titles: Mapping[str, tuple[str, str]]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Registry:
    """All elements by kind, and all code lists."""

    elements: Mapping[Kind, Mapping[str, Element]]
    codes: Mapping[str, CodeList]
    digest: str

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The element names of a kind, in the order of the registry."""
        return tuple(self.elements[kind])

    def code_table(self) -> pa.Table:
        """Table `code`: every text of every list."""
        rows = [(name, text, code) for name, list_ in sorted(self.codes.items()) for text, code in sorted(list_.texts.items())]
        return pa.table({key: pa.array([row[place] for row in rows], pa.string()) for place, key in enumerate(("list", "text", "code"))})


@cache
def load() -> Registry:
    """The registry that ships with Cityweave."""
    return load_from(HERE / "elements.yaml", sorted((HERE / "codes").glob("*.csv")))


def load_from(elements: Path, lists: Iterable[Path] = ()) -> Registry:
    """The registry in a YAML file and the code lists in CSV files. ContractError names the element that lacks something."""
    hasher = hashlib.sha256(elements.read_bytes())
    codes = {}
    for path in lists:
        hasher.update(path.name.encode() + path.read_bytes())
        codes[path.stem] = _code_list(path)
    raw = from_yaml(elements.read_text("utf-8")) or {}
    for word in raw:
        if word not in KINDS:
            raise ContractError(f"没有这种实体 {word} / no such kind {word}", elements.name, suggestion(word, KINDS))
    by_kind: dict[Kind, Mapping[str, Element]] = {
        kind: {name: _element(kind, name, entry, codes, elements) for name, entry in (raw.get(kind) or {}).items()} for kind in KINDS
    }
    return Registry(by_kind, codes, hasher.hexdigest())


def _element(kind: Kind, name: str, entry: Any, codes: Mapping[str, CodeList], path: Path) -> Element:
    where = f"{path.name}: {kind}.{name}"
    entry = entry or {}
    for needed in ("zh", "en", "class", "grade", "share", "mask", "standard"):
        if entry.get(needed) in (None, ""):
            raise ContractError(f"数据元缺少 {needed} / the element lacks {needed}", where, f"补上 {needed} / add {needed}")
    known = {field.name for field in fields(Element)} - {"kind", "name", "cls"} | {"class"}
    for word in entry:
        if word not in known:
            raise ContractError(f"不认识的属性 {word} / unknown attribute {word}", where, suggestion(word, known))
    for attribute, allowed in (("class", tuple(CLASSES)), ("grade", (1, 2, 3, 4)), ("share", SHARES), ("mask", tuple(MASKS))):
        if entry[attribute] not in allowed:
            raise ContractError(f"{attribute} 不能是 {entry[attribute]} / {attribute} cannot be {entry[attribute]}", where, f"{allowed}")
    if (entry["class"] == "code") != (entry.get("codes") in codes):
        raise ContractError("代码类数据元须有代码表 / an element of class code needs a code list", where, f"{sorted(codes)}")
    if entry["grade"] >= 3 and entry["mask"] == "none":
        raise ContractError("3、4 级数据元必须遮掩 / an element of grade 3 or 4 needs a mask", where, f"{sorted(MASKS)}")
    return Element(
        kind, name, entry["zh"], entry["en"], entry["class"], entry["grade"], entry["share"], entry["mask"], entry["standard"], entry.get("codes", "")
    )


def _code_list(path: Path) -> CodeList:
    titles: dict[str, tuple[str, str]] = {}
    texts: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            titles[row["code"]] = (row["zh"], row["en"])
            for text in (row["code"], row["zh"], row["en"], *(row["aliases"] or "").split("|")):
                if text and texts.setdefault(_lower(text), row["code"]) != row["code"]:
                    raise ContractError(f"{text} 对应两个代码 / {text} stands for two codes", path.name, "删去一个 / delete one")
    return CodeList(path.stem, titles, texts)


def _lower(text: str) -> str:
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


assert set(get_args(Kind)) == set(KINDS)
