"""The look at a file before it enters the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from cityweave.cfd_rules.delivery import check_delivery
from cityweave.cfd_rules.errors import DeliveryRefusedError, InputError
from tests.cfd_rules.town import contract, csv

FULL = contract("source: s\nformat: {kind: csv}\ndelivery: full\nkey: [k]\nrecords: [{role: p, kind: person, elements: {name: n}}]\n")
KEYLESS = contract("source: s\nformat: {kind: csv}\ndelivery: full\nrecords: [{role: p, kind: person, elements: {name: n}}]\n")
DELTA = contract("source: s\nformat: {kind: csv}\ndelivery: delta\nkey: [k]\nrecords: [{role: p, kind: person, elements: {name: n}}]\n")


def file(folder: Path, name: str, *lines: str) -> Path:
    """A file with a heading."""
    (folder / name).write_text(csv("k,n,note", *lines))
    return folder / name


def test_what_a_look_finds(tmp_path: Path) -> None:
    check = check_delivery(FULL, file(tmp_path, "a", "1,甲,x", "2,乙", ",丙,x", "4,丁,x", "5,戊,x"))
    assert (check.rows, check.quarantined, check.unmapped, check.share_millionths) == (5, 2, ("note",), 400_000)
    assert [row for row, _ in check.problems] == [2, 3]


def test_a_full_delivery_may_lack_five_per_cent_and_no_more(tmp_path: Path) -> None:
    before = file(tmp_path, "a", *(f"{n},甲{n},x" for n in range(100)))
    check_delivery(FULL, file(tmp_path, "b", *(f"{n},甲{n},x" for n in range(95))), before)
    fewer = file(tmp_path, "c", *(f"{n},甲{n},x" for n in range(94)))
    for agreed in (FULL, KEYLESS):
        with pytest.raises(DeliveryRefusedError, match="少了 6 个"):
            check_delivery(agreed, fewer, before)
    assert check_delivery(FULL, fewer, before, accept_absences=True).rows == 94


def test_empty_deliveries(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefusedError, match="the full delivery is empty"):
        check_delivery(FULL, file(tmp_path, "a"))
    assert check_delivery(FULL, file(tmp_path, "a"), accept_absences=True).rows == 0
    with pytest.raises(InputError, match="there is no data row"):
        check_delivery(DELTA, file(tmp_path, "a"), accept_absences=True)


def test_a_file_of_which_most_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 of 3 rows cannot be read"):
        check_delivery(DELTA, file(tmp_path, "a", "1,甲,x", "2", "3"))


def test_columns_left_alone_on_purpose_are_not_listed(tmp_path: Path) -> None:
    records = "records: [{role: p, kind: person, elements: {name: n}}]"
    left = contract(f"source: s\nformat: {{kind: csv}}\ndelivery: full\nkey: [k]\n{records}\nunmapped: [Note]\n")
    assert check_delivery(left, file(tmp_path, "a", "1,甲,x")).unmapped == ()
    (tmp_path / "b").write_text(csv("k,n,note,more", "1,甲,x,y"))
    assert check_delivery(left, tmp_path / "b").unmapped == ("more",)


ROWS = ("k,姓名,住址", *(f"{n},张三丰,粤海市人民路{n}号" for n in range(30)))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("headed", [True, False])
@pytest.mark.parametrize(("said", "written"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("gbk", "utf-8-sig"), ("big5", "utf-8")])
def test_a_file_in_another_encoding_than_the_contract_says(tmp_path: Path, said: str, written: str, kind: str, headed: bool) -> None:
    """It says so, and which file, and what would read it; also where the headings are ASCII and the cells would be read as nonsense."""
    column = "姓名" if headed else "name"
    rows = [f'{{"k": "{n}", "{column}": "张三丰", "住址": "粤海市人民路{n}号"}}' for n in range(30)] if kind == "jsonl" else list(ROWS)
    (tmp_path / "f").write_bytes("\n".join(rows).replace("姓名", column).replace("住址", "home").encode(written))
    records = f"records: [{{role: p, kind: person, elements: {{name: {column}}}}}]"
    agreed = contract(f"source: s\nformat: {{kind: {kind}, encoding: {said}}}\ndelivery: delta\nkey: [k]\n{records}\n")
    with pytest.raises(InputError, match=f"不是合同所说的编码 {said}，用 {written} 能读") as caught:
        check_delivery(agreed, tmp_path / "f")
    assert "f" in caught.value.where and f"format.encoding: {written}" in caught.value.todo
