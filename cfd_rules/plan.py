"""The one place that knows all steps of this floor and how they hang together."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from cityweave.cfd_rules import normalised
from cityweave.cfd_rules import registry as registries
from cityweave.cfd_rules.address import address_step, address_text_step
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.detect import finding_step, union_step, violation_step
from cityweave.cfd_rules.event import event_detail_step, event_step, participant_step, thing_step
from cityweave.cfd_rules.item import item_step
from cityweave.cfd_rules.model import CODE, KINDS, QUARANTINE, Batch
from cityweave.cfd_rules.pack import Pack, shipped
from cityweave.cfd_rules.read import read_step
from cityweave.cfd_rules.record import nothing, record_step, value_step
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.repair import repair_step, vote_step
from cityweave.cfd_rules.version import row_step, version_step
from cityweave.engine.model import Arguments, Files, Inputs, Step


def steps(contracts: Sequence[Contract], batches: Sequence[Batch], packs: Sequence[Pack] | None = None, registry: Registry | None = None) -> list[Step]:
    """All steps of floor 2 for these contracts and batches, every table of docs/architecture.md among them. Sources without a batch make none.

    Without `packs` those that are shipped apply.
    """
    known = registry or registries.load()
    delivered = {contract.source: sorted((b for b in batches if b.source == contract.source), key=lambda b: b.number) for contract in contracts}
    live = [contract for contract in sorted(contracts, key=lambda contract: contract.source) if delivered[contract.source]]
    made: list[Step] = [_code_step(known)]
    for contract in live:
        own = delivered[contract.source]
        made += [read_step(contract, batch) for batch in own]
        made += [row_step(contract, own), version_step(contract), value_step(contract, own, known)]
        made += [item_step(contract, each, own, known) for each in contract.lists]
    made += [record_step(kind, live, known) for kind in KINDS]
    made += [address_text_step(live, known), address_step(), event_step(live, known), participant_step(live, known)]
    made += [event_detail_step(live, known), thing_step(live, known)]
    made += normalised.steps(live, delivered, known)
    made.append(_quarantine_step({contract.source: delivered[contract.source] for contract in live}))
    return made + rule_steps(live, packs, known)


def rule_steps(contracts: Sequence[Contract], packs: Sequence[Pack] | None, registry: Registry) -> list[Step]:
    """The steps that read records and make `rule_violation` and `rule_repair`: only these, and what reads them, depend on the rules."""
    ruled = sorted(packs or shipped(registry), key=lambda pack: KINDS.index(pack.kind))
    made = [step(pack.kind, pack, contracts, registry) for pack in ruled for step in (finding_step, vote_step, violation_step)]
    return [*made, union_step([pack.kind for pack in ruled], contracts, registry), repair_step(ruled, contracts, registry)]


def _quarantine_step(delivered: dict[str, list[Batch]]) -> Step:
    reads = [f"read_{source}_{batch.number}" for source, own in delivered.items() for batch in own]
    selects = [
        f"SELECT '{source}' AS source, {batch.number} AS batch, row_no, problem FROM read_{source}_{batch.number} WHERE problem IS NOT NULL"
        for source, own in delivered.items()
        for batch in own
    ]
    return Step(writes=QUARANTINE, says="隔离区 / quarantine", reads=tuple(reads), sql=" UNION ALL ".join(selects) or nothing(QUARANTINE))


def _code_step(registry: Registry) -> Step:
    rows = registry.code_table().to_pydict()
    return Step(writes=CODE, says="代码表 / code lists", python=code_table, arguments={"rows": rows})


def code_table(_: Inputs, arguments: Arguments, __: Files) -> pa.Table:
    """The Python of `code`: the rows that came as arguments."""
    rows = arguments["rows"]
    return pa.table({name: pa.array(rows[name], pa.string()) for name in CODE.names})
