"""Facts: events of several sources that say the same become one fact with all its sources.

Two events say the same when they are of one type, have the same parties (entities, or things) and their intervals overlap, touch, or are not known. A
divorce closes the marriage it ends before marriages are put together, so a couple that marries again has two marriages. One without a day closes it by the
day it was recorded; a marriage without a day ends with the divorce after the couple's last dated wedding. Where no divorce of the couple is told, a row does
so that was recorded after the wedding and calls one of the two divorced, unless that one had married another by then or the other is called married later.
Where a contract says `succeeds`, what the source tells later of the same party ends what it told before, and what others told before then without saying
since when. Types that happen once to the same parties (birth, death, founding, cancellation) are one fact however their dates differ. Nothing a source says
of one fact alters another: that a death ends a job is said by the lifecycle, not here.

Of a fact's events the one that leads says from when it holds: it knows the start (and not only when it was recorded), comes from the authority for
its type, from the most trusted source, is the latest recorded. The interval runs over all that the leading event's source says of the fact, so two spells that touch are one.
Where no source says since when, the fact is *bounded*: it held by the first day on which one recorded it. A tie
is broken by what is said, never by a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cityweave.engine.model import Step
from cityweave.resolver.model_life import FACT, FACT_EVENT, FACT_PARTY, HOME, MARITAL, MOMENT, ONCE, PAST_PARTY, ROLES, SYMMETRIC, TELLING, Trust
from cityweave.resolver.survive import OPEN, joined_sources, ranked

BELIEVED = "e.known_to is null"
"""SQL: the versions of events that say something today, among them those of a time that a later version has ended."""

RECORDED = "(r.known_to is null or r.closed = 'changed')"
"""SQL: the versions of records that say, or once said, what holds."""


def known_on(day: str) -> str:
    """SQL: the versions of events that said something on an ISO day, to our knowledge of that day."""
    return f"e.known_from <= date '{day}' and (e.known_to is null or e.known_to > date '{day}' or e.closed = 'changed')"


def recorded_by(day: str) -> str:
    """SQL: such versions of records to our knowledge of an ISO day."""
    return f"r.known_from <= date '{day}' and (r.known_to is null or r.known_to > date '{day}' or r.closed = 'changed')"


def marital_sql(versions: str = RECORDED) -> str:
    """SQL that gives the rows of `marital`."""
    return f"""select distinct m.entity_id, r.recorded_at as day, r.marital = '40' as divorced
from record_person r join membership m on m.record_id = r.record_id
where r.marital in ('20', '21', '22', '23', '40') and r.recorded_at is not null and {versions}"""


VERSION = "e.batch * 8796093022208 + e.row_no * 4096 + e.event_id % 4096"
"""SQL: the name of one version of an event, batch << 43 | row << 12 | slot; of the first version it is the event_id."""

PARTIES = "party_1, party_2, party_3"
IS_THING = "length({}) = 32"
"""SQL: a party is a thing (an md5) and not an entity (at most 14 characters)."""


def home_sql() -> str:
    """SQL that gives the rows of `home`: address things whose text is that of the rooms of one single entity."""
    return f"""with room_at as (
  select a.norm, min(m.entity_id) as entity_id
  from record_room r join address a on a.text = r.address join membership m on m.record_id = r.record_id
  where {OPEN} and a.room_norm is not null
  group by a.norm having min(m.entity_id) = max(m.entity_id)
)
select t.thing_id, x.entity_id from thing t join room_at x on x.norm = t.key where t.kind = 'address'"""


def past_party_sql(kinds: Sequence[str]) -> str:
    """SQL that gives the rows of `past_party`: whom each closed version of a record spoke of.

    A flat that is sold or a firm that changes its head keeps its key, so the record now speaks of somebody else. It is the record's entity while its
    number (or, without numbers, its name) stays; else the one entity that holds the number with an accepted identifier; else nobody.
    """
    return "\nunion all\n".join(_past_party(kind) for kind in kinds)


def _past_party(kind: str) -> str:
    number, name = _IDENTITY[kind]
    same = f"case when v.{number} is not null and o.{number} is not null then v.{number} = o.{number} else coalesce(v.{name}, '') = coalesce(o.{name}, '') end"
    return f"""select v.record_id, v.batch, v.row_no, case when o.record_id is not null and {same} then m.entity_id else k.entity_id end as entity_id
