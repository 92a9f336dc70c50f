"""The one place that knows all steps: it builds the plan from the workspace, runs it, and moves CURRENT. Read `plan_of` to see the whole way of the data."""

from __future__ import annotations

import datetime as dt
import importlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import polars as pl

from cityweave.api.served import Served, frame
from cityweave.api.state import Decision as Said
from cityweave.api.workspace import Batch, Workspace
from cityweave.cfd_rules import plan as rules_plan
from cityweave.cfd_rules import vet
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.errors import ContractError, DecisionError, InputError
from cityweave.engine.generation import Generation
from cityweave.engine.manifest import Collected, Manifest, gc
from cityweave.engine.plan import Plan
from cityweave.engine.run import Explained, Progress, StepReport
from cityweave.engine.run import explain as explain_plan
from cityweave.engine.run import run as run_plan
from cityweave.engine.store import Observer
from cityweave.graph import documents, standing
from cityweave.graph import plan as graph_plan
from cityweave.graph.screen import plan as screen_plan
from cityweave.resolver import baseline as plain
from cityweave.resolver import facts, ids, known, lifecycle, mend, saved, survive
from cityweave.resolver import model as resolver_model
from cityweave.resolver import plan as resolver_plan
from cityweave.resolver.explain import Explainer
from cityweave.resolver.model import ContractInfo, Decision
from cityweave.resolver.model_life import Trust
from cityweave.resolver.trust import learn as learn_trust

KINDS = resolver_model.KINDS
"""In the order they are resolved."""

FAILING = ("validity", "accuracy", "consistency")
"""Violation categories that make a value lose against one that breaks no rule."""

SERVED = (
    *("record_", "form_", "unit_", "node_", "pair_", "apart_", "cluster_", "golden_", "entity_"),
    *("address", "event", "participant", "thing", "quarantine", "violation", "repair", "normalised", "membership", "possible", "unbound_decision"),
    *("home", "past_party", "fact", "fact_event", "fact_party", "lifecycle", "life_conflict", "edge", "node", "renumbered"),
    *("document", "standing", "birth_told", "contact", "doubt", "coverage"),
    *("tender_lot", "tender_entry", "tender_mark"),
)
"""Tables that questions read (a name that ends in _ stands for one a kind): a generation names these; the others go at gc."""

TRUST = 500
"""The trust of a source of which the model says nothing, in thousandths."""


@dataclass(frozen=True)
class Built:
    """A plan with what is asked of it and what it was built from."""

    plan: Plan
    targets: tuple[str, ...]
    inputs: Mapping[str, Any]  # enters the generation's manifest


def plan_of(workspace: Workspace) -> Built:
    """Every step from the log to the graph, and the tables that a generation names.

    Errors: ContractError for a contract that does not load or an identifier column nobody confirmed; ModelError without a model; InputError without a delivery.
    """
    contracts, batches = _delivered(workspace)
    decisions = workspace.state.decisions()
    kinds = _kinds(contracts, batches)
    models = resolver_plan.load_models(workspace.models, kinds)
    vetting = vet.load(workspace.models / vet.FILE)
    packs = vet.permitted(workspace.packs(), vetting)
    trust = _trust(contracts, models)
    registry = workspace.registry
    steps = [
        *rules_plan.steps(contracts, [batch.logged for batch in batches], packs, registry),
        *resolver_plan.steps(kinds, models, bound(decisions), _infos(contracts)),
        *mend.steps(kinds, _cells(contracts), trust, _grades(registry)),
        *(step for kind in kinds for step in survive.steps(kind, registry.names(cast("Any", kind)), trust, FAILING)),
        *facts.steps(trust, kinds),
        *lifecycle.steps(kinds, _grades(registry)),
        *graph_plan.steps(kinds),
        *documents.steps(kinds, [ref for item in decisions if item.verb == "same" for ref in (item.left_ref, item.right_ref)]),
        *standing.steps(kinds, [contract.source for contract in contracts], _confirmed(contracts, batches)),
        *screen_plan.steps(kinds),
    ]
    plan = Plan(steps)
    inputs = {
        "batches": batches[-1].number,
        "contracts": {contract.source: contract.digest for contract in contracts},
        "decisions": [item.seq for item in decisions],
        "models": {kind: model.digest for kind, model in models.items()},
        "registry": registry.digest,
        "rules": vet.digest(vetting),
    }
    return Built(plan, tuple(name for name in plan.steps if _served(name)), inputs)


def bound(decisions: Iterable[Said]) -> list[Decision]:
    """Decisions as the resolver takes them."""
    return [Decision(item.seq, item.verb, _ref(item.left_ref), _ref(item.right_ref)) for item in decisions]


