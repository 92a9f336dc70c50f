"""The evidence about a group of bidders, a function a kind: what was seen, what chance would give, on which lots and rows it rests, the law's item."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from cityweave.graph.screen import control, joint, links
from cityweave.graph.screen.chance import more
from cityweave.graph.screen.market import Ints, Market, Sliced
from cityweave.graph.screen.model import Evidence, Item, Link, Row
from cityweave.graph.screen.prices import Prices
from cityweave.graph.screen.settings import BIT, Settings

SAYS: dict[str, tuple[Item, str]] = {
    "device": ("40.1", "不同投标人的投标文件出自同一台机器 / files of different bidders made on one machine"),
    "delegate": ("40.2", "不同投标人由同一人办理投标 / one person handled the bids of different bidders"),
    "contact": ("40.2", "不同投标人的联系人是同一人 / different bidders have one contact"),
    "staff": ("40.3", "不同投标人的项目成员是同一人 / different bidders name one project member"),
    "prices": ("40.4", "报价比同类标段更整齐 / prices more regular than in matched lots"),
    "account": ("40.6", "不同投标人的保证金出自同一账户 / deposits of different bidders came from one account"),
    "joint": ("", "同场投标的次数多于各自活跃程度所能解释 / met in more lots than their activity explains"),
    "subcontract": ("", "中标后分包给同场落标的成员 / the winner subcontracted to a member that lost the same lot"),
    "phone": ("", "登记的联系电话相同 / one phone number stated"),
    "control": ("34", "同一标段的投标人有同一负责人，或由同一人控股过半 / bidders for one lot with one head, or one holder of half or more"),
}
"""Kind -> the law's item and the sentence an official reads."""

ONE = 999
"""P(same) of one thing, or of records with one accepted identifier, in thousandths: never certainty."""
CHAIN = 941
"""P(same) of two records that other records hold together: the odds at which records are merged (16 to 1)."""


@dataclass(frozen=True)
class Tables:
    """What is known of all pairs, worked out once."""

    market: Market
    settings: Settings
    behind: pl.DataFrame  # who, firm_id, how (head, holder), share, valid_from, valid_to
    pair_person: pl.DataFrame  # left_id, right_id, weight: pairs of records that resolution scored

    @cached_property
    def joint(self) -> pl.DataFrame:
        """joint.pairs."""
        return joint.pairs(self.market, self.settings)

    @cached_property
    def link(self) -> pl.DataFrame:
        """links.links."""
        return links.links(self.market, self.settings)

    @cached_property
    def pairs(self) -> Sliced:
        """`joint` by the left firm."""
        return Sliced(self.joint, "left", "right")

    @cached_property
    def used(self) -> Sliced:
        """The links of firms that met, without those of people who changed firms, by the left firm."""
        met = self.link.filter(~pl.col("moved")).join(self.joint.select("left", "right"), on=["left", "right"], how="semi")
        return Sliced(met, "left", "role", "right", "mark_id")

    @cached_property
    def barred(self) -> pl.DataFrame:
        """control.barred."""
        return control.barred(self.behind, self.market)

    @cached_property
    def prices(self) -> Prices:
        """Offers by lot."""
        return Prices(self.market, self.settings)

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The marks of people that link, with their records."""
        return self.market.mark.filter(pl.col("record_id").is_not_null()).join(self.link.select("mark_id").unique(), on="mark_id", how="semi")

    @cached_property
    def same_weight(self) -> dict[tuple[int, int], int]:
        """Weights of pairs of those records, smaller id first."""
        records = self.shown["record_id"].unique().implode()
        mine = self.pair_person.filter(pl.col("left_id").is_in(records) & pl.col("right_id").is_in(records))
        return {(min(a, b), max(a, b)): w for a, b, w in mine.iter_rows()}

    @cached_property
    def meetings(self) -> tuple[int, int]:
        """How many meetings of two firms in a lot there are, and how many pairs that meet."""
        return max(self.market.pair.height, 1), max(self.joint.height, 1)

    @cached_property
    def seen(self) -> dict[str, tuple[int, int]]:
        """Per kind of link: meetings in which both show one mark, and pairs that meet and share one, market-wide."""
        met = self.link.filter(~pl.col("moved")).join(self.joint.select("left", "right"), on=["left", "right"], how="semi")
        counted = met.group_by("role").agg(pl.col("same").list.len().sum().alias("n"), pl.struct("left", "right").n_unique().alias("pairs"))
        return {kind: (int(n), int(pairs)) for kind, n, pairs in counted.iter_rows()}

    @cached_property
    def subcontracts(self) -> pl.DataFrame:
        """lot, winner, loser: the winner handed a part to a firm that lost the same lot."""
        numbers = pl.DataFrame({"mark_id": self.market.firms, "loser": range(len(self.market.firms))}, schema={"mark_id": pl.String, "loser": pl.Int64})
        won = self.market.entry.filter("won").select("lot", pl.col("firm").alias("winner"))
        given = self.market.mark.filter(pl.col("role") == "subcontractor").select("lot", pl.col("firm").alias("winner"), "mark_id").join(numbers, on="mark_id")
        bids = self.market.entry.select("lot", pl.col("firm").alias("loser"))
        return given.join(won, on=["lot", "winner"]).join(bids, on=["lot", "loser"]).filter(pl.col("winner") != pl.col("loser")).unique().sort("lot", "winner")


@dataclass(frozen=True)
class Group:
    """A group of firms with its lots."""

    firms: Ints
    pairs: pl.DataFrame  # of joint.pairs, within the group
    lots: Ints  # in which two or more of them bid
    meetings: int


def group_of(tables: Tables, firms: tuple[int, ...]) -> Group:
    """The group of these firms."""
    numbers = np.array(firms, dtype=np.int64)
    pairs = tables.pairs.of(numbers).filter(pl.col("right").is_in(firms))
    lots, bids = np.unique(tables.market.bids.of(numbers)["lot"].to_numpy(), return_counts=True)
    return Group(numbers, pairs, lots[bids >= 2], int(pairs["lots"].sum()))


def joint_lots(tables: Tables, group: Group) -> Evidence | None:
    """Meetings of members, over all pairs, against what their activity in each trade would give."""
    seen, expected = float(group.meetings), float(group.pairs["expected"].sum())
    if seen < tables.settings.joint:
        return None
    bits = float(more(np.array([seen]), np.array([expected]), tables.settings.spread)[0])
    return _evidence(tables, "joint", group.meetings, "meetings", expected, bits, group.lots, group.firms)


def prices(tables: Tables, group: Group) -> Evidence | None:
    """Median spread of members' prices in their joint lots (thousandths of a percent), against matched lots."""
    found = tables.prices.regular(group.firms, group.lots)
    if len(found.lots) < tables.settings.joint:
        return None
    return _evidence(tables, "prices", round(found.spread * 100_000), "0.001 %", found.matched * 100_000, found.bits, found.lots, group.firms)


