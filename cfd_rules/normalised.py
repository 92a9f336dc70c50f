"""Notes on cells that mean what they should but are written otherwise than their column usually is: full-width digits, a placeholder, another form of a date.

Reading brings such cells into canonical text without a word. What was brought there is listed here, once a cell of a current row, so that a
department can see its own habits. A way of writing that most of a column has is the column's way and is no finding.

`noted_<source>` compares the delivered cell with its cleaned value, `address_form` spells each parsed address out in full, `normalised` puts the
sources together.
"""

from __future__ import annotations

from collections.abc import Sequence

from cityweave.cfd_rules.classes import Sql, fold, text_literal
from cityweave.cfd_rules.cleaned import Values
from cityweave.cfd_rules.contract import Contract
from cityweave.cfd_rules.model import ADDRESS_FORM, NORMALISED, Batch
from cityweave.cfd_rules.record import nothing
from cityweave.cfd_rules.registry import Registry
from cityweave.cfd_rules.treatment import Treatment
from cityweave.cfd_rules.version import delivered_cells
from cityweave.engine.model import Step, Table

PLAIN = "plain"
"""The form of a cell that is its own canonical text."""

FORMS = {
    "placeholder": "以文字代替空缺 / a word that stands for nothing",
    "characters": "全角、空格或不可见字符 / full-width, odd spaces or invisible characters",
    "date": "日期写法与本列不同 / a date written otherwise than in its column",
    "word": "不用代码表中的名称 / not the word of the code list",
    "measure": "数量写法与本列不同 / a measure written otherwise than in its column",
    "address": "地址写法不全或不同 / an address not written in full",
    "form": "写法与规范不同 / written otherwise than the standard form",
}
"""Every form that is noted, with the sentence an official reads."""

USUAL = 3
"""A form of dates, measures or codes that one cell in so many has is the column's own; any other form is when more than half have it."""

_ODD = "[０-９Ａ-Ｚａ-ｚ\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\u00ad\t\n\r ]"
_BY_SHAPE = ("date", "word", "measure")


def steps(contracts: Sequence[Contract], batches: dict[str, list[Batch]], registry: Registry) -> list[Step]:
    """The steps that make `normalised`, for the contracts that have batches."""
    noted = [_noted(contract, batches[contract.source], registry) for contract in contracts]
    columns = ", ".join(NORMALISED.names)
    told = "\nUNION ALL\n".join(f"SELECT {columns} FROM noted_{contract.source}" for contract in contracts)
    union = Step(NORMALISED, NORMALISED.says, tuple(f"noted_{contract.source}" for contract in contracts), told or nothing(NORMALISED))
    return [address_form_step(), *noted, union]


def address_form_step() -> Step:
    """`address_form`: each parsed address with all levels that most addresses of its place have."""
    levels = ("city", "district", "street", "road", "estate")
    counted = ",\n".join(_best(level) for level in levels)
    joins = "\n".join(f"JOIN {level}_best ON {level}_best.place = p.place" for level in levels)
    spelled = " || ".join(
        [
            *(f"coalesce({level}_best.{level}, '')" for level in levels[:4]),
            "coalesce(p.number || '号', '')",
            "coalesce(estate_best.estate, '')",
            *(f"coalesce(p.{level} || '{mark}', '')" for level, mark in (("building", "栋"), ("unit", "单元"))),
            "coalesce(p.room || CASE WHEN regexp_matches(p.room, '[一-龥]') THEN '' ELSE '室' END, '')",  # 亭子间 is no number
        ]
    )
    sql = f"""WITH placed AS (
  SELECT *, regexp_replace(building_norm, '([0-9A-Z-]+|[甲乙丙丁戊己东西南北中])栋$', '', 'g') AS place FROM address WHERE building_norm IS NOT NULL
),
{counted}
SELECT p.text, {spelled} AS standard FROM placed p
{joins}"""
    return Step(ADDRESS_FORM, "地址的完整写法 / addresses in full", ("address",), sql, total=levels)


def _best(level: str) -> Sql:
    """A CTE: what most addresses of each place say of that level."""
    count = f"SELECT place, {level}, count(*) AS n FROM placed GROUP BY place, {level}"
    nth = f"row_number() OVER (PARTITION BY place ORDER BY n DESC, {level} NULLS LAST) AS nth"
    return f"{level}_best AS (SELECT place, {level} FROM (SELECT place, {level}, {nth} FROM ({count}) c) r WHERE nth = 1)"


