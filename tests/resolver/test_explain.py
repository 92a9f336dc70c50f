"""Why, why not and how: every sum is the stored one, every entity is retold as it was made, and no sentence carries a value."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cityweave.engine.errors import InputError
from cityweave.engine.trial import trial
from cityweave.resolver import candidate, cluster, evidence, member, model, plan, saved, score, unit
from cityweave.resolver.component import REFUSALS, gather
from cityweave.resolver.explain import Explainer
from cityweave.resolver.explain_place import CODES, PLACES, SIDES
from cityweave.resolver.model import ContractInfo, Decision
from cityweave.resolver.saved import LevelWeight, Model, Rarity
from cityweave.resolver.settings import BIT, Block, Comparison, Level, Settings
from tests.resolver import village
from tests.resolver.village import needed, tables

NAMES = ("王伟", "王玮", "李娜", "张三", "陈静", "刘洋")
BIRTHS = tuple(f"19{year}-0{month}-01" for year in (60, 70) for month in (1, 2, 3))

SETTINGS = Settings(
    "person",
    (
        Comparison(
            "name",
            "姓名 / name",
            "name",
            "name_l is null or name_r is null",
            (
                Level("same", "姓名相同 / the names are the same", "name_l = name_r", tf="name"),
                Level("surname", "同姓 / same surname", "surname_l = surname_r"),
                Level("different", "姓名不同 / the names differ"),
            ),
        ),
        Comparison(
            "birth",
            "出生日期 / date of birth",
            "birth",
            "birth_l is null or birth_r is null",
            (Level("same", "出生日期相同 / born on the same day", "birth_l = birth_r"), Level("different", "出生日期不同 / born on different days")),
        ),
        Comparison(
            "phone",
            "电话 / phone",
            "phone",
            "phone_l is null or phone_r is null",
            (Level("same", "电话相同 / same phone", "phone_l = phone_r"), Level("different", "电话不同 / different phone")),
        ),
    ),
    (Block("name", "姓名 / name", "name"), Block("birth_phone", "出生日期和电话 / birth and phone", "birth || phone")),
    merge=4 * BIT,
)


class Tables:
    """The tables of a small generation, looked up as a generation's are."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables

    def where(self, name: str, column: str, values: Sequence[Any], columns: Sequence[str] | None = None) -> pa.Table:
        table = self.tables[name]
        found = table.filter(pc.is_in(table[column], pa.array(values, table.schema.field(column).type)))
        return found if columns is None else found.select(list(columns))


def form(
    number: int, name: str | None, birth: str | None = None, phone: str | None = None, id_no: str | None = None, source: str = "insurance"
) -> dict[str, Any]:
    """A record as it is compared; refs run against the numbers, so that nothing may lean on these."""
    features = {"name": name, "surname": name and name[0], "birth": birth, "phone": phone, "id_no": id_no, "id_text": id_no}
    return {"record_id": number, "ref": f"{source}|{9999 - number}|person", "source": source} | features


@cache
def trained() -> Model:
    """Weights by hand, saved as a model is."""
    weights = {
        "name": (
            LevelWeight("same", ".9", ".01", 6_500_000, -6_600_000),
            LevelWeight("surname", ".05", ".1", -1_000_000, 0),
            LevelWeight("different", ".05", ".9", -4_000_000, 0),
        ),
        "birth": (LevelWeight("same", ".9", ".01", 6_000_001, 0), LevelWeight("different", ".1", ".99", -3_000_000, 0)),
        "phone": (LevelWeight("same", ".5", ".001", 9_000_007, 0), LevelWeight("different", ".5", ".99", -500_000, 0)),
    }
    rarity = {"name": Rarity(7_000_000, {"王伟": 3_000_000, "李娜": 5_000_003})}
    return Model("person", SETTINGS.digest(), -8_000_000, weights, rarity, {"name": ("刘洋",)}, {}, SETTINGS.merge, SETTINGS.review, {})


