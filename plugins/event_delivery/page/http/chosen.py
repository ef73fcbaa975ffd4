"""Which delivery is an action on a day about, and may it be done?"""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import HTTPException

from event_delivery.destinations import AnyDestination
from event_delivery.page.answers.cells import Judged
from event_delivery.page.answers.named import choose_interval, read_named
from event_delivery.page.http.refusals import (
    refuse_decided,
    refuse_foreign,
    refuse_undecided,
    refuse_undeliverable,
)
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.schedule import Interval


def choose_decided(destination: AnyDestination, day: date, asked: Interval | None) -> Interval:
    """Return the interval that is to be delivered again.

    Raises:
        HTTPException: it cannot be delivered, or a person has to decide first what became of it.
    """
    named, interval = _choose(destination, day, asked)
    refuse_undecided(named, interval, day)
    return interval


def check_undecided(destination: AnyDestination, day: date, asked: Interval | None) -> None:
    """Check that there is something to decide, and that a new run of the day would carry it.

    Raises:
        HTTPException: it is not so.
    """
    named, interval = _choose(destination, day, asked)
    refuse_decided(named, interval, day)
    refuse_foreign(destination, interval, day)


def _choose(destination: AnyDestination, day: date, asked: Interval | None) -> tuple[list[Judged], Interval]:
    with open_metadata() as session:
        named = read_named(session, destination, day, datetime.now(UTC))
    try:
        interval = choose_interval(named, destination, day, asked)
    except ValueError as error:
        raise HTTPException(404, str(error)) from None
    refuse_undeliverable(destination, interval)
    return named, interval
