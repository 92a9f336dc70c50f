"""The door as a person meets it, at the command line: no audit, no answer; one row a question; no identity number in what comes out (DESIGN, section 9)."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from cityweave.api import audit
from cityweave.api.answers_tables import EXPORTED
from cityweave.api.cli import app
from cityweave.api.door import HANDLERS
from cityweave.api.workspace import Workspace
from tests.whole.city import Tell, copied, current, table
from tests.whole.conftest import Built

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
EIGHTEEN = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx](?![0-9A-Za-z])")
CREDIT_CODE = re.compile("(?:1[123]|5[123]|9[123])99")  # the city's credit codes, well or badly written; no identity number begins so
COLUMNS = ("at", "caller", "purpose", "question", "entities", "prev", "hash")
ENVIRONMENT = {"CITYWEAVE_CALLER": "tester", "COLUMNS": "220"}


@pytest.fixture(scope="module")
def place(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two generations: one of the whole city, one after a decision."""
    made = copied(built.workspace, tmp_path_factory.mktemp("door") / "w")
    people = _people(made)
    assert call(made, "decide", "same", people[0][0], people[1][0], "--by", "甲", "--because", "试 / a try").exit_code == 0
    assert call(made, "run").exit_code == 0
    return made


def call(place: Workspace, *words: object, text: str = "") -> Result:
    """A command, in this process: thirty of them in processes of their own would take a minute."""
    return CliRunner().invoke(app, [*map(str, words), "-w", str(place.root)], input=text, env=ENVIRONMENT)


def _people(place: Workspace) -> list[list[str]]:
    member = table(place, "membership").filter(pl.col("kind") == "person").sort("record_id")
    groups = member.group_by("entity_id", maintain_order=True).all()["record_id"].to_list()
    return [[str(record) for record in sorted(group)] for group in groups if len(group) > 2]


def _accepted(place: Workspace) -> list[str]:
    return table(place, "golden_person").filter(pl.col("element") == "id_no").sort("value")["value"].to_list()


def reads(place: Workspace, city: Path, out: Path) -> Iterator[tuple[str, list[object], str]]:
    """Every reading command: its question, its words, its standard input."""
    people = _people(place)
    entity = dict(table(place, "membership").select(pl.col("record_id").cast(pl.String), "entity_id").iter_rows())
    one, two, other = people[5][0], people[5][1], people[7][0]
    golden = table(place, "golden_person")
    said = dict(golden.filter(pl.col("entity_id") == entity[one]).select("element", "value").iter_rows())
    yield "status", ["status"], ""
    yield "quality", ["quality", "--rows", "--limit", "5000"], ""
    yield "quality", ["quality"], ""
    yield "digest", ["digest"], ""
    yield "diff", ["diff"], ""
    yield "evaluate", ["evaluate", "--truth", city / "truth"], ""
    yield "possible", ["possible", "--limit", "200"], ""
    yield "find", ["find"], f"{said['name']}\n"
    yield "find", ["find"], f"{_accepted(place)[0]}\n"
    yield "entity", ["entity", entity[one]], ""
    yield "timeline", ["timeline", entity[one]], ""
    yield "why", ["why", one, two], ""
    yield "why_not", ["why-not", one, other], ""
    yield "why_not", ["why-not", entity[one], entity[other]], ""
    yield "how", ["how", entity[one]], ""
    yield "neighbours", ["neighbours", entity[one], "--depth", "2"], ""
    yield "path", ["path", entity[one], entity[other]], ""
    yield "turning", ["turning", "65"], ""
    yield "paths", ["paths", entity[one], entity[other]], ""
    firm, room = (table(place, f"entity_{kind}").sort("entity_id")["entity_id"][0] for kind in ("legal_entity", "room"))
    yield "control", ["control", firm], ""
    yield "firms_of", ["firms-of", entity[one], "--relatives"], ""
    yield "relatives", ["relatives", entity[one]], ""
    yield "penalties", ["penalties"], ""
    yield "household", ["household", entity[one]], ""
    yield "draw", ["draw", firm, "-o", str(out / "drawn.html")], ""
    yield "occupants", ["occupants", room], ""
    for name in ("senior-card", "school-entry", "certificate-expiring", "permit-expiring"):
        yield "list", ["list", name], ""
    yield "prove", ["prove", "mother-of"], "".join(f"{said['name']} {number}\n" for number in _accepted(place)[:2])
    yield "rings", ["rings"], ""
    found = json.loads(call(place, "rings", "--json").stdout)["data"]
    yield "ring", ["ring", found["candidates"][0]["id"]], ""
    yield "ask", ["ask", "下个月谁满65岁"], ""
    yield "can", ["can"], ""
    for name in sorted(current(place).tables):
        if name in EXPORTED or name.startswith(("record_", "entity_", "membership")):
            yield "export", ["export", name, "-o", out / f"{name}.csv"], ""
    yield "export", ["export", "membership", "--all", "-o", out / "membership-all.csv"], ""


