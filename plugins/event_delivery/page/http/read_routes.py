"""What can be asked of the page?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response

from event_delivery.destinations import load_destinations
from event_delivery.page.answers.capacity import describe_capacity
from event_delivery.page.answers.days import choose_range
from event_delivery.page.answers.delivery_detail import hide_titles, read_delivery
from event_delivery.page.answers.destination_detail import read_destination
from event_delivery.page.answers.overview import read_overview
from event_delivery.page.answers.preflight import read_last_look
from event_delivery.page.answers.server_facts import Rights
from event_delivery.page.answers.shapes.delivery import DeliveryDetail, Kind
from event_delivery.page.answers.shapes.destination import DestinationDetail
from event_delivery.page.answers.shapes.overview import ServedOverview
from event_delivery.page.answers.shapes.preflight import PreflightAnswer
from event_delivery.page.answers.shapes.security import SecurityCheck, Weakness
from event_delivery.page.http.access import (
    User,
    filter_readable,
    may_act,
    may_add_connections,
    may_use_connection,
    read_permitted,
    require_connections,
)
from event_delivery.page.http.parameters import Day, Identifier, Instant
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.reconciling import ReportFormat, write_report
from event_delivery.page.http.responses import send_answer
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.setup import read_setup
from event_delivery.security_check import Finding, check_security

reading = APIRouter()


@reading.get("/overview")
async def overview(
    user: User,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
) -> Response:
    """Every delivery's state in a range of days, of the destinations that the user may read."""
    return send_answer(await answer_in_time(_answer_overview, user, first, last))


def _answer_overview(user: Any, first: Day | None, last: Day | None) -> ServedOverview:
    now, destinations = datetime.now(UTC), filter_readable(user)
    try:
        first, last = choose_range(destinations, first, last, now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    with open_metadata() as session:
        answer = read_overview(session, destinations, first, last, now)
    act = may_act(user, destinations)
    notice = describe_capacity(len(load_destinations())) if act else None
    return {**answer, "capacity_notice": notice, "may": {"act": act, "onboard": may_add_connections(user)}}


@reading.get("/delivery")
async def delivery(
    request: Request,
    user: User,
    destination: Identifier,
    event: Identifier,
    day: Day,
    kind: Kind = "nightly",
    start: Instant | None = None,
    end: Instant | None = None,
) -> Response:
    """All that is known about one delivery: of several that are called by the day, the one from start to end."""

    def answer() -> DeliveryDetail:
        found = read_permitted(request, user, destination)
        with open_metadata() as session:
            detail = read_delivery(session, found, event, day, kind, start, datetime.now(UTC), end)
        if detail is None:
            raise HTTPException(404, f"Nothing is known about {found.id}, {event}, {day}.")
        return detail if may_act(user, [found]) else hide_titles(detail)

    return send_answer(await answer_in_time(answer))


@reading.get("/destination")
async def destination(
    request: Request, user: User, identifier: Annotated[Identifier, Query(alias="id")]
) -> Response:
    """A destination's configuration, server and last 90 days."""

    def answer() -> DestinationDetail:
        found = read_permitted(request, user, identifier)
        connection = read_setup(found).connection
        may_see = connection is None or may_use_connection(user, connection, "GET")
        may_edit = may_use_connection(user, connection, "PUT")
        rights = Rights(may_see, may_confirm=may_edit, may_show_values=may_edit)
        with open_metadata() as session:
            return read_destination(session, found, datetime.now(UTC), rights)

    return send_answer(await answer_in_time(answer))


@reading.get("/reconciliation")
async def reconciliation(
    request: Request,
    user: User,
    destination: Identifier,
    report: Annotated[int, Query(ge=1, lt=1 << 62)],
    form: Annotated[ReportFormat, Query(alias="format")] = "json",
) -> Response:
    """A report on a destination, as a file."""

    def answer() -> Response:
        return write_report(read_permitted(request, user, destination), report, form)

    return await answer_in_time(answer)


@reading.get("/preflight")
async def preflight(user: User) -> Response:
    """What would fail tonight, as it was last looked over, of the destinations that the user may read."""

    def answer() -> PreflightAnswer:
        return read_last_look({each.id for each in filter_readable(user)}, datetime.now(UTC))

    return send_answer(await answer_in_time(answer))


@reading.get("/security-check")
async def security_check(user: User) -> Response:
    """What is less safe here than it could be, the worst first, for those who may edit Connections."""

    def answer() -> SecurityCheck:
        require_connections(user)
        with open_metadata() as session:
            return {"findings": [_describe_weakness(each) for each in check_security(session)]}

    return send_answer(await answer_in_time(answer))


def _describe_weakness(finding: Finding) -> Weakness:
    return {
        "severity": finding.severity, "where": finding.where, "what": finding.what, "advice": finding.advice,
    }  # fmt: skip
