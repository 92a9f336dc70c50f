"""Answers about the whole generation: status, quality, export, digest, diff, the review list."""

from __future__ import annotations

from typing import Any

import polars as pl

from cityweave.api.desk import Desk
from cityweave.api.model import Cell, Diff, Digest, Export, Found, Possible, Quality, Status
from cityweave.api.number import kept
from cityweave.api.served import Served, label_element
from cityweave.engine.errors import InputError

WHOLE = ("*",)


def status(desk: Desk, _: Status) -> Found:
    """Batches, entities by kind, findings, what waits for a person, decisions."""
    served = desk.served
    return Found(
        {
            "batches": [
                {
                    "batch": batch.number,
                    "source": batch.source,
                    "file": batch.file_name,
                    "delivered": batch.delivered.isoformat(),
                    "bytes": batch.bytes,
                    "rows": batch.rows,
                }
                for batch in desk.batches
            ],
            "kinds": [{"kind": kind, "records": _live(served, kind), "entities": count(served, f"entity_{kind}")} for kind in served.kinds()],
            "findings": {name: count(served, name) for name in ("quarantine", "violation", "repair", "possible", "fact", "edge")},
            "decisions": [
                {"number": item.seq, "verb": item.verb, "left": item.left_ref, "right": item.right_ref, "who": item.who, "because": kept(item.because)}
                for item in desk.decided()
            ],
            "unbound": sorted(served.scan("unbound_decision").collect()["id"].to_list()) if served.has("unbound_decision") else [],
        }
    )


def count(served: Served, table: str) -> int:
    """How many rows a table has; 0 when there is none of that name."""
    return int(served.scan(table).select(pl.len()).collect().item()) if served.has(table) else 0


def _live(served: Served, kind: str) -> int:
    return int(served.scan("membership").filter(pl.col("kind") == kind).select(pl.len()).collect().item())


def quality(desk: Desk, asked: Quality) -> Found:
    """By source and rule how often; with `rows`, the place of each finding in the delivered file."""
    served = desk.served
    chosen = pl.lit(True) if asked.source is None else pl.col("source") == asked.source
    if asked.source is not None and asked.source not in {batch.source for batch in desk.batches}:
        raise InputError(f"没有来源 {asked.source} / there is no source {asked.source}", "", "见 cityweave status / see cityweave status")
    violations, quarantine = served.scan("violation").filter(chosen), served.scan("quarantine").filter(chosen)
    data: dict[str, Any] = {
        "violations": _counts(violations, "source", "kind", "element", "rule", "category"),
        "repairs": _counts(_repairs(served).filter(chosen), "source", "kind", "element", "rule", "strength"),
        "quarantined": _counts(quarantine, "source", "problem"),
        "normalised": _counts(served.scan("normalised").filter(chosen), "source", "heading", "form") if served.has("normalised") else [],
    }
    if asked.rows:
        rows = violations.select("source", "batch", "row_no", "role", "element", "rule").unique().sort("source", "batch", "row_no", "role", "element", "rule")
        unread = quarantine.sort("source", "batch", "row_no").collect()
        data["rows"] = [_place(desk, row) for row in rows.head(asked.limit).collect().to_dicts()]
        data["unread"] = [
            {"file": _file(desk, row["batch"]), "batch": row["batch"], "row": row["row_no"], "problem": row["problem"]}
            for row in unread.head(asked.limit).to_dicts()
        ]
        data["cut"] = max(0, int(rows.select(pl.len()).collect().item()) - asked.limit) + max(0, unread.height - asked.limit)
    named = {item["rule"] for name in ("violations", "repairs") for item in data[name]} | {item["rule"] for item in data.get("rows", ())}
    data["rules"] = {rule: desk.rules[rule] for rule in sorted(named & set(desk.rules))}
    return Found(data, WHOLE if asked.rows else ())


def _repairs(served: Served) -> pl.LazyFrame:
    sources = pl.concat([served.scan(f"record_{kind}").select("record_id", "batch", "row_no", "source") for kind in served.kinds()])
    return served.scan("repair").join(sources, on=["record_id", "batch", "row_no"])


def _counts(rows: pl.LazyFrame, *columns: str) -> list[dict[str, Any]]:
    return rows.group_by(columns).agg(pl.len().alias("rows")).sort(*columns).collect().to_dicts()


