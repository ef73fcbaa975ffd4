"""Which periods has no interval covered?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from event_delivery.schedule.intervals import Interval
from event_delivery.schedule.local_day import day_of


def find_uncovered(begin: datetime, end: datetime, covered: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the periods from `begin` to `end` that none of these intervals covers, in order."""
    reached = begin
    for start, stop in sorted(covered):
        if reached < start and reached < end:
            yield Interval(reached, min(start, end))
        reached = max(reached, stop)
    if reached < end:
        yield Interval(reached, end)


def split_into_days(period: Interval, timezone: str) -> Iterator[Interval]:
    """Yield the part of a period that lies in each local day, in order."""
    start = period.start
    while start < period.end:
        end = min(period.end, day_of(start, timezone).end)
        yield Interval(start, end)
        start = end
