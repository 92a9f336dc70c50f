"""HTTP: the same answers as the command line, for whoever holds the token; identifiers in bodies only; errors by one table."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
import uvicorn

from cityweave.api import audit, http
from cityweave.api import door as door_module
from cityweave.api.door import Door
from cityweave.api.model import Export, Find, Possible, Status, Turning
from cityweave.api.questions import QUESTIONS
from cityweave.api.workspace import Workspace

TOKEN = "a-token-for-tests"


@pytest.fixture
def client(workspace: Path) -> Iterator[httpx.Client]:
    """A real server on loopback, and a client that holds the token."""
    app = http.application(lambda: Door(Workspace.open(workspace), "http"), TOKEN)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, access_log=False, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as made:
        yield made
    server.should_exit = True
    thread.join()


def test_without_the_token_nothing(client: httpx.Client) -> None:
    for header in ({"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        assert client.post("/ask/status", json={}, headers=header).status_code == 401


def test_another_host_is_not_answered(client: httpx.Client) -> None:
    refused = client.post("/ask/status", json={}, headers={"Host": "evil.example"})
    assert refused.status_code == 421 and refused.json()["where"] == "Host"
    assert client.post("/ask/status", json={}, headers={"Host": "localhost:1"}).status_code == 200


def test_a_body_too_long_is_refused_before_it_is_read(client: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 65_536

    for body in (b"x" * 10_000_000, pieces()):
        try:
            refused = client.post("/ask/find", content=body)
        except httpx.TransportError:
            continue  # the server hung up while we were still writing
        assert refused.status_code == 413 and refused.json()["where"] == "body"
    assert client.post("/ask/find", json={"text": "王" * 2_000}).status_code == 422
    assert client.post("/ask/status", json={}).status_code == 200


def test_the_page_of_questions_fetches_nothing(client: httpx.Client) -> None:
    page = client.get("/docs", headers={"Authorization": ""})
    assert page.status_code == 200 and "/ask/turning" in page.text and "人" in page.text
    assert "src=" not in page.text and "http" not in page.text.replace("http-equiv", "").split("<body>")[0]


def test_the_same_answer_as_the_door(client: httpx.Client, workspace: Path) -> None:
    door = Door(Workspace.open(workspace), "door")
    for question in (Status(), Turning(age=65), Find(text="公司", kind="legal_entity"), Possible()):
        body = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(question).items()}
        assert client.post(f"/ask/{question.name}", json=body).json() == door.ask(question).document()


def test_each_request_is_one_row(client: httpx.Client, workspace: Path) -> None:
    state = Workspace.open(workspace).state
    before = audit.verify(state).rows
    client.post("/ask/turning", json={"age": 65, "month": "next", "purpose": "高龄津贴"})
    client.post("/ask/find", json={"text": "100000000000000000"})
    assert audit.verify(state).rows == before + 2


def test_openapi_offers_every_remote_question_with_examples(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {f"/ask/{name}" for name, kind in QUESTIONS.items() if kind.remote}
    for path in document["paths"].values():
        assert not path["post"].get("parameters"), "nothing stands in a URL"
    turning = document["components"]["schemas"]["Ask_turning"]["properties"]
    assert turning["age"]["examples"] == [65]
    assert turning["purpose"]["description"]


def test_errors_say_what_where_and_what_to_do(client: httpx.Client) -> None:
    missing = client.post("/ask/entity", json={"id": "pzzzzzz"})
    assert (missing.status_code, missing.json()["error"]) == (422, "InputError")
    refused = client.post("/ask/entity", json={"id": "pzzzzzz", "clear": True, "purpose": "x"})
    assert (refused.status_code, refused.json()["error"]) == (403, "DoorError")
    assert set(missing.json()) == {"error", "what", "where", "todo"}


def test_a_malformed_request_is_answered_without_its_values(client: httpx.Client) -> None:
    answer = client.post("/ask/find", json={"text": "王伟", "limit": "990101199001011234"})
    assert answer.status_code == 422
    assert "990101199001011234" not in answer.text
    assert client.post("/ask/find", json={"text": "王伟", "colour": "red"}).status_code == 422


@pytest.mark.parametrize(
    ("question", "body", "where"),
    [
        ("turning", {"age": "65"}, "age: 应为整数"),
        ("turning", {"age": 65.0}, "age: 应为整数"),
        ("turning", {"age": True}, "age: 应为整数"),
        ("find", {"text": 5}, "text: 应为文字"),
        ("status", {"clear": "true"}, "clear: 应为 true 或 false"),
        ("status", {"clear": 1}, "clear: 应为 true 或 false"),
        ("neighbours", {"id": "pzzzzzz", "types": "spouse"}, "types: 应为数组"),
        ("entity", {}, "id: 缺少"),
        ("find", {"text": "王伟", "colour": "red"}, "colour: 没有这一项"),
        ("status", [], "应为一个对象"),
    ],
)
def test_nothing_is_made_of_something_else(client: httpx.Client, question: str, body: object, where: str) -> None:
    refused = client.post(f"/ask/{question}", json=body)
    assert refused.status_code == 422 and where in refused.json()["where"], refused.text
    assert client.post("/ask/status", content=b"{").status_code == 422


def test_a_list_in_json_is_taken_and_a_parameter_in_the_url_is_not(client: httpx.Client) -> None:
    assert client.post("/ask/neighbours", json={"id": "pzzzzzz", "types": ["spouse"]}).json()["where"] == "pzzzzzz"
    refused = client.post("/ask/status?generation=1", json={})
    assert refused.status_code == 400 and refused.json()["where"] == "URL"


def test_a_generation_that_is_not_there_is_what_was_asked_wrongly(client: httpx.Client, workspace: Path) -> None:
    refused = client.post("/ask/status", json={"generation": 99})
    assert (refused.status_code, refused.json()["error"]) == (422, "InputError")
    (workspace / "generations" / "0001.json").write_text("{", "utf-8")
    damaged = client.post("/ask/status", json={})
    assert damaged.status_code == 503 and damaged.json()["where"] == "0001.json" and str(workspace) not in damaged.text


def test_an_error_that_nobody_foresaw_is_told_without_its_words(
    client: httpx.Client, workspace: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object, __: object) -> None:
        raise ValueError("990101199001011234")

    monkeypatch.setattr(door_module, "HANDLERS", {**door_module.HANDLERS, "status": broken})
    before = audit.verify(Workspace.open(workspace).state).rows
    answer = client.post("/ask/status", json={})
    assert answer.status_code == 500 and set(answer.json()) == {"error", "what", "where", "todo"}
    assert "ValueError" in answer.json()["what"] and answer.json()["where"].startswith("api/test_http.py:")
    for _ in range(100):  # it is written after the answer
        time.sleep(0 if caplog.text else 0.05)
    assert "ValueError" in caplog.text and "Traceback" not in caplog.text
    assert not any("990101" in text for text in (answer.text, caplog.text))
    assert audit.verify(Workspace.open(workspace).state).rows == before + 1, "who asked what stays on record"


def test_questions_about_files_are_not_served(client: httpx.Client) -> None:
    assert Export.remote is False
    for unknown in ("/ask/export", "/ask/nosuch"):
        told = client.post(unknown, json={})
        assert told.status_code == 404 and set(told.json()) == {"error", "what", "where", "todo"}
    assert client.get("/ask/status").status_code == 405


def test_a_read_only_state_answers_nothing(client: httpx.Client, workspace: Path) -> None:
    (workspace / "state.sqlite").chmod(0o444)
    assert client.post("/ask/status", json={}).status_code == 503


def test_several_processes_answer_and_keep_one_chain(workspace: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = Workspace.open(workspace).state
    before = audit.verify(state).rows
    environment = {**os.environ, "CITYWEAVE_SERVE_TOKEN": TOKEN, "CITYWEAVE_SERVE_WORKERS": "2"}
    command = [str(Path(sys.executable).with_name("cityweave")), "serve", "-w", str(workspace), "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
            _until_it_answers(client)
            with ThreadPoolExecutor(8) as pool:
                said = list(pool.map(lambda age: client.post("/ask/turning", json={"age": age % 80 + 1}).status_code, range(80)))
        assert said == [200] * 80
        check = audit.verify(state)
        assert check.sound and check.rows == before + 81
        taken = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert taken.returncode != 0 and "端口" in taken.stderr and "http://" not in taken.stderr
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _until_it_answers(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            assert client.post("/ask/status", json={}).status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("serve did not start")
