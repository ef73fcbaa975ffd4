"""How is an answer sent, and how a refusal?"""

from __future__ import annotations

import json
from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from event_delivery.errors import DeliveryError, PermanentError

_NAMED, _SHOWN = 5, 200  # problems of a question that are named, and characters of each part that are shown


def send_answer(answer: Mapping[str, object], status: int = 200) -> Response:
    """Return JSON as it stands: FastAPI's own encoder would take a second for a thousand destinations.

    Half a surrogate pair, which is no character, goes out as JSON's own escape.
    """
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, media_type="application/json")


def send_file(name: str, content: bytes, media_type: str) -> Response:
    """Return a file that a browser stores under a name, and does not show."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def refuse_failure(error: DeliveryError) -> HTTPException:
    """Return a failure in its own words: 409 where somebody must change something first, else 503."""
    return HTTPException(409 if isinstance(error, PermanentError) else 503, str(error))


async def send_reason(_: Request, error: Exception) -> Response:
    """Say why the ledger cannot be read; a delivery's errors hold no secrets."""
    return send_answer({"detail": str(error)}, 503)


async def send_refusal(_: Request, error: Exception) -> Response:
    """Say what was refused."""
    if not isinstance(error, HTTPException):
        raise error
    answer = send_answer({"detail": error.detail}, error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def send_problems(_: Request, error: Exception) -> Response:
    """Say which fields of a question are wrong, not what they held: it may be long, or nothing JSON can say."""
    if not isinstance(error, RequestValidationError):
        raise error
    problems = [
        {"loc": [_shorten(part) for part in each["loc"]], "msg": _shorten(each["msg"]), "type": each["type"]}
        for each in error.errors()[:_NAMED]
    ]
    return send_answer({"detail": problems}, 422)


def _shorten(part: object) -> str | int:
    return part if isinstance(part, int) and abs(part) < 1 << 31 else str(part)[:_SHOWN]
