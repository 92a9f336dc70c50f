"""The answers against the truth, through the door: `python -m benchmarks.answers CITY WORKSPACE [--asked 400] [--seed N]`, a city that has been run to its last
delivery. Service lists: precision and recall, and how long the list takes. Ultimate owners at 25 %: exactly the true ones. Then how long a 2-hop
neighbourhood, a path and control take for entities drawn from a seed, each with its audit row committed.

An entity stands for the true one that most of its live records are of; a true one for the entity that holds most of its records.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import polars as pl

from benchmarks.measure import cores
from cityweave.api import truth
from cityweave.api.audit import Ledger
from cityweave.api.door import Door
from cityweave.api.model import Answer, Export
from cityweave.api.model_graph import Control, Neighbours
from cityweave.api.model_graph import Path as Chain
from cityweave.api.model_lists import ServiceList
from cityweave.api.workspace import Workspace

TRIES = 200
Item = TypeVar("Item")


class Identity:
    """Which entity is which true person, firm, …"""

    def __init__(self, city: Path, door: Door) -> None:
        members = door.ask(Export(table="membership"), "benchmark").frame
        assert isinstance(members, pl.DataFrame)
        self.members = members
        record = truth.read(city / "truth", door.workspace.batches()).rename({"true": "truth_id"})
        self.told = members.join(record, on=["batch", "row", "role"])
        told = self.told.group_by("entity_id", "truth_id").len()
        told = told.sort("len", "truth_id", "entity_id", descending=[True, False, False])
        self.true = dict(told.unique("entity_id", keep="first", maintain_order=True).select("entity_id", "truth_id").iter_rows())
        self.entity = dict(told.unique("truth_id", keep="first", maintain_order=True).select("truth_id", "entity_id").iter_rows())


def lists(city: Path, door: Door, of: Identity) -> None:
    """Print precision and recall of each list as it stood on the day of the last delivery."""
    meant = pl.read_parquet(city / "truth" / "service.parquet")
    day = max(batch.delivered for batch in door.workspace.batches())
    print(f"lists on {day}: right of those listed, and listed of the true ones whose residence the city knows; then those to be checked of the rest")
    for (rule, days), part in meant.group_by("rule", "days", maintain_order=True):
        ahead = None if days is None else int(days)
        asked = ServiceList(rule=str(rule), days=ahead, as_of=day.isoformat(), known=day.isoformat(), limit=1_000_000)
        seconds, answers = timed(lambda _, asked=asked: door.ask(asked, "benchmark"), range(TRIES if rule == "senior-card" else 1))
        data = answers[0].data
        papers = days is not None
        eligible, check = (_named(data[name], of, papers) for name in ("eligible", "to_check"))
        due = part.with_columns(due=pl.col("due").dt.to_string("%Y-%m-%d") if papers else pl.lit(""))
        all_ = set(due.select("subject", "due").iter_rows())
        known = set(due.filter((pl.col("basis") != "") | papers).select("subject", "due").iter_rows())
        right, listed = len(set(eligible) & all_), len(set(eligible) & known)
        left = len(set(check) & (known - set(eligible)))
        print(
            f"{rule!s:<22} {'' if days is None else days!s:>3}  precision {right / max(len(eligible), 1):.4f} ({right}/{len(eligible)})  "
            f"recall {listed / max(len(known), 1):.4f} ({listed}/{len(known)}), to check {left}  {_times(seconds)}"
        )
        if rule == "senior-card":
            _wrong(eligible, check, data["left_out"], all_, known, of)
            resident = _resident(door, of)
            unknowable = sorted(who for who, _ in known - set(eligible) if who not in resident)
            print(f"  of those not listed, no delivered row tells a residence of {len(unknowable)}: {' '.join(unknowable) or '-'}")


def _resident(door: Door, of: Identity) -> set[str]:
    """The true people of whom some delivered row tells a household, a residence or a residence permit."""
    event, participant = (door.ask(Export(table=name), "benchmark").frame for name in ("event", "participant"))
    assert isinstance(event, pl.DataFrame) and isinstance(participant, pl.DataFrame)
    tells = pl.col("type").is_in(["household", "residence"]) | ((pl.col("type") == "certificate") & (pl.col("detail") == "residence_permit"))
    told = participant.filter(pl.col("role").is_in(["member", "resident", "holder"])).join(event.filter(tells), on=["event_id", "batch", "row_no"], how="semi")
    return set(of.told.join(told, on="record_id", how="semi")["truth_id"])


def _named(lines: Sequence[dict[str, object]], of: Identity, papers: bool) -> list[tuple[str, str]]:
    return [(of.true.get(str(line["entity"]), str(line["entity"])), str(line["on"]) if papers else "") for line in lines]


def _wrong(
    eligible: Sequence[tuple[str, str]],
    check: Sequence[tuple[str, str]],
    left_out: Sequence[dict[str, object]],
    true: set[tuple[str, str]],
    known: set[tuple[str, str]],
    of: Identity,
) -> None:
    """Name who was listed wrongly, and who was not listed."""
    out = {of.true.get(str(line["entity"]), ""): line["reasons"] for line in left_out}
    for who, _ in sorted(set(eligible) - true):
        print(f"  wrongly listed: {who}")
    for who, _ in sorted(known - set(eligible) - set(check)):
        reasons = out.get(who)
        print(f"  not listed: {who} {[reason['code'] for reason in reasons] if isinstance(reasons, list) else 'in no part'}")


def owners(city: Path, door: Door, of: Identity, firms: int, rng: random.Random) -> None:
    """Print in how many firms the ultimate owners of 25 % and more are exactly the true ones."""
    held = pl.read_parquet(city / "truth" / "ultimate_owner.parquet")
    wanted = {firm: set(part.filter("at_25")["owner"].to_list()) for (firm,), part in held.group_by("firm", maintain_order=True)}
    drawn = sorted(firm for firm in wanted if firm in of.entity)
    drawn = rng.sample(drawn, min(firms, len(drawn)))
    day = max(batch.delivered for batch in door.workspace.batches()).isoformat()
    seconds, answers = timed(lambda firm: door.ask(Control(id=of.entity[firm], as_of=day, limit=100), "benchmark"), drawn)
    exact, wrong = 0, []
    for firm, answer in zip(drawn, answers, strict=True):
        found = {of.true.get(owner["entity"], owner["entity"]) for owner in answer.data["owners"] if owner["ultimate"] and owner["reached"]["25"] == "yes"}
        exact += found == wanted[firm]
        if found != wanted[firm]:
            wrong.append((firm, sorted(wanted[firm]), sorted(found)))
    print(f"ultimate owners at 25 %: exactly the true set for {exact} of {len(drawn)} firms = {exact / max(len(drawn), 1):.4f}")
    for line in wrong[:8]:
        print("  ", *line)
    print(f"control                {_times(seconds)}")


def graph(door: Door, of: Identity, count: int, rng: random.Random) -> None:
    """Print how long a neighbourhood and a path take."""
    people = rng.sample(sorted(who for who in of.true if who.startswith("p")), count)
    day = max(batch.delivered for batch in door.workspace.batches()).isoformat()
    seconds, _ = timed(lambda who: door.ask(Neighbours(id=who, depth=2, as_of=day), "benchmark"), people)
    print(f"2-hop neighbourhood    {_times(seconds)}")
    seconds, _ = timed(lambda who: door.ask(Chain(left=who[0], right=who[1], as_of=day), "benchmark"), list(pairwise(people)))
    print(f"path, any two people   {_times(seconds)}")
    near = [(who, rng.choice(ids)) for who in people if (ids := _near(door, who, day))]
    seconds, found = timed(lambda who: door.ask(Chain(left=who[0], right=who[1], as_of=day), "benchmark"), near)
    print(f"path, to one near      {_times(seconds)}; {sum(bool(answer.data['nodes']) for answer in found)} of {len(near)} found")


def _near(door: Door, who: str, day: str) -> list[str]:
    answer = door.ask(Neighbours(id=who, depth=2, as_of=day), "benchmark").data
    return sorted({item["node"] for item in answer["found"] if item["kind"] in ("person", "legal_entity")} - {who})


def timed(question: Callable[[Item], Answer], items: Sequence[Item]) -> tuple[list[float], list[Answer]]:
    """Seconds of each question, in order of size, and the answers in the order asked."""
    seconds, answers = [], []
    for item in items:
        started = time.perf_counter()
        answers.append(question(item))
        seconds.append(time.perf_counter() - started)
    return sorted(seconds), answers


def _times(seconds: Sequence[float]) -> str:
    return f"p50 {seconds[len(seconds) // 2] * 1000:7.1f} ms   p95 {seconds[len(seconds) * 95 // 100] * 1000:7.1f} ms   max {seconds[-1] * 1000:7.1f} ms"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--asked", type=int, default=400, help="entities a question is asked of")
    parser.add_argument("--firms", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    workspace, rng = Workspace.open(asked.workspace), random.Random(asked.seed)
    with Ledger(workspace.state) as ledger:  # as `serve` holds it: the file of the audit stays open between questions
        door = Door(workspace, "benchmark", ledger)
        of = Identity(asked.city, door)
        print(f"{len(of.members):,} live records, {len(of.true):,} entities, {cores()} cores")
        lists(asked.city, door, of)
        owners(asked.city, door, of, asked.firms, rng)
        graph(door, of, asked.asked, rng)


if __name__ == "__main__":
    main()
