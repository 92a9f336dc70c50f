"""What happens to a small city beyond what it delivers: corrections and withdrawals of delivered rows, and decisions of people about records."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from cityweave.api.workspace import Workspace
from tests.whole.city import Delivery
from tests.whole.reorder import FORMS, Rows

Said = tuple[str, str, str]
"""verb, left ref, right ref."""


@dataclass(frozen=True)
class Source:
    """How a row of a delta source is read and written, and which cells a correction and a withdrawal change."""

    read: Callable[[bytes, bytes], dict[str, str]]  # a file, for its heading; a row
    write: Callable[[dict[str, str]], bytes]
    corrected: dict[str, str]
    withdrawn: dict[str, str]


def _cells(encoding: str, end: bytes) -> Callable[[bytes, bytes], dict[str, str]]:
    def read(file: bytes, row: bytes) -> dict[str, str]:
        return next(csv.DictReader(io.StringIO((file.split(end, 1)[0] + b"\n" + row).decode(encoding))), {})

    return read


def _line(encoding: str) -> Callable[[dict[str, str]], bytes]:
    def write(cells: dict[str, str]) -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(cells.values())
        return out.getvalue().encode(encoding)

    return write


SOURCES = {
    "hukou": Source(
        _cells("gb18030", b"\r\n"),
        _line("gb18030"),
        {"操作": "变更", "登记日期": "20260130", "联系电话": "10000000017"},
        {"操作": "注销", "登记日期": "20260131"},
    ),
    "social_insurance": Source(
        _cells("utf-8", b"\n"),
        _line("utf-8"),
        {"变更类型": "变更", "更新日期": "2026/01/30", "手机号码": "10000000018"},
        {"变更类型": "撤销", "更新日期": "2026/01/31"},
    ),
    "marriage": Source(
        lambda file, row: dict(json.loads(row)),
        lambda cells: json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode(),
        {"登记日期": "2026-01-30", "男方住址": "粤海市南湖区春风街道人民路12号锦绣花园3栋2单元501室"},
        {"状态": "撤销", "登记日期": "2026-01-31"},
    ),
}


def later_rows(given: Sequence[Delivery], corrections: int, withdrawals: int, seed: int) -> dict[str, Rows]:
    """Further rows of each delta source: so many of its rows corrected, so many (others) withdrawn."""
    rng = np.random.default_rng(seed)
    made: dict[str, Rows] = {}
    for name, source in SOURCES.items():
        files = [item.file.read_bytes() for item in given if item.source == name]
        rows = [(file, row) for file in files for row in FORMS[name].take(file)]
        chosen = [rows[place] for place in rng.permutation(len(rows))[: corrections + withdrawals]]
        changes = [source.corrected] * corrections + [source.withdrawn] * withdrawals
        made[name] = [source.write(cells | change) for (file, row), change in zip(chosen, changes, strict=True) if (cells := _readable(source, file, row))]
    return {name: rows for name, rows in made.items() if rows}


def _readable(source: Source, file: bytes, row: bytes) -> dict[str, str]:
    try:
        cells: dict[Any, str] = source.read(file, row)
    except ValueError:
        return {}
    return {} if None in cells or None in cells.values() else cells


def decisions(partition: pl.DataFrame, merges: int, splits: int, seed: int) -> list[Said]:
    """So many "same" and "different" about people and firms, by a partition (kind, ref, entity).

    The last ones contradict each other, for that must not depend on an order either.
    """
    rng = np.random.default_rng(seed)
    said: list[Said] = []
    for kind in ("person", "legal_entity"):
        groups = partition.filter(pl.col("kind") == kind).group_by("entity").agg(pl.col("ref").sort()).sort("entity")["ref"].to_list()
        order = rng.permutation(len(groups)).tolist()
        several = [groups[place] for place in order if len(groups[place]) > 1][:splits]
        said += [("different", held[0], held[-1]) for held in several]
        said += [("same", groups[left][0], groups[right][-1]) for left, right in zip(order[:merges], order[-merges:], strict=True)] if merges else []
        if merges > 1:
            said.append(("different", groups[order[0]][0], groups[order[-2]][-1]))
            said.append(("same", groups[order[0]][0], groups[order[-1]][-1]))
    return said


def decide(to: Workspace, said: Sequence[Said]) -> None:
    """Write the decisions down, in their order."""
    for verb, left, right in said:
        to.state.decide("same" if verb == "same" else "different", left, right, "测试员", "测试 / a test")


def folder(root: Path, name: str) -> Path:
    """A new folder."""
    (root / name).mkdir()
    return root / name
