"""Which days has a destination never delivered, and which of them are delivered now?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from event_delivery.completeness.gaps import MissingDay, find_missing
from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.remedy_run import take_days
from event_delivery.destinations import Destination
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.coverage import read_coverage
from event_delivery.limits import MISSING_A_NIGHT, MISSING_WITHIN
from event_delivery.schedule import day_of

_log = logging.getLogger(__name__)


def list_missing(destination: Destination, now: datetime, since: datetime | None = None) -> list[MissingDay]:
    """Return a destination's missing days since its first night, or from `since` on; as `read_missing`."""
    return read_missing([destination], now, since)


def read_missing(
    destinations: Sequence[Destination], now: datetime, since: datetime | None = None
) -> list[MissingDay]:
    """Return the missing days of each event type, by destination, the oldest first.

    A night that may still be tried by itself is not missing yet; of an event type that is not in the YAML any
    more nothing is expected.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    with open_ledger_reading() as ledger:
        coverage = read_coverage(ledger, [(each.id, event) for each in destinations for event in each.events], now)
    missing = [
        day
        for each in destinations
        for event in each.events
        for day in find_missing(each, event, coverage[each.id, event], now, since)
    ]
    return sorted(missing, key=lambda day: (day.destination, day.interval, day.event))


def choose_missing(
    destination: Destination, missing: Sequence[MissingDay], started: int, everything: bool
) -> list[Remedy]:
    """Return the runs that deliver missing days: the oldest first, those that failed before after all others.

    A night starts those of MISSING_A_NIGHT days at most, `started` of which it has, unless a person asks for
    `everything`. A day that no run can deliver is none of them.
    """
    if destination.missing_days == "report" and not everything:
        return []
    able = sorted(
        (day for day in missing if day.obstacle is None),
        key=lambda day: (day.was_tried, day.interval, day.event),
    )
    remedies = [Remedy(destination.id, day.event, day.day, why="missing") for day in able]
    return remedies if everything else take_days(remedies, MISSING_A_NIGHT - started)


def look_for_missing(destination: Destination, now: datetime, everything: bool = False) -> list[Remedy]:
    """Tell the log which days of the last months are missing, or of all time; returns the runs to start.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    since = day_of(now - MISSING_WITHIN, destination.timezone).start
    missing = list_missing(destination, now, None if everything else since)
    for day in missing:
        _log.warning("%s", tell_day(day))
    if not missing:
        return []
    with open_ledger_reading() as ledger:
        started = ledger.count_started(destination.id, "missing__", f"__{now.astimezone(UTC):%Y-%m-%d}")
    return choose_missing(destination, missing, started, everything)


def tell_day(day: MissingDay) -> str:
    """Return a missing day in one sentence, and what a person does where no run can deliver it."""
    found = f"{day.destination}, {day.event}, {day.day}: missing, {day.state}"
    if day.obstacle is None:
        return f"{found}."
    return f"{found}; {day.interval} of it cannot be delivered by itself: {day.obstacle}."
