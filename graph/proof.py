"""Proof of kinship: whether documents state a relation between two people, state what is incompatible with it, or neither.

Yes: documents state it with both ends bound (graph/documents.py). No: a bound document states somebody else, whose name is another, where there can be only
one (a mother by birth, a father by birth, a living spouse); or an identity number rules it out (the other sex, hardly older). Documents that contradict each
other prove nothing. Parents by birth, by adoption and by marriage (step-parents) are never taken for one another: a row that names a parent and does not say
how proves, and refutes, neither; asked for a parent of any kind it is what it says. A household row says who somebody is to the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cityweave.graph.dates import add_years
from cityweave.graph.identity import Reader, born, names_of, number_of
from cityweave.graph.model_proof import By, Evidence, Person, Relation, Verdict

PARENT_OLDER, GRANDPARENT_OLDER = 12, 24
"""By so many years a parent, a grandparent is at least older."""

Document = dict[str, Any]
ROLES = ("mother", "father")
ZH = {"mother": "母亲", "father": "父亲"}
ANOTHER = "载明另有其人 / states another person"
BESIDE = {
    "household": "以号码载明登记中的孩子与登记中的一位父母同户 / puts, by their numbers, the child on record into one household with a parent on record",
    "guardianship": "以号码载明登记中的一位父母是登记中孩子的监护人 / names, by their numbers, a parent on record as guardian of the child on record",
}
"""What a second document states that binds the child of a record of birth."""


def prove(reader: Reader, relation: Relation, one: Person, other: Person, by: By, as_of: date, known: date | None) -> Verdict:
    """The verdict on `one` being to `other` what the relation says. `by`: parents by birth, by adoption, or in whatever way; marriages are those of `as_of`."""
    desk = _Documents(reader, by, as_of, known)
    if relation.how == "child":
        return desk.parent(other, one, "")
    if relation.how == "parent":
        return desk.parent(one, other, relation.role)
    if relation.how == "spouse":
        return desk.spouse(one, other)
    return desk.sibling(one, other) if relation.how == "sibling" else desk.grandparent(one, other)


class _Documents:
    def __init__(self, reader: Reader, by: By, as_of: date, known: date | None) -> None:
        self.reader, self.by, self.as_of, self.known = reader, by, as_of, known
        self._seen: dict[str, list[Document]] = {}

    def parent(self, one: Person, child: Person, role: str) -> Verdict:
        """A parent in that role (empty: either) by birth, by adoption, or in whatever way."""
        roles = (role,) if role else ROLES
        yes = [row for of in roles for row in self._stating(child.entity_id, of, one.entity_id)]
        no = self._others(one, child.entity_id, roles if role else (_role_of(one),))
        if self.by == "any":  # who is a mother by birth contradicts no adoptive mother
            yes = [row for row in yes if row["kind"] not in {other["kind"] for other in no}]
            no = [] if yes else no
        claimed = any(self._speaks(row) and one.entity_id in (row["party_2"], row["party_3"]) for row in self._of(child.entity_id))
        if no and (yes or claimed):
            return _unknown("文件互相矛盾 / the documents contradict each other")
        if yes:
            return Verdict("yes", tuple(item for row in yes for item in _all((row,), _stated(row, one))))
        if self.by == "birth":
            ruled_out = self._by_number(one, child, role, PARENT_OLDER)
            if ruled_out or no:
                return Verdict("no", (*ruled_out, *_all(no, ANOTHER)))
        elif self.by == "adoption" and no:
            return Verdict("no", _all(no, ANOTHER))
        return _unknown(*self._lacks(child.entity_id, roles, "乙", "the second"))

    def spouse(self, one: Person, other: Person) -> Verdict:
        """Married to each other on the day asked."""
        mine = [row for row in self._of(one.entity_id) if row["type"] in ("marriage", "divorce") and _day(row) <= self.as_of]
        between = sorted((row for row in mine if {row["party_1"], row["party_2"]} == {one.entity_id, other.entity_id}), key=_in_order)
        bound = [row for row in between if row["bound_1"] and row["bound_2"]]
        if bound:
            return self._last(bound, one, other)
        if between:
            return _unknown("结婚登记未以有效号码指明双方 / the marriage record does not name both by an accepted number")
        if one.sex and one.sex == other.sex:
            return Verdict("no", (Evidence("number", "", None, "两人性别相同 / both are of one sex"),))
        for person, label in ((one, "甲 / the first"), (other, "乙 / the second")):
            held = self._married_to_another(person, other if person is one else one)
            if held:
                return Verdict("no", (_evidence(held, f"载明另有配偶 / states another spouse: {label}"),))
        return _unknown("两人的结婚登记 / a marriage record of the two")

    def sibling(self, one: Person, other: Person) -> Verdict:
        """At least one parent in common: composed of the records of the parents of each."""
        mine, theirs = ({role: self._parents(person.entity_id, role) for role in ROLES} for person in (one, other))
        shared = [role for role in ROLES if mine[role].certain and mine[role].certain == theirs[role].certain]
        if shared:
            rows = [row for role in shared for row in (mine[role].rows[0], theirs[role].rows[0])]
            said = "、".join(ZH[role] for role in shared)
            return Verdict("yes", _all(rows, f"两份登记载明同一位{said} / both state the same {' and '.join(shared)}"))
        apart = [role for role in ROLES if mine[role].certain and theirs[role].certain and self._differ(mine[role].certain, theirs[role].certain)]
        if len(apart) == len(ROLES) and self.by == "any":
            return _unknown("登记载明的父母不同，但未说是否另有生父母或养父母 / the records name different parents, and do not say whether there are others")
        if len(apart) == len(ROLES):
            rows = [row for role in ROLES for row in (mine[role].rows[0], theirs[role].rows[0])]
            return Verdict("no", _all(rows, "载明父母均不相同 / state that both parents differ"))
        lacks = [
            text
            for person, zh, en in ((one, "甲", "the first"), (other, "乙", "the second"))
            for text in self._lacks(person.entity_id, tuple(role for role in ROLES if role not in apart), zh, en)
        ]
        return _unknown(*lacks)

    def grandparent(self, one: Person, other: Person) -> Verdict:
        """A parent of a parent: composed of two records in a row."""
        ways, refuting, lacks = [], [], []
        role = _role_of(one)
        for between in ROLES:
            middle = self._parents(other.entity_id, between)
            if not middle.certain:
                lacks.append(f"乙的{ZH[between]}的登记 / a record of the {between} of the second")
                continue
            upper = self._parents(middle.certain, role)
            if upper.certain == one.entity_id:
                ways.append((middle.rows[0], upper.rows[0], between))
            elif upper.certain and self.by != "any" and self._differ_from(one, upper.certain):
                refuting += [middle.rows[0], upper.rows[0]]
            else:
                lacks.append(f"乙之{ZH[between]}的{ZH[role]}的登记 / a record of the {role} of the second's {between}")
        if ways:
            low, high, between = ways[0]
            lower = f"载明乙的{ZH[between]} / states the {between} of the second"
            upper_says = f"载明甲是此人的{ZH[role]} / states that the first is the {role} of that parent"
            return Verdict("yes", (*_all((low,), lower), *_all((high,), upper_says)))
        ruled_out = self._by_number(one, other, "", GRANDPARENT_OLDER)
        if ruled_out:
            return Verdict("no", ruled_out)
        if not lacks:
            return Verdict("no", _all(refuting, ANOTHER))
        return _unknown(*lacks)

    def _last(self, rows: Sequence[Document], one: Person, other: Person) -> Verdict:
        last = rows[-1]
        if last["type"] == "divorce":
            return Verdict("no", (_evidence(last, "两人已离婚 / the two are divorced"),))
        dead = [row for person in (one, other) for row in self._of(person.entity_id) if row["type"] == "death" and row["bound_1"] and _day(row) <= self.as_of]
        if dead:
            return Verdict("no", (_evidence(last, "两人结婚 / the two married"), _evidence(dead[0], "婚姻因死亡终止 / death has ended the marriage")))
        ended = next((why for row in self._since(last, one, other) if (why := _may_have_ended(row, one, other))), "")
        if ended:
            return _unknown(ended)
        return Verdict("yes", (_evidence(last, "载明两人结婚，此后无离婚登记 / states that the two married; no divorce is recorded since"),))

    def _since(self, last: Document, one: Person, other: Person) -> list[Document]:
        """What any document tells of either since that day, bound to them or not: resolution has found them in it."""
        return [row for person in (one, other) for row in self._of(person.entity_id) if _day(last) <= _day(row) <= self.as_of]

    def _married_to_another(self, person: Person, claimed: Person) -> Document | None:
        """The marriage that holds on the day asked between this person and somebody else with another name.

        It must be the last that any document, bound or not, says of the marriages of either: what came later may have ended it.
        """
        last = self._last_of(person.entity_id)
        if last is None or last["type"] != "marriage" or not (last["bound_1"] and last["bound_2"]):
            return None
        spouse = last["party_2"] if last["party_1"] == person.entity_id else last["party_1"]
        theirs = self._last_of(spouse)
        if theirs is None or _day(theirs) > _day(last) or theirs["type"] != "marriage":
            return None
        dead = any(row["type"] == "death" and _day(row) <= self.as_of for who in (spouse, person.entity_id) for row in self._of(who))
        return last if not dead and self._differ_from(claimed, spouse) else None

    def _last_of(self, entity: str) -> Document | None:
        """The last document of a marriage or divorce of an entity by the day asked; of one day a divorce comes last."""
        rows = [row for row in self._of(entity) if row["type"] in ("marriage", "divorce") and _day(row) <= self.as_of]
        return max(rows, key=lambda row: (_day(row), row["type"] == "divorce", not row["bound_1"], *_in_order(row)), default=None)

    def _parents(self, child: str, role: str) -> _Stated:
        """Whom bound documents state in a role of a child's: certain only if all that speak name one and the same."""
        place = 2 + ROLES.index(role)
        adopters = self._adopters(child) if self.by == "birth" else set()
        rows = [row for row in self._of(child) if self._speaks(row) and row["party_1"] == child and row[f"party_{place}"]]
        rows = [row for row in rows if row[f"party_{place}"] not in adopters]
        bound = [row for row in rows if row["bound_1"] and row[f"bound_{place}"] and self._plausible(child, row[f"party_{place}"], role)]
        named = {row[f"party_{place}"] for row in bound}
        nameless = any(row[f"bound_{place}"] and not row["bound_1"] for row in rows)
        return _Stated(next(iter(named)) if len(named) == 1 else "", sorted(bound, key=_in_order), bool(rows), nameless)

    def _speaks(self, row: Document) -> bool:
        """Whether a document says who is a parent in the way asked for."""
        return row["type"] in ("birth", "adoption") and self.by in ("any", row["kind"])

    def _adopters(self, child: str) -> set[str]:
        """Whom any record of adoption names: what a register calls their child, without saying how, states no birth."""
        return {row[f"party_{place}"] for row in self._of(child) if row["type"] == "adoption" and row["party_1"] == child for place in (2, 3)} - {None}

    def _stating(self, child: str, role: str, parent: str) -> list[Document]:
        place = 2 + ROLES.index(role)
        return [row for row in self._parents(child, role).rows if row[f"party_{place}"] == parent]

    def _others(self, one: Person, child: str, roles: Sequence[str]) -> list[Document]:
        """Bound documents that name somebody else, of another name, in the role that can have only one."""
        found = []
        for role in roles:
            place = 2 + ROLES.index(role)
            found += [row for row in self._parents(child, role).rows if self._differ_from(one, row[f"party_{place}"])]
        return found

    def _by_number(self, one: Person, other: Person, role: str, older: int) -> tuple[Evidence, ...]:
        if role and one.sex and one.sex != ("2" if role == "mother" else "1"):
            return (Evidence("number", "", None, f"甲的性别与{ZH[role]}不符 / the first is of the other sex"),)
        if one.birth and other.birth and add_years(one.birth, older) > other.birth:
            return (Evidence("number", "", None, f"甲比乙年长不足{older}岁 / the first is not {older} years older than the second"),)
        return ()

    def _lacks(self, child: str, roles: Sequence[str], zh: str, en: str) -> list[str]:
        kind, way = {"birth": ("出生", "birth"), "adoption": ("收养", "adoption"), "any": ("父母", "parents")}[self.by]
        lacks = []
        for role in roles:
            stated = self._parents(child, role)
            if stated.certain:
                continue
            if stated.nameless and not stated.rows:
                lacks.append(
                    f"{zh}的{kind}登记没有{zh}本人的有效号码，也没有以号码载明{zh}与该父母同户或受其监护的登记：须有人判定登记的就是{zh} / "
                    f"the record of {en} bears no accepted number of {en}, and none puts {en}, by number, into the household or under the guardianship "
                    f"of that parent: somebody has to decide that it is theirs"
                )
            elif stated.spoken and not stated.rows:
                lacks.append(f"{zh}的{kind}登记未以有效号码指明{ZH[role]} / the record of {en} does not name the {role} by an accepted number")
            elif stated.rows:
                lacks.append(f"{zh}的各份登记所载{ZH[role]}不一 / the records of {en} name different {role}s")
            elif self._unsaid(child, role):
                lacks.append(
                    f"{zh}的{kind}登记：现有登记载有{ZH[role]}，未说是生是养（可问 --by any） / a record of the {way} of {en}: "
                    f"those there are name a {role}, but not whether by birth or adoption (--by any asks for either)"
                )
            else:
                lacks.append(f"{zh}的{kind}登记，载明其{ZH[role]} / a record of the {way} of {en} that names the {role}")
        return lacks or ["登记所载之人与甲同名，无法分辨 / the person on record has the same name and cannot be told apart"]

    def _unsaid(self, child: str, role: str) -> bool:
        """Whether a document names the child and somebody in the role, and does not say how."""
        place = 2 + ROLES.index(role)
        return any(row["type"] == "birth" and not row["kind"] and row["party_1"] == child and row[f"party_{place}"] for row in self._of(child))

    def _differ_from(self, person: Person, entity: str) -> bool:
        return entity != person.entity_id and not (self._names(entity) & person.names) and bool(self._names(entity))

    def _differ(self, one: str, other: str) -> bool:
        return one != other and bool(self._names(one)) and bool(self._names(other)) and not self._names(one) & self._names(other)

    def _plausible(self, child: str, parent: str, role: str) -> bool:
        """Whether the numbers of the two allow it: a record in which columns changed places states nothing."""
        sexes = {number[16] in "13579" for number in self._numbers(parent)}
        births = [day for number in self._numbers(parent) for day in (born(number),) if day]
        begun = [day for number in self._numbers(child) for day in (born(number),) if day]
        older = self.by == "adoption" or not births or not begun or add_years(max(births), PARENT_OLDER) <= min(begun)
        return (role == "father") in (sexes or {True, False}) and older

    def _numbers(self, entity: str) -> set[str]:
        """The accepted identity numbers of an entity, of 18 characters."""
        records = self.reader.where("membership", "entity_id", [entity])["record_id"].to_pylist()
        rows = self.reader.where("unit_person", "record_id", records, ["id_no", "accepted"]).to_pylist()
        return {row["id_no"] for row in rows if row["accepted"] and row["id_no"] and number_of(row["id_no"])}

    def _names(self, entity: str) -> set[str]:
        records = self.reader.where("membership", "entity_id", [entity])["record_id"].to_pylist()
        rows = self.reader.where("record_person", "record_id", records, ["name", "former_name"]).to_pylist()
        return {name for row in rows for name in names_of(row)}

    def _of(self, entity: str) -> list[Document]:
        """The documents of an entity, as known on the day of knowledge."""
        if entity not in self._seen:
            rows = self.reader.where("document", "entity_id", [entity]).to_pylist()
            self._seen[entity] = [self._bound(row) for row in rows if self._known(row)]
        return self._seen[entity]

    def _bound(self, row: Document) -> Document:
        """With the child bound if a second document that was known then does it."""
        composed = row["through"] and (self.known is None or row["through_known"] <= self.known)
        return row | ({"bound_1": True} if composed else {"through": None})

    def _known(self, row: Document) -> bool:
        if self.known is None:
            return row["known_to"] is None
        return bool(row["known_from"] <= self.known and (row["known_to"] is None or self.known < row["known_to"]))


