"""Verdicts on kinship against the truth: `python -m benchmarks.prove CITY WORKSPACE [--pairs 2000] [--seed N]`. Pairs are drawn from a seed: kin of whom a
document was delivered, people who are not kin although documents name the true one, and pairs of which no document speaks. Goals: no wrong 属实, no wrong
不属实, 95 % rightly decided. It also times each question.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cityweave.api import truth
from cityweave.api.door import Door
from cityweave.api.model_prove import Prove
from cityweave.api.workspace import Workspace
from cityweave.cfd_rules.contract import Event
from cityweave.graph.documents import BY_BIRTH

RELATIONS = ("mother-of", "father-of", "spouse-of", "sibling-of", "grandparent-of")


@dataclass(frozen=True)
class Pair:
    """A question with its right answer: `can` is what documents that were delivered allow."""

    relation: str
    one: str
    other: str
    true: bool
    can: str  # yes, no, unknown


class Truth:
    """The city's truth, and which kin the delivered documents name."""

    def __init__(self, city: Path, workspace: Workspace) -> None:
        person = pl.read_parquet(city / "truth" / "person.parquet")
        self.name = dict(person.select("truth_id", "name").iter_rows())
        self.number = dict(person.select("truth_id", "id_no").drop_nulls().iter_rows())
        self.sex = dict(person.select("truth_id", "sex").iter_rows())
        self.birth = dict(person.select("truth_id", "birth").iter_rows())
        self.mother = dict(person.select("truth_id", "mother").drop_nulls().iter_rows())
        self.father = dict(person.select("truth_id", "father").drop_nulls().iter_rows())
        kin = pl.read_parquet(city / "truth" / "kin.parquet").filter(pl.col("relation") == "spouse")
        self.now = {row["person"]: row["relative"] for row in kin.filter(pl.col("valid_to").is_null()).to_dicts()}
        self.ever = set(kin.select("person", "relative").iter_rows())
        self.children: dict[str, list[str]] = {}
        for of in (self.mother, self.father):
            for child, parent in of.items():
                self.children.setdefault(parent, []).append(child)
        self.told, self.borne = documents(city, workspace, person)


def documents(city: Path, workspace: Workspace, person: pl.DataFrame) -> tuple[dict[tuple[str, str], set[str]], set[str]]:
    """(person, role) -> whom a delivered row names in that role (mother, father, spouse), both ends by a number that is right and stands in a second record or
    in the register that decides it; and all whose number is so borne out. What names nobody so proves nothing, whoever it was about. A newborn without a
    number counts as named where the row has the right name and day and a household row has both the child and the parent, by right numbers.
    """
    manifest = workspace.generations.current()
    assert manifest is not None

    def read(table: str, columns: list[str]) -> pl.DataFrame:
        return pl.DataFrame(workspace.store.read(manifest.tables[table], columns))

    told = read("record_person", ["record_id", "batch", "row_no", "role", "source", "id_no", "id_part", "name", "birth", "known_to"])
    told = told.filter(pl.col("known_to").is_null()).rename({"row_no": "row"})
    real = person.select("truth_id", pl.col("name").alias("real"), pl.col("id_no").alias("number"), pl.col("birth").cast(pl.String).alias("day"))
    record = truth.read(city / "truth", workspace.batches()).rename({"true": "truth_id"}).join(told, on=["batch", "row", "role"]).join(real, on="truth_id")
    right = record.filter(pl.col("id_no").str.to_uppercase() == pl.col("number"))
    contracts = workspace.read_contracts()
    decides = {contract.source: contract.records[0].name for contract in contracts if "id_no" in contract.authority}
    borne = right.group_by("truth_id").agg(pl.len().alias("n"), (pl.col("source").replace_strict(decides, default="-") == pl.col("role")).any().alias("sure"))
    borne = borne.filter((pl.col("n") >= 2) | pl.col("sure"))
    right = right.join(borne.select("truth_id"), on="truth_id")
    member = right.filter(pl.col("name") == pl.col("real")).join(_households(read), on=["record_id", "batch", "row"]).select("truth_id", "thing_id").unique()
    together = set(member.join(member, on="thing_id").select("truth_id", "truth_id_right").iter_rows())
    bare = record.filter(pl.col("id_no").is_null(), pl.col("id_part").is_null(), pl.col("name") == pl.col("real"), pl.col("birth") == pl.col("day"))
    found: dict[tuple[str, str], set[str]] = {}
    for contract in contracts:
        rows, newborn = (side.filter(pl.col("source") == contract.source).select("batch", "row", "role", "truth_id") for side in (right, bare))
        for event in contract.events:
            parties = {party.role: party.records[0] for party in event.participants if party.records}
            for one, role, other in _stated(event, parties):
                ends = rows.filter(pl.col("role") == other).rename({"truth_id": "b"})
                for side, alone in ((rows, True), (newborn, False)):
                    left = side.filter(pl.col("role") == one).rename({"truth_id": "a"})
                    for a, b in left.join(ends, on=["batch", "row"]).select("a", "b").unique().iter_rows():
                        if alone or (event.type == "birth" and (a, b) in together):
                            found.setdefault((a, role), set()).add(b)
    return found, set(borne["truth_id"].to_list())


