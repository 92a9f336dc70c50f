"""The door over HTTP: the questions of the command line as POST /ask/<question>, on loopback, for whoever holds the token.

Identifiers stand in bodies, never in URLs, and nothing is logged but what the audit keeps.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import MISSING, Field, fields
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, create_model
from pydantic import Field as Described
from starlette.exceptions import HTTPException
from uvicorn.supervisors import Multiprocess

from cityweave.api import audit, errors
from cityweave.api.door import Door
from cityweave.api.http_guard import LOOPBACK, Guard, hosts_of
from cityweave.api.http_page import page
from cityweave.api.model import Question
from cityweave.api.questions import QUESTIONS
from cityweave.api.workspace import Workspace
from cityweave.engine.errors import CityweaveError, InputError

WANTS = {
    "int_type": "应为整数（不加引号） / a whole number without quotes",
    "bool_type": "应为 true 或 false / true or false",
    "string_type": "应为文字（加引号） / a text in quotes",
    "list_type": "应为数组 / an array",
    "missing": "缺少 / missing",
    "extra_forbidden": "没有这一项 / there is no such field",
    "json_invalid": "不是 JSON / not JSON",
    "model_attributes_type": "应为一个对象 / an object",
}
PATH = re.compile(r"(?<![^\s'\"(:])/(?:[^\s/'\"]+/)+")
"""The folders of a path: over HTTP nobody is told where things lie."""

BEARER = HTTPBearer(auto_error=False, description="serve 打印令牌所在的文件 / `serve` prints the file that holds the token")


class Reply(BaseModel):
    """An answer; `data` has the shape the question documents."""

    question: str
    generation: int
    date: str
    clear: bool
    data: dict[str, Any]


class Trouble(BaseModel):
    """Why there is no answer: coordinates, never values."""

    error: str
    what: str
    where: str
    todo: str


def application(door: Callable[[], Door], token: str, close: Callable[[], None] = lambda: None, hosts: frozenset[str] | None = LOOPBACK) -> Guard:
    """The web application over the door that `door()` gives, asked once a request; `close` is called when it ends. `hosts`: the names it answers under."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        close()

    app = FastAPI(
        title="Cityweave",
        description="一城一人一档：同一扇门，与命令行同样的问题 / one door: the questions of the command line.",
        version="1",
        docs_url=None,  # its page would be fetched from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    @app.exception_handler(CityweaveError)
    def trouble(_: Request, error: CityweaveError) -> JSONResponse:
        return JSONResponse({name: PATH.sub("", text) for name, text in errors.document(error).items()}, errors.http_status(error))

    @app.exception_handler(Exception)
    def unforeseen(_: Request, error: Exception) -> JSONResponse:
        found = errors.unforeseen(error)
        return JSONResponse({name: PATH.sub("", text) for name, text in errors.document(found).items()}, errors.http_status(found))

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        where = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {_wants(item['type'])}" for item in error.errors())  # never the input itself
        return _trouble("请求不合格式 / the request is malformed", where, 422)

    @app.exception_handler(HTTPException)
    def elsewhere(_: Request, error: HTTPException) -> JSONResponse:
        what = {404: "没有这个问题 / there is no such question", 405: "要用 POST / use POST"}.get(error.status_code, "请求不成 / the request fails")
        return _trouble(what, "URL", error.status_code)

    for kind in QUESTIONS.values():
        if kind.remote:
            _route(app, kind, door)
    return Guard(app, token, hosts)


def _wants(kind: str) -> str:
    """What a field should have been, by pydantic's name of what is wrong with it."""
    return WANTS.get(kind, kind.replace("_", " "))


def _trouble(what: str, where: str, status: int) -> JSONResponse:
    return JSONResponse({"error": "InputError", "what": what, "where": where, "todo": "见 / see /docs"}, status)


def listen(host: str, port: int) -> socket.socket:
    """A socket that `serve` answers on, as soon as its processes listen. InputError when the port cannot be had."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        why = os.strerror(error.errno or 0)
        raise InputError(
            f"这个端口用不了 / the port cannot be had: {why}", f"{host}:{port}", "用 --port 或 [serve] 换一个 / choose another by --port or in [serve]"
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by what is accepted: else an answer waits 40 ms for its client
    return listening


def serve(place: Path, listening: socket.socket, workers: int) -> None:
    """Serve a workspace by so many processes until stopped. Nothing is logged but errors of the server itself: the audit keeps who asked what."""
    Multiprocess(uvicorn.Config(partial(opened, place), factory=True, workers=workers, access_log=False, log_level="warning"), [listening]).run()


def opened(place: Path) -> Guard:
    """The application of one process of `serve`: its own door; the state file's transactions keep the audit one chain."""
    workspace = Workspace.open(place)
    ledger = audit.Ledger(workspace.state)
    door = Door(workspace, ledger=ledger)
    return application(lambda: door, workspace.token(), ledger.close, hosts_of(workspace.settings.serve.host))


def _route(app: FastAPI, kind: type[Question], door: Callable[[], Door]) -> None:
    body = _body(kind)

    def ask(asked: Any) -> Response:
        said = asked.model_dump()
        purpose, clear = said.pop("purpose"), said.pop("clear")
        fields_: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in said.items()}
        question = kind(**fields_)
        return Response(door().ask(question, purpose, clear=clear).json(), media_type="application/json")

    ask.__annotations__["asked"] = body
    app.add_api_route(
        f"/ask/{kind.name}",
        ask,
        methods=["POST"],
        response_model=Reply,
        dependencies=[Depends(BEARER)],
        summary=(kind.__doc__ or "").split("\n")[0],
        responses={status: {"model": Trouble} for status in sorted({status for _, _, status in errors.OUTCOMES})},
    )


LISTED: dict[Any, Any] = {tuple[str, ...]: list[str]}
"""JSON has no tuples, and nothing is made of something else."""


def _body(kind: type[Question]) -> type[BaseModel]:
    """The request body: the question's fields, the purpose, and whether clear values are asked for."""
    hints = get_type_hints(kind)
    described: dict[str, Any] = {item.name: (LISTED.get(hints[item.name], hints[item.name]), _described(item)) for item in fields(kind)}
    described["purpose"] = (str, Described("", description="为什么问，记入审计 / why you ask; the audit keeps it", examples=["高龄津贴 / old-age allowance"]))
    described["clear"] = (bool, Described(False, description="要未遮盖的值：须有用途和授权 / unmasked values: wants a purpose and a grant"))
    return create_model(f"Ask_{kind.name}", __config__=ConfigDict(extra="forbid", strict=True), **described)


def _described(item: Field[Any]) -> Any:
    example = item.metadata.get("example")
    default = ... if item.default in ("", MISSING) else item.default
    return Described(default, description=item.metadata.get("says"), examples=None if example is None else [example])