def identity(tables: Tables, group: Group, kind: str) -> Evidence | None:
    """Meetings at which two members show one mark, or pairs that share one at different lots, against the rest of the market."""
    mine = tables.used.of(group.firms).filter((pl.col("role") == kind) & pl.col("right").is_in(group.firms.tolist()))
    if mine.is_empty():
        return None
    together, sharing = int(mine["same"].list.len().sum()), mine.select("left", "right").unique().height
    meetings, pairs = tables.meetings
    all_together, all_sharing = tables.seen[kind]
    usual = (max(all_together - together, 0) + 0.5) / (max(meetings - group.meetings, 0) + 1) * group.meetings
    usual_pairs = (max(all_sharing - sharing, 0) + 0.5) / (max(pairs - group.pairs.height, 0) + 1) * group.pairs.height
    spread = tables.settings.spread
    in_lots, ever = more(np.array([together, sharing], dtype=np.float64), np.array([usual, usual_pairs]), spread).tolist()
    shown = tuple(_link(tables, kind, row) for row in mine.iter_rows(named=True))
    sure = max(link.p_same for link in shown) / 1000
    lots = np.unique(np.concatenate([np.array(row, dtype=np.int64) for row in mine["same"].to_list()])) if together else group.lots[:0]
    value, unit, chance, bits = (together, "meetings", usual, in_lots) if in_lots >= ever else (sharing, "pairs", usual_pairs, ever)
    members = np.unique(np.concatenate([mine["left"].to_numpy(), mine["right"].to_numpy()]))
    return _evidence(tables, kind, value, unit, chance, max(bits - 1.0, 0.0) * sure, lots, members, shown)


