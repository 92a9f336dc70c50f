"""What need not be done again is not done, what did not change keeps its name, and a name once given means something for ever (DESIGN, sections 4 and 5)."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from cityweave.api import pipeline
from cityweave.api.door import Door
from cityweave.api.model import Entity
from cityweave.api.workspace import Workspace
from cityweave.cfd_rules import pack
from cityweave.engine.errors import InputError
from cityweave.engine.manifest import Manifest
from cityweave.fixtures.days import BATCHES
from tests.whole.city import Delivery, Tell, copied, current, deliver, deliveries, differing, prints, records, table, total, workspace
from tests.whole.conftest import Built
from tests.whole.reorder import LAST
from tests.whole.scenario import SOURCES

PACKS = Path(pack.__file__).parent / "packs"
READ = ("read_", "row_", "version_", "value_", "record_", "event")
UNTOUCHED = (*READ, "form_", "unit_", "block_", "keyed_", "met_", "candidate_", "pair_", "link_", "cluster_", "membership", "fact", "edge")
"""What no rule can change: matching and facts rest on delivered values (DESIGN, section 6)."""


def executed(ran: pipeline.Ran) -> list[str]:
    """The steps that ran."""
    return [report.name for report in ran.reports if report.executed]


def test_an_unchanged_run_executes_no_step(built: Built, tmp_path: Path, tell: Tell) -> None:
    place = copied(built.workspace, tmp_path / "w")
    ran = pipeline.run(place)
    assert executed(ran) == []
    assert (ran.generation, ran.new) == (current(built.workspace).number, False)
    tell(f"{len(executed(built.ran))} steps ran at first, {len(executed(ran))} when nothing had changed: {ran.seconds} s")


def test_a_changed_rule_runs_only_what_depends_on_it(built: Built, tmp_path: Path, tell: Tell) -> None:
    place = copied(built.workspace, tmp_path / "w")
    text = (PACKS / "legal_entity.yaml").read_text("utf-8")
    what = "zh: 名称至多四字, en: at most four characters, category: validity"
    rule = f"  - {{id: legal_entity.name.long, {what}, rule: \"check not name ~ '^.{{5}}'\"}}\n"
    (place.rules / "legal_entity.yaml").write_text(text.rstrip("\n") + "\n" + rule, "utf-8")
    ran = executed(pipeline.run(place))
    plan = pipeline.plan_of(place).plan
    changed = {name for name in ran if not any(read in ran for read in plan.steps[name].reads)}
    rules = {"finding_legal_entity", "rule_violation", "violation", "rule_repair", "repair"}
    assert changed <= rules, "a step ran that reads nothing new and holds no rule of that kind"
    assert {"violation", "golden_legal_entity"} <= set(ran)
    assert not [name for name in ran if name.startswith(UNTOUCHED)]
    tell(f"one more rule about firms: {len(ran)} of {len(plan.steps)} steps run, no form and no pair among them: {', '.join(ran)}")


def test_a_city_without_its_truth_gives_the_same(built: Built, tmp_path: Path, tell: Tell) -> None:
    shutil.copytree(built.city, tmp_path / "city")
    shutil.rmtree(tmp_path / "city" / "truth")
    place = workspace(tmp_path / "w", deliveries(tmp_path / "city"), built.models)
    assert [batch.sha256 for batch in place.batches()] == [batch.sha256 for batch in built.workspace.batches()]
    pipeline.run(place)
    assert not differing(prints(built.workspace), prints(place))
    tell(f"built without the truth folder: {total(place)[:16]}")


def entities(of: Workspace, manifest: Manifest) -> pl.DataFrame:
    """entity_id, its live versions as one text."""
    member = table(of, "membership", manifest)
    versions = [table(of, f"record_{kind}", manifest).filter(pl.col("known_to").is_null()) for kind in pipeline.KINDS]
    live = pl.concat([rows.select("record_id", "batch", "row_no") for rows in versions])
    return member.join(live, on="record_id").select("entity_id", "record_id", "batch", "row_no")


def test_unchanged_data_keeps_its_ids(built: Built, tmp_path: Path, tell: Tell) -> None:
    """Batch by batch: an entity whose records all stand as they were and stay together keeps its id, whoever joins it; and every other id resolves."""
    place = workspace(tmp_path / "w", deliveries(built.city, [1]), built.models)
    pipeline.run(place)
    served = [current(place)]
    for batch in BATCHES[1:]:
        deliver(place, deliveries(built.city, [batch]))
        pipeline.run(place)
        served.append(current(place))
    assert not differing(prints(built.workspace), prints(place))
    for old, new in pairwise(served):
        before, after = entities(place, old), entities(place, new)
        both = before.join(after, on=["record_id", "batch", "row_no"], how="left", suffix="_new")
        now = pl.col("entity_id_new")
        groups = both.group_by("entity_id").agg(now.is_null().any().alias("changed"), now.n_unique().alias("parts"), now.first().alias("now"))
        still = groups.filter(~pl.col("changed") & (pl.col("parts") == 1))
        oldest = after.group_by("entity_id").agg(pl.col("record_id").min()).join(before.select("record_id", was="entity_id"), on="record_id")
        kept = still.filter(pl.col("entity_id") == pl.col("now"))
        joined = still.join(kept, on="entity_id", how="anti").join(oldest, left_on="now", right_on="entity_id")
        assert kept.height + joined.height == still.height, "an entity whose records did not change lost its id without joining an older one"
        anchors = before.group_by(pl.col("entity_id").alias("was")).agg(pl.col("record_id").min())
        anchors = anchors.join(after.select("record_id", went="entity_id"), on="record_id")
        left = joined.filter(pl.col("was") != pl.col("now")).join(anchors, on="was", how="left")
        assert (left["went"].is_null() | (left["went"] != left["now"])).all(), "an id went though the record that it names is where it was"
        tell(
            f"generation {old.number} to {new.number}: the records of {still.height} entities of {groups.height} stand as they were; "
            f"{kept.height} keep their id, {joined.height} joined an older entity: 100 %"
        )
    _all_resolve(place, served, tell)


def test_a_delivery_without_news_keeps_all_ids(built: Built, tmp_path: Path, tell: Tell) -> None:
    """A full delivery of the same rows in another order."""
    place = copied(built.workspace, tmp_path / "w")
    last = next(batch for batch in reversed(place.batches()) if batch.source == "housing")
    head, *rows = last.path.read_bytes().splitlines()
    (tmp_path / "housing.csv").write_bytes(b"\n".join([head, *reversed(rows)]) + b"\n")
    deliver(place, [Delivery("housing", tmp_path / "housing.csv", "housing.csv", LAST)])
    before = table(place, "membership").sort("record_id")
    ran = pipeline.run(place)
    assert ran.new
    assert table(place, "membership").sort("record_id").equals(before)
    tell(f"{len(rows)} rows delivered once more in reverse: {before['entity_id'].n_unique()} ids of {before['entity_id'].n_unique()} kept: 100 %")


def test_every_id_ever_given_resolves(built: Built, tmp_path: Path, tell: Tell) -> None:
    place = copied(built.workspace, tmp_path / "w")
    served = [current(place)]
    people = [group for group in _groups(place, "person") if len(group) > 1]
    merged, split = (people[0], people[1]), people[2]
    pipeline.decide(place, "same", str(merged[0][0]), str(merged[1][0]), "甲", "合 / a merge")
    pipeline.decide(place, "different", str(split[0]), str(split[-1]), "甲", "分 / a split")
    pipeline.run(place)
    served.append(current(place))
    member = dict(table(place, "membership").select("record_id", "entity_id").iter_rows())
    assert member[merged[0][0]] == member[merged[1][0]]
    assert member[split[0]] != member[split[-1]]
    withdrawn = _withdraw_anchors(place, tmp_path)
    pipeline.run(place)
    served.append(current(place))
    assert not set(withdrawn) & set(table(place, "membership")["record_id"].to_list())
    tell(f"a merge, a split, {len(withdrawn)} anchors withdrawn by their department")
    gone = _all_resolve(place, served, tell)
    assert gone["to another entity"] and gone["withdrawn"]


def _groups(place: Workspace, kind: str) -> list[list[int]]:
    member = table(place, "membership").filter(pl.col("kind") == kind).sort("record_id")
    return [sorted(group) for group in member.group_by("entity_id", maintain_order=True).all()["record_id"].to_list()]


def _withdraw_anchors(place: Workspace, folder: Path) -> list[int]:
    """The household registration withdraws rows whose person is the anchor of an entity: of several records, and of one alone."""
    refs = records(place).filter(pl.col("known_to").is_null()).select("record_id", "ref")
    named = dict(refs.iter_rows())
    own = [group for group in _groups(place, "person") if named[group[0]].startswith("hukou|") and named[group[0]].endswith("|person")]
    chosen = [group[0] for group in [*[group for group in own if len(group) > 2][5:8], *[group for group in own if len(group) == 1][:3]]]
    keys = {named[record].split("|")[1] for record in chosen}
    first = next(batch for batch in place.batches() if batch.source == "hukou")
    source = SOURCES["hukou"]
    rows = {}
    for batch in place.batches():
        if batch.source == "hukou":
            data = batch.path.read_bytes()
            read = (source.read(data, row) for row in data.split(b"\r\n")[1:-1])
            rows |= {cells["登记编号"]: cells for cells in read if cells.get("登记编号") in keys and None not in cells}
    assert len(rows) == len(keys)
    file = folder / "withdrawn.csv"
    head = first.path.read_bytes().split(b"\r\n", 1)[0]
    file.write_bytes(b"\r\n".join([head, *(source.write(cells | source.withdrawn) for cells in rows.values()), b""]))
    deliver(place, [Delivery("hukou", file, file.name, LAST)])
    return chosen


def _all_resolve(place: Workspace, served: list[Manifest], tell: Tell) -> dict[str, int]:
    """Each id that any of the generations gave is an entity of the last one, or leads to one, or says that it is withdrawn."""
    given = set().union(*(table(place, "membership", manifest)["entity_id"].to_list() for manifest in served))
    live = set(table(place, "membership")["entity_id"].to_list())
    door = Door(place, "tester")
    found = {"ids": len(given), "live": len(given & live), "to another entity": 0, "withdrawn": 0}
    for entity in sorted(given - live):
        try:
            answer = door.ask(Entity(id=entity))
        except InputError as error:
            assert "withdrawn" in str(error)
            found["withdrawn"] += 1
        else:
            assert answer.data["entity"] in live
            found["to another entity"] += 1
    assert found["live"] + found["to another entity"] + found["withdrawn"] == found["ids"]
    tell(f"every id ever given resolves: {found}")
    return found


def test_a_number_that_was_never_given_is_no_entity(built: Built, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such entity"):
        Door(copied(built.workspace, tmp_path / "w")).ask(Entity(id="pzzzzzzzz"))
