"""What can be done by the page?"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from event_delivery.page.http import actions
from event_delivery.page.http.access import FromOurPage, User, read_permitted
from event_delivery.page.http.responses import send_answer

acting = APIRouter()


class Named(BaseModel):
    """An action on a destination."""

    model_config = ConfigDict(extra="forbid")
    destination: str


class OfDay(Named):
    """An action on a day."""

    day: date


class OfDays(Named):
    """An action on the days from the first to the last."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class OfPause(Named):
    """Whether to pause."""

    paused: bool


@acting.post("/test-file")
async def send_test_file(request: Request, _: FromOurPage, user: User, body: Named) -> Response:
    """Send the test file."""
    found = await run_in_threadpool(read_permitted, request, user, body.destination)
    return send_answer(await actions.send_test_file(request, found))


@acting.post("/redeliver")
async def redeliver(request: Request, _: FromOurPage, user: User, body: OfDay) -> Response:
    """Deliver a day again."""
    found = await run_in_threadpool(read_permitted, request, user, body.destination)
    return send_answer(await actions.redeliver(request, found, body.day))


@acting.post("/backfill")
async def backfill(request: Request, _: FromOurPage, user: User, body: OfDays) -> Response:
    """Deliver the days of a range that were not delivered."""
    found = await run_in_threadpool(read_permitted, request, user, body.destination)
    return send_answer(await actions.backfill(request, found, body.first, body.last))


@acting.post("/pause")
async def pause(request: Request, _: FromOurPage, user: User, body: OfPause) -> Response:
    """Pause or unpause the nightly deliveries."""
    found = await run_in_threadpool(read_permitted, request, user, body.destination)
    return send_answer(await actions.pause(request, found, body.paused))
