"""Addresses: every way of writing a place gets one norm."""

from __future__ import annotations

import polars as pl
import pytest

from cityweave.cfd_rules.address import parse


def norms(*texts: str) -> dict[str, tuple[str, str | None, str | None]]:
    """text -> (norm, building_norm, room_norm)."""
    return {row["text"]: (row["norm"], row["building_norm"], row["room_norm"]) for row in parse(pl.Series(texts, dtype=pl.String)).to_pylist()}


ROOM = ("南湖区人民路12号3栋2单元501室", "南湖区人民路12号3栋", "南湖区人民路12号3栋2单元501室")


@pytest.mark.parametrize(
    "text",
    [
        "粤海市南湖区春风街道人民路12号锦绣花园3栋2单元501室",
        "岭南省粤海市南湖区春风街道人民路12号锦绣花园3栋2单元501室",
        "南湖区人民路12号锦绣花园三栋二单元501",
        "南湖区人民路十二号3号楼2单元501房",
        "南湖区人民路12号3幢2单元0501室",
        "粤海市南湖区春风街道办事处人民路12号院3#2单元501室",
        "粤海市南湖区人民路12号锦绣花园3-2-501",
        "南湖区 春风街道 人民路12号 锦绣花园 3座2单元501室",
    ],
)
def test_ways_of_writing_a_room(text: str) -> None:
    assert norms(text)[text] == ROOM


def test_a_missing_district_is_that_of_the_same_road_and_number_if_there_is_only_one() -> None:
    made = norms("南湖区人民路12号3栋", "人民路12号3栋501", "东山区人民路12号", "工业路7号", "东山区工业路7号")
    assert made["人民路12号3栋501"][0] == "人民路12号3栋501室"
    assert made["工业路7号"][0] == "东山区工业路7号"


SAME = {
    "roads of roads": ["沙源市新城区丝路大道12号丝路佳苑3号楼2单元501室", "丝路佳苑3-2-501", "新城区丝路大道12号3栋2单元501"],
    "people of a city": ["沙源市新城区民族路5号一中家属院1号楼2单元301", "一中家属院1-2-301", "新城区民族路5号1栋2单元301"],
    "farms": ["沙源市红旗农场三分场1连12号", "红旗农场3分场一连12号"],
    "village": ["月湖县石桥镇李家村3组27号", "凌江省澜州市月湖县石桥镇李家村三组27号", "月湖县石桥镇李家村第三村民小组27号", "月湖县石桥镇李家村3社27号"],
    "lane": ["南湖区人民路5巷8号", "南湖区人民路五巷8号", "南湖区人民路5弄8号"],
    "phase": ["南湖区翠湖花园三期3栋2单元501", "南湖区翠湖花园3期3幢2单元501室", "南湖区翠湖花园第三期3-2-501"],
    "zone": ["南湖区翠湖花园B区3栋501", "南湖区翠湖花园b区3号楼501室"],
    "floors": ["南湖区翠湖花园3栋2单元5楼1号", "南湖区翠湖花园3栋2单元501室", "南湖区翠湖花园3幢二单元五层1室", "南湖区翠湖花园3栋2单元5-1"],
    "doors": ["南湖区铁路宿舍3栋2单元附4号", "南湖区铁路宿舍3栋2单元4号"],
    "annexes": ["南湖区盐号巷5号附3号", "南湖区盐号巷5-3号", "南湖区盐号巷5号附3", "南湖区盐号巷五之三号"],
    "shops": ["南湖区翠湖花园3幢商铺5号", "南湖区翠湖花园3栋1层5号门面", "南湖区翠湖花园3栋底商5号", "南湖区翠湖花园3栋5号铺面"],
    "stalls": ["南湖区文庙农贸市场A区12号摊位", "南湖区文庙农贸市场A-12号摊位", "南湖区文庙农贸市场A区12号"],
    "called": ["南湖区幸福小区5楼301室", "南湖区幸福小区5栋301"],
    "cities": ["澜州市云江市桥头街道人民路5号", "凌江省澜州市云江市人民路5号", "云江市桥头街道人民路5号"],
    "renamed": ["澜州市月湖县石桥镇李家村3组27号", "月湖区石桥镇李家村3组27号", "澜州市月湖区石桥镇李家村三组27号"],
    "marks": ["南湖区人民路18号(翠湖花园)3栋2单元501", "南湖区人民路18号翠湖花园3#-2-501", "南湖区人民路18号 翠湖花园 3 / 2 / 501"],
}


