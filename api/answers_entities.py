"""Answers about one entity: find, entity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from cityweave.api.desk import Desk, day
from cityweave.api.model import Cell, Entity, Find, Found
from cityweave.api.served import Served, kind_of, label_element
from cityweave.engine.errors import InputError

LOOKED_UP = {
    # kind -> elements that must be equal, elements that may contain the text
    "person": (("name", "id_no", "phone", "former_name"), ("address",)),
    "legal_entity": (("uscc", "reg_no", "phone"), ("name", "address")),
    "building": (("building_code",), ("name", "address")),
    "room": (("room_code",), ("address",)),
}
SHOWN = {
    "person": ("name", "sex", "birth", "id_no", "address"),
    "legal_entity": ("name", "uscc", "status", "founded"),
    "building": ("name", "address"),
    "room": ("address", "area"),
}
"""What a list shows of an entity of that kind."""
LEAST = 2


def find(desk: Desk, asked: Find) -> Found:
    """Entities one of whose live records holds the text: numbers, phones and people's names whole, firms and addresses in part."""
    text = asked.text.strip()
    if len(text) < LEAST:
        raise InputError("要找的内容太短 / what to look for is too short", "", f"至少 {LEAST} 个字 / at least {LEAST} characters")
    if asked.kind is not None and asked.kind not in LOOKED_UP:
        raise InputError(f"没有这一类 {asked.kind} / there is no kind {asked.kind}", "", f"可用 / use one of: {', '.join(LOOKED_UP)}")
    hits = [hit for kind in desk.served.kinds() if asked.kind in (None, kind) for hit in _hits(desk.served, kind, text)]
    shown = sorted(hits)[: asked.limit]
    return Found({"entities": [summary(desk, entity) for entity in shown], "total": len(hits), "cut": len(hits) - len(shown)}, tuple(shown))


def _hits(served: Served, kind: str, text: str) -> list[str]:
    rows = served.scan(f"record_{kind}").filter(pl.col("known_to").is_null())
    present = set(rows.collect_schema().names())
    exact, part = LOOKED_UP[kind]
    tests = [_borne(name, text) for name in exact if name in present] + [pl.col(name).str.contains(text, literal=True) for name in part if name in present]
    found = rows.filter(pl.any_horizontal(tests)).select("record_id").collect()["record_id"].to_list()
    return sorted(set(served.entities_of(found).values()))


def _borne(element: str, text: str) -> pl.Expr:
    """Whether the element has this value; of former names, of which a record may tell several with ; between, whether one of them is it."""
    return (";" + pl.col(element) + ";").str.contains(f";{text};", literal=True) if element == "former_name" else pl.col(element) == text


def named(served: Served, kind: str, text: str) -> list[str]:
    """The entities of a kind that bear a name (or of places an address) as a whole; where none does, of others than people those that hold it in part.

    A firm that is called so goes before one that some record of its calls so.
    """
    element = label_element(kind)
    rows = served.scan(f"record_{kind}").filter(pl.col("known_to").is_null())
    present = set(rows.collect_schema().names())
    tests = [_borne(name, text) for name in (element, "former_name", "name") if name in present]
    found = rows.filter(pl.any_horizontal(tests)).select("record_id").collect()["record_id"].to_list()
    borne = sorted(set(served.entities_of(found).values()))
    if len(borne) > 1 and kind == "legal_entity":
        golden = served.where("golden_legal_entity", "entity_id", borne).filter((pl.col("element") == "name") & (pl.col("value") == text))
        borne = sorted(golden["entity_id"].to_list()) or borne
    return borne or ([] if kind == "person" else _hits(served, kind, text))


TELLING = ("id_no", "id_part", "birth", "phone", "address", "former_id_no")
"""What tells one bearer of a name from another."""


def possible(desk: Desk, entities: Iterable[str]) -> dict[str, int]:
    """The people among these of whom only a name is told -> how many others bear that name: whoever is meant may be one of them, or none."""
    people = [entity for entity in entities if entity.startswith("p") and len(entity) < THING_LENGTH]
    if not people or not desk.served.has("entity_person"):
        return {}
    rows = desk.served.where("entity_person", "entity_id", people)
    told = [pl.col(name).is_null() for name in TELLING if name in rows.columns]
    bare = rows.filter(pl.all_horizontal(pl.lit(True), *told) & pl.col("name").is_not_null()).select("entity_id", "name")
    if bare.is_empty():
        return {}
    borne = desk.served.scan("entity_person").filter(pl.col("name").is_in(bare["name"].unique().to_list())).group_by("name").len().collect()
    return dict(bare.join(borne, on="name").select("entity_id", pl.col("len").cast(pl.Int64) - 1).iter_rows())


