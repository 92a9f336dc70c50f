"""Classes of data elements: how a delivered text becomes canonical text, and when canonical text is usable. All as SQL expressions.

A class is a tuple of layers: each is an expression over one column, the column being what the layer before it made. So no expression is written twice
however often it is used. What the last layer leaves NULL keeps the folded text, and the class's `valid` says that it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cityweave.cfd_rules.dates import Layer, Sql, date_layers, is_date
from cityweave.cfd_rules.measures import filled_out, masked

__all__ = ["Layer", "Sql"]

WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
NARROW = "".join(chr(code) for code in range(0x21, 0x7F))
SPACES = "\t\n\r\u00a0\u1680" + "".join(chr(code) for code in range(0x2000, 0x200B)) + "\u202f\u205f\u3000"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_DOTS = "•‧・∙⋅･●﹒◦"
_STROKES = ".。-"
"""Between two Chinese characters of a person's name these stand for the dot."""

_WORDS = ("null", "none", "nan", "n/a", "na", "nil", "#n/a", "unknown")
_MARKS = ("-", "--", "---", "/", "\\", ".", "*", "?")
PLACEHOLDERS = (
    *("无", "无名", "不详", "未知", "不明", "暂无", "空", "未填", "待补"),
    *_MARKS,
    *(form for word in _WORDS for form in (word, word.upper(), word.capitalize())),
)
"""What people write into a cell that they must not leave empty."""


@dataclass(frozen=True)
class Class:
    """How values of a class are brought into canonical text, and when they are usable."""

    says: str
    layers: tuple[Layer, ...] = ()
    valid: Callable[[Sql], Sql] | None = None  # over canonical text, never over NULL


def text_literal(value: str) -> Sql:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def fold(x: Sql) -> Sql:
    """Full-width forms, odd spaces and invisible characters folded, trimmed; most cells need nothing and are only looked at."""
    swapped = f"translate({x}, {text_literal(WIDE + SPACES + INVISIBLE)}, {text_literal(NARROW + ' ' * len(SPACES))})"
    return f"CASE WHEN regexp_matches({x}, '^[!-~一-龥]+$') THEN {x} ELSE nullif(trim({swapped}), '') END"


def known(x: Sql, more: tuple[str, ...] = ()) -> Sql:
    """NULL for a placeholder, else the folded text. One search in one text: a list of words would cost more to plan than to run."""
    words = text_literal("␟" + "␟".join((*PLACEHOLDERS, *more)) + "␟")
    return f"CASE WHEN strpos({words}, '␟' || {x} || '␟') > 0 THEN NULL ELSE {x} END"


def lower(x: Sql) -> Sql:
    """ASCII letters in lower case: the two engines agree on nothing else. Translating is slow, so what has no letter is only looked at."""
    return f"CASE WHEN regexp_matches({x}, '[A-Z]') THEN translate({x}, '{_UPPER}', '{_LOWER}') ELSE {x} END"


def _compact(x: Sql) -> Sql:
    """Spaces mean nothing between Han; between Latin words one is kept."""
    single = f"regexp_replace({x}, ' +', ' ', 'g')"
    return f"CASE WHEN strpos({x}, ' ') = 0 THEN {x} WHEN regexp_matches({x}, '[A-Za-z]') THEN {single} ELSE replace({x}, ' ', '') END"


def _name(x: Sql) -> Sql:
    dotted = " OR ".join(f"strpos({x}, '{dot}') > 0" for dot in _DOTS)
    struck = " OR ".join(f"strpos({x}, '{mark}') > 0" for mark in _STROKES)
    between = f"regexp_replace({x}, '([一-龥])[{_STROKES}]([一-龥])', '\\1·\\2', 'g')"
    return f"CASE WHEN {dotted} THEN translate({x}, '{_DOTS}', '{'·' * len(_DOTS)}') WHEN {struck} THEN {between} ELSE {x} END"


BETWEEN_NAMES = ";"
"""Between the several names of a cell, in canonical text."""

_LEGAL_FORMS = "公司|企业|集团|合伙|[厂店行社部所院校学园会局站场队馆中心处户]|[)]"


def _person_names(x: Sql) -> Sql:
    """Several names in a cell. A comma or a slash, which may stand inside a Latin name, parts Chinese ones alone."""
    parted = f"regexp_replace(regexp_replace({x}, '([一-龥]) *[,/] *([一-龥])', '\\1、\\2', 'g'), ' *[、;|]+ *', '{BETWEEN_NAMES}', 'g')"
    return f"CASE WHEN regexp_matches({x}, '[、;|,/]') THEN regexp_replace({parted}, '^[ ;,/]+|[ ;,/]+$', '', 'g') ELSE {x} END"


