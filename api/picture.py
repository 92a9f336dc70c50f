"""Where everything stands in a picture of relations: the answer to `draw` laid out; a pure function of it.

The entity asked about stands in the middle; to its left and right go columns of those one step away, two steps, …, each beside the one through which it
was reached. Whatever stands alone has a row of its own, so no two names and no two words of a relation overlap. Many that hang on one node by the same
relation and lead nowhere else are folded into one box that says how many. Relations beside this tree are curves in the colour of their kind.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cityweave.api import words

ROW, GAP, PAD, HIGH = 34, 176, 12, 24
"""Pixels: of a row, between columns, beside a name, of a box."""

FONT = 13
MOST_ROWS = 100
FOLDED = 5
"""Fewer than this many more are not folded."""

WAYS = ((30, False), (10, False), (3, False), (10, True), (3, True), (1, True), (0, True))
"""Ways of folding, tried until there are at most MOST_ROWS rows: how many stand by themselves, and whether what leads on is folded too."""

LONGEST, WORDS = 260, GAP - 2 * PAD
"""Pixels that a name and the words of a relation may take; what is longer is shortened, and whole in the title."""

SMALL = 11
"""The size of the words of a relation."""


@dataclass(frozen=True)
class Box:
    """A node, or several folded: its middle, its size, what stands in it and what it says when pointed at."""

    node: str
    kind: str
    text: str
    title: str
    x: float
    y: float
    wide: float
    distance: int


@dataclass(frozen=True)
class Line:
    """Relations between two boxes: of the tree (with words), or beside it."""

    a: Box
    b: Box
    kind: str
    text: str
    title: str
    tree: bool
    ahead: bool  # some relation points from a to b
    back: bool  # some points from b to a


@dataclass(frozen=True)
class Picture:
    """Boxes and lines within a width and a height, with the kinds of relation for the legend."""

    wide: float
    high: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    kinds: tuple[str, ...]


@dataclass
class _Branch:
    """A node of the tree, with what was reached through it."""

    node: str
    kind: str
    label: str
    distance: int
    edges: list[dict[str, Any]]  # to the node through which it was reached
    below: list[_Branch] = field(default_factory=list)
    folded: int = 0  # how many nodes it stands for, with those below them

    @property
    def rows(self) -> int:
        """How many rows it takes."""
        return sum(item.rows for item in self.below) or 1

    @property
    def nodes(self) -> int:
        """How many nodes stand in it and below it."""
        return (self.folded or 1) + sum(item.nodes for item in self.below)


def laid_out(data: Mapping[str, Any]) -> Picture:
    """The picture of an answer to `draw`."""
    root, rest = _legible(data["nodes"], data["edges"])
    right, left = _sides(root.below)
    boxes: dict[str, Box] = {}
    high = max(sum(item.rows for item in side) for side in (right, left)) * ROW or ROW
    middle = _box(root, 0, high / 2)
    boxes[root.node] = middle
    for side, branches in ((1, right), (-1, left)):
        rows = sum(item.rows for item in branches)
        _place(branches, side, middle.wide / 2, (high - rows * ROW) / 2, boxes)
    least = min(box.x - box.wide / 2 for box in boxes.values())
    most = max(box.x + box.wide / 2 for box in boxes.values())
    moved = {name: Box(**{**box.__dict__, "x": round(box.x - least, 1), "y": round(box.y, 1)}) for name, box in boxes.items()}
    lines = [*_tree_lines(root, moved), *_other_lines(rest, moved)]
    return Picture(round(most - least, 1), high, tuple(moved.values()), tuple(lines), tuple(sorted({line.kind for line in lines})))


def width(text: str, size: int = FONT) -> float:
    """How many pixels a text takes: Han and other wide characters a square, the others somewhat more than half."""
    return sum(size if unicodedata.east_asian_width(letter) in "WFA" else size * 0.62 for letter in text)


def shortened(text: str, most: float = LONGEST, size: int = FONT) -> str:
    """The text, or its beginning and … so that it takes at most so many pixels."""
    if width(text, size) <= most:
        return text
    return next(text[:end] + "…" for end in range(len(text) - 1, -1, -1) if width(text[:end] + "…", size) <= most or not end)


def _legible(nodes: Sequence[Mapping[str, Any]], edges: Sequence[dict[str, Any]]) -> tuple[_Branch, list[dict[str, Any]]]:
    """The tree, folded as far as it must be, and the relations that are not of the tree."""
    for shown, deep in WAYS:
        root, rest, lonely = _tree(nodes, edges)
        _fold(root, None if deep else lonely, shown)
        if root.rows <= MOST_ROWS:
            break
    return root, rest


def _tree(nodes: Sequence[Mapping[str, Any]], edges: Sequence[dict[str, Any]]) -> tuple[_Branch, list[dict[str, Any]], set[str]]:
    """The nodes as a tree, each below the first by distance and id of those it is related to; what is not of the tree; who has one relation only."""
    branches = {node["node"]: _Branch(node["node"], node["kind"], node["label"] or node["node"], node["distance"], []) for node in nodes}
    ties: dict[str, dict[str, list[dict[str, Any]]]] = {name: {} for name in branches}
    for edge in edges:
        for one, other in ((edge["from"], edge["to"]), (edge["to"], edge["from"])):
            ties[one].setdefault(other, []).append(edge)
    root = branches[nodes[0]["node"]]
    for branch in sorted(branches.values(), key=lambda item: (item.distance, item.node)):
        nearer = sorted((branches[other].distance, other) for other in ties[branch.node] if branches[other].distance < branch.distance)
        if nearer and branch is not root:
            above = branches[nearer[0][1]]
            branch.edges = ties[branch.node][above.node]
            above.below.append(branch)
    drawn = {id(edge) for branch in branches.values() for edge in branch.edges}
    lonely = {name for name, others in ties.items() if len(others) == 1}
    return root, [edge for edge in edges if id(edge) not in drawn], lonely


def _fold(branch: _Branch, lonely: set[str] | None, shown: int) -> None:
    """Puts those below that hang by one relation into one, but for the first few: those that lead nowhere else, or (None) all."""
    groups: dict[tuple[str, str], list[_Branch]] = {}
    for item in branch.below:
        _fold(item, lonely, shown)
        if lonely is None or (not item.below and item.node in lonely):
            groups.setdefault((_relations(item.edges), item.kind), []).append(item)
    gone: dict[str, _Branch | None] = {}
    for (relation, kind), items in sorted(groups.items()):
        more = items[shown:]
        if len(more) >= FOLDED:
            label = f"另有 {len(more)} 个{words.chinese_word(words.KINDS.get(kind, kind))} / {len(more)} more"
            one = _Branch(f"{branch.node}+{relation}+{kind}", kind, label, more[0].distance, more[0].edges, [], sum(item.nodes for item in more))
            gone |= {item.node: None for item in more} | {more[0].node: one}
    branch.below = [kept for item in branch.below if (kept := gone.get(item.node, item))]
    branch.below.sort(key=lambda item: (_relations(item.edges), item.folded > 0, -item.rows, item.node))


def _sides(branches: Sequence[_Branch]) -> tuple[list[_Branch], list[_Branch]]:
    """Right and left of the middle: in order, so that relations of a kind stay together, half of the rows each."""
    half, so_far = sum(item.rows for item in branches) / 2, 0
    right: list[_Branch] = []
    left: list[_Branch] = []
    for item in branches:
        (right if so_far + item.rows / 2 <= half or not right else left).append(item)
        so_far += item.rows
    return right, left


def _place(branches: Sequence[_Branch], side: int, start: float, top: float, boxes: dict[str, Box]) -> None:
    """Sets a column of branches, and those below them in the next: a column begins where the longest name of the one before ends."""
    column = start + GAP
    level, tops = list(branches), []
    for item in level:
        tops.append(top)
        top += item.rows * ROW
    while level:
        wide = max(_wide(item) for item in level)
        for item, above in zip(level, tops, strict=True):
            boxes[item.node] = _box(item, side * (column + _wide(item) / 2), above + item.rows * ROW / 2)
        below, tops_below = [], []
        for item, above in zip(level, tops, strict=True):
            for child in item.below:
                below.append(child)
                tops_below.append(above)
                above += child.rows * ROW
        column += wide + GAP
        level, tops = below, tops_below


def _wide(branch: _Branch) -> float:
    return round(width(shortened(branch.label)) + 2 * PAD, 1)


def _box(branch: _Branch, x: float, y: float) -> Box:
    rest = f"连同其后 with those beyond: {branch.folded}" if branch.folded else branch.node
    title = f"{words.KINDS.get(branch.kind, branch.kind)} · {branch.label} · {rest}"
    return Box(branch.node, "folded" if branch.folded else branch.kind, shortened(branch.label), title, x, y, _wide(branch), branch.distance)


def _tree_lines(branch: _Branch, boxes: Mapping[str, Box]) -> list[Line]:
    made = []
    for item in branch.below:
        made += [_line(boxes[branch.node], boxes[item.node], item.edges, branch.node, tree=True), *_tree_lines(item, boxes)]
    return made


def _other_lines(edges: Sequence[dict[str, Any]], boxes: Mapping[str, Box]) -> list[Line]:
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for edge in edges:
        if edge["from"] in boxes and edge["to"] in boxes:
            pairs.setdefault((min(edge["from"], edge["to"]), max(edge["from"], edge["to"])), []).append(edge)
    return [_line(boxes[a], boxes[b], told, a, tree=False) for (a, b), told in sorted(pairs.items())]


def _line(a: Box, b: Box, edges: Sequence[dict[str, Any]], from_a: str, *, tree: bool) -> Line:
    since = min((edge["valid_from"] for edge in edges if edge["valid_from"]), default="")
    text = f"{_relations(edges)}{f' {since}' if since and len(edges) == 1 and b.kind != 'folded' else ''}"
    title = "\n".join(_told(edge) for edge in edges)
    ahead = [edge["from"] == from_a for edge in edges if edge["type"] not in words.UNDIRECTED]
    return Line(a, b, edges[0]["type"], shortened(text, WORDS, SMALL), title, tree, any(ahead), not all(ahead))


def _relations(edges: Sequence[Mapping[str, Any]]) -> str:
    kinds = dict.fromkeys(words.chinese_word(words.edge(edge)) for edge in edges)
    return "、".join(kinds)


def _told(edge: Mapping[str, Any]) -> str:
    held = f"{edge['valid_from'] or '—'} … {edge['valid_to'] or ''}".rstrip()
    return f"{words.edge(edge)} · {held} · {'、'.join(map(words.source, edge['sources']))}"
