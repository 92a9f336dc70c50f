"""Bad input, each kind that can be thought of: one clear message that says where and what to do, an exit code other than 0, the former generation served."""

from __future__ import annotations

import datetime as dt
import json
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from cityweave.api.workspace import Workspace
from tests.whole.city import Delivery, Said, Tell, command, copied, deliver, prints, total
from tests.whole.conftest import Built

LATER = "2026-06-30"


@dataclass(frozen=True)
class Bad:
    """One kind of bad input: what is done to a workspace, the command that meets it, and what its message must say."""

    name: str
    words: Callable[[Workspace, Path], list[object]]
    says: tuple[str, ...]
    before: Callable[[], None] | None = field(default=None)
    code: tuple[int, ...] = (2, 3, 4, 5, 6, 7)


def _hukou(place: Workspace) -> tuple[list[str], list[str]]:
    text = next(batch for batch in place.batches() if batch.source == "hukou").path.read_bytes().decode("gb18030")
    head, *rows = text.rstrip("\r\n").split("\r\n")
    return head.split(","), [row for row in rows if row.count(",") == head.count(",")][:30]


def _file(folder: Path, head: list[str], rows: list[str], encoding: str = "gb18030") -> Path:
    (folder / "delivered.csv").write_bytes(("\r\n".join([",".join(head), *rows]) + "\r\n").encode(encoding))
    return folder / "delivered.csv"


def _deliver(file: Path, source: str = "hukou") -> list[object]:
    return ["deliver", source, file, "--on", LATER]


def missing_file(place: Workspace, folder: Path) -> list[object]:
    return _deliver(folder / "nowhere.csv")


def missing_column(place: Workspace, folder: Path) -> list[object]:
    head, rows = _hukou(place)
    at = head.index("公民身份号码")
    return _deliver(_file(folder, head[:at] + head[at + 1 :], [",".join(row.split(",")[:at] + row.split(",")[at + 1 :]) for row in rows]))


def unknown_encoding(place: Workspace, folder: Path) -> list[object]:
    """The contract names an encoding that does not exist."""
    contract = place.contracts / "hukou.yaml"
    contract.write_text(contract.read_text("utf-8").replace("gb18030", "gb99999"), "utf-8")
    return _deliver(_file(folder, *_hukou(place)))


def other_encoding(place: Workspace, folder: Path) -> list[object]:
    """The file is not in the encoding that its contract names."""
    return _deliver(_file(folder, *_hukou(place), encoding="utf-16"))


def too_many_fields(place: Workspace, folder: Path) -> list[object]:
    """In every row: then it is no row's fault."""
    head, rows = _hukou(place)
    return _deliver(_file(folder, head, [row + ",多余" for row in rows]))


def empty_file(place: Workspace, folder: Path) -> list[object]:
    (folder / "delivered.csv").write_bytes(b"")
    return _deliver(folder / "delivered.csv")


def empty_delta(place: Workspace, folder: Path) -> list[object]:
    return _deliver(_file(folder, _hukou(place)[0], []))


def empty_full(place: Workspace, folder: Path) -> list[object]:
    head = next(batch for batch in place.batches() if batch.source == "housing").path.read_bytes().split(b"\n", 1)[0]
    (folder / "housing.csv").write_bytes(head + b"\n")
    return _deliver(folder / "housing.csv", "housing")


