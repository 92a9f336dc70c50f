"""What a life is, as data: the states of a person, a legal entity, a building and a room, which may follow which, and which lives cannot be.

The three machines are MACHINE. A fact becomes a state by STATES, a status in a register by STATUS. An ACT is something that needs its doer alive: begun before the beginning or
after the end of that life it is a conflict, so is one below its AGE, and a state that MACHINE does not let follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class State:
    """A fact of this type is this state of the entity in `role`, towards the party in `other`."""

    name: str
    fact: str
    role: str
    other: str = ""
    lasts: bool = True  # whether an end closes it; a moment has no end


STATES: Final = (
    State("born", "birth", "child", lasts=False),
    State("became_mother", "birth", "mother", "child", lasts=False),
    State("became_father", "birth", "father", "child", lasts=False),
    State("adopted", "adoption", "child", lasts=False),
    State("in_household", "household", "member", "household"),
    State("resident", "residence", "resident", "home"),
    State("moved_out", "departure", "resident", lasts=False),
    State("enrolled", "schooling", "pupil", "school"),
    State("married", "marriage", "spouse_a", "spouse_b"),
    State("married", "marriage", "spouse_b", "spouse_a"),
    State("divorced", "divorce", "spouse_a", "spouse_b", lasts=False),
    State("divorced", "divorce", "spouse_b", "spouse_a", lasts=False),
    State("employed", "employment", "employee", "employer"),
    State("legal_representative", "legal_representative", "person", "firm"),
    State("shareholder", "shareholding", "holder", "firm"),
    State("owner", "ownership", "owner", "room"),
    State("holds_certificate", "certificate", "holder", "certificate"),
    State("receives_benefit", "benefit", "recipient"),
    State("died", "death", "deceased", lasts=False),
    State("founded", "founding", "firm", lasts=False),
    State("represented_by", "legal_representative", "firm", "person"),
    State("held_by", "shareholding", "firm", "holder"),
    State("branch_of", "branch", "branch", "head"),
    State("has_branch", "branch", "head", "branch"),
    State("cancelled", "cancellation", "firm", lasts=False),
    State("owned_by", "ownership", "room", "owner"),
    State("home_of", "residence", "home", "resident"),
    State("in_building", "part_of", "room", "building"),
)

BEGINS: Final = {"person": ("birth", "born"), "legal_entity": ("founded", "founded"), "building": ("built", "built")}
"""Kind -> the element that says when it began, and the state it is where no fact says so. Of a year the first day stands for it."""

ENDS: Final = {"person": "died", "legal_entity": "cancelled"}
"""Kind -> the state that ends it."""

STATUS: Final = (
    ("suspended", "停业|歇业|休业"),
    ("revoked", "吊销|撤销|责令关闭"),
    ("cancelled", "注销"),
    ("moved_out", "迁出"),
    ("active", "存续|在业|在营|开业|正常|在册"),
)
"""A legal entity's status as registers write it (State Administration for Market Regulation, 登记状态) -> its state; the first that fits."""

MACHINE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    # kind -> state -> the states that may follow it on the same track; a state that is no key ends its track
    "person": {
        "": ("born",),
        "born": ("adopted", "died"),
        "adopted": ("died",),
        "unmarried": ("married",),
        "married": ("divorced", "widowed"),
        "divorced": ("married",),
        "widowed": ("married",),
        "registered": ("resident",),
        "resident": ("resident", "moved_out"),
        "moved_out": ("resident",),
        "enrolled": ("enrolled", "employed"),
        "employed": ("employed", "enrolled"),
    },
    "legal_entity": {
        "": ("founded",),
        "founded": ("active", "renamed", "moved", "suspended", "revoked", "moved_out", "cancelled"),
        "active": ("renamed", "moved", "suspended", "revoked", "moved_out", "cancelled"),
        "renamed": ("active", "renamed", "moved", "suspended", "revoked", "moved_out", "cancelled"),
        "moved": ("active", "renamed", "moved", "suspended", "revoked", "moved_out", "cancelled"),
        "suspended": ("active", "renamed", "moved", "revoked", "moved_out", "cancelled"),
        "revoked": ("cancelled",),
        "moved_out": ("active",),
    },
    "building": {"": ("planned", "built"), "planned": ("built",), "built": ("in_use",), "in_use": ("demolished",)},
    "room": {"": ("in_building",), "in_building": ("owned_by", "home_of"), "owned_by": ("owned_by", "home_of"), "home_of": ("home_of", "owned_by")},
}
"""The machines. What is told of an entity that fits none of them is in `life_conflict`."""


@dataclass(frozen=True)
class Act:
    """A fact of this type is done by the entity in `role`, who must be alive to begin it."""

    name: str
    zh: str
    en: str
    fact: str
    role: str
    elements: tuple[str, ...] = ("person.birth",)  # whose grade a conflict inherits
    before: bool = True  # it cannot begin before the doer's life
    after: bool = True  # nor after it