def _place(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    column = desk.columns.get((row["source"], row["role"], row["element"]), "")
    return {
        "file": _file(desk, row["batch"]),
        "batch": row["batch"],
        "row": row["row_no"],
        "column": column,
        "role": row["role"],
        "element": row["element"],
        "rule": row["rule"],
    }


def _file(desk: Desk, batch: int) -> str:
    return next((item.file_name for item in desk.batches if item.number == batch), "")


def digest(desk: Desk, _: Digest) -> Found:
    """Table -> the hash of its rows in key order."""
    return Found({"tables": desk.floors.digest()})


EXPORTED = ("edge", "event", "fact", "fact_event", "fact_party", "lifecycle", "participant", "possible", "quarantine", "violation")
"""Tables that hold no value of an element and go out as they are; `record_<kind>` and `entity_<kind>` go out masked."""


def export(desk: Desk, asked: Export) -> Found:
    """A table as a frame; columns of elements go masked."""
    served = desk.served
    if asked.table == "membership":
        rows = membership(served, everything=asked.all)
        return Found({"table": asked.table, "rows": rows.height}, WHOLE, frame=rows)
    kind = asked.table.partition("_")[2]
    if asked.table.startswith(("record_", "entity_")) and kind in served.kinds():
        rows = served.scan(asked.table).collect()
        cells = {column: (kind, column) for column in rows.columns if (kind, column) in desk.titles}
        return Found({"table": asked.table, "rows": rows.height}, WHOLE, frame=rows.drop("ref", "key", strict=False), cells=cells)
    if asked.table not in EXPORTED:
        known = sorted(["membership", *EXPORTED, *(f"{what}_{kind}" for what in ("record", "entity") for kind in served.kinds())])
        raise InputError(f"不能导出 {asked.table} / {asked.table} is not exported", "", f"可用 / use one of: {', '.join(known)}")
    rows = served.scan(asked.table).collect()
    return Found({"table": asked.table, "rows": rows.height}, WHOLE, frame=rows)


def membership(served: Served, *, everything: bool = False) -> pl.DataFrame:
    """source, batch, row, role, record_id, entity_id: a line per live record, the row of its current version; or, `everything`, per delivered row's record."""
    records = pl.concat([served.scan(f"record_{kind}").select("source", "batch", "row_no", "role", "record_id", "known_to") for kind in served.kinds()])
    if not everything:
        records = records.filter(pl.col("known_to").is_null())
    joined = records.join(served.scan("membership").select("record_id", "entity_id"), on="record_id", how="left" if everything else "inner")
    return joined.select("source", "batch", pl.col("row_no").alias("row"), "role", "record_id", "entity_id").sort("source", "batch", "row", "role").collect()


def diff(desk: Desk, asked: Diff, before: Served) -> Found:
    """Entities merged, split, new and gone between an older generation and this one, by the records that both hold."""
    old = before.scan("membership").select("record_id", pl.col("entity_id").alias("old"))
    new = desk.served.scan("membership").select("record_id", pl.col("entity_id").alias("new"))
    moves = old.join(new, on="record_id", how="inner").select("old", "new").unique().collect()
    ids_old, ids_new = (set(side.select(name).unique().collect()[name].to_list()) for side, name in ((old, "old"), (new, "new")))
    merged = moves.group_by("new").agg(pl.col("old").sort()).filter(pl.col("old").list.len() > 1).sort("new")
    split = moves.group_by("old").agg(pl.col("new").sort()).filter(pl.col("new").list.len() > 1).sort("old")
    appeared, gone = sorted(ids_new - set(moves["new"].to_list())), sorted(ids_old - ids_new)
    data = {
        "old": before.generation,
        "new": desk.served.generation,
        "counts": {"merged": merged.height, "split": split.height, "new": len(appeared), "gone": len(gone), "kept": len(ids_old & ids_new)},
        "merged": [{"into": into, "from": parts} for into, parts in merged.head(asked.limit).iter_rows()],
        "split": [{"from": whole, "into": parts} for whole, parts in split.head(asked.limit).iter_rows()],
        "new_entities": appeared[: asked.limit],
        "gone": gone[: asked.limit],
    }
    named = {item for row in merged.head(asked.limit).rows() + split.head(asked.limit).rows() for item in (row[0], *row[1])}
    return Found(data, tuple(sorted(named | set(appeared[: asked.limit]) | set(gone[: asked.limit]))))


def possible(desk: Desk, asked: Possible) -> Found:
    """Pairs in the review band, the likeliest first."""
    rows = desk.served.scan("possible")
    if asked.kind is not None:
        rows = rows.filter(pl.col("kind") == asked.kind)
    found = rows.sort([pl.col("weight").neg(), "kind", "left_id", "right_id"]).collect()
    shown = found.head(asked.limit).to_dicts()
    entities = desk.served.entities_of(row[side] for row in shown for side in ("left_id", "right_id"))
    labels = desk.served.labels(entities.values())
    pairs = []
    for row in shown:
        element = label_element(row["kind"])
        sides = {
            side: {
                "record": row[f"{side}_id"],
                "entity": entities[row[f"{side}_id"]],
                "label": Cell(row["kind"], element, labels.get(entities[row[f"{side}_id"]], {}).get(element)),
            }
            for side in ("left", "right")
        }
        pairs.append({"kind": row["kind"], "weight": row["weight"], **sides})
    return Found({"pairs": pairs, "total": found.height, "cut": max(0, found.height - asked.limit)}, tuple(sorted(set(entities.values()))))
