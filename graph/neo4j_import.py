"""Files for `neo4j-admin database import`: the quickest way in, for a first generation and a server that is stopped. `load` then checks them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from cityweave.graph.neo4j_load import FORMAT, Target
from cityweave.graph.neo4j_rows import LABELS, TYPES

_NODES = "node_id:ID(node),kind,begins,ends:date,ends_sources,degree:long,print:long,:LABEL"
_EDGES = ":START_ID(node),:END_ID(node),edge_id:long,:TYPE,valid_from:date,valid_to:date,detail,fact_id:long,events:long,sources"
_STATE = "one:int,owner,generation:long,status,edge_key,node_key,base_edge,base_node,phase,done:long,format:long,:LABEL"


def write(target: Target, folder: Path) -> list[str]:
    """Write the files; the arguments by which neo4j-admin takes them in. They say `imported`, so nothing is answered before `load` has checked them."""
    labels = {kind: f"Cityweave;{label}" for kind, label in LABELS.items()}
    nodes = target.rows.nodes.with_columns(_mapped("kind", labels).alias("label"))
    edges = target.rows.edges.with_columns(_mapped("type", TYPES))
    state = (1, target.owner, target.generation, "imported", target.edge_key, target.node_key, None, None, None, 0, FORMAT, "CityweaveGraph")
    _write(folder / "nodes.csv", _NODES, nodes)
    _write(folder / "edges.csv", _EDGES, edges)
    _write(folder / "state.csv", _STATE, pl.DataFrame([state], orient="row"))
    at = folder.resolve()
    return [f"--nodes={at / 'nodes.csv'}", f"--nodes={at / 'state.csv'}", f"--relationships={at / 'edges.csv'}", f"--report-file={at / 'import.report'}"]


def _mapped(column: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(dict(words), return_dtype=pl.String)


def _write(file: Path, header: str, rows: pl.DataFrame) -> None:
    with file.open("wb") as out:
        out.write(f"{header}\n".encode())
        rows.write_csv(out, include_header=False)
