"""What two records' features come to: the levels that knowledge, not counting, sets."""

from __future__ import annotations

import duckdb
import pytest

from cityweave.cfd_rules.classes import gb11643_check
from cityweave.engine.duck import DuckEngine
from cityweave.resolver.legal_entity import CODE
from cityweave.resolver.model import FEATURES
from cityweave.resolver.person import ID_NO, NAME, SEX
from cityweave.resolver.score import level_sql
from cityweave.resolver.settings import Comparison


def level(comparison: Comparison, kind: str, left: dict[str, str], right: dict[str, str]) -> str:
    """The name of the level that two records reach; "" where the comparison says nothing."""
    columns = [f"cast({_text(side.get(name))} as varchar) as {name}_{end}" for side, end in ((left, "l"), (right, "r")) for name in FEATURES[kind]]
    engine = DuckEngine(threads=1)
    (code,) = engine._connection.execute(f"select {level_sql(comparison)} from (select {', '.join(columns)})").fetchone() or (None,)
    engine.close()
    return next((item.name for item in comparison.levels if comparison.code(item) == code), "")


def _text(value: str | None) -> str:
    return "null" if value is None else f"'{value}'"


def valid(first17: str) -> str:
    """A number with its check digit."""
    (digit,) = duckdb.connect().execute(f"select {gb11643_check(_text(first17))}").fetchone() or ("",)
    return first17 + str(digit)


def test_two_right_check_digits_are_no_slip_of_the_pen() -> None:
    one, other = valid("99010120140514873"), valid("99010120140514874")
    assert level(ID_NO, "person", {"id_text": one, "id_no": one}, {"id_text": other, "id_no": other}) == "different"
    slip = one[:16] + ("1" if one[16] != "1" else "2") + one[17:]
    assert level(ID_NO, "person", {"id_text": one, "id_no": one}, {"id_text": slip}) == "one_digit"
    code, near = "91990104010866748X", "91990104010866747X"
    assert level(CODE, "legal_entity", {"id_text": code, "id_no": code}, {"id_text": near, "id_no": near}) == "different"
    assert level(CODE, "legal_entity", {"id_text": code, "id_no": code}, {"id_text": near}) == "near"


@pytest.mark.parametrize(("given", "reached"), [("浩川", "family"), ("冠宇", "one_character"), ("冠锋", "same")])
def test_a_rare_surname_alone_proves_nobody(given: str, reached: str) -> None:
    """It is those who live together that share it."""
    names = [{"name": "衡" + name, "surname": "衡", "given": name, "script": "han", "pinyin": name, "look": name} for name in ("冠锋", given)]
    assert level(NAME, "person", names[0], names[1]) == reached
    assert not next(item for item in NAME.levels if item.name == "family").tf


def test_the_sex_in_a_number_speaks_against_who_tells_another_but_two_numbers_tell_nothing_new() -> None:
    """A father is no woman, and his number says so as well as his row."""
    assert level(SEX, "person", {"sex": "1", "sexed": "1"}, {"sexed": "2"}) == "different"
    assert level(SEX, "person", {"sex": "1", "sexed": "1"}, {"sexed": "1"}) == "same"
    assert level(SEX, "person", {"sexed": "1"}, {"sexed": "2"}) == ""
