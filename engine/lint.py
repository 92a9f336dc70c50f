"""What a step may not say, because its result would depend on more than its inputs, or on the engine (DESIGN, sections 1 and 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cityweave.engine.dialect import spark_script
from cityweave.engine.errors import PlanError
from cityweave.engine.examples import EXPRESSIONS, QUERIES
from cityweave.engine.functions import FORBIDDEN, MACROS, PYTHON_BACKED
from cityweave.engine.model import Step

_ORDERED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Ntile)
_NEVER = (exp.TableSample, exp.Pivot, exp.Lateral, exp.Unnest, exp.Command, exp.Lambda, exp.Bracket)


@dataclass(frozen=True)
class Finding:
    """One thing a step may not say."""

    step: str
    says: str

    def __str__(self) -> str:
        return f"{self.step}: {self.says}"


def check(steps: Iterable[Step]) -> None:
    """Raise a PlanError that lists every finding, if there is any."""
    found = [finding for step in steps for finding in lint(step)]
    if found:
        raise PlanError("步骤不合规 / steps say what they may not:\n" + "\n".join(map(str, found)), todo="见 / see engine/lint.py, engine/functions.py")


def lint(step: Step) -> list[Finding]:
    """What the step's SQL may not say, in the order of the text; nothing for a Python step."""
    if not step.sql:
        return []
    try:
        tree = sqlglot.parse_one(step.sql, read="duckdb")
        spark_script(step.sql)
    except SqlglotError as error:
        return [Finding(step.name, f"不能译成 Spark / has no equal in Spark: {error}")]
    if not isinstance(tree, exp.Query):
        return [Finding(step.name, "不是一个 SELECT / is not one SELECT")]
    return [Finding(step.name, says) for says in dict.fromkeys([*_functions(tree), *_orders(tree, step.total), *_reads(tree, step)])]


@cache
def allowed() -> frozenset[str]:
    """The names of all functions, operators and casts that an example shows."""
    queries = [*(f"SELECT {expression}" for group in EXPRESSIONS.values() for expression in group), *QUERIES]
    found = {name for query in queries for node in sqlglot.parse_one(query, read="duckdb").walk() if (name := identity(node))}
    return frozenset(found | set(MACROS) | set(PYTHON_BACKED)) - set(FORBIDDEN)


def identity(node: exp.Expr) -> str | None:
    """The name a function, operator or cast goes by in the table of functions; None for all other nodes."""
    if isinstance(node, exp.Cast | exp.TryCast):
        return f"{node.sql_name().lower()} {node.to.sql().lower()}"
    if isinstance(node, exp.DateDiff):
        return f"date_diff {node.text('unit').lower() or 'day'}"
    if isinstance(node, exp.Extract):
        return f"extract {node.name.lower()}"
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return node.name.lower()
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    if isinstance(node, exp.Binary | exp.Unary) and not isinstance(node, exp.Paren | exp.Dot):
        return node.key
    return None


def _functions(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        name = identity(node)
        if name is not None and name not in allowed():
            yield f"{name}: {FORBIDDEN.get(name, '不在函数表中 / not in the table of functions')}"
        elif isinstance(node, exp.Literal) and not node.is_string and not node.name.isdigit():
            yield f"{node.name}: 小数 / a fraction; use integers"
        elif isinstance(node, exp.RegexpReplace) and node.text("modifiers") != "g":
            yield "regexp_replace: 须带 'g' / always with 'g'"
        elif isinstance(node, exp.RegexpLike) and node.args.get("flag"):
            yield "regexp_matches: 不得带标志 / without flags"
        elif isinstance(node, exp.Distinct) and node.args.get("on"):
            yield "distinct on: 用 / use row_number()"
        elif isinstance(node, exp.With) and node.args.get("recursive"):
            yield "with recursive: 步骤中不用 / not for steps"
        elif isinstance(node, _NEVER):
            yield f"{node.key}: 步骤中不用 / not for steps"


def _orders(tree: exp.Expr, total: tuple[str, ...]) -> Iterator[str]:
    """Where rows are numbered, looked at by position or cut off, the order must be total: its last term is a column declared so."""
    for window in tree.find_all(exp.Window):
        frame = window.args.get("spec")
        by_rows = frame is not None and frame.text("kind").upper() == "ROWS"
        function = window.this.this if isinstance(window.this, exp.IgnoreNulls | exp.Filter) else window.this
        if (isinstance(function, _ORDERED) or by_rows) and not _is_total(window.args.get("order"), total):
            yield f"{window.sql(dialect='duckdb')}: {_TOTAL}"
    for query in tree.find_all(exp.Query):
        if (query.args.get("limit") or query.args.get("offset")) and not _is_total(query.args.get("order"), total):
            yield f"limit: {_TOTAL}"
    for aggregate in tree.find_all(exp.GroupConcat):
        order = aggregate.find(exp.Order)
        if not _is_total(order, total):
            yield f"string_agg: {_TOTAL}"


_TOTAL = "末项须为 step.total 中的列 / its last ORDER BY term must be a column of step.total"


def _is_total(order: exp.Expr | None, total: tuple[str, ...]) -> bool:
    if order is None or not order.expressions:
        return False
    last = order.expressions[-1].this
    return isinstance(last, exp.Column) and last.name in total


def _reads(tree: exp.Expr, step: Step) -> Iterator[str]:
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table)} - named
    if stray := sorted(read - set(step.reads)):
        yield f"读了未声明的表 / reads what it does not declare: {', '.join(stray)}"
    if idle := sorted(set(step.reads) - read):
        yield f"声明了不读的表 / declares what it does not read: {', '.join(idle)}"
