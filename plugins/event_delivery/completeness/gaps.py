"""Which days since its first night has an event type of a destination never had delivered? Pure.

Every instant from its first night to the latest night whose tries are over is covered by a delivery, or lies in
exactly one missing day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from event_delivery.completeness.obstacles import find_obstacle
from event_delivery.destinations import Destination
from event_delivery.ledger.coverage import Coverage
from event_delivery.limits import MISSING_AFTER
from event_delivery.schedule import (
    Interval,
    begin_of,
    day_of,
    find_uncovered,
    interval_of,
    last_day_before,
    retry_window,
    split_into_days,
    start_of,
)

NEVER_TRIED = "never tried"  # by any run that the ledger knows of
_NIGHT = timedelta(seconds=retry_window()) + MISSING_AFTER


@dataclass(frozen=True)
class MissingDay:
    """A local day of a destination of which an event type's events were not delivered, all or in part.

    `interval`: what of the day is not delivered. `state`: what became of its night: `failed`, `cancelled`,
    `cut off` or `never tried`. `obstacle`: why no run of the day is started by itself, and what to do instead;
    None where one would deliver all that is lacking.
    """

    destination: str
    event: str
    day: date
    interval: Interval
    state: str = NEVER_TRIED
    obstacle: str | None = None

    @property
    def was_tried(self) -> bool:
        """Whether the ledger has a failure of it."""
        return self.state != NEVER_TRIED


def find_missing(
    destination: Destination, event: str, coverage: Coverage, now: datetime, since: datetime | None = None
) -> Iterator[MissingDay]:
    """Yield the missing days of one event type since its first night, or from `since` on, the oldest first.

    None lies before `start_date`, nor is the last one a night that may still be tried by itself.
    """
    if coverage.begin is None or not destination.enabled:
        return
    zone = destination.timezone
    begin = max(coverage.begin, start_of(destination.start_date, zone), since or coverage.begin)
    end = _find_end(destination, now)
    for gap in find_uncovered(begin, end, coverage.covered) if begin < end else ():
        for interval in split_into_days(gap, zone):
            yield _describe(destination, event, interval, coverage)


def _describe(destination: Destination, event: str, interval: Interval, coverage: Coverage) -> MissingDay:
    day = day_of(interval.start, destination.timezone)
    states = [
        "cut off" if night.state == "uploading" else night.state
        for night in coverage.undelivered
        if not night.is_open and night.interval.overlaps(interval)
    ]
    obstacle = find_obstacle(interval_of(day), interval, coverage)
    return MissingDay(destination.id, event, day.date, interval, states[-1] if states else NEVER_TRIED, obstacle)


def _find_end(destination: Destination, now: datetime) -> datetime:
    """Return the end of the last day whose night is over, with all its tries."""
    day = last_day_before(now, destination.timezone)
    while begin_of(Interval(day.start, day.end), destination.schedule) + destination.source_wait + _NIGHT > now:
        day = day.previous
    return day.end
