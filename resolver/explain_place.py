"""Why two records of buildings or rooms are two places: their codes, and where they stand. The rules told here are those of `place.unit_sql`."""

from __future__ import annotations

from typing import Any

from cityweave.resolver.evidence import Reader

CODES = {
    "one": "两条记录在同一套编码里是两个号 / in one numbering the two have two numbers",
    "several": "两条记录的编码出自互不相通的两套编码 / their codes are of two numberings that share no code",
    "left": "前一条有编码，后一条没有 / the first has a code, the second has none",
    "right": "后一条有编码，前一条没有 / the second has a code, the first has none",
    "none": "两条记录都没有编码 / neither has a code",
}
PLACES = {
    "same": "地址相同；但这个地址不止一个编码，不能断定是哪一个 / one address; but several codes stand there, so it does not say which of them",
    "room": "同一栋楼里的另一个房号 / another room of the same building",
    "building": "另一栋楼的地址 / addresses of two buildings",
    "wide": "一条记录的地址只到楼栋，没有房号 / an address that names the building and no room",
    "unread": "有地址，但读不出楼栋或房号 / an address in which no building or room can be read",
    "missing": "没有地址 / no address",
}
SIDES = ("前一条 / the first: ", "后一条 / the second: ")


def apart(reader: Reader, kind: str, left: int, right: int) -> list[str]:
    """The sentences: of their codes, then of their addresses."""
    forms = {row["record_id"]: row for row in reader.where(f"form_{kind}", "record_id", [left, right]).to_pylist()}
    one, other = forms[left], forms[right]
    return [CODES[_codes(reader, kind, one, other)], *_places(reader, kind, one, other)]


def _codes(reader: Reader, kind: str, one: dict[str, Any], other: dict[str, Any]) -> str:
    if not (one["id_no"] and other["id_no"]):
        return "left" if one["id_no"] else "right" if other["id_no"] else "none"
    if one["source"] == other["source"]:
        return "one"
    held = [
        {row["id_no"] for row in reader.where(f"form_{kind}", "source", [side["source"]], ["id_no"]).to_pylist() if row["id_no"]} for side in (one, other)
    ]
    return "several" if held[0].isdisjoint(held[1]) else "one"


def _places(reader: Reader, kind: str, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    if one["address"] and one["address"] == other["address"]:
        # Two codes of one numbering have said it all: there may well be several at one address.
        return [] if one["source"] == other["source"] and one["id_no"] and other["id_no"] else [PLACES["same"]]
    told = [_address(reader, kind, side["record_id"]) for side in (one, other)]
    lacks = [(SIDES[place], _lack(kind, row)) for place, row in enumerate(told)]
    if any(lack for _, lack in lacks):
        return [f"{side}{PLACES[lack]}" for side, lack in lacks if lack]
    same = kind == "room" and told[0]["building_norm"] == told[1]["building_norm"]
    return [PLACES["room" if same else "building"]]


def _address(reader: Reader, kind: str, record: int) -> dict[str, Any]:
    """The parsed address of the open version of a record: text and norms, empty where there is none."""
    texts = [row["address"] for row in reader.where(f"record_{kind}", "record_id", [record], ["address", "known_to"]).to_pylist() if row["known_to"] is None]
    found = reader.where("address", "text", [text for text in texts if text]).to_pylist()
    return found[0] if found else {"text": None, "building_norm": None, "room_norm": None}


def _lack(kind: str, row: dict[str, Any]) -> str:
    """What an address lacks to name a place of that kind; empty where it lacks nothing."""
    if not row["text"]:
        return "missing"
    if kind == "building" or row["room_norm"]:
        return "" if row["building_norm"] or row["room_norm"] else "unread"
    return "wide" if row["building_norm"] else "unread"