@pytest.mark.parametrize("ways", SAME.values(), ids=SAME)
def test_more_ways_of_writing_one_place(ways: list[str]) -> None:
    made = norms(*ways)
    assert len({found[0] for found in made.values()}) == 1
    assert all(found[1] for found in made.values()), "it is parsed"


def test_groups_phases_and_zones_are_different_places() -> None:
    villages = [f"石桥镇李家村{rest}" for rest in ("3组27号", "4组27号", "3组28号")]
    floors = [f"翠湖花园3栋2单元{floor}楼2号" for floor in (2, 3)] + [f"翠湖花园3栋2楼{door}号" for door in (1, 12)]
    assert len({found[2] for found in norms(*floors).values()}) == len(floors)
    estates = [f"翠湖花园{rest}3栋501" for rest in ("", "2期", "3期", "A区")]
    assert len({found[0] for found in norms(*villages, *estates).values()}) == 7


def test_an_estate_alone_stands_where_the_other_addresses_put_it() -> None:
    told = [f"南湖区人民路12号锦绣花园{n}栋" for n in range(1, 10)]
    alone = ("南湖区锦绣花园3栋501室", "锦绣花园3栋501室", "粤海市南湖区春风街道锦绣花园3栋501", "人民路锦绣花园3栋501室")
    made = norms(*told, *alone)
    assert {made[text][2] for text in alone} == {"南湖区人民路12号3栋501室"}
    assert norms(*told, "工业路锦绣花园3栋")["工业路锦绣花园3栋"][0] == "工业路锦绣花园3栋", "another road is another place"
    assert norms(*told, "东山区锦绣花园3栋")["东山区锦绣花园3栋"][0] == "东山区锦绣花园3栋", "so is another district"
    two = norms(*told, "东山区和平路1号锦绣花园", "东山区和平路1号锦绣花园2栋", "锦绣花园3栋", "南湖区锦绣花园3栋")
    assert two["锦绣花园3栋"][0] == "锦绣花园3栋", "of two estates of one name none is meant"
    assert two["南湖区锦绣花园3栋"][0] == "南湖区人民路12号3栋"
    once = norms(*told, "南湖区人民路21号锦绣花园3栋", "南湖区锦绣花园3栋")
    assert once["南湖区锦绣花园3栋"][0] == "南湖区人民路12号3栋", "one text among ten that says otherwise is a slip"


def test_a_city_may_have_no_districts() -> None:
    told = [f"察岭市平桥镇文化路8号幸福安置区{n}栋" for n in range(1, 10)]
    made = norms(*told, "察岭市幸福安置区3栋501", "平桥镇文化路8号3栋501室", "南山集中安置点3栋")
    assert made["察岭市幸福安置区3栋501"][2] == made["平桥镇文化路8号3栋501室"][2] == "文化路8号3栋501室"
    assert made["南山集中安置点3栋"][1] == "南山集中安置点3栋"


def test_a_street_tells_which_of_two_estates_is_meant_and_a_town_its_district() -> None:
    told = [f"南湖区{site}枫林小区{n}栋" for site in ("鼓楼街道人民路1号", "文庙街道和平路9号") for n in range(1, 6)]
    made = norms(*told, "南湖区鼓楼街道枫林小区3栋", "文庙街道枫林小区3栋", "南湖区枫林小区3栋", "月湖县石桥镇李家村1组2号", "石桥镇李家村3组4号")
    assert made["南湖区鼓楼街道枫林小区3栋"][0] == "南湖区人民路1号3栋"
    assert made["文庙街道枫林小区3栋"][0] == "南湖区和平路9号3栋"
    assert made["南湖区枫林小区3栋"][0] == "南湖区枫林小区3栋"
    more = [f"南湖区文庙街道和平路9号枫林小区7栋{n}室" for n in range(101, 110)]
    assert norms(*told, *more, "枫林小区7栋301")["枫林小区7栋301"][0] == "南湖区和平路9号7栋301室", "only one of them has a building 7"
    assert norms(*told, *more[:3], "枫林小区7栋301")["枫林小区7栋301"][0] == "枫林小区7栋301室", "of which too few texts speak"
    assert made["石桥镇李家村3组4号"][0] == "月湖县李家村3组4号"


def test_numerals_buildings_and_what_does_not_parse() -> None:
    made = norms("湖贝路123号一百零五栋二十单元十室", "锦绣花园3栋", "somewhere 12", "人民路12号A座1203")
    assert made["湖贝路123号一百零五栋二十单元十室"][0] == "湖贝路123号105栋20单元10室"
    assert made["锦绣花园3栋"] == ("锦绣花园3栋", "锦绣花园3栋", None)
    assert made["somewhere 12"] == ("somewhere 12", None, None)
    assert made["人民路12号A座1203"][2] == "人民路12号A栋1203室"
    assert norms() == {}


