"""Contracts: the six of the city load; what is not understood is refused with the place and the nearest known word."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityweave.cfd_rules import contract_file, registry
from cityweave.cfd_rules.errors import ContractError
from tests.cfd_rules.town import CITY, contract

GOOD = """
source: s
format: {kind: csv}
delivery: delta
key: [k]
op: {column: op, put: [put]}
records:
  - {role: person, kind: person, elements: {name: name, id_no: {column: no, confirmed: true}}}
events:
  - {type: death, participants: {deceased: person}}
"""


def test_the_citys_contracts_load() -> None:
    made = contract_file.load_all(CITY, registry.load())
    assert [item.source for item in made] == sorted(path.stem for path in CITY.glob("*.yaml"))
    assert not any(item.unconfirmed for item in made)


@pytest.mark.parametrize(
    ("old", "new", "place", "todo"),
    [
        ("source: s", "source: S 1", "source", ""),
        ("delivery: delta", "delivry: delta", "delivry", "delivery"),
        ("kind: csv", "kind: cvs", "format.kind", "csv"),
        ("kind: csv", "kind: csv, encoding: utf8x", "format.encoding", "utf-8"),
        ("kind: csv", "kind: csv, encoding: base64", "format.encoding", "utf-8"),
        ("kind: csv", "kind: csv, encoding: zip", "format.encoding", "utf-8"),
        ("name: name", "nmae: name", "records[0].elements.nmae", "name"),
        ("kind: person", "kind: persn", "records[0].kind", "person"),
        ("confirmed: true", "confirmd: true", "records[0].elements.id_no.confirmd", "confirmed"),
        ("{column: no, confirmed: true}", "no", "records[0].elements.id_no", "confirmed: true"),
        ("deceased: person", "deceased: persn", "events[0].participants.deceased", "person"),
        ("deceased: person", "dead: person", "events[0].participants.dead", ""),
        ("type: death", "type: deth", "events[0].type", "death"),
        ("put: [put]", "put: [put, put]", "op", ""),
        ("delivery: delta", "delivery: delta\nauthority: [birth]", "authority", "name"),
        ("name: name", "name: {column: name, format: YYYY-MM-DD}", "records[0].elements.name", ""),
        ("name: name", "birth: {column: name, format: YMD}", "records[0].elements.birth.format", "YYYYMMDD"),
        ("name: name", "name: {column: name, pattern: 'a(b'}", "records[0].elements.name.pattern", ""),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, place: str, todo: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract(GOOD.replace(old, new))
    assert caught.value.where == f"test.yaml: {place}"
    assert todo in caught.value.todo


def test_a_file_that_is_no_contract(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("source: [")
    with pytest.raises(ContractError, match="YAML 读不懂"):
        contract_file.load(tmp_path / "c.yaml", registry.load())


def test_the_digest_is_that_of_the_meaning() -> None:
    assert contract(GOOD).digest == contract("# a comment\n" + GOOD.replace("{kind: csv}", "{kind: csv, encoding: utf-8}")).digest
    assert contract(GOOD).digest != contract(GOOD.replace("confirmed: true", "confirmed: false")).digest
