"""From rows to versions: which row speaks for a key, from when to when we knew it, from when to when it held (DESIGN, section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cityweave.cfd_rules.cell import Cell
from cityweave.cfd_rules.classes import Sql, text_literal
from cityweave.cfd_rules.cleaned import ROW, Cells
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.model import BATCH_BITS, ROW_BITS, Batch, row_table, version_table
from cityweave.cfd_rules.treatment import layered
from cityweave.engine.model import Step

SEPARATOR = "␟"
"""Between the parts of a key: a character that no department writes."""


def row_step(contract: Contract, batches: Sequence[Batch]) -> Step:
    """`row_<source>`: every readable row with its key, its op and its times."""
    cells = Cells(contract)
    times = {name: cells.value(cell, "date") for name, cell in _times(contract).items()}
    raw = dict.fromkeys(contract.cell(column) for treatment in cells.names() for column in contract.delivered(treatment.cell.column))
    kept = ("batch", "row_no", "delivered", "next_batch", "next_delivered", "op", "own_key", "content")
    ctes = [
        f"delivered AS ({_delivered(contract, batches)})",
        f"keyed AS (SELECT batch, row_no, delivered, next_batch, next_delivered, {_op(contract)} AS op, {_key(contract)} AS own_key, "
        f"md5({_content(contract)}) AS content{''.join(f', {cell}' for cell in raw)} FROM delivered)",
    ]
    last = "keyed"
    if times:
        more, last = layered("keyed", kept, {name: treatment.wanted(contract) for treatment, name in cells.names().items()})
        ctes += more
    dated = ", ".join(f"as_date({value}) AS {name}" for name, value in times.items())
    ctes.append(f"dated AS (SELECT {', '.join(kept)}{f', {dated}' if dated else ''} FROM {last} {ROW})")
    ctes.append(f"numbered AS (SELECT *, {_key_with_occurrence(contract)} AS key FROM dated)")
    recorded = f"coalesce({_date('recorded_at', times)}, delivered)"
    sql = (
        f"WITH {', '.join(ctes)} SELECT batch, row_no, key, op, content, min({_id('batch', 'row_no')}) OVER (PARTITION BY key) AS first_id, "
        f"delivered, next_batch, next_delivered, {recorded} AS recorded_at, coalesce({_date('valid_from', times)}, {_since(recorded, times)}) AS valid_from, "
        f"{_date('valid_to', times)} AS valid_to, {_loser(contract)} AS loser FROM numbered"
    )
    return Step(
        writes=row_table(contract.source),
        says=f"{contract.source} 的行与主键 / rows and keys of {contract.source}",
        reads=tuple(f"read_{contract.source}_{batch.number}" for batch in batches),
        sql=sql,
        total=("batch", "row_no"),
    )


def version_step(contract: Contract) -> Step:
    """`version_<source>`: per key the rows that changed something, each closed by what came after it. A key that is first seen as ended had held before."""
    change = text_literal("changed" if contract.on_change == "change" else "corrected")
    absent = text_literal(contract.absent)
    sql = f"""WITH winners AS (SELECT * FROM row_{contract.source} WHERE NOT loser),
entries AS (SELECT batch, row_no, key, op, content, first_id, delivered, recorded_at, valid_from, valid_to FROM winners
{_absences(contract)}),
compared AS (SELECT *, lag(op) OVER {_BY_KEY} AS op_before,
lag(content) OVER {_BY_KEY} AS content_before FROM entries),
telling AS (SELECT * FROM compared WHERE CASE WHEN op = 'put' THEN op_before IS NULL OR op_before <> 'put' OR content <> content_before
WHEN op = 'drop' THEN coalesce(op_before, 'drop') <> 'drop' WHEN op = 'end' THEN coalesce(op_before, 'absent') IN ('put', 'absent')
ELSE coalesce(op_before, 'drop') = 'put' END),
followed AS (SELECT *, lead(op) OVER {_BY_KEY} AS op_after, lead(batch) OVER {_BY_KEY} AS batch_after,
lead(delivered) OVER {_BY_KEY} AS delivered_after, lead(delivered, 2) OVER {_BY_KEY} AS delivered_again,
lead(recorded_at) OVER {_BY_KEY} AS recorded_after,
lead(valid_from) OVER {_BY_KEY} AS valid_after FROM telling),
closed AS (SELECT *, CASE WHEN op = 'end' THEN 'ended' WHEN op_after = 'put' THEN {change} WHEN op_after = 'drop' THEN 'retracted'
WHEN op_after = 'end' THEN 'ended' WHEN op_after = 'absent' THEN {absent} END AS closed
FROM followed WHERE op = 'put' OR (op = 'end' AND coalesce(op_before, 'absent') = 'absent'))
SELECT batch, row_no, key, first_id, delivered AS known_from,
CASE WHEN op = 'put' AND closed = 'ended' THEN delivered_again WHEN closed IS NOT NULL THEN delivered_after END AS known_to, recorded_at,
CASE WHEN op = 'end' AND valid_from >= recorded_at THEN CAST(NULL AS DATE) ELSE valid_from END AS valid_from,
CASE WHEN op = 'end' THEN {_earlier('valid_to', 'recorded_at')} WHEN closed = 'changed' THEN {_earlier('valid_to', 'greatest(valid_from, valid_after)')}
WHEN closed = 'ended' THEN {_earlier('valid_to', 'greatest(valid_from, recorded_after)')} ELSE valid_to END AS valid_to,
closed, CASE WHEN op = 'end' THEN delivered WHEN closed IS NOT NULL THEN delivered_after END AS closed_on,
CASE WHEN op_after = 'put' THEN batch_after END AS next_batch, count(*) OVER (PARTITION BY key) = 1 AS alone FROM closed"""
    return Step(
        writes=version_table(contract.source),
        says=f"{contract.source} 的版本 / versions of {contract.source}",
        reads=(f"row_{contract.source}",),
        sql=sql,
        total=("batch", "row_no"),
    )


_BY_KEY = "(PARTITION BY key ORDER BY batch, row_no)"


def delivered_cells(contract: Contract, batches: Sequence[Batch]) -> Sql:
    """A SELECT of the mapped cells of every readable row of every batch."""
    cells = ", ".join(f"c{place}" for place in range(1, len(contract.columns) + 1))
    return " UNION ALL ".join(
        f"SELECT {batch.number} AS batch, row_no, {cells} FROM read_{contract.source}_{batch.number} WHERE problem IS NULL" for batch in batches
    )


def _delivered(contract: Contract, batches: Sequence[Batch]) -> Sql:
    cells = ", ".join(f"c{place}" for place in range(1, len(contract.columns) + 1))
    selects = []
    for place, batch in enumerate(batches):
        after = batches[place + 1] if place + 1 < len(batches) else None
        selects.append(
            f"SELECT {batch.number} AS batch, {_literal(batch.delivered)} AS delivered, "
            f"{f'{after.number}' if after else 'CAST(NULL AS INTEGER)'} AS next_batch, "
            f"{_literal(after.delivered) if after else 'CAST(NULL AS DATE)'} AS next_delivered, "
            f"row_no, {cells} FROM read_{contract.source}_{batch.number} WHERE problem IS NULL"
        )
    return " UNION ALL ".join(selects)


def _absences(contract: Contract) -> Sql:
    """In a full delivery a key that does not come again says something, too."""
    if contract.delivery == "delta":
        return ""
    return f"""UNION ALL SELECT next_batch, NULL, key, 'absent', NULL, first_id, next_delivered, next_delivered, next_delivered, NULL
