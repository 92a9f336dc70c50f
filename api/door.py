"""The one door: whoever asks, by command, JSON or HTTP, asks here. It drops what may not be shared, masks by grade, commits the audit row, then answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from cityweave.api import (
    answers_ask,
    answers_control,
    answers_entities,
    answers_graph,
    answers_kin,
    answers_lists,
    answers_penalties,
    answers_places,
    answers_prove,
    answers_screen,
    answers_tables,
    answers_timeline,
    answers_why,
    audit,
    can,
    evaluate,
)
from cityweave.api.audit import Ledger
from cityweave.api.desk import Desk, ElementTitle
from cityweave.api.floors import LowerFloors
from cityweave.api.model import Answer, Diff, Found, Question
from cityweave.api.model_ask import Ask
from cityweave.api.number import kept, refuse_secret
from cityweave.api.questions import QUESTIONS
from cityweave.api.served import Served
from cityweave.api.services import rule_of
from cityweave.api.shelf import Shelf
from cityweave.api.shown import OPEN_GRADE, Rules
from cityweave.api.shown import Element as ElementRules
from cityweave.api.workspace import Workspace
from cityweave.cfd_rules import masking
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.errors import CityweaveError, DoorError, InputError
from cityweave.engine.manifest import Manifest
from cityweave.graph.pseudonym import Pseudonyms

Handler = Callable[[Desk, Any], Found]
Note = Callable[[str, str, str, Iterable[str]], int]

KEPT_OPEN = 4
"""So many generations stay open between questions."""

HANDLERS: Mapping[str, Handler] = {
    "status": answers_tables.status,
    "quality": answers_tables.quality,
    "export": answers_tables.export,
    "digest": answers_tables.digest,
    "possible": answers_tables.possible,
    "find": answers_entities.find,
    "entity": answers_entities.entity,
    "timeline": answers_timeline.timeline,
    "why": answers_why.why,
    "why_not": answers_why.why_not,
    "how": answers_why.how,
    "neighbours": answers_graph.neighbours,
    "draw": answers_graph.draw,
    "path": answers_graph.path,
    "paths": answers_graph.paths,
    "control": answers_control.control,
    "firms_of": answers_control.firms_of,
    "relatives": answers_kin.relatives,
    "penalties": answers_penalties.penalties,
    "household": answers_places.household,
    "occupants": answers_places.occupants,
    "turning": answers_graph.turning,
    "can": can.can,
    "prove": answers_prove.prove,
    "list": answers_lists.service_list,
    "rings": answers_screen.rings,
    "ring": answers_screen.ring,
    "evaluate": evaluate.evaluate,
}


class Door:
    """The door of one workspace for one caller. One door may be asked by many threads at once: it keeps open what questions share."""

    def __init__(self, workspace: Workspace, caller: str = "", ledger: Ledger | None = None) -> None:
        self.workspace = workspace
        self.caller = caller or workspace.settings.caller
        self.registry: Registry = workspace.registry
        self._note: Note = ledger.append if ledger else partial(audit.append, workspace.state)
        self._shelf = Shelf(workspace)
        self._titles = titles(self.registry)
        self._elements: dict[tuple[str, str], ElementRules] = {
            (kind, name): element for kind, known in self.registry.elements.items() for name, element in known.items()
        }
        self._names = Pseudonyms(workspace.graph_key())
        self._opened: OrderedDict[int, tuple[Manifest, Served, LowerFloors]] = OrderedDict()

    def ask(self, question: Question, purpose: str = "", *, clear: bool = False) -> Answer:
        """The answer, after its audit row is on the disk; a question that fails leaves a row too. DoorError: clear values without a purpose and a grant."""
        said = question.says()
        try:
            refuse_secret(purpose, "--purpose")
            grade = self._grade(purpose, clear)
            desk = self._desk(question.generation)
            found = self._handle(desk, question)
            answer = self._out(question, desk, found, grade)
        except CityweaveError as error:
            self._note(self.caller, kept(purpose), f"{said} -> {type(error).__name__}", ())
            raise
        except Exception as error:  # one that we did not foresee: who asked what stays on record, its text may hold values
            self._note(self.caller, kept(purpose), f"{said} -> {type(error).__name__}", ())
            raise
        said = f"{said} = {found.asked}" if found.asked else said
        self._note(self.caller, purpose, f"{said} -> {'clear' if grade > OPEN_GRADE else 'masked'}", found.entities)
        return answer

    def ref(self, name: str) -> str:
        """source|key|role of the record that a person named, or of an entity's that tells most: by it what people decide is kept."""
        return self._desk(None).served.named(name).ref

    def service(self, name: str) -> str:
        """What the service list of that name says; InputError names those there are."""
        return rule_of(self._shelf, name).says

    def _grade(self, purpose: str, clear: bool) -> int:
        if not clear:
            return OPEN_GRADE
        granted = self.workspace.state.granted(self.caller, self._shelf.today())
        if not purpose.strip():
            raise DoorError("要未遮盖的值须说明用途 / clear values want a purpose", "--purpose", "写明用途 / say what for")
        if granted <= OPEN_GRADE:
            raise DoorError(
                f"{self.caller} 没有授权 / {self.caller} has no grant", "", "由负责人运行 cityweave grant / whoever is responsible runs cityweave grant"
            )
        return granted

    def _handle(self, desk: Desk, question: Question) -> Found:
        if isinstance(question, Diff):
            older = question.old if question.old is not None else desk.served.generation - 1
            if older < 1:
                raise InputError("只有一代结果，没有可比的 / there is one generation only, nothing to compare with", "", "再运行一次 / run again")
            return answers_tables.diff(desk, question, self._desk(older).served)
        if isinstance(question, Ask):
            return answers_ask.ask(desk, question, QUESTIONS, lambda inner: self._handle(desk, inner))
        return HANDLERS[question.name](desk, question)

    def _desk(self, number: int | None) -> Desk:
        manifest, served, floors = self._open(number)
        batches = self._shelf.batches()
        last = int(manifest.inputs.get("batches", len(batches)))
        return Desk(
            served=served,
            batches=tuple(batch for batch in batches if batch.number <= last),
            decided=self.workspace.state.decisions,
            today=self._shelf.today(),
            titles=self._titles,
            told=self._shelf,
            floors=floors,
            retired=self.workspace.state.retired,
        )

    def _open(self, number: int | None) -> tuple[Manifest, Served, LowerFloors]:
        """A generation with its readers; the last few stay open."""
        manifest = self._shelf.manifest(number)
        found = self._opened.get(manifest.number)
        if found is None or found[0] != manifest:
            generation = self._shelf.generation(manifest)
            paths = {name: self.workspace.store.path(key) for name, key in manifest.tables.items()}
            found = (manifest, Served(manifest.number, paths, generation), LowerFloors(self.workspace, generation, self._shelf))
            self._opened[manifest.number] = found
            while len(self._opened) > KEPT_OPEN:
                self._opened.popitem(last=False)
        return found

    def _thing(self, name: str) -> str:
        return self._names.hide([name])[0]

    def _out(self, question: Question, desk: Desk, found: Found, grade: int) -> Answer:
        rules = Rules(self._elements, masking.mask, grade, self._thing)
        frame = None if found.frame is None else rules.frame(found.frame, found.cells)
        return Answer(question.name, desk.served.generation, desk.today.isoformat(), grade > OPEN_GRADE, rules.document(found.data, question.name), frame)


def titles(registry: Registry) -> dict[tuple[str, str], ElementTitle]:
    """(kind, element) -> what a person calls it."""
    return {
        (kind, name): ElementTitle(element.zh, element.en, registry.codes[element.codes].titles if element.codes else {})
        for kind, elements in registry.elements.items()
        for name, element in elements.items()
    }