_FIRM = ("legal_entity.founded",)
ACTS: Final = (
    Act("died", "死亡", "died", "death", "deceased", after=False),
    Act("married", "结婚", "married", "marriage", "spouse_a"),
    Act("married", "结婚", "married", "marriage", "spouse_b"),
    Act("divorced", "离婚", "divorced", "divorce", "spouse_a"),
    Act("divorced", "离婚", "divorced", "divorce", "spouse_b"),
    Act("gave_birth", "生育", "gave birth", "birth", "mother"),
    Act("fathered", "得子女", "had a child", "birth", "father", after=False),
    Act("moved_in", "迁入", "moved in", "residence", "resident", ("person.birth", "person.address")),
    Act("moved_out", "迁出", "moved out", "departure", "resident"),
    Act("employed", "参加工作", "began to work", "employment", "employee"),
    Act("enrolled", "入学", "was enrolled", "schooling", "pupil"),
    Act("represented", "任法定代表人", "became legal representative", "legal_representative", "person"),
    Act("held_shares", "成为股东", "became shareholder", "shareholding", "holder", before=False),
    Act("bought", "取得产权", "came to own", "ownership", "owner"),
    Act("received_benefit", "享受待遇", "received a benefit", "benefit", "recipient"),
    Act("hired", "用工", "hired", "employment", "employer", _FIRM),
    Act("was_represented", "更换法定代表人", "was given a legal representative", "legal_representative", "firm", _FIRM),
    Act("founded", "成立", "was founded", "founding", "firm", _FIRM, before=False),
)

BEFORE: Final = {
    "person": ("birth", "出生之前", "before birth"),
    "legal_entity": ("founding", "成立之前", "before it was founded"),
    "building": ("completion", "建成之前", "before it was built"),
}
AFTER: Final = {"person": ("death", "死亡之后", "after death"), "legal_entity": ("cancellation", "注销之后", "after it was cancelled")}
"""Kind -> the name, and the words, of its beginning and its end."""


@dataclass(frozen=True)
class Age:
    """A fact that nobody begins so young."""

    name: str
    says: str
    fact: str
    role: str
    years: int
    sex: str = ""  # "1" men, "2" women, "" all
    since: str = "0001-01-01"  # the law's first day
    until: str = "9999-12-31"


AGES: Final = (
    Age("mother_too_young", "生育时不满 12 岁 / gave birth before the age of 12", "birth", "mother", 12),
    Age("father_too_young", "得子女时不满 12 岁 / had a child before the age of 12", "birth", "father", 12),
    Age(
        "married_too_young",
        "未到法定婚龄（男 22 周岁，女 20 周岁） / married below the legal age (men 22, women 20)",
        "marriage",
        "spouse",
        22,
        "1",
        "1981-01-01",
    ),
    Age(
        "married_too_young",
        "未到法定婚龄（男 22 周岁，女 20 周岁） / married below the legal age (men 22, women 20)",
        "marriage",
        "spouse",
        20,
        "2",
        "1981-01-01",
    ),
    Age(
        "married_too_young",
        "未到法定婚龄（男 22 周岁，女 20 周岁） / married below the legal age (men 22, women 20)",
        "marriage",
        "spouse",
        18,
        "",
        "1950-05-01",
        "1981-01-01",
    ),
    Age("employed_too_young", "参加工作时不满 16 周岁 / began to work before the age of 16", "employment", "employee", 16, "", "1991-04-15"),
    Age("enrolled_too_young", "入学时不满 2 周岁 / was enrolled before the age of 2", "schooling", "pupil", 2),
)
"""Marriage Law of 1950, art. 4 (men 20, women 18) and of 1980, art. 5; State Council Order 81 of 1991 against child labour."""

TWO_MARRIAGES: Final = ("two_marriages", "同时有两个配偶 / married to two at once")
TWO_BIRTHS: Final = ("two_births", "有两次出生 / was born twice, to different parents")


def _sentences() -> dict[str, str]:
    said = {}
    for act in ACTS:
        for kind in ("person", "legal_entity"):
            for wanted, words in ((act.before, BEFORE[kind]), (act.after, AFTER[kind])):
                if wanted:
                    said[f"{act.name}_{'before' if words is BEFORE[kind] else 'after'}_{words[0]}"] = f"{words[1]}{act.zh} / {act.en} {words[2]}"
    said |= {rule.name: rule.says for rule in AGES}
    said |= dict((TWO_MARRIAGES, TWO_BIRTHS))
    for after in ("active", "renamed", "moved", "suspended"):
        for before in ("cancelled", "revoked"):
            said[f"{after}_after_{before}"] = f"{_STATUS_ZH[before]}之后又{_STATUS_ZH[after]} / {after} after it was {before}"
    return said


_STATUS_ZH = {"active": "存续", "renamed": "更名", "moved": "迁址", "suspended": "停业", "cancelled": "注销", "revoked": "吊销"}

SENTENCES: Final[Mapping[str, str]] = _sentences()
"""Rule of `life_conflict` -> the sentence an official reads."""
