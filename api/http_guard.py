"""What stands before the web application: who has no token, asks for another host or sends too much is answered before the body is read.

The host's name is checked so that a page of another site cannot reach a loopback server through a name that its owner points here (DNS rebinding).
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from cityweave.api.errors import unforeseen

LOG = logging.getLogger("cityweave.http")

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 65_536
"""Of a body; the longest question is a tenth of that."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
OPEN = frozenset({"/docs", "/openapi.json"})
"""Pages that hold nothing of anybody."""

Refusal: TypeAlias = tuple[int, str, str, str]
NO_TOKEN: Refusal = (401, "要有令牌 / a token is needed", "Authorization", "Bearer 加令牌，serve 打印其文件 / Bearer and the token: `serve` prints its file")
NO_HOST: Refusal = (421, "不为这个主机名应答 / not answered under this name", "Host", "用 127.0.0.1 或 localhost / use 127.0.0.1 or localhost")
IN_URL: Refusal = (400, "网址里不带参数 / no parameters stand in the URL", "URL", "写在请求体的 JSON 里 / write them into the JSON of the body")
TOO_LONG: Refusal = (413, f"请求超过 {MOST_BYTES} 字节 / the request is longer than {MOST_BYTES} bytes", "body", "写短些 / write less")


class Guard:
    """An ASGI application before another: `hosts` are the names it answers under, None for any."""

    def __init__(self, inner: Application, token: str, hosts: frozenset[str] | None) -> None:
        self._inner, self._token, self._hosts = inner, token.encode(), hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or read the body and hand it on."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        refusal = self._refusal(scope)
        body = None if refusal else await _body(receive)
        if body is None:
            await _refuse(send, refusal or TOO_LONG)
            return
        try:
            await self._inner(scope, _again(body, receive), send)
        except Exception as error:  # it is answered by then; the server would write its traceback, in which values may stand
            found = unforeseen(error)
            LOG.error("%s %s", found.what, found.where)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if self._hosts is not None and _name(headers.get(b"host", b"")) not in self._hosts:
            return NO_HOST
        kind, _, token = headers.get(b"authorization", b"").partition(b" ")
        if scope["path"] not in OPEN and not (kind.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)):
            return NO_TOKEN
        if scope.get("query_string"):
            return IN_URL
        length = headers.get(b"content-length", b"0")
        return TOO_LONG if not length.isdigit() or int(length) > MOST_BYTES else None


def hosts_of(host: str) -> frozenset[str] | None:
    """The names that a server bound to this address answers under: where it is not loopback, whoever set that up knows its names."""
    return LOOPBACK | {host} if host in LOOPBACK else None


def _name(host: bytes) -> str:
    text = host.decode("latin-1").lower()
    return text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when it is too long."""
    read = bytearray()
    while True:
        message = await receive()
        read += message.get("body", b"")
        if len(read) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(read)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then what comes after it."""
    left = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return again


async def _refuse(send: Send, refusal: Refusal) -> None:
    status, what, where, todo = refusal
    body = json.dumps({"error": "InputError", "what": what, "where": where, "todo": todo}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    if status == NO_TOKEN[0]:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
