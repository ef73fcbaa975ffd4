"""How does a reader look at a file that nobody sends: in time, few at once, masked unless he may see values?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import HTTPException

from event_delivery.connection.kept import record_in_audit_log
from event_delivery.delivery import Delivery
from event_delivery.destinations import AnyDestination
from event_delivery.errors import DeliveryError
from event_delivery.limits import PREVIEWS_AT_ONCE
from event_delivery.page.answers.preview import read_preview
from event_delivery.page.answers.shapes.preview import Preview
from event_delivery.page.http.access import may_see_values
from event_delivery.page.http.refusals import require_valid
from event_delivery.page.http.responses import refuse_failure
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.preview import choose_delivery

AUDITED_AS = "show_events"
_places = threading.BoundedSemaphore(PREVIEWS_AT_ONCE)


@dataclass(frozen=True)
class Looked:
    """What is looked at: the first event type unless told, yesterday unless told; `values`: without a mask."""

    event: str | None
    day: date | None
    test_file: bool
    values: bool


def preview(user: Any, destination: AnyDestination, looked: Looked) -> Preview:
    """Return how a destination's file of a day begins; who has seen values is in Airflow's audit log.

    Raises:
        HTTPException: 403, values are wanted, and the user may not edit the destination's Connection; 409 and 503,
            in the words of the command; 503, others look at this moment.
    """
    right = require_valid(destination)
    may_show = may_see_values(user, right)
    if looked.values and not may_show:
        raise HTTPException(403, f"Learners' data is shown to who may edit the Connection {right.connection!r}.")
    try:
        delivery = choose_delivery(right.id, looked.event, looked.day, looked.test_file)
        with _one_of_few():
            shown = read_preview(delivery, masked=not looked.values, may_show=may_show)
    except DeliveryError as error:
        raise refuse_failure(error) from None
    if looked.values:
        _audit(user, delivery)
    return shown


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        wait = {"Retry-After": "10"}
        raise HTTPException(503, "Others look at files at this moment. Try again in a few seconds.", wait)
    try:
        yield
    finally:
        _places.release()


def _audit(user: Any, delivery: Delivery) -> None:
    """Record who sees what, before he does; a test file holds nobody's data."""
    if delivery.kind == "test":
        return
    told = {"destination": delivery.destination.id, "event": delivery.event, "day": str(delivery.day.date())}
    with open_metadata() as session:
        record_in_audit_log(session, AUDITED_AS, str(user.get_name()), **told)
