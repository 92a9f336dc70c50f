"""What is installed at run time is permissive: no GPL, AGPL or SSPL."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest

ROOTS = ("cityweave", "pyspark")
COPYLEFT = re.compile(r"\b(AGPL|GPL|SSPL|Affero|General Public License|Server Side Public)", re.IGNORECASE)
WEAK_COPYLEFT = re.compile(r"LGPL|(GNU )?(Lesser|Library) General Public License", re.IGNORECASE)
# Weak copyleft that leaves the program alone: (distribution) -> the reason it may be used. It is imported unchanged, never copied.
WEAK = {"python-stdnum": "LGPL-2.1-or-later: imported unchanged as a library"}


def closure(names: tuple[str, ...]) -> dict[str, Distribution]:
    """The distributions that these need at run time (no extras), by name."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        needs = found[name].requires or []
        waiting += [match.group() for need in needs if "extra ==" not in need and (match := re.match(r"[A-Za-z0-9_.-]+", need))]
    return found


def licence(one: Distribution) -> str:
    """What a distribution says of its licence: the expression, else the classifiers, else the first line of the field."""
    expression = one.metadata.get("License-Expression")
    classifiers = [value for value in one.metadata.get_all("Classifier") or [] if value.startswith("License ::")]
    field = (one.metadata.get("License") or "").strip().splitlines()
    return expression or "; ".join(classifiers) or (field[0] if field else "")


def is_permissive(name: str, text: str) -> bool:
    """Whether a licence may be in the product; weak copyleft only by name."""
    weak = WEAK_COPYLEFT.search(text)
    return not COPYLEFT.search(WEAK_COPYLEFT.sub("", text)) and (not weak or name in WEAK)


def test_closure_is_permissive() -> None:
    distributions = closure(ROOTS)
    assert len(distributions) > 20
    assert not {name: licence(one) for name, one in distributions.items() if not is_permissive(name, licence(one))}


def test_every_licence_is_stated() -> None:
    unstated = [name for name, one in closure(ROOTS).items() if not licence(one)]
    assert not unstated


@pytest.mark.parametrize("name", sorted(WEAK))
def test_weak_copyleft_is_still_needed(name: str) -> None:
    assert name in closure(ROOTS), f"strike {name} from WEAK"
