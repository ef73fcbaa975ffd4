"""How is Airflow's own REST API called, within the process and in the user's name?

So Airflow checks the permission, writes its audit log and refuses what it refuses anywhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, NoReturn

import httpx
from fastapi import HTTPException, Request
from pydantic import BaseModel

from event_delivery.limits import AIRFLOW_ANSWER

AIRFLOW_APP = "event_delivery.airflow_app"  # where in a request's scope the app around ours stands
ACTIONS_AT_ONCE = 8  # of the 40 threads that Airflow's API server has for all
_asked: set[asyncio.Future[httpx.Response]] = set()
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
        HTTPException: Airflow's refusal, as one sentence; 504 without an answer within `AIRFLOW_ANSWER` seconds,
            503 while too many wait for one.
    """
    if len(_asked) >= ACTIONS_AT_ONCE:
        raise HTTPException(503, "Airflow has not answered earlier actions yet. Try again in a minute.")
    headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    visitor = (request.client.host, request.client.port) if request.client else ("", 0)
    transport = httpx.ASGITransport(app=request.scope[AIRFLOW_APP], client=visitor)
    base = f"{request.url.scheme}://{request.url.netloc}/api/v2"
    answer = await _wait(_ask(httpx.AsyncClient(transport=transport, headers=headers), method, base + path, body))
    if answer.is_error:
        _refuse(answer)
    return answer.content


async def _ask(client: httpx.AsyncClient, method: str, url: str, body: Mapping[str, object]) -> httpx.Response:
    async with client:
        return await client.request(method, url, json=body)


async def _wait(asking: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """Return the answer; httpx heeds no time limit within a process, and Airflow's threads heed no cancelling."""
    asked = asyncio.ensure_future(asking)
    _asked.add(asked)
    asked.add_done_callback(_forget)
    done, _ = await asyncio.wait([asked], timeout=AIRFLOW_ANSWER)
    if done:
        return asked.result()
    raise HTTPException(
        504,
        f"Airflow gave no answer within {AIRFLOW_ANSWER} s. It may have been done, or be done yet: look "
        "at the DAG's runs before you ask again.",
    )


def _forget(ended: asyncio.Future[httpx.Response]) -> None:
    """Take note of an end, also of a failure that nobody waits for any more."""
    _asked.discard(ended)
    if not ended.cancelled():
        ended.exception()


def _refuse(answer: httpx.Response) -> NoReturn:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"Airflow refused with status {answer.status_code}."
    problems = detail if isinstance(detail, list) else [detail]
    said = "; ".join(str(each.get("msg", each)) if isinstance(each, dict) else str(each) for each in problems)
    raise HTTPException(answer.status_code if answer.status_code < 500 else 502, said)
