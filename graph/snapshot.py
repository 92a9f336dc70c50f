"""The snapshot: node and edge tables as flat arrays in a folder, made once a generation and mapped into memory by the embedded store.

Nodes are numbered in the order of their ids, edges in the order of type and edge id, so that "smallest id" is "smallest number" everywhere. Each edge
stands twice in the compressed sparse rows (Tinney & Walker, 1967): under its start and under its end; a node's row is in the order of neighbour, then
edge. Kinship has rows of its own, for its long paths.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from cityweave.engine.code import code_digest
from cityweave.engine.errors import StoreError
from cityweave.graph.model import KINSHIP

Array: TypeAlias = npt.NDArray[Any]

EARLIEST: Final = np.iinfo(np.int32).min
"""Day number of an unknown start."""
LATEST: Final = np.iinfo(np.int32).max
"""Day number of an end that has not come."""

META: Final = "meta.json"
EDGE_COLUMNS: Final = ("type", "from_id", "to_id", "valid_from", "valid_to", "detail", "sources")


def key(edge_key: str, node_key: str) -> str:
    """The name under which the snapshot of these two tables is kept: it changes with either table and with the code that makes it."""
    return hashlib.sha256(f"snapshot\0{edge_key}\0{node_key}\0{code_digest(__name__)}".encode()).hexdigest()[:32]


def build(edge: pa.Table, node: pa.Table, out: Path) -> Path:
    """Write the snapshot of tables `edge` and `node` (graph/model.py) into the folder `out`, aside first and renamed when whole; returns `out`."""
    nodes = _by(node, "node_id")
    edges = _by(edge, "type", "edge_id")
    arrays, meta = _nodes(nodes)
    more, words = _edges(edges, nodes["node_id"])
    kin = np.isin(more["edge_type"], [number for number, type_ in enumerate(words["types"]) if type_ in KINSHIP])
    arrays |= more | _rows("row", more, np.arange(len(kin)), len(nodes)) | _rows("kin", more, np.flatnonzero(kin), len(nodes)) | _births(nodes)
    aside = out.with_name(f"{out.name}.aside-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, array in arrays.items():
        _write(aside / f"{name}.npy", array)
    (aside / META).write_text(json.dumps(meta | words, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    aside.rename(out)
    return out


def load(folder: Path) -> tuple[Mapping[str, Array], Mapping[str, list[str]]]:
    """The arrays of a snapshot, mapped and read-only, and its word lists (types, details, sources, kinds)."""
    if not (folder / META).is_file():
        raise StoreError("没有图快照 / there is no snapshot of the graph", str(folder), "重新运行 run / run again")
    arrays = {path.stem: np.load(path, mmap_mode="r").view(np.ndarray) for path in sorted(folder.glob("*.npy"))}
    return arrays, json.loads((folder / META).read_text(encoding="utf-8"))


def _by(table: pa.Table, *columns: str) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.sort(*columns)


def _nodes(nodes: pl.DataFrame) -> tuple[dict[str, Array], dict[str, list[str]]]:
    """Ids as one run of bytes with offsets; kind, last day and who says so as numbers."""
    kind, kinds = _coded(nodes["kind"])
    ends_by, ends_words = _coded(nodes["ends_sources"])
    ids = nodes["node_id"].str
    offsets = np.concatenate([[0], np.cumsum(ids.len_bytes().to_numpy(), dtype=np.int64)])
    text = np.frombuffer(_text(nodes["node_id"]).buffers()[2] or b"", np.uint8)[: offsets[-1]]
    arrays = {"id_offset": offsets, "id_text": text, "node_kind": kind.astype(np.uint8), "node_ends": _days(nodes["ends"], LATEST), "node_ends_by": ends_by}
    return arrays, {"kinds": kinds, "ends_sources": ends_words}


def _edges(edges: pl.DataFrame, node_ids: pl.Series) -> tuple[dict[str, Array], dict[str, list[str]]]:
    arrays: dict[str, Array] = {}
    words: dict[str, list[str]] = {}
    for column, plural in (("type", "types"), ("detail", "details"), ("sources", "sources")):
        arrays[f"edge_{column}"], words[plural] = _coded(edges[column])
    arrays["edge_type"] = arrays["edge_type"].astype(np.uint8)
    known = _text(node_ids)
    for end in ("from", "to"):
        arrays[f"edge_{end}"] = pc.index_in(_text(edges[f"{end}_id"]), value_set=known).to_numpy(zero_copy_only=False).astype(np.int32)
    arrays["edge_valid_from"] = _days(edges["valid_from"], EARLIEST)
    arrays["edge_valid_to"] = _days(edges["valid_to"], LATEST)
    for column in ("edge_id", "fact_id", "events"):
        arrays[column if column == "edge_id" else f"edge_{column}"] = edges[column].to_numpy()
    return arrays, words


def _rows(name: str, edges: Mapping[str, Array], chosen: Array, nodes: int) -> dict[str, Array]:
    """Compressed sparse rows of the chosen edges: where each node's part begins, and per place the neighbour, the edge, its type and interval."""
    start, end = edges["edge_from"][chosen], edges["edge_to"][chosen]
    source, target = np.concatenate([start, end]), np.concatenate([end, start])
    order = np.argsort(source.astype(np.int64) * max(nodes, 1) + target, kind="stable")
    row = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=nodes), dtype=np.int64)])
    places = np.concatenate([chosen, chosen]).astype(np.int32)[order]
    per_place = {"type": edges["edge_type"], "from": edges["edge_valid_from"], "to": edges["edge_valid_to"]}
    return {name: row, f"{name}_node": target[order], f"{name}_edge": places} | {f"{name}_{column}": array[places] for column, array in per_place.items()}


def _births(nodes: pl.DataFrame) -> dict[str, Array]:
    """People in the order of their birth, and those of whom only the month is known, in the order of that month (year x 12 + month)."""
    people = nodes.with_row_index("number").filter(pl.col("kind") == "person", pl.col("begins").is_not_null()).select("number", "begins")
    days = people.with_columns(pl.col("begins").str.to_date("%Y-%m-%d", strict=False).alias("day"))
    full = days.filter(pl.col("day").is_not_null()).sort("day", "number")
    month = pl.col("begins").str.extract_groups(r"^(?<year>\d{4})-?(?<month>0[1-9]|1[0-2])-?(?:00)?$").struct
    rest = days.filter(pl.col("day").is_null()).with_columns(month.field("year").cast(pl.Int32) * 12 + month.field("month").cast(pl.Int32))
    vague = rest.rename({"year": "at"}).filter(pl.col("at").is_not_null()).sort("at", "number")
    return {
        "birth_day": _days(full["day"], EARLIEST),
        "birth_node": full["number"].to_numpy().astype(np.int32),
        "vague_month": vague["at"].to_numpy(),
        "vague_node": vague["number"].to_numpy().astype(np.int32),
    }


def _coded(column: pl.Series) -> tuple[Array, list[str]]:
    """Numbers and the words they stand for, in alphabetical order; -1 where there is none."""
    words = sorted(column.unique().drop_nulls().to_list())
    found = pc.index_in(_text(column), value_set=pa.array(words, pa.large_string()))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int32), words


def _days(column: pl.Series, missing: int) -> Array:
    return column.cast(pl.Date).to_physical().fill_null(missing).to_numpy().astype(np.int32)


def _text(column: pl.Series) -> Any:
    """The column as one Arrow array of text."""
    return pa.chunked_array(column.to_arrow(), pa.large_string()).combine_chunks()


def _write(path: Path, array: Array) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
