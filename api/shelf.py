"""What the door keeps open between questions: the served generation, the log, contracts and rules. Each is read anew when its files have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from cityweave.api import words
from cityweave.api.workspace import Batch, Workspace
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.record import WHOLE
from cityweave.engine.errors import ContractError, InputError, RuleError
from cityweave.engine.generation import Generation
from cityweave.engine.manifest import CURRENT, Manifest
from cityweave.graph import service_rule
from cityweave.graph.model_service import ServiceRule

Held = TypeVar("Held")


class Kept(Generic[Held]):
    """Something made once for as long as its stamp stays the same; safe to call from many threads."""

    def __init__(self, stamp: Callable[[], Hashable], make: Callable[[], Held]) -> None:
        self._stamp, self._make = stamp, make
        self._held: tuple[Hashable, Held] | None = None
        self._lock = Lock()

    def __call__(self) -> Held:
        """What was made last, made anew if the stamp has changed."""
        with self._lock:
            stamp = self._stamp()
            if self._held is None or self._held[0] != stamp:
                self._held = (stamp, self._make())
            return self._held[1]


def stamp_of(place: Path) -> Hashable:
    """What changes whenever a file, or a file of a folder, is written, added or removed."""
    try:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        return tuple((file.name, found.st_ino, found.st_mtime_ns, found.st_size) for file in files for found in (file.stat(),))
    except FileNotFoundError:
        return None


class Shelf:
    """The parts of one workspace that every question needs."""

    def __init__(self, workspace: Workspace) -> None:
        root = workspace.root
        self._workspace = workspace
        self._current: Kept[Manifest | None] = Kept(lambda: stamp_of(root / CURRENT), workspace.generations.current)
        self.batches: Kept[tuple[Batch, ...]] = Kept(lambda: workspace.log.stat().st_mtime_ns, workspace.batches)
        self.contracts: Kept[tuple[Contract, ...]] = Kept(lambda: stamp_of(workspace.contracts), self._contracts)
        self.columns: Kept[dict[tuple[str, str, str], str]] = Kept(lambda: stamp_of(workspace.contracts), self._columns)
        self.events: Kept[frozenset[tuple[str, str]]] = Kept(lambda: stamp_of(workspace.contracts), self._events)
        self.services: Kept[dict[str, ServiceRule]] = Kept(lambda: stamp_of(workspace.services), self._services)
        self.rules: Kept[dict[str, str]] = Kept(lambda: stamp_of(workspace.rules), self._rules)

    def manifest(self, number: int | None) -> Manifest:
        """The generation of that number, or the one served; InputError when there is none of that number, or none yet."""
        if number is not None and number not in (there := self._workspace.generations.numbers()):
            raise InputError(f"没有第 {number} 代 / there is no generation {number}", "generation", f"现有 / there are: {', '.join(map(str, there)) or '-'}")
        found = self._current() if number is None else self._workspace.generations.load(number)
        if found is None:
            raise InputError("还没有结果 / there is no generation yet", str(self._workspace.root), "先运行 cityweave run / run cityweave run first")
        return found

    def generation(self, manifest: Manifest) -> Generation:
        """Its tables, to read."""
        return Generation(self._workspace.store, manifest)

    def today(self) -> dt.date:
        """What "today" means in this workspace."""
        return self._workspace.settings.today(max((batch.delivered for batch in self.batches()), default=None))

    def _contracts(self) -> tuple[Contract, ...]:
        """A contract that does not load stops a run, not the reading of what was made before it was spoilt."""
        try:
            return self._workspace.read_contracts()
        except ContractError:
            return ()

    def _columns(self) -> dict[tuple[str, str, str], str]:
        """(source, role, element) -> delivered column."""
        roles = [(contract.source, name, role) for contract in self.contracts() for role in contract.records for name in role.names]
        cells = [(source, name, element, cell) for source, name, role in roles for element, cell in role.elements]
        hidden = [(source, name, "id_part", cell) for source, name, element, cell in cells if element in WHOLE]
        delivered = {contract.source: contract.delivered for contract in self.contracts()}
        return {(source, name, element): delivered[source](cell.heading)[-1] for source, name, element, cell in (*hidden, *cells)}

    def _events(self) -> frozenset[tuple[str, str]]:
        """(source, delivered column) of what only events read: dates, shares."""
        events = [(contract, event) for contract in self.contracts() for event in contract.events]
        cells = ((contract.source, cell) for contract, event in events for cell in (event.valid_from, event.valid_to, event.detail))
        return frozenset((source, cell.heading) for source, cell in cells if cell and cell.heading)

    def _services(self) -> dict[str, ServiceRule]:
        """The lists that ship, and the workspace's own, which take the place of one of their name. RuleError for one that does not load."""
        return {**service_rule.shipped(), **service_rule.load_all(self._workspace.services)}

    def _rules(self) -> dict[str, str]:
        """Rule -> its sentence; of packs that do not load none."""
        try:
            packs = self._workspace.packs()
        except RuleError:
            packs = ()
        return {**words.OWN_RULES, **{rule.id: rule.says for pack in packs for rule in pack.rules}}
