"""How near a partition of records comes to the truth: pairwise and B-cubed precision, recall and F1, from counts, without listing pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean, 0 to 1; 1 where there is nothing to find."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 if both are 0."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Quality:
    """Two ways to judge the same partition, on the records that both it and the truth know."""

    pairwise: Score
    b_cubed: Score
    records: int
    found_pairs: int
    true_pairs: int
    right_pairs: int


def compare(found: pa.Table, truth: pa.Table) -> Quality:
    """Judge partition `found` by partition `truth`: both have columns record_id and entity; only common records count.

    B-cubed: Bagga & Baldwin, 1998.
    """
    frame = _joined(found, truth)
    cells = frame.group_by("entity", "true").len("n")
    both = cells["n"].to_numpy().astype(np.int64)
    ours = cells.select(pl.col("n").sum().over("entity"))["n"].to_numpy().astype(np.int64)
    theirs = cells.select(pl.col("n").sum().over("true"))["n"].to_numpy().astype(np.int64)
    found_pairs, true_pairs, right = _counted(frame)
    weight = both.astype(np.float64) ** 2 / max(frame.height, 1)
    cubed = Score(float(np.sum(weight / ours)) if frame.height else 1.0, float(np.sum(weight / theirs)) if frame.height else 1.0)
    return Quality(Score(_share(right, found_pairs), _share(right, true_pairs)), cubed, frame.height, found_pairs, true_pairs, right)


def touching(found: pa.Table, truth: pa.Table, some: pa.Table) -> Quality:
    """Judge only the pairs of which at least one record is among `some` (column record_id): all pairs without those that the other records form among themselves."""
    frame = _joined(found, truth)
    others = frame.join(pl.DataFrame(some.select(["record_id"])).unique(), on="record_id", how="anti")
    found_pairs, true_pairs, right = (whole - part for whole, part in zip(_counted(frame), _counted(others), strict=True))
    score = Score(_share(right, found_pairs), _share(right, true_pairs))
    return Quality(score, score, frame.height - others.height, found_pairs, true_pairs, right)


def _joined(found: pa.Table, truth: pa.Table) -> pl.DataFrame:
    """record_id, entity, true: of the records that both partitions know."""
    true = pl.DataFrame(truth.select(["record_id", "entity"])).rename({"entity": "true"})
    return pl.DataFrame(found.select(["record_id", "entity"])).join(true, on="record_id", how="inner")


def _counted(frame: pl.DataFrame) -> tuple[int, int, int]:
    """Pairs that were found, that are true, that are both."""
    sizes = (frame.group_by(*columns).len("n")["n"].to_numpy().astype(np.int64) for columns in (("entity",), ("true",), ("entity", "true")))
    found, true, both = (_pairs(each) for each in sizes)
    return found, true, both


def _pairs(sizes: Labels) -> int:
    return int(np.sum(sizes * (sizes - 1) // 2))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
