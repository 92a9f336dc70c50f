"""The benchmarks begin: each is imported and says its help; those that judge answers run on the small city."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
ASKING = [name for name in MODULES if "ArgumentParser" in (FOLDER / f"{name}.py").read_text("utf-8")]


def test_every_benchmark_is_imported() -> None:
    assert len(MODULES) > 10
    for name in MODULES:
        assert importlib.import_module(f"benchmarks.{name}").__doc__


@pytest.mark.parametrize("name", ASKING)
def test_it_reads_its_arguments(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as left:
        importlib.import_module(f"benchmarks.{name}").main()
    assert left.value.code == 0 and "usage:" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [name, "--no-such-option"])
    with pytest.raises(SystemExit) as refused:
        importlib.import_module(f"benchmarks.{name}").main()
    assert refused.value.code == 2


def test_proofs_on_the_small_city_are_never_wrong(city: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["prove", str(city), str(workspace), "--pairs", "150"])
    importlib.import_module("benchmarks.prove").main()
    said = capsys.readouterr().out
    assert "wrong 属实 0, wrong 不属实 0" in said and "verdict yes" in said and "verdict no" in said
    print(said)
