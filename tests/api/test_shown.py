"""What of a value may leave, by grade, share and mask."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest

from cityweave.api.model import Cell
from cityweave.api.number import holds_number, holds_old_number, holds_valid_number
from cityweave.api.shown import Rules
from cityweave.cfd_rules.masking import mask
from cityweave.engine.errors import DoorError

NUMBER = "990101199003071237"


@dataclass(frozen=True)
class Element:
    cls: str = "text"
    grade: int = 2
    share: str = "conditional"
    mask: str = "none"


ELEMENTS = {
    ("person", "name"): Element("person_name", 2, "conditional", "first_char"),
    ("person", "birth"): Element("date", 2, "conditional", "year"),
    ("person", "id_no"): Element("identity_number", 3, "conditional", "keep_3_2"),
    ("person", "phone"): Element("phone", 3, "conditional", "keep_3_2"),
    ("person", "secret"): Element("text", 1, "none", "all"),
    ("legal_entity", "uscc"): Element("uscc", 1, "unconditional", "none"),
}


def rules(grade: int = 2) -> Rules:
    return Rules(ELEMENTS, mask, grade)


def cell(element: str, value: str | None, kind: str = "person") -> Cell:
    return Cell(kind, element, value)


@pytest.mark.parametrize(
    ("data", "grade", "shown"),
    [
        ({"a": cell("name", "王伟")}, 2, {"a": "王伟"}),
        ({"a": cell("id_no", NUMBER)}, 2, {"a": "990*************37"}),
        ({"a": cell("id_no", NUMBER), "b": [{"c": cell("birth", "1990-03-07")}]}, 2, {"a": "*", "b": [{"c": "1990-03-07"}]}),
        ({"a": cell("id_no", NUMBER), "b": cell("birth", None)}, 2, {"a": "990*************37", "b": None}),
        ({"a": cell("id_no", NUMBER), "b": cell("birth", "1990-03-07")}, 3, {"a": NUMBER, "b": "1990-03-07"}),
        ({"a": cell("phone", "10012345670")}, 2, {"a": "100******70"}),
        ({"a": cell("secret", "x")}, 4, {"a": "*"}),
        ({"a": cell("unknown", "x")}, 4, {"a": "*"}),
        ({"a": cell("name", f"王伟{NUMBER}")}, 2, {"a": "*"}),
        ({"a": cell("uscc", "91990000MA0000000X", "legal_entity")}, 2, {"a": "91990000MA0000000X"}),
        ({"a": cell("uscc", NUMBER, "legal_entity")}, 2, {"a": "*"}),
        ({"a": (1, None, True, "text")}, 2, {"a": [1, None, True, "text"]}),
    ],
)
def test_a_document(data: object, grade: int, shown: object) -> None:
    assert rules(grade).document(data, "q") == shown


def test_a_number_outside_a_cell_stops_the_answer() -> None:
    with pytest.raises(DoorError, match="stopped"):
        rules().document({"a": f"see {NUMBER}"}, "q")


def test_a_number_is_one_with_a_date_in_it() -> None:
    assert holds_number(NUMBER)
    assert holds_number(f"x{NUMBER[:17]}X")
    assert not holds_number("990101199013071230")
    assert holds_old_number("990101901207123") and not holds_old_number("990105100000016")
    assert not holds_number(NUMBER + "1")
    assert not holds_number("17592186056128")


def test_a_files_name_with_eighteen_digits_that_are_no_number_is_no_secret() -> None:
    assert holds_valid_number("990102196302030024.csv") and holds_valid_number("x 11010519491231002x")
    assert not holds_valid_number("990102196302030025.csv") and not holds_valid_number("交付_110101202501010001.csv")


def test_a_frame_is_masked_like_a_document() -> None:
    frame = pl.DataFrame({"name": ["王伟", None], "id_no": [NUMBER, NUMBER], "birth": ["1990-03-07", None], "n": [1, 2]})
    cells = {name: ("person", name) for name in ("name", "id_no", "birth")}
    assert rules().frame(frame, cells).to_dicts() == [
        {"name": "王伟", "id_no": "*", "birth": "1990-03-07", "n": 1},
        {"name": None, "id_no": "*", "birth": None, "n": 2},
    ]
    assert rules(3).frame(frame, cells)["id_no"].to_list() == [NUMBER, NUMBER]


def test_the_id_of_a_thing_leaves_under_another_name() -> None:
    made_of_a_phone, turned = "e62a66089d7db3d314bc35a5b8054ecd", "0" * 32
    told = Rules(ELEMENTS, mask, 2, lambda name: turned)
    data = {"node": made_of_a_phone, "with": [{"node": made_of_a_phone}, "p80000002", "a" * 64]}
    assert told.document(data, "neighbours") == {"node": turned, "with": [{"node": turned}, "p80000002", "a" * 64]}
    frame = pl.DataFrame({"from_id": ["p80000002", made_of_a_phone, None], "sha": [made_of_a_phone] * 3})
    assert told.frame(frame, {}).to_dict(as_series=False) == {"from_id": ["p80000002", turned, None], "sha": [made_of_a_phone] * 3}
