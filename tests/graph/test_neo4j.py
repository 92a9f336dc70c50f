"""Bringing generations into a real Neo4j: next ones, merges, loads that break, and servers that are down, slow, frozen, restarted or somebody else's."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cityweave.engine.errors import InputError, StoreError
from cityweave.graph import neo4j_import, neo4j_load
from cityweave.graph.address import Address
from cityweave.graph.bolt import Bolt, suits
from cityweave.graph.neo4j_load import Target
from cityweave.graph.neo4j_rows import Rows
from cityweave.graph.neo4j_store import Neo4jStore
from cityweave.graph.pseudonym import Pseudonyms
from tests.graph.neo4j import KEY, Server, nothing, running, target
from tests.graph.stores import edges, in_memory, nodes

pytestmark = pytest.mark.neo4j

PAGE = "7" * 32
FIRST = edges(
    ("spouse", "p1", "p2", "1990-01-01", None),
    ("household", "p1", PAGE, None, None),
    ("works_for", "p3", "l1", None, None),
    ("lives_in", "p3", "r1", None, None),
    *(("works_for", f"q{n:03d}", "l1", None, None) for n in range(50)),
)
# p3 was merged into p2, the marriage ended, p5 is new
SECOND = edges(
    ("spouse", "p1", "p2", "1990-01-01", "2020-01-01"),
    ("household", "p1", PAGE, None, None),
    ("works_for", "p2", "l1", None, None),
    ("lives_in", "p2", "r1", None, None),
    *(("works_for", f"q{n:03d}", "l1", None, None) for n in range(50)),
    ("parent", "p1", "p5", None, None),
)


def whole(edge: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The tables with the nodes of these edges."""
    return edge, nodes(sorted({*edge["from_id"].to_pylist(), *edge["to_id"].to_pylist()}), ends={"p1": "2024-01-01"})


def store_of(address: Address, made: Target) -> Neo4jStore:
    """A store that wants that generation."""
    return Neo4jStore(address, KEY, made.edge_key, made.node_key)


def holding(*known: Target) -> Any:
    """The rows of these generations are at hand."""
    rows = {(one.edge_key, one.node_key): one.rows for one in known}
    return lambda edge, node: rows.get((edge, node))


@pytest.fixture
def bolt(neo4j: Server) -> Bolt:
    """A line to an empty graph."""
    line = Bolt(neo4j.address)
    neo4j_load.drop(line)
    return line


ONE, TWO = target(*whole(FIRST), 1), target(*whole(SECOND), 2)


def same(address: Address, made: Target, tables: tuple[pa.Table, pa.Table]) -> None:
    """The server answers as the embedded store does, and agrees row by row."""
    ours, theirs = in_memory(*tables), store_of(address, made)
    for node in ("p1", "p2", "l1", "r1", PAGE):
        assert theirs.neighbours(node, 2, limit=500) == ours.neighbours(node, 2, limit=500)
    assert neo4j_load.check(Bolt(address), made.rows, every_row=True).differing == ()


def test_the_next_generation_is_merged_and_what_disappeared_is_gone(bolt: Bolt, neo4j: Server) -> None:
    assert neo4j_load.load(bolt, ONE, nothing).began == "nothing"
    same(neo4j.address, ONE, whole(FIRST))
    done = neo4j_load.load(bolt, TWO, holding(ONE))
    assert (done.began, done.removed) == ("former", 3)  # two edges and the entity that was merged
    assert done.written < 12
    same(neo4j.address, TWO, whole(SECOND))
    with pytest.raises(InputError):
        store_of(neo4j.address, TWO).neighbours("p3")
    assert neo4j_load.load(bolt, TWO, nothing).began == "there"
    with pytest.raises(StoreError, match="generation 2"):
        store_of(neo4j.address, ONE).neighbours("p1")


class BrokenError(Exception):
    """A load that was cut."""


@pytest.mark.parametrize("former", [False, True])
def test_a_load_that_breaks_anywhere_goes_on_and_is_not_answered_from(bolt: Bolt, neo4j: Server, monkeypatch: pytest.MonkeyPatch, former: bool) -> None:
    monkeypatch.setattr(neo4j_load, "BATCH", 20)
    if former:
        neo4j_load.load(bolt, ONE, nothing)
    stops = 0
    while True:
        seen: list[tuple[str, int]] = []

        def cut(phase: str, done: int, seen: list[tuple[str, int]] = seen) -> None:
            seen.append((phase, done))
            if len(seen) == 2:
                raise BrokenError

        try:
            neo4j_load.load(bolt, TWO, holding(ONE), cut)
            break
        except BrokenError:
            stops += 1
            with pytest.raises(StoreError, match="in part"):
                store_of(neo4j.address, TWO).neighbours("p1")
    assert stops >= 3
    same(neo4j.address, TWO, whole(SECOND))


