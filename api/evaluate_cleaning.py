"""How well wrong cells are found and mended, against a truth that names every cell a department wrote wrongly: by source and kind of error.

A cell is *detected* when a finding stands at it: a violation, a repair, or a note that it was written otherwise (`normalised`). It is *repaired
rightly* when the value that the pipeline lives on with, after normalising and repairing, is what the right text would have come to. Only cells of
current rows count: older rows were replaced by their departments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cityweave.api.desk import Desk
from cityweave.api.served import Served
from cityweave.api.truth import numbered

ERRORS = "error.parquet"
FINDINGS = ("violation", "repair", "normalised")
PLACE = ["batch", "row", "column"]
MILLION = 1_000_000


def cleaning(desk: Desk, folder: Path) -> dict[str, Any]:
    """By source and kind of error and in all: cells, detected, repaired rightly; repairs and how many are right; right cells changed; false findings.

    Empty where the truth lists no errors.
    """
    path = folder / ERRORS
    if not path.is_file():
        return {}
    said = pl.concat([_mapped(desk), _events(desk)]).unique()
    wrong = numbered(pl.read_parquet(path), desk.batches).filter(pl.col("column") != "").select(*PLACE, "wrong", "right", "kind")
    read = said.select("source", "column").unique()
    wrong = wrong.join(_current(desk.served).select("source", "batch", "row").unique(), on=["batch", "row"]).join(read, on=["source", "column"], how="semi")
    found = pl.concat([_found(desk, table) for table in FINDINGS if desk.served.has(table)]).unique()
    made = _judged(desk, said, wrong, _repairs(desk))
    cells = wrong.join(found.select(PLACE).unique().with_columns(detected=pl.lit(True)), on=PLACE, how="left").join(made, on=PLACE, how="left")
    cells = cells.with_columns(pl.col("detected").fill_null(False), pl.col("mended").fill_null(False)).with_columns(
        mended=pl.col("mended") & pl.col("detected")
    )
    repairs = _changes(desk, said, wrong)
    places = said.select(PLACE).unique().height
    false = found.join(wrong.select(PLACE), on=PLACE, how="anti")
    return {
        "classes": _counted(cells, "source", "kind"),
        "kinds": _counted(cells, "kind"),
        "total": _counted(cells)[0],
        "repairs": repairs,
        "cells": places,
        "changed_per_million": _share(repairs["changed_right_cells"], places - cells.height),
        "findings": found.select(PLACE).unique().height,
        "false_findings": false.select(PLACE).unique().height,
        "false_share": _share(false.select(PLACE).unique().height, found.select(PLACE).unique().height),
        "false_by": false.group_by("source", "element", "rule")
        .len("cells")
        .sort(["cells", "source", "element", "rule"], descending=[True, False, False, False])
        .to_dicts(),
    }


def _counted(cells: pl.DataFrame, *by: str) -> list[dict[str, Any]]:
    counts = (pl.len().alias("cells"), pl.col("detected").sum().alias("detected"), pl.col("mended").sum().alias("repaired"))
    if not by:
        return cells.select(counts).to_dicts()
    return cells.group_by(by).agg(counts).sort(["cells", *by], descending=[True, *(False for _ in by)]).to_dicts()


def _share(part: int, whole: int) -> int:
    """In millionths; 0 of nothing."""
    return part * MILLION // whole if whole > 0 else 0


def _columns(desk: Desk) -> pl.DataFrame:
    """source, role, element, column of every mapped cell."""
    rows = [(*key, column) for key, column in desk.columns.items() if column]
    return pl.DataFrame(rows, schema=["source", "role", "element", "column"], orient="row")


def _current(served: Served) -> pl.DataFrame:
    """record_id, batch, row, source, role, kind of every current record."""
    parts = [
        served.scan(f"record_{kind}")
        .filter(pl.col("known_to").is_null())
        .select("record_id", "batch", pl.col("row_no").alias("row"), "source", "role", pl.lit(kind).alias("of"))
        for kind in served.kinds()
    ]
    return pl.concat(parts).collect()


def _mapped(desk: Desk) -> pl.DataFrame:
    """Every cell of a current record that a contract reads: record_id, source, of, element, batch, row, column."""
    joined = _current(desk.served).join(_columns(desk), on=["source", "role"], how="inner")
    return joined.select("record_id", "source", "of", "element", *PLACE)


def _events(desk: Desk) -> pl.DataFrame:
    """Cells of current rows that only events read (dates, shares)."""
    rows = _current(desk.served).select("source", "batch", "row").unique()
    told = pl.DataFrame(sorted(desk.event_columns), schema=["source", "column"], orient="row")
    joined = rows.join(told, on="source", how="inner").join(_columns(desk).select("source", "column").unique(), on=["source", "column"], how="anti")
    return joined.select(pl.lit(None, pl.Int64).alias("record_id"), "source", pl.lit("").alias("of"), pl.lit("").alias("element"), *PLACE)


def _found(desk: Desk, table: str) -> pl.DataFrame:
    """batch, row, column, source, element, rule of every finding in that table. A finding about a whole row stands at no cell."""
    if table == "normalised":
        notes = desk.served.scan(table).select("batch", pl.col("row_no").alias("row"), pl.col("heading").alias("column"), "source", "form").collect()
        return notes.select(*PLACE, "source", pl.lit("").alias("element"), pl.col("form").alias("rule"))
    found = desk.served.scan(table).select("record_id", "batch", pl.col("row_no").alias("row"), "element", "rule").collect()
    return found.join(_mapped(desk), on=["record_id", "batch", "row", "element"]).select(*PLACE, "source", "element", "rule")


def _repairs(desk: Desk) -> pl.DataFrame:
    return desk.served.scan("repair").select("record_id", "batch", pl.col("row_no").alias("row"), "element", "old", "new", "rule", "strength").collect()


def _judged(desk: Desk, said: pl.DataFrame, wrong: pl.DataFrame, repairs: pl.DataFrame) -> pl.DataFrame:
    """batch, row, column, mended: whether some element read from the wrong cell lives on with what the right text comes to."""
    cells = wrong.join(said, on=[*PLACE, "source"]).join(_meant(desk, wrong), on=["source", "column", "of", "element", "wrong", "right"])
    cells = cells.join(repairs.filter(pl.col("strength") != "heuristic"), on=["record_id", "batch", "row", "element"], how="left")
    lives = pl.coalesce("new", "wrong_value")
    ended = cells.with_columns(mended=lives.eq_missing(pl.col("right_value")) | (pl.col("wrong_norm").eq(pl.col("right_norm")) & pl.col("new").is_null()))
    return ended.group_by(PLACE).agg(pl.col("mended").any())


def _meant(desk: Desk, wrong: pl.DataFrame) -> pl.DataFrame:
    """source, column, of, element, wrong, right and what both come to; of addresses also the norm."""
    parts = []
    for (source,), rows in wrong.group_by("source"):
        texts = pl.concat([rows.select("column", pl.col(side).alias("text")) for side in ("wrong", "right")]).unique()
        values = desk.floors.canonical(str(source), texts).rename({"kind": "of"})
        pairs = rows.select("column", "wrong", "right").unique()
        for side in ("wrong", "right"):
            told = values.select("column", "of", "element", "cls", pl.col("text").alias(side), pl.col("value").alias(f"{side}_value"))
            pairs = pairs.join(told, on=["column", side] if side == "wrong" else ["column", side, "of", "element", "cls"])
        parts.append(pairs.with_columns(pl.lit(source).alias("source")))
    meant = pl.concat(parts).unique()
    places = meant.filter(pl.col("cls") == "address")
    texts = pl.concat([desk.served.scan("address").select("text").collect(), *(places.select(text=pl.col(f"{side}_value")) for side in ("wrong", "right"))])
    norms = desk.floors.norms(texts["text"])
    for side in ("wrong", "right"):
        norm = norms.rename({"text": f"{side}_value", "norm": f"{side}_norm"})
        meant = meant.join(norm, on=f"{side}_value", how="left").with_columns(pl.when(pl.col("cls") == "address").then(f"{side}_norm").alias(f"{side}_norm"))
    return meant.drop("cls").unique()


def _changes(desk: Desk, said: pl.DataFrame, wrong: pl.DataFrame) -> dict[str, Any]:
    """How many cells repairs changed, how many of these rightly, by strength and rule; and how many right cells they changed."""
    done = _repairs(desk).join(said, on=["record_id", "batch", "row", "element"]).filter(pl.col("old").ne_missing(pl.col("new")))
    at = done.join(wrong, on=[*PLACE, "source"], how="left").join(_meant(desk, wrong), on=["source", "column", "of", "element", "wrong", "right"], how="left")
    at = at.with_columns(right=pl.col("right").is_not_null() & pl.col("new").eq_missing(pl.col("right_value")), was_right=pl.col("right").is_null())
    by = at.group_by("strength", "rule", "element").agg(pl.len().alias("cells"), pl.col("right").sum().alias("rightly"), pl.col("was_right").sum())
    sure = at.filter(pl.col("strength") != "heuristic")
    return {
        "cells": sure.height,
        "rightly": int(sure["right"].sum()),
        "precision": _share(int(sure["right"].sum()), sure.height),
        "changed_right_cells": int(sure["was_right"].sum()),
        "by": by.sort(["cells", "rule", "element"], descending=[True, False, False]).to_dicts(),
    }