def resolved(
    folder: Path, forms: Sequence[dict[str, Any]], decisions: Sequence[Decision] = (), contracts: Sequence[ContractInfo] = (), lead: bool = False
) -> Explainer:
    """The records resolved by the real steps, ready to be explained."""
    settings = replace(SETTINGS, lead=lead)
    given = saved.save(trained(), folder / "person.json")
    steps = [*unit.steps("person", contracts), *candidate.steps(settings, given), *score.steps(settings, given), cluster.step(settings, decisions)]
    steps += member.steps([settings], decisions)
    rows = pa.Table.from_pylist(list(forms), schema=model.form("person").schema)
    targets = ["unit_person", "node_person", "pair_person", "candidate_person", "cluster_person", "membership"]
    given_tables = {"form_person": rows, "apart_person": pa.Table.from_pylist([], schema=model.APART_PERSON.schema)}
    made = trial(steps, given_tables, targets)
    return Explainer(Tables(made | given_tables), {"person": settings}, {"person": given}, decisions)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Explainer:
    """150 records of a few names, births and phones, some with numbers."""
    chance = random.Random(5)
    forms = []
    for number in range(1, 151):
        name, birth = chance.choice([*NAMES, None]), chance.choice([*BIRTHS, None])
        forms.append(form(number, name, birth, chance.choice([None, "1", "2", "3"]), chance.choice([None, None, f"{NAMES.index(name or '王伟')}{birth}"])))
    return resolved(tmp_path_factory.mktemp("crowd"), forms, contracts=[ContractInfo("insurance")])


def test_prior_and_parts_are_the_stored_weight_to_the_unit(crowd: Explainer) -> None:
    pairs = crowd.reader.where("pair_person", "left_id", list(range(151))).to_pylist()
    chosen = random.Random(3).sample(pairs, min(1000, len(pairs)))
    told = evidence.scored(crowd.reader, SETTINGS, crowd.models["person"], [(row["right_id"], row["left_id"]) for row in chosen])
    print(f"{len(chosen)} pairs")
    assert len(chosen) == 1000
    assert [(s.left, s.right, s.weight) for s in told] == [(row["left_id"], row["right_id"], row["weight"]) for row in chosen]
    assert [s.prior + sum(e.part for e in s.evidence) for s in told] == [s.weight for s in told]


def test_a_part_around_a_record_is_clustered_as_the_whole_was(crowd: Explainer) -> None:
    members = {row["record_id"]: row["entity_id"] for row in crowd.reader.where("membership", "kind", ["person"]).to_pylist()}
    seen: set[int] = set()
    for record in members:
        if record not in seen:
            part = gather(crowd.reader, SETTINGS, (), [record])
            seen |= set(part.records)
            for one in part.records:
                assert {r for r in part.records if part.together(one, r)} == {r for r, entity in members.items() if entity == members[one]}
    assert seen == set(members)


def test_how_retells_each_entity_from_single_records_to_all(crowd: Explainer) -> None:
    for entity in sorted({row["entity_id"] for row in crowd.reader.where("membership", "kind", ["person"]).to_pylist()}):
        how = crowd.how(entity)
        assert len(how.joins) == len(how.records) - 1
        last = how.joins[-1] if how.joins else None
        assert sorted((*last.left, *last.right) if last else how.records) == list(how.records)
        weights = [{"decision": 2, "identifier": 1, "score": 0}[join.link.by] for join in how.joins]
        assert weights == sorted(weights, reverse=True)


def test_every_two_records_of_an_entity_are_joined_by_a_chain(crowd: Explainer) -> None:
    members = crowd.reader.where("membership", "kind", ["person"]).to_pylist()
    for a, b in zip(members[:40], members[40:80], strict=True):
        why = crowd.why(a["record_id"], b["record_id"])
        assert bool(why.chain) == why.together == (a["entity_id"] == b["entity_id"])
        ends = [a["record_id"]]
        for link in why.chain:
            assert ends[-1] in (link.left, link.right)
            ends.append(link.right if link.left == ends[-1] else link.left)
        assert not why.chain or ends[-1] == b["record_id"]


def test_one_identifier_and_compatible_names_need_no_score(tmp_path: Path) -> None:
    explainer = resolved(tmp_path, [form(1, "王伟", id_no="1"), form(2, "王伟", id_no="1")])
    why = explainer.why(1, 2)
    assert (why.together, why.identifier, [link.by for link in why.chain]) == (True, True, ["identifier"])
    assert "证件号码相同" in why.sentences[0]


