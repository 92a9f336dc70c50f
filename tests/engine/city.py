"""A small plan with all there is to a plan: given rows, SQL, Python, a Python-backed function, a served table, ties."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cityweave.engine.model import Arguments, Column, Files, Inputs, Step, Table
from cityweave.engine.trial import given

PERSON = Table("person", "人 / persons", (Column("id", "BIGINT"), Column("ref", "VARCHAR"), Column("name", "VARCHAR"), Column("home", "INTEGER")), ("id",))
HOME = Table("home", "户 / homes", (Column("home", "INTEGER"), Column("head", "VARCHAR"), Column("people", "BIGINT")), ("home",), served=True)
PAIR = Table("pair", "对 / pairs", (Column("left_id", "BIGINT"), Column("right_id", "BIGINT"), Column("likeness", "INTEGER")), ("left_id", "right_id"))
CLUSTER = Table("cluster", "簇 / clusters", (Column("id", "BIGINT"), Column("anchor", "BIGINT")), ("id",))
ENTITY = Table(
    "entity", "主体 / entities", (Column("entity_id", "VARCHAR"), Column("name", "VARCHAR"), Column("records", "BIGINT")), ("entity_id",), served=True
)
TARGETS = ("entity", "home")


def anchor(inputs: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """The smallest id among a person and those he is like (enough for a test)."""
    pairs, people = inputs["pair"], inputs["person"]
    like = pairs.filter(pc.greater_equal(pairs["likeness"], arguments["threshold"]))
    best = like.group_by("right_id").aggregate([("left_id", "min")])
    known = dict(zip(best["right_id"].to_pylist(), best["left_id_min"].to_pylist(), strict=True))
    return pa.table({"id": people["id"], "anchor": [known.get(number, number) for number in people["id"].to_pylist()]})


def steps(people: int = 60, threshold: int = 900, seed: int = 1) -> list[Step]:
    """The plan's steps over people drawn from a seed."""
    random = np.random.default_rng(seed)
    names = ["张三", "张三丰", "李四", "𠮷野", "王五", None]
    rows = [
        {"id": number, "ref": f"a|{number}|self", "name": names[int(random.integers(6))], "home": int(random.integers(people // 4 + 1))}
        for number in random.permutation(people).tolist()
    ]
    return [
        given(PERSON, rows),
        Step(
            HOME,
            "户主为最先登记者 / the head of a home is who registered first",
            ("person",),
            """
            WITH ranked AS (
                SELECT home, name, row_number() OVER (PARTITION BY home ORDER BY name, ref) AS place, count(*) OVER (PARTITION BY home) AS people FROM person
            )
            SELECT home, name AS head, people FROM ranked WHERE place = 1
            """,
            total=("ref",),
        ),
        Step(
            PAIR,
            "同户相似者 / who is alike in a home",
            ("person",),
            """
            SELECT a.id AS left_id, b.id AS right_id, jaro(a.name, b.name) AS likeness
            FROM person a JOIN person b ON a.home = b.home AND a.id < b.id
            WHERE a.name IS NOT NULL AND b.name IS NOT NULL
            """,
        ),
        Step(CLUSTER, "归并 / cluster", ("pair", "person"), python=anchor, arguments={"threshold": threshold}),
        Step(
            ENTITY,
            "主体 / entities",
            ("cluster", "person"),
            """
            SELECT 'p' || lpad(cast(c.anchor AS VARCHAR), 6, '0') AS entity_id, max(p.name) AS name, count(*) AS records
            FROM cluster c JOIN person p USING (id) GROUP BY c.anchor
            """,
        ),
    ]
