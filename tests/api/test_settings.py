"""Settings: from the file and the environment, and nowhere else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cityweave.api import settings
from cityweave.api.settings import SettingsError, load, template


def write(folder: Path, text: str) -> Path:
    path = folder / settings.FILE
    path.write_text(text, "utf-8")
    return path


def test_a_new_file_says_the_defaults(tmp_path: Path) -> None:
    made = load(write(tmp_path, template("here")), {"CITYWEAVE_CALLER": "zhang"})
    assert made == load(tmp_path / "absent", {"CITYWEAVE_CALLER": "zhang"}).__class__(workspace=settings.WorkspaceSettings("here"), caller="zhang")


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[engine]\nthreads = 3\n")
    assert load(path, {}).engine.threads == 3
    assert load(path, {"CITYWEAVE_ENGINE_THREADS": "1"}).engine.threads == 1
    assert load(path, {"CITYWEAVE_SERVE_TOKEN": "123"}).serve.token == "123"


def test_a_token_is_not_shown(tmp_path: Path) -> None:
    assert "hidden" not in repr(load(write(tmp_path, '[serve]\ntoken = "hidden"\n'), {}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[engin]\n", "no such section"),
        ("[engine]\nthread = 1\n", "no setting thread"),
        ("[engine]\nthreads = 'two'\n", "wrong type"),
        ("[engine]\nthreads = 0\n", "at least 1"),
        ("[serve]\nworkers = 0\n", "at least 1"),
        ("[workspace]\ndate = 'soon'\n", "not understood"),
        ("engine = 1\n", "must be a section"),
        ("[engine\n", "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(write(tmp_path, text), {})


def test_today(tmp_path: Path) -> None:
    last = dt.date(2026, 1, 5)
    assert load(write(tmp_path, "[workspace]\ndate = 'last-delivery'\n"), {}).today(last) == last
    assert load(write(tmp_path, "[workspace]\ndate = '2020-06-30'\n"), {}).today(last) == dt.date(2020, 6, 30)
    assert load(write(tmp_path, "[workspace]\ndate = 'today'\n"), {}).today(last) == dt.date.today()  # noqa: DTZ011
