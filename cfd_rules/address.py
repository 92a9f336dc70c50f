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
_SETTLED = "(?:集中)?(?:安置|搬迁|居住)(?:点|区|小区|社区|房)|移民新村"
_NAMED = f"{_SETTLED}|花园|家园|庄园|山庄|小区|新村|公寓|大厦|大楼|广场|中心|雅苑|雅居|雅筑|华庭|名苑|名都|苑|园|城|府|里|居|台"

_GROUP = "(?:村民小组|村民组|小组|组|社|队|工区|分场)"
_YARD = r"\p{Han}{1,4}?(?:宅|埭|浜|湾|屯|寨|塆)"
_HOUSE = f"{_NUMBER}(?:-{_NUMBER})?号"
_RURAL = "(?:村|农场|林场|渔场|牧场|茶场)(?:[东西南北中上下前后]区)?"

PARTS = (
    # (part, pattern). Each is looked for at the beginning of what the parts before it have left; what the group `behind` fits must follow and is left.
    ("province", r"^([^省市区县路街]{1,7}(?:省|自治区))"),
    ("city", r"^([^省市区县路街号栋]{1,6}市)"),
    ("county", r"^([^省市区县路街号栋]{1,6}市)"),  # a city of a county's rank, inside another
    # 小区, 园区, 安置区 are no districts
    ("district", r"^([^市区县路街号栋]{1,6}(?:新区|县)|[^市区县路街号栋村]{0,5}[^市区县路街号栋村小社园校片景厂院宅置迁住A-Za-z]区)"),
    ("street", r"^((?:[^路号栋社]|社[^区]){1,8}?(?:街道办事处|街道办|街道|镇|乡)|[^路号栋社]{1,5}路街道(?:办事处|办)?)"),
    ("community", r"^([^路号栋]{1,8}?(?:社区|居委会))"),
    (
        "village",
        rf"^((?:[^0-9路街巷号栋]{{1,9}}?|[^0-9路街巷号栋]{{1,8}}[路街巷]){_RURAL})(?P<behind>{_NUMBER}(?:-{_NUMBER})?(?:号|巷|弄|条|{_GROUP})|{_YARD}{_HOUSE})",
    ),
    ("road", r"^((?:[^号栋0-9]|[^0-9零〇一二三四五六七八九十百]号){1,10}?(?:大道|大街|路|街|巷|道|里弄|胡同))"),
    ("alley", rf"^([^0-9零〇一二三四五六七八九十百号栋]{{1,8}}?(?:里|坊|弄))(?P<behind>{_HOUSE})"),
    ("lane", rf"^({_NUMBER})(?:巷|弄|条)"),
    ("side", rf"^({_NUMBER})支弄"),
    ("number", rf"^第?({_NUMBER}(?:-{_NUMBER})?)号"),
    # the group of a village before a yard: one writes it or not
    ("row", rf"^({_NUMBER}){_GROUP}(?P<behind>{_YARD}{_HOUSE})"),
    ("yard", rf"^({_YARD})(?P<behind>{_HOUSE})"),
    ("estate", rf"^([^0-9A-Za-z栋单-]{{1,12}}(?:{_NAMED})|{_HAN_OR_MARK}{{2,14}})"),
    ("group", rf"^({_NUMBER}){_GROUP}"),
    ("house", rf"^({_NUMBER}(?:-{_NUMBER})?)号$"),
    ("gate", rf"^({_NUMBER})号(?P<behind>[0-9A-Za-z]{{3,5}}(?:室|房)?$)"),
    ("phase", rf"^({_NUMBER})期"),
    ("zone", r"^([A-Za-z])区"),
    ("building", rf"^第?({_NUMBER}|[A-Za-z][0-9]?)栋楼?"),
    ("unit", rf"^第?({_NUMBER}|[A-Za-z])(?:单元|号门|门|梯)"),
    ("floor", rf"^第?(B?{_NUMBER})(?:层|楼)"),
    ("room", r"^附?([0-9A-Za-z零〇一二三四五六七八九十百]+)(?:室|房|号房|号)?$"),
)
"""From the whole to the part. Province, city and community are left out of the norm: one writes them or not."""