class _Stated:
    """Whom the documents of a child state in a role: the parent if certain, the documents that count, whether any speaks, or binds the parent alone."""

    def __init__(self, certain: str, rows: list[Document], spoken: bool, nameless: bool) -> None:
        self.certain, self.rows, self.spoken, self.nameless = certain, rows, spoken, nameless


def _role_of(person: Person) -> str:
    return "mother" if person.sex == "2" else "father"


def _stated(row: Document, one: Person) -> str:
    """What a record of parents states of one of them."""
    role = "mother" if row["party_2"] == one.entity_id else "father"
    if not row["kind"]:
        return f"载明甲是乙的{ZH[role]}，未说是生是养 / states that the first is the {role} of the second, not whether by birth or adoption"
    zh, en = {"birth": ("生", "by birth"), "adoption": ("养", "by adoption")}[row["kind"]]
    return f"载明甲是乙的{zh}{ZH[role][0]} / states that the first is the {role} {en} of the second"


def _evidence(row: Document, states: str) -> Evidence:
    kind = "parents" if row["type"] == "birth" and not row["kind"] else row["type"]
    return Evidence(kind, row["source"], row["valid_from"] or row["recorded_at"], states)


def _all(rows: Sequence[Document], states: str) -> tuple[Evidence, ...]:
    """Each document with what it states, and the second one that binds the child in it."""
    return tuple(item for row in rows for item in (_evidence(row, states), *_second(row)))


