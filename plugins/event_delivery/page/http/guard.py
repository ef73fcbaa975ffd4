"""What is refused before anybody looks at it, and which headers does every answer have?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders

MOST_BYTES = 64 << 10  # of an action's body; the longest that the page sends has some hundred
# What an answer says of itself, unless it says otherwise: it is no page, nobody keeps it, nobody frames it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
_Receive = Callable[[], Awaitable[Any]]
_Send = Callable[[Any], Awaitable[None]]


async def serve_guarded(app: FastAPI, scope: Any, receive: _Receive, send: _Send) -> None:
    """Serve one request: 413 for a body that is too large, else as the app does."""

    async def send_with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    if scope["type"] != "http":
        return await app(scope, receive, send)
    body = await _read_body(receive)
    if body is None:
        return await _refuse(send_with_headers, f"Wanted a body of at most {MOST_BYTES} bytes.")
    return await app(scope, _Replay(body, receive), send_with_headers)


class _Replay:
    """Hands over a body that was read, then what comes after it: that the visitor went away."""

    def __init__(self, body: bytes, receive: _Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Any:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read_body(receive: _Receive) -> bytes | None:
    """Return a request's body, or None for one that is too large."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body"):
            break
    return bytes(body)


async def _refuse(send: _Send, detail: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": detail}).encode()})