from record_{kind} v left join record_{kind} o on o.record_id = v.record_id and o.known_to is null
left join membership m on m.record_id = v.record_id
left join (
  select r.{number} as number, min(m.entity_id) as entity_id
  from record_{kind} r join membership m on m.record_id = r.record_id join unit_{kind} u on u.record_id = r.record_id
  where {OPEN} and u.accepted and r.{number} is not null group by r.{number} having min(m.entity_id) = max(m.entity_id)
) k on k.number = v.{number}
where v.known_to is not null"""


_IDENTITY = {"person": ("id_no", "name"), "legal_entity": ("uscc", "name"), "building": ("building_code", "address"), "room": ("room_code", "address")}
"""The elements by which a record says of whom it speaks."""


def telling_sql(trust: Trust, roles: Mapping[str, Sequence[str]] = ROLES, versions: str = BELIEVED) -> str:
    """SQL that gives the rows of `telling`. An event of an unknown type, or with a participant that is no longer live, is left out."""
    places = {place: [f"{type_}.{names[place - 1]}" for type_, names in sorted(roles.items()) if len(names) >= place] for place in (1, 2, 3)}
    parties = ",\n    ".join(
        f"coalesce(max(case when e.type || '.' || p.role in ({_list(at)}) then {_PARTY} end), '') as party_{place}" for place, at in places.items()
    )
    swapped = f"type in ({_list(SYMMETRIC)}) and party_2 < party_1"
    return f"""with told as (
  select {VERSION} as telling_id, e.event_id, e.type, max(e.valid_from) as valid_from, max(e.valid_to) as valid_to,
    max(e.recorded_at) as recorded_at, max(e.source) as source, max(e.detail) as detail,
    {parties}
  from event e join participant p on p.event_id = e.event_id and p.batch = e.batch and p.row_no = e.row_no
  left join membership m on m.record_id = p.record_id
  left join home h on h.thing_id = p.thing_id
  left join past_party y on y.record_id = p.record_id and y.batch = p.batch and y.row_no = p.row_no
  where {versions} and e.type in ({_list(sorted(roles))})
  group by e.event_id, e.batch, e.row_no, e.type
  having sum(case when {_PARTY} is null then 1 else 0 end) = 0
),
paired as (
  select telling_id, event_id, type, valid_from, valid_to, recorded_at, source, detail,
    case when {swapped} then party_2 else party_1 end as party_1, case when {swapped} then party_1 else party_2 end as party_2, party_3
  from told where party_1 <> ''
),
spouse as (
  select telling_id, party_1 as one, party_2 as other, coalesce(valid_from, recorded_at) as since from paired where type = 'marriage'
  union all
  select telling_id, party_2 as one, party_1 as other, coalesce(valid_from, recorded_at) as since from paired where type = 'marriage'
),
another as (
  select s.telling_id, s.one, min(n.since) as since from spouse s join spouse n on n.one = s.one and n.other <> s.other and n.since > s.since group by s.telling_id, s.one
),
married as (
  select entity_id, max(day) as day from marital where not divorced group by entity_id
),
wed as (
  select party_1, party_2, max(valid_from) as last from paired where type = 'marriage' group by party_1, party_2
),
parted as (
  select t.telling_id, min(coalesce(d.valid_from, d.recorded_at)) as ended
  from paired t join wed w on w.party_1 = t.party_1 and w.party_2 = t.party_2
  join paired d on d.type = 'divorce' and d.party_1 = t.party_1 and d.party_2 = t.party_2
    and coalesce(d.valid_from, d.recorded_at) >= coalesce(t.valid_from, w.last, date '0001-01-01')
  where t.type = 'marriage' group by t.telling_id
),
ended as (
  select telling_id, ended from parted
  union all
  select s.telling_id, min(d.day) as ended
  from spouse s join marital d on d.divorced and d.entity_id = s.one and d.day > s.since
  left join married o on o.entity_id = s.other left join another a on a.telling_id = s.telling_id and a.one = s.one
  left join parted v on v.telling_id = s.telling_id
  where v.telling_id is null and (o.day is null or o.day <= d.day) and (a.since is null or a.since >= d.day) group by s.telling_id{_succeeded(trust, roles)}
)
select t.telling_id, t.event_id, t.type, t.party_1, t.party_2, t.party_3, t.valid_from,
  case when t.type in ({_list(MOMENT)}) then t.valid_from when d.ended < coalesce(t.valid_to, date '9999-12-31') then d.ended else t.valid_to end as valid_to,
  t.recorded_at, t.source, t.detail