def _households(read: Callable[[str, list[str]], pl.DataFrame]) -> pl.DataFrame:
    """Which household each row that is still believed puts a record into."""
    event = read("event", ["event_id", "batch", "row_no", "type", "known_to"]).filter(pl.col("type") == "household", pl.col("known_to").is_null())
    party = read("participant", ["event_id", "batch", "row_no", "role", "record_id", "thing_id"])
    at = ["event_id", "batch", "row_no"]
    member = party.filter(pl.col("role") == "member").select(*at, "record_id").join(event.select(at), on=at)
    return member.join(party.filter(pl.col("role") == "household").select(*at, "thing_id"), on=at).rename({"row_no": "row"}).drop("event_id")


def _stated(event: Event, parties: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    if event.type == "birth" and event.detail and event.detail.constant == BY_BIRTH:
        yield from ((parties["child"], role, parties[role]) for role in ("mother", "father") if role in parties)
    if event.type == "marriage":
        yield parties["spouse_a"], "spouse", parties["spouse_b"]
        yield parties["spouse_b"], "spouse", parties["spouse_a"]


def pairs(truth: Truth, count: int, seed: int) -> list[Pair]:
    """The questions: for each relation a third kin, a third not kin, a third that nothing tells of, as far as there are any."""
    rng = random.Random(seed)
    people = sorted(truth.number)
    made: list[Pair] = []
    makers = {"mother-of": _parent("mother"), "father-of": _parent("father"), "spouse-of": _spouse, "sibling-of": _sibling, "grandparent-of": _grandparent}
    for relation in RELATIONS:
        wanted = Counter({"yes": count // 15 + 1, "no": count // 15 + 1, "unknown": count // 15 + 1})
        seen: set[tuple[str, str]] = set()
        for _ in range(count * 200):
            if not +wanted:
                break
            one, other, can, true = makers[relation](truth, people, rng)
            if can == "no" and not {one, other} <= truth.borne:
                can = "unknown"
            if one and other and one != other and can and wanted[can] > 0 and (one, other) not in seen and {one, other} <= truth.number.keys():
                seen.add((one, other))
                wanted[can] -= 1
                made.append(Pair(relation, one, other, true, can))
    rng.shuffle(made)
    return made[:count]


Maker = Callable[[Truth, list[str], random.Random], tuple[str, str, str, bool]]


def _parent(role: str) -> Maker:
    def make(truth: Truth, people: list[str], rng: random.Random) -> tuple[str, str, str, bool]:
        child = rng.choice(people)
        real = (truth.mother if role == "mother" else truth.father).get(child, "")
        if rng.random() < 0.5:
            return real, child, ("yes" if real in truth.told.get((child, role), ()) else "unknown"), True
        return _elder(truth, people, rng, child, role), child, ("no" if real and real in truth.told.get((child, role), ()) else "unknown"), False

    return make


def _elder(truth: Truth, people: list[str], rng: random.Random, child: str, role: str) -> str:
    """Somebody of the right sex and age who is not the parent."""
    for _ in range(60):
        one = rng.choice(people)
        years = (truth.birth[child] - truth.birth[one]).days / 365
        right = str(truth.sex[one]) == ("2" if role == "mother" else "1") and 18 <= years <= 45
        if right and one not in (truth.mother.get(child), truth.father.get(child)) and truth.name[one] != truth.name.get(truth.mother.get(child, ""), ""):
            return one
    return ""


def _spouse(truth: Truth, people: list[str], rng: random.Random) -> tuple[str, str, str, bool]:
    one = rng.choice(people)
    spouse = truth.now.get(one, "")
    told = bool(spouse) and spouse in truth.told.get((one, "spouse"), ())
    if rng.random() < 0.4:
        return one, spouse, "yes" if told else "unknown", True
    other = rng.choice(people)
    if str(truth.sex[one]) == str(truth.sex[other]) or (one, other) in truth.ever:
        return "", "", "", False
    theirs = truth.now.get(other, "")
    stated = told or (bool(theirs) and theirs in truth.told.get((other, "spouse"), ()))
    return one, other, "no" if stated else "unknown", False


def _sibling(truth: Truth, people: list[str], rng: random.Random) -> tuple[str, str, str, bool]:
    one = rng.choice(people)
    parents = truth.mother.get(one, ""), truth.father.get(one, "")
    if rng.random() < 0.6:
        like = truth.children.get(parents[0], []) + truth.children.get(parents[1], [])
        other = rng.choice(like) if like else ""
        roles = (("mother", truth.mother), ("father", truth.father))
        shared = [role for role, of in roles if of.get(one) and of.get(one) == of.get(other)]
        told = any(truth.told.get((one, role), set()) & truth.told.get((other, role), set()) for role in shared)
        return one, other, "yes" if told else "unknown", True
    other = rng.choice(people)
    theirs = truth.mother.get(other, ""), truth.father.get(other, "")
    if any(mine and mine == of for mine, of in zip(parents, theirs, strict=True)):
        return "", "", "", False
    told = all(truth.told.get((who, role)) for who in (one, other) for role in ("mother", "father"))
    return one, other, "no" if told else "unknown", False


def _grandparent(truth: Truth, people: list[str], rng: random.Random) -> tuple[str, str, str, bool]:
    child = rng.choice(people)
    ups = {role: of.get(child, "") for role, of in (("mother", truth.mother), ("father", truth.father))}
    role = rng.choice(("mother", "father"))
    of = truth.mother if role == "mother" else truth.father
    real = {between: of.get(parent, "") for between, parent in ups.items()}

    def told(between: str) -> bool:
        return ups[between] in truth.told.get((child, between), ()) and real[between] in truth.told.get((ups[between], role), ())

    if rng.random() < 0.6:
        between = rng.choice(("mother", "father"))
        return real[between], child, "yes" if real[between] and told(between) else "unknown", True
    one = rng.choice(people)
    years = (truth.birth[child] - truth.birth[one]).days / 365
    if str(truth.sex[one]) != ("2" if role == "mother" else "1") or years < 40 or one in real.values():
        return "", "", "", False
    return one, child, "no" if all(real[between] and told(between) for between in ups) else "unknown", False


def main() -> None:
    """Print, by relation and by what can be known, how the verdicts fell; the wrong ones; the time a question takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    workspace = Workspace.open(asked.workspace)
    truth = Truth(asked.city, workspace)
    door = Door(workspace, "benchmark")
    counts: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[str] = Counter()
    seconds = []
    questions = pairs(truth, asked.pairs, asked.seed)
    for pair in questions:
        sides = tuple((truth.name[who], truth.number[who]) for who in (pair.one, pair.other))
        started = time.perf_counter()
        verdict = door.ask(Prove.of(pair.relation, (sides[0], sides[1])), "benchmark").data["verdict"]
        seconds.append(time.perf_counter() - started)
        counts[pair.relation, pair.can, verdict] += 1
        if (verdict == "yes" and not pair.true) or (verdict == "no" and pair.true):
            wrong[verdict] += 1
            print("wrong:", json.dumps([pair.relation, pair.one, pair.other, pair.can, verdict]))
    right = sum(number for (_, can, verdict), number in counts.items() if can == verdict)
    for (relation, can, verdict), number in sorted(counts.items()):
        print(f"{relation:<16} documents allow {can:<8} verdict {verdict:<8} {number:>5}")
    seconds.sort()
    print(f"{len(questions)} pairs: wrong 属实 {wrong['yes']}, wrong 不属实 {wrong['no']}, rightly decided {right / max(len(questions), 1):.1%}")
    print(f"p50 {seconds[len(seconds) // 2] * 1000:.1f} ms   p95 {seconds[len(seconds) * 95 // 100] * 1000:.1f} ms")


if __name__ == "__main__":
    main()