def summary(desk: Desk, entity_id: str) -> dict[str, Any]:
    """An entity in a line: its id, kind, shown elements, how many records and which sources."""
    kind = kind_of(entity_id)
    row = desk.served.where(f"entity_{kind}", "entity_id", [entity_id]).to_dicts()[0]
    return {
        "entity": entity_id,
        "kind": kind,
        **{name: Cell(kind, name, row[name]) for name in SHOWN[kind] if name in row},
        "records": row["records"],
        "sources": row["sources"].split("+"),
    }


def entity(desk: Desk, asked: Entity) -> Found:
    """Golden values with the record and the rule behind each, and every live record's place in the delivered files."""
    found = desk.entity(asked.id)
    kind = kind_of(found)
    known, as_of = day(asked.known), day(asked.as_of)
    ids = desk.served.records_of(found)
    versions = desk.served.where(f"record_{kind}", "record_id", ids)
    if known is None and as_of is None:
        open_ = versions.filter(pl.col("known_to").is_null())
        golden = desk.served.where(f"golden_{kind}", "entity_id", [found]).sort("element").to_dicts()
    else:
        by = known or dt.date.max
        open_ = versions.filter(_held(by, as_of))
        golden = desk.floors.golden_known(found, by, as_of)
    sources = dict(versions.select("record_id", "source").unique().iter_rows())
    values = [
        {
            "element": row["element"],
            "value": Cell(kind, row["element"], row["value"]),
            "means": Cell(kind, row["element"], desk.means(kind, row["element"], row["value"])),
            "source": sources.get(row["record_id"]),
            "record": row["record_id"],
            "rule": row["rule"],
        }
        for row in golden
    ]
    records = [_record(desk, row) for row in open_.sort("record_id", "batch").to_dicts()]
    resolved = {} if found == asked.id else {"asked": asked.id, "note": "该编号已并入 / the id asked for now resolves to this entity"}
    data = {"entity": found, "kind": kind, **resolved, "known": asked.known, "as_of": asked.as_of, "possible": possible(desk, [found]).get(found)}
    return Found({**data, "values": values, "records": records}, (found,))


def _held(known: dt.date, as_of: dt.date | None) -> pl.Expr:
    """The versions that were known on a day and, where one is given, held on another (docs/contracts.md, times of a version)."""
    newest = pl.col("known_to").is_null() | (pl.col("known_to") > known)
    if as_of is None:
        return (pl.col("known_from") <= known) & newest
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= as_of)
    going = pl.col("valid_to").is_null() | (pl.col("valid_to") > as_of) | (pl.col("closed_on") > known)
    return (pl.col("known_from") <= known) & (newest | (pl.col("closed") == "changed")) & begun & going


def _record(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    file = next((batch.file_name for batch in desk.batches if batch.number == row["batch"]), "")
    return {
        "record": row["record_id"],
        "name": f"{row['source']}:{row['batch']}:{row['row_no']}:{row['role']}",
        "source": row["source"],
        "file": file,
        "row": row["row_no"],
        "role": row["role"],
        "recorded": _iso(row["recorded_at"]),
        "valid_from": _iso(row["valid_from"]),
        "valid_to": _iso(row["valid_to"]),
    }


def labels(desk: Desk, nodes: Iterable[str]) -> dict[str, Cell]:
    """Node -> what a person calls it: an entity's name or address, a thing's key."""
    nodes = set(nodes)
    texts = desk.served.labels(node for node in nodes if len(node) < THING_LENGTH)
    named = {}
    for node in sorted(node for node in nodes if len(node) < THING_LENGTH):
        element = label_element(kind_of(node))
        named[node] = Cell(kind_of(node), element, texts.get(node, {}).get(element))
    things = desk.served.where("thing", "thing_id", sorted(node for node in nodes if len(node) == THING_LENGTH)).to_dicts()
    return named | {row["thing_id"]: _thing(row) for row in things}


def _thing(row: dict[str, Any]) -> Cell:
    if row["kind"] == "tender":
        return Cell("legal_entity", "reg_no", row["key"])  # a tender's number is published
    return Cell("person", THING_ELEMENT.get(row["kind"], "id_no"), row["key"])


THING_LENGTH = 32
"""A node id of this length is a thing's."""

THING_ELEMENT = {"household": "household_no", "address": "address", "phone": "phone"}
"""Which element's grade and mask a thing's key has; any other thing is hidden like a number."""


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
