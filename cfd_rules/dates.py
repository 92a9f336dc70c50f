"""Dates (GB/T 7408) as SQL: every way of writing one becomes YYYY-MM-DD; what names only a year or a month, or an age, becomes the part that is known.

Canonical are `YYYY-MM-DD`, and as partial evidence `YYYY-MM`, `YYYY`, or an interval `YYYY-MM-DD/YYYY-MM-DD` in which the day lies (ISO 8601).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Sql: TypeAlias = str
Layer: TypeAlias = Callable[[Sql], Sql]

TOKENS = "YYYY|YY|MM|M|DD|D"
"""What a format is made of, beside marks: year, month and day with leading zeros or without."""

EXCEL = "excel"
"""The format that is no pattern: days since 1899-12-30, as a spreadsheet counts them."""

PARTIAL = "^[12][0-9]{3}(-(0[1-9]|1[0-2]))?$|^[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}$"

_YEAR = "regexp_matches({0}, '^(1[89]|20)[0-9]{{2}}([.][0-9]+)?$')"
"""SQL: four digits that are a year, as people write them; as serial days they would lie between 1904 and 1906."""

_HAN = "〇零○一二三四五六七八九"
_DIGITS = "000123456789"
_TOKENS = {"YYYY": "([0-9]{4})", "YY": "([0-9]{2})", "MM": "([0-9]{2})", "DD": "([0-9]{2})", "M": "([0-9]{1,2})", "D": "([0-9]{1,2})"}


def is_date(x: Sql) -> Sql:
    """True for a text YYYY-MM-DD that is in the calendar, and for a date of which only a part is known."""
    return f"(as_date({x}) IS NOT NULL OR coalesce(regexp_matches({x}, '{PARTIAL}'), FALSE))"


def agrees(known: Sql, day: Sql) -> Sql:
    """True when a date, or what is known of one, may be the day YYYY-MM-DD."""
    within = f"{day} >= substr({known}, 1, 10) AND {day} <= substr({known}, 12, 10)"
    return f"CASE WHEN length({known}) = 21 THEN {within} WHEN length({known}) < 10 THEN starts_with({day}, {known}) ELSE {known} = {day} END"


def date_layers(formats: tuple[str, ...] = (), pivot: int | None = None) -> tuple[Layer, ...]:
    """The layers of a date that is delivered in certain formats. A text that begins with a year of four digits can be read in one way only, so it always is."""
    stated = tuple(form for form in formats if form != EXCEL)

    def parts(x: Sql) -> Sql:
        cases = [_stated(x, form, pivot) for form in stated]
        if EXCEL in formats:
            cases.append(f"WHEN regexp_matches({x}, '^[1-9][0-9]{{3,4}}([.][0-9]+)?$') AND NOT {_YEAR.format(x)} THEN {_serial(x)}")
        return f"CASE {' '.join(cases)} ELSE {_parts(x)} END" if cases else _parts(x)

    return (parts, _padded, _checked)


def _stated(x: Sql, form: str, pivot: int | None) -> Sql:
    """WHEN a text has this format THEN its parts, parted by hyphens."""
    tokens = re.findall(TOKENS, form)
    body = "^" + re.sub(f"{TOKENS}|.", lambda found: _TOKENS.get(found[0]) or _literal(found[0]), form) + "$"
    body = body.replace("'", "''")
    groups = {token[0]: f"regexp_extract({x}, '{body}', {place})" for place, token in enumerate(tokens, start=1)}
    if "YY" in tokens:
        groups["Y"] = f"CASE WHEN {groups['Y']} <= '{pivot:02d}' THEN '20' ELSE '19' END || {groups['Y']}"
    return f"WHEN regexp_matches({x}, '{body}') THEN " + " || '-' || ".join(f"({groups[letter]})" for letter in "YMD" if letter in groups)


def _literal(mark: str) -> str:
    return f"\\{mark}" if mark in "\\^[]" else f"[{mark}]"


def _serial(x: Sql) -> Sql:
    """Serial day 60 is a 29 February 1900 that never was; nobody writes days before it."""
    day = f"CAST(DATE '1899-12-30' + CAST(as_int(split_part({x}, '.', 1)) AS INTEGER) AS VARCHAR)"
    return f"CASE WHEN length({x}) >= 4 AND as_int(split_part({x}, '.', 1)) >= 61 AND as_int(split_part({x}, '.', 1)) <= 73050 THEN {day} END"


def _parts(x: Sql) -> Sql:
    """Y-M-D, Y-M or Y from the usual ways of writing a date; time of day dropped. A month or day 00 is not known."""
    parted = f"regexp_matches({x}, '^[0-9]{{4}}[-/.年][0-9]{{1,2}}[-/.月][0-9]{{1,2}}日?([ T][0-9:.]+(Z|[+][0-9:]+)?)?$')"
    month = f"regexp_matches({x}, '^[0-9]{{4}}([-/.][0-9]{{1,2}}|年[0-9]{{1,2}}月)$')"
    return (
        f"CASE WHEN {x} LIKE '____-__-__' THEN {x} "
        f"WHEN length({x}) = 8 AND regexp_matches({x}, '^[0-9]{{8}}$') THEN substr({x}, 1, 4) || '-' || substr({x}, 5, 2) || '-' || substr({x}, 7, 2) "
        f"WHEN {parted} THEN regexp_extract(translate({x}, '/.年月日', '----'), '^[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}', 0) "
        f"WHEN {month} THEN regexp_extract(translate({x}, '/.年月', '---'), '^[0-9]{{4}}-[0-9]{{1,2}}', 0) "
        f"WHEN regexp_matches({x}, '^[12][0-9]{{3}}年?$') THEN substr({x}, 1, 4) "
        f"WHEN regexp_matches({x}, '^[0-9]{{4}}[-/.年·、] ?[0-9]{{1,2}}([-/.月·、] ?[0-9]{{1,2}})?[日.月]?$') "
        f"THEN regexp_extract(translate({x}, '/.年月·、 日', '------'), '^[0-9]{{4}}-[0-9]{{1,2}}(-[0-9]{{1,2}})?', 0) "
        f"WHEN regexp_matches({x}, '^[0-9]{{8}}[.]0$') THEN substr({x}, 1, 4) || '-' || substr({x}, 5, 2) || '-' || substr({x}, 7, 2) "
        f"WHEN regexp_matches({x}, '^([{_HAN}]{{4}}年|民国)') THEN {_chinese(x)} END"
    )


def _chinese(x: Sql) -> Sql:
    """一九九〇年三月二十一日, 民国三十五年三月: numerals first become digits, then the year of the Republic one of the common era."""
    digits = f"translate({x}, '{_HAN}', '{_DIGITS}')"
    tens = f"regexp_replace(regexp_replace({digits}, '([1-9])十([1-9])', '\\1\\2', 'g'), '([1-9])十', '\\g0', 'g')".replace("\\g0", "\\10")
    ones = f"replace(regexp_replace({tens}, '十([1-9])', '1\\1', 'g'), '十', '10')"
    ones = f"replace({ones}, '元年', '1年')"
    marked = f"regexp_extract(translate(replace({ones}, '民国', ''), '年月日', '---'), '^[0-9]+(-[0-9]{{1,2}}(-[0-9]{{1,2}})?)?', 0)"
    year = f"CAST(as_int(split_part({marked}, '-', 1)) + 1911 AS VARCHAR) || substr({marked}, length(split_part({marked}, '-', 1)) + 1)"
    return f"CASE WHEN starts_with({x}, '民国') THEN {year} ELSE {marked} END"


def _padded(x: Sql) -> Sql:
    """Two digits for month and day. 00 is not known: then only what stands before it counts."""
    month, day = f"lpad(split_part({x}, '-', 2), 2, '0')", f"lpad(split_part({x}, '-', 3), 2, '0')"
    year = f"split_part({x}, '-', 1)"
    return (
        f"CASE WHEN length({x}) = 10 AND strpos({x}, '-00') = 0 THEN {x} WHEN strpos({x}, '-') = 0 OR {month} = '00' THEN {year} "
        f"WHEN split_part({x}, '-', 3) = '' OR {day} = '00' THEN {year} || '-' || {month} ELSE {year} || '-' || {month} || '-' || {day} END"
    )


def _checked(x: Sql) -> Sql:
    return f"CASE WHEN {is_date(x)} THEN {x} END"


def born(age: Sql, at: Sql, until: Sql, nominal: bool = False) -> Sql:
    """The days between which somebody was born who has an age on some day between two DATEs: an interval.

    Of a nominal age (虚岁, one at birth, one more each new year) the year.
    """
    if nominal:
        return f"CAST(year({at}) - as_int({age}) + 1 AS VARCHAR)"
    last = _years_before(until, f"as_int({age})")
    first = f"CAST(CAST(as_date({_years_before(at, f'(as_int({age}) + 1)')}) + INTERVAL 1 DAY AS DATE) AS VARCHAR)"
    return f"{first} || '/' || {last}"


def _years_before(at: Sql, years: Sql) -> Sql:
    rest = f"substr(CAST({at} AS VARCHAR), 5, 6)"
    return f"lpad(CAST(year({at}) - {years} AS VARCHAR), 4, '0') || CASE WHEN {rest} = '-02-29' THEN '-02-28' ELSE {rest} END"
