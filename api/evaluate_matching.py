"""How well records were matched, against a truth: scores beside the baselines', by source and class of error, look-alikes, and the largest mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cityweave.api.answers_why import worded
from cityweave.api.desk import Desk
from cityweave.engine.errors import InputError

BASELINES = ("keys", "splink")
"""keys: join on a usable identifier, else on exact name and birth. splink: its recipe, trained on the same rows, at its best threshold in hindsight."""


def chosen(names: str) -> tuple[str, ...]:
    """The baselines that a comma-separated text names. InputError when one is not known."""
    asked = tuple(name.strip() for name in names.split(",") if name.strip())
    for name in asked:
        if name not in BASELINES:
            raise InputError(f"没有基线 {name} / there is no baseline {name}", "--baselines", f"可选 / choose from: {', '.join(BASELINES)}")
    return asked


def kind_scores(desk: Desk, kind: str, rows: pl.DataFrame, baselines: Sequence[str]) -> dict[str, Any]:
    """Ours and each baseline's scores of one kind. `rows`: record_id, entity_id, true, source, usable (whether the record bears a usable identifier)."""
    true = rows.select("record_id", entity="true")
    partitions: dict[str, tuple[pl.DataFrame, dict[str, Any]]] = {"cityweave": (rows.select("record_id", entity="entity_id"), {})}
    partitions |= {name: desk.floors.baseline(name, kind, true) for name in baselines}
    scores = {name: {**judged(desk, found, true, rows), **note} for name, (found, note) in partitions.items()}
    return {
        "kind": kind,
        "records": rows.height,
        "without_identifier": rows.height - int(rows["usable"].sum()),
        "entities": rows["entity_id"].n_unique(),
        "true_entities": rows["true"].n_unique(),
        **scores,
        "sources": by_group(desk, rows, rows.select("record_id", group="source")),
    }


def judged(desk: Desk, found: pl.DataFrame, true: pl.DataFrame, rows: pl.DataFrame) -> dict[str, Any]:
    """Scores of a partition: of all pairs, and of those where a side lacks a usable identifier."""
    without = rows.filter(~pl.col("usable")).select("record_id")
    return {**desk.floors.score(found, true), "without_identifier": desk.floors.score(found, true, without)["pairwise"]}


def by_group(desk: Desk, rows: pl.DataFrame, groups: pl.DataFrame) -> list[dict[str, Any]]:
    """Of each group (record_id, group): its records, and the scores of the pairs that one of them belongs to; the worst recall first."""
    found, true = rows.select("record_id", entity="entity_id"), rows.select("record_id", entity="true")
    usable = rows.select("record_id", "usable")
    lines = []
    for (name,), part in groups.join(usable, on="record_id").sort("group").group_by("group", maintain_order=True):
        score = desk.floors.score(found, true, part.select("record_id"))["pairwise"]
        lines.append({"group": name, "records": part["record_id"].n_unique(), "without_identifier": int((~part["usable"]).sum()), **score})
    return sorted(lines, key=lambda line: (line["recall"], line["group"]))


def confused(rows: pl.DataFrame, pairs: pl.DataFrame) -> dict[str, Any]:
    """Of pairs of people who are easily taken for one another (one, other, way), how many were: some record of both lies in one entity."""
    held = rows.select("true", "entity_id").unique()
    known = rows.select("true").unique()
    met = pairs.join(known.rename({"true": "one"}), on="one").join(known.rename({"true": "other"}), on="other")
    merged = met.join(held.rename({"true": "one"}), on="one").join(held.rename({"true": "other"}), on=["other", "entity_id"]).select("one", "other").unique()
    alike = met.select("one", "other").unique()
    people = pl.concat([alike["one"], alike["other"]]).n_unique()
    ways = met.group_by("way").agg(pl.struct("one", "other").n_unique().alias("pairs")).sort("way").to_dicts()
    return {"pairs": alike.height, "merged": merged.height, "people": people, "of_people": known.height, "ways": ways}


def mistakes(desk: Desk, kind: str, rows: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    """The largest mistakes: entities that hold several, and those that fell apart, by how many pairs are wrong; each with the words of `why` or `why-not`,
    its records named source:batch:row:role."""
    cells = rows.group_by("entity_id", "true").agg(n=pl.len(), record=pl.col("record_id").min())
    wrong = []
    for way, inside, across in (("merged", "entity_id", "true"), ("split", "true", "entity_id")):
        ranked = (
            cells.sort("n", across, descending=[True, False])
            .group_by(inside, maintain_order=True)
            .agg("record", all=pl.col("n").sum(), same=(pl.col("n") * (pl.col("n") - 1) // 2).sum())
        )
        lost = ranked.with_columns(pairs=pl.col("all") * (pl.col("all") - 1) // 2 - pl.col("same")).filter(pl.col("pairs") > 0)
        wrong += [(-pairs, way, records[0], records[1]) for records, pairs in lost.select("record", "pairs").iter_rows()]
    told = []
    for pairs, way, left, right in sorted(wrong)[:most]:
        answer = desk.floors.why(left, right) if way == "merged" else desk.floors.why_not(left, right)
        one, other, sentences = worded(desk, answer)
        told.append({"kind": kind, "wrong": way, "pairs": -pairs, "left": one, "right": other, "sentences": sentences})
    return told
