"""GraphStore: the questions a graph is asked, with one meaning in every store. `tests/graph/test_store.py` holds each store to it.

- An edge may be walked in either direction; what it says (from, to) stays.
- `types` empty: all types. `as_of` None: whenever it held; a date: only edges that hold on that day, an unknown start counting as held.
- Neighbours come nearest first, then by node id. Of several shortest paths the one whose node ids come first (compared from the start) is given, and of
  several edges between two nodes the first by type, then edge id.
- A best path costs one a step, and for each node it passes through as much more as that node is a hub: nothing below 16 edges (of whatever type or time),
  one from 16, two from 32, three from 64 and so on. So the way round by two relatives beats the way through an employer of thousands.

Control, firms, households and places are asked by functions over any store (graph/control.py, firms.py, places.py): they need `incident` and `ends`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, Protocol, TypeAlias

from cityweave.engine.errors import InputError
from cityweave.graph.model import Edge, Neighbours, Path, Turning
from cityweave.graph.model_answers import Paths

End: TypeAlias = Literal["from", "to", "either"]


class GraphStore(Protocol):
    """A graph that can be asked. Unknown ids and types raise InputError."""

    def neighbours(self, entity: str, depth: int = 1, types: Sequence[str] = (), as_of: date | None = None, limit: int = 100) -> Neighbours:
        """All nodes within `depth` steps, each with its edges to nodes one step nearer; beyond `limit` they are counted as cut."""

    def path(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, max_hops: int = 16) -> Path | None:
        """A shortest chain from `a` to `b`; None if there is none within `max_hops`."""

    def best_paths(self, a: str, b: str, types: Sequence[str] = (), as_of: date | None = None, best: int = 3, most: int = 12) -> Paths:
        """The `best` cheapest chains without a repeated node that cost at most `most`, and at most two more than the cheapest; ties by their node ids."""

    def incident(self, nodes: Sequence[str], types: Sequence[str] = (), as_of: date | None = None, end: End = "either") -> list[Edge]:
        """Every edge that has one of these nodes at that end, once, by type, then edge id. Nodes the graph does not have are an error."""

    def ends(self, nodes: Sequence[str]) -> dict[str, date]:
        """Of those of these nodes that have died or were cancelled: the day."""

    def turning_age(self, age: int, month: str, as_of: date) -> Turning:
        """Who turns `age` in `month` (YYYY-MM). Who has died by `as_of` is listed apart, with the sources that say so; homes are those of `as_of`.

        A birthday on 29 February falls on 28 February in common years: a period of years ends on the day that corresponds, and where the month has no such
        day on its last (民法典第二百零二条).
        """


def month_of(month: str) -> tuple[int, int]:
    """Year and month of a text like 2020-07; InputError when it is none."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise InputError("月份读不懂 / the month is not understood", month, "写成 2020-07 / write 2020-07") from None
    return first.year, first.month