def absences(place: Workspace, folder: Path) -> list[object]:
    lines = [batch for batch in place.batches() if batch.source == "housing"][-1].path.read_bytes().split(b"\n")
    (folder / "housing.csv").write_bytes(b"\n".join(lines[: len(lines) // 2]) + b"\n")
    return _deliver(folder / "housing.csv", "housing")


def twice(place: Workspace, folder: Path) -> list[object]:
    last = [batch for batch in place.batches() if batch.source == "hukou"][-1]
    (folder / "again.csv").write_bytes(last.path.read_bytes())
    return _deliver(folder / "again.csv")


def unknown_element(place: Workspace, folder: Path) -> list[object]:
    contract = place.contracts / "marriage.yaml"
    said = yaml.safe_load(contract.read_text("utf-8"))
    said["records"][0]["elements"]["nmae"] = said["records"][0]["elements"].pop("name")
    contract.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), "utf-8")
    return ["run"]


def unconfirmed(place: Workspace, folder: Path) -> list[object]:
    contract = place.contracts / "death.yaml"
    contract.write_text(contract.read_text("utf-8").replace("confirmed: true", "confirmed: false"), "utf-8")
    return ["run"]


def other_model(place: Workspace, folder: Path) -> list[object]:
    model = place.models / "person.json"
    said = json.loads(model.read_text("utf-8"))
    model.write_text(json.dumps({**said, "version": said["version"] + 1}, ensure_ascii=False), "utf-8")
    return ["run"]


def broken_model(place: Workspace, folder: Path) -> list[object]:
    model = place.models / "legal_entity.json"
    model.write_bytes(model.read_bytes()[:2000])
    return ["run"]


def no_model(place: Workspace, folder: Path) -> list[object]:
    (place.models / "person.json").unlink()
    return ["run"]


def bad_rule(place: Workspace, folder: Path) -> list[object]:
    (place.rules / "person.yaml").write_text("kind: person\nrules:\n  - {id: a, zh: 甲, en: a, category: validity, rule: \"check nmae ~ 'x'\"}\n", "utf-8")
    return ["run"]


def more_to_do(place: Workspace, folder: Path) -> list[object]:
    """A run that has everything to do."""
    _news(place, folder)
    return ["run"]


def full_while_delivering(place: Workspace, folder: Path) -> list[object]:
    head, rows = _hukou(place)
    return _deliver(_file(folder, head, rows))


def no_room(limit: int) -> Callable[[], None]:
    """A limit on the size of files stands for the full disk: the system refuses the write in the same way."""

    def set_limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return set_limit


CASES = (
    Bad("a missing file", missing_file, ("nowhere.csv", "no such file")),
    Bad("a missing column", missing_column, ("delivered.csv", "公民身份号码")),
    Bad("an unknown encoding", unknown_encoding, ("hukou.yaml", "gb99999")),
    Bad("a file in another encoding", other_encoding, ("delivered.csv", "encoding")),
    Bad("rows with too many fields", too_many_fields, ("delivered.csv", "行 / row 1")),
    Bad("an empty file", empty_file, ("delivered.csv", "empty")),
    Bad("a delivery without a row", empty_delta, ("delivered.csv", "no data row")),
    Bad("an empty full delivery", empty_full, ("housing.csv", "empty", "--accept-absences")),
    Bad("a full delivery that lacks half", absences, ("housing.csv", "5 %", "--accept-absences")),
    Bad("the same delivery twice", twice, ("again.csv", "delivered before")),
    Bad("a contract with an unknown element", unknown_element, ("marriage.yaml", "nmae", "name")),
    Bad("an identifier nobody confirmed", unconfirmed, ("death.yaml", "confirmed")),
    Bad("a model of another version", other_model, ("person.json", "version", "cityweave train")),
    Bad("a broken model", broken_model, ("legal_entity.json", "cityweave train")),
    Bad("no model", no_model, ("person.json", "cityweave train")),
    Bad("a rule with an unknown element", bad_rule, ("person.yaml", "nmae")),
    Bad("a full disk, running", more_to_do, ("disk is full",), no_room(120_000)),
    Bad("a full disk, delivering", full_while_delivering, ("disk is full",), no_room(400)),
)


@pytest.fixture
def place(built: Built, tmp_path: Path) -> Iterator[Workspace]:
    """A built workspace to spoil; afterwards what it serves must be what it served."""
    made = copied(built.workspace, tmp_path / "w")
    served, counted = (made.root / "CURRENT").read_bytes(), len(made.batches())
    manifest, first = made.generations.current(), total(made)
    yield made
    assert (made.root / "CURRENT").read_bytes() == served
    assert len(made.batches()) == counted or made.batches()[-1].file_name == "news.csv"
    whole = copied(built.workspace, tmp_path / "untouched")
    assert prints(whole, manifest)["total"] == first
    assert {name: made.store.read(key).num_rows for name, key in (manifest.tables if manifest else {}).items()}
    answer = command(made.root, "status", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["generation"] == (manifest.number if manifest else None)


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_bad_input_is_told(bad: Bad, place: Workspace, tmp_path: Path, tell: Tell) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    words = bad.words(place, folder)
    said = command(place.root, *words, before=bad.before)
    _told(said, bad.says, bad.code)
    tell(f"{bad.name}: exit {said.code}: {' | '.join(line.strip() for line in said.err.strip().splitlines() if line.strip())[:300]}")


def _told(said: Said, says: tuple[str, ...], code: tuple[int, ...]) -> None:
    """One message in both languages, no traceback, no identity number, nothing on standard output."""
    flat = said.err.replace("\n", "")
    assert said.code in code, said.err
    assert "Traceback" not in said.err
    assert said.err.count("错误 / error") == 1, said.err
    assert not said.out.strip()
    assert not [words for words in says if words not in said.err and words not in flat], said.err


def _news(place: Workspace, folder: Path) -> None:
    head, rows = _hukou(place)
    file = _file(folder, head, [row.replace(",", "9,", 1) for row in rows])
    deliver(place, [Delivery("hukou", file, "news.csv", dt.date.fromisoformat(LATER))])