def test_a_market_is_no_city_and_a_city_named_twice_no_district() -> None:
    made = {row["text"]: row for row in parse(pl.Series(["澜州市场路5号", "澜州市澜州市人民路5号", "澜州市南湖区人民路5号"])).to_pylist()}
    assert [made[text]["norm"] for text in made] == ["澜州市场路5号", "南湖区人民路5号", "南湖区人民路5号"]
    assert made["澜州市场路5号"]["road"] == "澜州市场路"


VILLAGES = {
    "永沙县澳前镇城郊村委会4组36号": "永沙县城郊村4组36号",
    "永沙县东坑村民委员会4组36号": "永沙县东坑村4组36号",
    "澜浦市鹭屿区后埔村三巷12号之二": "鹭屿区后埔村3巷12-2号",
    "后埔村3巷12号-2": "鹭屿区后埔村3巷12-2号",
    "鹭屿区后埔村（后埔小学对面）5-1号": "鹭屿区后埔村5-1号",
    "永沙县红星农场二分场3号": "永沙县红星农场2组3号",
    "察岭市平桥镇六隆村3组12号": "六隆村3组12号",
    "察岭市平桥镇老街村2组5号": "老街村2组5号",
    "察岭市平桥镇老街5号": "老街5号",
    "地方国营红星林场3队12号": "红星林场3组12号",
    "石埕区镇海社区镇海北路7号": "石埕区镇海北路7号",
    "石埕区福满里12号": "石埕区福满里12号",
    "石埕区解放路8号3号门201": "石埕区解放路8号3单元201室",
}


def test_villages_alleys_and_farms_are_parsed_and_two_villages_are_two() -> None:
    made = norms(*VILLAGES)
    assert {text: made[text][0] for text in VILLAGES} == VILLAGES


def test_a_town_is_written_or_not_unless_two_have_a_village_of_that_name() -> None:
    one = norms("永沙县澳前镇城郊村4组36号", "永沙县城郊村4组36号", "城郊村4组36号")
    assert len({found[0] for found in one.values()}) == 1
    two = norms("永沙县澳前镇城郊村4组36号", "永沙县沙美镇城郊村4组36号", "永沙县城郊村4组36号")
    assert len({found[0] for found in two.values()}) == 3


def test_a_named_house_without_number_is_known_by_its_name() -> None:
    ways = ("石埕区石鼓路东溟鞋业员工宿舍2号楼504室", "石埕区东溟鞋业员工宿舍2栋504", "东溟鞋业员工宿舍2号楼504室", "石鼓路东溟鞋业员工宿舍2栋504")
    assert len({found[0] for found in norms(*ways).values()}) == 1
    assert len({found[0] for found in norms(*ways, "石埕区解放路东溟鞋业员工宿舍2栋504").values()}) > 1, "on two roads there may be two"


def test_a_phase_that_goes_without_saying_and_rooms_told_by_floor() -> None:
    made = norms("江浒区解放路31号未来花园二期1座201", "江浒区解放路31号1座201", "江浒区解放路31号1栋5-1", "江浒区解放路31号1栋501")
    assert len({found[0] for found in made.values()}) == 2
    assert made["江浒区解放路31号1栋5-1"][0] == made["江浒区解放路31号1栋501"][0]


def test_a_house_without_rooms_is_a_room() -> None:
    made = norms("鹭屿区滨海西路26号", "鹭屿区滨海西路28号", "鹭屿区滨海西路28号101室")
    assert made["鹭屿区滨海西路26号"][2] == made["鹭屿区滨海西路26号"][0] and made["鹭屿区滨海西路28号"][2] is None


def test_an_abolished_district_is_learned_from_its_roads() -> None:
    old = [f"港东区海防路{n}号" for n in range(1, 31)]
    now = [f"鹭屿区海防路{n}号{room}室" for n in range(1, 31) for room in (101, 102)]
    made = norms(*old, *now, "鹭屿区海防路40号")
    assert made["港东区海防路7号"][1] == made["鹭屿区海防路7号101室"][1]


