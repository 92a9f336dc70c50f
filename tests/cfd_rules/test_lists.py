"""List cells: one row makes a record for each item, parallel lists are matched by place, nothing is lost; events go over the list."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.cfd_rules import plan
from cityweave.cfd_rules.cell import Each
from cityweave.cfd_rules.errors import ContractError
from cityweave.cfd_rules.read_rows import listed
from cityweave.cfd_rules.read_table import ITEM
from cityweave.engine.lint import check
from tests.cfd_rules.town import Town, contract, csv

TITLES = """
source: titles
format: {kind: csv}
delivery: full
key: [房屋编码]
on_change: change
records:
  - {role: room, kind: room, elements: {room_code: {column: 房屋编码, confirmed: true}, address: 坐落}}
  - role: owner
    kind: person
    each: &owners {columns: [权利人, 证件号码, 份额], separators: "、，,;；/ "}
    when: {equals: {类型: 自然人}}
    elements: {name: 权利人, id_type: {constant: "111"}, id_no: {column: 证件号码, confirmed: true}, address: 坐落}
  - role: owner_firm
    kind: legal_entity
    each: *owners
    when: {equals: {类型: 法人}}
    elements: {name: 权利人, uscc: {column: 证件号码, confirmed: true}}
events:
  - type: ownership
    participants: {owner: [owner, owner_firm], room: room}
    detail: {column: 份额, measure: millionths}
"""
HEAD = "房屋编码,坐落,类型,权利人,证件号码,份额"
A, B = "110101199003077213", "110101199003071028"


def town(tmp_path: Path, *lines: str) -> Town:
    """The register of titles with one delivery."""
    return Town(tmp_path, [contract(TITLES)]).deliver("titles", csv(HEAD, *lines))


def test_each_item_is_a_record_with_its_role_and_place(tmp_path: Path) -> None:
    made = town(tmp_path, f"R1,人民路1号,自然人,张三、李四,{A}；{B},60%/40%", f"R2,人民路2号,自然人,王五,{A},", "R3,人民路3号,法人,甲公司 乙公司,,")
    assert made.rows("record_person", "ref", "name", "id_no", "address") == [
        ("titles|R1|owner", "张三", A, "人民路1号"),
        ("titles|R1|owner.2", "李四", B, "人民路1号"),
        ("titles|R2|owner", "王五", A, "人民路2号"),
    ]
    assert made.rows("record_legal_entity", "ref", "name") == [("titles|R3|owner_firm", "甲公司"), ("titles|R3|owner_firm.2", "乙公司")]


def test_an_event_is_told_of_each_item(tmp_path: Path) -> None:
    made = town(tmp_path, f"R1,人民路1号,自然人,张三、李四,{A}；{B},60%/40%", "R3,人民路3号,法人,甲公司,,")
    tables = made.tables("event", "participant", "record_person", "record_legal_entity", "record_room")
    refs = {row["record_id"]: row["ref"] for name, table in tables.items() if name.startswith("record") for row in table.to_pylist()}
    details = {row["event_id"]: row["detail"] for row in tables["event"].to_pylist()}
    told = sorted((row["event_id"], row["role"], refs[row["record_id"]], details[row["event_id"]]) for row in tables["participant"].to_pylist())
    assert [row[1:] for row in told] == [
        ("owner", "titles|R1|owner", "600000"),
        ("room", "titles|R1|room", "600000"),
        ("owner", "titles|R1|owner.2", "400000"),
        ("room", "titles|R1|room", "400000"),
        ("owner", "titles|R3|owner_firm", None),
        ("room", "titles|R3|room", None),
    ]
    assert {event_id % 4096 for event_id, *_ in told} == {0, 64}


def test_lists_of_unlike_length_lose_nothing_and_are_told(tmp_path: Path) -> None:
    made = town(tmp_path, f"R1,,自然人,张三、李四、王五,{A},", f"R2,,自然人,张三,{A}；{B},", f"R3,,自然人,张三、李四,、{B},")
    assert made.rows("record_person", "ref", "name", "id_no") == [
        ("titles|R1|owner", "张三", A),
        ("titles|R1|owner.2", "李四", None),
        ("titles|R1|owner.3", "王五", None),
        ("titles|R2|owner", "张三", A),
        ("titles|R2|owner.2", None, B),
        ("titles|R3|owner", "张三", None),
        ("titles|R3|owner.2", "李四", B),
    ]
    found = [row for row in made.rows("rule_violation", "rule", "row_no", "role") if row[0] == "list_length"]
    assert found == [("list_length", 1, "owner"), ("list_length", 2, "owner")]


def test_more_items_than_agreed_go_to_quarantine_with_the_remedy(tmp_path: Path) -> None:
    made = town(tmp_path, f"R1,,自然人,{'、'.join(['张三'] * 33)},,", f"R2,,自然人,{'、'.join(['张三'] * 32)},,")
    (row,) = made.rows("quarantine", "row_no", "problem")
    assert row[0] == 1 and "each.most" in row[1]
    assert len(made.rows("record_person", "ref")) == 32


def test_a_list_that_shrinks_ends_what_it_no_longer_tells(tmp_path: Path) -> None:
    made = town(tmp_path, f"R1,,自然人,张三、李四,{A}；{B},").deliver("titles", csv(HEAD, f"R1,,自然人,张三,{A},"))
    rows = made.rows("event", "event_id", "known_to", "closed", "valid_to")
    assert [(row[0] % 4096, row[1] is None, row[2]) for row in rows if row[0] % 4096 == 64] == [(64, True, "changed")]
    assert all(row[3] is not None for row in rows if row[0] % 4096 == 64)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("each: *owners", "each: {columns: [权利人]}", "records[1].each"),
        ("    each: *owners\n", "", "records[2].elements.name"),
        ("columns: [权利人, 证件号码, 份额]", "columns: []", "records[1].each.columns"),
        ("separators:", "seperators:", "records[1].each.seperators"),
        ('separators: "、，,;；/ "', "most: 400", "records[1].each.most"),
        ("owner: [owner, owner_firm]", "owner: [owner, room]", "events[0].participants.owner"),
        ("key: [房屋编码]", "key: [权利人]", "key"),
    ],
)
def test_lists_that_cannot_be_are_refused(old: str, new: str, place: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract(TITLES.replace(old, new))
    assert caught.value.where == f"test.yaml: {place}"


def test_steps_of_lists_say_only_what_both_engines_understand(tmp_path: Path) -> None:
    made = town(tmp_path, "R1,,自然人,张三,,")
    check(plan.steps(made.contracts, made.batches))


def split(cells: list[str | None], each: Each) -> list[list[str]]:
    """The items of one row's list cells, as the reader leaves them."""
    rows = pl.DataFrame({name: [cell] for name, cell in zip(each.columns, cells, strict=True)}, schema=dict.fromkeys(each.columns, pl.String))
    made, problem = listed(rows, pl.Series("problem", [None], pl.String), (each,))
    assert problem[0] is None
    return [[] if cell is None else cell.split(ITEM) for cell in made.row(0)]


