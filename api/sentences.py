"""The sentences that `ask` understands: what fits no form (api/sentence_forms.py) is refused, with the nearest examples."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from cityweave.api.sentence_forms import FORMS, PLACE
from cityweave.api.sentence_lists import Fields, Form
from cityweave.engine.errors import InputError

ENTITY = re.compile(r"(?<![0-9A-Za-z])[plbr][0-9a-hjkmnp-tv-z]{1,13}(?![0-9A-Za-z])")


@dataclass(frozen=True)
class Understood:
    """A sentence as understood: entities are still texts."""

    form: Form
    who: Mapping[str, str]
    fields: Fields
    counted: bool = False  # asked how many


MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")

_FINED = "(?:都)?(?:有)?(?:(?:哪些|多少)家?(?:企业|公司|单位))?(?:被|受)"
"""What follows a year that is that of penalties, not the day asked for."""

DATED = (
    ("known", re.compile(r"[,，]?\s*(?:按|就)?(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?所知[,，的]?\s*")),
    ("known", re.compile(r",?\s*as known on (\d{4})-(\d{1,2})-(\d{1,2})", re.IGNORECASE)),
    ("as_of", re.compile(r"[,，]?\s*(?:在|截至|截止)?(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?(?:时|那天|当天|止)?[,，]?\s*(?=.*[一-鿿])(?!.*\bas of\b)")),
    ("as_of", re.compile(rf"[,，]?\s*(?:在)?(\d{{4}})年(?:底|末|时)?(?!\d|秋|{_FINED}|[^ ]*(?:满|上小学|入学|上一年级|上学的))(?=.*[一-鿿])")),
    ("as_of", re.compile(r",?\s*(?:as of|on) (\d{4})-(\d{1,2})-(\d{1,2})", re.IGNORECASE)),
    ("as_of", re.compile(r",?(?<! school)(?<! autumn)(?<! fall)(?<! fined)(?<! punished)(?<! penalised)(?<! penalized)\s+in (\d{4})$", re.IGNORECASE)),
)


def understand(text: str) -> Understood:
    """The first form that the whole sentence fits; InputError with the nearest examples when none does. No part of the sentence stands in the error."""
    plain, dates = _without_dates(_plain(text))
    counted = re.search("多少|几[个名位家处套条张本户口]|how many", plain, re.IGNORECASE) is not None
    for said in (plain, _which(plain)) if counted else (plain,):
        for form in FORMS:
            for pattern in form.patterns:
                found = re.fullmatch(pattern, said, re.IGNORECASE)
                if found:
                    groups = {name: value or "" for name, value in found.groupdict().items()}
                    return Understood(form, {name: groups[name].strip() for name in form.who}, {**form.fields(groups), **dates}, counted)
    near = sorted(FORMS, key=lambda form: -max(SequenceMatcher(None, plain, example).ratio() for example in (form.zh, form.en)))[:3]
    examples = "；".join(f"{form.zh} / {form.en}" for form in near)
    raise InputError("看不懂这句话 / the sentence is not understood", "", f"可以这样问 / ask like this: {examples}")


def _which(text: str) -> str:
    """A sentence that asks how many, as one that asks which."""
    text = re.sub("(?:一共|总共|共)?(有)?(?:多少|几)(?:个|名|位|家|处|套|条|张|本)?", r"\1哪些", text)
    text = re.sub("^how many people (turn|get|enter|start)", r"who \1s", text, flags=re.IGNORECASE)
    return re.sub("^how many (?:people |are )?", "which ", text, flags=re.IGNORECASE)


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


def _plain(text: str) -> str:
    """One line, without a mark at its end, the months of English by number: January 2026 is 2026-01."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().rstrip("?？。.!！").strip()
    plain = re.sub("^(?:请问|请)?(?:帮我|给我)?(?:查一下|查询|看一下|列出|告诉我)?[，,:：]?(?=.)", "", plain)  # 查 alone may be a surname
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