def _firm_names(x: Sql) -> Sql:
    """Several names in a cell: 甲、乙合作社 is one, so every mark must stand behind the end of a name."""
    parted = f"regexp_replace({x}, '({_LEGAL_FORMS}) *[、;|,/]+ *', '\\1{BETWEEN_NAMES}', 'g')"
    return f"CASE WHEN regexp_matches({x}, '[、;|,/]') THEN regexp_replace({parted}, '^[ ;,/]+|[ ;,/]+$', '', 'g') ELSE {x} END"


def _token(x: Sql) -> Sql:
    """Letters in upper case, without spaces and hyphens."""
    return f"CASE WHEN regexp_matches({x}, '^[0-9A-Z]+$') THEN {x} ELSE translate({x}, '{_LOWER} -', '{_UPPER}') END"


# Citizen identity numbers, GB 11643-1999: 17 digits and a check character (ISO 7064, mod 11-2); of 1989: 15 digits without century and check.

GB11643_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def gb11643_check(x: Sql) -> Sql:
    """The check character of the first 17 digits."""
    total = " + ".join(f"{weight} * (strpos('0123456789', substr({x}, {place}, 1)) - 1)" for place, weight in enumerate(GB11643_WEIGHTS, start=1))
    return f"substr('10X98765432', (({total}) % 11) + 1, 1)"


def gb11643_birth(x: Sql) -> Sql:
    """The date of birth in a number of 18 characters, YYYY-MM-DD."""
    return f"substr({x}, 7, 4) || '-' || substr({x}, 11, 2) || '-' || substr({x}, 13, 2)"


def gb11643_sex(x: Sql) -> Sql:
    """The sex in a number of 18 characters, GB/T 2261.1: an odd 17th digit is male."""
    return f"CASE WHEN substr({x}, 17, 1) IN ('1', '3', '5', '7', '9') THEN '1' ELSE '2' END"


def _gb11643_long(x: Sql) -> Sql:
    """15 digits become 17; what is hidden becomes *."""
    old = f"length({x}) = 15 AND regexp_matches({x}, '^[1-9][0-9]{{14}}$')"
    whole = f"regexp_matches({x}, '^[0-9]{{17}}[0-9X]$')"
    return f"CASE WHEN {whole} THEN {x} WHEN {old} THEN substr({x}, 1, 6) || '19' || substr({x}, 7, 9) ELSE {masked(x)} END"


def _gb11643_closed(x: Sql) -> Sql:
    born = f"as_date({gb11643_birth(x)}) IS NOT NULL"
    return (
        f"CASE WHEN length({x}) = 18 THEN {x} WHEN strpos({x}, '*') > 0 THEN {filled_out(x)} "
        f"WHEN length({x}) = 17 AND regexp_matches({x}, '^[1-9][0-9]{{16}}$') AND {born} THEN {x} || {gb11643_check(x)} "
        f"WHEN length({x}) = 17 THEN NULL ELSE {x} END"
    )


def gb11643_valid(x: Sql) -> Sql:
    """True for a usable identity number: 18 characters, a real date of birth, the check character right."""
    return (
        f"(length({x}) = 18 AND regexp_matches({x}, '^[1-9][0-9]{{16}}[0-9X]$') AND {gb11643_check(x)} = substr({x}, 18, 1) "
        f"AND as_date({gb11643_birth(x)}) IS NOT NULL AND substr({x}, 7, 4) >= '1850')"
    )


# Unified social credit codes, GB 32100-2015: 17 characters in base 31 and a check character; weights 3^i mod 31.

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BASE31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def gb32100_valid(x: Sql) -> Sql:
    """True for a usable unified social credit code."""
    total = " + ".join(f"{pow(3, place, 31)} * (strpos('{_BASE31}', substr({x}, {place + 1}, 1)) - 1)" for place in range(17))
    check = f"substr('{_BASE31}', ((31 - (({total}) % 31)) % 31) + 1, 1)"
    return f"(length({x}) = 18 AND regexp_matches({x}, '^[0-9A-HJ-NP-RTUW-Y]{{18}}$') AND {check} = substr({x}, 18, 1))"


