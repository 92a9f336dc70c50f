"""Floor 3's steps, in the order of the work: what a run needs of the resolver, and what training needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cityweave.engine.errors import ModelError
from cityweave.engine.model import Step
from cityweave.resolver import candidate, cluster, form, member, model, place, saved, score, unit
from cityweave.resolver.legal_entity import LEGAL_ENTITY
from cityweave.resolver.model import KINDS, ContractInfo, Decision
from cityweave.resolver.person import PERSON
from cityweave.resolver.saved import Model
from cityweave.resolver.settings import Settings

SETTINGS: Mapping[str, Settings] = {"building": Settings("building"), "room": Settings("room"), "person": PERSON, "legal_entity": LEGAL_ENTITY}
"""What resolution knows of each kind. Buildings and rooms have codes and addresses and need no model."""

ORDER = ("building", "room", "legal_entity", "person")
"""In which they are resolved: people and firms are compared by the places they are at, people by the firms they belong to."""

TRAINED = tuple(kind for kind in ORDER if SETTINGS[kind].comparisons)
"""The kinds that need a model."""


def load_models(folder: Path, kinds: Sequence[str] = TRAINED) -> dict[str, Model]:
    """The saved models `<folder>/<kind>.json` of these kinds, checked against the settings. Errors: ModelError, which says to run `cityweave train`."""
    models = {kind: saved.load(folder / f"{kind}.json") for kind in kinds if kind in TRAINED}
    for kind, trained in models.items():
        saved.check(trained, SETTINGS[kind])
    return models


def steps(
    kinds: Sequence[str],
    models: Mapping[str, Model],
    decisions: Sequence[Decision],
    contracts: Sequence[ContractInfo],
    settings: Mapping[str, Settings] = SETTINGS,
) -> list[Step]:
    """The steps from `record_<kind>` and `address` to `membership`, `possible` and `unbound_decision`.

    Errors: ModelError when a kind that needs a model has none, or one trained with other settings.
    """
    here = [kind for kind in ORDER if kind in kinds]
    made: list[Step] = []
    for number, kind in enumerate(here):
        made += place.steps(here[:number]) if kind in TRAINED and not any(done in TRAINED for done in here[:number]) else []
        made += (
            form.steps(kind, here[:number])
            + unit.steps(kind, contracts)
            + _linking(settings[kind], models.get(kind))
            + [cluster.step(settings[kind], decisions)]
        )
    return made + member.steps([settings[kind] for kind in KINDS if kind in kinds], decisions)


def training_steps(kinds: Sequence[str], contracts: Sequence[ContractInfo], models: Mapping[str, Model] | None = None) -> list[Step]:
    """The steps that make what `train` learns from: of the first kind in ORDER that has no model yet, after what is resolved before it."""
    models = models or {}
    here = [kind for kind in ORDER if kind in kinds]
    wanted = next_to_train(kinds, models)
    before = here[: here.index(wanted)]
    return [
        *steps(before, models, (), contracts),
        *(() if any(kind in TRAINED for kind in before) else place.steps(before)),
        *form.steps(wanted, before),
        *unit.steps(wanted, contracts),
    ]


def next_to_train(kinds: Sequence[str], models: Mapping[str, Model]) -> str:
    """The first kind, in the order they are resolved, that needs a model and has none yet; "" when all have."""
    return next((kind for kind in ORDER if kind in kinds and kind in TRAINED and kind not in models), "")


def training_targets(kind: str) -> list[str]:
    """The tables that `train` learns from: `form_<kind>`, `unit_<kind>` and `record_<kind>`."""
    return [model.form(kind).name, model.unit(kind).name, f"record_{kind}"]


def _linking(settings: Settings, trained: Model | None) -> list[Step]:
    if not settings.comparisons:
        return []
    if trained is None:
        raise ModelError(f"没有 {settings.kind} 的模型 / there is no model of {settings.kind}", f"models/{settings.kind}.json", saved.TRAIN)
    saved.check(trained, settings)
    return candidate.steps(settings, trained) + score.steps(settings, trained)
