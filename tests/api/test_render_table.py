"""A table in a terminal: no column vanishes, however narrow it is."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from cityweave.api.render_table import table

COLUMNS = ("编号 id", "类 kind", "是谁 who", "记录 rec.", "来源 sources")
ROWS = [("p80000002", "人 person", "王秀英 · 女 F · 1963-02-03 · 粤海市南湖区春风街道***", 1234, "户籍登记、婚姻登记、居住证、学籍、社会保险")]


def test_what_looks_like_markup_is_shown_as_it_stands() -> None:
    written = io.StringIO()
    Console(file=written, width=100).print(table("[red]甲[/red] l1", ("[b]谁", "编号 id"), [("[red]甲[/red]公司", "\\[bold]"), ("[/]", "[link=x]")]))
    for text in ("[red]甲[/red] l1", "[b]谁", "[red]甲[/red]公司", "\\[bold]", "[/]", "[link=x]"):
        assert text in written.getvalue(), text


@pytest.mark.parametrize("width", [80, 100, 200])
def test_every_cell_is_seen(width: int) -> None:
    written = io.StringIO()
    Console(file=written, width=width).print(table("找到", COLUMNS, ROWS, right=("记录 rec.",)))
    told = written.getvalue()
    assert all(cell_len(line) <= width for line in told.splitlines())
    seen = "".join(told.split())
    assert all(letter in seen for row in ROWS for cell in row for letter in str(cell) if not letter.isspace())
