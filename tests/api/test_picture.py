"""Pictures of relations: nothing overlaps, hubs are folded, values are masked, files are whole and fetch nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.api import words
from cityweave.api.model import Answer
from cityweave.api.picture import HIGH, MOST_ROWS, SMALL, Line, Picture, laid_out, width
from cityweave.api.picture_svg import page, svg, word_place

from .conftest import Cityweave, Golden

KINDS = ("person", "legal_entity", "building", "room", "thing")
RELATIONS = ("spouse", "parent", "works_for", "lives_in", "owns", "unheard_of")
Rectangle = tuple[float, float, float, float]


def edge(type_: str, one: str, other: str, since: str | None = "2001-02-03") -> dict[str, Any]:
    return {"type": type_, "from": one, "to": other, "valid_from": since, "valid_to": None, "detail": None, "sources": ["hukou"], "events": 1, "fact": 1}


def node(name: str, distance: int, kind: str = "person", label: str | None = None) -> dict[str, Any]:
    return {"node": name, "kind": kind, "label": label or f"某某{name}", "distance": distance}


def answer(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], cut: int = 0) -> Answer:
    data = {"entity": nodes[0]["node"], "label": nodes[0]["label"], "depth": 2, "as_of": "2026-01-05", "nodes": nodes, "edges": edges, "cut": cut}
    return Answer("draw", 1, "2026-01-05", False, data, None)


def family() -> Answer:
    """A person with a spouse, two children that the spouse shares, a home, and a firm with two hundred others."""
    nodes = [
        node("p1", 0),
        node("p2", 1),
        node("p3", 1),
        node("p4", 1),
        node("r1", 1, "room", "粤海市南湖区<桂园>街道***"),
        node("l1", 1, "legal_entity", "𠮷野&Söhne"),
    ]
    edges = [edge("spouse", "p1", "p2"), *(edge("parent", parent, child, None) for parent in ("p1", "p2") for child in ("p3", "p4"))]
    edges += [edge("lives_in", f"p{n}", "r1") for n in (1, 2, 3)] + [edge("works_for", "p1", "l1"), edge("owns", "p1", "r1")]
    staff = [node(f"p{n}", 2) for n in range(100, 300)]
    return answer([*nodes, *staff], [*edges, *(edge("works_for", item["node"], "l1") for item in staff)], cut=7)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """A random graph, walked from its first node as the store does."""
    many = draw(st.integers(1, 60))
    ties = draw(st.lists(st.tuples(st.sampled_from(RELATIONS), st.integers(0, many - 1), st.integers(0, many - 1)), max_size=120))
    distance, reached = {0: 0}, [0]
    for one in reached:
        for _, a, b in ties:
            for x, y in ((a, b), (b, a)):
                if x == one and y not in distance:
                    distance[y] = distance[one] + 1
                    reached.append(y)
    labels = draw(st.lists(st.text(min_size=1, max_size=40), min_size=many, max_size=many))
    nodes = [node(f"n{n}", distance[n], KINDS[n % 5], labels[n]) for n in sorted(distance, key=lambda n: (distance[n], n))]
    return answer(nodes, [edge(type_, f"n{a}", f"n{b}") for type_, a, b in ties if a in distance and b in distance])


def rectangles(drawn: Picture) -> Iterator[Rectangle]:
    """Where each box and the words of each line of the tree are."""
    yield from ((box.x - box.wide / 2, box.y - HIGH / 2, box.x + box.wide / 2, box.y + HIGH / 2) for box in drawn.boxes)
    yield from (_words(line) for line in drawn.lines if line.tree)


def _words(line: Line) -> Rectangle:
    x, y = word_place(line)
    half = width(line.text, SMALL) / 2
    return x - half, y - SMALL + 1, x + half, y + 2


def overlapping(drawn: Picture) -> list[tuple[Rectangle, Rectangle]]:
    found = sorted(rectangles(drawn))
    return [(a, b) for n, a in enumerate(found) for b in found[n + 1 :] if b[0] < a[2] and b[1] < a[3] and a[1] < b[3]]


@settings(deadline=None, max_examples=150)
@given(answers())
def test_nothing_overlaps_and_everybody_stands_somewhere(given_: Answer) -> None:
    drawn = laid_out(given_.data)
    assert overlapping(drawn) == []
    assert laid_out(given_.data) == drawn
    shown = {box.node for box in drawn.boxes if box.kind != "folded"}
    folded = sum(int(found[1]) for box in drawn.boxes if (found := re.search(r"beyond: (\d+)", box.title)))
    assert len(shown) + folded == len(given_.data["nodes"])
    ElementTree.fromstring(svg(given_))


def test_a_hub_is_folded_and_its_few_others_are_not_lost() -> None:
    nodes = [node("l1", 0, "legal_entity"), *(node(f"p{n}", 1) for n in range(3000)), node("p9999", 1)]
    drawn = laid_out(answer(nodes, [*(edge("works_for", f"p{n}", "l1") for n in range(3000)), edge("legal_representative", "p9999", "l1")]).data)
    assert {box.text for box in drawn.boxes if box.kind == "folded"} == {"另有 2970 个人 / 2970 more"}
    assert any(line.text.startswith("法定代表人") for line in drawn.lines)
    assert len(drawn.boxes) <= MOST_ROWS


def test_the_picture_of_a_family(golden: Golden) -> None:
    words.know({"hukou": "户籍登记 / household registration"})
    golden("picture.svg", svg(family()))


def test_a_page_fetches_nothing_and_runs_only_its_own_script() -> None:
    text = page(family())
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href|url)\s*[=(]", text.replace("http://www.w3.org/2000/svg", ""))
    assert "<桂园>" not in text and "𠮷野&amp;Söhne" in text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to draw into."""
    made = tmp_path / "pictures"
    made.mkdir()
    return made


def test_a_city_is_drawn_masked_and_without_overlaps(workspace: Path, cityweave: Cityweave, hub: str, folder: Path) -> None:
    asked = cityweave("draw", hub, "-o", folder / "a.svg", "--depth", 3, "--json", "-w", workspace)
    assert asked.code == 0, asked.err
    assert overlapping(laid_out(asked.json["data"])) == []
    said = "".join(ElementTree.fromstring((folder / "a.svg").read_text("utf-8")).itertext())
    assert "已遮盖" in said
    assert not re.search(r"(?<![0-9a-f])\d{15,18}(?![0-9a-f])", said)  # a thing's enciphered id may hold many digits
    assert cityweave("draw", hub, "-o", folder / "a.html", "-w", workspace).code == 0
    assert [path.name for path in sorted(folder.iterdir())] == ["a.html", "a.svg"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["HUB", "-o", "a.png"], ".svg, .html"),
        (["HUB", "-o", "none/a.svg"], "没有这个文件夹"),
        (["p0000000000", "-o", "a.svg"], "没有这个实体"),
        (["HUB", "-o", "a.svg", "--depth", "9"], "步数应为"),
        (["HUB", "-o", "a.svg", "--as-of", "2020-02-30"], "2020-02-30"),
        (["HUB", "-o", "a.svg", "--type", "nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    workspace: Path, cityweave: Cityweave, hub: str, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(folder)
    asked = cityweave("draw", *(hub if item == "HUB" else item for item in arguments), "-w", workspace)
    assert asked.code != 0
    assert told in asked.err
    assert not list(folder.iterdir())