ONLY_BEHIND = {
    "county": ("city",),
    "lane": ("road", "village"),
    "side": ("lane",),
    "row": ("village",),
    "yard": ("village",),
    "house": ("group", "yard"),
    "gate": ("estate",),
}
"""Parts that are looked for only where another was found: 5巷 behind a road, the number of a house behind the group of a village or of an estate."""

INSTEAD = {"road": ("village",), "alley": ("village", "road")}
"""Parts that are looked for only where none of others was found."""

_SHOP = "(?:底商|商铺|商业用房|商用房|门面房|门面|铺面|门市房|门市|店面)"
_STALL = "(?:摊位|档口|铺位|摊)"

_ZONE = "(?:高新技术产业开发区|高新技术开发区|高新区|经济技术开发区|经济开发区|经开区|保税区)"

_BESIDE = r"(?:号|巷|弄)[(（](\p{Han}{2,10}(?:村|小区|苑|园|里|坊|邨|公寓|大厦|广场|中心|城|府|庭|庄))[)）]"
"""An estate in brackets behind its road and lane or number."""

REWRITTEN = (
    ("[(（][^()（）]{0,16}(?:对面|对过|旁边|旁|附近|后面|前面|[东西南北]侧|楼上|楼下|隔壁)[)）]", ""),  # a landmark
    (r"[\s,，.。;；()（）]", ""),
    (rf"(^|省|市)[^省市区县路街道镇乡号村0-9]{{0,6}}?{_ZONE}", "${1}"),  # lies in a district, and is none by law
    ("村?(?:村民委员会|村委会)", "村"),
    (r"(?:负|地下)([1-9一二三四五])(?:层|楼|-)", "B${1}层"),
    (r"负([0-9]{3,4})", "B${1}"),
    ("号楼|幢|座|#楼|#", "栋"),
    ("号院", "号"),
    ("/", "-"),
    ("栋-", "栋"),
    (rf"第({_NUMBER})(村民小组|村民组|小组|组|社|队|期)", "${1}${2}"),
    (rf"({_NUMBER})之({_NUMBER})号", "${1}-${2}号"),
    (r"([0-9]{1,4})号(?:之([0-9]{1,2}|[一二三四五六七八九十]{1,3})|-([0-9]{1,2})$)", "${1}-${2}${3}号"),
    (rf"({_NUMBER})号?附({_NUMBER})(?:号|$)", "${1}-${2}号"),
    (rf"([A-Za-z])-([0-9]+)号?{_STALL}$", "${1}区${2}号"),
    (rf"([0-9])号?{_STALL}$", "${1}号"),
    (rf"(层|楼)第?({_NUMBER})号?{_SHOP}$", "${1}${2}号"),
    (rf"(栋|单元)第?({_NUMBER})号?{_SHOP}$", "${1}1层${2}号"),
    (rf"(层|楼){_SHOP}第?({_NUMBER})号?$", "${1}${2}号"),
    (rf"{_SHOP}第?({_NUMBER})号?$", "1层${1}号"),
    (rf"(栋|号){_SHOP}$", "${1}"),
    (r"(?:地方)?国[营有](\p{Han}{1,8}?[农林牧渔茶]场)", "${1}"),
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
    frame = pl.DataFrame({"text": texts}).with_columns(beside=pl.col("text").str.extract(_BESIDE, 1))
    rest = pl.when(pl.col("beside").is_null()).then("text").otherwise(pl.col("text").str.replace("[(（][^()（）]*[)）]", ""))
    for pattern, written in REWRITTEN:
        rest = rest.str.replace_all(pattern, written)
    frame = frame.with_columns(rest=rest)
    for part, pattern in PARTS:
        frame = _take(frame, part, pattern)
    frame = _dashes(frame).with_columns(number=pl.coalesce("number", "house"), road=pl.coalesce("road", "alley"))
    counted = ("lane", "side", "gate", "number", "group", "phase", "zone", "building", "unit", "floor", "room")
    frame = frame.with_columns(**{part: _arabic(part) for part in counted})
    frame = _floors(_districts(frame)).with_columns(pl.col(*(part for part, _ in PARTS), "rest").str.replace_all("巿", "市"))
    lane = _mark("lane", "巷") + _mark("side", "支弄")
    frame = frame.with_columns(hamlet="village", village=pl.col("village") + lane, road=pl.col("road") + lane)
    frame = frame.with_columns(
        street=pl.col("street").str.replace("街道办事处$|街道办$", "街道"), rest=pl.when(pl.col("rest") == "").then(None).otherwise(pl.col("rest"))
    )
    frame = frame.with_columns(village=pl.col("village") + _mark("yard", ""))
    frame = _norms(frame)
    ids = pl.Series("address_id", [hashlib.md5(norm.encode()).hexdigest() for norm in frame["norm"]], dtype=pl.String)
    return frame.with_columns(ids).select(ADDRESS.names).to_arrow(compat_level=pl.CompatLevel.oldest())


def _take(frame: pl.DataFrame, part: str, pattern: str) -> pl.DataFrame:
    looked = pl.all_horizontal(pl.col(other).is_null() for other in INSTEAD.get(part, ())) if part in INSTEAD else pl.lit(True)
    if part in ONLY_BEHIND:
        looked = pl.any_horizontal(pl.col(other).is_not_null() for other in ONLY_BEHIND[part])
    return frame.with_columns(pl.when(looked).then(pl.col("rest").str.extract(pattern, 1)).alias(part)).with_columns(
        rest=pl.when(pl.col(part).is_null()).then(pl.col("rest")).otherwise(pl.col("rest").str.replace(pattern, "${behind}"))
    )


def _dashes(frame: pl.DataFrame) -> pl.DataFrame:
    """3-2-501 is building, unit and room; 3-501 building and room, or unit and room behind a building, or floor and room behind a unit."""
    three, two = r"^([0-9A-Za-z]+)-([0-9A-Za-z]+)-([0-9A-Za-z]+)(?:室|房|号)?$", r"^([0-9A-Za-z]+)-([0-9A-Za-z]+)(?:室|房|号)?$"
    rest, whole, housed = pl.col("rest"), pl.col("building").is_null(), pl.col("unit").is_not_null()
    return frame.with_columns(
        dashed=rest.str.contains(two) & ~whole & ~housed,
        building=pl.when(whole & ~housed).then(pl.coalesce(rest.str.extract(three, 1), rest.str.extract(two, 1))).otherwise("building"),
        unit=pl.coalesce("unit", pl.when(whole).then(rest.str.extract(three, 2)).otherwise(rest.str.extract(two, 1))),
        floor=pl.coalesce("floor", pl.when(housed).then(rest.str.extract(two, 1))),
        room=pl.coalesce("room", rest.str.extract(three, 3), rest.str.extract(two, 2)),
        rest=pl.when(rest.str.contains(two) | (whole & rest.str.contains(three))).then(pl.lit("")).otherwise(rest),
    )


def _floors(frame: pl.DataFrame) -> pl.DataFrame:
    """2楼3号 is room 203. In a place without buildings 5楼301 is room 301 of building 5, whatever it is called."""
    floor, room = pl.col("floor"), pl.col("room")
    inside = floor.str.contains("^B?[0-9]{1,2}$") & room.str.contains("^[0-9]{1,2}$")
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
    frame = frame.with_columns(pl.col("district").replace(_slips(frame["district"])))
    known = frame["district"].drop_nulls().unique()
    now = pl.col("district").str.replace("^(..+)[县市]$", "${1}区")
    return _abolished(frame.with_columns(district=pl.when(now.is_in(known.implode())).then(now).otherwise("district")))


SLIP = 20
"""A district is another one with a letter lost, or with its city's name before it, if so many times more texts tell that one."""


def _slips(districts: pl.Series) -> dict[str, str]:
    """District as written by a slip -> the one meant, where only one is."""
    told = dict(districts.drop_nulls().value_counts().iter_rows())
    meant = {
        name: [
            other
            for other, count in told.items()
            if count >= SLIP * told[name] and (name in {other[:i] + other[i + 1 :] for i in range(len(other) - 1)} or (name.endswith(other) and name != other))
        ]
        for name in told
    }
    return {name: others[0] for name, others in meant.items() if len(others) == 1}


SITES = 20
"""So many roads and numbers of a district must be known before it may turn out to be another's former name."""


def _abolished(frame: pl.DataFrame) -> pl.DataFrame:
    """A district at least half of whose roads and numbers stand in one other, too, of which more is told, is a former name of that one there."""
    told = frame.select("district", pl.col("road") + pl.coalesce("lane", pl.lit("")), "number").drop_nulls().group_by("district", "road", "number").len("texts")
    size = told.group_by("district").agg(sites=pl.len(), texts=pl.col("texts").sum())
    met = told.join(told, on=["road", "number"], suffix="_now").filter(pl.col("district") != pl.col("district_now"))
    met = met.group_by("district", "district_now").len("both")
    met = met.join(size, on="district").join(size, left_on="district_now", right_on="district", suffix="_now")
    former = met.filter((pl.col("sites") >= SITES) & (2 * pl.col("both") >= pl.col("sites")) & (pl.col("texts_now") > pl.col("texts")))
    former = former.sort("both", "district_now", descending=[True, False]).unique("district", keep="first", maintain_order=True)
    return frame.with_columns(pl.col("district").replace(former["district"].implode(), former["district_now"].implode())) if former.height else frame


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
    frame = _with_phase(_with_site(_with_lane(_with_district(frame, located)), located), located)
    one_town = pl.col("hamlet").is_not_null() & (_told_of("street", "hamlet") <= 1)  # then one writes it or not
    village = pl.when(one_town).then(pl.lit("")).otherwise(_mark("street", "")) + _mark("village", "") + _mark("road", "") + _mark("estate", "")
    village += _mark("group", "组") + _mark("number", "号")
    sole = pl.col("estate_only").is_not_null() & (_told_of("street", "estate_only") <= 1) & (_told_of("road", "estate_only") <= 1)
    site = pl.when(sole).then("estate").otherwise(_mark("street", "") + _mark("road", "") + _mark("number", "号") + _mark("estate", ""))
    place = _mark("district_known", "") + pl.when(located).then(_mark("road", "") + _mark("number", "号")).when(
        pl.col("group").is_not_null() | pl.col("village").is_not_null()
    ).then(village).otherwise(site)
    building = place + _mark("phase", "期") + _mark("zone", "区") + _mark("building", "栋")
    parsed = pl.col("rest").is_null() & (building != "")
    room = pl.when(pl.col("room").is_not_null()).then(building + _mark("unit", "单元") + _mark("room", "室"))
    frame = frame.with_columns(
        norm=pl.when(parsed).then(pl.coalesce(room, building + _mark("unit", "单元"))).otherwise(pl.col("text")),
        building_norm=pl.when(parsed).then(building),
        room_norm=pl.when(parsed).then(room),
    )
    house = (pl.col("norm") == pl.col("building_norm")) & pl.col("number").is_not_null() & (pl.col("room_norm").count().over("building_norm") == 0)
    return frame.with_columns(room_norm=pl.when(house).then("norm").otherwise("room_norm"))


def _with_district(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """A text without a district gets the one that all texts with the same road and number name, else with the same street or town, village, or estate, if
    they name one only.
    """
    frame = frame.with_columns(district_known=pl.col("district"))
    named_only = pl.col("estate").is_not_null() & (pl.col("number").count().over("estate") == 0)
    frame = frame.with_columns(estate_only=pl.when(named_only).then("estate"))  # the name of an estate that no text gives a number
    for within, told in ((["road", "number"], located), *(([part], pl.col(part).is_not_null()) for part in ("street", "hamlet", "estate_only"))):
        named = frame.filter(told & pl.col("district").is_not_null()).group_by(within).agg(
            only=pl.col("district").min(), districts=pl.col("district").n_unique()
        )
        frame = frame.join(named.filter(pl.col("districts") == 1).drop("districts"), on=within, how="left", maintain_order="left")
        frame = frame.with_columns(district_known=pl.coalesce("district_known", "only")).drop("only")
    return frame


def _told_of(part: str, name: str) -> pl.Expr:
    """How many values of a part texts tell of a place of that name in that district."""
    return pl.col(part).drop_nulls().n_unique().over(name, "district_known")


def _with_phase(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """Where all texts of a road and number that tell a phase tell the same one, it need not be told. In a building of which no text tells a unit, while some
    tell rooms of three or four digits, 5-1 is no unit: it is the first room of the fifth floor.
    """
    site, at = ["district_known", "road", "number"], ["district_known", "road", "number", "building"]
    told = pl.col("phase").drop_nulls()
    one = pl.when(located & (told.n_unique().over(site) == 1)).then(pl.col("phase").max().over(site))
    frame = frame.with_columns(phase=pl.coalesce("phase", one))
    undivided = (pl.col("unit").is_not_null() & ~pl.col("dashed")).any().over(at).not_() & pl.col("room").str.contains("^[0-9]{3,4}$").any().over(at)
    short = pl.col("unit").str.contains("^[0-9]{1,2}$") & pl.col("room").str.contains("^[0-9]{1,2}$")
    floor = located & pl.col("building").is_not_null() & pl.col("dashed") & short & undivided
    return frame.with_columns(
        room=pl.when(floor).then(pl.col("unit") + pl.col("room").str.zfill(2)).otherwise("room"), unit=pl.when(floor).then(None).otherwise("unit")
    )


def _with_lane(frame: pl.DataFrame) -> pl.DataFrame:
    """田林三村77号402室 stands in the lane behind which texts write (田林三村), if nine of ten of them name one; behind other estates it is a building."""
    told = frame.filter(pl.col("beside").is_not_null() & pl.col("lane").is_not_null() & pl.col("road").is_not_null())
    counted = told.group_by(estate_named="beside", district_of="district_known", road_of="road").len().sort("estate_named", "district_of", "road_of")
    nameless = pl.col("road").is_null() & pl.col("group").is_null()
    named = pl.when(pl.col("gate").is_not_null()).then("estate").otherwise(pl.when(pl.col("number").is_not_null()).then("hamlet"))
    for known in (True, False):
        within = ["estate_named", "district_of"] if known else ["estate_named"]
        best = counted.sort("len", descending=True, maintain_order=True).group_by(within, maintain_order=True).agg(
            *(pl.col(name).first() for name in ("district_of", "road_of") if name not in within), most=pl.col("len").first(), all=pl.col("len").sum()
        )
        best = best.filter(pl.col("most") >= SITED * (pl.col("all") - pl.col("most"))).drop("most", "all")
        frame = frame.with_columns(estate_named=pl.when(nameless).then(named))
        frame = frame.join(best, left_on=["estate_named", "district_known"][: len(within)], right_on=within, how="left", maintain_order="left")
        meant = pl.col("road_of").is_not_null() & (pl.lit(known) | pl.col("district_known").is_null())
        found = {"road": pl.col("road_of"), "number": pl.coalesce("number", "gate"), **({} if known else {"district_known": pl.col("district_of")})}
        found |= {part: pl.lit(None, pl.String) for part in ("gate", "estate", "village", "hamlet", "street")}
        frame = frame.with_columns(**{part: pl.when(meant).then(value).otherwise(part) for part, value in found.items()})
        frame = frame.drop("estate_named", "road_of", *([] if known else ["district_of"]))
    return frame.with_columns(building=pl.coalesce("building", "gate"))


SITED = 9
"""An estate is at a site when so many times more texts put it there than anywhere else."""

WITHIN = (["estate", "street", "district_known"], ["estate", "district_known"], ["estate"], ["estate", "district_known", "building"], ["estate", "building"])
"""What a text may tell of an estate, in the order tried: of two of one name the one that has such a building is meant, if nine texts or more speak of it."""


def _with_site(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """A text that names an estate alone gets the road and number where texts that name all three put it (WITHIN). A city may have no districts."""
    written = frame.filter(located & pl.col("estate").is_not_null())
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
        frame = frame.join(best, on=within, how="left", maintain_order="left", nulls_equal=True)
        meant = alone & pl.col("road_of").is_not_null() & (pl.col("road").is_null() | (pl.col("road") == pl.col("road_of")))
        meant = meant if "district_known" in within else meant & pl.col("district_known").is_null()
        learned = [name for name in site if name not in within]
        frame = frame.with_columns(**{name: pl.when(meant).then(f"{name}_of").otherwise(name) for name in learned}).drop(f"{name}_of" for name in learned)
    return frame


def _mark(part: str, mark: str) -> pl.Expr:
    return pl.when(pl.col(part).is_null()).then(pl.lit("")).otherwise(pl.col(part) + mark)
