"""What the door asks of the floors below for one generation: explanations, the graph, lists, proofs, scores (desk.Floors)."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

import polars as pl

from cityweave.api import graph_copy, pipeline
from cityweave.api.proofs import Proofs
from cityweave.api.screens import Screens
from cityweave.api.served import kind_of
from cityweave.api.services import Services
from cityweave.api.shelf import Shelf
from cityweave.api.workspace import Workspace
from cityweave.cfd_rules import recast
from cityweave.engine import digest
from cityweave.engine.generation import Generation
from cityweave.graph import places
from cityweave.graph.control import control
from cityweave.graph.firms import close_relatives, firms_of
from cityweave.graph.store import GraphStore
from cityweave.resolver import life_rules, metrics
from cityweave.resolver import plan as resolver_plan


class LowerFloors:
    """What the floors below explain and traverse, for one generation (desk.Floors)."""

    def __init__(self, workspace: Workspace, generation: Generation, shelf: Shelf) -> None:
        self._workspace = workspace
        self._generation = generation
        self._services = Services(workspace, generation, shelf)
        self._screens = Screens(generation)

    def why(self, left: int, right: int) -> Any:
        """A resolver.explain.Why."""
        return pipeline.explainer(self._workspace, self._generation).why(left, right)

    def why_not(self, left: int, right: int) -> Any:
        """A resolver.explain.WhyNot."""
        return pipeline.explainer(self._workspace, self._generation).why_not(left, right)

    def how(self, entity_id: str) -> Any:
        """A resolver.explain.How."""
        return pipeline.explainer(self._workspace, self._generation).how(entity_id)

    def sentence(self, rule: str) -> str:
        """What a conflict of a life says."""
        return life_rules.SENTENCES.get(rule, rule)

    def facts_known(self, entity_id: str, known: dt.date) -> list[dict[str, Any]]:
        """Facts as told by that date."""
        return pipeline.facts_on(self._workspace, self._generation, entity_id, known)

    def golden_known(self, entity_id: str, known: dt.date, as_of: dt.date | None) -> list[dict[str, Any]]:
        """Golden values as they would be chosen from the versions known on one date (and held on another)."""
        return pipeline.golden_on(self._workspace, self._generation, kind_of(entity_id), entity_id, known, as_of)

    def merge(self, kind: str) -> int:
        """The weight from which a pair of that kind is merged."""
        return resolver_plan.SETTINGS[kind].merge

    def neighbours(self, entity_id: str, depth: int, types: tuple[str, ...], as_of: dt.date, limit: int) -> Any:
        """A graph.model.Neighbours."""
        return self._graph().neighbours(entity_id, depth, types, as_of, limit)

    def relations(self, nodes: tuple[str, ...], types: tuple[str, ...], as_of: dt.date) -> list[Any]:
        """The graph.model.Edge that begin at one of these nodes and end at another."""
        return [edge for edge in self._graph().incident(nodes, types, as_of, "from") if edge.to_id in set(nodes)]

    def path(self, left: str, right: str, types: tuple[str, ...], as_of: dt.date, limit: int) -> Any:
        """A graph.model.Path, or None."""
        return self._graph().path(left, right, types, as_of, limit)

    def best_paths(self, left: str, right: str, types: tuple[str, ...], as_of: dt.date, best: int, most: int) -> Any:
        """A graph.model_answers.Paths."""
        return self._graph().best_paths(left, right, types, as_of, best, most)

    def control(self, firm: str, as_of: dt.date, chains: int) -> Any:
        """A graph.model_answers.Control."""
        return control(self._graph(), firm, as_of, chains)

    def firms_of(self, person: str, as_of: dt.date, relatives: bool) -> Any:
        """A graph.model_answers.FirmsOf."""
        return firms_of(self._graph(), person, as_of, relatives=relatives)

    def relatives(self, person: str, as_of: dt.date) -> Any:
        """The graph.model_answers.Relative of a person."""
        return close_relatives(self._graph(), person, as_of)

    def household(self, person: str, as_of: dt.date) -> Any:
        """A graph.model_answers.Household."""
        return places.household(self._graph(), person, as_of)

    def occupants(self, place: str, as_of: dt.date) -> Any:
        """A graph.model_answers.Occupants."""
        return places.occupants(self._graph(), place, as_of)

    def turning(self, age: int, month: str, as_of: dt.date) -> Any:
        """A graph.model.Turning."""
        return self._graph().turning_age(age, month, as_of)

    def roll(self, rule: str, month: dt.date | None, days: int | None, what: str | None, as_of: dt.date, known: dt.date | None) -> Any:
        """A graph.model_service.Roll."""
        return self._services.roll(rule, month, days, what, as_of, known)

    def prove(self, relation: str, one: tuple[str, str], other: tuple[str, str], by: str, as_of: dt.date, known: dt.date | None) -> Any:
        """An api.proofs.Proved."""
        return Proofs(self._generation, self._registered).prove(relation, one, other, by, as_of, known)

    def _registered(self, one: str, other: str, as_of: dt.date) -> str | None:
        """What the household register says of two people; it says only who somebody is to the head, which proves nothing."""
        kin = [item for item in self._graph().neighbours(one, 1, ("kin",), as_of, 1000).found if item.node_id == other]
        return "户籍只载有一人与户主的关系，不足以证明 / the household register only says who one is to the head, which proves nothing" if kin else None

    def screening(self, as_of: dt.date, known: dt.date) -> Any:
        """A graph.screen.model.Screening."""
        return self._screens.screening(as_of, known)

    def lists(self) -> list[tuple[str, str, bool, tuple[tuple[str, tuple[str, ...], str, str], ...]]]:
        """The service lists and what each needs."""
        return self._services.lists()

    def reason(self, code: str) -> str:
        """The sentence of a reason on a list."""
        return self._services.reason(code)

    def score(self, found: pl.DataFrame, truth: pl.DataFrame, some: pl.DataFrame | None = None) -> dict[str, Any]:
        """Pairwise and B-cubed precision, recall, F1, rounded to six places; with `some`, of the pairs that one of these records belongs to."""
        both = found.to_arrow(), truth.to_arrow()
        quality = metrics.compare(*both) if some is None else metrics.touching(*both, some.to_arrow())
        return {
            name: {"precision": round(score.precision, 6), "recall": round(score.recall, 6), "f1": round(score.f1, 6)}
            for name, score in (("pairwise", quality.pairwise), ("b_cubed", quality.b_cubed))
        }

    def canonical(self, source: str, cells: pl.DataFrame) -> pl.DataFrame:
        """What texts would have come to, had this source delivered them (cfd_rules.recast)."""
        contract = next(contract for contract in self._workspace.read_contracts() if contract.source == source)
        return recast.canonical(contract, self._workspace.registry, cells)

    def norms(self, texts: pl.Series) -> pl.DataFrame:
        """Addresses with their norm."""
        return recast.norms(texts)

    def baseline(self, name: str, kind: str, truth: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, Any]]:
        """What a join on keys, or bare Splink, finds."""
        return pipeline.baseline(self._workspace, self._generation, name, kind, truth)

    def digest(self) -> dict[str, str]:
        """Table -> fingerprint of its rows, and the total."""
        return digest.digest(self._workspace.store, self._generation.manifest.tables)

    def _graph(self) -> GraphStore:
        return self._store

    @cached_property
    def _store(self) -> GraphStore:
        return graph_copy.store(self._workspace, self._generation.manifest)
