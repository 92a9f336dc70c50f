"""Rings among bidders: `python -m benchmarks.tender [--tier S] [--seeds 6]`. Whether screening finds what was planted, and whom it names wrongly.

Seed i is the number that the first eight hex digits of HEAD spell, plus i: no code has seen it, and a working tree that differs from HEAD is refused, so
the weights (graph/screen/settings.py) were committed before. Each seed gives two cities: with rings, and the same with the rings switched off. A hit is a
lead of which Jaccard's index with a ring is at least .5. Everything is resolved and asked as a user would; the truth is read here and nowhere else.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from pathlib import Path

import polars as pl

from benchmarks.city import head_seed
from benchmarks.measure import CITYWEAVE, cores
from cityweave.api.screens import Screens
from cityweave.api.workspace import Workspace
from cityweave.engine.generation import Generation
from cityweave.graph.screen.community import communities
from cityweave.graph.screen.evidence import Tables, group_of
from cityweave.graph.screen.market import read
from cityweave.graph.screen.model import Candidate, Screening
from cityweave.graph.screen.screen import screen
from cityweave.graph.screen.settings import SETTINGS, WEIGHTS, Weight

TOP = 20
HIT = 0.5
CAVEAT = (
    "Our own generator: this shows feasibility only. On six labelled foreign markets label-free price dispersion reaches a mean AUC of .678, "
    "and models carried across markets .617."
)


@dataclass(frozen=True)
class Seen:
    """One city: what screening said, and what is true."""

    whole: Screening
    alone: Mapping[str, Screening]  # by one kind of evidence
    bids: Mapping[str, int]  # of each firm
    meeting: tuple[tuple[str, ...], ...]  # groups of firms that meet most, without asking what chance would give
    rings: pl.DataFrame  # ring type honest_prices clues firm
    clubs: pl.DataFrame  # club type firm
    firms: int


@dataclass
class Count:
    """k of n."""

    k: int = 0
    n: int = 0

    def add(self, k: int, n: int) -> None:
        """Count more."""
        self.k += k
        self.n += n

    def __str__(self) -> str:
        low, high = wilson(self.k, self.n)
        return f"{self.k:>4} of {self.n:<4} {self.k / self.n if self.n else 0:.3f}  [{low:.3f}, {high:.3f}]"


@dataclass
class Table:
    """Counts by name, in order of first use."""

    counts: dict[str, Count] = field(default_factory=dict)

    def add(self, name: str, k: int, n: int) -> None:
        """Count more under a name."""
        self.counts.setdefault(name, Count()).add(k, n)

    def print(self, title: str) -> None:
        """A line a name."""
        print(f"-- {title}")
        for name, count in self.counts.items():
            print(f"   {name:<44} {count}")


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    middle, half = (k + z * z / 2) / (n + z * z), z * sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def jaccard(one: set[str], other: set[str]) -> float:
    """Members in both over members in either."""
    return len(one & other) / len(one | other)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", default="S")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--first", type=int, help="another first seed, for development: its figures are none")
    asked = parser.parse_args()
    first = head_seed() if asked.first is None else asked.first
    print(f"== tier {asked.tier}, seeds {first} … {first + asked.seeds - 1}, {cores()} cores, top {TOP}, hit: Jaccard >= {HIT}", flush=True)
    goals, types, ranks, clubs = Table(), Table(), Table(), Table()
    wrong, firms = [], []
    for number in range(asked.seeds):
        with tempfile.TemporaryDirectory() as scratch:
            planted = city(Path(scratch) / "rings", asked.tier, first + number, "--rings")
            honest = city(Path(scratch) / "honest", asked.tier, first + number, "--no-rings")
        _count(planted, goals, types, clubs)
        for name, order in _orders(planted).items():
            found = hits(order[:TOP], planted)
            ranks.add(f"{name}: precision", sum(1 for one in found if one), min(TOP, len(order)) or TOP)
            ranks.add(f"{name}: recall", len({one for one in found if one}), planted.rings["ring"].n_unique())
        wrong.append(false_alarms(planted, honest))
        firms.append(honest.firms)
        print(f"   seed {first + number}: {len(planted.whole.candidates)} leads, {wrong[-1]} false of {firms[-1]} firms", flush=True)
    goals.print("goals: precision >= .75, recall >= .70 (95 % Wilson)")
    types.print("rings found, by type and by what they leave")
    clubs.print("honest clubs flagged")
    ranks.print("beside it: other rankings, their first 20")
    told = [one for one in wrong if one is not None]
    per = sum(told) * 900 / sum(firms) if told else float("nan")
    print(f"-- rings switched off: {per:.2f} false leads per 900 firms at the threshold that kept half of the rings (goal <= 1); by seed {wrong}")
    print(CAVEAT)


def city(folder: Path, tier: str, seed: int, rings: str) -> Seen:
    """Generate, deliver, train, run; then ask."""
    made, root = folder / "city", folder / "workspace"
    for command in (
        ("generate", str(made), "--tier", tier, "--seed", str(seed), rings),
        ("init", "--city", str(made), "--batches", "all", "-w", str(root)),
        ("train", "-w", str(root)),
        ("run", "-w", str(root)),
    ):
        subprocess.run([CITYWEAVE, *command], check=True, capture_output=True)
    workspace = Workspace.open(root)
    manifest = workspace.generations.current()
    assert manifest is not None
    generation, day = Generation(workspace.store, manifest), workspace.date()
    tables = Screens(generation).tables
    whole = screen(tables, day, day)
    alone = {kind: screen(tables, day, day, replace(SETTINGS, weights=_only(kind))) for kind in WEIGHTS} if rings == "--rings" else {}
    found = Tables(read(tables, day, day, SETTINGS.crowd), SETTINGS, tables["behind"], tables["pair_person"])
    bids = dict(tables["tender_entry"].group_by("firm_id").len().iter_rows())
    names = true_names(workspace, generation, made)
    ring, club = (pl.read_parquet(made / "truth" / f"{name}.parquet").join(names, on="truth_id", how="left") for name in ("ring", "club"))
    return Seen(whole, alone, bids, busiest(found), ring, club, whole.firms)


def busiest(found: Tables) -> tuple[tuple[str, ...], ...]:
    """What activity alone gives: communities of the pairs with most joint lots, whatever chance would give, those with most meetings first."""
    often = found.joint.filter(pl.col("lots") >= SETTINGS.joint)
    most = max(int(often["lots"].max() or 1), 1) if often.height else 1  # type: ignore[arg-type]
    edges = often.select("left", "right", (pl.col("lots") / most).alias("weight"))
    groups_ = [group for group in communities(edges, SETTINGS) if 2 <= len(group) <= SETTINGS.largest]
    meetings = {group: group_of(found, group).meetings for group in groups_}
    return tuple(tuple(found.market.firms[firm] for firm in group) for group in sorted(groups_, key=lambda group: (-meetings[group], group)))


def _only(kind: str) -> dict[str, Weight]:
    return {name: weight if name == kind else Weight(0, 0) for name, weight in WEIGHTS.items()}


def true_names(workspace: Workspace, generation: Generation, made: Path) -> pl.DataFrame:
    """truth_id, firm: the entity that holds most of a firm's records as a bidder."""
    batches = pl.DataFrame([(item.file_name, item.number) for item in workspace.batches()], schema={"file": pl.String, "batch": pl.Int32}, orient="row")
    true = pl.read_parquet(made / "truth/record.parquet").filter(pl.col("role") == "bidder").join(batches, on="file")
    record = pl.DataFrame(generation.read("record_legal_entity", ["record_id", "batch", "row_no", "role"])).rename({"row_no": "row"})
    member = pl.DataFrame(generation.read("membership", ["record_id", "entity_id"]))
    found = true.join(record, on=["batch", "row", "role"]).join(member, on="record_id").group_by("truth_id", pl.col("entity_id").alias("firm")).len()
    return found.sort("len", "firm", descending=[True, False]).unique("truth_id", keep="first", maintain_order=True).select("truth_id", "firm")