def _noted(contract: Contract, batches: Sequence[Batch], registry: Registry) -> Step:
    seen = _seen(contract, registry)
    says = f"{contract.source} 写法不同的单元格 / cells of {contract.source} that are written otherwise"
    table = Table(f"noted_{contract.source}", says, NORMALISED.columns, NORMALISED.key)
    if not seen:
        return Step(table, says, sql=nothing(table))
    source = contract.source
    places = any(treatment.cls == "address" for treatment, _, _ in seen)
    columns = ", ".join(f"{_form(treatment, f'd.{cell}', f'v.{value}', f'a{n}.standard', registry)} AS f{n}" for n, (treatment, value, cell) in enumerate(seen))
    joins = " ".join(f"LEFT JOIN address_form a{n} ON a{n}.text = v.{value}" for n, (treatment, value, _) in enumerate(seen) if treatment.cls == "address")
    counts = " UNION ALL ".join(f"SELECT {n} AS n, f{n} AS form, count(*) AS cells FROM formed WHERE f{n} IS NOT NULL GROUP BY f{n}" for n in range(len(seen)))
    cells = " UNION ALL ".join(
        f"SELECT batch, row_no, {n} AS n, {text_literal(treatment.cell.column)} AS heading, f{n} AS form FROM formed WHERE f{n} <> '{PLAIN}'"
        for n, (treatment, _, _) in enumerate(seen)
    )
    shapes = ", ".join(f"'{form}'" for form in _BY_SHAPE)
    sql = f"""WITH formed AS (
  SELECT d.batch, d.row_no, {columns}
  FROM ({delivered_cells(contract, batches)}) d
  JOIN value_{source} v ON v.batch = d.batch AND v.row_no = d.row_no AND v.known_to IS NULL {joins}
),
counted AS ({counts}),
usual AS (
  SELECT c.n, c.form FROM counted c JOIN (SELECT n, sum(cells) AS total FROM counted GROUP BY n) t ON t.n = c.n
  WHERE CASE WHEN split_part(c.form, ':', 1) IN ({shapes}) THEN {USUAL} ELSE 2 END * c.cells > t.total
),
cells AS ({cells})
SELECT '{source}' AS source, c.batch, c.row_no, c.heading, min(split_part(c.form, ':', 1)) AS form
FROM cells c LEFT JOIN usual u ON u.n = c.n AND u.form = c.form WHERE u.n IS NULL GROUP BY c.batch, c.row_no, c.heading"""
    reads = (f"value_{source}", *(f"read_{source}_{batch.number}" for batch in batches), *(("address_form",) if places else ()))
    return Step(table, says, reads, sql)


def _seen(contract: Contract, registry: Registry) -> list[tuple[Treatment, str, str]]:
    """Treatments whose cells are looked at, with their columns in value_<source> and in the delivered rows. What a pattern cuts is not written otherwise."""
    return [
        (treatment, name, contract.cell(treatment.cell.column))
        for treatment, name in Values(contract, registry).names().items()
        if contract.made(treatment.cell.column) is None
        and (treatment.cls != "text" or treatment.codes or treatment.cell.measure) and not treatment.cell.pattern and not treatment.cell.codes
    ]


def _form(treatment: Treatment, raw: Sql, value: Sql, standard: Sql, registry: Registry) -> Sql:
    """How a cell is written; NULL for an empty one."""
    odd = f"WHEN regexp_matches({raw}, {text_literal(_ODD)}) AND {raw} <> {value} THEN 'characters'"
    head = f"CASE WHEN {raw} IS NULL OR {raw} = '' THEN NULL WHEN {value} IS NULL THEN 'placeholder'"
    shape = f"regexp_replace({raw}, '[0-9]+', '9', 'g')"
    if treatment.cls == "date":
        return f"{head} ELSE 'date:' || {shape} END"
    if treatment.cell.measure:
        return f"{head} ELSE 'measure:' || {shape} END"
    if treatment.codes:
        names = text_literal("␟" + "␟".join(zh for zh, _ in registry.codes[treatment.codes].titles.values()) + "␟")
        return f"{head} {odd} WHEN {raw} = {value} THEN 'word:code' WHEN strpos({names}, '␟' || {raw} || '␟') > 0 THEN 'word:name' ELSE 'word:other' END"
    if treatment.cls == "address":
        return f"{head} {odd} WHEN {standard} IS NULL OR {raw} = {standard} THEN '{PLAIN}' ELSE 'address' END"
    number = f"WHEN regexp_matches({raw}, '^[-0-9.,]+$') THEN '{PLAIN}'" if treatment.cls in ("number", "integer", "year") else ""
    return f"{head} WHEN {raw} = {value} THEN '{PLAIN}' {number} {odd} WHEN {fold(raw)} = {value} THEN '{PLAIN}' ELSE 'form' END"
