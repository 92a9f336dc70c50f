"""Columns that a contract makes of delivered ones: several joined, or the parts of one."""

from __future__ import annotations

import re

from cityweave.cfd_rules.cell import Derived
from cityweave.cfd_rules.contract_cell import check_pattern
from cityweave.cfd_rules.contract_node import Node
from cityweave.cfd_rules.contract_words import known


def joined_of(top: Node) -> tuple[Derived, ...]:
    """Columns put together from delivered ones."""
    if not top.has("joined"):
        return ()
    joined = top.node("joined")
    made = []
    for name in joined.words:
        if isinstance(joined.raw[name], dict):
            node = joined.node(name)
            node.only(known("joined"))
            made.append(Derived(name, node.texts("columns"), node.text("between", "")))
        else:
            made.append(Derived(name, joined.texts(name)))
        if len(made[-1].columns) < 2:
            joined.fail(name, "至少要有两列 / at least two columns are needed", "[省, 市, 详细地址]")
    return tuple(made)


def split_of(top: Node) -> tuple[Derived, ...]:
    """Parts of delivered columns: 权利人.姓名 is the group that the pattern for 权利人 calls 姓名."""
    if not top.has("split"):
        return ()
    split = top.node("split")
    made: list[Derived] = []
    for column in split.words:
        pattern = re.sub(r"\(\?P?<([^=!>]+)>", r"(?P<\1>", split.text(column))
        check_pattern(split, column, re.sub(r"\(\?P<[^>]+>", "(", pattern))
        try:
            groups = re.compile(pattern)
        except re.error as error:
            split.fail(column, f"括号的名字不对 / a group has a bad name: {error}", "(?<姓名>…)")
        if not groups.groupindex or len(groups.groupindex) != groups.groups:
            split.fail(column, "每对括号都要有名字 / every group needs a name", "(?<姓名>…)，其余写作 (?:…) / others are (?:…)")
        plain = re.sub(r"\(\?P<[^>]+>", "(", pattern)
        made += [Derived(f"{column}.{name}", (column,), "", plain, group, group == 1) for name, group in groups.groupindex.items()]
    return tuple(made)
