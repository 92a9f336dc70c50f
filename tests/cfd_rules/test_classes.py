"""Canonical text and validity of every class, against python-stdnum where it knows better."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from cityweave.cfd_rules.classes import CLASSES, GB11643_WEIGHTS
from cityweave.cfd_rules.dates import date_layers
from cityweave.cfd_rules.measures import millionths
from cityweave.cfd_rules.treatment import Wanted, layered
from cityweave.engine.model import Column, Step, Table
from cityweave.engine.trial import trial

Cleaned = dict[str, tuple[str | None, bool | None]]


def cleaned(cls: str, values: list[str], formats: tuple[str, ...] = ()) -> Cleaned:
    """Delivered text -> (canonical text, usable), by the SQL that the steps use."""
    layers = date_layers(formats) if formats else CLASSES[cls].layers
    ctes, last = layered("told_values", ("place",), {"v": Wanted("x", layers)})
    valid = CLASSES[cls].valid
    sql = f"WITH {', '.join(ctes)} SELECT place, v, {valid('v') if valid else 'NULL'} AS ok FROM {last}"
    table = Table("made", "", (Column("place", "INTEGER"), Column("v", "VARCHAR"), Column("ok", "BOOLEAN")), ("place",))
    given_ = Table("told_values", "", (Column("place", "INTEGER"), Column("x", "VARCHAR")), ("place",))
    rows = [{"place": place, "x": value} for place, value in enumerate(values)]
    source = Step(given_, "", sql="SELECT 1 AS place, '' AS x")
    made = trial([source, Step(table, "", reads=("told_values",), sql=sql)], {"told_values": rows}, ["made"])["made"].to_pylist()
    return {values[row["place"]]: (row["v"], row["ok"]) for row in made}


def test_dates() -> None:
    expected: Cleaned = {
        "20200229": ("2020-02-29", True),
        "20210229": ("20210229", False),
        "2020/1/5": ("2020-01-05", True),
        "2020年1月5日": ("2020-01-05", True),
        "2020.01.05": ("2020-01-05", True),
        "１９９０-01-02": ("1990-01-02", True),
        "1990-13-01": ("1990-13-01", False),
        "无": (None, False),
        "1990-01-02 00:00:00": ("1990-01-02", True),
        "19000229": ("19000229", False),
    }
    assert cleaned("date", list(expected)) == expected


def test_dates_of_a_stated_format() -> None:
    made = cleaned("date", ["03/04/1990", "1990-04-03"], ("DD/MM/YYYY",))
    assert made == {"03/04/1990": ("1990-04-03", True), "1990-04-03": ("1990-04-03", True)}
    assert cleaned("date", ["4.3.1990"], ("D.M.YYYY",)) == {"4.3.1990": ("1990-03-04", True)}


def test_names_numbers_and_placeholders() -> None:
    names = {"张 三": "张三", "欧阳　娜": "欧阳娜", "john  smith": "john smith", "j. smith-jones": "j. smith-jones", "N/A": None}
    names |= {"李\u200b四": "李四", "𠮷　野": "𠮷野"}
    names |= dict.fromkeys(("买买提•艾力", "买买提.艾力", "买买提-艾力", "买买提●艾力"), "买买提·艾力")
    assert {name: cleaned("person_name", [name])[name][0] for name in names} == names
    assert cleaned("phone", ["+86 138-0013-8000", "0755-12345678", "12"]) == {
        "+86 138-0013-8000": ("13800138000", True),
        "0755-12345678": ("075512345678", True),
        "12": ("12", False),
    }
    assert cleaned("number", ["89.50", "1,000", "3层", "0.0", "abc"]) == {
        "89.50": ("89.5", True),
        "1,000": ("1000", True),
        "3层": ("3", True),
        "0.0": ("0", True),
        "abc": ("abc", False),
    }


def check_character(body: str) -> str:
    """The check character of 17 digits, from the text of GB 11643-1999."""
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(GB11643_WEIGHTS, body, strict=True)) % 11]


births = st.dates(date(1900, 1, 1), date(2025, 12, 31))
identities = st.builds(lambda region, born, serial: f"{region:06d}{born:%Y%m%d}{serial:03d}", st.integers(110000, 999999), births, st.integers(0, 999))


@settings(max_examples=15, deadline=None)
@given(st.lists(identities, min_size=20, max_size=60, unique=True))
def test_identity_numbers(bodies: list[str]) -> None:
    """Right ones are usable; each other check character is not; 15 digits of the twentieth century become the 18 that they stand for."""
    right = [body + check_character(body) for body in bodies]
    wrong = [number[:17] + ("0" if number[17] != "0" else "1") for number in right]
    old = [number[:6] + number[8:17] for number in right if number[6:8] == "19"]
    made = cleaned("identity_number", list(dict.fromkeys([*right, *wrong, *old])))
    assert all(made[number] == (number, True) for number in right)
    assert all(made[number] == (number, False) for number in wrong)
    assert {made[number][0] for number in old} == {number for number in right if number[6:8] == "19"}
    assert cleaned("identity_number", [right[0].lower()])[right[0].lower()] == (right[0], True)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), min_size=20, max_size=60, unique=True))
def test_credit_codes_as_python_stdnum_has_them(bodies: list[str]) -> None:
    right = [body + uscc.calc_check_digit(body) for body in bodies]
    wrong = [code[:17] + ("0" if code[17] != "0" else "1") for code in right]
    made = cleaned("uscc", [*right, *wrong])
    assert all(made[code] == (code, True) for code in right)
    assert all(made[code] == (code, False) for code in wrong)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.dates(date(1850, 1, 1), date(2100, 1, 1)), min_size=10, max_size=40, unique=True))
def test_every_day_of_the_calendar_in_every_way_of_writing(days: list[date]) -> None:
    written = [(day, (day.year, day.month, day.day)) for day in days]
    ways = {way: day for day, (y, m, d) in written for way in (f"{day:%Y%m%d}", f"{y}/{m}/{d}", f"{y}年{m}月{d}日", f"{y}.{m:02d}.{d}", day.isoformat())}
    made = cleaned("date", list(ways))
    assert made == {way: (day.isoformat(), True) for way, day in ways.items()}


def test_shares_in_millionths() -> None:
    values = ["30%", "33.33%", "0.3", "1", "100%", "half"]
    ctes, last = layered("told_values", ("place",), {"v": Wanted("x", (millionths,))})
    table = Table("made", "", (Column("place", "INTEGER"), Column("v", "VARCHAR")), ("place",))
    source = Step(Table("told_values", "", (Column("place", "INTEGER"), Column("x", "VARCHAR")), ("place",)), "", sql="SELECT 1 AS place, '' AS x")
    step = Step(table, "", reads=("told_values",), sql=f"WITH {', '.join(ctes)} SELECT place, v FROM {last}")
    rows = [{"place": place, "x": value} for place, value in enumerate(values)]
    made = trial([source, step], {"told_values": rows}, ["made"])["made"].to_pylist()
    assert [row["v"] for row in made] == ["300000", "333300", "300000", "1000000", "1000000", "half"]


def test_a_firm_may_still_bear_an_organisation_code_or_a_tax_number() -> None:
    """Codes of GB 11714-1997: one worked by hand, one of its example; 01004417 has the check character 0."""
    made = cleaned("uscc", ["010044170", "990101010044170", "010044171", "990101010044171", "D2143569X", "12345"])
    assert {text: ok for text, (_, ok) in made.items()} == {
        "010044170": True,
        "990101010044170": True,
        "010044171": False,
        "990101010044171": False,
        "D2143569X": True,
        "12345": False,
    }


def test_several_former_names_in_a_cell() -> None:
    people = {"张三、李 四": "张三;李四", "王小明；王大明，": "王小明;王大明", "张三,李四/王五": "张三;李四;王五"}
    people |= {"SMITH, JOHN": "SMITH, JOHN", "买买提·艾力 | 李四": "买买提·艾力;李四"}
    assert {text: made for text, (made, _) in cleaned("person_names", list(people)).items()} == people
    firms = {"甲有限公司、乙厂（有限合伙），丙店": "甲有限公司;乙厂(有限合伙);丙店", "粤海甲、乙农民专业合作社": "粤海甲、乙农民专业合作社"}
    assert {text: made for text, (made, _) in cleaned("org_names", list(firms)).items()} == firms
