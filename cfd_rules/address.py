"""Addresses: each distinct text is parsed once, so that every way of writing a place gets the same norm (after GB/T 23705)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from cityweave.cfd_rules.cleaned import Values
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.item import item_table
from cityweave.cfd_rules.model import ADDRESS, ADDRESS_TEXT
from cityweave.cfd_rules.record import nothing
from cityweave.cfd_rules.registry import Registry
from cityweave.engine.model import Arguments, Files, Inputs, Step

_DIGITS = "零〇一二三四五六七八九"
_NUMBER = "[0-9零〇一二两三四五六七八九十百]+"
_HAN_OR_MARK = "[^0-9零〇一二两三四五六七八九十百A-Za-z栋单-]"
_NAMED = "花园|家园|庄园|山庄|小区|新村|公寓|大厦|大楼|广场|中心|雅苑|雅居|雅筑|华庭|名苑|名都|苑|园|城|府|里|居|台"

PARTS = (
    # (part, pattern). Each is looked for at the beginning of what the parts before it have left.
    ("province", r"^([^省市区县路街]{1,7}(?:省|自治区))"),
    ("city", r"^([^省市区县路街号栋]{1,6}市)"),
    ("county", r"^([^省市区县路街号栋]{1,6}市)"),  # a city of a county's rank, inside another
    ("district", r"^([^市区县路街号栋]{1,6}(?:新区|县)|[^市区县路街号栋]{0,5}[^市区县路街号栋小社园校片景厂院宅A-Za-z]区)"),  # 小区, 园区 are no districts
    ("street", r"^([^路号栋]{1,8}?(?:街道办事处|街道办|街道|镇|乡))"),
    ("community", r"^([^路号栋]{1,8}?(?:社区|村委会|居委会))"),
    ("road", r"^((?:[^号栋0-9]|[^0-9零〇一二三四五六七八九十百]号){1,10}?(?:大道|大街|路|街|巷|道|里弄|胡同))"),
    ("lane", rf"^({_NUMBER})(?:巷|弄|条)"),
    ("number", rf"^第?({_NUMBER}(?:-{_NUMBER})?)号"),
    ("estate", rf"^([^0-9A-Za-z栋单-]{{1,12}}(?:{_NAMED})|{_HAN_OR_MARK}{{2,14}})"),
    ("group", rf"^({_NUMBER})(?:村民小组|村民组|小组|组|社|队)"),
    ("house", rf"^({_NUMBER}(?:-{_NUMBER})?)号$"),
    ("phase", rf"^({_NUMBER})期"),
    ("zone", r"^([A-Za-z])区"),
    ("building", rf"^第?({_NUMBER}|[A-Za-z][0-9]?)栋楼?"),
    ("unit", rf"^第?({_NUMBER}|[A-Za-z])(?:单元|门|梯)"),
    ("floor", rf"^第?({_NUMBER})(?:层|楼)"),
    ("room", r"^附?([0-9A-Za-z零〇一二三四五六七八九十百]+)(?:室|房|号房|号)?$"),
)
"""From the whole to the part. Province, city and community are left out of the norm: one writes them or not."""

ONLY_BEHIND = {"county": "city", "lane": "road", "house": "group"}
"""Parts that are looked for only where another was found: 5巷 behind a road, the number of a house behind the group of a village."""

_SHOP = "(?:底商|商铺|商业用房|商用房|门面房|门面|铺面|门市房|门市|店面)"
_STALL = "(?:摊位|档口|铺位|摊)"

REWRITTEN = (
    (r"[\s,，.。;；()（）]", ""),
    ("号楼|幢|座|#楼|#", "栋"),
    ("号院", "号"),
    ("/", "-"),
    ("栋-", "栋"),
    (rf"第({_NUMBER})(村民小组|村民组|小组|组|社|队|期)", "${1}${2}"),
    (rf"({_NUMBER})之({_NUMBER})号", "${1}-${2}号"),
    (rf"({_NUMBER})号?附({_NUMBER})(?:号|$)", "${1}-${2}号"),
    (rf"([A-Za-z])-([0-9]+)号?{_STALL}$", "${1}区${2}号"),
    (rf"([0-9])号?{_STALL}$", "${1}号"),
    (rf"(层|楼)第?({_NUMBER})号?{_SHOP}$", "${1}${2}号"),
    (rf"(栋|单元)第?({_NUMBER})号?{_SHOP}$", "${1}1层${2}号"),
    (rf"(层|楼){_SHOP}第?({_NUMBER})号?$", "${1}${2}号"),
    (rf"{_SHOP}第?({_NUMBER})号?$", "1层${1}号"),
    (rf"(栋|号){_SHOP}$", "${1}"),
    ("市([场政民委])", "巿${1}"),  # a letter that no department writes, until the parts are found: a market is no city
)
"""Ways of writing that are made one before the parts are looked for, in this order: pattern, replacement."""


def address_text_step(contracts: Sequence[Contract], registry: Registry) -> Step:
    """`address_text`: every cleaned text that stands in an address column."""
    selects, reads = [], []
    for contract in contracts:
        values = Values(contract, registry)
        for each in (None, *contract.lists):
            table = item_table(contract, each) if each else f"value_{contract.source}"
            for treatment, name in values.names(each).items():
                if treatment.cls == "address":
                    selects.append(f"SELECT {name} AS text FROM {table} WHERE {name} IS NOT NULL")
                    reads.append(table)
    told = " UNION ALL ".join(selects)
    return Step(
        writes=ADDRESS_TEXT,
        says="地址文本 / address texts",
        reads=tuple(dict.fromkeys(reads)),
        sql=f"SELECT DISTINCT text FROM ({told}) t" if told else nothing(ADDRESS_TEXT),
    )


def address_step() -> Step:
    """`address`: the texts parsed."""
    return Step(writes=ADDRESS, says="解析地址 / parse addresses", reads=("address_text",), python=parse_step)


def parse_step(inputs: Inputs, _: Arguments, __: Files) -> pa.Table:
    """The Python of `address`: its rows for the texts of `address_text`."""
    return parse(pl.DataFrame(pl.from_arrow(inputs["address_text"]))["text"])


def parse(texts: pl.Series) -> pa.Table:
    """Table `address` for distinct texts. A text that does not parse is its own norm."""
    frame = pl.DataFrame({"text": texts})
    rest = pl.col("text")
    for pattern, written in REWRITTEN:
        rest = rest.str.replace_all(pattern, written)
    frame = frame.with_columns(rest=rest)
    for part, pattern in PARTS:
        frame = _take(frame, part, pattern)
    frame = _dashes(frame).with_columns(number=pl.coalesce("number", "house"))
    frame = frame.with_columns(**{part: _arabic(part) for part in ("lane", "number", "group", "phase", "zone", "building", "unit", "floor", "room")})
    frame = _floors(_districts(frame)).with_columns(pl.col(*(part for part, _ in PARTS), "rest").str.replace_all("巿", "市"))
    frame = frame.with_columns(road=pl.when(pl.col("lane").is_null()).then("road").otherwise(pl.col("road") + pl.col("lane") + "巷"))
    frame = frame.with_columns(
        street=pl.col("street").str.replace("街道办事处$|街道办$", "街道"), rest=pl.when(pl.col("rest") == "").then(None).otherwise(pl.col("rest"))
    )
    frame = _norms(frame)
    ids = pl.Series("address_id", [hashlib.md5(norm.encode()).hexdigest() for norm in frame["norm"]], dtype=pl.String)
    return frame.with_columns(ids).select(ADDRESS.names).to_arrow(compat_level=pl.CompatLevel.oldest())


def _take(frame: pl.DataFrame, part: str, pattern: str) -> pl.DataFrame:
    behind = ONLY_BEHIND.get(part)
    found = pl.col("rest").str.extract(pattern, 1)
    return frame.with_columns(**{part: found if behind is None else pl.when(pl.col(behind).is_not_null()).then(found)}).with_columns(
        rest=pl.when(pl.col(part).is_null()).then(pl.col("rest")).otherwise(pl.col("rest").str.replace(pattern, ""))
    )


def _dashes(frame: pl.DataFrame) -> pl.DataFrame:
    """3-2-501 is building, unit and room; 3-501 building and room, or unit and room behind a building, or floor and room behind a unit."""
    three, two = r"^([0-9A-Za-z]+)-([0-9A-Za-z]+)-([0-9A-Za-z]+)(?:室|房|号)?$", r"^([0-9A-Za-z]+)-([0-9A-Za-z]+)(?:室|房|号)?$"
    rest, whole, housed = pl.col("rest"), pl.col("building").is_null(), pl.col("unit").is_not_null()
    return frame.with_columns(
        building=pl.when(whole & ~housed).then(pl.coalesce(rest.str.extract(three, 1), rest.str.extract(two, 1))).otherwise("building"),
        unit=pl.coalesce("unit", pl.when(whole).then(rest.str.extract(three, 2)).otherwise(rest.str.extract(two, 1))),
        floor=pl.coalesce("floor", pl.when(housed).then(rest.str.extract(two, 1))),
        room=pl.coalesce("room", rest.str.extract(three, 3), rest.str.extract(two, 2)),
        rest=pl.when(rest.str.contains(two) | (whole & rest.str.contains(three))).then(pl.lit("")).otherwise(rest),
    )


def _floors(frame: pl.DataFrame) -> pl.DataFrame:
    """2楼3号 is room 203. In a place without buildings 5楼301 is room 301 of building 5, whatever it is called."""
    floor, room = pl.col("floor"), pl.col("room")
    inside = floor.str.contains("^[0-9]{1,2}$") & room.str.contains("^[0-9]{1,2}$")
    called = pl.col("building").is_null() & floor.is_not_null() & room.str.contains("^[0-9]{3,4}$") & ~room.str.starts_with(floor)
    return frame.with_columns(
        building=pl.when(called).then(floor).otherwise("building"),
        floor=pl.when(called).then(None).otherwise(floor),
        room=pl.when(inside).then(floor + room.str.zfill(2)).otherwise(room),
    )


def _districts(frame: pl.DataFrame) -> pl.DataFrame:
    """A city inside another is a district, also where the greater one is left out; a county, or such a city, is the 区 of its name if some text knows one."""
    inner = pl.when(pl.col("county") != pl.col("city")).then("county")
    frame = frame.with_columns(district=pl.coalesce(inner, "district").str.replace("新区$", "区"))
    greater = frame.filter(pl.col("district").is_not_null())["city"].unique()
    inside = frame.select(inner.alias("inside"))["inside"].drop_nulls().unique()
    alone = pl.col("district").is_null() & pl.col("city").is_in(inside.filter(~inside.is_in(greater.implode())).implode())
    frame = frame.with_columns(district=pl.when(alone).then("city").otherwise("district"))
    known = frame["district"].drop_nulls().unique()
    now = pl.col("district").str.replace("^(..+)[县市]$", "${1}区")
    return frame.with_columns(district=pl.when(now.is_in(known.implode())).then(now).otherwise("district"))


def _arabic(part: str) -> pl.Expr:
    """Chinese numerals up to 999 as digits, leading zeros off, letters in upper case."""
    value = pl.col(part).str.to_uppercase().str.replace_all("两", "二")
    for place, digit in enumerate(_DIGITS[2:], start=1):
        value = value.str.replace_all(digit, str(place))
    value = value.str.replace_all("[零〇]", "0")
    hundreds = (
        value.str.replace("^百", "1百").str.replace("百$", "00").str.replace("百0", "百").str.replace("^([1-9])百([1-9])$", "${1}0${2}").str.replace("百", "")
    )
    tens = (
        hundreds.str.replace("^十$", "10").str.replace("^十", "1").str.replace("十$", "0").str.replace("十", "")
    )
    return tens.str.replace("^0+([0-9])", "${1}")


def _norms(frame: pl.DataFrame) -> pl.DataFrame:
    """District, road and number find a building, so street and estate count only without them."""
    located = pl.col("road").is_not_null() & pl.col("number").is_not_null()
    frame = _with_site(_with_district(frame, located), located)
    village = _mark("street", "") + _mark("road", "") + _mark("estate", "") + _mark("group", "组") + _mark("number", "号")
    site = _mark("street", "") + _mark("road", "") + _mark("number", "号") + _mark("estate", "")
    place = _mark("district_known", "") + pl.when(located).then(_mark("road", "") + _mark("number", "号")).when(pl.col("group").is_not_null()).then(
        village
    ).otherwise(site)
    building = place + _mark("phase", "期") + _mark("zone", "区") + _mark("building", "栋")
    parsed = pl.col("rest").is_null() & (building != "")
    room = pl.when(pl.col("room").is_not_null()).then(building + _mark("unit", "单元") + _mark("room", "室"))
    return frame.with_columns(
        norm=pl.when(parsed).then(pl.coalesce(room, building + _mark("unit", "单元"))).otherwise(pl.col("text")),
        building_norm=pl.when(parsed).then(building),
        room_norm=pl.when(parsed).then(room),
    )


def _with_district(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """A text without a district gets the one that all texts with the same road and number name, else with the same street or town, if they name one only."""
    frame = frame.with_columns(district_known=pl.col("district"))
    for within, told in ((["road", "number"], located), (["street"], pl.col("street").is_not_null())):
        named = frame.filter(told & pl.col("district").is_not_null()).group_by(within).agg(
            only=pl.col("district").min(), districts=pl.col("district").n_unique()
        )
        frame = frame.join(named.filter(pl.col("districts") == 1).drop("districts"), on=within, how="left", maintain_order="left")
        frame = frame.with_columns(district_known=pl.coalesce("district_known", "only")).drop("only")
    return frame


SITED = 9
"""An estate is at a site when so many times more texts put it there than anywhere else."""

WITHIN = (["estate", "street", "district_known"], ["estate", "district_known"], ["estate"], ["estate", "district_known", "building"], ["estate", "building"])
"""What a text may tell of an estate, in the order tried: of two of one name the one that has such a building is meant, if nine texts or more speak of it."""


def _with_site(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """A text that names an estate alone gets the road and number where texts that name all three put it (WITHIN)."""
    written = frame.filter(located & pl.col("estate").is_not_null() & pl.col("district_known").is_not_null())
    site = ["district_known", "road", "number"]
    counted = written.group_by("estate", "street", "building", *site).len().sort("estate", "street", "building", *site)
    alone = ~located & pl.col("estate").is_not_null()
    for within in WITHIN:
        sites = counted.group_by([*within, *(name for name in site if name not in within)], maintain_order=True).agg(pl.col("len").sum())
        best = sites.sort("len", descending=True, maintain_order=True).group_by(within, maintain_order=True).agg(
            *(pl.col(name).first().alias(f"{name}_of") for name in site if name not in within), most=pl.col("len").first(), all=pl.col("len").sum()
        )
        fewest = SITED if "building" in within else 1
        best = best.filter((pl.col("most") >= fewest) & (pl.col("most") >= SITED * (pl.col("all") - pl.col("most")))).drop("most", "all")
        frame = frame.join(best, on=within, how="left", maintain_order="left")
        meant = alone & pl.col("road_of").is_not_null() & (pl.col("road").is_null() | (pl.col("road") == pl.col("road_of")))
        meant = meant if "district_known" in within else meant & pl.col("district_known").is_null()
        learned = [name for name in site if name not in within]
        frame = frame.with_columns(**{name: pl.when(meant).then(f"{name}_of").otherwise(name) for name in learned}).drop(f"{name}_of" for name in learned)
    return frame


def _mark(part: str, mark: str) -> pl.Expr:
    return pl.when(pl.col(part).is_null()).then(pl.lit("")).otherwise(pl.col(part) + mark)
