"""Every word of the contract language has an example that loads, and stands in docs/contracts.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules.contract_words import Word, sample, words

PAGE = Path(__file__).parents[2] / "docs" / "contracts.md"
ALL = [(place, word) for place, entries in words().items() for word in entries]


@pytest.mark.parametrize(("place", "word"), ALL, ids=[f"{place}.{word.name}" for place, word in ALL])
def test_each_example_loads_and_uses_its_word(place: str, word: Word) -> None:
    made = contract_file.parse(sample(place, word), "example.yaml", registry.load())
    assert made.source
    assert word.name in word.example


@pytest.mark.parametrize(("place", "word"), ALL, ids=[f"{place}.{word.name}" for place, word in ALL])
def test_each_word_stands_in_the_page(place: str, word: Word) -> None:
    page = PAGE.read_text("utf-8")
    assert f"`{word.name}`" in page or f"{word.name}:" in page
