"""A contract proposed for a file nobody has described: format, columns, key, events, each with how sure and why. A person reads it and confirms identifiers."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cityweave.cfd_rules import contract_file
from cityweave.cfd_rules.contract import Format
from cityweave.cfd_rules.contract_file import IDENTIFIERS
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.guess import NAMELESS, Sample, is_date
from cityweave.cfd_rules.guess_heading import said
from cityweave.cfd_rules.propose_cells import blocks, date_forms, items, list_marks, merged, parallel
from cityweave.cfd_rules.propose_lines import SAMPLED, lines
from cityweave.cfd_rules.propose_model import Columns, Draft, Line
from cityweave.cfd_rules.propose_roles import splits
from cityweave.cfd_rules.propose_yaml import with_spare, written
from cityweave.cfd_rules.read import read
from cityweave.cfd_rules.read_rows import counted_out, filled_down
from cityweave.cfd_rules.read_table import IGNORED
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.sniff import sniff
from cityweave.cfd_rules.yaml_text import from_yaml

SHARE_HEADING = re.compile(r"持股|股比|股权比例|份额|出资比例|占比|共有比例|share(?!holder)|percent|stake", re.IGNORECASE)
KEY_HEADING = re.compile(
    r"(编号|编码|代码|流水号|序号|字号|号码?)$|注册号|^id$|(^|[^a-z])(id|key|no)$|identifier|recordid|uscc|creditcode|"
    r"^[b-df-hj-np-tv-z]*(bh|zh|xh|lsh|dm|h)$",
    re.IGNORECASE,
)
PLACES = re.compile(r"^序号$|^行号$|^xh$|^no$|^row", re.IGNORECASE)
"""Headings under which a file may number its own rows: in the next one the same number is another row."""

RECORDED_HEADINGS = (
    # the day on which the department wrote the row, the surest first
    *("更新|修改|变更(日期|时间)|updated|modified|^gx(sj|rq)$",),
    *("(业务|经办|办理)(时间|日期)", "核准|登簿|录入|入库|归集|recorded", "采集|核实|核定|核查|填报|统计日期|公示"),
    *("^登记(日期|时间)$|状态日期|registered(on|_?date)$",),
    *("签发|发证|发卡|备案日期|决定日期|处罚日期|公告日期|颁证|递交|issue", "登记(日期|时间)$", "立户|开户|开通|立案|^(kh|dj)(rq|sj)$"),
)


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


def propose(path: Path, registry: Registry, source: str = "") -> Proposal:
    """What a contract for this file may look like. InputError when no format fits it."""
    found = sniff(path)
    cells = read(path, found.format)
    rows = pl.DataFrame(pl.from_arrow(cells.table))
    sheet = rows[cells.sheet] if cells.sheet else None
    own = [name for name in rows.columns if name != cells.sheet]  # the name of the sheet is no cell of the row, whose first may say that it is a total
    problem = counted_out(rows[own], cells.problem, found.format.ignore)
    rows = rows[[name for name in rows.columns if not name.startswith(" ")]]  # by place: a heading may be "*", which means all to polars
    empty = merged(path, found.format, rows.columns) or blocks(rows[[name for name in rows.columns if name in own]].filter(problem.is_null()))
    rows = filled_down(rows, problem, list(empty), sheet) if empty else rows
    frame = rows.filter(problem.is_null())
    if frame.is_empty():
        raise InputError("没有数据行 / there is no data row", path.name, "换一个有数据的文件 / take a file with data")
    columns = _columns(frame)
    found_lines = lines(columns, registry)
    key = _key(columns, found_lines)
    broken = problem.drop_nulls().filter(problem.drop_nulls() != IGNORED).len()
    named, recorded, shares = source or source_name(path.stem), _recorded(columns), _shares(columns, found_lines)
    draft = Draft(named, path.name, found, frame.height, broken, key, recorded, found_lines, columns, shares, splits(columns, found_lines), ())
    taken = contract_file.parse(from_yaml("\n".join(written(draft))), path.name, registry).columns if draft.roles else key
    draft = replace(draft, merged=tuple(name for name in empty if name in taken))
    yaml, told = with_spare(draft, written(draft), taken)
    return Proposal(named, found.format, frame.height, key, recorded, told, yaml)


def propose_all(paths: Sequence[Path], registry: Registry) -> list[tuple[Proposal, tuple[Path, ...]]]:
    """A proposal for each source that the files are of, with its files in their order; a folder stands for its files. InputError names one that is no table."""
    files = [file for path in paths for file in (_inside(path) if path.is_dir() else [path])]
    found: list[tuple[Proposal, tuple[Path, ...]]] = []
    for file in files:
        stem = re.sub(NUMBERED, "", file.stem)
        place = next((place for place, (_, same) in enumerate(found) if re.sub(NUMBERED, "", same[0].stem) == stem and len(stem) < len(file.stem)), None)
        one = propose(file, registry)
        if place is not None and _alike(one, found[place][0]):
            found[place] = found[place][0], (*found[place][1], file)
        else:
            found.append((one, (file,)))
    return [(propose(same[0], registry, source_name(re.sub(NUMBERED, "", same[0].stem))) if len(same) > 1 else one, same) for one, same in found]


NUMBERED = r"[-_ .（(]*[0-9]{1,8}([-_.年]?[0-9]{1,2}[月日]?)*[）)]*$"
"""How the deliveries of one source are told apart: a number or a date behind its name."""


def _inside(folder: Path) -> list[Path]:
    """The files of a folder, 2 before 10."""
    files = [file for file in folder.iterdir() if file.is_file() and not file.name.startswith((".", "~"))]
    if not files:
        raise InputError("文件夹里没有文件 / there is no file in the folder", str(folder), "给出有数据文件的文件夹 / name a folder with files of data")
    return sorted(files, key=lambda file: [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", file.name)])


def _alike(one: Proposal, other: Proposal) -> bool:
    mine, theirs = ({line.column for line in proposal.lines} for proposal in (one, other))
    return len(mine & theirs) * 3 >= 2 * max(len(mine), len(theirs))


def source_name(stem: str) -> str:
    """What a source is called whose file has this name: small letters, digits and _, Chinese by its sound (医保参保 -> yibaocanbao)."""
    pypinyin = importlib.import_module("pypinyin")  # takes a fifth of a second to load, and nothing else needs it
    spoken = re.sub(r"[㐀-鿿]+", lambda found: "".join(pypinyin.lazy_pinyin(found[0])), unicodedata.normalize("NFKC", stem))
    named = re.sub(r"[^a-z0-9_]+", "_", spoken.lower()).strip("_")
    return (named if re.match(r"[a-z]", named) else f"source_{named}".rstrip("_"))[:40]


def _columns(frame: pl.DataFrame) -> Columns:
    samples = {name: _sample(frame, name) for name in frame.columns}
    marks = {name: found for name, sample in samples.items() if (found := list_marks(sample.values))}
    beside = parallel(frame, marks)
    marks |= {name: mark for name, (_, mark) in beside.items()}
    for name, found in marks.items():
        several = tuple(items(samples[name].values, found))
        samples[name] = replace(samples[name], values=several, distinct=len(set(several)))
    return Columns(frame, samples, marks, {name: other for name, (other, _) in beside.items()})


def _sample(frame: pl.DataFrame, name: str) -> Sample:
    filled = frame[name].drop_nulls().str.strip_chars()
    filled = filled.filter(filled != "")
    values = filled.gather_every(max(filled.len() // SAMPLED, 1)).to_list()[:SAMPLED]
    return Sample(name, tuple(values), filled.n_unique(), filled.len() * 100 // frame.height)


def _shares(columns: Columns, found: Sequence[Line]) -> dict[str, str]:
    """Role -> the column that says how large its share is."""
    roles = list(dict.fromkeys(line.role for line in found if line.role))
    shares: dict[str, str] = {}
    for name in columns.frame.columns:
        role = said(name).role or next((role for role in roles if role.startswith(("owner", "shareholder"))), "")
        if SHARE_HEADING.search(name) and role in roles:
            shares.setdefault(role, name)
    return shares


def _recorded(columns: Columns) -> str:
    """The column with the day on which the row was recorded."""
    dates = [name for name, sample in columns.samples.items() if sample.filled >= 90 and date_forms(sample.values)[1] >= 80]
    return next((name for heading in RECORDED_HEADINGS for name in dates if re.search(heading, name, re.IGNORECASE)), "")


def _key(columns: Columns, found: Sequence[Line]) -> tuple[str, ...]:
    """The column that numbers the rows: filled and different in every row, and called so or looking so; a firm's or a room's number where nothing else does."""
    mapped = {line.column: line.element for line in found}
    others = {line.column for line in found if line.role not in ("", "person", "legal_entity", "room", "building")}
    fitting, nearly = [], False
    for name, sample in columns.samples.items():
        single = name not in columns.marks and sample.share(re.compile(r"[0-9]").search) >= 95
        coded = single and sample.share(re.compile(r"\S{1,40}").fullmatch) == 100
        meant = KEY_HEADING.search(name) or (NAMELESS.fullmatch(name) and not mapped[name])
        counted = PLACES.search(name) and columns.frame[name].to_list() == [str(place) for place in range(1, columns.frame.height + 1)]
        if not coded or not meant or counted or mapped[name] in ("id_no", "phone") or name in others or sample.share(is_date) >= 50:
            continue
        if sample.filled == 100 and sample.distinct == columns.frame.height:
            fitting.append(name)
        elif not PLACES.search(name):
            nearly = nearly or (not mapped[name] and sample.filled >= 99 and sample.distinct * 100 >= 98 * columns.frame.height)
    own = [name for name in fitting if not mapped[name] and not PLACES.search(name)]
    named = [name for name in fitting if mapped[name] and not nearly]  # where rows have numbers of their own, though not quite one each, no firm's counts
    return tuple((own or named or [name for name in fitting if not mapped[name]])[:1])
