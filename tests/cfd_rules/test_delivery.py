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