def groups(table: pl.DataFrame, key: str) -> dict[int, set[str]]:
    """Number -> members."""
    return {int(number): set(part["firm"].drop_nulls()) for (number,), part in table.group_by(key, maintain_order=True)}


def hits(leads: Iterable[Candidate | tuple[str, ...]], seen: Seen) -> list[int]:
    """The ring that each lead hits, 0 for none."""
    rings = groups(seen.rings, "ring")
    found = []
    for lead in leads:
        members = set(lead.members if isinstance(lead, Candidate) else lead)
        best = max(rings, key=lambda number: jaccard(rings[number], members))
        found.append(best if jaccard(rings[best], members) >= HIT else 0)
    return found


def _count(seen: Seen, goals: Table, types: Table, clubs: Table) -> None:
    leads = seen.whole.candidates[:TOP]
    found = hits(leads, seen)
    ring_of = seen.rings.unique("ring", maintain_order=True)
    goals.add("precision of the top 20", sum(1 for one in found if one), TOP)
    goals.add("recall: rings among the top 20", len(set(found) - {0}), ring_of.height)
    upper = hits([one for one in seen.whole.candidates if one.band == "identity"], seen)
    goals.add("precision of the upper band", sum(1 for one in upper if one), len(upper))
    for ring, type_, honest_prices, clues in ring_of.select("ring", "type", "honest_prices", "clues").iter_rows():
        hit = int(ring in found)
        types.add(f"type {type_}", hit, 1)
        types.add("prices as honest firms" if honest_prices else "prices agreed", hit, 1)
        types.add("leaves identity evidence" if clues else "leaves none", hit, 1)
    members = groups(seen.clubs, "club")
    kinds = dict(seen.clubs.select("club", "type").unique().iter_rows())
    for club, firms in sorted(members.items()):
        for name, some in (("in the top 20", leads), ("in the upper band", [one for one in seen.whole.candidates if one.band == "identity"])):
            clubs.add(f"{kinds[club]}, {name}", int(any(jaccard(firms, set(one.members)) >= HIT for one in some)), 1)