def explainer(workspace: Workspace, generation: Generation) -> Explainer:
    """Explains a generation with the models and decisions it was made with."""
    decisions = workspace.state.taken(generation.manifest.inputs["decisions"])
    return Explainer(generation, resolver_plan.SETTINGS, _models(workspace, generation), bound(decisions))


def golden_on(workspace: Workspace, generation: Generation, kind: str, entity_id: str, day: dt.date, as_of: dt.date | None = None) -> list[dict[str, Any]]:
    """Golden values of an entity as they would be chosen from what was known on that day (and held on another): element, value, record_id, rule."""
    trust = _trust(workspace.read_contracts(), _models(workspace, generation))
    return known.golden_on(generation, kind, workspace.registry.names(cast("Any", kind)), trust, FAILING, entity_id, day, as_of)


def facts_on(workspace: Workspace, generation: Generation, entity_id: str, day: dt.date) -> list[dict[str, Any]]:
    """Facts of an entity as they would be made from what was told by that day, with their parties."""
    return known.facts_on(generation, _trust(workspace.read_contracts(), _models(workspace, generation)), entity_id, day)


def baseline(workspace: Workspace, generation: Generation, name: str, kind: str, truth: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, Any]]:
    """What a baseline ("keys" or "splink") finds in `form_<kind>`: record_id and entity; of Splink also the threshold that truth chose and the pairs scored."""
    form = generation.read(f"form_{kind}")
    if name == "keys":
        return frame(plain.keys(kind, form)), {}
    bare = importlib.import_module("cityweave.resolver.bare_splink")  # brings in Splink
    models = _models(workspace, generation)
    best = bare.best(resolver_plan.SETTINGS[kind], form, models[kind].stop if kind in models else {}, truth.to_arrow())
    return frame(best.found), {"threshold": best.threshold, "pairs": best.pairs}


def _models(workspace: Workspace, generation: Generation) -> dict[str, saved.Model]:
    """The models that a generation was made with."""
    return {kind: saved.load(workspace.kept_model(digest), digest) for kind, digest in generation.manifest.inputs["models"].items()}


