"""Answers about firms and who owns them: control, firms_of. Stores answer with ids, shares and facts; names are added here, as cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

from cityweave.api.answers_entities import labels, possible
from cityweave.api.answers_graph import edge_row, entities_of, iso, redirected
from cityweave.api.desk import Desk, day
from cityweave.api.model import Cell, Found
from cityweave.api.model_graph import Control, FirmsOf
from cityweave.api.served import kind_of
from cityweave.engine.errors import InputError

MARKS = ("25", "50")
NOBODY = "没有来源说到它在这一天的股东 / no source tells of shareholders on that day"


def control(desk: Desk, asked: Control) -> Found:
    """Owners, the hops that lead to them, the chains, circles, and what is not told; `known` false: no shareholder is known, and that is the answer.

    `gone`: the firm is cancelled or revoked by the day asked. Of a cancelled one the answer is that of its last day; a revoked one still has its owners.
    """
    firm = of_kind(desk, asked.id, "legal_entity", "企业 / a firm")
    as_of = day(asked.as_of) or desk.today
    gone = _gone(desk, firm, as_of)
    lived = gone["on"] - dt.timedelta(days=1) if gone and gone["state"] == "cancelled" and gone["on"] else as_of
    answer = desk.floors.control(firm, lived, asked.limit)
    owners, chains = answer.owners[: asked.limit], answer.chains
    through = [stake for stake in answer.stakes if stake.firm != firm]
    stakes = (*(stake for stake in answer.stakes if stake.firm == firm), *through)[: 10 * asked.limit]
    ids = {firm, *(o.entity_id for o in owners), *(n for c in chains for n in c.nodes), *(e for s in stakes for e in (s.holder, s.firm))}
    named = labels(desk, ids | {node for ring in answer.loops for node in ring} | set(answer.majority) | set(answer.over))
    several = possible(desk, ids)
    data = {
        **redirected(asked.id, firm),
        "firm": firm,
        "label": named[firm],
        "as_of": answer.as_of.isoformat(),
        "gone": gone and {"state": gone["state"], "on": iso(gone["on"])},
        "known": bool(answer.stakes),
        "note": None if answer.stakes else NOBODY,
        "owners": [_owner(owner, named, several) for owner in owners],
        "cut": len(answer.owners) - len(owners),
        "stakes": [_stake(stake, named) for stake in stakes],
        "stakes_cut": len(answer.stakes) - len(stakes),
        "chains": [{"nodes": _nodes(chain.nodes, named), "share": chain.share} for chain in chains],
        "more_chains": answer.more_chains,
        "loops": [_nodes(ring, named) for ring in answer.loops],
        "self_held": answer.self_held,
        "over": _nodes(answer.over, named),
        "untold": answer.untold,
        "majority": _nodes(answer.majority, named),
        "complete": answer.complete,
    }
    return Found(data, entities_of(named))


def _gone(desk: Desk, firm: str, as_of: dt.date) -> dict[str, Any] | None:
    """That a firm is cancelled or revoked by a day, and since when, where that is told; cancelled says more."""
    told = desk.served.where("lifecycle", "entity_id", [firm]).filter(pl.col("state").is_in(["cancelled", "revoked"])).sort("state", "valid_from").to_dicts()
    held = (row for row in told if (row["valid_from"] or as_of) <= as_of and (row["state"] == "cancelled" or as_of < (row["valid_to"] or dt.date.max)))
    return next(({"state": row["state"], "on": row["valid_from"]} for row in held), None)


def _owner(owner: Any, named: dict[str, Cell], several: dict[str, int]) -> dict[str, Any]:
    return {
        "entity": owner.entity_id,
        "kind": owner.kind,
        "label": named[owner.entity_id],
        "possible": several.get(owner.entity_id),
        "ultimate": owner.ultimate,
        "least": owner.least,
        "most": owner.most,
        "reached": dict(zip(MARKS, owner.reached, strict=True)),
    }


def _stake(stake: Any, named: dict[str, Cell]) -> dict[str, Any]:
    return {
        "holder": stake.holder,
        "label": named[stake.holder],
        "firm": stake.firm,
        "firm_label": named[stake.firm],
        "share": stake.share,
        "valid_from": iso(stake.edge.valid_from),
        "valid_to": iso(stake.edge.valid_to),
        "sources": list(stake.edge.sources),
        "fact": stake.edge.fact_id,
        "ended": iso(stake.ended),
    }


def firms_of(desk: Desk, asked: FirmsOf) -> Found:
    """Positions by person, each with its fact or, where held through other firms, with the share all chains come to."""
    person = of_kind(desk, asked.id, "person", "人 / a person")
    answer = desk.floors.firms_of(person, day(asked.as_of) or desk.today, asked.relatives)
    shown = answer.positions[: asked.limit]
    relatives = [one for one in answer.relatives if one.relation != "self"]
    named = labels(desk, {person, *(r.entity_id for r in relatives), *(end for p in shown for end in (p.person, p.firm))})
    relation = {one.entity_id: one.relation for one in answer.relatives}
    data = {
        **redirected(asked.id, person),
        "person": person,
        "label": named[person],
        "as_of": answer.as_of.isoformat(),
        "relatives": [
            {"entity": r.entity_id, "label": named[r.entity_id], "relation": r.relation, "edges": [edge_row(edge) for edge in r.edges]} for r in relatives
        ],
        "firms": [_position(position, relation, named) for position in shown],
        "cut": len(answer.positions) - len(shown),
        "complete": answer.complete,
    }
    return Found(data, entities_of(named))


def _position(position: Any, relation: dict[str, str], named: dict[str, Cell]) -> dict[str, Any]:
    return {
        "person": position.person,
        "label": named[position.person],
        "relation": relation[position.person],
        "firm": position.firm,
        "firm_label": named[position.firm],
        "role": position.role,
        "share": _detail(position),
        "least": position.least,
        "most": position.most,
        "valid_from": iso(position.edge.valid_from) if position.edge else None,
        "valid_to": iso(position.edge.valid_to) if position.edge else None,
        "sources": list(position.edge.sources) if position.edge else [],
        "fact": position.edge.fact_id if position.edge else None,
        "ended": iso(position.ended),
    }


def _detail(position: Any) -> int | None:
    text = position.edge.detail if position.edge and position.role == "shareholder" else None
    return int(text) if text and text.isdigit() else None


def _nodes(ids: Iterable[str], named: dict[str, Cell]) -> list[dict[str, Any]]:
    return [{"node": node, "label": named[node]} for node in ids]


def of_kind(desk: Desk, asked: str, kind: str, says: str) -> str:
    """The living entity that `asked` names; InputError when it is not of that kind."""
    found = desk.entity(asked)
    if kind_of(found) != kind:
        chinese, _, english = says.partition(" / ")
        raise InputError(f"这里要的是{chinese} / this question wants {english}", asked, f"用 cityweave find --kind {kind} 查找 / look one up so")
    return found
