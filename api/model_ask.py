"""Questions in a sentence, and what can be asked at all (api/model.py says what a question is)."""

from __future__ import annotations

from dataclasses import dataclass

from cityweave.api.model import Question, told, value


@dataclass(frozen=True, kw_only=True)
class Ask(Question):
    """用一句话问（中文或英文），先说明怎样理解 / ask in a sentence, Chinese or English; it says how it understood."""

    name = "ask"
    text: str = value("", "一句话，见参考页“Sentences” / a sentence, see “Sentences” in the reference", "下个月谁满65岁")
    as_of: str | None = told(None, "哪一天的情形；句中也可写明 / as of that date; the sentence may say so, too", "2020-06-30")
    known: str | None = told(None, "按哪一天所知 / as known on that date", "2020-06-30")


@dataclass(frozen=True, kw_only=True)
class Can(Question):
    """已装载的来源能回答什么，缺什么 / what the loaded sources allow to ask, and which gaps there are."""

    name = "can"