def test_a_server_that_dies_in_the_middle_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while a generation goes in: said at once, answered from by nobody; started again, the same line answers and the load goes on."""
    monkeypatch.setattr(neo4j_load, "BATCH", 20)
    with running(tmp_path / "home") as server:
        bolt = Bolt(replace(server.address, timeout=20))
        neo4j_load.load(bolt, ONE, nothing)
        store = store_of(server.address, ONE)
        assert store.neighbours("p1").found

        def die(phase: str, done: int) -> None:
            if phase == "+edges":
                os.kill(server.pid, signal.SIGKILL)

        with pytest.raises(StoreError, match=r"reached|in time"):
            neo4j_load.load(bolt, TWO, holding(ONE), die)
        with pytest.raises(StoreError, match=r"reached|in time"):
            store.neighbours("p1")
        server.run("start")
        with pytest.raises(StoreError, match="in part"):
            store_of(server.address, TWO).neighbours("p1")
        assert neo4j_load.load(bolt, TWO, holding(ONE)).began == "resumed"
        same(server.address, TWO, whole(SECOND))


def test_after_a_broken_load_another_generation_can_be_loaded(bolt: Bolt, neo4j: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_load, "BATCH", 20)
    neo4j_load.load(bolt, ONE, nothing)

    def cut(phase: str, done: int) -> None:
        if phase.startswith("+"):
            raise BrokenError

    with pytest.raises(BrokenError):
        neo4j_load.load(bolt, TWO, holding(ONE), cut)
    neo4j_load.load(bolt, ONE, holding(ONE, TWO))
    same(neo4j.address, ONE, whole(FIRST))
    with pytest.raises(StoreError, match="gone"):
        neo4j_load.load(bolt, TWO, nothing)


def test_a_batch_that_was_committed_is_not_done_again(bolt: Bolt) -> None:
    neo4j_load.load(bolt, ONE, nothing)
    bolt.write("begin", owner=ONE.owner, generation=1, edge_key="x", node_key="y", base_edge="", base_node="", format=1)
    bolt.write("phase", phase="+nodes")
    rows = [["p77", "person", None, None, None, 0, 1]]
    for _ in range(2):
        bolt.write("create_nodes", phase="+nodes", done=0, after=1, rows=rows, labels={"person": "Person"})
    assert len(bolt.read("nodes", ids=["p77"])) == 1


def test_what_was_spoilt_is_found(bolt: Bolt) -> None:
    neo4j_load.load(bolt, ONE, nothing)
    bolt.write("drop_nodes", rows=1)
    assert neo4j_load.check(bolt, ONE.rows).differing


def test_somebody_elses_data_is_left_alone(neo4j: Server, bolt: Bolt, tmp_path: Path) -> None:
    alone(bolt, "CREATE (:Customer {name: 'x'})")
    try:
        with pytest.raises(StoreError, match="somebody else"):
            neo4j_load.load(bolt, ONE, nothing)
        neo4j_load.drop(bolt)
        assert alone(bolt, "MATCH (c:Customer) RETURN count(c) AS n")[0]["n"] == 1
    finally:
        alone(bolt, "MATCH (c:Customer) DELETE c")


def test_another_workspaces_graph_is_left_alone(bolt: Bolt, neo4j: Server) -> None:
    neo4j_load.load(bolt, ONE, nothing)
    stranger = target(*whole(FIRST), 1, b"x" * 32)
    with pytest.raises(StoreError, match="another workspace"):
        neo4j_load.load(bolt, stranger, nothing)
    with pytest.raises(InputError):
        neo4j_load.drop(bolt, stranger.owner)
    with pytest.raises(StoreError, match="another workspace"):
        Neo4jStore(neo4j.address, b"x" * 32, ONE.edge_key, ONE.node_key).neighbours("p1")


def alone(bolt: Bolt, query: str) -> list[dict[str, Any]]:
    """Run a query of the test's own."""
    with bolt._session() as session:
        return [dict(row) for row in session.run(query)]


