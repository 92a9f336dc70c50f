"""A contract proposed for a file nobody has described: format, columns, key, each with how sure and why. A person reads it and confirms the identifiers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cityweave.cfd_rules.contract import FileKind, Format
from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.guess import KEY_HEADING, NAMELESS, OP_HEADING, PREFIXES, RECORDED_HEADING, Guess, Sample, guesses, is_date
from cityweave.cfd_rules.read import read
from cityweave.cfd_rules.read_csv import likely_encoding
from cityweave.cfd_rules.registry import Registry

SAMPLED = 1_000
"""Values looked at in a column, spread over the file."""

SURE_ENOUGH = 50
"""Below so many per cent a column is left unmapped, with what it might be."""


@dataclass(frozen=True)
class Line:
    """What is proposed for one column."""

    column: str
    role: str  # "" when unmapped
    element: str
    sure: int  # per cent
    why: str


@dataclass(frozen=True)
class Proposal:
    """A contract to be looked at."""

    source: str
    format: Format
    rows: int
    key: tuple[str, ...]
    recorded_at: str
    lines: tuple[Line, ...]
    yaml: str

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The identifier columns a person must look at."""
        return tuple(line.column for line in self.lines if line.element in IDENTIFIERS)


@dataclass(frozen=True)
class _Columns:
    """The file's columns as polars text and as samples."""

    frame: pl.DataFrame
    samples: Mapping[str, Sample]


def propose(path: Path, registry: Registry, source: str = "") -> Proposal:
    """What a contract for this file may look like. InputError when no format fits it."""
    form = sniff(path)
    cells = read(path, form)
    frame = pl.DataFrame(pl.from_arrow(cells.table)).filter(cells.problem.is_null())
    if frame.is_empty():
        raise InputError("没有数据行 / there is no data row", path.name, "换一个有数据的文件 / take a file with data")
    columns = _Columns(frame, {name: _sample(frame, name) for name in frame.columns})
    lines = _lines(columns, registry)
    key = _key(columns, lines)
    recorded = next((name for name in frame.columns if RECORDED_HEADING.search(name) and columns.samples[name].share(is_date) >= 80), "")
    named = source or re.sub(r"[^a-z0-9_]+", "_", path.stem.lower()).strip("_")
    named = named if re.match(r"[a-z]", named) else f"source_{named}".rstrip("_")
    return Proposal(named, form, frame.height, key, recorded, lines, _yaml(named, path.name, form, frame.height, key, recorded, lines, columns))


def sniff(path: Path) -> Format:
    """The format of a file, by its first bytes and lines."""
    if not path.is_file():
        raise InputError("没有这个文件 / there is no such file", str(path.name))
    with path.open("rb") as file:
        head = file.read(1 << 18)
    if not head.strip():
        raise InputError("文件是空的 / the file is empty", path.name)
    if head.startswith(b"PAR1"):
        return Format("parquet")
    if head.startswith(b"PK\x03\x04"):
        return Format("xlsx")
    encoding = likely_encoding(head)
    text = head.decode(encoding, errors="ignore").removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        return Format("jsonl", encoding)
    separator = _separator(text)
    kind: FileKind = "tsv" if separator == "\t" else "csv"
    return Format(kind, encoding, separator, header=_has_header(text, separator))


