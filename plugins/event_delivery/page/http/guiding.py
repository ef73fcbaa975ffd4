"""How does a client's guide leave the page, with what describes its events to a program?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fastapi import Response

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import AnyDestination, Destination
from event_delivery.errors import DeliveryError
from event_delivery.guide.beside import describe_event
from event_delivery.guide.html import write_html
from event_delivery.guide.making import make_guide
from event_delivery.guide.markdown import write_markdown
from event_delivery.page.http.refusals import refuse_event, require_valid
from event_delivery.page.http.responses import refuse_failure, send_file
from event_delivery.schedule import last_day_before

GuideFormat = Literal["html", "md", "columns"]


def write_guide(destination: AnyDestination, form: GuideFormat, event: str | None) -> Response:
    """Return a destination's guide as a file, or its event type's JSON Schema or dictionary, as the command does.

    Raises:
        HTTPException: 409, the destination is quarantined, has no such event type, or its nights would fail; 503,
            what is needed cannot be read now.
    """
    right, now = require_valid(destination), datetime.now(UTC)
    refuse_event(right, event)
    try:
        return _write_columns(right, event, now) if form == "columns" else _write_text(right, form, now)
    except DeliveryError as error:
        raise refuse_failure(error) from None


def _write_text(destination: Destination, form: Literal["html", "md"], now: datetime) -> Response:
    guide = make_guide(destination, now)
    write, media = (write_html, "text/html") if form == "html" else (write_markdown, "text/markdown")
    text = write(guide.client, guide.sections)
    return send_file(f"guide-{destination.id}.{form}", text.encode(), f"{media}; charset=utf-8")


def _write_columns(destination: Destination, event: str | None, now: datetime) -> Response:
    day = last_day_before(now, destination.timezone)
    name, content = describe_event(nightly_delivery(destination, event or destination.events[0], day))
    media = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/schema+json"
    return send_file(name, content, media)
