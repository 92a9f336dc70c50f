"""DuckDB's SQL to Spark's, where sqlglot alone would give other rows. Needs neither engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from cityweave.engine.functions import MACROS

SPACES = "\x20\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What DuckDB's plain trim takes away: the Unicode category Zs. Spark's takes U+0020 alone."""

_BIGINT = exp.DataType.build("BIGINT")
_INT_IN_SPARK = (exp.Length, exp.StrPosition, exp.Year, exp.Month, exp.Day, exp.RowNumber, exp.Rank, exp.DenseRank)
_PATTERNS = (exp.RegexpLike, exp.RegexpExtract, exp.RegexpReplace)


def to_spark(sql: str) -> str:
    """The same rows' query in Spark's dialect; a SqlglotError where there is none.

    Beyond sqlglot: macros are written out; lengths, positions and row numbers are BIGINT; a plain trim takes away every Unicode space, as DuckDB's does;
    in a pattern only \\n ends a line, and `$` is the very end.
    """
    return _generate(sqlglot.parse_one(sql, read="duckdb"))


def _generate(tree: exp.Expr) -> str:
    return written_out(tree).transform(_as_in_duckdb).sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)


def spark_script(sql: str) -> list[tuple[str, str]]:
    """The query as a chain of Spark queries, each with the name under which later ones find its rows; the last has none.

    Spark computes a WITH table anew wherever it is named, DuckDB once. So each that is named more than once is a query of its own.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    with_ = tree.args.get("with_")
    tables = list(with_.expressions) if with_ is not None else []
    named = Counter(table.name for table in tree.find_all(exp.Table))
    script: list[tuple[str, str]] = []
    before: list[exp.Expr] = []
    for table in tables:
        if named[table.alias] > 1:
            script.append((str(table.alias), _with(table.this, before)))
        else:
            before.append(table)
    if with_ is not None:
        tree.set("with_", None)
    return [*script, ("", _with(tree, before))]


def _with(query: exp.Expr, tables: Sequence[exp.Expr]) -> str:
    whole = query.copy()
    inner = whole.args.get("with_")
    if tables:
        own = inner.expressions if inner is not None else []
        whole.set("with_", exp.With(expressions=[*(table.copy() for table in tables), *own]))
    return _generate(whole)


def written_out(tree: exp.Expr) -> exp.Expr:
    """The tree with every macro replaced by what it stands for."""
    return tree.transform(lambda node: _expand(node) if isinstance(node, exp.Anonymous) else node)


@cache
def _macro(name: str) -> exp.Expr:
    return sqlglot.parse_one(MACROS[name].sql, read="duckdb")


def _expand(call: exp.Anonymous) -> exp.Expr:
    name = call.name.lower()
    if name not in MACROS:
        return call
    parameter, argument = MACROS[name].parameter, written_out(call.expressions[0])
    written = _macro(name).transform(lambda node: argument.copy() if isinstance(node, exp.Column) and node.name == parameter else node)
    return exp.Paren(this=written)


def _as_in_duckdb(node: exp.Expr) -> exp.Expr:
    if isinstance(node, _INT_IN_SPARK) and not isinstance(node.parent, exp.Window):
        return exp.Cast(this=node, to=_BIGINT.copy())
    if isinstance(node, exp.Window) and isinstance(node.this, _INT_IN_SPARK):
        return exp.Cast(this=node, to=_BIGINT.copy())
    if isinstance(node, exp.Trim) and node.expression is None:
        node.set("expression", exp.Literal.string(SPACES))
    if isinstance(node, _PATTERNS) and isinstance(node.expression, exp.Literal):
        node.set("expression", exp.Literal.string(java_pattern(node.expression.name)))
        replacement = node.args.get("replacement")
        if isinstance(replacement, exp.Literal):
            node.set("replacement", exp.Literal.string(java_replacement(replacement.name)))
    return node


def java_pattern(pattern: str) -> str:
    """A pattern of RE2 for Java: `$` outside classes is the very end, and only \\n ends a line."""
    parts = re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
    return "(?d)" + "".join(r"\z" if part == "$" else part for part in parts)


def java_replacement(replacement: str) -> str:
    """A replacement of RE2 for Java: groups are $1 instead of \\1, a dollar sign is escaped."""
    return re.sub(r"\\(\d)", r"$\1", replacement.replace("$", r"\$"))
