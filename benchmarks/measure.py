"""Measuring a real process: wall seconds and peak memory of it and its children, as the kernel counts them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CITYWEAVE = str(Path(sys.executable).parent / "cityweave")


@dataclass(frozen=True)
class Measured:
    """What a command took."""

    seconds: float
    peak_mb: int


def measure(command: Sequence[str], quiet: bool = True) -> Measured:
    """Run the command to its end; SystemExit when it fails."""
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        if quiet:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        try:
            os.execvp(command[0], list(command))
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise SystemExit(f"exit code {code}: {' '.join(command)}")
    return Measured(round(time.perf_counter() - started, 2), usage.ru_maxrss // 1024)


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0))
