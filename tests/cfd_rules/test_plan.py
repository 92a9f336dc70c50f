"""The whole floor: its steps keep the engine's rules, and shuffled rows change nothing."""

from __future__ import annotations

from pathlib import Path

from cityweave.cfd_rules import contract_file, plan, registry
from cityweave.cfd_rules.model import Batch
from cityweave.engine.lint import check
from cityweave.engine.plan import Plan
from tests.cfd_rules.test_event import gb, lives
from tests.cfd_rules.town import CITY, Town, city_contract

EMITTED = [
    *("record_person", "record_legal_entity", "record_building", "record_room", "event", "participant", "thing", "address"),
    *("quarantine", "rule_violation", "rule_repair"),
]


def test_steps_say_only_what_both_engines_understand(tmp_path: Path) -> None:
    import datetime as dt

    contracts = contract_file.load_all(CITY, registry.load())
    numbered = [(n, n * 6 + place, one.source) for n in range(3) for place, one in enumerate(contracts, start=1)]
    batches = [Batch(number, source, tmp_path, "0" * 64, dt.date(2024, 1, n + 1), "f") for n, number, source in numbered]
    steps = plan.steps(contracts, batches)
    check(steps)
    assert set(EMITTED) <= {step.name for step in steps}


def test_every_table_is_there_even_without_a_source() -> None:
    steps = plan.steps([], [])
    check(steps)
    assert Plan(steps).order(EMITTED)


def test_shuffled_rows_change_nothing(tmp_path: Path) -> None:
    town = Town(tmp_path, [city_contract("hukou")])
    town.deliver("hukou", gb(*(lives(f"人民路{n}号1栋101室", "20100102", "2010-01-02").replace("H1", f"H{n}") for n in range(1, 9)), "bad,row"))
    town.deliver("hukou", gb(lives("解放路3号1栋101室", "20200102", "2020-01-05")))
    plain = {name: town.rows(name) for name in EMITTED}
    for seed in (1, 2):
        made = town.tables(*EMITTED, shuffle=seed)
        assert {name: sorted((tuple(row.values()) for row in table.to_pylist()), key=repr) for name, table in made.items()} == plain
    assert [row[:3] for row in plain["quarantine"]] == [("hukou", 1, 9)]
