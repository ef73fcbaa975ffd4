"""What can be done by the page?"""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from event_delivery.orchestration.names import nightly_dag_id
from event_delivery.page.answers.shapes.action import Decision
from event_delivery.page.answers.shapes.delivery import Kind
from event_delivery.page.http import actions, confirming, redelivery, releasing
from event_delivery.page.http.access import FromOurPage, User, read_permitted, require_trigger
from event_delivery.page.http.parameters import Day, Identifier, Instant
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.responses import send_answer
from event_delivery.schedule import Interval

acting = APIRouter()


class Named(BaseModel):
    """An action on a destination."""

    model_config = ConfigDict(extra="forbid")
    destination: Identifier


class OfNight(Named):
    """An action on a delivery; of several that are called by one day its interval says which."""

    start: Instant | None = None
    end: Instant | None = None

    @property
    def interval(self) -> Interval | None:
        """The interval, if the action names one."""
        return Interval(self.start, self.end) if self.start and self.end else None


class OfDay(OfNight):
    """An action on a day, or on one event type of it; `exact`: byte for byte as it was delivered."""

    day: Day
    event: Identifier | None = None
    exact: bool = False


class OfHeldFile(OfNight):
    """Which held file, by its sha256, is right."""

    day: Day
    event: Identifier
    sha256: str = Field(pattern=r"^[0-9a-f]{64}\z")


class OfDays(Named):
    """An action on the days from the first to the last."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class OfHostKey(Named):
    """Which key of its server, by its fingerprint, is right."""

    fingerprint: str = Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$", max_length=50)


class OfPause(Named):
    """Whether to pause."""

    paused: bool


class OfUnconfirmed(OfNight):
    """What a person decided; of a destination's test files the latest is meant, whatever the day."""

    day: Day | None = None
    decision: Decision
    kind: Kind = "nightly"

    @model_validator(mode="after")
    def _need_day(self) -> Self:
        if self.kind == "nightly" and self.day is None:
            raise ValueError("wanted the day of the delivery")
        return self


@acting.post("/test-file")
async def send_test_file(request: Request, _: FromOurPage, user: User, body: Named) -> Response:
    """Send the test file."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.send_test_file(request, found))


@acting.post("/redeliver")
async def redeliver(request: Request, _: FromOurPage, user: User, body: OfDay) -> Response:
    """Deliver a day again, or one event type of it."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    if body.exact:
        return send_answer(await redelivery.redeliver_exactly(request, found, body.day, body.interval))
    return send_answer(await redelivery.redeliver(request, found, body.day, body.interval, body.event))


@acting.post("/release")
async def release(request: Request, _: FromOurPage, user: User, body: OfHeldFile) -> Response:
    """Let a held file go."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    await answer_in_time(require_trigger, request, user, nightly_dag_id(found.id))
    what = (body.day, body.event, body.sha256, body.interval)
    return send_answer(await releasing.release(request, found, *what))


@acting.post("/resolve")
async def resolve(request: Request, _: FromOurPage, user: User, body: OfUnconfirmed) -> Response:
    """Settle an unconfirmed delivery as a person decided."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    day = body.day if body.kind == "nightly" else None
    await answer_in_time(require_trigger, request, user, actions.choose_dag(found, day))
    if day is None:
        return send_answer(await actions.resolve_test_file(request, found, body.decision))
    return send_answer(await actions.resolve(request, found, day, body.decision, body.interval))


@acting.post("/backfill")
async def backfill(request: Request, _: FromOurPage, user: User, body: OfDays) -> Response:
    """Deliver the days of a range that were not delivered."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.backfill(request, found, body.first, body.last))


@acting.post("/confirm-host-key")
async def confirm_host_key(request: Request, _: FromOurPage, user: User, body: OfHostKey) -> Response:
    """Let a host key count that the server has shown."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await answer_in_time(confirming.confirm_host_key, user, found, body.fingerprint))


@acting.post("/pause")
async def pause(request: Request, _: FromOurPage, user: User, body: OfPause) -> Response:
    """Pause or unpause the nightly deliveries."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.pause(request, found, body.paused))