def _separator(text: str) -> str:
    """The separator that gives most lines the same number of fields, more than one."""
    lines = [line for line in text.splitlines()[:200] if line][:-1] or text.splitlines()[:1]
    best = (0, ",")
    for mark in (",", "\t", ";", "|"):
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        common = max(sorted(set(widths)), key=widths.count)
        if common > 1:
            best = max(best, (widths.count(common) * 1000 // len(widths) * 100 + common, mark))
    return best[1]


def _has_header(text: str, separator: str) -> bool:
    """A first row of distinct, filled texts none of which looks like a value is a header."""
    first = next(csv.reader(io.StringIO(text), delimiter=separator))
    return len(set(first)) == len(first) and all(cell.strip() and not re.search(r"^[0-9./-]+$|[0-9]{6}", cell) for cell in first)


def _sample(frame: pl.DataFrame, name: str) -> Sample:
    filled = frame[name].drop_nulls()
    values = filled.gather_every(max(filled.len() // SAMPLED, 1)).to_list()[:SAMPLED]
    return Sample(name, tuple(values), filled.n_unique(), filled.len() * 100 // frame.height)


def _lines(columns: _Columns, registry: Registry) -> tuple[Line, ...]:
    """The surest guesses first: every column at most one element, every element of a role at most one column."""
    made_of = _made_of(columns)
    options: list[tuple[Guess, str, str]] = []
    seconds: dict[str, str] = {}
    for name, sample in columns.samples.items():
        role, rest = _role(name)
        found = guesses(Sample(rest, sample.values, sample.distinct, sample.filled), registry) if role else guesses(sample, registry)
        found = [*found, *_by_comparison(name, made_of)]
        options += [(guess, role, name) for guess in found if not (name in made_of and guess.element == "name")]
        seconds[name] = "；".join(dict.fromkeys(f"{guess.element}? {guess.why}" for guess in found[:2]))
    options = _at_home(options)
    taken: dict[str, Line] = {}
    used: set[tuple[str, str]] = set()
    for guess, prefix, name in sorted(options, key=lambda option: (-option[0].sure, columns.frame.columns.index(option[2]), option[0].element)):
        role = prefix or guess.kind
        if guess.sure >= SURE_ENOUGH and name not in taken and (role, guess.element) not in used:
            taken[name] = Line(name, role, guess.element, guess.sure, guess.why)
            used.add((role, guess.element))
    return tuple(taken.get(name) or _unmapped(name, made_of, seconds) for name in columns.frame.columns)


def _at_home(options: Sequence[tuple[Guess, str, str]]) -> list[tuple[Guess, str, str]]:
    """Address and phone belong to the firm in a register of firms: where firms are named and no person is."""
    headed = {(guess.kind, guess.element) for guess, role, _ in options if not role and guess.sure >= 85}
    firms = ("legal_entity", "name") in headed and ("person", "name") not in headed
    moved = ("address", "phone") if firms else ()
    return [(replace(guess, kind="legal_entity") if not role and guess.element in moved else guess, role, name) for guess, role, name in options]


def _role(heading: str) -> tuple[str, str]:
    """The role a heading speaks of, when it is somebody else's: 父亲姓名 is the father's 姓名; 法定代表人 by itself a name."""
    for prefix, role in PREFIXES.items():
        if heading.startswith(prefix) and not heading.startswith("户主关系"):
            return role, heading.removeprefix(prefix) or "姓名"
    return "", heading


def _unmapped(name: str, made_of: Mapping[str, tuple[str, str]], seconds: Mapping[str, str]) -> Line:
    if name in made_of:
        first, second = made_of[name]
        return Line(name, "", "", 0, f"重复：由 {first} 与 {second} 拼成 / redundant: made of {first} and {second}")
    return Line(name, "", "", 0, seconds[name] or "没有把握 / no idea")


def _made_of(columns: _Columns) -> dict[str, tuple[str, str]]:
    """Columns that are two other columns with a space between: redundant, and they tell which is the given name and which the surname."""
    texts = [name for name, sample in columns.samples.items() if sample.share(re.compile(r"[^\W\d]").search) >= 80]
    rows = columns.frame.select(texts).gather_every(max(columns.frame.height // SAMPLED, 1))
    made: dict[str, tuple[str, str]] = {}
    for whole in texts:
        filled = rows.filter(pl.col(whole).is_not_null())
        for first in texts:
            for second in texts:
                if len({whole, first, second}) == 3 and filled.height and _share(filled, pl.col(first) + " " + pl.col(second) == pl.col(whole)) >= 85:
                    made[whole] = (first, second)
    return made


def _share(rows: pl.DataFrame, test: pl.Expr) -> int:
    return int(rows.select(test.fill_null(False).sum()).item()) * 100 // rows.height


def _by_comparison(name: str, made_of: Mapping[str, tuple[str, str]]) -> list[Guess]:
    """What a column is because of the columns it makes up."""
    for whole, (first, second) in made_of.items():
        if name in (first, second):
            element = "given_name" if name == first else "surname"
            return [Guess("person", element, 80, f"{whole} 的{'前' if name == first else '后'}半 / one half of {whole}")]
    return []


def _key(columns: _Columns, lines: Sequence[Line]) -> tuple[str, ...]:
    """The column that numbers the rows: filled and different in every row, and called so or looking so."""
    mapped = {line.column: line.element for line in lines}
    for name, sample in columns.samples.items():
        unique = sample.filled == 100 and sample.distinct == columns.frame.height
        coded = sample.share(re.compile(r"[A-Za-z0-9_-]{1,40}").fullmatch) == 100 and sample.share(re.compile(r"[0-9]").search) >= 95
        meant = KEY_HEADING.search(name) or (NAMELESS.fullmatch(name) and not mapped[name])
        if unique and coded and meant and mapped[name] not in ("id_no", "phone") and sample.share(is_date) < 50:
            return (name,)
    return ()


def _yaml(source: str, file: str, form: Format, rows: int, key: Sequence[str], recorded: str, lines: Sequence[Line], columns: _Columns) -> str:
    """The contract as a person will read it: a comment with the reason behind every line."""
    options = [f"kind: {form.kind}"]
    if form.kind in ("csv", "tsv", "jsonl"):
        options.append(f"encoding: {form.encoding}")
    if form.kind == "csv" and form.separator != ",":
        options.append(f"separator: {_quoted(form.separator)}")
    if not form.header:
        options.append("header: false")
    out = [
        f"# 由 {file}（{rows} 行）推测，请逐行看过 / proposed from {file} ({rows} rows), please read line by line",
        f"source: {source}",
        f"format: {{{', '.join(options)}}}",
        "delivery: full  # 每次交全部；只交增量则改为 delta / everything each time; delta if only changes are delivered",
    ]
    named = f"key: [{', '.join(map(_quoted, key))}]  # 每行不同 / different in every row"
    out.append(named if key else "key: none  # 没有一列每行不同 / no column is different in every row")
    if recorded:
        out.append(f"recorded_at: {_quoted(recorded)}")
    op = next((name for name, sample in columns.samples.items() if OP_HEADING.match(name) and sample.distinct <= 6), "")
    if op:
        out.append(f"# 可能的操作列 / may be the op column: {op}")
    out += ["records:"]
    for role in dict.fromkeys(line.role for line in lines if line.role):
        out += _role_lines(role, lines)
    spare = [line for line in lines if not line.role]
    if spare:
        out.append("unmapped:")
        out += [f"  - {_quoted(line.column)}  # {line.why}" for line in spare if line.column not in key and line.column != recorded]
    return "\n".join(line for line in out if not (line == "unmapped:" and not out[out.index(line) + 1 :])) + "\n"


def _role_lines(role: str, lines: Sequence[Line]) -> list[str]:
    own = [line for line in lines if line.role == role]
    kind = role if role in ("person", "legal_entity", "building", "room") else "person"
    out = [f"  - role: {role}", f"    kind: {kind}"]
    names = [line.column for line in own if line.element in ("name", "id_no", "uscc", "room_code", "building_code")]
    if kind != role and names:
        out.append(f"    when: {{filled: [{', '.join(map(_quoted, names))}]}}")
    out.append("    elements:")
    if role == "room":  # the code of its building is said of both
        own += [Line(line.column, role, line.element, line.sure, line.why) for line in lines if line.role == "building" and line.element == "building_code"]
    for line in own:
        column = _quoted(line.column)
        value = f"{{column: {column}, confirmed: false}}" if line.element in IDENTIFIERS else column
        out.append(f"      {line.element}: {value}  # {line.sure} % {line.why}")
    if any(line.element == "id_no" for line in own) and not any(line.element == "id_type" for line in own):
        out.append('      id_type: {constant: "111"}  # 居民身份证 / identity card')
    return out


def _quoted(text: str) -> str:
    """YAML for a text: plain where that is safe."""
    plain = re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*", text)
    return text if plain and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "none", "y", "n") else json.dumps(text, ensure_ascii=False)


