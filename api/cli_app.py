"""The command line's frame: the application, the options commands share, how an answer or an error is printed. Commands stand in cli.py and cli_*.py."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer._click.exceptions import ClickException
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cityweave.api import errors, render, words
from cityweave.api.door import Door
from cityweave.api.model import Answer, Question
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import CityweaveError, InputError


class Told(TyperGroup):
    """Every error becomes one clear message and an exit code other than 0; never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CityweaveError as error:
            fail(error)
        except KeyboardInterrupt:
            note.print("\n[bold]已中断；原有结果照常可用，再运行一次会从中断处继续 / interrupted; former results are served as before, run again to go on[/]")
            raise typer.Exit(errors.INTERRUPTED) from None
        except OSError as error:
            fail(errors.of_system(error))
        except (ClickException, TyperException, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if sys.flags.dev_mode:  # python -X dev shows the traceback
                raise
            fail(errors.of_ourselves(error))


app = typer.Typer(
    cls=Told,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
    help="一城一人一档：从各部门的文件到一生的档案和关系 / Cityweave: from department files to life-long records and one graph.",
)
PIPED = 160
"""Columns where nobody says how many there are: a file or a pipe."""
out = Console(width=shutil.get_terminal_size((PIPED, 50)).columns)
note = Console(stderr=True)

Where = Annotated[Path, typer.Option("-w", "--workspace", help="工作区，缺省为当前文件夹 / the workspace, by default the current folder")]
Json = Annotated[bool, typer.Option("--json", help="JSON 输出 / print JSON")]
Purpose = Annotated[str, typer.Option("--purpose", help="为什么问，记入审计 / why you ask; the audit keeps it")]
Clear = Annotated[bool, typer.Option("--clear", help="要未遮盖的值：须有用途和授权 / unmasked values: wants a purpose and a grant")]
Generation = Annotated[int | None, typer.Option("--generation", help="哪一代结果 / which generation")]
Limit = Annotated[int, typer.Option("--limit", help="最多列几个 / how many at most")]
Known = Annotated[str | None, typer.Option("--known", help="按哪一天所知 / as known on that date")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="哪一天有效 / valid on that date")]
By = Annotated[str, typer.Option("--by", help="谁 / who")]
Because = Annotated[str, typer.Option("--because", help="为什么 / why")]
HERE = Path()


def fail(error: CityweaveError) -> None:
    """Say the error and leave with its exit code."""
    note.print("[bold red]错误 / error[/]", end=" ")
    note.print(str(error), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(errors.exit_code(error))


def at(place: Path) -> Workspace:
    """The workspace there; what is printed from now on calls its sources by their titles."""
    opened = Workspace.open(place)
    words.know(opened.titles())
    return opened


def ask(workspace: Path, question: Question, as_json: bool, purpose: str = "", clear: bool = False) -> Answer:
    """Ask the door and print the answer."""
    answer = Door(at(workspace)).ask(question, purpose, clear=clear)
    if as_json:
        typer.echo(answer.json())
    else:
        out.print(*render.answer(answer), sep="\n", markup=False)
    return answer


def standard_input(*, one_line: bool = False) -> str:
    """What comes on standard input: UTF-8, with or without a mark at its beginning, or GB18030. InputError when it is neither."""
    raw = sys.stdin.buffer.readline() if one_line else sys.stdin.buffer.read()
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    where, todo = "标准输入 / standard input", "用 UTF-8 或 GB18030 / write it in UTF-8 or GB18030"
    raise InputError("编码读不懂 / the encoding is not understood", where, todo)


def say(as_json: bool, document: dict[str, Any], *lines: str | Text) -> None:
    """Print what a writing command did."""
    if as_json:
        typer.echo(render.json_text(document))
    else:
        for line in lines:
            out.print(line, highlight=False, markup=False)
