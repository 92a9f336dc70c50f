"""The `records` of a proposed contract: a role for everyone a row speaks of, with a reason behind every line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.guess import PASSPORT, is_name, is_organisation
from cityweave.cfd_rules.guess_heading import said
from cityweave.cfd_rules.propose_model import FEW, Columns, Draft, Line, Split
from cityweave.cfd_rules.propose_text import amount, dated, listing, quoted
from cityweave.cfd_rules.read_table import ITEM

_DATES = ("birth", "founded")
_NAMED_BY = ("name", "id_no", "uscc", "room_code", "building_code")
CODE, OLD_CODE = r"^[0-9A-Z*]{16,18}$", r"^([0-9A-Z]{8}-?[0-9X]|[0-9]{13}|[0-9]{15})$"
"""Unified codes, whole or masked; organisation codes and registration numbers."""


def splits(columns: Columns, lines: Sequence[Line]) -> dict[str, Split]:
    """Roles that are people in some rows and firms in others, where the words of a column tell which: 权利人类型 个人, 企业."""
    found = {}
    roles = {line.role for line in lines}
    for line in lines:
        if line.element != "name" or line.kind != "person":
            continue
        if told := _told_apart(columns, line.column):
            firm = "legal_entity" if line.role == "person" and "legal_entity" not in roles else f"{line.role}_firm"
            found[line.role] = Split(line.role, firm, *told)
    return found


def _told_apart(columns: Columns, names: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """The column of few words of which each goes with people alone or with firms alone."""
    for column, sample in columns.samples.items():
        listed = column in columns.marks
        if column == names or not 2 <= sample.distinct <= FEW or (listed and columns.beside.get(column) != names and columns.beside.get(names) != column):
            continue
        rows = columns.frame.gather_every(max(columns.frame.height // SAMPLED_ROWS, 1)).select(name=pl.col(names), word=pl.col(column)).drop_nulls()
        parted = rows.with_columns(_parted("name", columns.marks.get(names, "")), _parted("word", columns.marks.get(column, "")))
        if listed:
            parted = parted.filter(pl.col("name").list.len() == pl.col("word").list.len()).explode("name", "word")
        else:
            parted = parted.explode("word").explode("name")
        told = parted.with_columns(pl.all().str.strip_chars()).with_columns(
            firm=pl.col("name").map_elements(is_organisation, pl.Boolean), person=pl.col("name").map_elements(is_name, pl.Boolean)
        )
        shares = told.group_by("word").agg(firms=pl.col("firm").mean(), people=pl.col("person").mean()).sort("word")
        people = tuple(shares.filter((pl.col("people") >= CLEAR) & (pl.col("firms") <= 1 - CLEAR))["word"])
        firms = tuple(shares.filter((pl.col("firms") >= CLEAR) & (pl.col("people") <= 1 - CLEAR))["word"])
        if people and firms and len(people) + len(firms) == shares.height:
            return column, people, firms
    return None


SAMPLED_ROWS = 20_000
CLEAR = 0.7
"""The share of the names beside a word that must be people's, or firms', for it to mean them."""


def _parted(column: str, marks: str) -> pl.Expr:
    if not marks:
        return pl.concat_list(column)
    return pl.col(column).str.strip_chars(ITEM).str.replace_all(f"[{re.escape(marks)}]", ITEM).str.split(ITEM)


def records(draft: Draft) -> list[str]:
    """The lines of `records`."""
    if not draft.roles:
        return ["records: []  # 没有认出写的是谁；若与人、法人、房屋无关，删去本合同 / nobody was seen here: write the roles, or delete this contract"]
    out = ["records:"]
    for role in draft.roles:
        out += _role(draft, role, draft.of(role), draft.splits.get(role))
        if role in draft.splits:
            out += _firm(draft, draft.splits[role])
    return out


def _role(draft: Draft, role: str, own: list[Line], split: Split | None) -> list[str]:
    kind = own[0].kind
    out = [f"  - role: {role}", f"    kind: {kind}", *_each(draft, own, split)]
    names = [line.column for line in own if line.element in _NAMED_BY]
    partly = role in ("room", "legal_entity") and all(draft.samples[column].filled < FULL for column in names)
    if split:
        out.append(f"    when: {{equals: {{{quoted(split.column)}: {listing(split.people)}}}}}")
    elif names and (partly or role not in ("person", "legal_entity", "building", "room")):
        out.append(f"    when: {{filled: {listing(names)}}}")
    if kind == "person" and not split and any(draft.samples[column].share(is_organisation) for column in names):
        out.append("    # 其中有单位：另写一个 kind: legal_entity 的角色，用 when 区分 / firms among them: add a role of kind legal_entity, told apart by when")
    out.append("    elements:")
    if role == "room":  # the code of its building is said of both
        own = own + [line for line in draft.lines if line.role == "building" and line.element == "building_code"]
    out += [f"      {line.element}: {_cell(draft, line)}  # {line.sure} % {line.why}" for line in own if line.element not in _CODES]
    out += _codes(draft, [line for line in own if line.element in _CODES], mixed=split is not None)
    out += _id_type(draft, own)
    if role in _SEX and not any(line.element == "sex" for line in own):
        out.append(f'      sex: {{constant: "{_SEX[role]}"}}')
    return out


FULL = 99
_CODES = ("uscc", "reg_no")
_SEX = {"father": "1", "husband": "1", "mother": "2", "wife": "2"}


def _firm(draft: Draft, split: Split) -> list[str]:
    """The same columns in the rows where the role is a firm's."""
    own = [line for line in draft.of(split.role) if line.element in ("name", "id_no", "address", "phone")]
    own = [replace(line, kind="legal_entity", role=split.firm, element=line.element.replace("id_no", "uscc")) for line in own]
    other = Split(split.firm, split.role, split.column, split.firms, split.people)
    return _role(draft, split.firm, own, other)


