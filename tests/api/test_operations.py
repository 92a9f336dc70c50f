"""docs/operations.md: its backup and restore, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from .conftest import Cityweave

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_a_workspace_comes_back_from_its_backup(workspace: Path, tmp_path: Path, cityweave: Cityweave) -> None:
    assert cityweave("grant", "zhang", "--by", "wang", "--because", "高龄津贴", "-w", workspace).code == 0
    before = cityweave("digest", "-w", workspace, "--json").json["data"]
    (script,) = re.findall(r"```sh\n(# while no run.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "backup").mkdir()
    for word, place in (("WORKSPACE", workspace), ("/backup", tmp_path / "backup"), ("NEW", tmp_path / "restored")):
        script = script.replace(word, str(place))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(["sh", "-eu", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    restored = tmp_path / "restored"
    assert cityweave("digest", "-w", restored, "--json").json["data"] == before
    assert "sound" in done.stdout and restored.stat().st_mode & 0o777 == 0o700 and not (workspace / "state.backup").exists()
    assert cityweave("entity", "pzzzzzz", "-w", restored).code == 2