def test_a_score_is_told_comparison_by_comparison_with_the_rarity_of_the_value(tmp_path: Path) -> None:
    why = resolved(tmp_path, [form(1, "王伟", "1960-01-01"), form(2, "王伟", "1960-01-01")]).why(2, 1)
    assert why.scored is not None
    assert [(e.comparison, e.element, e.level, e.part, e.rarity) for e in why.scored.evidence] == [
        ("name", "name", "same", 2_900_000, -3_600_000),
        ("birth", "birth", "same", 6_000_001, 0),
        ("phone", "phone", "", 0, 0),
    ]
    assert (why.scored.weight, why.together) == (900_001, False)
    assert "   +2.90  姓名 / name：姓名相同 / the names are the same（其中取值稀有程度 / of which how rare the value is: -3.60）" in why.sentences


def test_an_indirect_merge_is_told_as_a_chain(tmp_path: Path) -> None:
    explainer = resolved(tmp_path, [form(1, "张三", "1960-01-01"), form(2, "张三", "1960-01-01", "1"), form(3, None, "1960-01-01", "1")])
    why = explainer.why(1, 3)
    assert (why.together, [(link.left, link.right) for link in why.chain]) in [(True, [(2, 1), (3, 2)]), (True, [(1, 2), (2, 3)])]
    assert [link.by for link in why.chain] == ["score", "score"]


def test_a_pair_that_was_never_compared_says_why_and_what_it_would_have_scored(tmp_path: Path) -> None:
    why_not = resolved(tmp_path, [form(1, "张三", "1960-01-01"), form(2, "李娜", None, "1"), form(3, "刘洋"), form(4, "刘洋")]).why_not(1, 2)
    assert (why_not.candidate, why_not.together) == (False, False)
    assert [(block.rule, block.reason) for block in why_not.blocks] == [("name", "different"), ("birth_phone", "missing_both")]
    assert why_not.scored is not None
    assert why_not.scored.weight == -12_000_000
    assert "若比较，打分会是 / had they been compared, the score would be:" in why_not.sentences


def test_a_stop_key_is_no_lead(tmp_path: Path) -> None:
    why_not = resolved(tmp_path, [form(1, "刘洋", "1960-01-01"), form(2, "刘洋", "1970-01-01")]).why_not(1, 2)
    assert [block.reason for block in why_not.blocks] == ["stop_key", "missing_both"]


def test_one_of_several_records_that_are_alike_stands_for_all(tmp_path: Path) -> None:
    forms = [form(1, "张三", id_no="1"), form(2, "张三", id_no="1"), form(3, "张三", "1960-01-01")]
    made = resolved(tmp_path, forms, lead=True)
    told = {number: made.why_not(number, 3) for number in (1, 2)}
    (spoken,) = (number for number in told if not told[number].candidate)
    assert told[spoken].sentences[0].startswith("同一单元中完全相同的记录只比较一条")
    assert not any("没有被比较" in sentence for number in told for sentence in told[number].sentences)


def test_two_accepted_numbers_are_not_compared(tmp_path: Path) -> None:
    forms = [form(1, "张三", id_no="1"), form(2, "张三", id_no="1"), form(3, "张三", id_no="2"), form(4, "张三", id_no="2")]
    why_not = resolved(tmp_path, forms).why_not(1, 3)
    assert (why_not.numbers, why_not.candidate) == (True, False)
    assert "双方各有自己的有效号码 / each has an accepted number of its own" in why_not.sentences


def test_a_humans_word_outranks_the_score(tmp_path: Path) -> None:
    forms = [form(1, "张三", "1960-01-01", "1"), form(2, "张三", "1960-01-01", "1"), form(3, "李娜")]
    refs = [tuple(each["ref"].split("|")) for each in forms]
    decisions = [Decision(1, "different", refs[0], refs[1]), Decision(2, "same", refs[1], refs[2])]
    explainer = resolved(tmp_path, forms, decisions)
    why_not = explainer.why_not(1, 2)
    assert (why_not.together, why_not.decision, [link.reason for link in why_not.refused]) == (False, 1, ["decision"])
    why = explainer.why(2, 3)
    assert (why.together, why.decision, [(link.by, link.decision) for link in why.chain]) == (True, 2, [("decision", 2)])