def test_every_read_adds_one_row_and_shows_no_number(place: Workspace, built: Built, tmp_path: Path, tell: Tell) -> None:
    known = _numbers(place)
    asked, texts = [], {}
    for question, words, text in reads(place, built.city, tmp_path):
        for form in ([], ["--json"]):
            before = audit.verify(place.state).rows
            found = call(place, *words, *form, text=text)
            assert found.exit_code == 0, f"{words[0]}: {found.output}"
            assert audit.verify(place.state).rows == before + 1, words[0]
            texts[" ".join([str(words[0]), *form, str(len(texts))])] = found.output
            asked.append(question)
            if form:
                json.loads(found.stdout)
    assert set(asked) == {*HANDLERS, "diff", "ask"}, "a question is not asked here"
    texts |= {file.name: file.read_text("utf-8") for file in tmp_path.glob("*.csv")}
    texts |= {file.name: file.read_bytes().decode("utf-8", "replace") for file in place.root.glob("state.sqlite*")}
    shown = {name: sorted(set(NUMBER.findall(text)) & known) for name, text in texts.items()}
    assert not [name for name, numbers in shown.items() if numbers], "a clear identity number is shown"
    assert not [name for name, text in texts.items() if EIGHTEEN.search(text)], "something like an identity number is shown"
    assert call(place, "audit", "--verify").exit_code == 0
    tell(
        f"{len(asked)} reads ({len(set(asked))} questions, each for people and as JSON): each added one audit row; {len(known)} delivered identity numbers "
        f"looked for in {sum(map(len, texts.values())):,} characters of output, exported files and the audit: none"
    )


def _numbers(place: Workspace) -> set[str]:
    """All that looks like an identity number of 15 or 18 digits in the delivered bytes."""
    found: set[str] = set()
    for batch in place.batches():
        if batch.suffix == ".xlsx":
            text = "\n".join(str(cell) for row in openpyxl.load_workbook(batch.path).worksheets[0].iter_rows(values_only=True) for cell in row)
        elif batch.suffix == ".parquet":
            text = pl.read_parquet(batch.path).write_csv()
        else:
            text = batch.path.read_bytes().decode("gb18030" if batch.source == "hukou" else "utf-8", "replace")
        found |= set(NUMBER.findall(text))
    firms = table(place, "record_legal_entity")
    found -= {*firms["uscc"], *firms["reg_no"]} - {number for number in found if EIGHTEEN.search(number) and not CREDIT_CODE.match(number)}
    assert len(found) > 1000
    return found


def test_without_a_writable_state_every_read_refuses(place: Workspace, built: Built, tmp_path: Path, tell: Tell) -> None:
    closed = copied(place, tmp_path / "w")
    commands = list(reads(closed, built.city, tmp_path))
    closed.state.path.chmod(0o444)
    for _, words, text in commands:
        found = call(closed, *words, "--json", text=text)
        assert found.exit_code not in (0, 1), words[0]
        assert not found.stdout.strip(), words[0]
        assert "state.sqlite" in found.stderr
    assert not list(tmp_path.glob("*.csv"))
    tell(f"state.sqlite read-only: {len(commands)} commands refused, none answered: {', '.join(sorted({str(words[0]) for _, words, _ in commands}))}")


def test_golden_files_and_documents_hold_no_number(tell: Tell) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [name for name in listed if re.search(r"golden|^docs/|^README|^CHANGELOG|\.snap$|^benchmarks/.*\.(md|json)$", name) and (ROOT / name).is_file()]
    found = [name for name in files if EIGHTEEN.search((ROOT / name).read_bytes().decode("utf-8", "replace"))]
    assert not found
    tell(f"{len(files)} golden files and documents scanned: no identity number")


def test_every_changed_or_missing_row_is_found(built: Built, tmp_path: Path, tell: Tell) -> None:
    copy = copied(built.workspace, tmp_path / "w")
    for number in range(12):
        assert call(copy, *(["status"] if number % 2 else ["possible", "--limit", "3"])).exit_code == 0
    rows = audit.verify(copy.state).rows
    original = _bytes(copy.state.path)
    tried = 0
    for seq in range(1, rows + 1):
        for tampering in (
            *(f"UPDATE audit SET {column} = {column} || '.' WHERE seq = {seq}" for column in COLUMNS),
            f"DELETE FROM audit WHERE seq = {seq}",
            f"DELETE FROM audit WHERE seq >= {seq}",
        ):
            with sqlite3.connect(copy.state.path) as connection:
                connection.execute(tampering)
            connection.close()
            check = audit.verify(copy.state)
            assert not check.sound, tampering
            assert check.broken_at == seq, tampering
            copy.state.path.write_bytes(original)
            tried += 1
    with sqlite3.connect(copy.state.path) as connection:
        connection.execute(f"DELETE FROM audit WHERE seq = {rows // 2}")
    connection.close()
    found = call(copy, "audit", "--verify")
    assert found.exit_code not in (0, 1)
    assert str(rows // 2) in found.stdout
    tell(f"{rows} audit rows, each changed in seven ways, taken out, cut off: all {tried} found, with the place")


def _bytes(path: Path) -> bytes:
    """The state file with all of its write-ahead log in it."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    return path.read_bytes()
