"""What names look and sound like."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cityweave.resolver import firms, names


def _form(*texts: str) -> dict[str, dict[str, str]]:
    return {row["text"]: row for row in names.name_form({"name_text_person": pa.table({"text": list(texts)})}, {}, {}).to_pylist()}


def _firm(*texts: str) -> dict[str, dict[str, str]]:
    return {row["text"]: row for row in firms.name_form({"name_text_legal_entity": pa.table({"text": list(texts)})}, {}, {}).to_pylist()}


@pytest.mark.parametrize(
    ("text", "name", "surname", "given", "pinyin"),
    [
        ("張偉", "张伟", "张", "伟", "zhangwei"),
        ("王 小明", "王小明", "王", "小明", "wangxiaoming"),
        ("歐陽娜", "欧阳娜", "欧阳", "娜", "ouyangna"),
        ("Ｔhomas Clifford, 1st Baron Clifford", "thomas clifford clifford", "clifford", "thomas", "thomascliffordclifford"),
        ("买买提•艾力", "买买提 艾力", "艾力", "买买提", "买买提艾力"),
        ("𠮷田", "𠮷田", "𠮷", "田", "𠮷tian"),
    ],
)
def test_a_name_is_folded_and_split(text: str, name: str, surname: str, given: str, pinyin: str) -> None:
    form = _form(text)[text]
    assert (form["name"], form["surname"], form["given"], form["pinyin"]) == (name, surname, given, pinyin)


def test_look_alikes_share_a_shape_and_others_do_not() -> None:
    form = _form("王未", "王末", "王木")
    assert form["王未"]["look"] == form["王末"]["look"] != form["王木"]["look"]


def test_the_parts_of_a_firm_do_not_depend_on_how_it_is_written() -> None:
    form = _firm(
        "粤海市南湖区鼎丰贸易有限公司", "粤海鼎丰贸易有限责任公司", "鼎丰贸易（粤海）有限公司", "鼎丰贸易", "粤海市南湖区张记小吃店", "鼎丰贸易股份有限公司"
    )
    assert {row["core"] for text, row in form.items() if "鼎丰" in text} == {"鼎丰贸易"}
    assert form["粤海鼎丰贸易有限责任公司"]["name"] == form["鼎丰贸易（粤海）有限公司"]["name"]
    assert form["粤海市南湖区鼎丰贸易有限公司"]["region"] == "粤海市南湖区"
    assert form["鼎丰贸易"]["form"] is None
    assert form["鼎丰贸易股份有限公司"]["form"] == "股份有限公司"
    assert (form["粤海市南湖区张记小吃店"]["brand"], form["粤海市南湖区张记小吃店"]["trade"]) == ("张记", "小吃店")


def test_no_names_make_no_rows() -> None:
    assert names.name_form({"name_text_person": pa.table({"text": pa.array([], pa.string())})}, {}, {}).num_rows == 0
    assert firms.name_form({"name_text_legal_entity": pa.table({"text": pa.array([], pa.string())})}, {}, {}).num_rows == 0


def test_towns_committees_and_provinces() -> None:
    form = _firm("察岭市平桥乡卫生院", "平桥乡卫生院", "察岭市城关镇卫生院", "水乡人家酒店", "凌江省察岭市卫生院", "察岭市卫生院")
    assert form["平桥乡卫生院"]["name"] == form["察岭市平桥乡卫生院"]["name"] != form["察岭市城关镇卫生院"]["name"]
    assert form["水乡人家酒店"]["region"] is None
    assert form["凌江省察岭市卫生院"]["spelt"] == form["察岭市卫生院"]["spelt"]
    committees = _firm(*(f"察岭市平桥镇六隆{ending}" for ending in ("村委会", "村村民委员会", "村民委员会", "村村委会")), "平桥镇六隆村委会")
    assert {row["name"] for row in committees.values()} == {"察岭市平桥镇六隆村民委员会"}


def test_a_district_belongs_to_the_city_that_nearly_all_names_write_before_it_and_to_none_where_they_differ() -> None:
    form = _firm("粤海市龙冈区第一小学", "龙冈区第一小学", "粤海市南湖区第二小学", "星洲市南湖区第三小学", "南湖区第二小学")
    assert form["龙冈区第一小学"]["name"] == form["粤海市龙冈区第一小学"]["name"]
    assert form["南湖区第二小学"]["name"] != form["粤海市南湖区第二小学"]["name"]


def test_municipal_works_are_no_city() -> None:
    form = _firm("第三市政工程有限公司", "第三环卫所", "粤海市第三环卫所", "粤海市政府")
    assert (form["第三环卫所"]["region"], form["第三环卫所"]["core"]) == (None, form["粤海市第三环卫所"]["core"])
    assert (form["粤海市政府"]["region"], form["粤海市政府"]["core"]) == ("粤海", "政府")


def test_a_school_is_known_by_its_number_however_the_city_and_the_word_are_written() -> None:
    made = _firm("朔宁市第八中学", "市第八中学", "朔宁市八中", "八中", "朔宁市铁西区十六小", "市政工程公司")
    assert [made[name]["core"] for name in ("朔宁市第八中学", "市第八中学", "朔宁市八中", "八中")] == ["第八中学"] * 4
    assert (made["朔宁市铁西区十六小"]["core"], made["市政工程公司"]["core"]) == ("第十六小学", "市政工程")
