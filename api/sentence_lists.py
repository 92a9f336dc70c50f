"""The forms of sentences about lists and ages (api/sentences.py): who is due when, what expires, who enters school."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Fields = dict[str, object]
Groups = Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """One form: the question it asks, what of the sentence names an entity (group -> kinds), and how the rest becomes fields."""

    question: str
    zh: str  # an example
    en: str
    patterns: tuple[str, ...]
    who: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # group -> kinds of entity; the field has the group's name
    fields: Callable[[Groups], Fields] = lambda groups: {}


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


def _month(groups: Groups) -> str:
    year, month = groups.get("year") or ("next" if groups.get("rel") in ("明年", "next year") else "this" if groups.get("rel") else ""), groups.get("month")
    return f"{year}-{number(month):02d}" if year and month else "this" if groups.get("this") else "next"


def _autumn(groups: Groups) -> Fields:
    """The school year by the September in which it begins; none named: the next one."""
    year, rel = (groups.get(name) or groups.get(f"{name}_9") for name in ("year", "rel"))
    return {"rule": "school-entry", **({"month": _month({"year": year or "", "rel": rel or "", "month": "9"})} if year or rel else {})}


def _turning(groups: Groups) -> Fields:
    return {"age": number(groups["age"]), "month": _month(groups)}


def _days(groups: Groups) -> int:
    """So many days ahead: of months and years no fewer than they may have; 0 where none are named."""
    span = {"half": 184, "whole": 366}
    named = next((days for name, days in span.items() if groups.get(name)), 0)
    return number(groups["days"]) if groups.get("days") else 31 * number(groups["months"]) if groups.get("months") else named


def _listed(rule: str) -> Callable[[Groups], Fields]:
    def made(groups: Groups) -> Fields:
        what = groups.get("what") or ""
        kind = {"what": next((zh for zh, en in KINDS_EN if re.fullmatch(en, what, re.IGNORECASE)), what)} if what else {}
        days = _days(groups)
        when: Fields = {"days": days} if days else {"month": _month(groups)} if "month" in groups else {}
        return {"rule": rule, **kind, **when}

    return made


MONTH = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})"
WHEN = rf"(?:下个?月|(?P<this>这个?月|本月|当月)|(?:(?P<year>\d{{4}})[年-]|(?P<rel>今年|明年)){MONTH}月?(?:份)?)"
WHEN_EN = r"(?:next month|(?P<this>this month)|in (?P<year>\d{4})-(?P<month>\d{1,2}))"
CARD = "(?:敬老|老年|优待|老年优待)(?:卡|证)"
DAYS = r"(?P<days>\d+|[一二两三四五六七八九十百]+)"
SPAN = rf"(?:{DAYS}天|(?P<half>半年)|(?P<whole>一年)|(?P<months>\d+|[一二两三四五六七八九十]+)个月)"
SPAN_EN = r"(?:(?P<days>\d+) days|(?P<half>half a year)|(?P<whole>(?:a|one) year)|(?P<months>\d+) months)"
AGE = r"(?P<age>\d+|[一二两三四五六七八九十百]+)(?:周)?岁"
LISTED = "(?:都)?(?:(?:有|是)(?:谁|哪些(?:人|孩子)?)|名单)?"
KIND = r"(?P<what>(?!证照|证件|证书)[一-鿿]{1,10}?(?:证书|许可证|[证照]))"
KINDS_EN = (("驾驶证", "driv(?:ing|er'?s?'?) licen[cs]es?"), ("营业执照", "business licen[cs]es?"), ("许可证", "licen[cs]es"))
KIND_EN = f"(?P<what>{'|'.join(en for _, en in KINDS_EN)})"
AUTUMN = r"(?:(?:下一?个?|(?P<year>\d{4})年|(?P<rel>今年|明年))秋(?:季|天)|(?:(?P<year_9>\d{4})年|(?P<rel_9>今年|明年))(?:(?:0?9|九)月(?:份)?)?)"
AUTUMN_EN = r"(?:next autumn|next fall|(?P<rel>next year)|in (?:(?:the )?(?:autumn|fall) (?:of )?)?(?P<year>\d{4})|in (?P<year_9>\d{4})-0?9)"
ENTERS = "(?:上学|入学|上小学|上一年级|读小学|读一年级)"


def _expiring(what: str, what_en: str) -> tuple[str, ...]:
    """The patterns of what expires within some days, or in a month."""
    zh, en = (rf"(?:(?:今后|未来)?{SPAN}(?:(?:之|以)?内)?|{WHEN})", rf"(?:within (?:the next )?{SPAN_EN}|{WHEN_EN})")
    return (
        rf"{zh}(?:有)?哪些{what}(?:将|会|要)?到期",
        rf"哪些{what}(?:在|将)?{zh}(?:将|会|要)?到期",
        rf"{zh}(?:将|会|要)?到期的{what}{LISTED}",
        rf"(?:谁|哪些人)的{what}(?:在|将)?{zh}(?:将|会|要)?到期",
        rf"{zh}{what}(?:将|会|要)?到期的(?:人|居民)?{LISTED}",
        rf"which {what_en} (?:will )?(?:expire|run out) {en}",
        rf"(?:list )?(?:the )?{what_en} (?:that (?:expire|run out)|(?:expiring|running out)) {en}",
    )


LIST_FORMS: tuple[Form, ...] = (
    Form(
        "list",
        "下个月谁可以领敬老卡",
        "who gets a senior card next month",
        (
            rf"{WHEN}(?:有)?(?:谁|哪些(?:老人|人))?(?:可以|能|该)?(?:领|申领|办)(?:取)?{CARD}",
            rf"{WHEN}满[0-9一二三四五六七八九十百]+(?:周)?岁(?:还|又|而)?(?:没|没有|未)(?:办|领)(?:过|取)?{CARD}的(?:老人|人)?(?:都)?(?:有|是)?(?:谁|哪些(?:人)?)?",
            rf"{WHEN}(?:可以|能|该|应)(?:领|申领|办)(?:取)?{CARD}的(?:老人|人|居民)?{LISTED}",
            rf"who (?:gets|can get|is due) a senior card {WHEN_EN}",
        ),
        fields=_listed("senior-card"),
    ),
    Form(
        "list",
        "30天内哪些居住证到期",
        "which residence permits expire within 30 days",
        (
            *_expiring("居住证", "residence permits"),
        ),
        fields=_listed("permit-expiring"),
    ),
    Form(
        "list",
        "60天内哪些证照到期",
        "which certificates expire within 60 days",
        (
            *_expiring("(?:证照|证件|证书)", "certificates"),
        ),
        fields=_listed("certificate-expiring"),
    ),
    Form(
        "list",
        "半年内到期的驾驶证",
        "driving licences expiring within 6 months",
        (
            *_expiring(KIND, KIND_EN),
        ),
        fields=_listed("certificate-expiring"),
    ),
    Form(
        "list",
        "下一个秋季谁该入学",
        "who enters school next autumn",
        (
            rf"{AUTUMN}(?:有)?(?:谁|哪些(?:孩子|儿童|小孩|适龄儿童))(?:该|要|应|应该)?{ENTERS}",
            rf"{AUTUMN}(?:该|要|应|应该)?{ENTERS}的(?:孩子|儿童|小孩|适龄儿童){LISTED}",
            rf"{AUTUMN}(?:该|要|应|应该){ENTERS}的{LISTED}",
            rf"(?:who|which children) (?:enters?|starts?) school {AUTUMN_EN}",
            rf"(?:list )?children (?:entering|starting) school {AUTUMN_EN}",
        ),
        fields=_autumn,
    ),
    Form(
        "turning",
        "下个月谁满65岁",
        "who turns 65 next month",
        (
            rf"{WHEN}(?:有)?(?:谁|哪些(?:老人|人|居民))(?:将|会)?(?:年)?满{AGE}",
            rf"(?:有)?(?:谁|哪些(?:老人|人|居民))(?:在)?{WHEN}(?:将|会)?(?:年)?满{AGE}",
            rf"{WHEN}(?:将|会)?(?:年)?满{AGE}的(?:老人|人|居民|人员)?{LISTED}",
            rf"(?:list )?(?:people|who is|those)(?: who are)? turning (?P<age>\d+) {WHEN_EN}",
            rf"who (?:turns|will turn|will be|becomes) (?P<age>\d+) {WHEN_EN}",
        ),
        fields=_turning,
    ),
)