from paired t left join (select telling_id, min(ended) as ended from ended group by telling_id) d on d.telling_id = t.telling_id"""


def _succeeded(trust: Trust, roles: Mapping[str, Sequence[str]]) -> str:
    """More rows of `ended`: what a later telling of the same source about the same party ends, where the contract says that one succeeds the other."""
    declared = [
        f"when p.type = '{type_}' and p.source = '{source}' then p.party_{roles[type_].index(role) + 1}"
        for type_, sources in sorted(trust.succession.items())
        for source, role in sorted(sources.items())
    ]
    if not declared:
        return ""
    subject = f"case {' '.join(declared)} end"
    begun = f"select distinct p.type, p.source, {subject} as subject, p.valid_from from paired p where {subject} <> '' and p.valid_from is not null"
    return f"""
  union all
  select p.telling_id, a.ended from paired p join (
    select *, lead(valid_from) over (partition by type, source, subject order by valid_from) as ended from ({begun}) b
  ) a on a.type = p.type and a.source = p.source and a.subject = {subject} and a.valid_from = p.valid_from where a.ended is not null{"".join(_overtaken(trust, roles))}"""


def _overtaken(trust: Trust, roles: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """More rows of `ended`: what another source told without saying since when, where a register of successions names somebody else from a later day on."""
    for type_, sources in sorted(trust.succession.items()):
        silent = sorted(set(trust.undated.get(type_, ())) - set(sources))
        for role in sorted(set(sources.values())) if silent else ():
            subject = f"party_{roles[type_].index(role) + 1}"
            others = [f"party_{place}" for place in range(1, len(roles[type_]) + 1) if f"party_{place}" != subject]
            another = " or ".join(f"r.{party} <> p.{party}" for party in others) or "true"
            registers = _list(sorted(source for source, named in sources.items() if named == role))
            yield f"""
  union all
  select p.telling_id, min(r.valid_from) as ended
  from paired p join paired r on r.type = p.type and r.{subject} = p.{subject} and r.source in ({registers}) and r.valid_from > p.recorded_at and ({another})
  where p.type = '{type_}' and p.source in ({_list(silent)}) and p.{subject} <> '' group by p.telling_id"""


def fact_event_sql() -> str:
    """SQL that gives the rows of `fact_event`: islands of intervals among the events of one type and the same parties.

    An event that knows neither start nor end joins the last island. Only parties of which several events tell are ordered at all: most facts are told once.
    """
    same = " and ".join(f"t.{column} = s.{column}" for column in ("type", "party_1", "party_2", "party_3"))
    return f"""with several as (
  select type, {PARTIES} from telling group by type, {PARTIES} having count(*) > 1
),
dated as (
  select t.telling_id, t.event_id, t.type, t.party_1, t.party_2, t.party_3,
    case when t.type in ({_list(ONCE)}) then date '0001-01-01' else coalesce(t.valid_from, t.valid_to) end as starts,
    case when t.type in ({_list(ONCE)}) then date '9999-12-31' when t.valid_to < t.valid_from then t.valid_from
      else coalesce(t.valid_to, date '9999-12-31') end as ends
  from telling t join several s on {same}
),
reached as (
  select *, max(ends) over (partition by type, {PARTIES} order by starts, ends, telling_id rows between unbounded preceding and 1 preceding) as reach
  from dated where starts is not null
),
known as (
  select telling_id, event_id, type, {PARTIES},
    sum(case when starts <= reach then 0 else 1 end)
      over (partition by type, {PARTIES} order by starts, ends, telling_id rows between unbounded preceding and current row) as island
  from reached
),
latest as (
  select type, {PARTIES}, max(island) as island from known group by type, {PARTIES}
),
placed as (
  select telling_id, event_id, type, {PARTIES}, island from known
  union all
  select t.telling_id, t.event_id, t.type, t.party_1, t.party_2, t.party_3, coalesce(s.island, 1) as island
  from dated t left join latest s on {same} where t.starts is null
)
select min(telling_id) over (partition by type, {PARTIES}, island) as fact_id, telling_id, event_id from placed
union all
select t.telling_id as fact_id, t.telling_id, t.event_id from telling t left join several s on {same} where s.type is null"""


def fact_sql(trust: Trust) -> str:
    """SQL that gives the rows of `fact`."""
    return f"""with told as (
  select f.fact_id, t.event_id, t.type, t.valid_from, t.valid_to, t.recorded_at, t.source, t.detail,
    {_undated(trust)} as undated, {_authority(trust)} as authority, {ranked("t.source", trust.places())} as trust
  from fact_event f join telling t on t.telling_id = f.telling_id
),
placed as (
  select *, row_number() over (partition by fact_id order by case when valid_from is null then 1 else 0 end, undated, authority, trust,
    recorded_at desc nulls last, source, valid_from, valid_to nulls first, detail) as place
  from told
),
led as (
  select fact_id, source, undated = 1 as bounded from placed where place = 1
),
spans as (
  select p.fact_id, l.bounded, min(case when l.bounded or p.source = l.source then p.valid_from end) as valid_from,
    max(case when p.source = l.source then p.valid_to end) as valid_to, max(case when p.source = l.source and p.valid_to is null then 1 else 0 end) as open
  from placed p join led l on l.fact_id = p.fact_id group by p.fact_id, l.bounded
),
said as (
  select fact_id, max(type) as type, max(case when place = 1 then detail end) as detail, count(distinct event_id) as events,
    {joined_sources(sorted(trust.sources))} as sources
  from placed group by fact_id
)
select s.fact_id, s.type, i.valid_from, i.bounded,
  case when s.type in ({_list(MOMENT)}) then i.valid_from when i.open = 1 then null else i.valid_to end as valid_to, s.detail, s.events, s.sources
