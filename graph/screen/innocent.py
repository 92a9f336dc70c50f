"""Innocent explanations, each tried on the data; and what could not be looked at because no source tells it."""

from __future__ import annotations

import numpy as np
import polars as pl

from cityweave.graph.screen.evidence import Group, Tables
from cityweave.graph.screen.model import Innocent

MISSING = {
    "device": "没有投标文件机器码：无法查第四十条第一项 / no source tells machine codes: Art. 40 (1) cannot be looked at",
    "delegate": "没有授权委托人：无法查第四十条第二项 / no source tells delegates: Art. 40 (2) cannot be looked at",
    "contact": "没有联系人 / no source tells contacts",
    "staff": "没有项目成员：无法查第四十条第三项 / no source tells project members: Art. 40 (3) cannot be looked at",
    "price": "没有报价：无法查第四十条第四项 / no source tells prices: Art. 40 (4) cannot be looked at",
    "account": "没有保证金账户：无法查第四十条第六项 / no source tells deposit accounts: Art. 40 (6) cannot be looked at",
    "category": "没有品目：同场次数按全部标段估计 / no source tells trades: joint lots are judged against all lots",
    "subcontractor": "没有分包单位 / no source tells subcontractors",
}
ALWAYS = "投标文件内容未比对：第四十条第四项“异常一致”和第五项“混装”未查 / files are not compared: alike contents, mixed-up papers (Art. 40 (4), (5))"


def missing(tables: Tables) -> tuple[str, ...]:
    """What could not be looked at."""
    return (*(says for name, says in MISSING.items() if name not in tables.market.told), ALWAYS)


def tried(tables: Tables, group: Group, seat: pl.DataFrame) -> tuple[Innocent, ...]:
    """Every explanation, with whether it holds."""
    return (_address(tables, group, seat), _agent(tables, group), _niche(tables, group), _moved(tables, group), _control(tables, group))


def _address(tables: Tables, group: Group, seat: pl.DataFrame) -> Innocent:
    says = "同一孵化器或楼宇 / one incubator or building"
    mine = seat.filter(pl.col("firm_id").is_in([tables.market.firms[firm] for firm in group.firms.tolist()]) & pl.col("building").is_not_null())
    if mine.height < 2:
        return Innocent("address", says, "unknown", "成员的注册地址不详 / the members' seats are not known")
    shared = mine.group_by("building").agg(pl.len().alias("n")).sort("n", "building", descending=[True, False])
    count, building = int(shared["n"][0]), shared["building"][0]
    others = seat.filter(pl.col("building") == building).height - count
    if count * 2 < len(group.firms) or count < 2:
        return Innocent("address", says, "no", "多数成员地址不同 / most members sit elsewhere")
    return Innocent("address", says, "yes", f"{count} 家在同一楼宇，该楼另有 {others} 家单位 / {count} sit in one building, with {others} other entities")


def _agent(tables: Tables, group: Group) -> Innocent:
    says = "联系电话是代办机构的 / the phone is an agent's"
    mine = tables.market.mark.filter((pl.col("role") == "phone") & pl.col("firm").is_in(group.firms.tolist()))
    shared = mine.group_by("mark_id").agg(pl.col("firm").n_unique().alias("n")).filter(pl.col("n") >= 2)
    if shared.is_empty():
        return Innocent("agent", says, "no", "成员没有共用的电话 / the members share no phone")
    agents = tables.market.mark.filter((pl.col("role") == "agent") & pl.col("firm").is_in(group.firms.tolist()))
    sharing = mine.join(shared.select("mark_id"), on="mark_id", how="semi")["firm"].unique()
    common = agents.filter(pl.col("firm").is_in(sharing.implode())).group_by("mark_id").agg(pl.col("firm").n_unique().alias("n"))
    if common.filter(pl.col("n") * 2 > len(sharing)).is_empty():
        return Innocent("agent", says, "no", "共用电话，但没有共同的代办机构 / they share a phone but no agent")
    return Innocent("agent", says, "yes", "共用电话的成员由同一代办机构代办 / those who share the phone have one agent")


def _niche(tables: Tables, group: Group) -> Innocent:
    says = "行业窄，能投的就这几家 / a narrow trade: few could bid at all"
    lots = tables.market.lot.filter(pl.col("lot").is_in(group.lots.tolist()))
    main = lots.group_by("stratum").agg(pl.len().alias("n")).sort("n", "stratum", descending=[True, False])
    if "category" not in tables.market.told or main.is_empty():
        return Innocent("niche", says, "unknown", "不知道品目 / the trade is not known")
    in_trade = tables.market.lot.filter(pl.col("stratum") == main["stratum"][0]).select("lot")
    able = tables.market.entry.join(in_trade, on="lot")["firm"].n_unique()
    if able <= 2 * len(group.firms):
        return Innocent("niche", says, "yes", f"该品目只有 {able} 家投过标 / only {able} firms ever bid in this trade")
    return Innocent("niche", says, "no", f"该品目有 {able} 家投过标 / {able} firms bid in this trade")


def _moved(tables: Tables, group: Group) -> Innocent:
    says = "人员换了单位 / people changed firms"
    inside = pl.col("left").is_in(group.firms.tolist()) & pl.col("right").is_in(group.firms.tolist())
    mine = tables.link.filter(inside & pl.col("role").is_in(["delegate", "staff", "contact"]))
    if mine.is_empty():
        return Innocent("moved", says, "no", "成员没有共用的人 / the members share no people")
    moved = int(mine["moved"].sum())
    if moved == mine.height:
        return Innocent("moved", says, "yes", f"{moved} 处共用的人都是先后任职 / all {moved} shared people served one firm after the other")
    return Innocent("moved", says, "no", f"{mine.height - moved} 处同期共用 / {mine.height - moved} are shared at the same time")


def _control(tables: Tables, group: Group) -> Innocent:
    says = "同一集团 / one group of companies"
    inside = pl.col("left").is_in(group.firms.tolist()) & pl.col("right").is_in(group.firms.tolist())
    mine = tables.barred.filter(inside)
    firms = np.unique(np.concatenate([mine["left"].to_numpy(), mine["right"].to_numpy()])) if mine.height else np.zeros(0)
    if len(firms) < len(group.firms):
        return Innocent("group", says, "no", "并非所有成员同受一人控制 / not all members have one behind them")
    return Innocent("group", says, "yes", "成员同受一人控制：同场投标另见资格冲突 / one stands behind all: for lots they shared see the conflicts (Art. 34)")
