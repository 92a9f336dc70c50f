"""The sentences that `ask` understands: one table of forms, Chinese and English, each with an example. What fits none is refused, with the nearest examples."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from cityweave.api.model_prove import RELATION_WORDS
from cityweave.engine.errors import InputError

Fields = dict[str, object]
Groups = Mapping[str, str]

ENTITY = re.compile(r"(?<![0-9A-Za-z])[plbr][0-9a-hjkmnp-tv-z]{1,13}(?![0-9A-Za-z])")
NUMBER = r"\d{17}[\dXx]|\d{15}"


@dataclass(frozen=True)
class Form:
    """One form: the question it asks, what of the sentence names an entity (group -> kinds), and how the rest becomes fields."""

    question: str
    zh: str  # an example
    en: str
    patterns: tuple[str, ...]
    who: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # group -> kinds of entity; the field has the group's name
    fields: Callable[[Groups], Fields] = lambda groups: {}


@dataclass(frozen=True)
class Understood:
    """A sentence as understood: entities are still texts."""

    form: Form
    who: Mapping[str, str]
    fields: Fields


def _month(groups: Groups) -> str:
    year, month = groups.get("year"), groups.get("month")
    return f"{int(year):04d}-{int(month):02d}" if year and month else "this" if groups.get("this") else "next"


def _turning(groups: Groups) -> Fields:
    return {"age": number(groups["age"]), "month": _month(groups)}


def _listed(rule: str) -> Callable[[Groups], Fields]:
    def made(groups: Groups) -> Fields:
        return {"rule": rule, **({"days": number(groups["days"])} if groups.get("days") else {}), **({"month": _month(groups)} if "month" in groups else {})}

    return made


def _proof(groups: Groups) -> Fields:
    names = {name: groups[name].strip(" ,，") for name in ("one_name", "one_number", "other_name", "other_number")}
    return {"relation": RELATION_WORDS[groups["relation"].lower()], **names}


RELATED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("配偶", "爱人", "丈夫", "妻子", "老公", "老婆", "spouse", "husband", "wife"), ("spouse",)),
    **dict.fromkeys(("父母", "父亲", "母亲", "爸爸", "妈妈", "parents", "father", "mother", "父母和子女", "父母子女", "parents and children"), ("parent",)),
    **dict.fromkeys(("子女", "孩子", "儿子", "女儿", "children", "child", "son", "sons", "daughter", "daughters"), ("parent",)),
    **dict.fromkeys(("亲属", "亲戚", "家人", "亲人", "relatives", "family"), ("kin", "parent", "spouse")),
    **dict.fromkeys(("户主", "head of household"), ("kin",)),
    **dict.fromkeys(("监护人", "被监护人", "guardian", "guardians", "wards"), ("guardian",)),
    **dict.fromkeys(("法定代表人", "法人代表", "法人", "法代", "legal representative", "legal representatives", "represents"), ("legal_representative",)),
    **dict.fromkeys(("单位", "工作单位", "雇主", "员工", "职工", "employer", "employers", "employees", "staff"), ("works_for",)),
    **dict.fromkeys(("学校", "学生", "school", "schools", "pupils", "students"), ("studies_at",)),
    **dict.fromkeys(("住址", "住处", "地址", "address", "addresses", "home"), ("lives_in",)),
    **dict.fromkeys(("房产", "房屋", "房子", "房", "property", "properties", "rooms"), ("owns",)),
}
"""Who or what of an entity is asked -> the relations that say it. Both ends of a relation are shown: whose parents are asked, whose children are seen."""

DOES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("住", "live"), RELATED["住址"]),
    **dict.fromkeys(("工作", "上班", "work"), RELATED["单位"]),
    **dict.fromkeys(("上学", "读书", "就读", "study"), RELATED["学校"]),
}


def _related(groups: Groups) -> Fields:
    return {"types": RELATED[groups["what"].lower()] if groups.get("what") else DOES[groups["does"].lower()]}


def _steps(groups: Groups) -> Fields:
    return {"depth": number(groups["depth"])} if groups["depth"] else {}


WHEN = r"(?:下个?月|(?P<this>这个?月|本月|当月)|(?P<year>\d{4})[年-](?P<month>\d{1,2})月?)"
WHEN_EN = r"(?:next month|(?P<this>this month)|in (?P<year>\d{4})-(?P<month>\d{1,2}))"
CARD = "(?:敬老|老年|优待|老年优待)(?:卡|证)"
DAYS, STEPS, COUNT = (rf"(?P<{name}>\d+|[一二两三四五六七八九十百]+)" for name in ("days", "depth", "best"))
WHERE = r"(?:哪里|哪儿|什么地方|(?:哪|什么)(?:家|个|所)?(?:单位|公司|企业|学校)?)"
PERSON, FIRM, PLACE, ANY = ("person",), ("legal_entity",), ("room", "building"), ("person", "legal_entity", "room", "building")
RELATIONS, WHAT, DOING = ("|".join(sorted(words, key=len, reverse=True)) for words in (RELATION_WORDS, RELATED, DOES))

FORMS: tuple[Form, ...] = (
    Form(
        "prove",
        "王秀英（号码）是李伟（号码）的母亲吗",
        "is 王秀英 (number) the mother of 李伟 (number)",
        (
            rf"(?P<one_name>.+?)[（(]?(?P<one_number>{NUMBER})[)）]?是(?P<other_name>.+?)[（(]?(?P<other_number>{NUMBER})[)）]?的(?P<relation>{RELATIONS})吗?",
            rf"is (?P<one_name>.+?) \(?(?P<one_number>{NUMBER})\)? (?:the|a) (?P<relation>{RELATIONS}) of (?P<other_name>.+?) \(?(?P<other_number>{NUMBER})\)?",
        ),
        fields=_proof,
    ),
    Form(
        "list",
        "下个月谁可以领敬老卡",
        "who gets a senior card next month",
        (
            rf"{WHEN}(?:有)?(?:谁|哪些(?:老人|人))?(?:可以|能|该)?(?:领|申领|办)(?:取)?{CARD}",
            rf"{WHEN}满[0-9一二三四五六七八九十百]+(?:周)?岁(?:还|又|而)?(?:没|没有|未)(?:办|领)(?:过|取)?{CARD}的(?:老人|人)?(?:都)?(?:有|是)?(?:谁|哪些(?:人)?)?",
            rf"who (?:gets|can get|is due) a senior card {WHEN_EN}",
        ),
        fields=_listed("senior-card"),
    ),
    Form(
        "list",
        "30天内哪些居住证到期",
        "which residence permits expire within 30 days",
        (
            rf"(?:今后)?{DAYS}天(?:之)?内(?:有)?哪些居住证(?:将|会)?到期",
            rf"哪些居住证(?:在|将)?{DAYS}天(?:之)?内(?:将|会)?到期",
            rf"which residence permits expire within {DAYS} days",
        ),
        fields=_listed("permit-expiring"),
    ),
    Form(
        "list",
        "60天内哪些证照到期",
        "which certificates expire within 60 days",
        (
            rf"(?:今后)?{DAYS}天(?:之)?内(?:有)?哪些(?:证照|证件|证书)(?:将|会)?到期",
            rf"哪些(?:证照|证件|证书)(?:在|将)?{DAYS}天(?:之)?内(?:将|会)?到期",
            rf"which certificates expire within {DAYS} days",
        ),
        fields=_listed("certificate-expiring"),
    ),
    Form(
        "list",
        "下一个秋季谁该入学",
        "who enters school next autumn",
        (
            r"(?:下一?个?|明年|今年)秋(?:季|天)(?:有)?(?:谁|哪些(?:孩子|儿童))(?:该|要|应)?(?:上学|入学|上小学|上一年级)",
            r"(?:下一?个?|明年|今年)秋(?:季|天)(?:该|要|应)?(?:上学|入学|上小学|上一年级)的(?:孩子|儿童)?(?:名单|有谁|有哪些)?",
            r"who enters school next autumn",
            r"which children (?:start|enter) school next (?:autumn|fall|year)",
        ),
        fields=_listed("school-entry"),
    ),
    Form(
        "turning",
        "下个月谁满65岁",
        "who turns 65 next month",
        (
            rf"{WHEN}(?:有)?(?:谁|哪些(?:老人|人|居民))(?:将|会)?(?:年)?满(?P<age>\d+|[一二两三四五六七八九十百]+)(?:周)?岁",
            rf"(?:有)?(?:谁|哪些(?:老人|人|居民))(?:在)?{WHEN}(?:将|会)?(?:年)?满(?P<age>\d+|[一二两三四五六七八九十百]+)(?:周)?岁",
            rf"{WHEN}(?:将|会)?(?:年)?满(?P<age>\d+|[一二两三四五六七八九十百]+)(?:周)?岁的(?:老人|人|居民)?(?:都)?(?:有|是)(?:谁|哪些(?:人)?)",
            rf"(?:list )?(?:people|who is|those) turning (?P<age>\d+) {WHEN_EN}",
            rf"who turns (?P<age>\d+) {WHEN_EN}",
        ),
        fields=_turning,
    ),
    Form(
        "control",
        "粤海明德科技有限公司的实际控制人是谁",
        "who controls 粤海明德科技有限公司",
        (
            r"(?P<id>.+?)的(?:实际控制人|控制人|实控人|老板|股东|大股东|最终受益人)(?:都)?(?:是|有)(?:谁|哪些(?:人)?)",
            r"谁是(?P<id>.+?)的(?:实际控制人|控制人|实控人|老板|大股东|最终受益人)",
            r"(?P<id>.+?)(?:是|由|被)谁(?:实际)?控制(?:的)?",
            r"谁(?:实际)?控制(?:了|着)?(?P<id>.+)",
            r"who (?:controls|(?:ultimately )?owns) (?!(?:the )?(?:room|building|flat|house) )(?P<id>.+)",
        ),
        {"id": FIRM},
    ),
    Form(
        "firms_of",
        "王秀英及其亲属有哪些企业",
        "which firms do 王秀英 and relatives have",
        (r"(?P<id>.+?)及(?:其)?亲属(?:名下)?(?:有|控制)哪些(?:企业|公司)", r"which firms do (?P<id>.+?) and relatives have"),
        {"id": PERSON},
        lambda groups: {"relatives": True},
    ),
    Form(
        "firms_of",
        "王秀英名下有哪些企业",
        "which firms does 王秀英 have",
        (
            r"(?P<id>.+?)(?:名下)?(?:都)?(?:有|控制|开了?)(?:哪些|几家|多少家)(?:企业|公司)",
            r"(?P<id>.+?)是哪些(?:企业|公司|合作社|单位)的(?:股东|成员|社员|老板)",
            r"(?:which|what) firms does (?P<id>.+?) (?:have|own)",
        ),
        {"id": PERSON},
    ),
    Form(
        "household",
        "王秀英和谁同户",
        "who is in the household of 王秀英",
        (
            r"(?P<id>.+?)(?:和|与|跟)(?:谁|哪些人)(?:是)?(?:同(?:一)?户|(?:在)?(?:同)?一个户口本(?:上)?)",
            r"(?P<id>.+?)(?:家(?:里)?|一家|户口本上)(?:都)?有(?:哪些人|几口人|谁|几个人)",
            r"who is in the household of (?P<id>.+)",
            r"(?:the )?households? of (?P<id>.+)",
        ),
        {"id": PERSON},
    ),
    Form(
        "occupants",
        "谁住在rg0000ae5",
        "who lives at rg0000ae5",
        (r"(?:谁|哪些人)住在?(?P<id>.+)", r"(?P<id>.+?)住(?:着|的是|了)?(?:谁|哪些人|几户(?:人)?|多少人|几个人)", r"who lives (?:at|in) (?P<id>.+)"),
        {"id": PLACE},
    ),
    Form(
        "occupants",
        "rg0000ae5的产权人是谁",
        "who owns the room rg0000ae5",
        (r"(?P<id>.+?)的(?:产权人|房主|业主)(?:是|有)(?:谁|哪些)", r"who owns (?:the )?(?:room|building|flat|house) (?P<id>.+)"),
        {"id": PLACE},
    ),
    Form(
        "rings",
        "哪些投标人可能是一伙",
        "which bidders may belong together",
        (
            r"哪些投标(?:人|单位|企业)(?:可能)?是一伙(?:的)?",
            r"(?:有哪些)?(?:围标串标|围标|串标)(?:的)?线索(?:有哪些)?",
            r"哪些(?:投标人|公司|企业|单位)(?:可能)?(?:在)?(?:围标|串标|围标串标)",
            r"which bidders (?:may )?belong together",
        ),
    ),
    Form(
        "ring",
        "线索gabcd2345有什么证据",
        "what is the evidence of lead gabcd2345",
        (r"线索(?P<lead>[0-9a-z]+)(?:有什么|的)证据(?:是什么)?", r"what is the evidence of lead (?P<lead>[0-9a-z]+)"),
        fields=lambda groups: {"id": groups["lead"]},
    ),
    Form(
        "draw",
        "画出王秀英三步之内的关系图",
        "draw the relations of 王秀英 within 3 steps",
        (
            rf"(?:请)?画(?:出|一下)?(?P<id>.+?)(?:的)?(?:{STEPS}步(?:之|以)?内)?(?:的)?(?:关系|关联)图?",
            r"draw (?:the )?(?:relations|picture|graph) of (?P<id>.+?)(?: within (?P<depth>\d+) steps?)?",
        ),
        {"id": ANY},
        _steps,
    ),
    Form(
        "paths",
        "王秀英和李伟之间最好的3条关系链",
        "the 3 best chains between 王秀英 and 李伟",
        (
            rf"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:的)?最好的(?:{COUNT}条)?(?:关系|关联)?(?:链|路径)(?:是什么|有哪些)?",
            r"(?:what are )?the (?:(?P<best>\d+) )?best (?:chains|paths) between (?P<left>.+?) and (?P<right>.+)",
        ),
        {"left": ANY, "right": ANY},
        lambda groups: {"best": number(groups["best"])} if groups["best"] else {},
    ),
    Form(
        "path",
        "王秀英和李伟是什么关系",
        "how are 王秀英 and 李伟 connected",
        (
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:之间)?(?:是|有)(?:什么|怎样的|何种)(?:关系|关联|联系|亲戚)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:怎样|怎么|如何)(?:相连|关联|联系)",
            r"(?P<left>.+?)(?:和|与|跟)(?P<right>.+?)(?:是不是|是否)(?:夫妻|亲戚|亲属|一家人|一家|同事|有关系|有关联)",
            r"how are (?P<left>.+?) and (?P<right>.+?) (?:connected|related)",
            r"how is (?P<left>.+?) (?:connected|related) to (?P<right>.+)",
        ),
        {"left": ANY, "right": ANY},
    ),
    Form(
        "neighbours",
        "王秀英的配偶是谁",
        "who is the spouse of 王秀英",
        (
            rf"(?:谁|哪些人)是(?P<id>.+?)的(?P<what>{WHAT})",
            rf"(?P<id>.+?)(?:的|名下的?)(?P<what>{WHAT})(?:都)?(?:是|有|在)(?:谁|{WHERE}|哪些|几(?:个|处|套))(?:人)?",
            rf"(?P<id>.+?)(?:名下有?|有)(?:哪些|什么|(?:几|多少)(?:个|处|套))(?P<what>{WHAT})",
            rf"(?P<id>.+?)是(?:哪些|哪几?家|什么)(?:企业|公司|合作社|单位)的(?P<what>{WHAT})",
            rf"(?:who|what) (?:is|are) the (?P<what>{WHAT}) of (?P<id>.+)",
            rf"list the (?P<what>{WHAT}) of (?P<id>.+)",
            r"who (?P<what>represents) (?P<id>.+)",
        ),
        {"id": ANY},
        _related,
    ),
    Form(
        "neighbours",
        "王秀英住在哪里",
        "where does 王秀英 live",
        (
            rf"(?P<id>.+?)(?:现在)?(?P<does>{DOING})在?{WHERE}",
            rf"(?P<id>.+?)(?:现在)?在{WHERE}(?P<does>{DOING})",
            rf"where (?:does|did) (?P<id>.+?) (?P<does>{DOING})",
        ),
        {"id": PERSON},
        _related,
    ),
    Form(
        "neighbours",
        "王秀英有哪些关系",
        "who is 王秀英 related to",
        (r"(?P<id>.+?)(?:有|与)(?:哪些|什么)(?:关系|关联|联系)(?:人)?", r"(?:who|what) is (?P<id>.+?) (?:related|connected) to"),
        {"id": ANY},
    ),
    Form(
        "timeline",
        "王秀英的一生",
        "the life of 王秀英",
        (
            r"(?P<id>.+?)的(?:一生|生平|经历|履历)",
            r"(?P<id>.+?)(?:有没有|是否|是不是)(?:被)?(?:处罚|吊销|注销|结婚|离婚|去世|死亡)(?:过|了)?",
            r"(?P<id>.+?)(?:是)?(?:什么时候|何时|哪天|哪年|哪一年)(?:结的?婚|离的?婚|出生|去世|死亡|成立|注销|搬的?家|迁入|迁出|入职|入学)的?",
            r"(?P<id>.+?)(?:现在)?(?:是不是)?(?:还|仍)?(?:健在|在世|活着|去世|死亡|注销|离过婚|结过婚|结婚|吊销)(?:了)?(?:吗|没有|没)",
            r"(?:show )?the life of (?P<id>.+)",
            r"is (?P<id>.+?) (?:still )?(?:alive|dead|married|in business)",
            r"when (?:was|did) (?P<id>.+?) (?:born|married|marry|die|founded|dissolved)",
        ),
        {"id": ANY},
    ),
    Form(
        "entity",
        "王秀英是谁",
        "who is 王秀英",
        (
            r"(?P<id>[^的]+?)(?:是谁|是什么人|是什么单位|的(?:基本)?(?:信息|情况|档案))",
            r"(?P<id>[^的]+?)的(?:曾用名|性别|民族|出生日期|生日)(?:是什么|是哪天)?",
            r"who is (?!(?:the|a|an|my) )(?P<id>.+)",
        ),
        {"id": ANY},
    ),
    Form("can", "能问什么", "what can be asked", (r"(?:现在)?(?:能|可以)问(?:些)?什么", r"what can (?:be asked|i ask)")),
)
"""In the order in which they are tried."""

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")

DATED = (
    ("known", re.compile(r"[,，]?\s*(?:按|就)?(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?所知[,，的]?\s*")),
    ("known", re.compile(r",?\s*as known on (\d{4})-(\d{1,2})-(\d{1,2})", re.IGNORECASE)),
    ("as_of", re.compile(r"[,，]?\s*(?:在|截至|截止)?(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?(?:时|那天|当天|止)?[,，]?\s*(?=.*[一-鿿])(?!.*\bas of\b)")),
    ("as_of", re.compile(r"[,，]?\s*(?:在)?(\d{4})年(?:底|末|时)?(?!\d|秋|[^ ]*满)(?=.*[一-鿿])")),
    ("as_of", re.compile(r",?\s*(?:as of|on) (\d{4})-(\d{1,2})-(\d{1,2})", re.IGNORECASE)),
    ("as_of", re.compile(r",?\s*in (\d{4})$", re.IGNORECASE)),
)


def understand(text: str) -> Understood:
    """The first form that the whole sentence fits; InputError with the nearest examples when none does. No part of the sentence stands in the error."""
    plain, dates = _without_dates(_plain(text))
    for form in FORMS:
        for pattern in form.patterns:
            found = re.fullmatch(pattern, plain, re.IGNORECASE)
            if found:
                groups = {name: value or "" for name, value in found.groupdict().items()}
                return Understood(form, {name: groups[name].strip() for name in form.who}, {**form.fields(groups), **dates})
    near = sorted(FORMS, key=lambda form: -max(SequenceMatcher(None, plain, example).ratio() for example in (form.zh, form.en)))[:3]
    examples = "；".join(f"{form.zh} / {form.en}" for form in near)
    raise InputError("看不懂这句话 / the sentence is not understood", "", f"可以这样问 / ask like this: {examples}")


def secret(text: str) -> bool:
    """Whether a sentence holds what may not stand on a command line: a number of seven digits and more, or an address."""
    plain = ENTITY.sub(" ", _plain(text))
    if re.search(r"\d{7}", re.sub(r"[\s-]", "", re.sub(r"\d{4}[-年]\d{1,2}[-月]\d{1,2}", " ", plain))):
        return True
    try:
        made = understand(text)
    except InputError:
        return False
    return any(form_kinds == PLACE and not ENTITY.fullmatch(made.who[name]) for name, form_kinds in made.form.who.items())


def number(text: str) -> int:
    """A whole number in digits or in Chinese, up to 999."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += max(digit, 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = "零一二三四五六七八九".find(char.replace("两", "二"))
    return total + digit


def _plain(text: str) -> str:
    """One line, without a mark at its end, the months of English by number: January 2026 is 2026-01."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().rstrip("?？。.!！").strip()
    return re.sub(rf"\b({'|'.join(MONTHS)}) (\d{{4}})\b", lambda found: f"{found[2]}-{MONTHS.index(found[1].lower()) + 1:02d}", plain, flags=re.IGNORECASE)


def _without_dates(text: str) -> tuple[str, Fields]:
    dates: Fields = {}
    for name, pattern in DATED:
        found = pattern.search(text)
        if found and name not in dates:
            year, month, day = (*found.groups(), 12, 31)[:3]  # of a year alone its end
            dates[name] = f"{int(year):04d}-{int(month):02d}-{int(day):02d}"
            text = (text[: found.start()] + text[found.end() :]).strip()
    return text, dates
