"""The words of the contract language, from contract_words.yaml: what the loader knows, and what docs/reference.md shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cityweave.cfd_rules.yaml_text import from_yaml


@dataclass(frozen=True)
class Word:
    """A word that may stand at a place of a contract."""

    name: str
    says: str
    example: str  # YAML at that place


@cache
def words() -> Mapping[str, tuple[Word, ...]]:
    """Place of a contract -> its words."""
    raw: dict[str, dict[str, dict[str, str]]] = from_yaml(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return {place: tuple(Word(name, word["says"], word["example"]) for name, word in entries.items()) for place, entries in raw.items()}


def known(place: str) -> str:
    """The words that may stand at a place, separated by spaces."""
    return " ".join(word.name for word in words()[place])


def sample(place: str, word: Word) -> dict[str, Any]:
    """A whole contract, as parsed YAML, in which the example of a word stands."""
    told = from_yaml(word.example)
    top: dict[str, Any] = {"source": "s", "format": {"kind": "csv"}, "delivery": "delta" if place == "op" or word.name == "op" else "full", "key": ["编号"]}
    record: dict[str, Any] = {"role": "person", "kind": "person", "elements": {"name": "姓名"}}
    event: dict[str, Any] = {"type": "residence", "participants": {"resident": "person", "home": {"thing": "address", "column": "住址"}}}
    if place == "contract":
        return {**top, "records": [record], **told}
    if place in ("format", "op"):
        return {**top, "records": [record], place: told}
    if place == "joined":
        return {**top, "records": [record], "joined": {"姓名全": told}}
    if place == "code":
        place, told = "cell", {"marital": {"column": "婚况", "codes": {"已": told}}}
    if place == "cell" and "detail" in told:
        place, event = "event", {**event, **told}
    elif place == "cell":
        record = {**record, "elements": {**record["elements"], **told}}
    elif place == "each":
        record = {**record, "each": told, "elements": {"name": told["columns"][0]}}
    elif place == "record":
        record = told
    elif place == "when":
        record = {**record, "when": told}
    elif place == "event" and "type" in told:
        event = told
    elif place == "participant":
        event = {**event, "type": "household", "participants": {"member": "person", "household": told}}
    return {**top, "records": [record], **({"events": [event]} if place in ("event", "participant") else {})}
