"""Of which destinations does the ledger tell all, so that Airflow need not be asked what its runs carried?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from event_delivery.destinations import AnyDestination
from event_delivery.ledger.records import NightRecord
from event_delivery.limits import LATE_AFTER, MISSING_AFTER
from event_delivery.page.sources.run_intervals import find_recorded_due
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import Interval, LocalDay, NightlySchedule


def is_settled(
    destination: AnyDestination,
    records: Mapping[str, Sequence[NightRecord]],
    first: date,
    last: date,
    now: datetime,
) -> bool:
    """Tell whether each day of a range that is due stands in the ledger, and none came so long after that.

    That is so of nearly every client on nearly every day.
    """
    events, schedule = read_setup(destination).events, destination.schedule
    span = _find_span(schedule, first, last, now)
    return bool(events) and all(_is_settled(records.get(event, ()), schedule, span) for event in events)


def _is_settled(records: Sequence[NightRecord], schedule: NightlySchedule, span: Interval) -> bool:
    reached = span.start
    for record in records:
        start, end = record.interval
        if reached < min(start, span.end) or _may_be_late(record, schedule):
            return False
        reached = max(reached, end)
    return reached >= span.end


def _may_be_late(record: NightRecord, schedule: NightlySchedule) -> bool:
    arrived = record.first_delivered_at or record.delivered_at
    return arrived is not None and arrived - find_recorded_due(record, schedule) > LATE_AFTER


@lru_cache(maxsize=1024)
def _find_span(schedule: NightlySchedule, first: date, last: date, now: datetime) -> Interval:
    due = schedule.last_due_day(now - MISSING_AFTER)
    end = min(LocalDay(last, schedule.timezone).end, due.end)
    return Interval(LocalDay(first, schedule.timezone).start, end)
