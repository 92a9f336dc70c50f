"""Addresses: each distinct text is parsed once, so that every way of writing a place gets the same norm (after GB/T 23705)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from cityweave.cfd_rules.address_known import districts, renamed, told_of, with_district, with_lane, with_phase, with_site
from cityweave.cfd_rules.address_words import BESIDE, DASHED, GENERIC, INSTEAD, ONLY_BEHIND, PARTS, REWRITTEN, SPELT
from cityweave.cfd_rules.cleaned import Values
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.item import item_table
from cityweave.cfd_rules.model import ADDRESS, ADDRESS_TEXT
from cityweave.cfd_rules.record import nothing
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.model import Arguments, Files, Inputs, Step

_DIGITS = "零〇一二三四五六七八九"
_TENS = {str(n): ("" if n < 10 else "十" if n < 20 else "二十") + _DIGITS[1:][n % 10].replace("〇", "") for n in range(1, 21)}

_COUNTED = ("branch", "lane", "side", "gate", "number", "committee", "regiment", "group", "line", "phase", "zone", "building", "unit", "floor", "room", "nook")
"""Parts whose numerals are written in digits."""


def address_text_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`address_text`: every cleaned text that stands in an address column."""
    selects, reads = [], []
    for contract in contracts:
        values = Values(contract, registry)
        for each in (None, *contract.lists):
            table = item_table(contract, each) if each else f"value_{contract.source}"
            for treatment, name in values.names(each).items():
                if treatment.cls == "address":
                    selects.append(f"SELECT {name} AS text FROM {table} WHERE {name} IS NOT NULL")
                    reads.append(table)
    told = " UNION ALL ".join(selects)
    return Step(
        writes=ADDRESS_TEXT,
        says="地址文本 / address texts",
        reads=tuple(dict.fromkeys(reads)),
        sql=f"SELECT DISTINCT text FROM ({told}) t" if told else nothing(ADDRESS_TEXT),
    )


def address_step() -> Step:
    """`address`: the texts parsed."""
    return Step(writes=ADDRESS, says="解析地址 / parse addresses", reads=("address_text",), python=parse_step)


def parse_step(inputs: Inputs, _: Arguments, __: Files) -> pa.Table:
    """The Python of `address`: its rows for the texts of `address_text`."""
    return parse(pl.DataFrame(pl.from_arrow(inputs["address_text"]))["text"])


def parse(texts: pl.Series) -> pa.Table:
    """Table `address` for distinct texts. A text that does not parse is its own norm."""
    frame = pl.DataFrame({"text": texts}).with_columns(beside=pl.col("text").str.extract(BESIDE, 1))
    rest = pl.when(pl.col("beside").is_null()).then("text").otherwise(pl.col("text").str.replace("[(（][^()（）]*[)）]", ""))
    frame = frame.with_columns(rest=rest)
    frame = _spelt(frame.with_columns(rewritten(frame["rest"])))
    for part, pattern in PARTS:
        frame = _take(frame, part, pattern)
    frame = _numbered(_dashes(frame)).with_columns(
        road=pl.coalesce("road", "avenue", "alley"),
        estate=pl.coalesce("estate", "site"),
        district=pl.coalesce("district", "banner"),
        **{part: _arabic(part) for part in _COUNTED},
    )
    frame = _floors(districts(frame)).with_columns(pl.col(*(part for part, _ in PARTS), "rest").str.replace_all("巿", "市"))
    called = pl.col("road").is_not_null() & pl.col("number").is_null() & pl.col("lane").is_null() & pl.col("estate").str.contains(GENERIC)
    named = pl.when(called).then(pl.col("road") + pl.col("estate")).otherwise("estate")
    frame = frame.with_columns(estate=named, road=pl.when(~called).then("road"))
    # groups are counted within a village, a regiment of a farm, or a neighbourhood: 河堡社区3组
    neighbours = pl.when(pl.col("group").is_not_null() & pl.col("road").is_null()).then("community")
    frame = frame.with_columns(village=pl.coalesce("village", pl.col("regiment") + "团", neighbours))
    frame = frame.with_columns(village=pl.col("village") + _mark("branch", "分场"))
    lane = _mark("lane", "巷") + _mark("side", "支弄") + _mark("way", "")
    frame = frame.with_columns(hamlet="village", village=pl.col("village") + lane, road=pl.col("road") + lane)
    frame = frame.with_columns(
        street=pl.col("street").str.replace("街道办事处$|街道办$", "街道"), rest=pl.when(pl.col("rest") == "").then(None).otherwise(pl.col("rest"))
    )
    frame = frame.with_columns(village=pl.col("village") + _mark("yard", ""))
    frame = _norms(frame)
    ids = pl.Series("address_id", [hashlib.md5(norm.encode()).hexdigest() for norm in frame["norm"]], dtype=pl.String)
    return frame.with_columns(ids).select(ADDRESS.names).to_arrow(compat_level=pl.CompatLevel.oldest())


