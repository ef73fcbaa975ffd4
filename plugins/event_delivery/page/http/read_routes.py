"""What can be asked of the page?"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from event_delivery.page.answers.days import choose_range
from event_delivery.page.answers.delivery_detail import read_delivery
from event_delivery.page.answers.destination_detail import read_destination
from event_delivery.page.answers.overview import read_overview
from event_delivery.page.answers.shapes.delivery import Kind
from event_delivery.page.answers.shapes.overview import ServedOverview
from event_delivery.page.http.access import (
    User,
    filter_readable,
    may_act,
    may_edit_connection,
    read_permitted,
    require_connections,
)
from event_delivery.page.http.dates import Day, Instant
from event_delivery.page.http.responses import send_answer
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.setup import read_setup
from event_delivery.security_check import check_security

reading = APIRouter()


@reading.get("/overview")
def overview(
    user: User,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Response:
    """Every delivery's state in a range of days, of the destinations that the user may read."""
    now, destinations = datetime.now(UTC), filter_readable(user)
    try:
        first, last = choose_range(destinations, first, last, now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    with open_metadata() as session:
        answer = read_overview(session, destinations, first, last, now)
    served: ServedOverview = {**answer, "may": {"act": may_act(user, destinations)}}
    return send_answer(served)


@reading.get("/delivery")
def delivery(
    request: Request,
    user: User,
    destination: str,
    event: str,
    day: Day,
    kind: Kind = "nightly",
    start: Instant | None = None,
    end: Instant | None = None,
) -> Response:
    """All that is known about one delivery: of several that are called by the day, the one from start to end."""
    found = read_permitted(request, user, destination)
    with open_metadata() as session:
        answer = read_delivery(session, found, event, day, kind, start, datetime.now(UTC), end)
    if answer is None:
        raise HTTPException(404, f"Nothing is known about {found.id}, {event}, {day}.")
    return send_answer(answer)


@reading.get("/destination")
def destination(request: Request, user: User, identifier: Annotated[str, Query(alias="id")]) -> Response:
    """A destination's configuration, server and last 90 days."""
    found = read_permitted(request, user, identifier)
    with open_metadata() as session:
        may_confirm = may_edit_connection(user, read_setup(found).connection)
        return send_answer(read_destination(session, found, datetime.now(UTC), may_confirm))


@reading.get("/security-check")
def security_check(user: User) -> Response:
    """What is less safe here than it could be, the worst first, for those who may edit Connections."""
    require_connections(user)
    with open_metadata() as session:
        return send_answer({"findings": [dataclasses.asdict(each) for each in check_security(session)]})