from said s join spans i on i.fact_id = s.fact_id"""


def fact_party_sql(roles: Mapping[str, Sequence[str]] = ROLES) -> str:
    """SQL that gives the rows of `fact_party`: the parties of the event that names the fact, which are those of all its events."""
    each = []
    for place in (1, 2, 3):
        named = "".join(f" when '{type_}' then '{names[place - 1]}'" for type_, names in sorted(roles.items()) if len(names) >= place)
        if named:
            thing = IS_THING.format(f"t.party_{place}")
            each.append(
                f"select t.telling_id as fact_id, case t.type{named} end as role, case when not {thing} then t.party_{place} end as entity_id, "
                f"case when {thing} then t.party_{place} end as thing_id\nfrom named n join telling t on t.telling_id = n.fact_id where t.party_{place} <> ''"
            )
    return "with named as (\n  select distinct fact_id from fact_event\n)\n" + "\nunion all\n".join(each)


def steps(trust: Trust, kinds: Sequence[str], roles: Mapping[str, Sequence[str]] = ROLES) -> list[Step]:
    """The steps that make `home`, `past_party`, `marital`, `telling`, `fact_event`, `fact` and `fact_party` from records of these kinds and their events."""
    told_of = tuple(f"{table}_{kind}" for kind in kinds for table in ("record", "unit"))
    return [
        _home(kinds),
        Step(PAST_PARTY, "旧版本归到实体 / find whom past versions spoke of", (*told_of, "membership"), past_party_sql(kinds)),
        _marital(kinds),
        Step(
            TELLING,
            "事件归到实体 / resolve the participants of events",
            ("event", "participant", "membership", "home", "past_party", "marital"),
            telling_sql(trust, roles),
            total=("valid_from",),
        ),
        Step(FACT_EVENT, "同一事实的事件归并 / put events that say the same together", ("telling",), fact_event_sql(), total=("telling_id",)),
        Step(
            FACT,
            "事实与证实它的来源 / facts, and which sources tell them",
            ("fact_event", "telling"),
            fact_sql(trust),
            total=("source", "valid_from", "valid_to", "detail"),
        ),
        Step(FACT_PARTY, "事实的参与者 / who takes part in facts", ("fact_event", "telling"), fact_party_sql(roles)),
    ]


def _home(kinds: Sequence[str]) -> Step:
    says = "住址归到房屋 / find the room that an address means"
    if "room" not in kinds:
        return Step(HOME, says, sql="select cast(null as varchar) as thing_id, cast(null as varchar) as entity_id where 1 = 0")
    return Step(HOME, says, ("record_room", "address", "membership", "thing"), home_sql())


def _marital(kinds: Sequence[str]) -> Step:
    says = "登记的婚姻状况 / who was recorded as married or as divorced"
    if "person" not in kinds:
        return Step(MARITAL, says, sql="select cast(null as varchar) as entity_id, cast(null as date) as day, true as divorced where 1 = 0")
    return Step(MARITAL, says, ("record_person", "membership"), marital_sql())


_PARTY = "case when y.record_id is not null then y.entity_id when p.record_id is not null then m.entity_id else coalesce(h.entity_id, p.thing_id) end"


def _undated(trust: Trust) -> str:
    """SQL: 1 where a source does not say since when facts of the type hold."""
    tests = [f"t.type = '{type_}' and t.source in ({_list(sorted(sources))})" for type_, sources in sorted(trust.undated.items())]
    return f"case when {' or '.join(tests)} then 1 else 0 end" if tests else "0"


def _authority(trust: Trust) -> str:
    cases = "".join(
        f" when t.type = '{type_}' and t.source = '{source}' then {place}"
        for type_, sources in sorted(trust.events.items())
        for place, source in enumerate(sources)
    )
    most = max((len(sources) for sources in trust.events.values()), default=0)
    return f"case{cases} else {most} end" if cases else "0"


def _list(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)