def _second(row: Document) -> tuple[Evidence, ...]:
    return (Evidence(row["through"], row["through_source"], row["through_on"], BESIDE[row["through"]]),) if row["through"] else ()


def _day(row: Document) -> date:
    return row["valid_from"] or row["recorded_at"] or date.min


def _in_order(row: Document) -> tuple[date, str, str, int]:
    return _day(row), row["type"], row["source"], row["event_id"]


def _may_have_ended(row: Document, one: Person, other: Person) -> str:
    """Why nobody can say that a marriage of the two stands after this document; empty if it says nothing against it."""
    pair = {one.entity_id, other.entity_id}
    if row["type"] == "death":
        return "死亡登记未以有效号码指明本人 / a death record that names one of the two without an accepted number"
    if row["type"] not in ("marriage", "divorce") or (row["type"] == "marriage" and {row["party_1"], row["party_2"]} == pair):
        return ""
    strangers = {row[f"party_{place}"] for place in (1, 2) if row[f"bound_{place}"]} - pair
    certain = any(row[f"bound_{place}"] and row[f"party_{place}"] in pair for place in (1, 2))
    if strangers and not certain:
        return ""  # a namesake's
    if strangers or row["type"] == "marriage":
        return "其后一方另有婚姻登记 / one of the two has another marriage recorded since" if certain else ""
    return "其后有离婚登记未以有效号码指明双方 / a later divorce record that does not name both by an accepted number"


def _unknown(*missing: str) -> Verdict:
    return Verdict("unknown", (), tuple(dict.fromkeys(missing)))
