"""A contract proposed for a file nobody has described: format, columns, key, events, each with how sure and why. A person reads it and confirms identifiers."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from polars.selectors import by_name

from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.guess import KEY_HEADING, NAMELESS, RECORDED_HEADING, Guess, Sample, by_heading, guesses, is_date
from cityweave.cfd_rules.guess_words import PREFIXES
from cityweave.cfd_rules.propose_cells import date_forms, items, list_marks
from cityweave.cfd_rules.propose_yaml import Draft, Line, written
from cityweave.cfd_rules.read import read
from cityweave.cfd_rules.read_rows import counted_out
from cityweave.cfd_rules.read_table import IGNORED
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.sniff import sniff

SAMPLED = 1_000
"""Values looked at in a column, spread over the file."""

SURE_ENOUGH = 50
"""Below so many per cent a column is left unmapped, with what it might be."""

SHARE_HEADING = re.compile(r"持股|股比|股权比例|份额|出资比例|占比|共有比例|^share|percent", re.IGNORECASE)
AGES = {"age": "age", "nominal_age": "nominal_age"}


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
    """The file's columns as polars text and as samples; of list cells the samples are their items."""

    frame: pl.DataFrame
    samples: Mapping[str, Sample]
    marks: Mapping[str, str]


def propose(path: Path, registry: Registry, source: str = "") -> Proposal:
    """What a contract for this file may look like. InputError when no format fits it."""
    found = sniff(path)
    cells = read(path, found.format)
    rows = pl.DataFrame(pl.from_arrow(cells.table))
    rows = rows[[name for name in rows.columns if not name.startswith(" ")]]  # by place: a heading may be "*", which means all to polars
    problem = counted_out(rows, cells.problem, found.format.ignore)
    frame = rows.filter(problem.is_null())
    if frame.is_empty():
        raise InputError("没有数据行 / there is no data row", path.name, "换一个有数据的文件 / take a file with data")
    columns = _columns(frame)
    lines = _joined(_lines(columns, registry))
    key = _key(columns, lines)
    recorded = next((name for name in frame.columns if RECORDED_HEADING.search(name) and date_forms(columns.samples[name].values)[1] >= 80), "")
    named = source or source_name(path.stem)
    broken = problem.drop_nulls().filter(problem.drop_nulls() != IGNORED).len()
    draft = Draft(named, path.name, found, frame.height, broken, key, recorded, lines, columns.samples, columns.marks, _shares(columns, lines))
    return Proposal(named, found.format, frame.height, key, recorded, lines, written(draft))


def source_name(stem: str) -> str:
    """What a source is called whose file has this name: small letters, digits and _, Chinese by its sound (医保参保 -> yibaocanbao)."""
    pypinyin = importlib.import_module("pypinyin")  # takes a fifth of a second to load, and nothing else needs it
    spoken = re.sub(r"[㐀-鿿]+", lambda found: "".join(pypinyin.lazy_pinyin(found[0])), unicodedata.normalize("NFKC", stem))
    named = re.sub(r"[^a-z0-9_]+", "_", spoken.lower()).strip("_")
    return (named if re.match(r"[a-z]", named) else f"source_{named}".rstrip("_"))[:40]


def _columns(frame: pl.DataFrame) -> _Columns:
    samples = {name: _sample(frame, name) for name in frame.columns}
    marks = {name: found for name, sample in samples.items() if (found := list_marks(sample.values))}
    for name, found in marks.items():
        several = tuple(items(samples[name].values, found))
        samples[name] = replace(samples[name], values=several, distinct=len(set(several)))
    return _Columns(frame, samples, marks)


def _shares(columns: _Columns, lines: Sequence[Line]) -> dict[str, str]:
    """Role -> the column that says how large its share is."""
    roles = list(dict.fromkeys(line.role for line in lines if line.role))
    found: dict[str, str] = {}
    for name in columns.frame.columns:
        role = _role(name)[0] or next((role for role in roles if role.startswith(("owner", "shareholder"))), "")
        if SHARE_HEADING.search(name) and role in roles:
            found.setdefault(role, name)
    return found