def rewritten(texts: pl.Series) -> pl.Series:
    """The texts with ways of writing made one (REWRITTEN); each block of rules reads only the texts that some rule of it may fit."""
    for seen, rules in REWRITTEN:
        meant = texts.str.contains(seen)
        some = texts.filter(meant)
        for pattern, written in rules:
            some = some.str.replace_all(pattern, written)
        order = pl.concat([(~meant).arg_true(), meant.arg_true()])
        texts = pl.concat([texts.filter(~meant), some]).gather(order.arg_sort())
    return texts


def _spelt(frame: pl.DataFrame) -> pl.DataFrame:
    """The small number in a name spelt out (SPELT); few texts have one, so only these are written anew."""
    frame = frame.with_columns(spelt=pl.col("rest").str.extract(SPELT, 2))
    meant = pl.col("rest").str.extract(SPELT, 1) + pl.col("spelt").replace(_TENS) + pl.col("rest").str.extract(SPELT, 3)
    return frame.with_columns(rest=pl.when(pl.col("spelt").is_null()).then("rest").otherwise(pl.col("rest").str.replace(SPELT, meant)))


def _take(frame: pl.DataFrame, part: str, pattern: str) -> pl.DataFrame:
    looked = pl.all_horizontal(pl.col(other).is_null() for other in INSTEAD.get(part, ())) if part in INSTEAD else pl.lit(True)
    if part in ONLY_BEHIND:
        looked = pl.any_horizontal(pl.col(other).is_not_null() for other in ONLY_BEHIND[part])
    what = 1 if pattern.startswith("^") else 2  # what stands at the end has `behind` before it
    return frame.with_columns(pl.when(looked).then(pl.col("rest").str.extract(pattern, what)).alias(part)).with_columns(
        rest=pl.when(pl.col(part).is_null()).then(pl.col("rest")).otherwise(pl.col("rest").str.replace(pattern, "${behind}"))
    )


