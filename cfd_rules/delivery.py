"""The look at a file before it enters the log: can it be read, are its columns there, does a full delivery lack what it should hold."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.errors import DeliveryRefusedError, InputError
from cityweave.cfd_rules.model import DeliveryCheck
from cityweave.cfd_rules.read import Reading, mapped, read
from cityweave.cfd_rules.read_rows import called, found

ABSENT_MILLIONTHS = 50_000
"""A full delivery may lack so many of the keys of the one before, in millionths, before it is refused."""

SHOWN = 20


def check_delivery(contract: Contract, path: Path, previous: Path | None = None, *, accept_absences: bool = False, file_name: str = "") -> DeliveryCheck:
    """What a look at the file found. `previous` is the delivery of this source before it, compared when the contract delivers in full.

    InputError when the file cannot be read at all, lacks columns, holds no row, or more than half of its rows cannot be read.
    DeliveryRefusedError when a full delivery is empty or lacks more than 5 % of the keys of the one before and `accept_absences` is not set.
    """
    name = file_name or path.name
    where = f"来源 / source {contract.source}, 文件 / file {name}"
    cells = read(path, contract.format)
    table, ignored = mapped(cells, Reading.of(contract), name)
    rows = _frame(table)
    delivered = cells.table.column_names
    used = called(delivered, contract.columns, contract.headings, contract.optional, where)
    named = {*used.values(), *found(delivered, contract.unmapped, contract.headings).values()}
    problems = rows.filter(pl.col("problem").is_not_null()).select("row_no", "problem")
    check = DeliveryCheck(
        rows=rows.height,
        quarantined=problems.height,
        problems=tuple((row_no, problem) for row_no, problem in problems.head(SHOWN).iter_rows()),
        unmapped=tuple(column for column in delivered if column not in named and not column.startswith(" ")),
        ignored=ignored,
    )
    if not check.rows and contract.delivery == "delta":
        raise InputError("没有数据行 / there is no data row", where, "请部门重新交付 / ask the department to deliver it again")
    if check.quarantined * 2 > check.rows:
        first = check.problems[0]
        raise InputError(
            f"{check.rows} 行中有 {check.quarantined} 行读不了 / {check.quarantined} of {check.rows} rows cannot be read",
            f"{where}, 行 / row {first[0]}: {first[1]}",
            "看合同的 format、key 和 op / look at format, key and op in the contract",
        )
    if contract.delivery == "full" and not accept_absences:
        _refuse_absences(contract, path, previous, where)
    return check


def absent_keys(contract: Contract, previous: Path, path: Path) -> tuple[int, int]:
    """How many keys of the delivery before are absent from this one, and how many it had. Without a key the whole row counts, as often as it occurs."""
    before, now = _keys(contract, previous), _keys(contract, path)
    return before.join(now, on="key", how="anti").height, before.height


def _refuse_absences(contract: Contract, path: Path, previous: Path | None, where: str) -> None:
    todo = "确认无误后加 --accept-absences / if it is right, add --accept-absences"
    if _keys(contract, path).is_empty():
        raise DeliveryRefusedError("全量交付是空的 / the full delivery is empty", where, todo)
    if previous is None:
        return
    absent, had = absent_keys(contract, previous, path)
    if absent * 1_000_000 > had * ABSENT_MILLIONTHS:
        raise DeliveryRefusedError(
            f"上次的 {had} 个主键少了 {absent} 个，超过 5 % / {absent} of the {had} keys of the delivery before are absent, more than 5 %", where, todo
        )


def _keys(contract: Contract, path: Path) -> pl.DataFrame:
    rows = _frame(mapped(read(path, contract.format), Reading.of(contract), path.name)[0])
    frame = rows.filter(pl.col("problem").is_null()).select([contract.cell(column) for column in (contract.key or contract.columns)])
    if not contract.key:
        frame = frame.with_columns(occurrence=pl.int_range(pl.len()).over(frame.columns).cast(pl.String))
    return frame.select(key=pl.concat_str(pl.all().fill_null(""), separator="␟")).unique()


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(table))
