"""Addresses as different parts of the country write them: each line holds the ways of writing one place, and the lines of a case are different places."""

from __future__ import annotations

import polars as pl
import pytest

from cityweave.cfd_rules.address import parse, rewritten
from cityweave.cfd_rules.address_words import REWRITTEN

ROOMS = {
    "part of the house": [
        ["桐荫路676弄3号前楼", "桐荫路676弄3号前楼室"],
        ["桐荫路676弄3号后楼"],
        ["桐荫路676弄3号二层前楼", "桐荫路676弄3号二楼前楼", "桐荫路676弄3号2层前楼"],
        ["桐荫路676弄3号二楼亭子间", "桐荫路676弄3号2层亭子间"],
        ["桐荫路676弄3号亭子间"],
        ["桐荫路676弄3号三层阁", "桐荫路676弄3号3层阁楼"],
        ["桐荫路676弄3号前客堂", "桐荫路676弄3号前客堂间"],
        ["桐荫路676弄3号后客堂"],
        ["桐荫路676弄3号底层统间", "桐荫路676弄3号一层统间"],
        ["桐荫路676弄3号灶间", "桐荫路676弄3号灶披间"],
        ["桐荫路676弄3号晒台搭建"],
        ["桐荫路676弄3号东厢房", "桐荫路676弄3号东厢"],
        ["桐荫路676弄3号西厢房"],
        ["桐荫路676弄3号假三层", "桐荫路676弄3号假3层"],
        ["桐荫路676弄3号二层", "桐荫路676弄3号2楼"],
        ["桐荫路676弄3号前楼1室"],
        ["桐荫路676弄4支弄3号前楼"],
    ],
    "below the ground": [
        ["云岭路7号10栋负2-2", "云岭路7号10栋负2楼2号", "云岭路7号10栋地下二层2号", "云岭路7号10幢B2-2"],
        ["云岭路7号10栋2-2"],
        ["云岭路7号10栋负101", "云岭路7号10栋负1楼101", "云岭路7号10栋-1楼1号"],
        ["云岭路7号10栋101"],
        ["云岭路7号附13号-1楼", "云岭路7号附13号负1楼"],
        ["云岭路7号附13号1楼"],
        ["云岭路8号世纪大厦B1-03", "云岭路8号地下一层03号", "云岭路8号负一层3号"],
        ["云岭路8号B1栋301", "云岭路8号B1-301"],
    ],
    "hyphen or minus": [
        ["云岭路7号9栋-2-201", "云岭路7号9栋2单元201室", "云岭路7号9栋-2单元-201"],
        ["云岭路7号9栋-201", "云岭路7号9栋201室"],
        ["云岭路7号9幢-2-2"],
        ["云岭路7号9幢负2-2"],
        ["云岭路7号9幢2-2"],
        ["云岭路7号9栋2单元-1-1"],
        ["云岭路7号9栋2单元1-1"],
        ["云岭路7号1栋-2-2-1号", "云岭路7号1栋2单元2层1号", "云岭路7号1-2-2-1"],
    ],
    "beside a number": [
        ["创业路8号3栋301甲室", "创业路8号3栋301室甲", "创业路8号3栋301甲"],
        ["创业路8号3栋301之一", "创业路8号3栋301室之1", "创业路8号3栋301-1"],
        ["创业路8号3栋301室A房", "创业路8号3栋301A"],
        ["创业路8号3栋301室前间"],
        ["创业路8号3栋301室3号床"],
        ["创业路8号3栋三楼东户", "创业路8号3栋3层东"],
        ["创业路8号3栋三楼西户"],
        ["创业路8号3栋301、302"],
        ["创业路8号3栋301"],
        ["创业路8号3栋储藏室5", "创业路8号3栋5号储藏室"],
        ["创业路8号3栋5室"],
        ["创业路8号地下车库123号车位", "创业路8号地下车库车位123"],
        ["创业路8号123号"],
        ["创业路8号15楼A室", "创业路8号15层A"],
        ["创业路8号16楼A室"],
        ["创业路8号3栋夹层2号"],
        ["创业路8号3栋顶层"],
    ],
    "houses without number": [
        ["创业路8号东楼204"],
        ["创业路8号西楼204室"],
        ["创业路8号办公楼204"],
        ["创业路8号宿舍楼204"],
        ["创业路8号2号宿舍楼204", "创业路8号2号宿舍204室"],
        ["创业路8号3号厂房2楼", "创业路8号三号厂房二层"],
        ["创业路8号平房3排5号"],
        ["创业路8号平房3排6号"],
        ["创业路8号翠海花园海棠阁12A", "创业路8号翠海花园海棠阁12A室"],
        ["创业路8号翠海花园丁香阁12A"],
        ["创业路8号北区12栋301"],
        ["创业路8号粤海大学北区12栋302"],
        ["创业路8号粤海大学南区12栋302"],
        ["创业路8号甲楼301", "创业路8号甲栋301"],
        ["创业路8号3栋甲201", "创业路8号3甲幢201"],
        ["创业路8号3栋东单元501", "创业路8号3栋东门501"],
        ["创业路8号204"],
    ],
}  # fmt: skip

