"""Counting for training: how rare values are among known entities, how many records speak of strangers, and which block values too many share."""

from __future__ import annotations

import math

import duckdb
import polars as pl

from cityweave.resolver.saved import Rarity
from cityweave.resolver.settings import BIT, Settings

MOST_RARITIES = 200_000
"""Values a feature: the commonest; the others share a default."""

LEAST_STRANGERS, MOST_STRANGERS = 0.05, 0.95
"""However the counts fall: somebody may always be unknown, and somebody known."""

LEAST_AGAIN = 0.02


def strangers(connection: duckdb.DuckDBPyConnection, feature: str, matched: float) -> float:
    """The share of units without accepted identifier whose entity is none of the accepted ones, from tables `one` and `known`.

    A stranger bears a name that no known entity has as often as a known entity bears one that no other has; somebody known does so only by error (1 - `matched`). So the share q of
    open units with a name unknown tells the share s of strangers: q = s p + (1 - s)(1 - matched), p the share of names borne once.
    """
    counted = f"select {feature} as value, count(*) as n from one where id_no is not null and {feature} is not null group by 1"
    once, total = connection.execute(f"select count(*) filter (where n = 1), coalesce(sum(n), 0) from ({counted})").fetchall()[0]
    query = (
        f"select count(*) filter (where n is null), count(*) from one left join ({counted}) on value = {feature} where id_no is null and {feature} is not null"
    )
    unseen, opened = connection.execute(query).fetchall()[0]
    if not total or not opened:
        return 1.0
    alone, missed = int(once) / int(total), 1 - matched
    share = (int(unseen) / int(opened) - missed) / max(alone - missed, 0.05)
    return min(max(share, LEAST_STRANGERS), MOST_STRANGERS)


def known_sql(connection: duckdb.DuckDBPyConnection, kind: str) -> str:
    """SQL: the accepted units of table `one`, by ref. Accepted are those whose number is whole, so where records with masked numbers or incomplete births are to be weighed, every
    second one is told as they are (the commonest way of masking; the name that shows most; the year alone): what agrees by chance is then seen.
    """
    everything = "select * from one where accepted order by ref"
    if kind != "person":
        return everything
    told = []
    shape = "regexp_replace(id_part, '[0-9X]', '#', 'g')"
    shapes = connection.execute(
        f"select {shape} as shape, count(*) as n from form_person where id_part is not null group by 1 order by 2 desc, 1 limit 1"
    ).fetchall()
    if shapes:
        masked = " || ".join("'*'" if mark == "*" else f"substr(id_text, {place}, 1)" for place, mark in enumerate(str(shapes[0][0]), start=1))
        told.append(f"case when half and length(id_text) = 18 then {masked} else id_part end as id_part")
    shape = "regexp_replace(name_part, '[^*]', '#', 'g')"  # that which shows most: of a surname alone its rarity speaks
    shapes = connection.execute(
        f"select {shape} as shape, count(*) as n from form_person where name_part is not null group by 1 order by length(replace(shape, '*', '')) desc, 2 desc, 1 limit 1"
    ).fetchall()
    if shapes:
        first, last = ("substr(name, 1, 1)" if str(shapes[0][0]).startswith("#") else "''"), ("right(name, 1)" if str(shapes[0][0]).endswith("#") else "''")
        hidden = "half and script = 'han' and length(name) > 1"
        told += [f"case when {hidden} then {first} || '*' || {last} else name_part end as name_part", f"case when not coalesce({hidden}, false) then name end as name"]
    if connection.execute("select count(*) from form_person where born_from <> born_to").fetchall()[0][0]:
        told += [f"case when half then substr({end}, 1, 4) || '{day}' else {end} end as {end}" for end, day in (("born_from", "-01-01"), ("born_to", "-12-31"))]
    halved = f"select *, row_number() over (order by ref) % 2 = 0 as half from ({everything})"
    replaced = f"replace ({', '.join(told)})" if told else ""
    return f"select * exclude (half) {replaced} from ({halved}) order by ref"


def rarities(connection: duckdb.DuckDBPyConnection, settings: Settings, accepted: bool, strange: float) -> dict[str, Rarity]:
    """Term frequencies of every feature whose rare values weigh more; `strange` is the share of strangers."""
    features = sorted({level.tf for comparison in settings.comparisons for level in comparison.levels if level.tf})
    return {feature: _rarity(connection, settings.kind, feature, accepted, strange) for feature in features}


def _rarity(connection: duckdb.DuckDBPyConnection, kind: str, feature: str, accepted: bool, strange: float) -> Rarity:
    """Term frequencies over units (accepted ones, where there are enough), not records: a person with many records does not make his name common.

    A value held by c of n units has frequency (c - 1 + s k) / n: c - 1 others are known to have it, and of those unknown (s) a share k has the value of somebody known, where k,
    between .02 and .5, is the share of units whose value another unit has too.
    """
    query = f"select {feature} as value, count(distinct unit) as n from form_{kind} where {feature} is not null{' and id_no is not null' * accepted} group by 1"
    counts = pl.DataFrame(connection.sql(query).to_arrow_table())
    total = int(counts["n"].sum() or 0)
    common = counts.filter(pl.col("n") > 1).sort(["n", "value"], descending=[True, False])
    again = max(min(max(int(common["n"].sum() or 0) / max(total, 1), LEAST_AGAIN), 0.5) * strange, LEAST_AGAIN)
    least = 1
    if common.height > MOST_RARITIES:
        least = int(common["n"][MOST_RARITIES])
        common = common.filter(pl.col("n") > least)
    bits = {n: round(-math.log2((n - 1 + again) / total) * BIT) for n in common["n"].unique().to_list()}
    values = {value: bits[n] for value, n in sorted(zip(common["value"].to_list(), common["n"].to_list(), strict=True))}
    return Rarity(round(-math.log2((least - 1 + again) / max(total, 2)) * BIT), values)


MOST_OF_ONE_VOICE = 10
"""So many times the units that make a value a stop key make it one, whoever they are: pairs grow with their square."""


def stop_keys(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, tuple[str, ...]]:
    """Blocking rule -> values that more units share than the rule allows. Records without accepted number that say the same of name, phone and address are one
    voice: the agent of forty firms is not forty people.
    """
    said = ("name", "phone", "address")
    voice = "case when accepted then cast(unit as varchar) else md5(" + " || '|' || ".join(f"coalesce({name}, '')" for name in said) + ") end"
    stop = {}
    for block in settings.blocks:  # a block at a time: one query for all would keep every value of every block
        held = f"select {block.key} as value, unit, accepted, {', '.join(said)} from form_{settings.kind}"
        often = f"select value from ({held}) where value is not null group by value having count(*) > {block.stop}"  # most values are rare, and counting is cheap
        many = f"count(distinct {voice}) > {block.stop} or count(distinct unit) > {block.stop * MOST_OF_ONE_VOICE}"
        query = f"select value from ({held}) where value in ({often}) group by value having {many} order by value"
        stop[block.name] = tuple(str(value) for (value,) in connection.execute(query).fetchall())
    return {rule: values for rule, values in stop.items() if values}