def test_a_wrong_password_and_a_closed_door_are_said_and_tell_nothing(neo4j: Server) -> None:
    wrong, closed = replace(neo4j.address, password="wrong-one"), Address(uri="bolt://127.0.0.1:9", password="secret-one", timeout=3)
    for address, says in ((wrong, "refused"), (closed, "reached")):
        with pytest.raises(StoreError, match=says) as caught:
            Bolt(address).read("state")
        assert address.password not in str(caught.value)
    with pytest.raises(StoreError, match="understood"):
        Bolt(Address(uri="nonsense"))


def test_a_frozen_server_is_not_waited_for_for_ever(bolt: Bolt, neo4j: Server) -> None:
    neo4j_load.load(bolt, ONE, nothing)
    quick = Bolt(replace(neo4j.address, timeout=1))
    store = store_of(replace(neo4j.address, timeout=1), ONE)
    assert store.neighbours("p1").found
    os.kill(neo4j.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(StoreError, match=r"in time|reached"):
            store.neighbours("p1")
        assert time.monotonic() - started < 20
    finally:
        os.kill(neo4j.pid, signal.SIGCONT)
    with pytest.raises(StoreError, match=r"in time"):
        quick._within(lambda: alone(quick, "UNWIND range(1, 100000000) AS x UNWIND range(1, 1000) AS y RETURN sum(x * y)"), 0.5)


def test_a_server_that_restarts_meanwhile_is_an_error_then_a_right_answer(tmp_path: Path) -> None:
    with running(tmp_path / "home") as server:
        line = Bolt(server.address)
        neo4j_load.load(line, ONE, nothing)
        store = store_of(server.address, ONE)
        before = store.neighbours("p1", 2)
        server.run("stop")
        with pytest.raises(StoreError):
            store.neighbours("p1", 2)
        server.run("start")
        assert store.neighbours("p1", 2) == before


def test_a_load_that_begins_in_the_middle_of_a_question_spoils_it(bolt: Bolt, neo4j: Server) -> None:
    neo4j_load.load(bolt, ONE, nothing)
    store = store_of(neo4j.address, ONE)
    real = store.near
    store.near = lambda *args: (neo4j_load.load(bolt, TWO, holding(ONE)), real(*args))[1]  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="generation 2"):
        store.neighbours("p1", 2)


def test_files_for_neo4j_admin_come_to_the_same(tmp_path: Path) -> None:
    with running(tmp_path / "home") as server:
        server.run("stop")
        files = tmp_path / "files"
        files.mkdir()
        server.run("admin", "database", "import", "full", "neo4j", *neo4j_import.write(ONE, files), "--overwrite-destination")
        server.run("start")
        store = store_of(server.address, ONE)
        with pytest.raises(StoreError, match="in part"):
            store.neighbours("p1")
        assert neo4j_load.load(Bolt(server.address), ONE, nothing).began == "imported"
        same(server.address, ONE, whole(FIRST))
        assert neo4j_load.load(Bolt(server.address), TWO, holding(ONE)).began == "former"
        same(server.address, TWO, whole(SECOND))


def test_a_hub_of_fifty_thousand_is_answered(bolt: Bolt, neo4j: Server) -> None:
    crowd = edges(*(("works_for", f"q{n:05d}", "l1", None, None) for n in range(50_000)), ("spouse", "q00001", "p1", None, None))
    made = target(*whole(crowd))
    neo4j_load.load(bolt, made, nothing)
    store = store_of(neo4j.address, made)
    found = store.neighbours("q00001", 2, limit=10)
    assert (len(found.found), found.cut) == (10, 2 + 49_999 - 10)
    assert [r.nodes for r in store.best_paths("p1", "q49999", most=20).found] == [("p1", "q00001", "l1", "q49999")]


def test_only_versions_that_are_known_are_asked() -> None:
    agents = ("Neo4j/5.26.31", "Neo4j/2026.08.1", "Neo4j/5.13.0", "Neo4j/4.4.40", "Memgraph/3", "")
    assert [agent for agent in agents if suits(agent)] == ["Neo4j/5.26.31", "Neo4j/2026.08.1"]


def test_other_names_of_things_go_there_and_back_and_hang_on_the_key() -> None:
    ids = [PAGE, "p1", "0" * 31 + "1"]
    hidden = Pseudonyms(KEY).hide(ids)
    assert Pseudonyms(KEY).show(hidden) == ids
    assert (hidden[1], len(hidden[0]), len(set(hidden) & set(ids))) == ("p1", 32, 1)
    assert Pseudonyms(b"other").hide(ids)[0] != hidden[0]
    assert isinstance(ONE.rows, Rows)
    assert date(2024, 1, 1) in ONE.rows.nodes["ends"].to_list()