def test_a_source_without_duplicates_keeps_its_rows_apart(tmp_path: Path) -> None:
    forms = [form(1, "张三", "1960-01-01", "1", source="hukou"), form(2, "张三", "1960-01-01", "1", source="hukou")]
    why_not = resolved(tmp_path, forms, contracts=[ContractInfo("hukou", duplicate_free=True, subject="person")]).why_not(1, 2)
    assert [link.reason for link in why_not.refused] == ["duplicate_free"]
    assert REFUSALS["duplicate_free"] in why_not.sentences[-2]


def test_of_two_entities_the_pair_that_speaks_most_for_them_is_asked_about(tmp_path: Path) -> None:
    forms = [form(1, "张三", id_no="1"), form(2, "张三", "1960-01-01", id_no="1"), form(3, "李娜", "1970-01-01"), form(4, "张三", "1970-01-01", "1")]
    explainer = resolved(tmp_path, forms)
    names = {row["record_id"]: row["entity_id"] for row in explainer.reader.where("membership", "kind", ["person"]).to_pylist()}
    assert names[1] == names[2]
    assert len({names[1], names[3], names[4]}) == 3
    assert (explainer.nearest(names[1], names[4]), explainer.nearest(names[4], names[1])) == ((1, 4), (4, 1))
    assert explainer.nearest(names[1], names[3]) == (1, 3)


ROOMS = (
    # record, source, code, address text, its building and room
    (1, "survey", "F1", "甲路1号101室", "甲路1号", "甲路1号101室"),
    (2, "survey", "F2", "甲路1号102室", "甲路1号", "甲路1号102室"),
    (3, "estate", "970-1", "甲路2号101室", "甲路2号", "甲路2号101室"),
    (4, "estate", "970-2", "甲路1号", "甲路1号", None),
    (5, "power", None, None, None, None),
    (6, "survey", "F3", "甲路1号102室", "甲路1号", "甲路1号102室"),
    (7, "power", None, "甲路1号102室", "甲路1号", "甲路1号102室"),
    (8, "power", None, "某处旁", None, None),
)


@pytest.mark.parametrize(
    ("left", "right", "codes", "places"),
    [
        (1, 2, "one", [PLACES["room"]]),
        (1, 3, "several", [PLACES["building"]]),
        (1, 4, "several", [SIDES[1] + PLACES["wide"]]),
        (5, 1, "right", [SIDES[0] + PLACES["missing"]]),
        (2, 6, "one", []),
        (2, 7, "left", [PLACES["same"]]),
        (5, 8, "none", [SIDES[0] + PLACES["missing"], SIDES[1] + PLACES["unread"]]),
    ],
)
def test_why_two_rooms_are_two(left: int, right: int, codes: str, places: list[str]) -> None:
    address = {text: {"text": text, "norm": room or building, "building_norm": building, "room_norm": room} for _, _, _, text, building, room in ROOMS if text}
    rows = [village.record(number, source, "room", room_code=code, address=text) for number, source, code, text, _, _ in ROOMS]
    steps = plan.steps(["room"], {}, [], [])
    given_tables = tables({"room": rows}, list(address.values()))
    made = trial(steps, needed(steps, given_tables), ["form_room", "unit_room", "node_room", "cluster_room", "membership"])
    told = Explainer(Tables(given_tables | made), plan.SETTINGS, {}).why_not(left, right)
    assert not told.together
    assert list(told.sentences) == [CODES[codes], *places, "结论：不是同一实体 / they are not one entity"]


def test_no_sentence_carries_a_value(crowd: Explainer) -> None:
    values = {*NAMES, *BIRTHS}
    for a, b in ((1, 2), (3, 90), (17, 40), (55, 120)):
        said = " ".join((*crowd.why(a, b).sentences, *crowd.why_not(a, b).sentences))
        assert not [value for value in values if value in said]


def test_what_is_not_live_cannot_be_explained(crowd: Explainer) -> None:
    with pytest.raises(InputError):
        crowd.why(1, 9_999)
    with pytest.raises(InputError):
        crowd.how("p999")