items = st.text(st.sampled_from("张三李四ab·1"), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(items, items), min_size=1, max_size=20), st.sampled_from("、，,;；/ \n|"), st.sampled_from(["", " ", "\u3000"]))
def test_what_was_joined_is_split_again(pairs: list[tuple[str, str]], mark: str, space: str) -> None:
    """Whatever separates, with spaces around it or not: the same items come out, in order, side by side."""
    each = Each(("a", "b"), "、，,;；/ \n|")
    joined = [(space + mark + space).join(pair[side] for pair in pairs) for side in (0, 1)]
    assert split(list(joined), each) == [[pair[side] for pair in pairs] for side in (0, 1)]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.just(""), items), max_size=10), st.lists(st.one_of(st.just(""), items), max_size=10))
def test_no_item_is_ever_lost(left: list[str], right: list[str]) -> None:
    each = Each(("a", "b"), "、")
    made = split(["、".join(left) or None, "、".join(right) or None], each)
    assert [[item for item in column if item] for column in made] == [[item for item in column if item] for column in (left, right)]


def test_several_former_names_are_of_one_record_and_need_no_each(tmp_path: Path) -> None:
    text = """
source: renamed
format: {kind: csv}
delivery: full
key: [编号]
records:
  - {role: person, kind: person, elements: {name: 姓名, former_name: 曾用名}}
"""
    made = Town(tmp_path, [contract(text)]).deliver("renamed", csv("编号,姓名,曾用名", "1,王小明,王小鸣、李小明"))
    assert made.rows("record_person", "ref", "name", "former_name") == [("renamed|1|person", "王小明", "王小鸣;李小明")]
    with pytest.raises(ContractError, match=r"each"):
        contract(text.replace("kind: person,", "kind: person, each: {columns: [曾用名]},"))
