"""The same records in another order and batching give the same partition and the same golden values (DESIGN, section 1)."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cityweave.api import pipeline
from cityweave.api.workspace import Workspace
from cityweave.engine.duck import DuckEngine
from cityweave.engine.run import Engine, run
from cityweave.engine.store import Store
from cityweave.fixtures import generate
from tests.whole.city import Delivery, Tell, deliveries, workspace
from tests.whole.reorder import FORMS, as_delivered, reordered
from tests.whole.scenario import Said, decide, decisions, folder, later_rows

EXAMPLES, PEOPLE, CITIES, SCENARIOS = 12, 200, 3, 6
KINDS = pipeline.KINDS
TARGETS = ("membership", *(f"golden_{kind}" for kind in KINDS))


@dataclass(frozen=True)
class Found:
    """What must not depend on order: records are named by source, key and role, entities by the smallest such name in them."""

    partition: pl.DataFrame  # kind, ref, entity
    golden: pl.DataFrame  # kind, entity, element, value, ref, rule


@dataclass(frozen=True)
class Scenario:
    """What is delivered and decided, and what came out in the city's own order."""

    given: Sequence[Delivery]
    more: dict[str, list[bytes]]
    said: Sequence[Said]
    found: Found
    merges: int
    splits: int
    withdrawals: int


class Towns:
    """Small cities and the scenarios in them, each made once."""

    def __init__(self, root: Path, models: Path) -> None:
        self.root, self.models = root, models
        self.engine: Engine = DuckEngine(threads=1, memory="1GB")
        self.city = cache(self._city)
        self.scenario = cache(self._scenario)

    def _city(self, number: int) -> Path:
        generate(self.root / f"city{number}", PEOPLE, 100 + number)
        return self.root / f"city{number}"

    def _scenario(self, number: int) -> Scenario:
        given, seed = deliveries(self._at(number)), 1000 + number
        more = later_rows(given, corrections=4, withdrawals=number % 3 * 2, seed=seed)
        own = folder(self.root, f"scenario{number}")
        place = workspace(own / "w", as_delivered(given, own, more), self.models)
        before = self.result(place)
        said = decisions(before.partition, merges=number % 4, splits=(number + 1) % 3, seed=seed)
        decide(place, said)
        after = self.result(place)
        together = [_together(before.partition, said), _together(after.partition, said)]
        merges = sum(not was and is_ for was, is_ in zip(*together, strict=True))
        splits = sum(was and not is_ for was, is_ in zip(*together, strict=True))
        withdrawn = sum(b"\xd7\xa2\xcf\xfa" in row or "撤销".encode() in row for rows in more.values() for row in rows)
        return Scenario(given, more, said, after, merges, splits, withdrawn)

    def _at(self, number: int) -> Path:
        return self.city(number % CITIES)

    def result(self, place: Workspace) -> Found:
        """The tables in question, by the real steps."""
        plan = pipeline.plan_of(place).plan
        made = run(plan, [*TARGETS, *(f"record_{kind}" for kind in KINDS)], place.store, self.engine, check_keys=True).tables
        return _found(place.store, made)


def _found(store: Store, made: Mapping[str, str]) -> Found:
    read = {name: pl.DataFrame(store.read(key)) for name, key in made.items()}
    refs = pl.concat([read[f"record_{kind}"].filter(pl.col("known_to").is_null()).select("record_id", "ref") for kind in KINDS])
    member = read["membership"].join(refs, on="record_id", how="left", validate="1:1")
    names = member.group_by("entity_id").agg(pl.col("ref").min().alias("entity"))
    partition = member.join(names, on="entity_id").select("kind", "ref", "entity").sort("kind", "ref")
    golden = pl.concat([read[f"golden_{kind}"].select(pl.lit(kind).alias("kind"), "entity_id", "element", "value", "record_id", "rule") for kind in KINDS])
    golden = golden.join(names, on="entity_id", how="left").join(refs, on="record_id", how="left").select("kind", "entity", "element", "value", "ref", "rule")
    return Found(partition, golden.sort("kind", "entity", "element", nulls_last=True))


def _together(partition: pl.DataFrame, said: Sequence[Said]) -> list[bool]:
    entity = dict(partition.select("ref", "entity").iter_rows())
    return [left in entity and entity.get(left) == entity.get(right) for _, left, right in said]


@pytest.fixture(scope="module")
def towns(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Towns]:
    """In memory where the system has such a folder: a test of order needs no disk."""
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(prefix="cityweave-order-", dir=memory)) if memory.is_dir() else tmp_path_factory.mktemp("order")
    yield Towns(root, models)
    shutil.rmtree(root, ignore_errors=True)


def test_order_and_batching_change_nothing(towns: Towns, tell: Tell) -> None:
    tried: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(number=st.integers(0, SCENARIOS - 1), seed=st.integers(0, 2**32))
    def example(number: int, seed: int) -> None:
        scenario = towns.scenario(number)
        with tempfile.TemporaryDirectory(dir=towns.root) as name:
            root = Path(name)
            parts = reordered(scenario.given, root, seed, scenario.more)
            place = workspace(root / "w", parts, towns.models)
            decide(place, scenario.said)
            found = towns.result(place)
        assert_frame_equal(found.partition, scenario.found.partition)
        assert_frame_equal(found.golden, scenario.found.golden)
        tried.update(examples=1, merge=scenario.merges > 0, split=scenario.splits > 0, withdrawal=scenario.withdrawals > 0)
        tried.update(deliveries=len(parts), records=found.partition.height, golden=found.golden.height)

    example()
    tell(
        f"{tried['examples']} examples of {PEOPLE} people and {len(FORMS)} sources in random order and batching ({tried['deliveries']} deliveries, "
        f"{tried['records']} records, {tried['golden']} golden values compared): "
        f"{tried['merge']} had a merge, {tried['split']} a split, {tried['withdrawal']} a withdrawal"
    )
    assert tried["examples"] >= EXAMPLES
    assert min(tried["merge"], tried["split"], tried["withdrawal"]) >= EXAMPLES // 3
