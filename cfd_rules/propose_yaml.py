"""A proposed contract as a person will read it: YAML with a reason behind every line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.guess import OP_HEADING
from cityweave.cfd_rules.propose_cells import date_forms
from cityweave.cfd_rules.propose_events import events
from cityweave.cfd_rules.propose_model import Draft, Line
from cityweave.cfd_rules.propose_roles import records
from cityweave.cfd_rules.propose_text import dated, listing, quoted

_DROPS = re.compile(r"删|撤|作废|delete|drop|^d$|void", re.IGNORECASE)
_ENDS = re.compile(r"注销|终止|失效|停|吊销|销户|历史|迁出|end|close|expire", re.IGNORECASE)
_STATUS = re.compile(r"状态$|^status$|zt$", re.IGNORECASE)
_ENDED = re.compile(r"注销日期|销户日期|注吊销日期|终止日期|失效日期|closed|ended", re.IGNORECASE)


def written(draft: Draft) -> list[str]:
    """The lines of the contract, but for the columns that it leaves alone."""
    out = [f"# 由 {draft.file}（{draft.rows} 行）推测，请逐行看过 / proposed from {draft.file} ({draft.rows} rows), please read line by line"]
    out += [f"# {why}" for why in draft.sniffed.why]
    if draft.broken:
        out.append(f"# {draft.broken} 行读不了，交付时会隔离 / rows cannot be read and will be quarantined")
    out += [f"source: {draft.source}", f"format: {{{', '.join(_format(draft.sniffed.format, draft.merged))}}}", *_delivery(draft)]
    named = f"key: {listing(draft.key)}  # 每行不同 / different in every row"
    out.append(named if draft.key else "key: none  # 没有认出给每行编号的列 / no column was seen to number the rows")
    if draft.key and _holds_once(draft):
        out.append("# duplicate_free: true  # 每人、每家只登记一次的登记簿，请去掉行首的 # / a register that holds everyone once: take the # off")
    if draft.recorded:
        out.append(f"recorded_at: {dated(draft, draft.recorded)}")
    out += records(draft)
    told = events(draft)
    out += ["events:  # 由角色推测 / guessed from the roles", *told] if told else []
    return out


def with_spare(draft: Draft, lines: Sequence[str], columns: Collection[str]) -> tuple[str, tuple[Line, ...]]:
    """The whole contract, and the lines with what each column is taken for that is no element: key, event, condition. `columns`: what the contract reads."""
    told = tuple(line if line.role or line.column not in columns else _used(draft, lines, line) for line in draft.lines)
    spare = [line for line in told if line.column not in columns]
    rest = ["unmapped:", *(f"  - {quoted(line.column)}  # {line.why}" for line in spare)] if spare else []
    return "\n".join([*lines, *rest]) + "\n", told


def _used(draft: Draft, lines: Sequence[str], line: Line) -> Line:
    """The line with what its column, which is no element, is taken for."""
    if line.column in draft.key:
        return replace(line, use="主键 key", why="每行不同 / different in every row")
    use = "recorded_at" if line.column == draft.recorded else _place(lines, line.column)
    return replace(line, use=use, why="列名和值 / heading and values")


def _place(lines: Sequence[str], column: str) -> str:
    """The first place of the contract that names a column."""
    word = re.compile(rf"(?<![\w.]){re.escape(quoted(column))}(?![\w.])")
    found = next((line for line in lines if word.search(re.sub(r"(^ *#|  # ).*", "", line))), "")
    event = re.match(r"  - \{type: (\w+)", found)
    return f"事件 event {event[1]}" if event else found.strip().split(":")[0]


def _holds_once(draft: Draft) -> bool:
    """No identifier of those whom the rows are about is seen twice."""
    column = next((line.column for line in draft.of(draft.roles[0]) if line.element in IDENTIFIERS), "") if draft.roles else ""
    sample = draft.samples.get(column)
    return sample is not None and sample.filled >= 80 and sample.distinct == len(sample.values) >= 50


def _format(form: Format, merged: Sequence[str]) -> list[str]:
    told = [f"kind: {form.kind}"]
    if form.kind in ("csv", "tsv", "jsonl", "json"):
        told.append(f"encoding: {form.encoding}")
    if form.kind == "csv" and form.separator != ",":
        told.append(f"separator: {json.dumps(form.separator, ensure_ascii=False)}")
    told += [f"skip: {form.skip}"] if form.skip else []
    if form.header != 1 and form.kind in ("csv", "tsv", "xlsx"):
        told.append(f"header: {form.header or 'false'}")
    if form.sheets:
        told.append(f"sheets: {listing(form.sheets)}" if len(form.sheets) > 1 else f"sheet: {quoted(form.sheets[0])}")
    told += [f"sheet_column: {form.sheet_column}"] if form.sheet_column else []
    told += [f"rows: {quoted(form.rows)}"] if form.rows else []
    told += [f"ignore: [{', '.join(json.dumps(word, ensure_ascii=False) for word in form.ignore)}]"] if form.ignore else []
    told += [f"fill_down: {listing(merged)}"] if merged else []
    return told


def _delivery(draft: Draft) -> list[str]:
    """How the rows are delivered: by the words of an operation column, or of a status in which some rows have ended."""
    op = next((name for name in draft.samples if OP_HEADING.match(name) and draft.words(name)), "")
    status = next((name for name in draft.samples if _STATUS.search(name) and _sorted(draft.words(name))[2]), "") if not op else ""
    full = "delivery: full  # 每次交全部；只交增量则改为 delta / everything each time; delta if only changes are delivered"
    put, drop, end = _sorted(draft.words(op or status)) if op or status else ((), (), ())
    if not put:
        return [full, *([f"# 可能的操作列 / may be the op column: {op}"] if op else [])]
    told = [f"put: {listing(put)}"]
    told += [f"{name}: {listing(some)}" for name, some in (("drop", drop), ("end", end)) if some]
    says = "请核对各词的意思 / check what each word means"
    out = ["delivery: delta  # 有操作列 / there is an op column" if op else full]
    out.append(f"op: {{column: {quoted(op or status)}, {', '.join(told)}}}  # {says}")
    ended = next((name for name in draft.samples if _ENDED.search(name) and date_forms(draft.samples[name].values)[1] >= 60), "")
    if ended and end:
        out.append(f"valid_to: {_when(dated(draft, ended), f'equals: {{{quoted(op or status)}: {listing(end)}}}')}")
    return out


def _when(cell: str, condition: str) -> str:
    inner = cell[1:-1] if cell.startswith("{") else f"column: {cell}"
    return f"[{{{inner}, when: {{{condition}}}}}]"


def _sorted(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Words that put, that withdraw, that end."""
    drop = [word for word in words if _DROPS.search(word)]
    end = [word for word in words if _ENDS.search(word) and word not in drop]
    return [word for word in words if word not in (*drop, *end)], drop, end
