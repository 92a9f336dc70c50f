"""Truth files beside a workspace: rows matched to the batches in which they were delivered. Only evaluations read them: no step of a run can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from cityweave.engine.errors import InputError


class Delivered(Protocol):
    """A batch of the log (api/workspace.py)."""

    @property
    def number(self) -> int: ...

    @property
    def file_name(self) -> str: ...


FILES = ("record.parquet", "record.csv")
COLUMNS = ("file", "row", "role", "truth_id")


def read(folder: Path, batches: Sequence[Delivered]) -> pl.DataFrame:
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
    return numbered(rows, batches).select("batch", "row", "role", pl.col("truth_id").cast(pl.String).alias("true"))


def numbered(rows: pl.DataFrame, batches: Sequence[Delivered]) -> pl.DataFrame:
    """The rows with their batch. A truth file is matched by the last part of its name: the first so called in the truth is the first so called in the log, …"""
    batch = _matched(rows["file"].unique().sort().to_list(), [(item.number, item.file_name) for item in batches])
    files = pl.DataFrame({"file": list(batch), "batch": list(batch.values())}, schema={"file": pl.String, "batch": pl.Int32})
    return rows.with_columns(pl.col("row").cast(pl.Int64)).join(files, on="file")


def _matched(files: Sequence[str], delivered: Sequence[tuple[int, str]]) -> dict[str, int]:
    """Truth file -> batch."""
    waiting: dict[str, list[int]] = {}
    for number, name in sorted(delivered):
        waiting.setdefault(Path(name).name, []).append(number)
    return {file: waiting[Path(file).name].pop(0) for file in files if waiting.get(Path(file).name)}
