"""Which days has a destination never delivered, and which of them are delivered now?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime

from event_delivery.completeness.gaps import MissingDay, find_missing
from event_delivery.completeness.handling import Remedy
from event_delivery.destinations import Destination
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.coverage import read_coverage
from event_delivery.limits import MISSING_A_NIGHT, MISSING_WITHIN
from event_delivery.schedule import day_of

_log = logging.getLogger(__name__)


def list_missing(destination: Destination, now: datetime, since: datetime | None = None) -> list[MissingDay]:
    """Return the missing days of each event type since its first night, or from `since` on, the oldest first.

    A night that may still be tried by itself is not missing yet; of an event type that is not in the YAML any
    more nothing is expected.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    with open_ledger_reading() as ledger:
        coverage = read_coverage(ledger, [(destination.id, event) for event in destination.events], now)
    missing = [
        day
        for event in destination.events
        for day in find_missing(destination, event, coverage[destination.id, event], now, since)
    ]
    return sorted(missing, key=lambda day: (day.interval, day.event))


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
    most = len(able) if everything else max(0, MISSING_A_NIGHT - started)
    chosen: set[date] = set(list(dict.fromkeys(day.day for day in able))[:most])
    return [Remedy(destination.id, day.event, day.day, why="missing") for day in able if day.day in chosen]


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