def test_an_estate_in_brackets_says_which_lane_it_stands_in() -> None:
    made = norms(
        "江东市江北区御桥路1212弄(田林三村)77号1804室",
        "御桥路1212弄77号1804",
        "田林三村77号1804室",
        "江东市江北区业盛路42弄4支弄（上钢小区）21号901室",
        "上钢小区21号901室",
        "江北区业盛路42弄21号901室",
        "江南区御桥路9号(世纪大厦)5楼3号",
    )
    assert {made[text][2] for text in list(made)[:3]} == {"江北区御桥路1212巷77号1804室"}
    assert {made[text][2] for text in list(made)[3:5]} == {"江北区业盛路42巷4支弄21号901室"}
    assert made["江北区业盛路42弄21号901室"][2] == "江北区业盛路42巷21号901室"
    assert made["江南区御桥路9号(世纪大厦)5楼3号"][2] == "江南区御桥路9号503室"


def test_an_estate_that_two_lanes_bear_is_in_neither() -> None:
    made = norms("江北区甲路1弄(梅园小区)3号402室", "江北区乙路2弄(梅园小区)3号402室", "江北区梅园小区3号402室", "江北区梅园小区3栋402")
    assert made["江北区梅园小区3号402室"] == made["江北区梅园小区3栋402"] == ("江北区梅园小区3栋402室", "江北区梅园小区3栋", "江北区梅园小区3栋402室")


@pytest.mark.parametrize("ways", [["渝中区云岭路7号10栋负1楼2号", "渝中区云岭路7号10幢负1-2", "渝中区云岭路7号10号楼地下1层2号"]])
def test_floors_below_the_ground(ways: list[str]) -> None:
    assert {norms(*ways)[text][2] for text in ways} == {"渝中区云岭路7号10栋B102室"}
    assert norms("渝中区云岭路7号10栋102")["渝中区云岭路7号10栋102"][2] == "渝中区云岭路7号10栋102室"


def test_a_district_that_lost_a_letter_is_the_one_that_nearly_all_write() -> None:
    right = [f"云台区黄桷街252号11栋{number}室" for number in range(101, 130)]
    made = norms(*right, "台区黄桷街252号11栋101室", "江东云台区黄桷街252号11栋102室", "黄桷街252号11栋103", "长台区磐石路1号11栋104室")
    assert [made[text][2] for text in list(made)[-4:]] == [*right[:3], "长台区磐石路1号11栋104室"]


def test_a_street_office_may_be_called_by_a_road_and_a_yard_of_a_village_by_its_family() -> None:
    made = norms("江东市石渡区宝山路街道共和新路909弄54号804室", "石渡区共和新路909弄54号804")
    assert {norm for norm, _, _ in made.values()} == {"石渡区共和新路909巷54号804室"}
    yards = norms("江北区三灶镇航头村2组张家宅6号", "江北区航头村张家宅6号", "江北区航头村李家宅6号", "江北区航头村2组6号")
    assert [norm for norm, _, _ in yards.values()] == ["江北区航头村张家宅6号", "江北区航头村张家宅6号", "江北区航头村李家宅6号", "江北区航头村2组6号"]


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("二道街5号", "二道街5号"),
        ("八道湾路12号", "八道湾路12号"),
        ("成都道5号", "成都道5号"),
        ("开发区经三路纬五街12号", "开发区经三路纬五街12号"),
        ("北大街步行街12号", "北大街步行街12号"),
        ("人民路小区3号楼2单元301", "人民路小区3栋2单元301室"),
        ("公路小区3号楼2单元301", "公路小区3栋2单元301室"),
        ("安居公馆3号楼2单元301", "安居公馆3栋2单元301室"),
        ("靠山镇头道河屯53-1号", "头道河屯53-1号"),
        ("民族路5号3号楼9层东门", "民族路5号3栋9层东户"),
        ("东关街道幸福社区", "东关街道幸福社区"),
    ],
)
def test_a_road_ends_where_its_name_does(text: str, norm: str) -> None:
    assert norms(text)[text][0] == norm


def test_a_road_whose_estates_stand_at_the_same_numbers_of_another_is_renamed() -> None:
    now = [f"南区建设路{number}号{estate}{n}栋" for number, estate in ((7, "阳光花园"), (9, "翠竹苑")) for n in range(1, 5)]
    then = ["南区团结路7号阳光花园1栋501室", "南区团结路9号翠竹苑2栋301室"]
    made = norms(*now, *then, "团结路9号2栋302室", "南区胜利路7号阳光花园3栋101室")
    assert [made[text][0] for text in then] == ["南区建设路7号1栋501室", "南区建设路9号2栋301室"]
    assert made["南区胜利路7号阳光花园3栋101室"][0] == "南区胜利路7号3栋101室", "one estate of that name may be another"
