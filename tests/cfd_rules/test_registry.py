"""The registry loads whole or not at all, and masks hide what they say they hide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cityweave.cfd_rules import registry
from cityweave.cfd_rules.errors import ContractError
from cityweave.cfd_rules.masking import mask

LINE = "person: {birth: {zh: 出生日期, en: birth, class: date, grade: 2, share: conditional, mask: year, standard: GB}}\n"


def load(folder: Path, text: str) -> registry.Registry:
    """A registry written in a test."""
    (folder / "e.yaml").write_text(text)
    return registry.load_from(folder / "e.yaml")


def test_the_shipped_registry_is_whole() -> None:
    known = registry.load()
    assert {kind: len(known.names(kind)) for kind in known.elements} == {"person": 19, "legal_entity": 12, "building": 5, "room": 5}
    assert len(known.codes["gbt3304"].titles) == 58


@pytest.mark.parametrize("attribute", ["zh", "en", "class", "grade", "share", "mask", "standard"])
def test_an_element_that_lacks_something_is_refused(tmp_path: Path, attribute: str) -> None:
    text = re.sub(rf"{attribute}: [^,}}]+,? ?", "", LINE, count=1)
    with pytest.raises(ContractError, match=f"数据元缺少 {attribute}") as caught:
        load(tmp_path, text)
    assert "person.birth" in caught.value.where


UNKNOWN = [("grade: 2", "grade: 5"), ("mask: year", "mask: yaer"), ("class: date", "class: dat"), ("class: date", "class: code, codes: x")]


@pytest.mark.parametrize(("old", "new"), UNKNOWN)
def test_an_element_that_says_something_unknown_is_refused(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ContractError):
        load(tmp_path, LINE.replace(old, new))


def test_grades_three_and_four_need_a_mask(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="必须遮掩"):
        load(tmp_path, LINE.replace("grade: 2", "grade: 3").replace("mask: year", "mask: none"))


@pytest.mark.parametrize(
    ("value", "how", "shown"),
    [
        ("110101199003077213", "keep_3_2", "110*************13"),
        ("1234567", "keep_3_2", "*"),
        ("1990-03-07", "year", "1990-**-**"),
        ("19900307", "year", "*"),
        ("欧阳娜娜", "first_char", "欧***"),
        ("粤海市南湖区春风街道人民路12号3栋501室", "place", "粤海市南湖区春风街道***"),
        ("人民路12号", "place", "***"),
        ("男", "none", "男"),
        (None, "all", None),
    ],
)
def test_masks(value: str | None, how: str, shown: str | None) -> None:
    assert mask(value, how) == shown
