"""A generation is a pure function of its inputs: whatever is done on the way, the digest is the same (DESIGN, section 1). On the smallest city, tier XS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cityweave.api import pipeline
from cityweave.engine.digest import TOTAL
from cityweave.engine.duck import DuckEngine
from cityweave.fixtures.days import BATCHES
from tests.whole.city import Tell, copied, current, deliver, deliveries, differing, engined, prints, table, total, workspace
from tests.whole.conftest import Built

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GOLDEN = HERE / "golden" / "python_steps.txt"


def script(name: str, *arguments: Path) -> dict[str, object]:
    """What a script of this folder prints."""
    done = subprocess.run([sys.executable, HERE / name, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_built_twice(built: Built, tmp_path: Path, tell: Tell) -> None:
    again = workspace(tmp_path / "elsewhere", deliveries(built.city), built.models)
    ran = pipeline.run(again)
    first, second = prints(built.workspace), prints(again)
    assert not differing(first, second)
    assert first[TOTAL] == second[TOTAL]
    tell(f"built twice, in two folders, {sum(report.executed for report in ran.reports)} steps each, {len(first) - 1} tables: {first[TOTAL][:16]} twice")


@pytest.mark.parametrize("threads", [1, 4])
def test_threads(built: Built, threads: int, tmp_path: Path, tell: Tell) -> None:
    copied(built.workspace, tmp_path / "w", store=False)
    place = engined(tmp_path / "w", DuckEngine(threads=threads, memory="2GB"))
    ran = pipeline.run(place)
    assert not differing(prints(built.workspace), prints(place))
    tell(f"{threads} threads, {sum(report.executed for report in ran.reports)} steps: {total(place)[:16]}")


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_rows_of_every_step_shuffled(built: Built, seed: int, tmp_path: Path, tell: Tell) -> None:
    copied(built.workspace, tmp_path / "w", store=False)
    place = engined(tmp_path / "w", threads=2)
    ran = pipeline.run(place, shuffle=seed)
    assert not differing(prints(built.workspace), prints(place))
    shuffled = sum(report.executed and report.rows_out > 1 for report in ran.reports)
    assert all(report.executed for report in ran.reports)
    tell(f"the rows of {shuffled} steps shuffled by seed {seed}: {total(place)[:16]}")


def test_killed_at_every_moment(built: Built, tmp_path: Path, tell: Tell) -> None:
    *before, last = BATCHES
    place = workspace(tmp_path / "w", deliveries(built.city, before), built.models)
    pipeline.run(place)
    pipeline.collect(place, keep=1)  # only what questions read stays: everything on the way to it is made again
    served, first = current(place), total(place)
    deliver(place, deliveries(built.city, [last]))
    settings = place.root / "cityweave.toml"
    settings.write_text(re.sub(r"(?m)^threads = \d+", "threads = 1", settings.read_text("utf-8")), "utf-8")  # a step at a time, so that each moment is met
    said = script("kill_chain.py", place.root)
    kills, steps, cached = said["kills"], said["steps"], said["cached"]
    assert isinstance(steps, list) and kills == 3 * len(steps) + 1
    assert said["left"] == []
    assert not differing(prints(built.workspace), prints(place))
    assert prints(place, served)[TOTAL] == first, "the former generation is not as it was"
    assert current(place).number == served.number + 1
    tell(
        f"kills = {kills} = 3 x {len(steps)} steps + 1, each a real process, in one chain of resumes; the former generation was served all the while; then "
        f"{total(place)[:16]}, as undisturbed. Not made again, for both generations share them: {cached}"
    )


def test_a_decision_and_its_undo(built: Built, tmp_path: Path, tell: Tell) -> None:
    place = copied(built.workspace, tmp_path / "w")
    before = prints(place)
    member = table(place, "membership").sort("record_id")
    firm = member.filter(member["kind"] == "legal_entity")["record_id"].to_list()
    groups = member.filter(member["kind"] == "person").group_by("entity_id", maintain_order=True).all()["record_id"].to_list()
    several = [group for group in groups if len(group) > 1]
    said = [
        ("same", groups[0][0], groups[1][0]),
        ("different", several[0][0], several[0][-1]),
        ("same", firm[0], firm[-1]),
        ("different", several[1][0], several[2][0]),
    ]
    made = [pipeline.decide(place, verb, str(left), str(right), "甲", "试 / a try") for verb, left, right in said]
    pipeline.run(place)
    changed = differing(before, prints(place))
    assert {"membership", "entity_person"} <= set(changed)
    for number in made:
        place.state.undo(number, "乙", "撤 / withdrawn")
    ran = pipeline.run(place)
    assert not differing(before, prints(place))
    assert not [report.name for report in ran.reports if report.executed]
    again = copied(place, tmp_path / "again", store=False)
    pipeline.run(again)
    assert not differing(before, prints(again))
    tell(f"{len(said)} decisions changed {len(changed)} tables; undone, every table is as before ({total(place)[:16]}), also when all is made from nothing")


@pytest.mark.spark
def test_spark_without_duckdb(built: Built, tmp_path: Path, tell: Tell) -> None:
    place = copied(built.workspace, tmp_path / "w", store=False)
    said = script("without_duckdb.py", place.root)
    found, python = said["digest"], said["python"]
    assert isinstance(found, dict) and isinstance(python, dict)
    assert said["engine"][0] == "spark"  # type: ignore[index]
    assert not differing(prints(built.workspace), found)
    tell(f"{said['steps']} steps on PySpark in a process that cannot import duckdb: {found[TOTAL][:16]}, as on DuckDB; {len(python)} of them are Python")


def test_the_python_steps_are_a_list(built: Built, tell: Tell) -> None:
    """Python enters only where SQL cannot serve: every such step stands in the golden list, and a new one is a decision."""
    steps = pipeline.plan_of(built.workspace).plan.steps
    names = {re.sub(r"_\d+$", "_<batch>", name): step.python for name, step in steps.items() if step.python}
    found = [f"{name}  {python.__module__}.{python.__qualname__}" for name, python in sorted(names.items())]  # type: ignore[attr-defined]
    assert found == GOLDEN.read_text("utf-8").splitlines()
    tell(f"{len(found)} Python steps of {len(steps)}: {', '.join(line.split()[0] for line in found)}")
