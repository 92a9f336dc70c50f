"""How good a generation is against a truth: pairwise precision, recall and F1, and B-cubed, by kind, beside a plain identifier join on the same rows.

A truth is read here and nowhere else; nothing that makes a generation can see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from cityweave.api.answers_tables import WHOLE, membership
from cityweave.api.desk import Desk
from cityweave.api.model import Evaluate, Found
from cityweave.engine.errors import InputError

FILES = ("record.parquet", "record.csv")
ERRORS = "error.parquet"
COLUMNS = ("file", "row", "role", "truth_id")
KEYS = {"person": "id_no", "legal_entity": "uscc", "building": "building_code", "room": "room_code"}
"""What a plain join joins on, by kind; a row without it stays alone."""


def evaluate(desk: Desk, asked: Evaluate) -> Found:
    """Scores by kind, of live records: ours, and the identifier join's."""
    truth = read(Path(asked.truth), desk)
    live = membership(desk.served).join(truth, on=["batch", "row", "role"], how="inner")
    if live.is_empty():
        raise InputError("真相与交付的行对不上 / the truth names no delivered row", "--truth", f"列应为 / its columns are: {', '.join(COLUMNS)}")
    kinds = []
    for kind in desk.served.kinds():
        keys = _keys(desk, kind)
        rows = live.join(keys, on="record_id", how="inner")
        if rows.height:
            right = rows.select("record_id", entity=pl.col("true"))
            kinds.append(
                {
                    "kind": kind,
                    "records": rows.height,
                    "entities": rows["entity_id"].n_unique(),
                    "true_entities": rows["true"].n_unique(),
                    "cityweave": desk.floors.score(rows.select("record_id", entity="entity_id"), right),
                    "keys": desk.floors.score(rows.select("record_id", entity="joined"), right),
                }
            )
    return Found({"kinds": kinds, "errors": errors(desk, Path(asked.truth)), "unmatched": membership(desk.served).height - live.height}, WHOLE)


def errors(desk: Desk, folder: Path) -> list[dict[str, Any]]:
    """By kind of error, of the cells of current rows that the truth calls wrong: how many, found by a rule, repaired; empty when it names none.

    Cells that are only written otherwise break no rule: they are brought into one form as they are read.
    """
    path = folder / ERRORS
    if not path.is_file():
        return []
    wrong = _numbered(pl.read_parquet(path), desk).filter(pl.col("column") != "").select("batch", "row", "column", "kind")
    current = membership(desk.served).select("batch", "row").unique()
    cells = wrong.join(current, on=["batch", "row"])
    columns = pl.DataFrame([(*key, column) for key, column in desk.columns.items()], schema=["source", "role", "element", "column"], orient="row")
    said = {name: _cells(desk, name, columns) for name in ("violation", "repair")}
    for name, places in said.items():
        cells = cells.join(places.with_columns(pl.lit(True).alias(name)), on=["batch", "row", "column"], how="left")
    counted = cells.group_by("kind").agg(pl.len().alias("cells"), pl.col("violation").sum().alias("found"), pl.col("repair").sum().alias("repaired"))
    return counted.sort("cells", "kind", descending=[True, False]).to_dicts()


def _cells(desk: Desk, table: str, columns: pl.DataFrame) -> pl.DataFrame:
    """batch, row, column of every finding in `violation` or `repair`."""
    places = [desk.served.scan(f"record_{kind}").select("record_id", "batch", "row_no", "source", "role") for kind in desk.served.kinds()]
    found = desk.served.scan(table).select("record_id", "batch", "row_no", "element").join(pl.concat(places), on=["record_id", "batch", "row_no"]).collect()
    return found.join(columns, on=["source", "role", "element"]).select("batch", pl.col("row_no").alias("row"), "column").unique()


def read(folder: Path, desk: Desk) -> pl.DataFrame:
    """batch, row, role, true: the entity that each delivered row's record really is. InputError when the folder holds no truth."""
    path = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if path is None:
        raise InputError("这里没有真相 / there is no truth here", str(folder), f"应有 / there should be one of: {', '.join(FILES)}")
    rows = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise InputError(
            f"缺少列 {', '.join(missing)} / columns are missing: {', '.join(missing)}", path.name, f"列应为 / its columns are: {', '.join(COLUMNS)}"
        )
    return _numbered(rows, desk).select("batch", "row", "role", pl.col("truth_id").cast(pl.String).alias("true"))


def _numbered(rows: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """The rows with their batch. A truth file is matched by the last part of its name: the first so called in the truth is the first so called in the log, …"""
    batch = _matched(rows["file"].unique().sort().to_list(), [(item.number, item.file_name) for item in desk.batches])
    files = pl.DataFrame({"file": list(batch), "batch": list(batch.values())}, schema={"file": pl.String, "batch": pl.Int32})
    return rows.with_columns(pl.col("row").cast(pl.Int64)).join(files, on="file")


def _matched(files: Sequence[str], delivered: Sequence[tuple[int, str]]) -> dict[str, int]:
    """Truth file -> batch."""
    waiting: dict[str, list[int]] = {}
    for number, name in sorted(delivered):
        waiting.setdefault(Path(name).name, []).append(number)
    return {file: waiting[Path(file).name].pop(0) for file in files if waiting.get(Path(file).name)}


def _keys(desk: Desk, kind: str) -> pl.DataFrame:
    """record_id, joined: the delivered identifier, upper case and without spaces; a record without one is its own group."""
    rows = desk.served.scan(f"record_{kind}").filter(pl.col("known_to").is_null())
    key = pl.col(KEYS[kind]).str.to_uppercase().str.replace_all(r"\s", "")
    alone = pl.concat_str(pl.lit("#"), pl.col("record_id").cast(pl.String))
    return rows.select("record_id", pl.when(key.is_null() | (key == "")).then(alone).otherwise(key).alias("joined")).collect()
