"""The graph at the size of a city: build a snapshot, then time the three questions. `python -m benchmarks.graph [people]` (default 1,000,000; 20,000,000
for the figure of DESIGN, section 11). The graph is random from a seed, in the proportions of a city: families, homes, firms (a few with many
employees), households.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from cityweave.graph.embedded import EmbeddedStore
from cityweave.graph.model import EDGE, KINSHIP, NODE
from cityweave.graph.snapshot import build

AS_OF = date(2025, 6, 1)
REPEATS = 300


def city(people: int, seed: int = 7) -> tuple[pa.Table, pa.Table]:
    """Tables `edge` and `node` of a random city."""
    random = np.random.default_rng(seed)
    homes, firms, households = people * 7 // 10, max(people * 15 // 100, 1), max(people * 4 // 10, 1)
    someone = np.arange(people)  # in the order of birth
    husband = someone[::2][: people // 2]
    wife = np.clip(husband + random.integers(-50, 50, len(husband)) * 2 + 1, 1, people - 1)
    child = someone[people // 3 :]
    couple = np.clip((child - people // 3 + random.integers(-people // 20, people // 20, len(child))) // 2, 0, len(husband) - 1)
    house = random.integers(0, households, people)
    firm = (firms * random.random(people) ** 3).astype(np.int64)  # a few firms employ thousands
    wed, working, owning = random.random(len(husband)) < 0.7, random.random(people) < 0.5, random.random(people) < 0.5
    parts = [
        _part("spouse", "p", husband[wed], "p", wife[wed]),
        _part("parent", "p", wife[couple], "p", child),
        _part("parent", "p", husband[couple], "p", child),
        _part("lives_in", "p", someone, "r", random.integers(0, homes, people)),
        _part("works_for", "p", someone[working], "l", firm[working]),
        _part("owns", "p", someone[owning], "r", random.integers(0, homes, int(owning.sum()))),
        _part("household", "p", someone, "", house),
    ]
    edge = pl.concat(parts).filter(pl.col("from_id") != pl.col("to_id")).with_row_index("edge_id")
    edge = edge.with_columns(
        pl.col("edge_id").cast(pl.Int64),
        fact_id=pl.col("edge_id").cast(pl.Int64),
        events=pl.lit(1, pl.Int64),
        detail=pl.lit(None, pl.String),
        sources=pl.lit("hukou"),
        valid_from=pl.lit(None, pl.Date),
        valid_to=pl.lit(None, pl.Date),
    )
    birth = pl.Series((np.datetime64("1935-01-01") + random.integers(0, 90 * 365, people)).astype("datetime64[D]")).cast(pl.Date).dt.to_string("%Y-%m-%d")
    dead = pl.Series(np.where(random.random(people) < 0.05, 18_000, np.iinfo(np.int32).max).astype(np.int32))
    person = pl.DataFrame({"node_id": _ids("p", someone), "kind": "person", "begins": birth, "day": dead})
    person = person.with_columns(ends=pl.when(pl.col("day") < 20_000).then(pl.col("day")).cast(pl.Date)).drop("day")
    person = person.with_columns(ends_sources=pl.when(pl.col("ends").is_not_null()).then(pl.lit("death+hukou")))
    kinds = (("r", "room", homes), ("l", "legal_entity", firms), ("", "thing", households))
    others = [pl.DataFrame({"node_id": _ids(letter, np.arange(count)), "kind": kind}) for letter, kind, count in kinds]
    node = pl.concat([person, *others], how="diagonal")
    return edge.select(EDGE.names).to_arrow().cast(EDGE.schema), node.select(NODE.names).to_arrow().cast(NODE.schema)


def _part(type_: str, letter: str, start: np.ndarray, other: str, end: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"type": type_, "from_id": _ids(letter, start), "to_id": _ids(other, end)})


def _ids(letter: str, numbers: np.ndarray) -> pl.Series:
    """Entity ids of 14 characters; things (no letter) of 32."""
    return pl.select(pl.lit(letter) + pl.Series(numbers).cast(pl.String).str.zfill(13 if letter else 32)).to_series()


def timed(question: Callable[[int], object], numbers: np.ndarray) -> str:
    """Median, 95th percentile and maximum in milliseconds."""
    seconds = []
    for number in numbers.tolist():
        start = time.perf_counter()
        question(number)
        seconds.append(time.perf_counter() - start)
    median, high, most = np.percentile(np.array(seconds) * 1000, [50, 95, 100])
    return f"median {median:8.3f} ms   p95 {high:8.3f} ms   max {most:8.3f} ms"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=1_000_000)
    people = parser.parse_args().people
    folder = Path(tempfile.mkdtemp(prefix="cityweave-graph-"))
    try:
        edge, node = city(people)
        print(f"{people:,} people, {node.num_rows:,} nodes, {edge.num_rows:,} edges, {os.cpu_count()} cores")
        start = time.perf_counter()
        build(edge, node, folder / "snapshot")
        size = sum(path.stat().st_size for path in (folder / "snapshot").iterdir())
        print(f"build             {time.perf_counter() - start:8.1f} s   {size / 2**20:,.0f} MiB on disk")
        del edge, node
        ask(EmbeddedStore(folder / "snapshot"), people)
        print(f"peak memory       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:8.2f} GiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ask(store: EmbeddedStore, people: int) -> None:
    """Time each question on people drawn from a seed."""
    random = np.random.default_rng(11)
    some, others = random.integers(0, people, REPEATS), random.integers(0, people, REPEATS)
    pair = dict(zip(some.tolist(), others.tolist(), strict=True))
    kin = ("kin", "household", *KINSHIP)
    print("2-hop, all types ", timed(lambda n: store.neighbours(f"p{n:013d}", 2, as_of=AS_OF), some))
    print("2-hop, kin       ", timed(lambda n: store.neighbours(f"p{n:013d}", 2, KINSHIP, AS_OF), some))
    print("kinship path     ", timed(lambda n: store.path(f"p{n:013d}", f"p{pair[n]:013d}", KINSHIP, AS_OF), some))
    print("path, households ", timed(lambda n: store.path(f"p{n:013d}", f"p{pair[n]:013d}", kin, AS_OF), some))
    print("path, all types  ", timed(lambda n: store.path(f"p{n:013d}", f"p{pair[n]:013d}", as_of=AS_OF), some[:50]))
    answer = store.turning_age(65, "2025-07", AS_OF)
    print(f"turning 65: {len(answer.turning):,} people, {len(answer.passed):,} have died")
    print("turning 65       ", timed(lambda n: store.turning_age(65, f"2025-{n % 12 + 1:02d}", AS_OF), some[:60]))


if __name__ == "__main__":
    main()
