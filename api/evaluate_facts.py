"""How rightly facts and lives are dated, against a truth that lists what happened: by type of fact.

A true fact counts when some delivered row that can be read tells it: same type, same parties, of several spells the nearest. It is *rightly
dated* when a fact of ours has the same parties and the same first and last day; the last day is what sources say or, where none says it, when a
death or a cancellation ended the state. What no source dates that tells it is only known to hold from the day on which a department recorded it: such
a fact is *bounded* when it truly began by then. True spells of one thing that touch are one spell, as they are in our facts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from cityweave.api import truth
from cityweave.api.desk import Desk

FACTS, ROOMS = "fact.parquet", ("room.parquet", "building.parquet")
MOMENTS = ("birth", "death", "founding", "cancellation", "divorce", "adoption", "departure", "penalty", "part_of")
KEY = ["type", "parties"]
WHOLE = [*KEY, "valid_from", "valid_to"]


def dating(desk: Desk, folder: Path) -> dict[str, Any]:
    """By type of fact and in all: true facts, those some source tells, those found, begun, dated, bounded rightly; ours, and how many of them are right.

    Empty where the truth lists no facts.
    """
    path = folder / FACTS
    if not path.is_file():
        return {}
    records = truth.read(folder, desk.batches)
    things = _things(desk, folder)
    told = _told(desk, records, things).unique()
    true = _split(pl.read_parquet(path))
    ours = _ours(desk, records, things)
    scope = _touching(_in_scope(true, told))
    found = scope.pipe(_marked, ours, KEY, "found").pipe(_marked, ours, [*KEY, "valid_from"], "begun").pipe(_marked, ours, WHOLE, "dated")
    vague = ours.filter("bounded")
    known = found.join(vague.group_by(KEY).agg(earliest=pl.col("valid_from").min(), vague=pl.lit(True)), on=KEY, how="left")
    undated = pl.col("vague").fill_null(False) & ~pl.col("dated")
    known = known.with_columns(bounded=pl.col("found") & undated & (pl.col("earliest").is_null() | (pl.col("earliest") >= pl.col("valid_from"))))
    right = ours.pipe(_marked, true, WHOLE, "right").group_by("fact_id", "type").agg(pl.col("right").any())
    counts = known.group_by("type").agg(pl.len().alias("told"), *(pl.col(name).sum() for name in ("found", "begun", "dated", "bounded")))
    made = right.group_by("type").agg(pl.len().alias("ours"), pl.col("right").sum())
    whole = true.group_by("type").len("true").join(counts, on="type", how="left").join(made, on="type", how="left").fill_null(0).sort("type")
    total = whole.select(pl.lit("").alias("type"), pl.exclude("type").sum()).to_dicts()[0]
    return {"types": whole.to_dicts(), "total": total}


def _in_scope(true: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The true facts that some event tells: of several spells of the same parties the one that began nearest to what the event says."""
    numbered = true.with_row_index("n")
    near = told.with_row_index("event").join(numbered.select(*KEY, "n", pl.col("valid_from").alias("begun")), on=KEY)
    near = near.with_columns(gap=(pl.col("valid_from") - pl.col("begun")).dt.total_days().abs())
    chosen = near.sort("event", "gap", "begun", "n", nulls_last=True).unique("event", keep="first", maintain_order=True)
    return numbered.join(chosen.select("n").unique(), on="n", how="semi").drop("n")


def _touching(spells: pl.DataFrame) -> pl.DataFrame:
    """The spells of the same parties, those that touch or overlap put together."""
    far = pl.date(9999, 12, 31)
    ordered = spells.unique().sort(*KEY, "valid_from", "valid_to", nulls_last=True).with_columns(until=pl.col("valid_to").fill_null(far))
    reach = pl.col("until").cum_max().shift(1).over(KEY)
    run = (pl.col("valid_from").is_null() | (pl.col("valid_from") > reach).fill_null(True)).cum_sum().over(KEY)
    lasting = ~pl.col("type").is_in(MOMENTS)
    numbered = ordered.with_columns(run=pl.when(lasting).then(run).otherwise(pl.int_range(pl.len()).over(KEY)))
    joined = numbered.group_by(*KEY, "run", maintain_order=True).agg(
        pl.exclude("until", "valid_to", "valid_from").first(), pl.col("valid_from").min(), pl.col("until").max()
    )
    ends = pl.when((pl.col("until") < far) & ~pl.col("type").is_in(MOMENTS)).then("until")
    return joined.with_columns(valid_to=ends).select(spells.columns)


def _marked(facts: pl.DataFrame, others: pl.DataFrame, by: list[str], name: str) -> pl.DataFrame:
    """The facts, with whether `others` have one that is equal in these columns."""
    return facts.join(others.select(by).unique().with_columns(pl.lit(True).alias(name)), on=by, how="left", nulls_equal=True).with_columns(
        pl.col(name).fill_null(False)
    )


