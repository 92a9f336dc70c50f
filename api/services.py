"""Service lists for the door: the rules there are, who opted out, and the lists made of one generation."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from cityweave.api.shelf import Shelf
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError
from cityweave.engine.generation import Generation
from cityweave.graph.model_service import REASONS, Roll, ServiceRule
from cityweave.graph.roll import only, period_of, roll


class Services:
    """The service lists of one generation."""

    def __init__(self, workspace: Workspace, generation: Generation, shelf: Shelf) -> None:
        self._workspace, self._generation, self._shelf = workspace, generation, shelf
        self._entities = lru_cache(maxsize=16)(self._entities_of)

    def roll(self, name: str, month: dt.date | None, days: int | None, what: str | None, as_of: dt.date, known: dt.date | None) -> Roll:
        """The list; InputError when the generation was made before there were lists, or a period does not suit it (graph/roll.py)."""
        rule = rule_of(self._shelf, name)
        rule = only(self._generation, rule, what) if what else rule
        if "standing" not in self._generation.manifest.tables:
            raise InputError("这一代结果没有名单所需的表 / this generation lacks the tables of lists", "", "重新运行 cityweave run / run again: cityweave run")
        opted_out = self._entities(tuple(sorted(self._workspace.state.opted_out(name))))
        return roll(self._generation, rule, period_of(rule, as_of, month, days), as_of, known, opted_out)

    def lists(self) -> list[tuple[str, str, bool, tuple[tuple[str, tuple[str, ...], str, str], ...]]]:
        """Name, title, whether by age, and what each list needs."""
        return [(rule.name, rule.says, rule.when == "age", rule.needs) for rule in self._shelf.services().values()]

    def reason(self, code: str) -> str:
        """The sentence of a reason."""
        return REASONS[code]

    def _entities_of(self, refs: tuple[str, ...]) -> frozenset[str]:
        """The entities that hold these records today."""
        found: set[str] = set()
        for kind in ("person", "legal_entity") if refs else ():
            if f"record_{kind}" in self._generation.manifest.tables:
                records = {int(row) for row in self._generation.where(f"record_{kind}", "ref", refs, ["record_id"])["record_id"].to_numpy()}
                found |= {str(row) for row in self._generation.where("membership", "record_id", sorted(records))["entity_id"].to_pylist()}
        return frozenset(found)


def rule_of(shelf: Shelf, name: str) -> ServiceRule:
    """The rule of that name; InputError names those there are."""
    rules = shelf.services()
    if name not in rules:
        known = "；".join(f"{rule.name} {rule.says}" for rule in rules.values())
        raise InputError(f"没有名单 {name} / there is no list {name}", "LIST", f"现有 / there are: {known}")
    return rules[name]
