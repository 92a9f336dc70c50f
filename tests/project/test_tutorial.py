"""Every command of docs/tutorial.md runs, chapter by chapter, in an empty folder; what the page shows must be what came out.

A ```console block holds commands (`$ `, continued by `> `) and below each what it prints; `…` stands for anything, blank lines and widths do not count.
A chapter is a `## ` heading; one that names `CITYWEAVE_DATA` needs the public data sets.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
MARK = "@@ command"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def tidy(text: str) -> list[str]:
    """The lines of a text that are not blank, each run of spaces as one: how wide a table is does not count."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@dataclass
class Command:
    """A command as typed and the lines that the page shows below it."""

    typed: str
    shown: list[str] = field(default_factory=list)

    def pattern(self) -> re.Pattern[str]:
        """What the shown lines match: themselves, with a line … for any lines and … in a line for anything there."""
        return re.compile("".join("(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + "\n" for line in tidy("\n".join(self.shown))))


@dataclass(frozen=True)
class Chapter:
    """A chapter of the tutorial with its commands."""

    title: str
    text: str

    def commands(self) -> list[Command]:
        """Its commands in the order of the page."""
        found: list[Command] = []
        for block in BLOCK.findall(self.text):
            for line in block.splitlines():
                if line.startswith("$ "):
                    found.append(Command(line[2:]))
                elif line.startswith("> ") and found and not found[-1].shown:
                    found[-1].typed += "\n" + line[2:]
                else:
                    found[-1].shown.append(line)
        return found


def chapters(page: Path = TUTORIAL) -> list[Chapter]:
    """The chapters of a page that hold commands."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = [Chapter(title, text) for title, text in zip(parts[1::2], parts[2::2], strict=True)]
    return [chapter for chapter in found if chapter.commands()]


def marks(chapter: Chapter) -> list[pytest.MarkDecorator]:
    """The marks of a chapter: `data` where it reads the public data sets."""
    return [pytest.mark.data] if "CITYWEAVE_DATA" in chapter.text else []


def run(commands: list[Command], folder: Path, data: str) -> tuple[int, list[str]]:
    """Runs commands in one shell; (exit code, what each that began printed)."""
    script = "set -eo pipefail\n" + "\n".join(f"echo '{MARK}'\n{command.typed}" for command in commands) + "\n"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "CITYWEAVE_DATA": data, "COLUMNS": "160", "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, [text.strip("\n") for text in done.stdout.split(MARK + "\n")[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [pytest.param(chapter, marks=marks(chapter), id=chapter.title) for chapter in chapters()])
def test_chapter_runs_as_shown(chapter: Chapter, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    data = str(request.getfixturevalue("data")) if marks(chapter) else ""
    commands = chapter.commands()
    code, printed = run(commands, tmp_path, data)
    assert code == 0, f"$ {commands[len(printed) - 1].typed}\n{printed[-1]}\nended with exit code {code}"
    texts = ["".join(f"{line}\n" for line in tidy(output)) for output in printed]
    other = [(command, text) for command, text in zip(commands, texts, strict=True) if not command.pattern().search(text)]
    assert not other, "\n".join(f"$ {command.typed}\nprinted\n{text}\nand not as shown\n{chr(10).join(command.shown)}" for command, text in other)
    print(f"{chapter.title}: {len(commands)} commands ran as shown")
