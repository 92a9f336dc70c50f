"""Tier 3: clusters are a pure function of refs, weights and decisions, and keep the constraints."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cityweave.resolver import model
from cityweave.resolver.cluster import cluster
from cityweave.resolver.settings import BIT

ARGUMENTS = {"merge": 4 * BIT, "margin": BIT, "share": 30, "alone": 16 * BIT}
STRONG = 20 * BIT

Node = dict[str, Any]
Pair = tuple[str, str, int]


def _node(ref: str, number: str | None = None, exclusive: str | None = None, unit: str = "", entry: str = "", born: str = "") -> Node:
    """`born`: a day, or two years with a stroke between them."""
    first, _, last = born.partition("/")
    months = [int(text[:4]) * 12 + int(text[5:7] or 1) if text else None for text in (first, last or first)]
    day = born if len(born) == 10 else None
    node = {"ref": ref, "number": number, "exclusive": exclusive, "unit": unit or ref, "entry": entry or unit or ref if exclusive else None}
    return node | {"born": day, "born_first": months[0], "born_last": months[1]}


def _clusters(
    nodes: Sequence[Node],
    pairs: Sequence[Pair],
    decisions: Sequence[tuple[int, str, str, str]] = (),
    seed: int = 0,
    apart: Sequence[tuple[str, str]] = (),
) -> set[frozenset[str]]:
    """The clusters as sets of refs; the seed draws record ids and the order of rows."""
    rng = random.Random(seed)
    numbers = rng.sample(range(1, 10 * len(nodes) + 1), len(nodes))
    record_id = {node["ref"]: number for node, number in zip(nodes, numbers, strict=True)}
    unit = {node["unit"]: min(record_id[other["ref"]] for other in nodes if other["unit"] == node["unit"]) for node in nodes}
    rows = [{"record_id": record_id[node["ref"]], **node, "unit": unit[node["unit"]]} for node in rng.sample(list(nodes), len(nodes))]
    scored = [{"left_id": record_id[left], "right_id": record_id[right], "weight": weight} for left, right, weight in rng.sample(list(pairs), len(pairs))]
    inputs = {
        "node_person": pa.Table.from_pylist(
            rows,
            schema=model.node("person").schema,
        ),
        "apart_person": pa.Table.from_pylist(
            [{"left_id": record_id[left], "right_id": record_id[right]} for left, right in apart], schema=model.APART_PERSON.schema
        ),
        "link_person": pa.Table.from_pylist(scored, schema=pa.schema([("left_id", pa.int64()), ("right_id", pa.int64()), ("weight", pa.int64())])),
    }
    said = [{"id": number, "verb": verb, "left": left, "right": right} for number, verb, left, right in decisions]
    made = cluster(inputs, {"decisions": said, **ARGUMENTS}, {}).to_pylist()
    refs = {number: ref for ref, number in record_id.items()}
    groups: dict[int, set[str]] = {}
    for row in made:
        groups.setdefault(row["anchor"], set()).add(refs[row["record_id"]])
    assert all(record_id[ref] >= anchor for anchor, group in groups.items() for ref in group)
    return {frozenset(group) for group in groups.values()}


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[list[Node], list[Pair], list[tuple[int, str, str, str]]]:
    refs = [f"r{i}" for i in range(draw(st.integers(2, 9)))]
    some = st.sampled_from(refs)
    nodes = [_node(ref, draw(st.sampled_from([None, None, "A", "B", "C"])), draw(st.sampled_from([None, None, "reg"]))) for ref in refs]
    links = draw(st.dictionaries(st.tuples(some, some).filter(lambda two: two[0] < two[1]), st.sampled_from([3, 5, 5, 9, 20]), max_size=14))
    said = draw(st.lists(st.tuples(st.sampled_from(["same", "different"]), some, some), max_size=3))
    return nodes, [(left, right, bits * BIT) for (left, right), bits in links.items()], [(number, *words) for number, words in enumerate(said, 1)]


@settings(max_examples=120, deadline=None)
@given(_worlds(), st.integers(1, 10_000))
def test_neither_record_ids_nor_the_order_of_rows_decide(world: tuple[list[Node], list[Pair], list[tuple[int, str, str, str]]], seed: int) -> None:
    assert _clusters(*world) == _clusters(*world, seed=seed)


@settings(max_examples=120, deadline=None)
@given(_worlds())
def test_constraints_hold_in_every_cluster(world: tuple[list[Node], list[Pair], list[tuple[int, str, str, str]]]) -> None:
    nodes, pairs, decisions = world
    last = {frozenset((left, right)): verb for _, verb, left, right in decisions if left != right}
    for group in _clusters(nodes, pairs, decisions):
        assert not any(verb == "different" and two <= group for two, verb in last.items())
        if "same" not in last.values():  # a human's word stands above numbers and registers
            inside = [node for node in nodes if node["ref"] in group]
            assert len({node["number"] for node in inside} - {None}) <= 1
            assert sum(node["exclusive"] is not None for node in inside) <= 1


def test_a_link_at_the_threshold_joins_and_one_below_does_not() -> None:
    nodes = [_node("a"), _node("b"), _node("c")]
    assert _clusters(nodes, [("a", "b", 4 * BIT), ("b", "c", 4 * BIT - 1)]) == {frozenset("ab"), frozenset("c")}


def test_two_accepted_numbers_are_two_lives_and_the_stronger_link_holds() -> None:
    nodes = [_node("a", "A"), _node("b", "B"), _node("x"), _node("y")]
    pairs = [("a", "x", STRONG + 2), ("x", "y", STRONG + 1), ("b", "y", STRONG)]
    assert _clusters(nodes, pairs) == {frozenset("axy"), frozenset("b")}


def test_a_record_between_two_numbers_joins_neither_when_they_fit_alike() -> None:
    nodes = [_node("a", "A"), _node("b", "B"), _node("x")]
    assert _clusters(nodes, [("a", "x", STRONG), ("b", "x", STRONG - BIT // 2)]) == {frozenset("a"), frozenset("b"), frozenset("x")}
    assert _clusters(nodes, [("a", "x", STRONG), ("b", "x", STRONG - 2 * BIT)]) == {frozenset("ax"), frozenset("b")}


def test_a_tie_of_links_falls_to_source_key_and_role() -> None:
    nodes = [_node("a", exclusive="reg"), _node("b", exclusive="reg"), _node("x")]
    for seed in range(1, 9):  # each numbers the records otherwise
        assert _clusters(nodes, [("a", "x", STRONG), ("b", "x", STRONG)], seed=seed) == {frozenset("ax"), frozenset("b")}


def test_two_rows_of_a_duplicate_free_source_stay_apart_unless_one_number_holds_them() -> None:
    apart = [_node("a", exclusive="reg"), _node("b", exclusive="reg"), _node("x")]
    assert _clusters(apart, [("a", "x", STRONG + 1), ("b", "x", STRONG)]) == {frozenset("ax"), frozenset("b")}
    held = [_node("a", "A", "reg", unit="u"), _node("b", "A", "reg", unit="u")]
    assert _clusters(held, []) == {frozenset("ab")}


def test_the_parties_of_one_event_are_two_people_whatever_they_share() -> None:
    nodes = [_node("groom", unit="u"), _node("bride", unit="u"), _node("his"), _node("hers")]
    links = [("groom", "his", STRONG), ("bride", "hers", STRONG), ("bride", "his", 5 * BIT)]
    both = {frozenset({"groom", "his"}), frozenset({"bride", "hers"})}
    assert _clusters(nodes, links) == {frozenset({"groom", "bride", "his", "hers"})}
    assert _clusters(nodes, links, apart=[("groom", "bride")]) == both
    assert _clusters(nodes, links, apart=[("bride", "groom")], seed=3) == both
    said = [(1, "same", "groom", "bride")]
    assert len(_clusters(nodes, links, said, apart=[("groom", "bride")])) == 1, "a human's word outranks it"


def test_one_weak_link_does_not_weld_two_groups() -> None:
    left, right = ["a1", "a2", "a3", "a4"], ["b1", "b2", "b3", "b4"]
    inside = [(one, two, 9 * BIT) for group in (left, right) for i, one in enumerate(group) for two in group[i + 1 :]]
    nodes = [_node(ref) for ref in left + right]
    assert _clusters(nodes, [*inside, ("a1", "b1", 5 * BIT)]) == {frozenset(left), frozenset(right)}
    assert _clusters(nodes, [*inside, ("a1", "b1", STRONG)]) == {frozenset(left + right)}
    assert _clusters(nodes, [*inside, ("a1", "b1", 5 * BIT), ("a1", "b2", 5 * BIT), ("a2", "b1", 5 * BIT)]) == {frozenset(left + right)}


def test_decisions_outrank_scores_and_the_later_one_holds() -> None:
    nodes = [_node("a", "A"), _node("b", "B"), _node("c")]
    assert _clusters(nodes, [], [(1, "same", "a", "b")]) == {frozenset("ab"), frozenset("c")}
    assert _clusters(nodes, [("a", "c", STRONG)], [(1, "different", "c", "a")]) == {frozenset("a"), frozenset("b"), frozenset("c")}
    assert _clusters(nodes, [("a", "c", STRONG)], [(1, "different", "a", "c"), (2, "same", "a", "c")]) == {frozenset("ac"), frozenset("b")}
    assert _clusters(nodes, [], [(1, "same", "a", "b"), (2, "different", "b", "a")]) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_a_decision_splits_even_what_one_number_holds() -> None:
    nodes = [_node("a", "A", unit="u"), _node("b", "A", unit="u"), _node("c", "A", unit="u")]
    groups = _clusters(nodes, [], [(1, "different", "a", "c")])
    assert not any({"a", "c"} <= group for group in groups)


def test_a_decision_whose_record_is_gone_changes_nothing() -> None:
    nodes = [_node("a"), _node("b")]
    assert _clusters(nodes, [("a", "b", STRONG)], [(1, "different", "a", "gone")]) == {frozenset("ab")}


def test_twins_of_a_register_of_births_stay_two_and_one_birth_entered_twice_is_one() -> None:
    twins = [_node("a", exclusive="births", entry="吴赫辰|2019-12-05"), _node("b", exclusive="births", entry="吴赫珏|2019-12-05"), _node("x")]
    assert _clusters(twins, [("a", "b", STRONG + 2), ("a", "x", STRONG + 1), ("b", "x", STRONG)]) == {frozenset("ax"), frozenset("b")}
    twice = [_node("a", exclusive="births", entry="吴赫辰|2019-12-05"), _node("b", exclusive="births", entry="吴赫辰|2019-12-05")]
    assert _clusters(twice, [("a", "b", STRONG)]) == {frozenset("ab")}


def test_births_far_from_each_other_are_two_people_even_through_a_record_that_tells_none() -> None:
    dead, living = _node("dead", born="1936/1937"), _node("living", born="1964-09-13")
    nodes = [dead, living, _node("name only")]
    pairs = [("dead", "name only", 5 * BIT), ("living", "name only", 6 * BIT)]
    assert _clusters(nodes, pairs) == {frozenset({"dead"}), frozenset({"living", "name only"})}
    near = [_node("dead", born="1962/1963"), living, _node("name only")]
    assert _clusters(near, pairs) == {frozenset({"dead", "living", "name only"})}
    mistyped = [_node("a", born="1964-09-13"), _node("b", born="1946-09-13")]
    assert _clusters(mistyped, [("a", "b", STRONG)]) == {frozenset({"a", "b"})}
    held = [_node("a", unit="u", born="1964-09-13"), _node("b", unit="u", born="2001-01-31"), _node("c", born="2001-01-31")]
    assert _clusters(held, [("b", "c", STRONG)]) == {frozenset({"a", "b", "c"})}, "one number holds them, and c agrees with one of the two"
    said = [(1, "same", "dead", "living")]
    assert _clusters(nodes, pairs, said) == {frozenset({"dead", "living", "name only"})}
