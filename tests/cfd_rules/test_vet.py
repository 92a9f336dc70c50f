"""Rules are vetted on data before they may repair: one that does not hold reports and repairs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityweave.cfd_rules import registry, vet
from cityweave.cfd_rules.errors import RuleError
from cityweave.cfd_rules.pack import Pack
from cityweave.engine.trial import trial
from tests.cfd_rules.test_rules import HEAD, rules, source
from tests.cfd_rules.town import Town, csv

SAYS = "[relation in ('12')] -> [sex = '2']"
HOUSE = "[household_no] -> [birth]"


def counted(folder: Path, pack: Pack, *lines: str) -> tuple[vet.Vetted, ...]:
    """What vetting counts of a pack on these rows."""
    town = Town(folder, [source()], [pack]).deliver("s", csv(HEAD, *lines))
    step = vet.vet_step(pack, [source()], registry.load())
    rows = trial([step], {"record_person": town.tables("record_person")["record_person"]}, ["vet_person"])["vet_person"].to_pylist()
    return vet.vetted([pack], {row["rule"]: (row["checked"], row["held"]) for row in rows})


def lines(wrong: int, of: int = 40) -> list[str]:
    """Wives, of whom the first are men; two to a house, where the first houses do not agree on the birth date."""
    return [f"{n},张{n},,19{60 + (n if n < wrong else n // 2) % 30}-01-01,{'男' if n < wrong else '女'},妻,h{n // 2},,,2020-01-01" for n in range(of)]


def test_how_often_the_left_side_predicts_the_right(tmp_path: Path) -> None:
    pack = rules(SAYS, HOUSE, repair="reliable")
    assert [(item.rule, item.checked, item.held) for item in counted(tmp_path, pack, *lines(8))] == [("r0", 40, 32), ("r1", 40, 36)]


@pytest.mark.parametrize(
    ("wrong", "of", "repair", "permitted"),
    [(8, 40, "reliable", "none"), (2, 40, "reliable", "reliable"), (0, 10, "reliable", "none"), (0, 10, "certain", "certain")],
)
def test_a_rule_below_the_bar_reports_and_repairs_nothing(tmp_path: Path, wrong: int, of: int, repair: str, permitted: str) -> None:
    pack = rules(SAYS, repair=repair)
    assert [rule.repair for rule in vet.permitted([pack], counted(tmp_path, pack, *lines(wrong, of)))[0].rules] == [permitted]


def test_a_rule_that_was_changed_must_be_counted_again(tmp_path: Path) -> None:
    known = counted(tmp_path, rules(SAYS, repair="reliable"), *lines(0))
    changed = rules("[relation in ('12', '11')] -> [sex = '2']", repair="reliable")
    assert vet.permitted([changed], known)[0].rules[0].repair == "none"
    assert vet.permitted([changed], ())[0].digest != changed.digest


def test_the_file_reads_as_it_was_written(tmp_path: Path) -> None:
    known = counted(tmp_path, rules(SAYS, repair="reliable"), *lines(2))
    assert vet.load(tmp_path / "none.json") == ()
    assert vet.load(tmp_path / vet.FILE) == () and vet.save(known, tmp_path / vet.FILE) == known == vet.load(tmp_path / vet.FILE)
    (tmp_path / vet.FILE).write_text("[{]")
    with pytest.raises(RuleError, match="cannot be read"):
        vet.load(tmp_path / vet.FILE)