def _joined(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Where one role has a name and no number, and the nameless person a number, these are one: 权利人 and 证件号码."""
    has = {role: {line.element for line in lines if line.role == role} for role in dict.fromkeys(line.role for line in lines if line.role)}
    named = [role for role, own in has.items() if "name" in own and "id_no" not in own and role not in ("person", "legal_entity", "building", "room")]
    if "id_no" in has.get("person", ()) and not {"name", "surname", "given_name"} & has["person"] and len(named) == 1:
        taken = has[named[0]]
        return tuple(replace(line, role=named[0]) if line.role == "person" and line.element not in taken else line for line in lines)
    return lines


def _sample(frame: pl.DataFrame, name: str) -> Sample:
    filled = frame[name].drop_nulls().str.strip_chars()
    filled = filled.filter(filled != "")
    values = filled.gather_every(max(filled.len() // SAMPLED, 1)).to_list()[:SAMPLED]
    return Sample(name, tuple(values), filled.n_unique(), filled.len() * 100 // frame.height)


def _lines(columns: _Columns, registry: Registry) -> tuple[Line, ...]:
    """The surest guesses first: every column at most one element, every element of a role at most one column."""
    made_of = _made_of(columns)
    options: list[tuple[Guess, str, str]] = []
    seconds: dict[str, str] = {}
    for name, sample in columns.samples.items():
        role, rest = _role(name)
        found = guesses(Sample(rest, sample.values, sample.distinct, sample.filled), registry)
        found = [*found, *_by_comparison(name, made_of)]
        options += [(guess, role, name) for guess in found if not (name in made_of and guess.element == "name")]
        seconds[name] = "；".join(dict.fromkeys(f"{guess.element}? {guess.why}" for guess in found[:2]))
    options = _at_home(options)
    taken: dict[str, Line] = {}
    used: set[tuple[str, str]] = set()
    for guess, prefix, name in sorted(options, key=lambda option: (-option[0].sure, columns.frame.columns.index(option[2]), option[0].element)):
        role = prefix or guess.kind
        element = "birth" if guess.element in AGES else guess.element
        if guess.sure >= SURE_ENOUGH and name not in taken and (role, element) not in used:
            taken[name] = Line(name, role, element, guess.sure, guess.why, kind=guess.kind, measure=AGES.get(guess.element, ""))
            used.add((role, element))
    return tuple(taken.get(name) or _unmapped(name, made_of, seconds) for name in columns.frame.columns)


def _at_home(options: Sequence[tuple[Guess, str, str]]) -> list[tuple[Guess, str, str]]:
    """Address and phone belong to the firm in a register of firms: where firms are named and no person is."""
    headed = {(guess.kind, guess.element) for guess, role, _ in options if not role and guess.sure >= 85}
    firms = ("legal_entity", "name") in headed and ("person", "name") not in headed
    moved = ("address", "phone") if firms else ()
    return [(replace(guess, kind="legal_entity") if not role and guess.element in moved else guess, role, name) for guess, role, name in options]


def _role(heading: str) -> tuple[str, str]:
    """The role a heading speaks of, when it is somebody else's: 父亲姓名 is the father's 姓名; 法定代表人 by itself a name."""
    plain = heading.lower().replace(".", "").replace(" ", "_") if heading.isascii() else heading.replace(".", "")
    said = by_heading(heading)
    for prefix, role in PREFIXES.items():
        if not plain.startswith(prefix) or plain.startswith("户主关系") or (said and said.kind != "person" and said.element != "name"):
            continue
        rest = plain.removeprefix(prefix).strip("_")
        if prefix.isalpha() and prefix.isascii() and rest and by_heading(rest) is None:
            continue
        if role == "legal_rep" and rest in ("名称", "全称"):  # 经营者名称 is what a licence calls the firm
            return "", "企业名称"
        return role, rest or "姓名"
    return "", heading


def _unmapped(name: str, made_of: Mapping[str, tuple[str, str]], seconds: Mapping[str, str]) -> Line:
    if name in made_of:
        first, second = made_of[name]
        return Line(name, "", "", 0, f"重复：由 {first} 与 {second} 拼成 / redundant: made of {first} and {second}")
    return Line(name, "", "", 0, seconds[name] or "没有把握 / no idea")


def _made_of(columns: _Columns) -> dict[str, tuple[str, str]]:
    """Columns that are two other columns with a space between: redundant, and they tell which is the given name and which the surname."""
    texts = [name for name, sample in columns.samples.items() if sample.share(re.compile(r"[^\W\d]").search) >= 80]
    rows = columns.frame[texts].gather_every(max(columns.frame.height // SAMPLED, 1))
    made: dict[str, tuple[str, str]] = {}
    for whole in texts:
        filled = rows.filter(by_name(whole).is_not_null())
        for first in texts:
            for second in texts:
                if len({whole, first, second}) == 3 and filled.height and _share(filled, by_name(first) + " " + by_name(second) == by_name(whole)) >= 85:
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
        single = name not in columns.marks and sample.share(re.compile(r"[0-9]").search) >= 95
        coded = single and sample.share(re.compile(r"\S{1,40}").fullmatch) == 100
        meant = KEY_HEADING.search(name) or (NAMELESS.fullmatch(name) and not mapped[name])
        if unique and coded and meant and mapped[name] not in ("id_no", "phone") and sample.share(is_date) < 50:
            return (name,)
    return ()
