"""Running a plan: a step runs only if its key is absent and something that is asked for needs it. So skipping, resuming and sharing are one thing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa

from cityweave.engine.errors import CityweaveError, OutOfMemoryError
from cityweave.engine.model import Step
from cityweave.engine.plan import Plan
from cityweave.engine.store import ARROW_FILE, INDEX_FILE, PARQUET, Meta, Observer, Store
from cityweave.engine.write import by_key, check_key, conform, shuffle_parquet, write_index, write_parquet, write_served


class Engine(Protocol):
    """What runs SQL. Nothing else in Cityweave knows which one it is."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def at_once(self) -> int:
        """How many steps it runs beside each other, from as many threads."""
        ...

    def execute(self, step: Step, inputs: Mapping[str, Path], out: Path) -> int:
        """Write the step's result as one Parquet file of the declared schema, in key order if its table is served; the number of rows."""
        ...

    def interrupt(self) -> None:
        """End the steps that run now: each raises KeyboardInterrupt."""
        ...


@dataclass(frozen=True)
class StepReport:
    """What one step did: a line for the person who waits."""

    name: str
    says: str
    rows_in: int
    rows_out: int
    seconds: float
    peak_mb: int
    executed: bool


class Progress(Protocol):
    """Told while a plan runs, by the thread that called `run`. Steps beside each other begin and end in any order."""

    def start(self, steps: int) -> None:
        """So many steps will be executed."""

    def step(self, name: str, says: str) -> None:
        """This one begins."""

    def done(self, report: StepReport) -> None:
        """It is stored."""


@dataclass(frozen=True)
class Outcome:
    """A run's result: the key of every table asked for, and a report for every step asked for or executed, in order."""

    tables: Mapping[str, str]
    reports: tuple[StepReport, ...]

    @property
    def executed(self) -> tuple[str, ...]:
        """The names of the steps that ran."""
        return tuple(report.name for report in self.reports if report.executed)


@dataclass(frozen=True)
class Explained:
    """What a run would do with one step."""

    name: str
    says: str
    key: str
    state: Literal["cached", "to run", "not needed"]  # not needed: all that reads it is cached
    reads: tuple[str, ...]


def explain(plan: Plan, targets: Iterable[str], store: Store, engine: Engine) -> list[Explained]:
    """The plan, a line per step in the order of running, without running anything."""
    targets = list(targets)
    keys = plan.keys(engine)
    cached, needed = _needs(plan, targets, store, keys)
    return [
        Explained(name, plan.steps[name].says, keys[name], "cached" if name in cached else "to run" if name in needed else "not needed", plan.steps[name].reads)
        for name in plan.order(targets)
    ]


def run(
    plan: Plan,
    targets: Iterable[str],
    store: Store,
    engine: Engine,
    *,
    observer: Observer | None = None,
    progress: Progress | None = None,
    shuffle: int | None = None,
    check_keys: bool = False,
) -> Outcome:
    """Make the tables `targets`, and of what they need only what is not in the store yet; their keys and a report per step, in the order of the plan.

    Steps that do not wait for each other run beside each other, `engine.at_once` at a time: many are too small, or too serial, to fill the cores alone.

    `shuffle` (a seed) permutes every result's rows, `check_keys` verifies every result's key: both are for tests and change no key.
    Errors: EngineError names the step that failed; StoreError a full disk or a damaged entry. What was finished stays in the store.
    """
    targets = list(targets)
    store.sweep()
    if observer is not None:
        store = Store(store.root, observer)
    keys = plan.keys(engine)
    cached, needed = _needs(plan, targets, store, keys)
    if progress is not None:
        progress.start(len(needed))
    order = plan.order(targets)
    steps = {name: plan.steps[name] for name in order}
    made = _make_all([steps[name] for name in order if name in needed], keys, store, engine, progress, shuffle, check_keys)
    reports = [
        made[name] if name in needed else StepReport(name, steps[name].says, 0, store.meta(keys[name]).rows, 0.0, 0, executed=False)
        for name in order
        if name in needed or name in cached
    ]
    store.settle()
    return Outcome({name: keys[name] for name in targets}, tuple(reports))


