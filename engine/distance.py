"""String distances over code points, for both engines: DuckDB's own count bytes, Spark's have no transpositions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

Measured: TypeAlias = npt.NDArray[np.int32]
if TYPE_CHECKING:
    Values: TypeAlias = pa.Array[Any]
else:
    Values = pa.Array  # Arrow's types take no argument at run time, and both engines read these hints


def jaro(a: Values, b: Values) -> Values:
    """Jaro-Winkler similarity over code points in thousandths, 0 to 1000 (int32); NULL where either side is NULL."""
    return _both(a, b, _jaro)


def edit(a: Values, b: Values) -> Values:
    """Damerau-Levenshtein distance (optimal string alignment) over code points (int32); NULL where either side is NULL."""
    return _both(a, b, _edit)


def _jaro(a: list[str], b: list[str]) -> Measured:
    similarity: npt.NDArray[np.float64] = cpdist(a, b, scorer=JaroWinkler.similarity, dtype=np.float64)
    return np.rint(similarity * 1000).astype(np.int32)


def _edit(a: list[str], b: list[str]) -> Measured:
    return np.asarray(cpdist(a, b, scorer=OSA.distance, dtype=np.int32), dtype=np.int32)


def _both(a: Values, b: Values, measure: Callable[[list[str], list[str]], Measured]) -> Values:
    absent = pc.or_(pc.is_null(a), pc.is_null(b)).to_numpy(zero_copy_only=False)
    left: Any = a.fill_null("").to_pylist()
    right: Any = b.fill_null("").to_pylist()
    return pa.array(measure(left, right) if left else np.empty(0, np.int32), pa.int32(), mask=absent)
