"""Events: a change ends what held, a retelling replaces, a moment is never ended; participants and things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cfd_rules.town import Town, city_contract, contract, csv

HUKOU = (
    "登记编号,操作,户号,与户主关系,姓名,曾用名,性别,民族,出生日期,公民身份号码,出生地,住址,"
    "联系电话,迁入日期,登记日期,父亲姓名,父亲身份号码,母亲姓名,母亲身份号码"
)
HOME = "人民路1号1栋101室"


def lives(address: str, since: str, day: str, phone: str = "") -> str:
    """A row of the household register."""
    return f"H1,新增,001,户主,张三,,男,汉,19900307,110101199003077213,粤海,{address},{phone},{since},{day},张父,,,"


def events(town: Town, *types: str) -> list[tuple[Any, ...]]:
    """(type, known_to, valid_from, valid_to) as texts."""
    rows = town.tables("event")["event"].to_pylist()
    names = ("type", "known_to", "valid_from", "valid_to")
    return sorted((tuple(None if row[name] is None else str(row[name]) for name in names) for row in rows if row["type"] in types), key=repr)


def gb(*lines: str) -> bytes:
    """A delivery of the household register."""
    return csv(HUKOU + ",经办人", *(line + ",王" for line in lines)).encode("gb18030")


def test_a_move_ends_the_old_residence_and_keeps_it(tmp_path: Path) -> None:
    town = Town(tmp_path, [city_contract("hukou")])
    town.deliver("hukou", gb(lives(HOME, "20100102", "2010-01-02"))).deliver("hukou", gb(lives("解放路3号1栋101室", "20200102", "2020-01-05")))
    assert events(town, "residence") == [("residence", None, "2010-01-02", "2020-01-02"), ("residence", None, "2020-01-02", None)]
    homes = {row["thing_id"] for row in town.tables("participant")["participant"].to_pylist() if row["role"] == "home"}
    assert len(homes) == 2


def test_what_is_told_again_replaces_and_holds_since_the_first_time(tmp_path: Path) -> None:
    town = Town(tmp_path, [city_contract("hukou")])
    town.deliver("hukou", gb(lives(HOME, "20100102", "2010-01-02")))
    town.deliver("hukou", gb(lives(HOME, "20100102", "2020-01-05", "13800138000")))
    assert events(town, "household", "residence", "birth") == [
        ("birth", "2024-01-02", "1990-03-07", None),
        ("birth", None, "1990-03-07", None),
        ("household", "2024-01-02", "2010-01-02", None),
        ("household", None, "2010-01-02", None),
        ("residence", "2024-01-02", "2010-01-02", None),
        ("residence", None, "2010-01-02", None),
    ]


def test_two_ways_of_writing_an_address_are_one_thing(tmp_path: Path) -> None:
    town = Town(tmp_path, [city_contract("hukou")])
    one = lives("粤海市南湖区人民路12号锦绣花园3栋2单元501室", "20100102", "2010-01-02")
    other = lives("南湖区人民路12号三幢２单元501", "20100102", "2010-01-02")
    town.deliver("hukou", gb(one, other.replace("H1", "H2")))
    assert town.rows("thing", "kind", "key") == [("address", "南湖区人民路12号3栋2单元501室"), ("household", "001")]


def test_of_several_roles_the_one_that_is_there_takes_part(tmp_path: Path) -> None:
    header = "房屋编码\t楼栋编码\t楼栋名称\t楼栋地址\t坐落\t所在层\t建筑面积\t建成年份\t总层数\t权利人\t权利人类型\t权利人证件号码\t登记日期"
    owners_ = ((1, "张三", "自然人"), (2, "锦绣公司", "法人"))
    rows = [f"R{n}\tB1\t一号楼\t人民路1号1栋\t人民路1号1栋{n}01室\t{n}\t80\t2000\t9\t{who}\t{kind}\t\t2001-02-03" for n, who, kind in owners_]
    town = Town(tmp_path, [city_contract("housing")]).deliver("housing", csv("\ufeff" + header, *rows, "R3\tB1\t\t\t\t\t\t\t\t\t\t\t"))
    records = {row["record_id"]: row["role"] for name in ("record_person", "record_legal_entity") for row in town.tables(name)[name].to_pylist()}
    owners = [records[row["record_id"]] for row in town.tables("participant")["participant"].to_pylist() if row["role"] == "owner"]
    assert sorted(owners) == ["owner", "owner_firm"]
    assert len(events(town, "part_of")) == 3


def test_a_record_that_says_nothing_is_none(tmp_path: Path) -> None:
    agreed = contract(
        "source: s\nformat: {kind: csv}\ndelivery: full\nkey: [k]\nrecords:\n"
        "  - {role: p, kind: person, elements: {name: n, id_type: {constant: '111'}}}\n"
        "events: [{type: death, participants: {deceased: p}}]\n"
    )
    town = Town(tmp_path, [agreed]).deliver("s", csv("k,n", "1,张三", "2,无", "3,"))
    assert town.rows("record_person", "key") == [("1",)]
    assert len(town.rows("event", "event_id")) == len(town.rows("participant", "event_id")) == 1


def test_the_first_day_of_a_row_is_no_day_of_death(tmp_path: Path) -> None:
    agreed = contract(
        "source: hukou\nformat: {kind: csv}\ndelivery: full\nkey: [号]\nrecorded_at: 登记日期\nvalid_from: 迁入日期\n"
        "records:\n  - {role: person, kind: person, elements: {name: 姓名}}\n"
        "events:\n  - {type: residence, participants: {resident: person, home: {thing: address, column: 住址}}}\n"
        "  - {type: death, when: {equals: {状态: 死亡}}, participants: {deceased: person}}\n"
    )
    town = Town(tmp_path, [agreed])
    town.deliver("hukou", csv("号,姓名,住址,状态,迁入日期,登记日期", f"1,张三,{HOME},死亡,2010-01-02,2019-01-05"), "2024-01-01")
    assert events(town, "death", "residence") == [("death", None, "2019-01-05", None), ("residence", None, "2010-01-02", None)]


@pytest.mark.parametrize("where", ["event", "contract"])
def test_a_change_without_a_day_of_its_own_begins_when_it_was_recorded(tmp_path: Path, where: str) -> None:
    at = ", valid_from: 成立日期" if where == "event" else ""
    agreed = contract(
        "source: firms\nformat: {kind: csv}\ndelivery: full\nkey: [号]\non_change: change\n"
        + ("valid_from: 成立日期\n" if where == "contract" else "")
        + "records:\n  - {role: firm, kind: legal_entity, elements: {name: 名称}}\n  - {role: head, kind: person, elements: {name: 法人}}\n"
        "events:\n  - {type: founding, participants: {firm: firm}, valid_from: 成立日期}\n"
        f"  - {{type: legal_representative, participants: {{person: head, firm: firm}}{at}}}\n"
    )
    town = Town(tmp_path, [agreed])
    for head, day in (("张三", "2024-01-01"), ("张三", "2024-02-01"), ("李四", "2024-03-01"), ("李四", "2024-04-01")):
        town.deliver("firms", csv("号,名称,法人,成立日期", f"1,甲公司,{head},2011-08-29"), day)
    assert events(town, "legal_representative", "founding") == [
        ("founding", "2024-03-01", "2011-08-29", None),
        ("founding", None, "2011-08-29", None),
        ("legal_representative", None, "2011-08-29", "2024-03-01"),
        ("legal_representative", None, "2024-03-01", None),
    ]


def test_a_birth_has_the_day_of_who_was_born_and_never_that_of_the_record(tmp_path: Path) -> None:
    agreed = contract(
        "source: kin\nformat: {kind: csv}\ndelivery: full\nkey: [号]\nrecorded_at: 登记日期\n"
        "records:\n  - {role: child, kind: person, elements: {name: 姓名, birth: 生日}}\n  - {role: mother, kind: person, elements: {name: 母亲}}\n"
        "events:\n  - {type: birth, participants: {child: child, mother: mother}}\n"
    )
    made = Town(tmp_path, [agreed]).deliver("kin", csv("号,姓名,生日,母亲,登记日期", "1,张三,1990-01-02,李四,2015-01-01", "2,张五,,李四,2015-01-01"))
    assert events(made, "birth") == [("birth", None, "1990-01-02", None), ("birth", None, None, None)]


@pytest.mark.parametrize("where", ["event", "contract"])
def test_what_had_ended_when_it_was_recorded_began_on_no_day_that_is_known(tmp_path: Path, where: str) -> None:
    agreed = contract(
        "source: cards\nformat: {kind: csv}\ndelivery: full\nkey: [号]\n" + ("valid_to: 到期\n" if where == "contract" else "") + "records:\n"
        "  - {role: holder, kind: person, elements: {name: 姓名}}\nevents:\n  - type: certificate\n"
        "    participants: {holder: holder, certificate: {thing: certificate, column: 号}}\n" + ("    valid_to: 到期\n" if where == "event" else "")
    )
    made = Town(tmp_path, [agreed]).deliver("cards", csv("号,姓名,到期", "1,张三,2015-01-01", "2,李四,2030-01-01"))
    assert events(made, "certificate") == [("certificate", None, "2024-01-01", "2030-01-01"), ("certificate", None, None, "2015-01-01")]


def test_a_condition_may_say_what_is_not(tmp_path: Path) -> None:
    agreed = contract(
        "source: homes\nformat: {kind: csv}\ndelivery: full\nkey: [号]\nrecords:\n"
        "  - {role: holder, kind: person, when: {filled: [住址], not: {equals: {状态: [注销, 撤销]}, filled: [迁出]}}, elements: {name: 姓名}}\n"
    )
    rows = ("1,甲,A,注销,", "2,乙,A,,", "3,丙,A,有效,", "4,丁,A,有效,2020", "5,戊,,有效,")
    made = Town(tmp_path, [agreed]).deliver("homes", csv("号,姓名,住址,状态,迁出", *rows))
    assert made.rows("record_person", "name") == [("丙",), ("乙",)]


def test_a_mother_told_beside_a_patient_makes_no_register_of_births() -> None:
    """Its rows would be two people wherever name or birthday is written otherwise. Nor does the birthday of the patient: no day of the event."""
    card = """
source: card
format: {kind: csv}
delivery: full
key: [卡号]
recorded_at: 建档日期
records:
  - {role: patient, kind: person, elements: {name: 姓名, birth: 出生日期}}
  - {role: mother, kind: person, elements: {name: 联系人}}
events:
  - type: birth
    participants: {child: patient, mother: mother}
"""
    assert not contract(card).registers
    assert contract(card + "    valid_from: 出生日期\n").registers
    assert city_contract("birth").registers and city_contract("death").registers