def _needs(plan: Plan, targets: Iterable[str], store: Store, keys: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Backwards from the targets: the tables found in the store (and what they read is not looked at), and the steps to run."""
    cached: set[str] = set()
    needed: set[str] = set()
    todo = list(targets)
    plan.order(todo)  # a target that nobody makes is an error
    while todo:
        name = todo.pop()
        if name in cached or name in needed:
            continue
        if store.has(keys[name]):
            store.meta(keys[name])
            cached.add(name)
        else:
            needed.add(name)
            todo.extend(plan.steps[name].reads)
    return cached, needed


def _make_all(
    steps: list[Step], keys: Mapping[str, str], store: Store, engine: Engine, progress: Progress | None, shuffle: int | None, check_keys: bool
) -> dict[str, StepReport]:
    """A report per step, made in the order given but for what runs beside it. The first error ends what runs and is raised.

    A step that had too little memory is made once more, with nothing beside it.
    """
    plan = {step.name: step for step in steps}
    todo = dict(plan)
    alone: set[str] = set()
    made: dict[str, StepReport] = {}
    running: dict[Future[StepReport], str] = {}
    with ThreadPoolExecutor(engine.at_once, "step") as pool:
        try:
            while todo or running:
                ready = (step for step in todo.values() if not any(name in todo or name in running.values() for name in step.reads))
                again = [todo[name] for name in sorted(alone) if name in todo]
                room = 0 if alone & set(running.values()) else engine.at_once - len(running)
                for step in again[: not running] if again else list(islice(ready, room)):
                    if progress is not None:
                        progress.step(step.name, step.says)
                    running[pool.submit(_make, todo.pop(step.name), keys, store, engine, shuffle, check_keys)] = step.name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    try:
                        made[name] = report = future.result()
                    except OutOfMemoryError:
                        if name in alone or engine.at_once == 1:
                            raise
                        alone.add(name)
                        todo[name] = plan[name]
                        continue
                    if progress is not None:
                        progress.done(report)
        except BaseException:
            while wait(running, timeout=0.05).not_done:  # again and again: a step may be between two queries
                engine.interrupt()
            raise
    return made


def _make(step: Step, keys: Mapping[str, str], store: Store, engine: Engine, shuffle: int | None, check_keys: bool) -> StepReport:
    started = time.perf_counter()
    _reset_peak()
    inputs = {name: keys[name] for name in step.reads}
    table = step.writes
    with store.draft(keys[step.name], step.name) as draft:
        parquet = draft / PARQUET
        if step.python is None:
            rows = engine.execute(step, {name: store.path(key) for name, key in inputs.items()}, parquet)
        else:
            result = conform(_call(step, {name: store.read(key) for name, key in inputs.items()}), table)
            rows = result.num_rows
            write_parquet(by_key(result, table) if table.served else result, parquet)
            del result
        if check_keys:
            check_key(parquet, table)
        if table.served:
            write_served(parquet, draft / ARROW_FILE, table)
            for column in table.also:
                write_index(draft / ARROW_FILE, draft / INDEX_FILE.format(column), column)
        if shuffle is not None:
            shuffle_parquet(parquet, shuffle, step.name)
        seconds, peak = round(time.perf_counter() - started, 4), _peak_mb()
        columns = {column.name: column.type for column in table.columns}
        store.commit(draft, Meta(keys[step.name], step.name, rows, seconds, peak, inputs, columns, table.key))
    rows_in = sum(store.meta(key).rows for key in inputs.values())
    return StepReport(step.name, step.says, rows_in, rows, round(time.perf_counter() - started, 4), peak, executed=True)


def _call(step: Step, inputs: Mapping[str, pa.Table]) -> pa.Table:
    assert step.python is not None
    try:
        return step.python(inputs, step.arguments, step.files)
    except CityweaveError:
        raise
    except MemoryError as error:
        raise OutOfMemoryError("内存不足 / out of memory", f"步骤 / step {step.name}", "加大内存或减小数据 / give it more memory or less data") from error


def _reset_peak() -> None:
    with suppress(OSError):  # where the system does not allow it, the peak is the process's, not the step's
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0