def _dashes(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers joined by dashes (DASHED) told by what stands before them; `dashed` says of 5-1 behind a building that its 5 may be a unit or a floor."""
    floor, unit, building = (pl.col(part).is_not_null() for part in ("floor", "unit", "building"))
    behind = pl.when(floor).then(pl.lit("floor")).when(unit).then(pl.lit("unit")).when(building).then(pl.lit("building")).otherwise(pl.lit(""))
    frame = frame.with_columns(behind=behind, dashed=pl.lit(False))
    for place, shape, parts in DASHED:
        told = (pl.col("behind") == place) & pl.col("rest").str.contains(shape)
        found = {part: pl.when(told).then(pl.col("rest").str.extract(shape, n)).otherwise(part) for n, part in enumerate(parts, start=1)}
        dashed = pl.col("dashed") | (told if (place, parts) == ("building", ("unit", "room")) else pl.lit(False))
        frame = frame.with_columns(**found, dashed=dashed, rest=pl.when(told).then(pl.lit("")).otherwise("rest"))
    return frame


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The number behind a group or a row of houses is the house's; where the place has a number of its own, it is a room's, and the row lies inside."""
    inside = pl.col("number").is_not_null()
    court = pl.when(inside & pl.col("line").is_not_null()).then(pl.coalesce("court", pl.lit("")) + _arabic("line") + "排").otherwise("court")
    room = pl.when(inside).then(pl.coalesce("room", "house")).otherwise("room")
    line = pl.when(~inside).then("line")
    return frame.with_columns(court=court, room=room, line=line, number=pl.coalesce("number", "house"))


def _floors(frame: pl.DataFrame) -> pl.DataFrame:
    """2楼3号 is room 203, 15楼A室 15A, 负1楼101 B101; a floor alone is a room, too. In a place without buildings 5楼301 is room 301 of building 5."""
    floor, room, level = pl.col("floor"), pl.col("room"), pl.col("floor") + "层"
    low = floor.str.contains("^B?[0-9]{1,2}$")
    inside = low & room.str.contains("^(?:[0-9]{1,2}[A-Z]?|[A-Z])$")
    called = pl.col("building").is_null() & low & room.str.contains("^[0-9]{3,4}$") & ~room.str.starts_with(floor) & ~floor.str.starts_with("B")
    below = floor.str.starts_with("B") & room.str.contains("^[0-9]{3,4}$")
    frame = frame.with_columns(
        building=pl.when(called).then(floor).otherwise("building"),
        floor=pl.when(called).then(None).otherwise(floor),
        room=pl.when(inside)
        .then(floor + room.str.replace("^([0-9][A-Z]?)$", "0${1}"))
        .when(below)
        .then("B" + room)
        .when(~low | (room.is_null() & floor.is_not_null()))
        .then(level + pl.coalesce("room", pl.lit("")))
        .otherwise(room),
    )
    return frame.with_columns(room=pl.when(pl.col("nook").is_null()).then("room").otherwise(pl.coalesce("room", pl.lit("")) + pl.col("nook")))


def _arabic(part: str) -> pl.Expr:
    """Chinese numerals up to 999 as digits, leading zeros off, letters in upper case."""
    value = pl.col(part).str.to_uppercase().str.replace_all("两", "二")
    for place, digit in enumerate(_DIGITS[2:], start=1):
        value = value.str.replace_all(digit, str(place))
    value = value.str.replace_all("[零〇]", "0")
    hundreds = (
        value.str.replace("^百", "1百").str.replace("百$", "00").str.replace("百0", "百").str.replace("^([1-9])百([1-9])$", "${1}0${2}").str.replace("百", "")
    )
    tens = (
        hundreds.str.replace("^十$", "10").str.replace("^十", "1").str.replace("十$", "0").str.replace("十", "")
    )
    return tens.str.replace("^0+([0-9])", "${1}")


def _norms(frame: pl.DataFrame) -> pl.DataFrame:
    """District, road and number find a building, so street and estate count only without them."""
    counted = pl.any_horizontal(pl.col(part).is_not_null() for part in ("committee", "group", "line"))
    located = pl.col("road").is_not_null() & pl.col("number").is_not_null() & ~counted
    frame = renamed(frame)
    frame = with_phase(with_site(with_lane(with_district(frame, located)), located), located)
    one_town = pl.col("hamlet").is_not_null() & (told_of("street", "hamlet") <= 1)  # then one writes it or not
    village = pl.when(one_town).then(pl.lit("")).otherwise(_mark("street", "")) + _mark("village", "") + _mark("road", "") + _mark("estate", "")
    village += _mark("committee", "委") + _mark("group", "组") + _mark("line", "排") + _mark("number", "号")
    sole = pl.col("estate_only").is_not_null() & (told_of("street", "estate_only") <= 1) & (told_of("road", "estate_only") <= 1)
    site = pl.when(sole).then("estate").otherwise(_mark("street", "") + _mark("road", "") + _mark("number", "号") + _mark("estate", ""))
    inside = ("village", "road", "number", "estate", "phase", "zone", "court", "building", "room")
    bare = pl.all_horizontal(pl.col(part).is_null() for part in inside) & ~counted
    site = pl.when(bare).then(_mark("street", "") + _mark("community", "")).otherwise(site)  # nobody lives in all of a street's neighbourhoods
    place = pl.when(located).then(_mark("road", "") + _mark("number", "号")).when(counted | pl.col("village").is_not_null()).then(village).otherwise(site)
    building = _mark("district_known", "") + place + _mark("phase", "期") + _mark("zone", "区") + _mark("court", "") + _mark("building", "栋")
    parsed = pl.col("rest").is_null() & (building != "")
    door = pl.when(pl.col("room").str.contains(r"\p{Han}")).then(pl.lit("")).otherwise(pl.lit("室"))  # 亭子间 is no number
    room = pl.when(pl.col("room").is_not_null()).then(building + _mark("unit", "单元") + pl.col("room") + door)
    frame = frame.with_columns(
        norm=pl.when(parsed).then(pl.coalesce(room, building + _mark("unit", "单元"))).otherwise(pl.col("text")),
        building_norm=pl.when(parsed).then(building),
        room_norm=pl.when(parsed).then(room),
    )
    house = (pl.col("norm") == pl.col("building_norm")) & pl.col("number").is_not_null() & (pl.col("room_norm").count().over("building_norm") == 0)
    return frame.with_columns(room_norm=pl.when(house).then("norm").otherwise("room_norm"))


def _mark(part: str, mark: str) -> pl.Expr:
    return pl.when(pl.col(part).is_null()).then(pl.lit("")).otherwise(pl.col(part) + mark)
