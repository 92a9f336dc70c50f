"""What a person sees while a plan runs: a bar, and a line per step with rows in, rows out, seconds and peak memory."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text


class Report(Protocol):
    """What one step did (engine/run.py)."""

    @property
    def name(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def rows_in(self) -> int: ...
    @property
    def rows_out(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def peak_mb(self) -> int: ...


class StepLines:
    """A bar that moves on a terminal, and lines that stay; on a pipe only the lines. Use as a context.

    Inside it Ctrl-C is never lost: libraries in C that look up a module while they work sometimes swallow it, so it is remembered and looked at between steps.
    """

    def __init__(self, console: Console, *, lines: bool = True) -> None:
        self._console = console
        self._lines = lines
        self._bar = Progress(
            TextColumn("[progress.description]{task.description}", table_column=None),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("…", total=None)
        self._interrupted = False
        self._former = signal.getsignal(signal.SIGINT)

    def __enter__(self) -> StepLines:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._interrupt)
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._former)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        raise KeyboardInterrupt

    def _look(self) -> None:
        if self._interrupted:
            raise KeyboardInterrupt

    def start(self, steps: int) -> None:
        """So many steps will run."""
        self._bar.update(self._task, total=steps)
        if steps and self._lines:
            heads = (("步骤 step", 28, False), ("读行 in", 11, True), ("写行 out", 11, True), ("秒 s", 8, True), ("MB", 8, True))
            self._console.print(
                Text("".join(" " * (width - cell_len(head)) + head if right else set_cell_size(head, width) for head, width, right in heads), style="dim")
            )

    def step(self, name: str, says: str) -> None:
        """This one begins."""
        self._look()
        self._bar.update(self._task, description=_cut(says, 40))

    def done(self, report: Report) -> None:
        """It is stored."""
        self._look()
        self._bar.advance(self._task)
        if self._lines:
            says = report.says.partition(" / ")[0]
            numbers = f"{report.rows_in:>11,}{report.rows_out:>11,}{report.seconds:>8.2f}{report.peak_mb:>8,}"
            line = Text.assemble((set_cell_size(report.name, 28), "cyan"), numbers, (f"  {says}", "dim"))
            self._console.print(line, no_wrap=True, overflow="ellipsis")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
