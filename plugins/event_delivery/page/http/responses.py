"""How is an answer sent?"""

from __future__ import annotations

import json
from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import JSONResponse

_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def send_answer(answer: Mapping[str, object]) -> Response:
    """Return JSON as it stands: FastAPI's own encoder would take a second for a thousand destinations."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return Response(body, media_type="application/json", headers=_NOT_KEPT)


async def send_reason(_: Request, error: Exception) -> Response:
    """Say why the ledger cannot be read; a delivery's errors hold no secrets."""
    return JSONResponse({"detail": str(error)}, status_code=503, headers=_NOT_KEPT)
