"""What can be asked and said of incidents?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from event_delivery.page.answers.incidents import read_incidents
from event_delivery.page.answers.shapes.incident import Incidents
from event_delivery.page.http import answering
from event_delivery.page.http.access import (
    FromOurPage,
    User,
    filter_readable,
    find_changeable,
    read_permitted,
)
from event_delivery.page.http.bodies import OfIncident, OfSnooze
from event_delivery.page.http.parameters import Identifier, Instant
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.responses import send_answer

incidents = APIRouter(prefix="/incidents")
Number = Annotated[int, Path(ge=1, lt=1 << 62)]


@incidents.get("")
async def list_incidents(
    request: Request, user: User, destination: Identifier | None = None, closed_since: Instant | None = None
) -> Response:
    """The open incidents of the destinations that the user may read, and those over since an instant."""
    return send_answer(await answer_in_time(_answer, request, user, destination, closed_since))


def _answer(request: Request, user: Any, destination: str | None, closed_since: datetime | None) -> Incidents:
    named = read_permitted(request, user, destination).id if destination else None
    readable = {each.id for each in filter_readable(user)}
    changeable = find_changeable(user, sorted(readable))
    return read_incidents(readable, named, closed_since, datetime.now(UTC), changeable)


@incidents.post("/{number}/acknowledge")
async def acknowledge(number: Number, _: FromOurPage, user: User, body: OfIncident) -> Response:  # noqa: ARG001
    """Say that somebody has seen an incident."""
    return send_answer(await answer_in_time(answering.acknowledge, user, number))


@incidents.post("/{number}/snooze")
async def snooze(number: Number, _: FromOurPage, user: User, body: OfSnooze) -> Response:
    """Have nothing told of an incident for a while."""
    return send_answer(await answer_in_time(answering.snooze, user, number, body.until, body.reason))


@incidents.post("/{number}/unsnooze")
async def unsnooze(number: Number, _: FromOurPage, user: User, body: OfIncident) -> Response:  # noqa: ARG001
    """Take back that nothing is to be told of an incident."""
    return send_answer(await answer_in_time(answering.unsnooze, user, number))