def _orders(seen: Seen) -> dict[str, Sequence[Candidate | tuple[str, ...]]]:
    """Other rankings: by activity alone, our leads by activity, and by each evidence alone (each with its own choice among overlapping leads)."""
    busy: Callable[[Candidate], tuple[int, str]] = lambda one: (-sum(seen.bids.get(firm, 0) for firm in one.members), one.id)  # noqa: E731
    orders: dict[str, Sequence[Candidate | tuple[str, ...]]] = {"activity alone": seen.meeting}
    orders["our leads, by activity"] = sorted(seen.whole.candidates, key=busy)
    for kind, screened in seen.alone.items():
        orders[f"{kind} alone"] = sorted((one for one in screened.candidates if one.score > 0), key=lambda one: (-one.score, one.id))
    return orders


def _key(one: Candidate) -> tuple[bool, int]:
    return one.band == "identity", one.score


def false_alarms(planted: Seen, honest: Seen) -> int | None:
    """Leads in the honest city at or above the place in the ranking at which half of the rings were found; None when never half were."""
    wanted, seen = (planted.rings["ring"].n_unique() + 1) // 2, set[int]()
    for lead, ring in zip(planted.whole.candidates, hits(planted.whole.candidates, planted), strict=True):
        seen |= {ring} - {0}
        if len(seen) >= wanted:
            return sum(_key(one) >= _key(lead) for one in honest.whole.candidates)
    return None


if __name__ == "__main__":
    main()
