"""Read me first: what floor 3 takes and makes.

    record_<kind> -> form_<kind> -> unit_<kind> -> block_<kind> -> candidate_<kind> -> pair_<kind> -> cluster_<kind> -> membership, possible

A *form* is a record as it is compared: delivered values only, never repaired ones. A *unit* is records that one usable identifier with compatible names already holds
together. *Candidates* are pairs worth scoring, a *pair* is a candidate with its weight, a *cluster* is an entity before it has a name. `record_id` is a handle: it breaks no
tie; `ref` (source|key|role) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cityweave.engine.model import Column, Table
from cityweave.resolver.settings import Settings

KINDS = ("building", "room", "person", "legal_entity")
"""In the order they are resolved."""

LETTERS = {"person": "p", "legal_entity": "l", "building": "b", "room": "r"}
"""The first letter of an entity's id says its kind."""


@dataclass(frozen=True)
class ContractInfo:
    """What resolution must know of a source."""

    source: str
    duplicate_free: bool = False  # no two live rows of it are about one entity
    authority: tuple[str, ...] = ()  # "person.name": elements for which it is believed first
    subject: str = ""  # the role of the entity that a row is about (the contract's first record); others are only mentioned
    registers: bool = False  # its rows are about an event that an entity has once in its life: a birth, a death


@dataclass(frozen=True)
class Decision:
    """A human's word about two records, after undo. It outranks every score; of two about the same pair the later one (greater id) holds."""

    id: int
    verb: Literal["same", "different"]
    left: tuple[str, str, str]  # source, key, role
    right: tuple[str, str, str]

    @property
    def refs(self) -> tuple[str, str]:
        """The two records' `ref`s."""
        return "|".join(self.left), "|".join(self.right)


HANDLE = (
    Column("record_id", "BIGINT", "the record"),
    Column("ref", "VARCHAR", "source|key|role: breaks every tie"),
    Column("source", "VARCHAR", "who delivered it"),
)

FEATURES = {
    "person": (
        *("name", "script", "surname", "given", "core", "pinyin", "look", "name_part", "former", "birth", "id_birth", "born", "born_from", "born_to"),
        *("sex", "id_no", "id_text", "id_part", "phone", "address", "building", "household", "folk", "mate", "firm", "kin", "kin_no", "postcode", "birth_place"),
        *("occupation", "sexed", "child_born"),
    ),
    "legal_entity": (
        *("name", "spelt", "core", "region", "brand", "trade", "form", "pinyin", "look", "former", "uscc", "id_no", "id_text", "reg_no", "phone", "address"),
        "building",
    ),
    "building": ("name", "address", "id_no"),
    "room": ("address", "id_no"),
}
"""The columns of `form_<kind>` after its handle: VARCHAR, NULL where the record does not say. `id_no` is a usable identifier, `id_text` the number as
written, usable or not, `id_part` a masked one; `id_birth` the date inside a usable number, `born` the date of birth or, without one, that; `born_from` and
`born_to` the days between which an incomplete date or an age lies. `address`, `household`, `mate`, `firm` and `kin` may come from the same row's other records: a
father mentioned with his child lives where the child lives, an owner in the room he owns. `folk` is the household that other rows tell of that relative, or of who
shares a household in the numbering of the source. `sex` is told, or a
father's or a mother's; `sexed` that or the sex inside a usable number. `child_born` is the birth of the child of whom a father or a mother is mentioned. `name_part` is a name
of which a part is hidden. Addresses are labels of places (`spot`), a firm is a resolved one."""

NAME_FEATURES = {
    "person": ("name", "script", "surname", "given", "core", "pinyin", "look", "name_part"),
    "legal_entity": ("name", "spelt", "core", "region", "brand", "trade", "form", "pinyin", "look"),
}
"""The features that a name alone yields: worked out once a distinct name, in `name_form_<kind>`."""


def name_form(kind: str) -> Table:
    """Table `name_form_<kind>`: what each distinct name as delivered looks and sounds like."""
    columns = (Column("text", "VARCHAR", "the name as delivered"), *(Column(name, "VARCHAR") for name in NAME_FEATURES[kind]))
    return Table(f"name_form_{kind}", "姓名的形与音 / what names look and sound like", columns, ("text",))


CONTEXT_PERSON = Table(
    "context_person",
    "同一行中的旁证 / what a row's other records say about a person",
    (
        Column("record_id", "BIGINT"),
        Column("mate", "VARCHAR", "name of the other parent or spouse"),
        Column("home", "VARCHAR", "address of the child or of the room owned"),
        Column("household", "VARCHAR", "household number of the child"),
        Column("folk", "VARCHAR", "household number that other rows tell, by his number, of a relative or of who shares a source's own household"),
        Column("firm", "VARCHAR", "the firm represented, owned or worked for: the first ref of its records"),
        Column("kin", "VARCHAR", "ref of the child, else of the spouse"),
        Column("kin_is", "VARCHAR", "child: or spouse:"),
        Column("parent", "VARCHAR", "the sex, where the person is father (1) or mother (2) of the child by birth or adoption"),
    ),
    ("record_id",),
)


APART_PERSON = Table(
    "apart_person",
    "同一事件的双方 / parties of one event, who are two people",
    (Column("left_id", "BIGINT"), Column("right_id", "BIGINT")),
    ("left_id", "right_id"),
    served=True,
    also=("right_id",),
)
"""Of a marriage, a divorce, a birth, an adoption, a guardianship; members of a family or owners of a room in one row: left has the smaller record_id."""


