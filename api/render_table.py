"""A plain table in a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

Rendered = list[RenderableType]

WHOLE = ("问题 question", "能否", "类", "编号", "起 ", "止 ", "事 ", "生日", "出生 ", "姓名 ", "关系 ")
"""Columns whose cells stay on one line."""
LEAST = 16
"""A column that is folded gets so much room where it needs it, however narrow the terminal."""


def table(title: str | Text, columns: Iterable[str], rows: Iterable[Iterable[Any]], *, right: Iterable[str] = (), width: int | None = None) -> Table:
    """A plain table; columns named in `right` are numbers. What looks like markup ([red]) is a name like any other, and is shown as it stands."""
    head = title if isinstance(title, Text) else Text(title, style="bold")
    made = Table(title=head or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), width=width)
    numbers = set(right)
    for column in columns:
        whole = column in numbers or column.startswith(WHOLE)
        made.add_column(Text(column), justify="right" if column in numbers else "left", overflow="ellipsis" if whole else "fold", no_wrap=whole)
    cells = [[_cell(item) for item in row] for row in rows]
    for place, folded in enumerate(made.columns):
        if not folded.no_wrap:
            folded.min_width = min(LEAST, max((cell_len(text) for row in cells for text in row[place].splitlines()), default=0))
    for row in cells:
        made.add_row(*map(Text, row))
    return made


def _cell(item: Any) -> str:
    if item is None:
        return ""
    return f"{item:,}" if isinstance(item, int) and not isinstance(item, bool) else str(item)