def gb11714_check(x: Sql) -> Sql:
    """The check character of the first eight characters of an organisation code (GB 11714-1997, sec. 3.2)."""
    total = " + ".join(f"{weight} * (strpos('{_BASE36}', substr({x}, {place}, 1)) - 1)" for place, weight in enumerate((3, 7, 9, 10, 5, 8, 4, 2), start=1))
    return f"substr('0X987654321', ({total}) % 11 + 1, 1)"


def _old_number_valid(x: Sql) -> Sql:
    """True for an organisation code, and for a tax number, which is one behind a region."""
    code = f"substr({x}, length({x}) - 8, 9)"
    written = f"regexp_matches({x}, '^([0-9]{{6}})?[0-9A-Z]{{8}}[0-9X]$')"
    return f"CASE WHEN {written} THEN {gb11714_check(code)} = substr({x}, length({x}), 1) ELSE FALSE END"


def _firm_number_valid(x: Sql) -> Sql:
    return f"({gb32100_valid(x)} OR {_old_number_valid(x)})"


def _whole_uscc(x: Sql) -> Sql:
    return f"CASE WHEN strpos({x}, '*') > 0 THEN {filled_out(x)} ELSE {x} END"


def _digits(x: Sql) -> Sql:
    return f"CASE WHEN regexp_matches({x}, '^[0-9]+$') THEN {x} ELSE translate({x}, '0-() ', '0') END"


def _phone(x: Sql) -> Sql:
    return f"CASE WHEN length({x}) > 11 AND regexp_matches({x}, '^([+]|00)?861[0-9]{{10}}$') THEN substr({x}, length({x}) - 10, 11) ELSE {x} END"


def _phone_valid(x: Sql) -> Sql:
    return f"regexp_matches({x}, '^(1[0-9]{{10}}|0[1-9][0-9]{{8,10}}|[2-9][0-9]{{6,7}}|[+][0-9]{{7,15}})$')"


def _number(x: Sql) -> Sql:
    return f"regexp_extract(replace({x}, ',', ''), '^-?[0-9]+([.][0-9]+)?', 0)"


def _trailing_zeros(x: Sql) -> Sql:
    return f"CASE WHEN strpos({x}, '.') > 0 THEN regexp_replace({x}, '[.]?0+$', '', 'g') ELSE {x} END"


def _matches(pattern: str) -> Callable[[Sql], Sql]:
    return lambda x: f"regexp_matches({x}, {text_literal(pattern)})"


CLASSES: Mapping[str, Class] = {
    "person_name": Class("人名 / a person's name", (_name, _compact)),
    "org_name": Class("单位名称 / an organisation's name", (_compact,)),
    "person_names": Class("几个人名，以 ; 相隔 / names of one person, ; between them", (_person_names, _name, _compact)),
    "org_names": Class("几个单位名称，以 ; 相隔 / names of one organisation, ; between them", (_firm_names, _compact)),
    "identity_number": Class("公民身份号码 / identity number, 15 digits made 18", (_token, _gb11643_long, _gb11643_closed), gb11643_valid),
    "uscc": Class(
        "统一社会信用代码，或换码前的组织机构代码、税号 / unified social credit code, or the organisation code or tax number before it",
        (_token, lambda x: masked(x, "XXXX"), _whole_uscc),
        _firm_number_valid,
    ),
    "masked": Class("部分遮掩的号码 / a number of which a part is hidden, * for each hidden character", (_token, masked, filled_out)),
    "date": Class("日期 / a date, YYYY-MM-DD, or the part of it that is known", date_layers(), is_date),
    "year": Class("年份 / a year", (lambda x: f"replace({x}, '年', '')",), _matches("^[12][0-9]{3}$")),
    "code": Class("代码 / a code of a list"),
    "phone": Class("电话 / a phone number", (_digits, _phone), _phone_valid),
    "address": Class("地址 / an address", (_compact,)),
    "postcode": Class("邮政编码 / a postcode", (_compact,)),
    "token": Class("编号 / a number or code of the department's own", (lambda x: f"replace({x}, ' ', '')",)),
    "integer": Class("整数 / a whole number", (_number, _trailing_zeros), _matches("^-?[0-9]+$")),
    "number": Class("数 / a number", (_number, _trailing_zeros), _matches("^-?[0-9]+([.][0-9]+)?$")),
    "text": Class("文本 / text", (_compact,)),
}
"""Every class an element may have."""
