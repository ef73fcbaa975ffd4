"""How is an uptime check answered: in time, seldom anew, and without a login only where that is configured?"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from event_delivery.destinations import read_destinations
from event_delivery.limits import HEALTH_ANSWER, HEALTH_KEPT
from event_delivery.page.answers.health import SCHEMA, HealthFacts, describe_health, read_health
from event_delivery.page.http.access import filter_readable, require_user
from event_delivery.page.http.questions import answer_in_time, answer_within
from event_delivery.page.http.responses import send_answer
from event_delivery.page.sources.metadata import open_metadata

PUBLIC = "EVENT_DELIVERY_HEALTH_PUBLIC"
health = APIRouter()


class _Asked(NamedTuple):
    """One look at everything, which all who ask meanwhile share, and when it was begun."""

    look: asyncio.Task[HealthFacts]
    since: float


_asked: _Asked | None = None


@health.api_route("/health", methods=["GET", "HEAD"])
async def tell_health(request: Request) -> Response:
    """Is the last night whole, and would anybody notice? 200 or 503; destinations are named to users alone."""
    readable = await _find_readable(request)
    try:
        facts = await _look()
    except (HTTPException, SQLAlchemyError) as error:
        reason = error.detail if isinstance(error, HTTPException) else "Airflow's own database does not answer."
        return send_answer({"schema": SCHEMA, "healthy": False, "reasons": [reason]}, 503)
    answer = describe_health(facts, readable)
    return send_answer(answer, 200 if answer["healthy"] else 503)


async def _find_readable(request: Request) -> frozenset[str] | None:
    """Return whose names the asker may see, None: nobody is logged in, and need not be; else as `require_user`."""
    try:
        user = await require_user(request)
    except HTTPException:
        if os.environ.get(PUBLIC) != "1":
            raise
        return None
    return await answer_in_time(lambda: frozenset(each.id for each in filter_readable(user)))


async def _look() -> HealthFacts:
    """Return what was found at most HEALTH_KEPT seconds ago: many who ask cost no more than one."""
    global _asked
    loop, now = asyncio.get_running_loop(), time.monotonic()
    if _asked is None or _is_spent(_asked, loop, now):
        _asked = _Asked(loop.create_task(answer_within(HEALTH_ANSWER, _read)), now)
    return await asyncio.shield(_asked.look)


def _is_spent(asked: _Asked, loop: Any, now: float) -> bool:
    return asked.look.get_loop() is not loop or (asked.look.done() and now - asked.since > HEALTH_KEPT)


def _read() -> HealthFacts:
    with open_metadata() as session:
        return read_health(session, read_destinations(), datetime.now(UTC))
