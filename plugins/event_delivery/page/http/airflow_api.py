"""How is Airflow's own REST API called, within the process and in the user's name?

So Airflow checks the permission, writes its audit log and refuses what it refuses anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import httpx
from fastapi import HTTPException, Request
from pydantic import BaseModel

from event_delivery.limits import AIRFLOW_ANSWER

AIRFLOW_APP = "event_delivery.airflow_app"  # where in a request's scope the app around ours stands
_FORWARDED = ("authorization", "cookie", "referer", "user-agent")


class TriggeredRun(BaseModel):
    """What we need of Airflow's answer to a trigger."""

    dag_run_id: str


class MadeBackfill(BaseModel):
    """What we need of Airflow's answer to a backfill."""

    id: int


async def call_airflow(request: Request, method: str, path: str, body: Mapping[str, object]) -> bytes:
    """Return what Airflow answers.

    Raises:
        HTTPException: Airflow's refusal, as one sentence.
    """
    headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    visitor = (request.client.host, request.client.port) if request.client else ("", 0)
    transport = httpx.ASGITransport(app=request.scope[AIRFLOW_APP], client=visitor)
    base = f"{request.url.scheme}://{request.url.netloc}/api/v2"
    async with httpx.AsyncClient(transport=transport, headers=headers, timeout=AIRFLOW_ANSWER) as client:
        answer = await client.request(method, base + path, json=body)
    if answer.is_error:
        _refuse(answer)
    return answer.content


def _refuse(answer: httpx.Response) -> NoReturn:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"Airflow refused with status {answer.status_code}."
    problems = detail if isinstance(detail, list) else [detail]
    said = "; ".join(str(each.get("msg", each)) if isinstance(each, dict) else str(each) for each in problems)
    raise HTTPException(answer.status_code if answer.status_code < 500 else 502, said)
