"""Values that real files hold: dates and ages, shares and amounts, masked identifiers, words that change, cells joined, split and chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityweave.cfd_rules.cell import Cell
from cityweave.cfd_rules.errors import ContractError
from cityweave.cfd_rules.treatment import Treatment, Wanted, layered
from cityweave.engine.model import Column, Step, Table
from cityweave.engine.run import Engine
from cityweave.engine.trial import trial
from tests.cfd_rules.town import Town, contract, csv


def made(cell: Cell, cls: str, *texts: str, engine: Engine | None = None) -> list[str | None]:
    """What the texts of a cell come to."""
    ctes, last = layered("told_values", ("place",), {"v": Wanted("x", Treatment(cell, cls).layers)})
    columns = (Column("place", "INTEGER"), Column("x", "VARCHAR"))
    source = Step(Table("told_values", "", columns, ("place",)), "", sql="SELECT 1 AS place, '' AS x")
    table = Table("made", "", (Column("place", "INTEGER"), Column("v", "VARCHAR")), ("place",))
    step = Step(table, "", ("told_values",), f"WITH {', '.join(ctes)} SELECT place, v FROM {last}")
    rows = [{"place": place, "x": text} for place, text in enumerate(texts)]
    return [row["v"] for row in trial([source, step], {"told_values": rows}, ["made"], engine=engine)["made"].to_pylist()]


DATES = {
    "一九九〇年三月二十一日": "1990-03-21",
    "二零二零年十二月三十一日": "2020-12-31",
    "二〇〇〇年十月十日": "2000-10-10",
    "二〇〇一年二月三十日": "二〇〇一年二月三十日",
    "一九九〇年三月": "1990-03",
    "民国35年3月1日": "1946-03-01",
    "民国三十五年三月一日": "1946-03-01",
    "民国元年": "1912",
    "1990": "1990",
    "1990年": "1990",
    "1990-3": "1990-03",
    "1990年3月": "1990-03",
    "19900300": "1990-03",
    "1990-00-00": "1990",
    "1990-13": "1990-13",
    "2020-01-05T10:00:00Z": "2020-01-05",
    "1985. 3. 7": "1985-03-07",
    "1985·3·7": "1985-03-07",
    "1985、3、7": "1985-03-07",
    "1985.03.07.": "1985-03-07",
    "19850307.0": "1985-03-07",
    "900307": "900307",
    "33000": "33000",
}
STATED = {
    ("DD/MM/YYYY",): {"03/04/1990": "1990-04-03", "1990-04-03": "1990-04-03"},
    ("excel",): {
        "32939": "1990-03-07",
        "32939.0": "1990-03-07",
        "44197.5": "2021-01-01",
        "9999": "1927-05-17",
        "59": "59",
        "99999": "99999",
        "1985": "1985",  # years, not days of 1905
        "1985.3": "1985-03",
        "1985.10": "1985-10",
    },
    ("YY.M.D",): {"65.3.1": "1965-03-01", "25.12.31": "2025-12-31", "26.1.1": "1926-01-01"},
    ("YYMMDD",): {"900307": "1990-03-07", "991301": "991301"},
    ("YYYYMM", "YYYY年"): {"199003": "1990-03", "1990年": "1990"},
    ("M/D/YYYY", "excel"): {"3/7/1990": "1990-03-07", "32939": "1990-03-07"},
}
SHARES = {
    *{"30%": "300000", "33.33%": "333300", "0.3": "300000", "1": "1000000", "30": "300000", "100": "1000000", "3/10": "300000", "1/3": "333333"}.items(),
    *{"三分之一": "333333", "百分之30": "300000", "half": "half", "1/0": "1/0", "12.5": "125000", "０.５": "500000", "0": "0"}.items(),
}
AMOUNTS = {
    *{"500万元": "500", "5,000,000元": "500", "0.5亿": "5000", "500": "500", "500万元人民币": "500", "500.000000万人民币": "500", "100(万元)": "100"}.items(),
    *{"人民币100万元整": "人民币100万元整", "12345.67元": "1.234567", "100万美元": "100万美元", "50.5万": "50.5", "0": "0"}.items(),
}
MASKED = {
    *{"4401**********1234": "4401**********1234", "440106********123X": "440106********123X", "4401XXXXXXXXXX1234": "4401**********1234"}.items(),
    *{"4401****1234": "4401**********1234", "4401××××1234": "4401**********1234", "44010619900307****": "44010619900307****", "g7****186": "G7****186"}.items(),
    *{"110101199003077213": "110101199003077213", "4401xxxxxxxxxxxxxx": "4401**************", "44010619900307721X": "44010619900307721X"}.items(),
}


def check_all(engine: Engine | None = None) -> None:
    """Every form above, on an engine."""
    assert made(Cell(), "date", *DATES, engine=engine) == list(DATES.values())
    for formats, expected in STATED.items():
        assert made(Cell(formats=formats, pivot=25), "date", *expected, engine=engine) == list(expected.values())
    for cell, cls, pairs in (
        (Cell(measure="millionths"), "text", SHARES),
        (Cell(measure="amount"), "number", AMOUNTS),
        (Cell(), "identity_number", MASKED),
        (Cell(), "masked", MASKED),
    ):
        told = dict(sorted(pairs)) if isinstance(pairs, set) else pairs
        assert made(cell, cls, *told, engine=engine) == list(told.values())


def test_forms_on_duckdb() -> None:
    check_all()


@pytest.mark.spark
def test_forms_on_spark(spark: Engine) -> None:
    check_all(spark)


def test_units_of_plain_numbers() -> None:
    assert made(Cell(measure="millionths", unit="percent"), "text", "1", "0.5", "30%") == ["10000", "5000", "300000"]
    assert made(Cell(measure="millionths", unit="share"), "text", "1", "2") == ["1000000", "2000000"]
    assert made(Cell(measure="amount", unit="元"), "number", "5000000", "500万") == ["500", "500"]
    assert made(Cell(measure="tail"), "masked", "1234", "123x") == ["**************1234", "**************123X"]
    assert made(Cell(measure="head"), "masked", "440106") == ["440106************"]


PEOPLE = """
source: people
format: {kind: csv}
delivery: full
key: [编号]
recorded_at: 登记日期
placeholders: [待查, "0"]
joined: {住址: [市, 区, 详细], 姓名全: {columns: [姓, 名], between: "·"}}
split: {权利人: '^(?<姓名>[^(]+)(?:[(](?<号码>[^)]+)[)])?$'}
records:
  - role: person
    kind: person
    elements:
      name: 姓名全
      address: 住址
      birth: [{column: 生日, when: {filled: [生日]}}, {column: 年龄, measure: age}]
      marital: {column: 婚况, codes: {未: "10", 2: [{code: "20", to: 2016-01-01}, {code: "21", from: 2016-01-01}]}}
      id_type: [{constant: "111", when: {matches: {号码: "^[0-9]{17}[0-9X]$"}}}, {constant: "414", when: {filled: [号码]}}]
      id_no: [{column: 号码, confirmed: true, when: {empty: [作废]}}]
      phone: {column: 电话, placeholders: ["11111111111"]}
  - role: owner
    kind: person
    elements: {name: 权利人.姓名, id_no: {column: 权利人.号码, confirmed: true}}
