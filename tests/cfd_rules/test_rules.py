"""Rules: the language and its errors, what is found, what is repaired, and what a changed rule makes run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cityweave.cfd_rules import contract_file, pack, registry
from cityweave.cfd_rules.errors import RuleError
from tests.cfd_rules.town import CITY, Town, contract, csv

SOURCE = """
source: {name}
format: {{kind: csv}}
delivery: full
key: [k]
recorded_at: day
duplicate_free: {free}
authority: [{authority}]
records:
  - role: p
    kind: person
    elements: {{name: name, id_type: {{constant: "111"}}, id_no: {{column: no, confirmed: true}}, birth: birth, sex: sex, relation: rel, household_no: house}}
  - role: f
    kind: legal_entity
    when: {{filled: [firm]}}
    elements: {{name: firm, uscc: {{column: code, confirmed: true}}}}
"""
HEAD = "k,name,no,birth,sex,rel,house,firm,code,day"
RIGHT = "110101199003077213"


def source(name: str = "s", free: str = "true", authority: str = "") -> Any:
    """A contract for people and their firms."""
    return contract(SOURCE.format(name=name, free=free, authority=authority))


def rules(*texts: str, kind: str = "person", **more: str) -> pack.Pack:
    """A pack of rules r0, r1, …"""
    made = [{"id": f"r{place}", "zh": "规则", "en": "a rule", "category": "validity", "rule": text, **more} for place, text in enumerate(texts)]
    return pack.parse_pack({"kind": kind, "rules": made}, registry.load(), "test.yaml")


def found(folder: Path, packs: list[pack.Pack], *lines: str) -> list[tuple[Any, ...]]:
    """(row, element, rule) of every violation."""
    town = Town(folder, [source()], packs).deliver("s", csv(HEAD, *lines))
    return town.rows("rule_violation", "row_no", "element", "rule")


LINES = (
    f"1,张三,{RIGHT},1990-03-07,男,户主,h1,,,2020-01-01",
    "2,李4,110101199003077214,1990-02-30,x,户主,h1,,,2020-01-01",
    f"3,,{RIGHT},2990-01-01,女,妻,h2,,,2030-01-01",
)


def test_what_its_source_ended_is_no_duplicate_of_what_holds(tmp_path: Path) -> None:
    moved = SOURCE.replace("delivery: full", "delivery: delta\nop: {{column: op, put: [新], end: [迁出]}}").format(name="s", free="true", authority="")
    heads = (("张三", "h1", "迁出"), ("李四", "h1", "新"), ("王五", "h2", "新"), ("赵六", "h2", "新"))
    lines = (f"{place},{name},,,,户主,{house},,,2020-01-01,{op}" for place, (name, house, op) in enumerate(heads, start=1))
    town = Town(tmp_path, [contract(moved)], [rules("unique [household_no] within source when relation = '02'")]).deliver("s", csv(HEAD + ",op", *lines))
    assert town.rows("rule_violation", "row_no", "element", "rule") == [(3, "household_no", "r0"), (4, "household_no", "r0")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("required name", [(3, "name", "r0")]),
        ("format id_no when id_type = '111'", [(2, "id_no", "r0")]),
        ("format birth", [(2, "birth", "r0")]),
        ("sex in @gbt2261", [(2, "sex", "r0")]),
        ("check not name ~ '[0-9]'", [(2, "name", "r0")]),
        ("check birth <= delivered", [(3, "birth", "r0")]),
        ("check birth < '1990-04-01' or relation is empty", [(3, "birth", "r0")]),
        ("check year(birth) >= 1990 and year(birth) < 2900", [(3, "birth", "r0")]),
        ("unique [id_no] within source when duplicate_free", [(1, "id_no", "r0"), (3, "id_no", "r0")]),
        ("unique [household_no] when relation = '02'", [(1, "household_no", "r0"), (2, "household_no", "r0")]),
        ("[name] in legal_entity[name]", [(1, "name", "r0"), (2, "name", "r0")]),
        ("[id_type = '111', id_no] -> [birth = gb11643.birth(id_no), sex = gb11643.sex(id_no)]", [(3, "birth", "r0"), (3, "sex", "r0")]),
        ("[relation in ('02', '12')] -> [sex = '1']", [(2, "sex", "r0"), (3, "sex", "r0")]),
    ],
)
def test_what_a_rule_finds(tmp_path: Path, text: str, expected: list[tuple[Any, ...]]) -> None:
    # Row 1: 7213 has an odd 17th digit (1), so male.
    assert found(tmp_path, [rules(text)], *LINES) == expected


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("[id_no -> [birth]", "expected ], not ->", "character 8"),
        ("[idno] -> [birth]", "no element idno", "character 2"),
        ("sex in @gbt22", "no code list @gbt22", "character 8"),
        ("check birth <=", "not 行尾 / the end", "character 15"),
        ("check name = 'x' x", "the end of the rule", "character 18"),
        ("check § ", "unknown symbol §", "character 7"),
        ("[id_no] -> [birth = gb1143.birth(id_no)]", "no function gb1143.birth", "character 21"),
        ("[id_no] -> [birth = gb11643.birth(id_no, sex)]", "takes 1 arguments", "character 21"),
        ("format name when birth ~ '\\d'", "patterns use characters", "character"),
        ("check sex = '7'", "sex is never 7", "character 7"),
        ("[relation = '02', relation = '10'] -> [sex = '1']", "the condition never holds", ""),
        ("[name] in building[name, address]", "1 elements on the left, 2 on the right", "character 11"),
        ("check name", "name is no test", "character 7"),
        ("[id_type = '111'] -> [name]", "needs an element on its left", ""),
    ],
)
def test_a_rule_that_is_not_understood(text: str, message: str, at: str) -> None:
    with pytest.raises(RuleError) as caught:
        rules(text)
    assert message in caught.value.what
    assert "test.yaml: rules[0] r0" in caught.value.where
    assert at in caught.value.where


def test_rules_that_contradict_each_other_or_stand_twice() -> None:
    with pytest.raises(RuleError, match="contradict each other on sex"):
        rules("[relation in ('11', '12')] -> [sex = '1']", "[relation = '12'] -> [sex = '2']")
    rules("[relation = '11'] -> [sex = '1']", "[relation = '12'] -> [sex = '2']")
    with pytest.raises(RuleError, match="the code id_no is never repaired"):
        rules("[name] -> [id_no]", repair="reliable")
    with pytest.raises(RuleError, match="only a CFD can repair"):
        rules("required name", repair="certain")


def test_certain_repairs_fill_empty_cells_only(tmp_path: Path) -> None:
    one = rules("[id_type = '111', id_no] -> [birth = gb11643.birth(id_no), sex = gb11643.sex(id_no)]", repair="certain")
    town = Town(tmp_path, [source()], [one])
    town.deliver("s", csv(HEAD, f"1,张三,{RIGHT},,无,,,,,", f"2,李四,{RIGHT},1991-01-01,,,,,,", "3,王五,110101199003077214,,,,,,,"))
    assert town.rows("rule_repair", "row_no", "element", "strength", "old", "new") == [
        (1, "birth", "certain", None, "1990-03-07"),
        (1, "sex", "certain", None, "1"),
        (2, "sex", "certain", None, "1"),
    ]


CODE = "91350211M000100Y46"


def firms(*names: str) -> list[str]:
    """Rows that give one credit code these names."""
    return [f"{place},甲,,,,,,{name},{CODE},2020-01-01" for place, name in enumerate(names, start=1)]


@pytest.mark.parametrize(
    ("names", "repaired", "broken"),
    [
        (("锦绣公司", "锦绣公司", "锦秀公司"), [(3, "锦秀公司", "锦绣公司", "reliable")], [3]),
        (("锦绣公司", "锦秀公司"), [], [1, 2]),  # a tie abstains, and both are listed
        (("锦绣公司", "锦绣公司", "锦秀公司", "锦秀公司", "锦绣公司"), [], [1, 2, 3, 4, 5]),  # three to two is no margin
    ],
)
def test_reliable_repairs_need_a_margin(tmp_path: Path, names: tuple[str, ...], repaired: list[Any], broken: list[int]) -> None:
    one = rules("[uscc] -> [name]", kind="legal_entity", repair="reliable")
    town = Town(tmp_path, [source()], [one]).deliver("s", csv(HEAD, *firms(*names)))
    assert town.rows("rule_repair", "row_no", "old", "new", "strength") == repaired
    assert town.rows("rule_violation", "row_no") == [(row,) for row in broken]


def test_the_word_of_an_authority_weighs_three(tmp_path: Path) -> None:
    one = rules("[uscc] -> [name]", kind="legal_entity", repair="reliable")
    town = Town(tmp_path, [source("a", authority="f.name"), source("b")], [one])
    town.deliver("a", csv(HEAD, *firms("锦绣公司"))).deliver("b", csv(HEAD, *firms("锦秀公司")))
    assert town.rows("rule_repair", "old", "new") == [("锦秀公司", "锦绣公司")]


def test_a_source_decides_of_those_its_rows_are_about() -> None:
    assert [role.name for role in source(authority="name").deciding("name")] == ["p"], "the firm is only mentioned"
    assert [role.name for role in source(authority="f.name").deciding("name")] == ["f"]
    assert [role.name for role in source(authority="uscc").deciding("uscc")] == ["f"], "nobody else has one"
    assert not source(authority="name").deciding("birth")
    couple = SOURCE.replace("kind: legal_entity", "kind: person").replace(", uscc: {{column: code, confirmed: true}}", "")
    couple += "events:\n  - type: marriage\n    participants: {{spouse_a: p, spouse_b: f}}\n"
    assert [role.name for role in contract(couple.format(name="m", free="true", authority="name")).deciding("name")] == ["p", "f"]
    housing = contract_file.load(CITY / "housing.yaml", registry.load())
    assert [role.name for role in housing.deciding("building_code")] == ["room", "building"]


def test_the_shipped_packs_load_and_have_sentences() -> None:
    packs = pack.shipped(registry.load())
    assert {one.kind for one in packs} == {"person", "legal_entity", "building", "room"}
    everything = [rule for one in packs for rule in one.rules]
    assert len(everything) >= 40
    assert len({rule.id for rule in everything}) == len(everything)
    assert {rule.category for rule in everything} == set(pack.CATEGORIES)


def test_a_source_without_types_of_documents_keeps_identity_numbers_unless_they_have_letters(tmp_path: Path) -> None:
    untyped = contract(SOURCE.replace('id_type: {{constant: "111"}}, ', "").format(name="s", free="true", authority=""))
    numbers = (RIGHT, "110101199003077000", "110101199013077213", "G12345678", "")
    lines = (f"{place},张三,{number},,,,,,,2020-01-01" for place, number in enumerate(numbers, start=1))
    town = Town(tmp_path, [untyped], pack.shipped(registry.load())).deliver("s", csv(HEAD, *lines))
    assert [row for row, _, rule in town.rows("rule_violation", "row_no", "element", "rule") if rule == "person.id_no.valid"] == [2, 3]


def test_a_changed_rule_runs_only_what_depends_on_it(tmp_path: Path) -> None:
    town = Town(tmp_path, [source()], [rules("required name"), rules("required name", kind="legal_entity")])
    town.deliver("s", csv(HEAD, *LINES)).tables("rule_violation", "rule_repair", "record_person")
    town.tables("rule_violation", "rule_repair", "record_person")
    assert town.executed == ()
    town.packs = [rules("required name, birth"), rules("required name", kind="legal_entity")]
    town.tables("rule_violation", "rule_repair", "record_person")
    assert set(town.executed) == {"finding_person", "violation_person", "rule_violation", "rule_repair"}
