"""Delivered bytes to rows of text. Every row of the file comes out once, in the order of the file: as cells, or with the reason why it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from cityweave.cfd_rules.cell import Each
from cityweave.cfd_rules.contract import Contract, Format
from cityweave.cfd_rules.errors import InputError
from cityweave.cfd_rules.model import Batch, read_table
from cityweave.cfd_rules.read_csv import read_csv
from cityweave.cfd_rules.read_excel import read_xlsx
from cityweave.cfd_rules.read_json import read_json, read_jsonl
from cityweave.cfd_rules.read_rows import called, counted_out, filled_down, listed
from cityweave.cfd_rules.read_table import IGNORED, Cells, read_parquet
from cityweave.engine.model import Arguments, Files, Inputs, Step


@dataclass(frozen=True)
class Reading:
    """The part of a contract that reading depends on: nothing else of it makes a file be read again."""

    source: str
    format: Format
    columns: tuple[str, ...]
    key: tuple[str, ...]
    op: str
    op_words: tuple[str, ...]
    headings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lists: tuple[Each, ...] = ()
    optional: tuple[str, ...] = ()

    @classmethod
    def of(cls, contract: Contract) -> Reading:
        """The reading part of a contract."""
        op = contract.op
        words = (*op.put, *op.drop, *op.end) if op else ()
        columns, column = contract.columns, op.column if op else ""
        return cls(contract.source, contract.format, columns, contract.key, column, words, contract.headings, contract.lists, contract.optional)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Reading:
        """What `asdict` made, back again."""
        form: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in raw["format"].items()}
        headings = tuple((name, tuple(others)) for name, others in raw["headings"])
        lists = tuple(Each(tuple(each["columns"]), each["separators"], each["most"]) for each in raw["lists"])
        columns, key, words = tuple(raw["columns"]), tuple(raw["key"]), tuple(raw["op_words"])
        return cls(raw["source"], Format(**form), columns, key, raw["op"], words, headings, lists, tuple(raw["optional"]))


def read(path: Path, form: Format) -> Cells:
    """All rows of a file as text, with the reasons of those that cannot be read. InputError when the file as a whole cannot."""
    if not path.is_file():
        raise InputError("没有这个文件 / there is no such file", path.name)
    if path.stat().st_size == 0:
        raise InputError("文件是空的 / the file is empty", path.name, "请部门重新交付 / ask the department to deliver it again")
    if form.kind in ("csv", "tsv"):
        return read_csv(path, form)
    if form.kind == "jsonl":
        return read_jsonl(path, form)
    if form.kind == "json":
        return read_json(path, form)
    return read_xlsx(path, form) if form.kind == "xlsx" else read_parquet(path)


def mapped(cells: Cells, reading: Reading, file: str) -> tuple[pa.Table, int]:
    """Table `read_<source>_<batch>`: row_no, problem, and the mapped columns c1 … cn; and how many rows were dropped because they are none.

    Rows without a key or with an unknown op are marked as unreadable. InputError names the columns that are missing and those near them.
    """
    where = f"来源 / source {reading.source}, 文件 / file {file}"
    names = called(cells.table.column_names, reading.columns, reading.headings, reading.optional, where)
    frame = pl.DataFrame(pl.from_arrow(cells.table))
    problem = counted_out(frame.drop(cells.sheet) if cells.sheet else frame, cells.problem, reading.format.ignore)
    empty = pl.lit(None, pl.String)
    rows = frame.with_columns(empty.alias(" empty")).select(pl.col(names.get(column, " empty")).alias(column) for column in reading.columns)
    sheet = frame[cells.sheet] if cells.sheet else None
    rows = filled_down(rows, problem, [column for column in reading.format.fill_down if column in rows.columns], sheet)
    rows, problem = listed(rows, problem, reading.lists)
    problem = _with_problems(rows, problem, reading)
    renamed = rows.rename({name: f"c{place}" for place, name in enumerate(reading.columns, start=1)})
    numbered = renamed.with_columns(problem.alias("problem")).with_row_index("row_no", offset=1).with_columns(pl.col("row_no").cast(pl.Int64))
    kept = numbered.filter(pl.col("problem").ne_missing(IGNORED))
    return kept.to_arrow(compat_level=pl.CompatLevel.oldest()), rows.height - kept.height


def _with_problems(rows: pl.DataFrame, problem: pl.Series, reading: Reading) -> pl.Series:
    told = [pl.when(pl.col(name).is_null()).then(pl.lit(f"主键列 {name} 为空 / key column {name} is empty")) for name in reading.key]
    if reading.op:
        unknown = pl.lit(f"操作列 {reading.op} 的值不认识 / column {reading.op} holds an unknown op")
        told.append(pl.when(pl.col(reading.op).is_in(reading.op_words).fill_null(False).not_()).then(unknown))
    return rows.lazy().with_columns(problem.alias(" problem")).select(pl.coalesce(" problem", *told).alias("problem")).collect()["problem"]


def read_delivered(_: Inputs, arguments: Arguments, files: Files) -> pa.Table:
    """The Python of the step that makes `read_<source>_<batch>`."""
    reading = Reading.from_json(arguments["reading"])
    return mapped(read(files["delivered"], reading.format), reading, str(arguments["file"]))[0]


def read_step(contract: Contract, batch: Batch) -> Step:
    """The step that reads one batch; its key holds the hash of the bytes and the reading part of the contract."""
    table = read_table(contract.source, batch.number, contract.columns)
    return Step(
        writes=table,
        says=f"读 {contract.source} 第 {batch.number} 批 / read batch {batch.number} of {contract.source}",
        python=read_delivered,
        arguments={"reading": asdict(Reading.of(contract)), "sha256": batch.sha256, "file": batch.file_name},
        files={"delivered": batch.path},
    )
