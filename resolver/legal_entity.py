"""Two records of legal entities: what is compared, and where candidates come from.

A registered name is unique by law within its region, so two firms seldom share one; an employee's form often leaves the region out, or the trade, or writes another legal form.
"""

from __future__ import annotations

from cityweave.resolver.former import is_one, nth
from cityweave.resolver.settings import BIT, Block, Comparison, Level, Settings, differing

NAME = Comparison(
    "name",
    "名称 / name",
    "name",
    "name_l is null or name_r is null",
    (
        Level("spelt", "名称全同 / the whole names are the same", "spelt_l = spelt_r", tf="spelt", m=570),
        Level("same", "名称相同，地区写法不同 / the same name, its region written otherwise", "name_l = name_r", tf="name", m=30),
        Level("former", "一方的曾用名称是另一方名称 / one's former name is the other's name", f"{is_one('name_r', 'former_l')} or {is_one('name_l', 'former_r')}", m=20),
        Level(
            "bare",
            "字号和行业相同，一方未写地区 / same brand and trade, one side leaves the region out",
            "core_l = core_r and (region_l is null or region_r is null)",
            tf="core",
            m=210,
        ),
        Level(
            "formless",
            "地区、字号和行业相同，一方未写组织形式 / same region, brand and trade, one side leaves the legal form out",
            "core_l = core_r and region_l = region_r and (form_l is null or form_r is null)",
            tf="core",
            m=40,
        ),
        Level("core", "字号和行业相同 / brand and trade are the same", "core_l = core_r", tf="core", m=30),
        Level("shape", "字号和行业形近 / brand and trade look alike", "look_l = look_r", tf="look", m=10),
        Level("sound", "字号和行业同音 / brand and trade sound the same", "pinyin_l = pinyin_r", tf="pinyin", m=10),
        Level(
            "brand",
            "字号相同，一方略去行业 / same brand, one side leaves the trade out",
            "brand_l = brand_r and (trade_l is null or trade_r is null)",
            tf="brand",
            m=80,
        ),
        Level("close", "名称相近 / the names are close", "length(core_l) >= 4 and length(core_r) >= 4 and jaro(core_l, core_r) >= 900", m=20),
        Level("same_brand", "字号相同，行业不同 / same brand, other trade", "brand_l = brand_r", tf="brand", m=10),
        Level("different", "名称不同 / the names differ", m=20),
    ),
)

_PLACE_L, _PLACE_R = "replace(region_l, '市', '')", "replace(region_r, '市', '')"

REGION = Comparison(
    "region",
    "名称中的地区 / region in the name",
    "name",
    "region_l is null or region_r is null",
    (
        Level("same", "地区相同 / same region", "region_l = region_r"),
        Level("inside", "一方地区包含另一方 / one region begins the other", f"{_PLACE_L} like {_PLACE_R} || '%' or {_PLACE_R} like {_PLACE_L} || '%'"),
        Level("different", "地区不同 / different regions"),
    ),
)

FORM = Comparison(
    "form",
    "组织形式 / legal form",
    "name",
    "form_l is null or form_r is null",
    (Level("same", "组织形式相同 / same legal form", "form_l = form_r"), Level("different", "组织形式不同 / different legal forms")),
)

CODE = Comparison(
    "code",
    "统一社会信用代码 / unified social credit code",
    "uscc",
    "id_text_l is null or id_text_r is null",
    (
        Level("same", "代码相同 / the codes are the same", "id_text_l = id_text_r", m=900),
        Level(
            "near",
            "代码差一两位 / the codes differ in one or two places",
            f"(id_no_l is null or id_no_r is null) and length(id_text_l) = length(id_text_r) and {differing('id_text', range(1, 19))} <= 2",  # else both check digits are right
            m=70,
        ),
        Level("different", "代码不同 / the codes differ", m=30),
    ),
    taught=False,
)

REG_NO = Comparison(
    "reg_no",
    "注册号 / registration number",
    "reg_no",
    "reg_no_l is null or reg_no_r is null",
    (
        Level("same", "注册号相同 / same registration number", "reg_no_l = reg_no_r", m=970),
        Level("different", "注册号不同 / different registration numbers", m=30),
    ),
    taught=False,
)

PHONE = Comparison(
    "phone",
    "电话 / phone",
    "phone",
    "phone_l is null or phone_r is null",
    (Level("same", "电话相同 / same phone", "phone_l = phone_r", tf="phone"), Level("different", "电话不同 / different phones")),
)

ADDRESS = Comparison(
    "address",
    "住所 / address",
    "address",
    "address_l is null or address_r is null",
    (
        Level("same", "住所相同 / same address", "address_l = address_r", tf="address"),
        Level("building", "同一楼栋 / same building", "building_l = building_r", tf="building"),
        Level("different", "住所不同 / different addresses"),
    ),
)

BLOCKS = (
    Block("code", "信用代码 / credit code", "id_text"),
    Block("reg_no", "注册号 / registration number", "reg_no"),
    Block("name", "名称 / name", "name"),
    *(Block(f"former_{place}", f"第 {place} 个曾用名称与名称 / former name {place} and name", f"nullif({nth('former', str(place))}, '')", meets="name") for place in (1, 2, 3)),
    Block("core", "字号和行业 / brand and trade", "core"),
    Block("look", "字号和行业形近 / brand and trade by shape", "look"),
    Block("sound", "字号和行业读音 / brand and trade by sound", "pinyin"),
    Block("brand", "字号 / brand", "case when length(brand) >= 2 then brand end"),
    Block("beginning", "名称开头 / beginning of the name", "case when length(core) >= 4 then substr(core, 1, 3) end"),
    Block("phone", "电话 / phone", "phone"),
    Block("building_brand", "楼栋和字号 / building and brand", "building || '|' || brand"),
)

LEGAL_ENTITY = Settings(
    "legal_entity",
    (NAME, REGION, FORM, CODE, REG_NO, PHONE, ADDRESS),
    BLOCKS,
    train_on=(("name",), ("core",), ("phone",), ("address",)),
    sure=("name", "code"),
    known_by="core",
    sure_recall=300,
    merge=1 * BIT,
    review=-3 * BIT,
    alone=2 * BIT,
    lead=True,
)
