"""A village of a few records, written by hand or drawn from a seed, and the steps of floor 3 over them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cityweave.engine.model import ARROW, Column, Step, Table
from cityweave.resolver.saved import LevelWeight, Model, Rarity
from cityweave.resolver.settings import BIT, Settings

Row = dict[str, Any]

ELEMENTS = {
    "person": (
        *("name", "surname", "given_name", "former_name", "id_type", "id_no", "id_part", "former_id_no", "sex", "birth", "ethnicity", "birth_place"),
        *("postcode", "phone", "address", "occupation", "household_no", "relation", "marital"),
    ),
    "legal_entity": ("name", "former_name", "uscc", "reg_no", "legal_form", "status", "founded", "address", "phone", "scope", "capital"),
    "building": ("building_code", "name", "address", "floors", "built"),
    "room": ("room_code", "building_code", "address", "floor", "area"),
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def record_table(kind: str) -> Table:
    """The declared `record_<kind>`, as in docs/architecture.md."""
    columns = (
        *(Column(name, "BIGINT") for name in ("record_id",)),
        *(Column(name, "VARCHAR") for name in ("ref", "source", "key", "role")),
        *(Column("batch", "INTEGER"), Column("row_no", "BIGINT")),
        *(Column(name, "DATE") for name in ("known_from", "known_to", "recorded_at", "valid_from", "valid_to")),
        Column("closed", "VARCHAR"),
        *(Column(name, "VARCHAR") for name in ELEMENTS[kind]),
    )
    return Table(f"record_{kind}", kind, columns, ("record_id", "batch", "row_no"))


def record(number: int, source: str = "s", role: str = "person", key: str = "", **said: Any) -> Row:
    """One open record; `number` is its record_id, `key` its key in the source."""
    key = key or str(number)
    day = dt.date(2024, 1, 1)
    head = {"record_id": number, "ref": f"{source}|{key}|{role}", "source": source, "key": key, "role": role, "batch": 1, "row_no": number}
    return head | {"known_from": day, "known_to": None, "recorded_at": day} | said


def tables(rows: Mapping[str, Sequence[Row]], address: Sequence[Row] = ()) -> dict[str, pa.Table]:
    """Everything floor 3 reads, with these records; kinds and tables not given are empty."""
    made = {f"record_{kind}": pa.Table.from_pylist(list(rows.get(kind, ())), schema=record_table(kind).schema) for kind in ELEMENTS}
    made["address"] = pa.Table.from_pylist(list(address), schema=_schema(text="VARCHAR", norm="VARCHAR", building_norm="VARCHAR", room_norm="VARCHAR"))
    made["event"] = _schema(event_id="BIGINT", batch="INTEGER", row_no="BIGINT", type="VARCHAR", source="VARCHAR", known_to="DATE").empty_table()
    made["participant"] = _schema(event_id="BIGINT", batch="INTEGER", row_no="BIGINT", role="VARCHAR", record_id="BIGINT", thing_id="VARCHAR").empty_table()
    return made


def needed(steps: Iterable[Step], given: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Those of the given tables that the steps read."""
    read = {name for step in steps for name in step.reads}
    return {name: table for name, table in given.items() if name in read}


def number(region: str, birth: str, order: int) -> str:
    """A valid identity number (GB 11643) of a region that is never issued."""
    digits = f"{region}{birth.replace('-', '')}{order:03d}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def plain_model(settings: Settings, same: int = 8, differ: int = -6, prior: int = -10) -> Model:
    """A hand-made model: the best level of each comparison weighs `same` bits, the last `differ`, between them evenly less; rare values weigh no more than common ones."""
    weights = {}
    for comparison in settings.comparisons:
        last = len(comparison.levels) - 1
        steps = [round((same - (same - differ) * place / max(last, 1)) * BIT) for place in range(last + 1)]
        weights[comparison.name] = tuple(
            LevelWeight(level.name, f"{2.0 ** ((weight / BIT) - 10):.6g}", f"{2.0**-10:.6g}", weight, -10 * BIT)
            for level, weight in zip(comparison.levels, steps, strict=True)
        )
    features = {level.tf for comparison in settings.comparisons for level in comparison.levels if level.tf}
    rarity = {feature: Rarity(10 * BIT) for feature in sorted(features)}
    return Model(settings.kind, settings.digest(), prior * BIT, weights, rarity, {}, {}, settings.merge, settings.review, {})


def people(count: int, seed: int, sources: Sequence[str] = ("a", "b", "c")) -> tuple[list[Row], dict[int, int]]:
    """Records of `count` people, some misspelt, some without number, and the truth record_id -> person."""
    rng = random.Random(seed)
    family, first = "王李张刘陈杨赵黄周吴", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华梅兰峰玲"
    rows: list[Row] = []
    truth: dict[int, int] = {}
    for person in range(count):
        birth = (dt.date(1950, 1, 1) + dt.timedelta(days=rng.randrange(20_000))).isoformat()
        name = rng.choice(family) + "".join(rng.choice(first) for _ in range(rng.choice((1, 2, 2))))
        said = {"name": name, "birth": birth, "sex": rng.choice("12"), "id_no": number(f"99{rng.randrange(10_000):04d}", birth, rng.randrange(999))}
        said["phone"] = f"100{rng.randrange(10**8):08d}"
        for source in rng.sample(list(sources), rng.choice((1, 2, 3))):
            told = dict(said)
            if rng.random() < 0.3:
                told["id_no"] = None
            if rng.random() < 0.1:
                told["name"] = name[:-1] + rng.choice(first)
            if rng.random() < 0.1:
                told["birth"] = None
            rows.append(record(len(rows) + 1, source, **told))
            truth[len(rows)] = person
    return rows, truth


def _schema(**types: str) -> pa.Schema:
    return pa.schema([(name, ARROW[type_]) for name, type_ in types.items()])  # type: ignore[index]  # the names are those of engine types
