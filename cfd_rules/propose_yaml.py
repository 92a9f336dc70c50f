"""A proposed contract as a person will read it: YAML with a reason behind every line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.guess import OP_HEADING, Sample
from cityweave.cfd_rules.model import KINDS
from cityweave.cfd_rules.propose_cells import date_forms
from cityweave.cfd_rules.read_table import ITEM
from cityweave.cfd_rules.sniff import Sniffed

_DATES = ("birth", "founded")
_DROPS, _ENDS = re.compile(r"删|撤|作废|delete|drop|^d$|void", re.IGNORECASE), re.compile(r"注销|终止|失效|停|吊销|end|close|expire", re.IGNORECASE)
_FIRMS = re.compile(r"公司|厂|集团|合伙|中心|有限")
EVENTS: tuple[tuple[str, Mapping[str, str], str, str], ...] = (
    # (type, event role: record role, heading of its date, heading of a date without which it is not told)
    ("birth", {"child": "person|child", "father": "father", "mother": "mother"}, "birth", ""),
    ("marriage", {"spouse_a": "husband", "spouse_b": "wife"}, r"结婚日期|登记日期|marri", ""),
    ("death", {"deceased": "person"}, "", r"死亡日期|死亡时间|去世|death"),
    ("employment", {"employee": "person", "employer": "legal_entity"}, r"参保日期|入职|参加工作|start", ""),
    ("founding", {"firm": "legal_entity"}, "founded", ""),
    ("cancellation", {"firm": "legal_entity"}, "", r"注销日期|注销时间|吊销日期"),
    ("legal_representative", {"person": "legal_rep", "firm": "legal_entity"}, "", ""),
    ("shareholding", {"holder": "shareholder*", "firm": "legal_entity"}, "", ""),
    ("ownership", {"owner": "owner", "room": "room"}, r"登记日期|取得日期", ""),
    ("part_of", {"room": "room", "building": "building"}, "", ""),
)


@dataclass(frozen=True)
class Line:
    """What is proposed for one column."""

    column: str
    role: str  # "" when unmapped
    element: str
    sure: int  # per cent
    why: str
    kind: str = "person"
    measure: str = ""


@dataclass(frozen=True)
class Draft:
    """All that was found out about a file."""

    source: str
    file: str
    sniffed: Sniffed
    rows: int
    broken: int  # rows that cannot be read
    key: tuple[str, ...]
    recorded: str
    lines: tuple[Line, ...]
    samples: Mapping[str, Sample]
    marks: Mapping[str, str]  # column -> what parts the items of its cells
    shares: Mapping[str, str]  # role -> the column with its share

    def of(self, role: str) -> list[Line]:
        """The lines of a role."""
        return [line for line in self.lines if line.role == role]

    def column(self, role: str, element: str) -> str:
        """The column of an element; empty when there is none."""
        return next((line.column for line in self.of(role) if line.element == element), "")

    @property
    def roles(self) -> list[str]:
        """The roles, in the order of the file."""
        return list(dict.fromkeys(line.role for line in self.lines if line.role))


def written(draft: Draft) -> str:
    """The contract."""
    out = [f"# 由 {draft.file}（{draft.rows} 行）推测，请逐行看过 / proposed from {draft.file} ({draft.rows} rows), please read line by line"]
    out += [f"# {why}" for why in draft.sniffed.why]
    if draft.broken:
        out.append(f"# {draft.broken} 行读不了，交付时会隔离 / rows cannot be read and will be quarantined")
    out += [f"source: {draft.source}", f"format: {{{', '.join(_format(draft.sniffed.format))}}}", *_delivery(draft)]
    named = f"key: [{', '.join(map(quoted, draft.key))}]  # 每行不同 / different in every row"
    out.append(named if draft.key else "key: none  # 没有认出给每行编号的列 / no column was seen to number the rows")
    if draft.key and _holds_once(draft):
        out.append("# duplicate_free: true  # 每人、每家只登记一次的登记簿，请去掉行首的 # / a register that holds everyone once: take the # off")
    if draft.recorded:
        out.append(f"recorded_at: {_dated(draft, draft.recorded)}")
    out.append("records:")
    for role in draft.roles:
        out += _role(draft, role)
    events = _events(draft)
    out += ["events:  # 由角色推测 / guessed from the roles", *events] if events else []
    used = "\n".join(re.sub(r"(^ *#|  # ).*", "", line) for line in out)
    loose = [line for line in draft.lines if not line.role and line.column not in draft.key]
    spare = [line for line in loose if not re.search(rf"(?<!\w){re.escape(quoted(line.column))}(?!\w)", used)]
    if spare:
        out += ["unmapped:", *(f"  - {quoted(line.column)}  # {line.why}" for line in spare)]
    return "\n".join(out) + "\n"


def _holds_once(draft: Draft) -> bool:
    """No identifier of those whom the rows are about is seen twice."""
    column = next((line.column for line in draft.of(draft.roles[0]) if line.element in IDENTIFIERS), "") if draft.roles else ""
    sample = draft.samples.get(column)
    return sample is not None and sample.filled >= 80 and sample.distinct == len(sample.values) >= 50


def _format(form: Format) -> list[str]:
    told = [f"kind: {form.kind}"]
    if form.kind in ("csv", "tsv", "jsonl", "json"):
        told.append(f"encoding: {form.encoding}")
    if form.kind == "csv" and form.separator != ",":
        told.append(f"separator: {json.dumps(form.separator, ensure_ascii=False)}")
    told += [f"skip: {form.skip}"] if form.skip else []
    if form.header != 1 and form.kind in ("csv", "tsv", "xlsx"):
        told.append(f"header: {form.header or 'false'}")
    if form.sheets:
        told.append(f"sheets: [{', '.join(map(quoted, form.sheets))}]" if len(form.sheets) > 1 else f"sheet: {quoted(form.sheets[0])}")
    told += [f"sheet_column: {form.sheet_column}"] if form.sheet_column else []
    told += [f"rows: {quoted(form.rows)}"] if form.rows else []
    told += [f"ignore: [{', '.join(json.dumps(word, ensure_ascii=False) for word in form.ignore)}]"] if form.ignore else []
    return told


def _delivery(draft: Draft) -> list[str]:
    op = next((name for name, sample in draft.samples.items() if OP_HEADING.match(name) and 0 < sample.distinct <= 8), "")
    if not op:
        return ["delivery: full  # 每次交全部；只交增量则改为 delta / everything each time; delta if only changes are delivered"]
    words = sorted(set(draft.samples[op].values))
    drop = [word for word in words if _DROPS.search(word)]
    end = [word for word in words if _ENDS.search(word) and word not in drop]
    put = [word for word in words if word not in (*drop, *end)]
    if not put:
        return ["delivery: full", f"# 可能的操作列 / may be the op column: {op}"]
    told = [f"put: [{', '.join(map(quoted, put))}]"]
    told += [f"{name}: [{', '.join(map(quoted, some))}]" for name, some in (("drop", drop), ("end", end)) if some]
    says = "请核对各词的意思 / check what each word means"
    return ["delivery: delta  # 有操作列 / there is an op column", f"op: {{column: {quoted(op)}, {', '.join(told)}}}  # {says}"]


def _role(draft: Draft, role: str) -> list[str]:
    own = draft.of(role)
    kind = role if role in KINDS else "person"
    listed = [line.column for line in own if line.column in draft.marks]
    out = [f"  - role: {role}", f"    kind: {kind}"]
    if listed:
        share = draft.shares.get(role, "")
        columns = [*listed, *(line.column for line in own if line.element in ("name", "id_no") and line.column not in listed)]
        columns += [share] if share and share in draft.marks else []
        marks = "".join(dict.fromkeys(mark for column in columns for mark in draft.marks.get(column, "") if mark != ITEM))
        separators = f", separators: {json.dumps(marks, ensure_ascii=False)}" if marks else ""
        out.append(f"    each: {{columns: [{', '.join(map(quoted, dict.fromkeys(columns)))}]{separators}}}  # 一格多项 / several items in a cell")
    names = [line.column for line in own if line.element in ("name", "id_no", "uscc", "room_code", "building_code")]
    if kind != role and names:
        out.append(f"    when: {{filled: [{', '.join(map(quoted, names))}]}}")
    if kind == "person" and role != "person" and any(_FIRMS.search(value) for column in names for value in draft.samples[column].values):
        out.append("    # 其中有单位：另写一个 kind: legal_entity 的角色，用 when 区分 / firms among them: add a role of kind legal_entity, told apart by when")
    out.append("    elements:")
    if role == "room":  # the code of its building is said of both
        own += [line for line in draft.lines if line.role == "building" and line.element == "building_code"]
    out += [f"      {line.element}: {_cell(draft, line)}  # {line.sure} % {line.why}" for line in own]
    if any(line.element == "id_no" for line in own) and not any(line.element == "id_type" for line in own):
        out.append('      id_type: {constant: "111"}  # 居民身份证 / identity card')
    return out


def _cell(draft: Draft, line: Line) -> str:
    column = quoted(line.column)
    if line.element in IDENTIFIERS:
        return f"{{column: {column}, confirmed: false}}"
    if line.measure:
        at = f", at: {quoted(draft.recorded)}" if draft.recorded else ""
        return f"{{column: {column}, measure: {line.measure}{at}}}"
    if line.element == "capital" and any(re.search("[万亿元]", value) for value in draft.samples[line.column].values):
        return f"{{column: {column}, measure: amount}}"
    return _dated(draft, line.column) if line.element in _DATES else column


def _dated(draft: Draft, column: str) -> str:
    forms, _ = date_forms(draft.samples[column].values)
    if not forms:
        return quoted(column)
    pivot = ", pivot: 30" if any("YY" in form.replace("YYYY", "") for form in forms) else ""
    told = f"format: {forms[0]}" if len(forms) == 1 else f"formats: [{', '.join(forms)}]"
    return f"{{column: {quoted(column)}, {told}{pivot}}}"


def _events(draft: Draft) -> list[str]:
    out = []
    for type_, parties, date, needed in EVENTS:
        found = _parties(draft, parties)
        when = _headed(draft, needed) if needed else ""
        main = next(iter(parties))
        enough = main in found and (len(found) > 1 or len(parties) == 1)
        if not enough or (needed and not when) or (len(parties) == 2 and len(found) < 2):
            continue
        if type_ == "founding" and not draft.column("legal_entity", date):  # who is named as an employer was not founded that day
            continue
        for roles in _each_of(found):
            out += _event(draft, type_, roles, when, date)
    return [*out, *_dwellings(draft)]


def _event(draft: Draft, type_: str, roles: Mapping[str, str], when: str, date: str) -> list[str]:
    told = [f"type: {type_}", f"participants: {{{', '.join(f'{name}: {role}' for name, role in roles.items())}}}"]
    told += ["optional: [father, mother]"] if type_ == "birth" else []
    told += [f"when: {{filled: [{quoted(when)}]}}"] if when else []
    column = draft.column(next(iter(roles.values())), date) if date in _DATES else when or (_headed(draft, date) if date else "")
    ages = any(line.measure for line in draft.lines if line.column == column)
    told += [f"valid_from: {_dated(draft, column)}"] if column and not ages else []
    share = next((draft.shares[role] for role in roles.values() if role in draft.shares and type_ in ("ownership", "shareholding")), "")
    told += [f"detail: {{column: {quoted(share)}, measure: millionths}}"] if share else []
    return [f"  - {{{', '.join(told)}}}"]


def _parties(draft: Draft, parties: Mapping[str, str]) -> dict[str, list[str]]:
    found = {}
    for name, wanted in parties.items():
        pattern = "|".join(re.escape(part).replace(r"\*", ".*") for part in wanted.split("|"))
        roles = [role for role in draft.roles if re.fullmatch(pattern, role)]
        if roles:
            found[name] = roles
    return found


def _each_of(found: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """One event for each role where several may take the first part: shareholder_1, shareholder_2."""
    first = next(iter(found))
    return [{name: role if name == first else roles[0] for name, roles in found.items()} for role in found[first]]


def _dwellings(draft: Draft) -> list[str]:
    household, relation, address = (draft.column("person", element) for element in ("household_no", "relation", "address"))
    out = []
    if household:
        detail = f", detail: {{column: {quoted(relation)}, list: gbt4761}}" if relation else ""
        out.append(f"  - {{type: household, participants: {{member: person, household: {{thing: household, column: {quoted(household)}}}}}{detail}}}")
    if address:
        out.append(f"  - {{type: residence, participants: {{resident: person, home: {{thing: address, column: {quoted(address)}}}}}}}")
    return out


def _headed(draft: Draft, pattern: str) -> str:
    """The first column that is called so and holds dates."""
    named = [name for name in draft.samples if re.search(pattern, name, re.IGNORECASE)]
    return next((name for name in named if date_forms(draft.samples[name].values)[1] >= 60), "")


def quoted(text: str) -> str:
    """YAML for a text: plain where that is safe."""
    plain = re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*", text)
    return text if plain and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "none", "y", "n") else json.dumps(text, ensure_ascii=False)
