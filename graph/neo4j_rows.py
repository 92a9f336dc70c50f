"""The rows that a graph database is given: nodes and edges with things under other names (graph/pseudonym.py), and the sums by which what arrived is checked.

No value of a record but dates of birth, founding and end enters: names, numbers and addresses stay in the workspace, and the door adds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from cityweave.graph.model import EDGE_TYPES, THING_LENGTH
from cityweave.graph.pseudonym import Pseudonyms

PRIME: Final = 2_147_483_647
LABELS: Final[Mapping[str, str]] = {"person": "Person", "legal_entity": "LegalEntity", "building": "Building", "room": "Room", "thing": "Thing"}
TYPES: Final[Mapping[str, str]] = {name: name.upper() for name in EDGE_TYPES}
NODE_COLUMNS: Final = ("node_id", "kind", "begins", "ends", "ends_sources", "degree", "print")
EDGE_COLUMNS: Final = ("from_id", "to_id", "edge_id", "type", "valid_from", "valid_to", "detail", "fact_id", "events", "sources")


@dataclass(frozen=True)
class Rows:
    """Nodes and edges in the order they are written."""

    nodes: pl.DataFrame
    edges: pl.DataFrame

    def sums(self) -> dict[str, tuple[int, int]]:
        """Per kind of node and type of edge: how many, and the sum that the database is to come to as well."""
        number = pl.col("print") * 31 + pl.col("degree") * 7 + _ordinal("ends") * 3 + _length("begins") + _length("ends_sources")
        nodes = self.nodes.group_by("kind").agg(pl.len(), (number % PRIME).sum().alias("sum"))
        prints = self.nodes.select("node_id", "print")
        edges = self.edges.join(prints.rename({"node_id": "from_id", "print": "a"}), on="from_id").join(
            prints.rename({"node_id": "to_id", "print": "b"}), on="to_id"
        )
        ends = (pl.col("a") * 2 + pl.col("b")) % PRIME
        rest = _ordinal("valid_from") * 31 + _ordinal("valid_to") * 37 + pl.col("events") * 41 + _length("detail") * 43 + _length("sources") * 47
        number = (ends * (pl.col("edge_id") % PRIME)) % PRIME + pl.col("fact_id") % PRIME + rest
        totals = edges.group_by("type").agg(pl.len(), (number % PRIME).sum().alias("sum"))
        return {name: (rows, total) for frame in (nodes, totals) for name, rows, total in frame.sort(pl.nth(0)).iter_rows()}


def _ordinal(column: str) -> pl.Expr:
    date = pl.col(column)
    return (date.dt.year().cast(pl.Int64) * 400 + date.dt.ordinal_day().cast(pl.Int64)).fill_null(0)


def _length(column: str) -> pl.Expr:
    return pl.col(column).str.len_chars().cast(pl.Int64).fill_null(0)


def rows(edge: pa.Table, node: pa.Table, names: Pseudonyms) -> Rows:
    """The rows of tables `edge` and `node` (graph/model.py)."""
    edges, nodes = _frame(edge), _frame(node)
    things = nodes.filter(pl.col("node_id").str.len_chars() == THING_LENGTH)["node_id"]
    other = dict(zip(things.to_list(), names.hide(things.to_list()), strict=True))
    degree = pl.concat([edges["from_id"], edges["to_id"]]).alias("node_id").value_counts(name="degree").cast({"degree": pl.Int64})
    nodes = nodes.join(degree, on="node_id", how="left").with_columns(pl.col("degree").fill_null(0), _renamed("node_id", other)).sort("node_id")
    nodes = nodes.with_columns(pl.Series("print", _prints(nodes["node_id"])))
    edges = edges.with_columns(_renamed("from_id", other), _renamed("to_id", other)).sort("type", "edge_id")
    return Rows(nodes.select(NODE_COLUMNS), edges.select(EDGE_COLUMNS))


def _renamed(column: str, other: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace(other) if other else pl.col(column)


def _prints(ids: pl.Series) -> np.ndarray:
    """A number below 2^31 for each id, by its letters."""
    width = max(THING_LENGTH, *ids.str.len_bytes().to_list(), 0)
    letters = np.array(ids.to_list(), dtype=f"S{width}").view(np.uint8).reshape(len(ids), width).astype(np.int64)
    powers = np.empty(width, np.int64)
    power = 1
    for place in range(width):
        powers[place] = power
        power = power * 1_000_003 % PRIME
    return np.asarray((letters * powers % PRIME).sum(axis=1) % PRIME)


def _frame(table: pa.Table) -> pl.DataFrame:
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)
    return made