def train(workspace: Workspace, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Learn the models from the log and save them; a line of report each. Only this makes models; `run` never does."""
    learner = importlib.import_module("cityweave.resolver.train")  # brings in Splink, which takes seconds and which nothing else needs
    with workspace.generations.writing():
        contracts, batches = _delivered(workspace)
        kinds = _kinds(contracts, batches)
        packs = workspace.packs()
        read = rules_plan.steps(contracts, [batch.logged for batch in batches], packs, workspace.registry)
        vetting_steps = [vet.vet_step(pack, contracts, workspace.registry) for pack in packs]
        models: dict[str, saved.Model] = {}
        report = []
        while kind := resolver_plan.next_to_train(kinds, models):  # a kind is compared by what is resolved before it
            plan = Plan([*read, *resolver_plan.training_steps(kinds, _infos(contracts), models)])
            targets = resolver_plan.training_targets(kind)
            outcome = run_plan(plan, targets, workspace.store, workspace.engine("duckdb"), progress=progress)
            form, unit, records = (workspace.store.read(outcome.tables[name]) for name in targets)
            model = learner.train(resolver_plan.SETTINGS[kind], form, unit, trust=learn_trust(records, unit, mend.LEARNED[kind]))
            models[kind] = model = saved.save(model, workspace.models / f"{kind}.json")
            report.append({"kind": kind, "file": f"models/{kind}.json", "digest": model.digest, **model.report})
        outcome = run_plan(Plan([*read, *vetting_steps]), [step.name for step in vetting_steps], workspace.store, workspace.engine("duckdb"), progress=progress)
        tables = {name: workspace.store.read(key) for name, key in outcome.tables.items()}
        counted = {row["rule"]: (row["checked"], row["held"]) for pack in packs for row in tables[f"vet_{pack.kind}"].to_pylist()}
        vetting = vet.save(vet.vetted(packs, counted), workspace.models / vet.FILE)
    return [*report, vet.report(packs, vetting)]


def _served(name: str) -> bool:
    kind = next((kind for kind in KINDS if name.endswith(f"_{kind}")), "")
    return (name.removesuffix(kind) if kind else name) in SERVED


def has_models(workspace: Workspace) -> bool:
    """Whether every kind that needs a model has one."""
    kinds = _kinds(workspace.read_contracts(), workspace.batches())
    return all((workspace.models / f"{kind}.json").is_file() for kind in resolver_plan.TRAINED if kind in kinds)


def _delivered(workspace: Workspace) -> tuple[tuple[Contract, ...], tuple[Batch, ...]]:
    contracts, batches = workspace.read_contracts(), workspace.batches()
    if not batches:
        raise InputError("还没有任何交付 / nothing was delivered yet", "log/", "先运行 cityweave deliver 或 init / run cityweave deliver or init first")
    orphans = sorted({batch.source for batch in batches} - {contract.source for contract in contracts})
    if orphans:
        raise ContractError(f"没有 {orphans[0]} 的合同 / there is no contract for {orphans[0]}", "contracts/", "放回合同文件 / put the contract file back")
    for contract in contracts:
        if contract.unconfirmed:
            raise ContractError(
                f"证件号码列尚未确认：{', '.join(contract.unconfirmed)} / an identifier column is not confirmed: {', '.join(contract.unconfirmed)}",
                f"contracts/{contract.source}.yaml",
                "看过该列后把 confirmed: false 改为 true / look at the column, then change confirmed: false to true",
            )
    return contracts, batches


def _kinds(contracts: Sequence[Contract], batches: Sequence[Batch]) -> tuple[str, ...]:
    """The kinds that the delivered sources speak of, in the order they are resolved: nobody need train for a source that may come one day."""
    delivered = {batch.source for batch in batches}
    told = {role.kind for contract in contracts if contract.source in delivered for role in contract.records}
    return tuple(kind for kind in KINDS if kind in told)


def _undated(contracts: Sequence[Contract]) -> dict[str, list[str]]:
    """Type of event -> the sources that tell it without its first day."""
    silent: dict[str, list[str]] = {}
    for contract in contracts:
        for event in contract.events:
            if not contract.dated(event):
                silent.setdefault(event.type, []).append(contract.source)
    return silent


def _succession(contracts: Sequence[Contract]) -> dict[str, dict[str, str]]:
    """Type of event -> source -> the role of whom, as its contract says, a later such event ends the one before."""
    told: dict[str, dict[str, str]] = {}
    for contract in contracts:
        for event in contract.events:
            if event.succeeds:
                told.setdefault(event.type, {})[contract.source] = event.succeeds
    return told


def _grades(registry: Registry) -> dict[str, int]:
    return {f"{kind}.{name}": element.grade for kind, elements in registry.elements.items() for name, element in elements.items()}


def _confirmed(contracts: Sequence[Contract], batches: Sequence[Batch]) -> dict[str, dt.date]:
    """Source that delivers everything each time -> its last delivery: what it still holds, it confirms."""
    full = {contract.source for contract in contracts if contract.delivery == "full"}
    return {batch.source: batch.delivered for batch in batches if batch.source in full}


def _infos(contracts: Sequence[Contract]) -> list[ContractInfo]:
    return [
        ContractInfo(
            source=contract.source,
            duplicate_free=contract.duplicate_free,
            authority=tuple(f"{kind}.{name}" for kind, name in _decides(contract)),
            subject=contract.records[0].name,
            registers=contract.registers,
        )
        for contract in contracts
    ]


def _cells(contracts: Sequence[Contract]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(kind, element) -> the (source, role) that deliver a column for it."""
    cells: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for contract in contracts:
        for role in contract.records:
            for element, cell in role.elements:
                if cell.column:
                    cells.setdefault((role.kind, element), []).append((contract.source, role.name))
    return cells


def _decides(contract: Contract) -> list[tuple[str, str]]:
    """(kind, element) that the contract's source decides."""
    return sorted({(role.kind, name) for name in contract.decides for role in contract.deciding(name)})


def _trust(contracts: Sequence[Contract], models: Mapping[str, saved.Model]) -> Trust:
    """Whom to believe: authorities by contract; trust as the models learned it."""
    learned: dict[str, list[int]] = {}
    for model in models.values():
        for name, value in model.trust.items():
            learned.setdefault(name.rpartition("|")[2], []).append(value)
    sources = {contract.source: sum(learned.get(contract.source, [TRUST])) // len(learned.get(contract.source, [TRUST])) for contract in contracts}
    elements: dict[str, dict[str, list[str]]] = {}
    for contract in contracts:
        for kind, name in _decides(contract):
            elements.setdefault(kind, {}).setdefault(name, []).append(contract.source)
    roles = {contract.source: {name: [one for role in contract.deciding(name) for one in role.names] for name in contract.decides} for contract in contracts}
    about = {"legal_entity": [(contract.source, role.name) for contract in contracts if (role := contract.records[0]).kind == "legal_entity" and not role.each]}
    learnt = {kind: dict(model.trust) for kind, model in models.items()}
    return Trust(sources, elements, undated=_undated(contracts), succession=_succession(contracts), learned=learnt, about=about, roles=roles)


def _ref(text: str) -> tuple[str, str, str]:
    source, _, rest = text.partition("|")
    key, _, role = rest.rpartition("|")
    return source, key, role


@dataclass(frozen=True)
class Ran:
    """What `run` did."""

    generation: int
    new: bool
    reports: tuple[StepReport, ...]
    quarantined: int
    seconds: float
    retired: bool = True  # False: the former generation's tables were gone, so ids that vanished are not known to have been

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        steps = [
            {"step": item.name, "rows_in": item.rows_in, "rows_out": item.rows_out, "seconds": item.seconds, "peak_mb": item.peak_mb}
            for item in self.reports
            if item.executed
        ]
        told = {name: getattr(self, name) for name in ("generation", "new", "quarantined", "seconds", "retired")}
        return {**told, "steps": steps}


def run(
    workspace: Workspace, engine: str | None = None, progress: Progress | None = None, *, observer: Observer | None = None, shuffle: int | None = None
) -> Ran:
    """Make the generation that the workspace means, and serve it. What is in the store is not made again; unchanged inputs make no new generation.

    Order, so that a kill at any point leaves the former one served: steps, snapshot, manifest, retired ids, CURRENT.
    """
    started = time.perf_counter()
    with workspace.generations.writing():
        built = plan_of(workspace)
        chosen = workspace.engine(engine)
        outcome = run_plan(built.plan, built.targets, workspace.store, chosen, observer=observer, progress=progress, shuffle=shuffle)
        before = workspace.generations.current()
        manifest = workspace.generations.write(outcome.tables, {**built.inputs, "engine": [chosen.name, chosen.version]})
        workspace.keep_models(built.inputs["models"])
        workspace.snapshot(manifest)
        new, retired = before is None or manifest.number != before.number, True
        if new:
            retired = _retire(workspace, before, manifest)
            workspace.generations.serve(manifest, observer)
        quarantined = Generation(workspace.store, manifest).rows("quarantine")
    return Ran(manifest.number, new, outcome.reports, quarantined, round(time.perf_counter() - started, 2), retired)


def explain(workspace: Workspace, engine: str | None = None) -> list[Explained]:
    """What `run` would do, a line per step."""
    built = plan_of(workspace)
    return explain_plan(built.plan, built.targets, workspace.store, workspace.engine(engine))


def _retire(workspace: Workspace, before: Manifest | None, after: Manifest) -> bool:
    """Keep the ids that are about to vanish, with the records they last held; False where nobody can tell any more, as the former membership is gone."""
    if before is None:
        return True
    if not workspace.store.has(before.tables["membership"]):
        return False
    old, new = (workspace.store.read(item.tables["membership"], ["record_id", "entity_id"]) for item in (before, after))
    gone = frame(ids.retired(old, new))
    held = gone.group_by("entity_id").agg(pl.col("record_id").sort()).sort("entity_id")
    workspace.state.retire(after.number, list(held.iter_rows()))
    return True


def decide(workspace: Workspace, verb: str, left: str, right: str, who: str, because: str) -> int:
    """Keep a person's word about two records (or entities, then their oldest records), named as `why` names them; returns its number."""
    if verb not in ("same", "different"):
        raise DecisionError(f"看不懂 {verb} / {verb} is not understood", "", "same 或 different / same or different")
    manifest = workspace.generations.current()
    if manifest is None:
        raise InputError("还没有结果 / there is no generation yet", "", "先运行 cityweave run / run cityweave run first")
    served = Served(manifest.number, {name: workspace.store.path(key) for name, key in manifest.tables.items()}, Generation(workspace.store, manifest))
    one, other = (served.named(name) for name in (left, right))
    if one.kind != other.kind:
        raise DecisionError(
            f"一边是 {one.kind}，一边是 {other.kind} / one is a {one.kind}, the other a {other.kind}", "", "给出同一类的两条记录 / name two records of one kind"
        )
    return workspace.state.decide(cast(Literal["same", "different"], verb), one.ref, other.ref, who, because)


def collect(workspace: Workspace, keep: int) -> Collected:
    """Remove what only generations older than the last `keep` name."""
    if keep < 1:
        raise InputError("至少保留一代 / keep at least one generation", "--keep", "1 或更多 / 1 or more")
    with workspace.generations.writing():
        kept = workspace.generations.numbers()[-keep:]
        done = gc(workspace.store, workspace.generations, kept)
        workspace.sweep()
    return done