RENUMBERED = Table(
    "renumbered",
    "改号或换证 / whose number was changed",
    (Column("former", "VARCHAR", "a usable number"), Column("name", "VARCHAR", "as delivered, of who tells it"), Column("now", "VARCHAR", "the number in its place")),
    ("former", "name"),
    served=True,
)
"""A record that bears the former number under that name is compared, and found, by the number of now."""


def form(kind: str) -> Table:
    """Table `form_<kind>`: one line per open version of a record, as it is compared."""
    return Table(
        f"form_{kind}", "用于比较的记录 / records as they are compared", (*HANDLE, *(Column(name, "VARCHAR") for name in FEATURES[kind])), ("record_id",)
    )


def unit(kind: str) -> Table:
    """Table `unit_<kind>`: records held together by one usable identifier and compatible names."""
    columns = (
        Column("record_id", "BIGINT"),
        Column("unit", "BIGINT", "a label: the smallest record_id in it"),
        Column("id_no", "VARCHAR", "the usable identifier, if any"),
        Column("accepted", "BOOLEAN", "a compatible name in a second row, or the authority source, bears the identifier out"),
    )
    says = "证件号码相同且姓名相容的记录 / records with one identifier and compatible names"
    return Table(f"unit_{kind}", says, columns, ("record_id",), served=True, also=("id_no",))


def block(kind: str) -> Table:
    """Table `block_<kind>`: the values under which a record meets its candidates."""
    columns = (Column("record_id", "BIGINT"), Column("rule", "VARCHAR", "the blocking rule"), Column("value", "VARCHAR"))
    return Table(f"block_{kind}", "分块键 / block values", columns, ("record_id", "rule"))


def candidate(kind: str) -> Table:
    """Table `candidate_<kind>`: pairs worth scoring; left has the smaller ref."""
    return Table(f"candidate_{kind}", "候选对 / pairs worth scoring", (Column("left_id", "BIGINT"), Column("right_id", "BIGINT")), ("left_id", "right_id"))


def pair(kind: str) -> Table:
    """Table `pair_<kind>`: candidates with their weight."""
    columns = (Column("left_id", "BIGINT"), Column("right_id", "BIGINT"), Column("weight", "BIGINT", "millionths of a bit"))
    return Table(f"pair_{kind}", "打分的记录对 / scored pairs", columns, ("left_id", "right_id"))


def link(kind: str) -> Table:
    """Table `link_<kind>`: scored pairs from the review threshold up. All the others, four of five, say only that two records are not one."""
    return Table(f"link_{kind}", "可能相同的记录对 / pairs that may be one entity", pair(kind).columns, ("left_id", "right_id"))


def weighed(settings: Settings) -> Table:
    """Table `weighed_<kind>`: pairs with a level and a part per comparison; the weight is the prior plus all parts, to the unit. Made only of pairs to be explained."""
    columns = [*pair(settings.kind).columns]
    for comparison in settings.comparisons:
        columns.append(Column(f"level_{comparison.name}", "INTEGER", "number of the level, 0 = everything else, -1 = says nothing"))
        columns.append(Column(f"part_{comparison.name}", "BIGINT", "millionths of a bit"))
    return Table(f"weighed_{settings.kind}", "打分的各项依据 / what weights are made of", tuple(columns), ("left_id", "right_id"))


def node(kind: str) -> Table:
    """Table `node_<kind>`: what clustering must know of each record."""
    columns = (
        Column("record_id", "BIGINT"),
        Column("ref", "VARCHAR"),
        Column("unit", "BIGINT"),
        Column("number", "VARCHAR", "an accepted identifier of which an entity has one in its life"),
        Column("exclusive", "VARCHAR", "the source whose row is about this entity, where it holds nobody twice"),
        Column("entry", "VARCHAR", "what tells two rows of that source apart: the unit; of births and deaths the name and the day of birth"),
        Column("born", "VARCHAR", "the day of birth, where one is told"),
        Column("born_first", "BIGINT", "first month in which the person may be born: 12 x year + month"),
        Column("born_last", "BIGINT", "last month"),
    )
    return Table(f"node_{kind}", "聚类的节点 / nodes of clustering", columns, ("record_id",))


def cluster(kind: str) -> Table:
    """Table `cluster_<kind>`: records of one entity; the anchor is the smallest of them."""
    return Table(
        f"cluster_{kind}",
        "同一实体的记录 / records of one entity",
        (Column("record_id", "BIGINT"), Column("anchor", "BIGINT", "the smallest record_id of the entity")),
        ("record_id",),
    )


MEMBERSHIP = Table(
    "membership",
    "记录属于哪个实体 / which entity a record belongs to",
    (Column("record_id", "BIGINT"), Column("kind", "VARCHAR"), Column("entity_id", "VARCHAR", "kind letter + base32 of the smallest live record_id in it")),
    ("record_id",),
    served=True,
    also=("entity_id",),
)

POSSIBLE = Table(
    "possible",
    "可能相同、待人确认 / perhaps the same, for a human",
    (Column("kind", "VARCHAR"), Column("left_id", "BIGINT"), Column("right_id", "BIGINT"), Column("weight", "BIGINT")),
    ("kind", "left_id", "right_id"),
)

UNBOUND_DECISION = Table(
    "unbound_decision",
    "不再对应记录的人工决定 / decisions whose records are no longer there",
    (Column("id", "BIGINT", "the decision"), Column("verb", "VARCHAR"), Column("missing", "VARCHAR", "left | right | both")),
    ("id",),
)
