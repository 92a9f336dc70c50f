"""Former names: a record may tell several, of which each is as good as the others."""

from __future__ import annotations

from cityweave.cfd_rules.classes import BETWEEN_NAMES

MOST = 8
"""So many former names of a record are looked at."""

PLACES = f"(values {', '.join(f'({place})' for place in range(1, MOST + 1))}) as told(nth)"
"""SQL: the places of names in a cell, to be joined where `nth` of it is not empty."""


def nth(names: str, place: str = "told.nth") -> str:
    """SQL: the name at a place of several; empty where there are fewer."""
    return f"split_part({names}, '{BETWEEN_NAMES}', {place})"


def told(record: str) -> str:
    """SQL: a join of every former name that a record tells."""
    return f"join {PLACES} on {nth(f'{record}.former_name')} <> ''"


def is_one(name: str, names: str) -> str:
    """SQL: the name is one of several."""
    return f"strpos('{BETWEEN_NAMES}' || {names} || '{BETWEEN_NAMES}', '{BETWEEN_NAMES}' || {name} || '{BETWEEN_NAMES}') > 0"


def canonical(kind: str) -> str:
    """SQL: the former names of open records as names are compared: record_id, former."""
    return f"""(
  select r.record_id, string_agg(f.name, '{BETWEEN_NAMES}' order by told.nth, f.name) as former
  from record_{kind} r {told("r")} join name_form_{kind} f on f.text = {nth("r.former_name")} where r.known_to is null group by r.record_id
)"""