def subcontract(tables: Tables, group: Group) -> Evidence | None:
    """Lots won by a member that handed a part to a member that had lost them, against the rest of the market."""
    inside = pl.col("winner").is_in(group.firms.tolist()) & pl.col("loser").is_in(group.firms.tolist())
    mine = tables.subcontracts.filter(inside)
    if mine.is_empty():
        return None
    won = tables.market.entry.filter("won")
    own = won.filter(pl.col("firm").is_in(group.firms.tolist()) & pl.col("lot").is_in(group.lots.tolist())).height
    rate = (tables.subcontracts.height - mine.height + 0.5) / (max(won.height - own, 0) + 1)
    bits = float(more(np.array([float(mine.height)]), np.array([rate * own]), tables.settings.spread)[0])
    lots = mine["lot"].unique().sort().to_numpy()
    return _evidence(tables, "subcontract", mine.height, "lots", rate * own, bits, lots, group.firms)


def conflict(tables: Tables, group: Group) -> Evidence | None:
    """Lots for which two members bid while one person headed them, or one held half or more of each, on that day."""
    inside = pl.col("left").is_in(group.firms.tolist()) & pl.col("right").is_in(group.firms.tolist())
    mine = tables.barred.filter(inside)
    if mine.is_empty():
        return None
    meetings = mine.select("left", "right", "lot").unique()
    rate = (tables.barred.select("left", "right", "lot").unique().height - meetings.height + 0.5) / (max(tables.meetings[0] - group.meetings, 0) + 1)
    bits = float(more(np.array([float(meetings.height)]), np.array([rate * group.meetings]), tables.settings.spread)[0])
    lots = meetings["lot"].unique().sort().to_numpy()
    firms = tables.market.firms
    shown = tuple(
        Link(firms[left], firms[right], who, tuple(tables.market.lots[lot] for lot in sorted(set(lots_))), ONE, True)
        for left, right, who, lots_ in mine.group_by("left", "right", "who").agg("lot").sort("left", "right", "who").iter_rows()
    )
    return _evidence(tables, "control", meetings.height, "meetings", rate * group.meetings, bits, lots, group.firms, shown)


def _link(tables: Tables, kind: str, row: dict[str, object]) -> Link:
    """A link with P(same) as resolution has it."""
    left, right = int(str(row["left"])), int(str(row["right"]))
    mark, accepted = str(row["mark_id"]), bool(row["accepted"])
    p_same = ONE
    mine = tables.shown.filter((pl.col("mark_id") == mark) & (pl.col("role") == kind))
    if mine.height and not accepted:
        one, other = (mine.filter(pl.col("firm") == firm)["record_id"].to_list() for firm in (left, right))
        weights = [tables.same_weight[key] for a in one for b in other if (key := (min(a, b), max(a, b))) in tables.same_weight]
        p_same = round(1000 / (1 + 2.0 ** (-max(weights) / BIT))) if weights else CHAIN
    same = row["same"] if isinstance(row["same"], list) else []
    lots = tuple(tables.market.lots[lot] for lot in same)
    return Link(tables.market.firms[left], tables.market.firms[right], mark, lots, min(p_same, ONE), accepted)


def _evidence(
    tables: Tables, kind: str, value: int, unit: str, chance: float, bits: float, lots: Ints, firms: Ints, shown: tuple[Link, ...] = ()
) -> Evidence:
    weight = tables.settings.weights[kind]
    item, says = SAYS[kind]
    counted = min(bits * weight.times / 1000, weight.cap)
    return Evidence(
        kind=kind,
        item=item,
        says=says,
        value=value,
        unit=unit,
        chance=round(chance * 1000),
        bits=round(counted * BIT),
        lots=tuple(tables.market.lots[lot] for lot in lots.tolist()),
        rows=_rows(tables, kind, firms, lots),
        links=shown,
        accepted=any(link.accepted for link in shown),
    )


def _rows(tables: Tables, kind: str, firms: Ints, lots: Ints) -> tuple[Row, ...]:
    """The rows it rests on: bids of these firms for these lots, or the enrolments that state the mark."""
    if len(lots) or kind not in links.KINDS:
        return tables.market.rows(firms, lots)
    inside = pl.col("left").is_in(firms.tolist()) & pl.col("right").is_in(firms.tolist()) & (pl.col("role") == kind)
    marks = tables.link.filter(inside)["mark_id"].unique().implode()
    mine = tables.market.mark.filter((pl.col("role") == kind) & pl.col("firm").is_in(firms.tolist()) & pl.col("mark_id").is_in(marks))
    return tuple(Row(*row) for row in mine.select("source", "batch", "row_no").unique().sort("source", "batch", "row_no").iter_rows())