def _each(draft: Draft, own: Sequence[Line], split: Split | None) -> list[str]:
    marks_of = draft.columns.marks
    listed = [line.column for line in own if line.column in marks_of and line.element != "former_name"]  # several former names are one firm's
    if not listed:
        return []
    role = said(listed[0]).role
    columns = [*listed, *(line.column for line in own if line.element in ("name", "id_no", "uscc") and line.column not in listed)]
    columns += [split.column] if split and split.column in marks_of else []
    shares = {draft.shares.get(name) for name in (own[0].role, own[0].role.removesuffix("_firm"))}
    columns += [column for column in marks_of if (role and said(column).role == role) or column in shares]
    marks = "".join(dict.fromkeys(mark for column in columns for mark in marks_of.get(column, "") if mark != ITEM))
    separators = f", separators: {json.dumps(marks, ensure_ascii=False)}" if marks else ""
    return [f"    each: {{columns: {listing(dict.fromkeys(columns))}{separators}}}  # 一格多项 / several items in a cell"]


def _cell(draft: Draft, line: Line) -> str:
    column = quoted(line.column)
    if line.element in IDENTIFIERS:
        return f"{{column: {column}, confirmed: false}}"
    if line.element == "id_part":
        return f"{{column: {column}, measure: {'head' if re.search('前', line.column) else 'tail'}}}"
    if line.measure:
        at = f", at: {quoted(draft.recorded)}" if draft.recorded else ""
        return f"{{column: {column}, measure: {line.measure}{at}}}"
    if line.element == "capital" and any(re.search("[万亿元]", text) for text in (line.column, *draft.samples[line.column].values)):
        return amount(line.column)
    return dated(draft, line.column) if line.element in _DATES else column


def _codes(draft: Draft, own: Sequence[Line], *, mixed: bool) -> list[str]:
    """Unified codes and old numbers; where one column holds both, each value where it fits."""
    out = []
    for line in own:
        sample = draft.samples[line.column]
        column, why = quoted(line.column), f"  # {line.sure} % {line.why}"
        old = sample.share(re.compile(OLD_CODE).fullmatch) if line.element == "uscc" and len(own) == 1 else 0
        if not old and not mixed:
            out.append(f"      {line.element}: {{column: {column}, confirmed: false}}{why}")
            continue
        for element, pattern in (("uscc", CODE), ("reg_no", OLD_CODE)):
            when = f"when: {{matches: {{{column}: {json.dumps(pattern)}}}}}"
            out.append(f"      {element}: {{column: {column}, confirmed: false, {when}}}{why}")
    return out


def _id_type(draft: Draft, own: Sequence[Line]) -> list[str]:
    column = next((line.column for line in own if line.element == "id_no"), "")
    if not column or any(line.element == "id_type" for line in own):
        return []
    passports = draft.samples[column].share(re.compile(PASSPORT).fullmatch)
    if passports >= 50:
        return ['      id_type: {constant: "414"}  # 普通护照 / passport']
    if any(re.fullmatch(PASSPORT, value) for value in draft.samples[column].values):
        passport = f'{{constant: "414", when: {{matches: {{{quoted(column)}: "{PASSPORT}"}}}}}}'
        card = f'{{constant: "111", when: {{filled: [{quoted(column)}]}}}}'
        return [f"      id_type: [{passport}, {card}]  # 护照，余为居民身份证 / passports, else identity cards"]
    return ['      id_type: {constant: "111"}  # 居民身份证 / identity card']
