"""How good a generation is against a truth: pairwise precision, recall and F1, B-cubed, by kind, beside baselines on the same rows; cleaning and facts.

A truth is read here and nowhere else; nothing that makes a generation can see it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cityweave.api import evaluate_cleaning, evaluate_facts, lookalikes, truth
from cityweave.api import evaluate_matching as matching
from cityweave.api.answers_tables import WHOLE, membership
from cityweave.api.desk import Desk
from cityweave.api.model import Evaluate, Found
from cityweave.engine.errors import InputError

ERRORS = "error.parquet"


def evaluate(desk: Desk, asked: Evaluate) -> Found:
    """Scores by kind, of live records: ours and the baselines'; with `mistakes`, the largest of them explained; then of cells and of facts."""
    baselines = matching.chosen(asked.baselines)
    folder = Path(asked.truth)
    told = truth.read(folder, desk.batches)
    live = membership(desk.served).join(told, on=["batch", "row", "role"], how="inner")
    if live.is_empty():
        raise InputError("真相与交付的行对不上 / the truth names no delivered row", "--truth", f"列应为 / its columns are: {', '.join(truth.COLUMNS)}")
    wrong = _wrong(desk, folder)
    kinds: list[dict[str, Any]] = []
    mistakes: list[dict[str, Any]] = []
    for kind in desk.served.kinds():
        usable = desk.served.scan(f"form_{kind}").select("record_id", usable=pl.col("id_no").is_not_null()).collect()
        rows = live.join(usable, on="record_id", how="inner")
        if rows.height:
            groups = rows.join(wrong, on=["batch", "row"]).select("record_id", group="error").unique()
            kinds.append({**matching.kind_scores(desk, kind, rows, baselines), "classes": matching.by_group(desk, rows, groups)})
            mistakes += matching.mistakes(desk, kind, rows, asked.mistakes) if asked.mistakes else []
    pairs = lookalikes.lookalikes(folder)
    return Found(
        {
            "kinds": kinds,
            "lookalikes": None if pairs is None else matching.confused(live.filter(pl.col("entity_id").str.starts_with("p")), pairs),
            "mistakes": sorted(mistakes, key=lambda item: (-item["pairs"], item["left"]))[: asked.mistakes],
            "cleaning": evaluate_cleaning.cleaning(desk, folder),
            "facts": evaluate_facts.dating(desk, folder),
            "unmatched": membership(desk.served).height - live.height,
        },
        WHOLE,
    )


def _wrong(desk: Desk, folder: Path) -> pl.DataFrame:
    """batch, row, error: the delivered rows that hold an error of that kind; none when the truth names no errors."""
    path = folder / ERRORS
    if not path.is_file():
        return pl.DataFrame(schema={"batch": pl.Int32, "row": pl.Int64, "error": pl.String})
    return truth.numbered(pl.read_parquet(path), desk.batches).select("batch", "row", error="kind").unique()
