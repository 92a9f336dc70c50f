"""The saboteurs stay sharp: each patch still applies and names a test that exists. Running them is `make saboteurs`, a stage of CI."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests" / "saboteurs").glob("*.patch"))
CLAIMS = ("tie", "recency", "key", "undo", "level", "mask")


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_patch_applies_and_names_a_test(patch: Path) -> None:
    header = dict(line.split(": ", 1) for line in patch.read_text(encoding="utf-8").split("\ndiff ", 1)[0].splitlines() if ": " in line)
    file, _, test = header["Test"].partition("::")
    assert header["Claim"]
    assert f"def {test.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8")
    subprocess.run(["git", "apply", "--check", str(patch)], cwd=ROOT, check=True, capture_output=True)


def test_every_claim_has_its_saboteur() -> None:
    assert not [claim for claim in CLAIMS if not any(claim in patch.stem for patch in PATCHES)]
