"""Cells that mean what they should but are written otherwise than their column usually is."""

from __future__ import annotations

from pathlib import Path

from tests.cfd_rules.town import Town, contract, csv

SOURCE = """
source: s
format: {kind: csv}
delivery: full
key: [k]
recorded_at: day
records:
  - role: p
    kind: person
    elements:
      id_type: {constant: "111"}
      id_no: {column: no, confirmed: true}
      birth: {column: birth, format: YYYYMMDD}
      name: name
      sex: sex
      phone: phone
      address: address
"""
HEAD = "k,name,no,birth,sex,phone,address,day"
FULL = "粤海市云溪区福田坝街道华富路1号滨海新村{}栋302室"


def noted(folder: Path, *lines: str) -> list[tuple[object, ...]]:
    """(row, column, form) of every note; ten plain rows say how the columns are usually written."""
    plain = [f"p{n},张三,110101199003077213,19900307,男,13800000000,{FULL.format(n)},2020-01-01" for n in range(10)]
    town = Town(folder, [contract(SOURCE)]).deliver("s", csv(HEAD, *plain, *lines))
    return [(row - 10, heading, form) for row, heading, form in town.rows("normalised", "row_no", "heading", "form")]


def test_each_way_of_writing_otherwise_is_noted_once_a_cell(tmp_path: Path) -> None:
    lines = (
        "1,张 三,110101900307721,1990-03-07,1,+8613800000000,粤海市云溪区华富路1号滨海新村3幢302,2020-01-01",
        f"2,无,１１０１０１１９９００３０７７２１３,1990年3月7日,m,无,{FULL.format(4)},2020/1/1",
    )
    assert noted(tmp_path, *lines) == [
        (1, "address", "address"),
        (1, "birth", "date"),
        (1, "name", "characters"),
        (1, "no", "form"),
        (1, "phone", "form"),
        (1, "sex", "word"),
        (2, "birth", "date"),
        (2, "name", "placeholder"),
        (2, "no", "characters"),
        (2, "phone", "placeholder"),
        (2, "sex", "word"),
    ]


def test_what_most_of_a_column_does_is_its_own_way(tmp_path: Path) -> None:
    lines = [f"{n},李四,110101900307721,1990-03-07,1,+8613800000000,粤海市云溪区华富路1号滨海新村3幢302,2020-01-01" for n in range(30)]
    assert {heading for _, heading, _ in noted(tmp_path, *lines)} == {"birth", "sex"}, "of dates and codes the ten plain rows are now the odd ones"


def test_a_corrected_row_is_noted_no_more(tmp_path: Path) -> None:
    town = Town(tmp_path, [contract(SOURCE)]).deliver("s", csv(HEAD, "1,张 三,,,,,,2020-01-01")).deliver("s", csv(HEAD, "1,张三,,,,,,2020-01-01"))
    assert town.rows("normalised") == []
