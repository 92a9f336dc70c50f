"""`cityweave demo`: the whole way on a small city, told to somebody who sees it for the first time. Everything shown is asked at the door, as anybody would."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from cityweave.api import pipeline, render, render_scores, render_table, render_work, words
from cityweave.api.door import Door
from cityweave.api.model import Evaluate, Export, How, Quality, Question, Status, Timeline, Turning, Why, WhyNot
from cityweave.api.progress import StepLines
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import InputError

PURPOSE = "演示 / demonstration"
MOST = 14
"""Facts of a life that fits a screen."""
TRIED = 30
"""People looked at for one whose records were joined by more than an identifier."""


@dataclass(frozen=True)
class City:
    """The city to show: how it is made (by the one module that may import the fixtures), and its contracts."""

    tier: str
    seed: int
    make: Callable[[Path], object]
    contracts: Path


class Telling:
    """One telling of the demo: where it prints, and the door it asks."""

    def __init__(self, workspace: Workspace, out: Console) -> None:
        self.workspace = workspace
        self.out = out
        self.door = Door(workspace, "demo")

    def ask(self, question: Question) -> dict[str, Any]:
        """The answer's data."""
        return self.door.ask(question, PURPOSE).data

    def frame(self, table: str) -> pl.DataFrame:
        """A table, as the door exports it."""
        frame = self.door.ask(Export(table=table), PURPOSE).frame
        return pl.DataFrame() if frame is None else frame

    def chapter(self, zh: str, en: str) -> None:
        """A heading."""
        self.out.print()
        self.out.print(Rule(f"[bold]{zh}[/]  {en}", align="left", style="cyan"))

    def show(self, parts: render_table.Rendered) -> None:
        """Print an answer."""
        self.out.print(*parts, sep="\n")


def show(folder: Path, city: City, out: Console, note: Console) -> None:
    """Make or reuse the city and its workspace in `folder`, run the pipeline, and tell what came of it."""
    _same_city(folder, city)
    workspace = _prepared(folder, city, out)
    telling = Telling(workspace, out)
    _train_and_run(telling, note)
    _findings(telling)
    _scores(telling, folder / "city" / "truth")
    person = _life(telling)
    _merged(telling, person)
    _apart(telling)
    telling.chapter("下个月谁满 65 岁", "Who turns 65 next month (masked)")
    telling.show(render.turning(telling.ask(Turning(age=65, month="next", limit=12))))
    _onward(telling, folder, person)


