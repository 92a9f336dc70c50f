"""What a text of an address leaves out is learned from the others: its district, the site of its estate or lane, the phase that goes without saying."""

from __future__ import annotations

import polars as pl


def districts(frame: pl.DataFrame) -> pl.DataFrame:
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
    told = frame.select("district", pl.col("road") + pl.coalesce("lane", pl.lit("")), "number").drop_nulls()
    now = _formers(told, "district", [], (pl.col("sites") >= SITES) & (pl.col("texts_now") > pl.col("texts")))
    return frame.with_columns(pl.col("district").replace(now["district"].implode(), now["now"].implode())) if now.height else frame


def renamed(frame: pl.DataFrame) -> pl.DataFrame:
    """A road at least half of whose estates, and two at least, are told under the same number of another road of the district, too, of which
    more is told, is a former name of that one.
    """
    told = frame.select("district", "road", "number", "estate").drop_nulls(["road", "number", "estate"])
    more = (pl.col("texts_now") > pl.col("texts")) | ((pl.col("texts_now") == pl.col("texts")) & (pl.col("now") < pl.col("road")))
    now = _formers(told, "road", ["district"], (pl.col("both") >= 2) & more)
    frame = frame.join(now, on=["district", "road"], how="left", maintain_order="left", nulls_equal=True)
    return frame.with_columns(road=pl.coalesce("now", "road")).drop("now")


def _formers(told: pl.DataFrame, name: str, within: list[str], borne_out: pl.Expr) -> pl.DataFrame:
    """Name (in `within`) -> the name of `now` that has at least half of its sites, too: what the other columns of `told` say. Of several the one that has most.

    `borne_out` is a test of `sites` (how many the name has), `both` (how many of them the other has), and how many texts tell each: `texts`, `texts_now`.
    """
    counted = told.group_by(told.columns).len("texts")
    size = counted.group_by(*within, name).agg(sites=pl.len(), texts=pl.col("texts").sum())
    other = counted.rename({name: "now"}).drop("texts")
    met = counted.join(other, on=[column for column in told.columns if column != name], nulls_equal=True).filter(pl.col(name) != pl.col("now"))
    met = met.group_by(*within, name, "now").len("both").join(size, on=[*within, name], nulls_equal=True)
    now = size.rename({name: "now", "texts": "texts_now"}).drop("sites")
    met = met.join(now, on=[*within, "now"], nulls_equal=True).filter(borne_out & (2 * pl.col("both") >= pl.col("sites")))
    best = met.sort("both", "texts_now", "now", descending=[True, True, False])
    return best.unique([*within, name], keep="first", maintain_order=True).select(*within, name, "now")


def with_district(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
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


def told_of(part: str, name: str) -> pl.Expr:
    """How many values of a part texts tell of a place of that name in that district."""
    return pl.col(part).drop_nulls().n_unique().over(name, "district_known")


def with_phase(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
    """Where all texts of a road and number that tell a phase (or 海棠阁) tell the same one, it need not be told; beside 东楼 or 宿舍 there is always another.
    In a building of which no text tells a unit, while some tell rooms of three or four digits, 5-1 is no unit: it is the first room of the fifth floor.
    """
    site, at = ["district_known", "road", "number"], ["district_known", "road", "number", "building"]
    for part, told in (("phase", pl.col("phase")), ("court", pl.when(pl.col("court").str.contains("[阁轩庐]$")).then("court"))):
        one = pl.when(located & (told.drop_nulls().n_unique().over(site) == 1)).then(told.max().over(site))
        frame = frame.with_columns(pl.coalesce(part, one))
    undivided = (pl.col("unit").is_not_null() & ~pl.col("dashed")).any().over(at).not_() & pl.col("room").str.contains("^[0-9]{3,4}$").any().over(at)
    short = pl.col("unit").str.contains("^[0-9]{1,2}$") & pl.col("room").str.contains("^[0-9]{1,2}$")
    floor = located & pl.col("building").is_not_null() & pl.col("dashed") & short & undivided
    return frame.with_columns(
        room=pl.when(floor).then(pl.col("unit") + pl.col("room").str.zfill(2)).otherwise("room"), unit=pl.when(floor).then(None).otherwise("unit")
    )


def with_lane(frame: pl.DataFrame) -> pl.DataFrame:
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


def with_site(frame: pl.DataFrame, located: pl.Expr) -> pl.DataFrame:
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
