"""Numbers that are written in several ways, as SQL over whole numbers, so that both engines agree: shares, amounts, identifiers of which a part is masked."""

from __future__ import annotations

from cityweave.cfd_rules.dates import Layer, Sql

_HAN, _DIGITS = "〇零一二两三四五六七八九", "001223456789"
MASKS = "×●•■□○◆#_?…"
"""Characters that hide others, beside * and a run of X."""


def millionths(x: Sql, unit: str = "") -> Sql:
    """A share in millionths from 30%, 30.5%, 0.305, 30, 3/10, 三分之一 or 百分之三十, as text; NULL when it is none.

    A plain number above 1 is one of a hundred; with `unit` percent every plain number is, with `unit` share none.
    """
    number = f"replace({x}, '%', '')"
    whole, part = f"regexp_extract({number}, '^([0-9]+)', 1)", f"regexp_extract({number}, '^[0-9]+[.]([0-9]+)', 1)"
    percent = f"as_int({whole} || substr({part} || '0000', 1, 4))"
    share = f"as_int({whole} || substr({part} || '000000', 1, 6))"
    over, under = f"as_int(split_part({x}, '/', 1))", f"as_int(split_part({x}, '/', 2))"
    plain = {"percent": percent, "share": share}.get(unit, f"CASE WHEN {share} > 1000000 THEN {percent} ELSE {share} END")
    said = f"translate({x}, '{_HAN}', '{_DIGITS}')"
    below, above = f"as_int(split_part({said}, '分之', 1))", f"as_int(split_part({said}, '分之', 2))"
    hundred = f"as_int(split_part({said}, '分之', 2)) * 10000"
    value = (
        f"CASE WHEN regexp_matches({x}, '^[0-9]{{1,9}}([.][0-9]+)?%$') THEN {percent} "
        f"WHEN regexp_matches({x}, '^[0-9]{{1,9}}([.][0-9]+)?$') THEN {plain} "
        f"WHEN regexp_matches({x}, '^[0-9]{{1,9}}/0*[1-9][0-9]{{0,8}}$') THEN {over} * 1000000 // {under} "
        f"WHEN regexp_matches({said}, '^百分之[0-9]{{1,3}}$') THEN {hundred} "
        f"WHEN regexp_matches({said}, '^[1-9]分之[0-9]$') THEN {above} * 1000000 // {below} END"
    )
    return f"CAST({value} AS VARCHAR)"


def amount_layers(unit: str = "") -> tuple[Layer, ...]:
    """The layers that make an amount in 万元 from 500万元, 5,000,000元, 0.5亿元人民币. A plain number is of `unit`: 万元 where nothing is said."""
    return (lambda x: f"replace({x}, ',', '')", lambda x: _fen(x, unit), _ten_thousands)


_AMOUNT = "^(?:人民币|RMB|¥)?([0-9]{1,10}(?:[.][0-9]+)?) *[(]?([亿万]?)([元圆]?)(?:人民币|RMB)?元?[)]?$"


def _fen(x: Sql, unit: str) -> Sql:
    """Whole fen (a hundredth of a yuan)."""
    number, mark, yuan = (f"regexp_extract({x}, '{_AMOUNT}', {group})" for group in (1, 2, 3))

    def times(places: int) -> Sql:
        return f"as_int(split_part({number}, '.', 1) || substr(split_part({number}, '.', 2) || '{'0' * places}', 1, {places}))"

    plain = times({"元": 2, "亿元": 10}.get(unit, 6))
    value = f"CASE WHEN {mark} = '亿' THEN {times(10)} WHEN {mark} = '万' THEN {times(6)} WHEN {yuan} <> '' THEN {times(2)} ELSE {plain} END"
    return f"CASE WHEN regexp_matches({x}, '{_AMOUNT}') THEN CAST({value} AS VARCHAR) END"


def _ten_thousands(x: Sql) -> Sql:
    rest = f"lpad(CAST(as_int({x}) % 1000000 AS VARCHAR), 6, '0')"
    return f"regexp_replace(CAST(as_int({x}) // 1000000 AS VARCHAR) || '.' || {rest}, '[.]?0+$', '', 'g')"


def masked(x: Sql, run: str = "XX") -> Sql:
    """The text, with * for each hidden character where some are: 4401XXXX1234 and 4401××××1234 are 4401****1234. `run` is how many X hide something."""
    body, last = f"substr({x}, 1, length({x}) - 1)", f"substr({x}, length({x}), 1)"
    runs = f"translate({body}, 'X', '*') || CASE WHEN {last} = 'X' AND substr({x}, length({x}) - 1, 1) IN ('X', '*') THEN '*' ELSE {last} END"
    starred = f"CASE WHEN strpos({x}, '{run}') > 0 THEN {runs} ELSE {x} END"
    return f"CASE WHEN regexp_matches({x}, '[*{MASKS}]|{run}') THEN translate({starred}, '{MASKS}', '{'*' * len(MASKS)}') ELSE {x} END"


def filled_out(x: Sql, length: int = 18) -> Sql:
    """A masked number with a single run of * brought to its length; one of 15 or 18 characters has it already, and so has a passport's or a permit's,
    which begins with letters: G7****186.
    """
    head, tail = f"regexp_extract({x}, '^([^*]*)[*]', 1)", f"regexp_extract({x}, '[*]([^*]*)$', 1)"
    short = f"regexp_matches({x}, '^[A-Z]{{1,3}}[0-9]*[*]+[0-9]*$') AND length({x}) <= 12"
    single = f"regexp_matches({x}, '^[^*]*[*]+[^*]*$') AND length({x}) NOT IN (15, {length}) AND NOT {short} AND length(replace({x}, '*', '')) < {length}"
    return f"CASE WHEN {single} THEN {head} || repeat('*', {length} - length({head}) - length({tail})) || {tail} ELSE {x} END"
