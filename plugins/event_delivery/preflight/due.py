"""Which destinations are due by this time tomorrow, and which are quarantined? Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from event_delivery.destinations import AnyDestination, Destination
from event_delivery.ledger.preflights import Finding
from event_delivery.preflight.findings import make_finding

_TONIGHT = timedelta(days=1)


def find_due(destinations: Iterable[AnyDestination], now: datetime) -> list[Destination]:
    """Return the enabled destinations that deliver a day within the next 24 hours."""
    return [each for each in destinations if isinstance(each, Destination) and _is_due(each, now)]


def find_quarantined(destinations: Iterable[AnyDestination]) -> list[Finding]:
    """Return a finding for each quarantined destination."""
    return [
        make_finding("destination", each.message, each.id)
        for each in destinations
        if not isinstance(each, Destination)
    ]


def _is_due(destination: Destination, now: datetime) -> bool:
    start, day = destination.start_date, destination.schedule.last_due_day(now + _TONIGHT)
    return destination.enabled and (start is None or day.date >= start)
