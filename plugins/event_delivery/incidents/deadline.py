"""By when are a night's files promised?"""

from __future__ import annotations

from datetime import datetime, timedelta

from event_delivery.destinations import Destination
from event_delivery.limits import DELIVERED_WITHIN
from event_delivery.schedule import Interval, begin_of, day_of, due_of

_MICROSECOND = timedelta(microseconds=1)


def deadline_of(destination: Destination, interval: Interval) -> datetime:
    """Return the instant (UTC) of the first `deliver_by` after an interval is due.

    Without that field: when eleven full attempts after its start are over.
    """
    schedule = destination.schedule
    if destination.deliver_by is None:
        return begin_of(interval, schedule) + DELIVERED_WITHIN
    last = day_of(interval.end - _MICROSECOND, schedule.timezone)
    by = last.due(destination.deliver_by)
    return by if by > due_of(interval, schedule) else last.next.due(destination.deliver_by)
