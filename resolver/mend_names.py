"""Names of one entity that are slips of its name: which name wins, and which others only miss it by hand, ear or eye.

Each list is CTEs after `held` (resolver/mend.py); the last, `slip(record_id, name)`, gives the records whose name is one and the name it should be.
"""

from __future__ import annotations

from cityweave.resolver import former

SURE = 561


def person_names(weight: str) -> list[str]:
    """A name that sounds or looks like the winner, is it in other characters, or lacks its last or its middle character; never one that some record calls a former name."""
    named = """named as (
  select h.entity_id, h.record_id, h.source, h.name, h.former_name, n.name as plain, n.pinyin, n.look, n.surname
  from held h join name_form_person n on n.text = h.name where h.name is not null
)"""
    apart = "apart as (\n  select entity_id from named group by entity_id having min(name) <> max(name)\n)"
    counted = f"""counted as (
  select entity_id, name, sum(weight) as weight, count(*) as sources from (
    select h.entity_id, h.source, h.name, max({weight}) as weight from named h join apart a on a.entity_id = h.entity_id group by h.entity_id, h.source, h.name
  ) s group by entity_id, name
)"""
    best = """best as (
  select entity_id, name, weight, sources from (
    select *, row_number() over (partition by entity_id order by weight desc, name) as nth from counted
  ) r where nth = 1
)"""
    past = f"former as (\n  select distinct h.entity_id, {former.nth('h.former_name')} as name from named h {former.told('h')}\n)"
    near = (
        "d.plain = w.name or d.pinyin = w.pinyin or d.look = w.look or d.surname = w.surname and length(w.name) = length(d.plain) + 1 "
        "and (w.name like d.plain || '%' or d.plain = substr(w.name, 1, 1) || substr(w.name, 3))"
    )
    slip = f"""slip as (
  select d.record_id, b.name
  from named d join best b on b.entity_id = d.entity_id and b.name <> d.name join counted c on c.entity_id = d.entity_id and c.name = d.name
  join name_form_person w on w.text = b.name left join former f on f.entity_id = d.entity_id and f.name = d.name
  where f.name is null and b.weight >= 2 * c.weight and (b.sources >= 2 or b.weight >= {SURE}) and ({near})
)"""
    return [named, apart, counted, best, past, slip]


def firm_names(weight: str, deciding: str) -> list[str]:
    """The name as the authority has it (else the winner of the vote), and names that differ from it by region, legal form or a slip within the same brand.

    A department that writes the district without the city, 南湖区甲小学, makes no slip, nor does one that writes a former name, by some record's word or by its history."""
    named = f"""named as (
  select h.entity_id, h.record_id, h.source, h.name, n.name as plain, n.core, n.brand, n.trade, n.region, n.pinyin, n.look,
    case when {deciding} then 1 else 0 end as decides
  from held h join name_form_legal_entity n on n.text = h.name where h.name is not null
)"""
    apart = "apart as (\n  select entity_id from named group by entity_id having min(name) <> max(name)\n)"
    counted = f"""counted as (
  select entity_id, name, max(decides) as decides, sum(weight) as weight, count(*) as sources from (
    select h.entity_id, h.source, h.name, max(h.decides) as decides, max({weight}) as weight
    from named h join apart a on a.entity_id = h.entity_id group by h.entity_id, h.source, h.name
  ) s group by entity_id, name
)"""
    best = """best as (
  select r.entity_id, r.name, r.decides, r.weight, r.sources, n.core, n.brand, n.trade, n.pinyin, n.look, n.plain from (
    select *, row_number() over (partition by entity_id order by decides desc, weight desc, name) as nth from counted
  ) r join (select text, core, brand, trade, pinyin, look, name as plain from name_form_legal_entity) n on n.text = r.name where nth = 1
)"""
    near = (
        "d.plain = b.plain or d.core = b.core or d.pinyin = b.pinyin or d.look = b.look "
        "or d.brand = b.brand and length(b.brand) >= 2 and (d.trade is null or b.trade is null)"
    )
    short = "d.region is not null and b.name like '%' || d.name"
    past = f"""former as (
  select h.entity_id, {former.nth("h.former_name")} as name from held h {former.told("h")}
  union select m.entity_id, r.name from membership m join record_legal_entity r on r.record_id = m.record_id where r.closed = 'changed' and r.name is not null
)"""
    slip = f"""slip as (
  select d.record_id, b.name
  from named d join best b on b.entity_id = d.entity_id and b.name <> d.name join counted c on c.entity_id = d.entity_id and c.name = d.name
  left join former f on f.entity_id = d.entity_id and f.name = d.name
  where f.name is null and c.decides = 0 and (b.decides = 1 or b.weight >= 2 * c.weight and b.sources >= 2) and ({near}) and not coalesce({short}, false)
)"""
    return [named, apart, counted, best, past, slip]