def _same_city(folder: Path, city: City) -> None:
    marker = folder / "demo.json"
    wanted = {"tier": city.tier, "seed": city.seed}
    if marker.is_file() and json.loads(marker.read_text("utf-8")) != wanted:
        raise InputError(
            "这里是另一座城市的演示 / this folder holds the demo of another city", str(folder), "换一个文件夹，或删去它 / choose another folder, or delete it"
        )
    if folder.exists() and not marker.is_file() and any(folder.iterdir()):
        raise InputError("文件夹里有别的东西 / the folder holds something else", str(folder), "换一个文件夹 / choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps(wanted), "utf-8")


def _prepared(folder: Path, city: City, out: Console) -> Workspace:
    """The workspace with every batch delivered; what an earlier demo left is used again."""
    files, root = folder / "city", folder / "workspace"
    out.print(Rule("[bold]Cityweave[/]  一城一人一档 · from department files to answers", style="cyan"))
    if files.is_dir():
        out.print(f"沿用已造好的城市 / the city is there already: {files}", style="dim")
    else:
        with out.status("造一座城市 / making a city …"):
            aside = folder / "city.aside"
            _remove(aside)
            city.make(aside)
            aside.rename(files)
        out.print(f"造了一座城市，部门文件在 / made a city, its departments' files are in {files}")
    workspace = Workspace.open(root) if Workspace.exists(root) else Workspace.create(root, demo=True)
    known = len(workspace.batches())
    with out.status("交付 / delivering …"):
        delivered = workspace.take_city(files, city.contracts, first_only=False)
    words.know(workspace.titles())
    if known:
        out.print(f"沿用已交付的 {known} 批 / {known} deliveries are there already", style="dim")
    out.print(f"新交付 {len(delivered)} 批 / {len(delivered)} new deliveries, 原样存入日志 kept as they are in the log: {workspace.log}")
    return workspace


def _train_and_run(telling: Telling, note: Console) -> None:
    workspace = telling.workspace
    if pipeline.has_models(workspace):
        telling.out.print("沿用已训练的模型 / the models are there already", style="dim")
    else:
        telling.chapter("学习证据的分量", "Training: what evidence weighs")
        with StepLines(note) as progress:
            report = pipeline.train(workspace, progress)
        telling.out.print(*render_work.models(report), sep="\n", highlight=False, markup=False)
    telling.chapter("从日志到答案", "The run: from the log to answers")
    with StepLines(note) as progress:
        done = pipeline.run(workspace, None, progress)
    for line in render_work.ran(done):
        telling.out.print(line, highlight=False)


def _findings(telling: Telling) -> None:
    """What was read, quarantined, found wrong and repaired, by source."""
    telling.chapter("读了什么，错在哪里，修了什么", "What was read, found wrong, repaired")
    found, status = telling.ask(Quality()), telling.ask(Status())
    rows = []
    for source in dict.fromkeys(batch["source"] for batch in status["batches"]):
        counts = {name: sum(item["rows"] for item in found[name] if item["source"] == source) for name in ("quarantined", "violations", "repairs")}
        files = [batch for batch in status["batches"] if batch["source"] == source]
        rows.append((f"{words.source(source)} {source}", len(files), sum(batch["rows"] for batch in files), *counts.values()))
    columns = ("来源 source", "文件 files", "行 rows", "隔离 quarant.", "问题 violations", "修复 repairs")
    telling.show([render_table.table("", columns, rows, right=columns[1:])])
    worst = sorted(found["violations"], key=lambda item: (-item["rows"], item["rule"]))[:5]
    lines = ((words.source(item["source"]), words.element(item["element"]), found["rules"].get(item["rule"], item["rule"]), item["rows"]) for item in worst)
    telling.show([render_table.table("最常见的问题 the most frequent", ("来源 source", "数据元 element", "规则 rule", "行 rows"), lines, right=("行 rows",))])


def _scores(telling: Telling, truth: Path) -> None:
    telling.chapter("认出了多少人、法人、楼和房", "Entities, against the city's truth")
    telling.show(render_scores.scores(telling.ask(Evaluate(truth=str(truth))))[:2])


def _life(telling: Telling) -> str:
    """The life of somebody whom many sources know, who married and moved, and one of whose records was joined by score; returns the entity."""
    telling.chapter("一个人的一生", "One person's life, and who says so")
    facts = telling.frame("fact").select("fact_id", "type")
    told = telling.frame("fact_party").filter(pl.col("entity_id").str.starts_with("p")).join(facts, on="fact_id")
    count = {name: (pl.col("type") == name).sum().alias(name) for name in ("marriage", "residence", "employment")}
    lives = told.group_by("entity_id").agg(pl.len().alias("facts"), pl.col("type").n_unique().alias("types"), *count.values())
    known = telling.frame("membership").group_by("entity_id").agg(pl.col("source").n_unique().alias("known_by"))
    lives = lives.join(known, on="entity_id").sort("known_by", "types", "facts", "entity_id", descending=[True, True, False, False])
    wanted = lives.filter((pl.col("marriage") >= 1) & (pl.col("residence") >= 2) & (pl.col("facts") <= MOST))
    people: list[str] = [*wanted["entity_id"].head(TRIED).to_list(), *lives["entity_id"].head(1).to_list()]
    chosen = next((person for person in people if _fuzziest(telling, person)), people[0])
    telling.show(render.timeline(telling.ask(Timeline(id=chosen))))
    return chosen


def _fuzziest(telling: Telling, person: str) -> dict[str, Any] | None:
    """Of the joins by score that made the entity the one with least evidence; None when identifiers alone made it."""
    scored = [join for join in telling.ask(How(id=person))["joins"] if join["by"] == "score"]
    return min(scored, key=lambda join: (join["weight"], join["left"], join["right"])) if scored else None


def _merged(telling: Telling, person: str) -> None:
    telling.chapter("为什么这两条记录是同一个人", "Why two of the person's records were merged")
    join = _fuzziest(telling, person)
    if join is not None:
        telling.show(render.why(telling.ask(Why(left=join["left"], right=join["right"]))))


def _apart(telling: Telling) -> None:
    """Of two people with one name and sex, each known by a number of their own, those whose births are nearest."""
    telling.chapter("为什么这两个相像的人不是同一个", "Why two look-alikes were not merged")
    people = telling.frame("entity_person").filter(pl.col("id_no").is_not_null() & (pl.col("records") >= 2))
    people = people.select("entity_id", "name", "sex", born=pl.col("birth").str.to_date("%Y-%m-%d", strict=False)).drop_nulls()
    pairs = people.join(people, on=["name", "sex"], suffix="_2").filter(pl.col("entity_id") < pl.col("entity_id_2"))
    nearest = pairs.sort((pl.col("born") - pl.col("born_2")).abs(), "entity_id", "entity_id_2").head(1)
    for left, right in nearest.select("entity_id", "entity_id_2").iter_rows():
        telling.show(render.why_not(telling.ask(WhyNot(left=left, right=right))))


def _onward(telling: Telling, folder: Path, person: str) -> None:
    telling.chapter("接下来", "Where to go on")
    at = f"-w {folder / 'workspace'}"
    lines = {
        f"cityweave status {at}": "有哪些交付和结果 / what there is",
        f"cityweave entity {person} {at}": "这个人的每个值出自哪里 / where each of this person's values comes from",
        f"cityweave neighbours {person} {at}": "与谁有关系 / whom this person is related to",
        f"cityweave quality --rows --source hukou {at}": "请部门改正的行 / rows for the department to mend",
        f"cityweave possible {at}": "等人判断的记录对 / pairs that wait for a person",
        f"cityweave export membership -o membership.csv {at}": "哪一行是谁 / which row is who",
        f"cityweave audit --verify {at}": "问过的都在审计里 / every question is in the audit",
        f"cityweave serve {at}": "同样的问题，经 HTTP / the same questions over HTTP",
    }
    for command, what in lines.items():
        telling.out.print(Text.assemble((f"  {command}", "green"), f"\n      {what}"), highlight=False)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