FROM (SELECT *, lead(batch) OVER {_BY_KEY} AS present_again FROM winners)
WHERE next_batch IS NOT NULL AND (present_again IS NULL OR present_again <> next_batch)"""


def _op(contract: Contract) -> Sql:
    if contract.op is None:
        return "'put'"
    cell = contract.cell(contract.op.column)
    words = {"put": contract.op.put, "drop": contract.op.drop, "end": contract.op.end}
    cases = [f"WHEN {cell} IN ({', '.join(map(text_literal, said))}) THEN '{op}'" for op, said in words.items() if said]
    return f"CASE {' '.join(cases)} END"


def _key(contract: Contract) -> Sql:
    return f" || '{SEPARATOR}' || ".join(contract.cell(column) for column in contract.key) if contract.key else "''"


def _content(contract: Contract) -> Sql:
    said = [column for column in contract.columns if contract.op is None or column != contract.op.column]
    return f" || '{SEPARATOR}' || ".join(f"coalesce({contract.cell(column)}, '')" for column in said)


def _key_with_occurrence(contract: Contract) -> Sql:
    """Without a key: the content and how often it has occurred; in a full delivery counted afresh each time, in a delta over all batches."""
    if contract.key:
        return "own_key"
    part = "batch, content" if contract.delivery == "full" else "content, op"
    return f"content || '#' || CAST(row_number() OVER (PARTITION BY {part} ORDER BY batch, row_no) AS VARCHAR)"


def _loser(contract: Contract) -> Sql:
    """Of the rows of a key in one batch the last that puts or drops speaks, and the first that ends after a put or by itself: as in several batches."""
    if contract.op is None or not contract.op.end:
        return "row_no < max(row_no) OVER (PARTITION BY batch, key)"
    last = "coalesce(max(CASE WHEN op <> 'end' THEN row_no END) OVER (PARTITION BY batch, key), 0)"
    before = "coalesce(lag(op) OVER (PARTITION BY batch, key ORDER BY row_no), 'put')"
    return f"CASE WHEN op = 'end' THEN row_no < {last} OR {before} <> 'put' ELSE row_no < {last} END"


def _times(contract: Contract) -> dict[str, Cell]:
    told = (("recorded_at", contract.recorded_at), ("valid_from", contract.valid_from), ("valid_to", contract.valid_to))
    return {name: cell for name, cell in told if cell}


def _date(name: str, times: Mapping[str, Sql]) -> Sql:
    return name if name in times else "CAST(NULL AS DATE)"


def _since(recorded: Sql, times: Mapping[str, Sql]) -> Sql:
    """From when a row holds that does not say so: since it was recorded, unless it had ended by then."""
    return f"CASE WHEN valid_to <= {recorded} THEN CAST(NULL AS DATE) ELSE {recorded} END" if "valid_to" in times else recorded


def _literal(day: date) -> Sql:
    return f"DATE '{day.isoformat()}'"


def _id(batch: Sql, row: Sql) -> Sql:
    return f"CAST({batch} AS BIGINT) * {1 << BATCH_BITS} + {row} * {1 << ROW_BITS}"


def _earlier(stated: Sql, closing: Sql) -> Sql:
    return f"CASE WHEN {stated} < {closing} OR {closing} IS NULL THEN {stated} ELSE {closing} END"