events:
  - {type: residence, participants: {resident: person, home: {thing: address, column: 住址}}, valid_to: [{column: 迁出, when: {equals: {状态: 迁出}}}]}
"""
HEAD = "编号,登记日期,市,区,详细,姓,名,生日,年龄,婚况,号码,作废,电话,权利人,迁出,状态"


def people(tmp_path: Path, *lines: str) -> Town:
    """A register with all of it."""
    return Town(tmp_path, [contract(PEOPLE)]).deliver("people", csv(HEAD, *lines))


def test_cells_joined_split_and_chosen(tmp_path: Path) -> None:
    number = "110101199003077213"
    town = people(
        tmp_path,
        f"1,2020-02-29,粤海市,南湖区,人民路1号,买买提,艾力,1990-03-07,35,未,{number},,待查,张三(4401****1234),2020-01-01,迁出",
        "2,2015-06-01,粤海市,南湖区,粤海市南湖区人民路1号,王,,,35岁,2,G1234567,,11111111111,李四,2020-01-01,在住",
        "3,2020-02-29,,,解放路2号,,李,待查,30,2,110101199003077213,是,13800138000,(无名),,",
    )
    columns = ("key", "role", "name", "address", "birth", "marital", "id_type", "id_no", "id_part", "phone")
    assert town.rows("record_person", *columns) == [
        ("1", "owner", "张三", None, None, None, None, None, "4401**********1234", None),
        ("1", "person", "买买提·艾力", "粤海市南湖区人民路1号", "1990-03-07", "10", "111", number, None, None),
        ("2", "owner", "李四", None, None, None, None, None, None, None),
        ("2", "person", "王", "粤海市南湖区人民路1号", "1979-06-02/1980-06-01", "20", "414", "G1234567", None, None),
        ("3", "owner", "(无名)", None, None, None, None, None, None, None),
        ("3", "person", "李", "解放路2号", "1989-03-01/1990-02-28", "21", "111", None, None, "13800138000"),
    ]
    events = town.tables("event")["event"].to_pylist()
    assert [str(row["valid_to"]) for row in sorted(events, key=lambda row: row["event_id"])] == ["2020-01-01", "None", "None"]


@pytest.mark.parametrize(
    ("on", "birth"),
    [
        ("2026年1月", "1943-01-02/1944-01-31"),
        ("2024年2月", "1941-02-02/1942-02-28"),
        ("2026", "1943-01-02/1944-12-31"),
        ("2026-01-15", "1943-01-16/1944-01-15"),
        ("", "1943-03-02/1944-03-01"),
    ],
)
def test_an_age_in_a_month_is_a_longer_interval(tmp_path: Path, on: str, birth: str) -> None:
    agreed = contract(
        "source: s\nformat: {kind: csv}\ndelivery: full\nkey: [k]\nrecorded_at: r\n"
        "records: [{role: p, kind: person, elements: {name: n, birth: {column: a, measure: age, at: d}}}]\n"
    )
    town = Town(tmp_path, [agreed]).deliver("s", csv("k,n,a,d,r", f"1,张三,82,{on},2026-03-01"))
    assert town.rows("record_person", "birth") == [(birth,)]


def test_what_is_known_of_a_birth_is_no_violation_and_must_agree_with_the_number(tmp_path: Path) -> None:
    text = (
        "source: s\nformat: {kind: csv}\ndelivery: full\nkey: [k]\nrecords:\n"
        "  - {role: p, kind: person, elements: {name: n, birth: b, id_type: {constant: '111'}, id_no: {column: i, confirmed: true}}}\n"
    )
    rows = ["1990", "1990-03", "1990-03-07", "1991", "1990-04", "1990-13"]
    town = Town(tmp_path, [contract(text)]).deliver("s", csv("k,n,b,i", *(f"{place},张三,{birth},110101199003077213" for place, birth in enumerate(rows))))
    found = [row for row in town.rows("rule_violation", "row_no", "rule", "element") if row[2] == "birth"]
    assert [row[:2] for row in found] == [(4, "person.id_no.says"), (5, "person.id_no.says"), (6, "person.birth.valid"), (6, "person.id_no.says")]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("birth: [{column: 生日, when: {filled: [生日]}}", "birth: [{column: 生日}", "records[0].elements.birth[0]"),
        ("measure: age", "measure: agee", "records[0].elements.birth[1].measure"),
        ("phone: {column: 电话,", "phone: {column: 电话, measure: age,", "records[0].elements.phone"),
        ("phone: {column: 电话,", "phone: {column: 电话, unit: percent,", "records[0].elements.phone.unit"),
        ("phone: {column: 电话,", "phone: {column: 电话, at: 登记日期,", "records[0].elements.phone.at"),
        ("phone: {column: 电话,", "phone: {column: 电话, measure: tail,", "records[0].elements.phone"),
        ("phone: {column: 电话,", "phone: {column: 电话, pattern: '(?=1)(.)',", "records[0].elements.phone.pattern"),
        ("column: 生日,", "column: 生日, format: YY.M.D,", "records[0].elements.birth[0].pivot"),
        ("column: 生日,", "column: 生日, pivot: 20,", "records[0].elements.birth[0].pivot"),
        ("column: 生日,", "column: 生日, format: YYYYDD,", "records[0].elements.birth[0].format"),
        ("to: 2016-01-01", "to: 2016-13-01", "records[0].elements.marital.codes.2.to"),
        ("from: 2016-01-01", "form: 2016-01-01", "records[0].elements.marital.codes.2.form"),
        ("id_no: [{column: 号码, confirmed: true,", "id_no: [{column: 号码,", "records[0].elements.id_no"),
        ("when: {empty: [作废]}", "when: {}", "records[0].elements.id_no[0].when"),
        ("住址: [市, 区, 详细]", "住址: [市]", "joined.住址"),
        ("住址: [市, 区, 详细]", "住址: [市, 姓名全]", "joined.住址"),
        ("(?<姓名>[^(]+)", "([^(]+)", "split.权利人"),
        ("(?<姓名>[^(]+)", "(?<姓名>[^(]+", "split.权利人"),
        ("key: [编号]", "key: [住址]", "key"),
    ],
)
def test_cells_that_cannot_be_are_refused(old: str, new: str, place: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract(PEOPLE.replace(old, new))
    assert caught.value.where == f"test.yaml: {place}"