PLACES = {
    "numbers": [
        ["西城区石虎胡同甲33号"],
        ["西城区石虎胡同33号甲", "西城区石虎胡同33甲号"],
        ["西城区石虎胡同33号", "西城区石虎胡同33号（原31号）"],
        ["西城区石虎胡同33号之一", "西城区石虎胡同33-1号"],
    ],
    "roads": [
        ["建设东路三段12号", "建设东路3段12号"],
        ["建设东路二段12号"],
        ["建设东路12号"],
        ["南坪西路一支路5号", "南坪西路1支路5号"],
        ["恩宁路永庆一巷3号", "恩宁路永庆1巷3号"],
        ["恩宁路永庆二巷3号"],
        ["东城区东四六条5号", "东城区东四6条5号"],
        ["西城区新街口北大街42号"],
        ["忠孝东路一段12巷5弄3号"],
    ],
    "zones": [
        ["朝阳区安贞西里四区6号楼3单元201", "朝阳区安贞西里4区6楼3门201"],
        ["朝阳区安贞西里三区6号楼3单元201"],
        ["南山区塘头村一坊12栋301", "南山区塘头村1坊12栋301"],
        ["普陀区曹杨一村12号402室", "普陀区曹杨1村12号402"],
    ],
    "neighbourhoods": [
        ["向阳街道三委五组12号", "向阳街道3委5组12号"],
        ["向阳街道三委六组12号"],
        ["向阳街道河堡社区3组12号", "向阳街道河堡居委会三组12号"],
        ["向阳街道石坝社区3组12号"],
        ["长辛店东山坡3排12号", "长辛店东山坡三排12号"],
        ["石桥镇李家村第三生产队12号", "石桥镇李家村3组12号"],
        ["石桥镇李家村3排12号"],
    ],
    "far away": [
        ["石河子市一四三团六连12号", "石河子市143团6连12号", "新疆生产建设兵团第八师143团六连12号"],
        ["石河子市143团7连12号"],
        ["正蓝旗上都苏木安门嘎查3组5号", "内蒙古自治区锡林郭勒盟正蓝旗上都苏木安门嘎查三组5号"],
        ["正蓝旗上都苏木石门嘎查3组5号"],
        ["彭水苗族土家族自治县汉葭街道文庙路5号"],
        ["莎车县米夏镇5村3组12号", "新疆维吾尔自治区喀什地区莎车县米夏镇五村3组12号"],
    ],
}  # fmt: skip


@pytest.mark.parametrize("lines", [*ROOMS.values(), *PLACES.values()], ids=[*ROOMS, *PLACES])
def test_ways_of_writing_meet_and_different_places_stay_apart(lines: list[list[str]]) -> None:
    made = {row["text"]: row for row in parse(pl.Series([text for ways in lines for text in ways], dtype=pl.String)).to_pylist()}
    assert [text for text in made if made[text]["building_norm"] is None] == [], "all are parsed"
    norms = [sorted({made[text]["norm"] for text in ways}) for ways in lines]
    assert [found for found in norms if len(found) > 1] == [], "the ways of writing one place meet"
    assert len({found[0] for found in norms}) == len(lines), "different places stay apart"


@pytest.mark.parametrize("lines", ROOMS.values(), ids=ROOMS)
def test_a_room_is_a_room_of_its_building(lines: list[list[str]]) -> None:
    made = parse(pl.Series([text for ways in lines for text in ways], dtype=pl.String)).to_pylist()
    assert all(row["room_norm"] == row["norm"] and row["norm"].startswith(row["building_norm"]) for row in made)


def test_the_name_of_an_estate_is_no_part_of_a_house() -> None:
    texts = ("南湖区前楼花园3栋501", "南湖区东厢公寓3栋501", "南湖区亭子间小区3栋501", "南湖区红旗街道人民路5号", "南湖区西厢花园")
    made = parse(pl.Series(texts, dtype=pl.String)).to_pylist()
    assert [row["estate"] for row in made] == ["前楼花园", "东厢公寓", "亭子间小区", None, "西厢花园"]
    assert [row["room"] for row in made] == ["501", "501", "501", None, None]
    assert made[3]["district"] == "南湖区"


def test_a_house_of_a_place_with_but_one_such_name_needs_no_name() -> None:
    sole = parse(pl.Series(["新洲路88号海棠阁12A", "新洲路88号12A"])).to_pylist()
    two = parse(pl.Series(["新洲路88号海棠阁12A", "新洲路88号丁香阁12A", "新洲路88号12A"])).to_pylist()
    assert len({row["norm"] for row in sole}) == 1 and len({row["norm"] for row in two}) == 3


def test_no_rule_would_fit_a_text_that_its_block_passes_over() -> None:
    texts = pl.Series([text for lines in (*ROOMS.values(), *PLACES.values()) for ways in lines for text in ways])
    plain = texts
    for _, rules in REWRITTEN:
        for pattern, written in rules:
            plain = plain.str.replace_all(pattern, written)
    assert rewritten(texts).to_list() == plain.to_list()
