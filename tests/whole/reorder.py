"""The same records in another order and batching.

Rows of one (source, key) keep their order; a full delivery is permuted only inside itself; the rows of a delta source fall into other
deliveries; the sources come in another order. Rows are moved as they were delivered: lines of text, rows of a Parquet file, rows of a sheet.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules.contract import Contract
from cityweave.fixtures import CONTRACTS
from tests.whole.city import Delivery

Rows: TypeAlias = list[Any]
LEAST = 25  # rows of a piece, so that the unreadable ones never are its greater part
LAST = dt.date(2026, 1, 31)
"""Every reordered delivery is dated after all that the rows say, for "not in the future" means the date of the delivery."""


@dataclass(frozen=True)
class Form:
    """How a source's files are taken apart into rows, how a row says its key, and how rows become a file again."""

    take: Callable[[bytes], Rows]
    put: Callable[[bytes, Rows], bytes]  # a file of the source, for its heading; the rows
    key: Callable[[Any], str]


def _lines(head: int) -> tuple[Callable[[bytes], Rows], Callable[[bytes, Rows], bytes]]:
    """Lines end as they do in the file; `head` of them stand above the rows."""

    def end(data: bytes) -> bytes:
        return b"\r\n" if b"\r\n" in data else b"\n"

    def take(data: bytes) -> Rows:
        return data.removesuffix(end(data)).split(end(data))[head:]

    def put(like: bytes, rows: Rows) -> bytes:
        return end(like).join([*like.split(end(like), head)[:head], *rows]) + end(like)

    return take, put


def _parquet_take(data: bytes) -> Rows:
    return list(pq.read_table(pa.BufferReader(data)).to_pylist())


def _parquet_put(like: bytes, rows: Rows) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(pa.BufferReader(like))), sink)
    return sink.getvalue()


@cache
def _sheet(data: bytes) -> tuple[tuple[Any, ...], ...]:
    return tuple(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True))


def _sheet_put(like: bytes, rows: Rows) -> bytes:
    book, sink = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("死亡登记")
    for row in (_sheet(like)[0], *rows):
        sheet.append(row)
    book.save(sink)
    return sink.getvalue()


def _first_cell(separator: bytes) -> Callable[[Any], str]:
    return lambda row: str(row.split(separator, 1)[0])


CONTRACT = {contract.source: contract for contract in contract_file.load_all(CONTRACTS, registry.load())}
DELTA = tuple(source for source, contract in CONTRACT.items() if contract.delivery == "delta")


def _form(contract: Contract) -> Form:
    """Of a source whose key, if it has one, stands in its first column or in a member of its name."""
    if contract.format.kind == "parquet":
        return Form(_parquet_take, _parquet_put, key=lambda row: str(row[contract.key[0]]))
    if contract.format.fill_down or contract.format.sheets:  # a row is not whole without those above it: the file stays as it is
        return Form(lambda data: [data], lambda _, rows: rows[0], key=lambda _: "")
    if contract.format.kind == "xlsx":
        return Form(lambda data: list(_sheet(data)[1:]), _sheet_put, key=repr)
    if contract.format.kind == "jsonl":
        pattern = re.compile(f'"{contract.key[0]}":"([^"]*)"')
        return Form(*_lines(0), key=lambda row: pattern.findall(row.decode("utf-8", "replace"))[0])
    separator = "\t" if contract.format.kind == "tsv" else contract.format.separator
    return Form(*_lines(contract.format.skip + 1), key=_first_cell(separator.encode()))


FORMS = {source: _form(contract) for source, contract in CONTRACT.items()}


def permuted(rows: Rows, key: Callable[[Any], str], rng: np.random.Generator) -> Rows:
    """The rows in a random order in which those of one key keep theirs."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        places.setdefault(key(row), []).append(place)
    order = rng.permutation(len(rows))
    turn = {name: iter(held) for name, held in places.items()}
    return [rows[next(turn[key(rows[place])])] for place in order]


def pieces(rows: Rows, most: int, rng: np.random.Generator) -> list[Rows]:
    """The rows cut into one to `most` deliveries."""
    cuts = sorted(set((rng.integers(1, max(len(rows) // LEAST, 2), size=int(rng.integers(0, most))) * LEAST).tolist()))
    return [part for part in (rows[start:end] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True)) if part]


def reordered(given: Sequence[Delivery], folder: Path, seed: int, more: dict[str, Rows]) -> list[Delivery]:
    """The deliveries in another order and batching, as files in `folder`; of the delta sources also `more` rows, each after the city's of its key."""
    rng = np.random.default_rng(seed)
    queues: dict[str, list[bytes]] = {}
    for source, form in FORMS.items():
        files = [item.file.read_bytes() for item in given if item.source == source]
        if source in DELTA:
            rows = [row for data in files for row in form.take(data)] + more.get(source, [])
            parts = pieces(permuted(rows, form.key, rng), 5, rng)
        else:
            parts = [permuted(form.take(data), form.key, rng) for data in files]
            queues[source] = [form.put(data, part) for data, part in zip(files, parts, strict=True)]
            continue
        queues[source] = [form.put(files[0], part) for part in parts]
    return _interleaved(queues, {item.source: item.file.suffix for item in given}, folder, rng)


def as_delivered(given: Sequence[Delivery], folder: Path, more: dict[str, Rows]) -> list[Delivery]:
    """The city's own order and batching, with `more` rows in one further delivery of each delta source, dated as the reordered ones are."""
    made = [Delivery(item.source, item.file, item.name, LAST, item.batch) for item in given]
    for source, rows in sorted(more.items()):
        like = next(item.file for item in given if item.source == source)
        file = folder / f"more-{source}{like.suffix}"
        file.write_bytes(FORMS[source].put(like.read_bytes(), rows))
        made.append(Delivery(source, file, file.name, LAST))
    return made


def _interleaved(queues: dict[str, list[bytes]], suffix: dict[str, str], folder: Path, rng: np.random.Generator) -> list[Delivery]:
    """Each source's deliveries in their order, mixed with the others'. Dates rise by chance, but not of whole registers: it is all the time some have."""
    turns = rng.permutation([source for source, queue in queues.items() for _ in queue]).tolist()
    on, made = LAST, []
    for number, source in enumerate(turns):
        file = folder / f"{number:03d}-{source}{suffix[source]}"
        file.write_bytes(queues[source].pop(0))
        on += dt.timedelta(days=int(rng.integers(0, 20)))
        made.append(Delivery(source, file, file.name, on if source in DELTA else LAST))
    return made