def _split(facts: pl.DataFrame) -> pl.DataFrame:
    """True facts with their parties in order of their roles."""
    parties = facts.with_row_index("n").with_columns(pl.col("parties").str.split("|")).explode("parties")
    joined = parties.sort("n", "parties").group_by("n", maintain_order=True).agg(pl.col("parties").str.join("|"))
    spouses = joined.with_columns(pl.col("parties").str.replace_all(r"spouse_[ab]=", "spouse=").str.split("|").list.sort().list.join("|"))
    return facts.drop("parties").with_row_index("n").join(spouses, on="n").drop("n").with_columns(pl.col("valid_to").cast(pl.Date)).pipe(_moments)


def _moments(facts: pl.DataFrame) -> pl.DataFrame:
    """A moment has no last day."""
    return facts.with_columns(pl.when(pl.col("type").is_in(MOMENTS)).then(None).otherwise(pl.col("valid_to")).alias("valid_to"))


def _named(parties: pl.DataFrame, by: str) -> pl.DataFrame:
    """One text of role=party a fact: parties that are not known make none."""
    known = parties.with_columns(pl.col("role").str.replace(r"^spouse_[ab]$", "spouse")).with_columns(said=pl.concat_str("role", pl.lit("="), "true"))
    return (
        known.group_by(by)
        .agg(pl.col("said").sort().str.join("|").alias("parties"), pl.col("true").is_null().any().alias("unknown"))
        .filter(~pl.col("unknown"))
        .drop("unknown")
    )


def _told(desk: Desk, records: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """type, parties and first day of every delivered event, whoever it is about in truth."""
    served = desk.served
    rows = pl.concat(
        [served.scan(f"record_{kind}").select("record_id", "batch", "row_no", pl.col("role").alias("record_role")) for kind in served.kinds()]
    ).collect()
    true = rows.join(records, left_on=["batch", "row_no", "record_role"], right_on=["batch", "row", "role"]).select("record_id", "batch", "row_no", "true")
    parties = served.scan("participant").collect().join(true, on=["record_id", "batch", "row_no"], how="left").join(things, on="thing_id", how="left")
    parties = parties.with_columns(pl.coalesce("true", "thing_true").alias("true"), event=pl.struct("event_id", "batch", "row_no"))
    events = (
        served.scan("event").select("event_id", "batch", "row_no", "type", "valid_from").collect().with_columns(event=pl.struct("event_id", "batch", "row_no"))
    )
    return _named(parties, "event").join(events.select("event", "type", "valid_from"), on="event").select(*KEY, "valid_from")


def _ours(desk: Desk, records: pl.DataFrame, things: pl.DataFrame) -> pl.DataFrame:
    """type, parties in truth's words, valid_from, valid_to of our facts."""
    served = desk.served
    rows = pl.concat([served.scan(f"record_{kind}").select("record_id", "batch", "row_no", "role") for kind in served.kinds()]).collect()
    true = rows.join(records, left_on=["batch", "row_no", "role"], right_on=["batch", "row", "role"]).select("record_id", "true").unique()
    held = served.scan("membership").select("record_id", "entity_id").collect().join(true, on="record_id")
    most = (
        held.group_by("entity_id", "true")
        .len()
        .sort(["entity_id", "len", "true"], descending=[False, True, False])
        .unique("entity_id", keep="first", maintain_order=True)
    )
    parties = served.scan("fact_party").collect().join(most.select("entity_id", "true"), on="entity_id", how="left").join(things, on="thing_id", how="left")
    parties = parties.with_columns(pl.coalesce("true", "thing_true").alias("true"))
    lives = served.scan("lifecycle").filter(pl.col("fact_id").is_not_null() & (pl.col("state") != "widowed"))
    lives = lives.group_by("fact_id").agg(pl.col("valid_from").min(), pl.col("valid_to").min())
    facts = served.scan("fact").select("fact_id", "type", "bounded", "valid_from", "valid_to")
    lived = facts.select("fact_id", "type", "bounded").join(lives, on="fact_id")
    both = pl.concat([facts, lived]).unique().collect().pipe(_moments)
    return _named(parties, "fact_id").join(both, on="fact_id").select("fact_id", "bounded", *WHOLE)


def _things(desk: Desk, folder: Path) -> pl.DataFrame:
    """thing_id -> what it truly is: a household by its number, an address by the room or building that truth has there."""
    places = [pl.read_parquet(folder / name).select("truth_id", "address") for name in ROOMS if (folder / name).is_file()]
    things = desk.served.scan("thing").collect()
    if places:
        true = pl.concat(places).drop_nulls()
        norms = desk.floors.norms(pl.concat([true["address"], desk.served.scan("address").select("text").collect()["text"]]))
        at = true.join(norms, left_on="address", right_on="text").group_by("norm").agg(pl.col("truth_id").min()).rename({"norm": "key"})
        things = things.join(at, on="key", how="left").with_columns(pl.when(pl.col("kind") == "address").then("truth_id").otherwise("key").alias("thing_true"))
    else:
        things = things.with_columns(thing_true=pl.col("key"))
    return things.select("thing_id", "thing_true")
