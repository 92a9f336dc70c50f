"""Words of a proposed contract as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from cityweave.cfd_rules.propose_cells import date_forms
from cityweave.cfd_rules.propose_model import Draft


def quoted(text: str) -> str:
    """YAML for a text: plain where that is safe."""
    plain = re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*", text)
    return text if plain and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "none", "y", "n") else json.dumps(text, ensure_ascii=False)


def listing(texts: Iterable[str]) -> str:
    """YAML for several texts."""
    return f"[{', '.join(map(quoted, texts))}]"


def dated(draft: Draft, column: str, *, whole: bool = False) -> str:
    """YAML for a column of dates, with the formats it needs; `whole`: a month means its first day, as terms and insurances begin."""
    forms, _ = date_forms(draft.samples[column].values)
    months = whole and draft.samples[column].share(re.compile(r"(19|20)[0-9]{2}([-/.年][01]?[0-9]月?|[01][0-9])").fullmatch) >= 50
    if draft.samples[column].share(re.compile(r".+日 ?[0-9]{1,2}[时点:].*").fullmatch) >= 50:  # the hour says nothing here
        return f"{{column: {quoted(column)}, pattern: '^(.+日)'}}"
    if not forms and not months:
        return quoted(column)
    pivot = ", pivot: 30" if any("YY" in form.replace("YYYY", "") for form in forms) else ""
    told = "" if not forms else f", format: {forms[0]}" if len(forms) == 1 else f", formats: [{', '.join(forms)}]"
    return f"{{column: {quoted(column)}{told}{pivot}{', day: 1' if months else ''}}}"


def amount(column: str) -> str:
    """YAML for a column of money, of the unit that its heading says."""
    unit = re.search("(万元|亿元|元)", column)
    return f"{{column: {quoted(column)}, measure: amount{f', unit: {unit[0]}' if unit else ''}}}"
