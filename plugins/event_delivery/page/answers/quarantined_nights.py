"""Which nights of a quarantined destination were delivered before, and which has the quarantine cost?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from event_delivery.destinations import EVENT_TYPES, QuarantinedDestination
from event_delivery.orchestration.names import QUARANTINED
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.night import Night, judge_night, make_cell
from event_delivery.page.answers.nights import Course, read_course
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.sources.knowledge import Knowledge
from event_delivery.page.sources.run_intervals import call_interval, find_due
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import Interval

_DAY = timedelta(days=1)


def judge_quarantined(
    destination: QuarantinedDestination, known: Knowledge, calendar: Calendar, now: datetime
) -> list[tuple[Night, Cell]]:
    """Return what the ledger knows, and each day that is over since the schedule stopped, as quarantined.

    Of one that is paused or disabled only what the ledger knows: a right file would not be delivered either.
    """
    course, records = read_course(destination.id, known), known.ledger.records.get(destination.id, {})
    off, nights = known.is_paused(destination.id) or not read_setup(destination).enabled, list[Night]()
    for event in sorted(records) or list(EVENT_TYPES)[:1]:
        made = [
            _make(destination, event, record.interval)._replace(record=record) for record in records.get(event, ())
        ]
        nights += made if off else _add_lost(destination, event, made, course, now)
    kept = [night for night in nights if calendar.first <= night.date <= calendar.last]
    return [(night, _judge(night, destination, now)) for night in kept]


def _add_lost(
    destination: QuarantinedDestination, event: str, made: Sequence[Night], course: Course, now: datetime
) -> list[Night]:
    lost = [_make(destination, event, interval) for interval in _list_lost(course, made, now)]
    by_date = {night.date: night for night in lost}
    for night in made:
        by_date.pop(night.date, None)
    return sorted([*made, *by_date.values()], key=lambda night: night.interval)


def _judge(night: Night, destination: QuarantinedDestination, now: datetime) -> Cell:
    return judge_night(night, now) if night.record else make_cell(night, "quarantined", destination.message)


def _list_lost(course: Course, nights: Sequence[Night], now: datetime) -> Iterator[Interval]:
    """Yield what runs of the quarantine carried, then days of 24 hours from where the schedule stopped.

    The zone is not known, but its midnight is: there the last scheduled interval ended.
    """
    yield from (interval for interval, run in course.runs.items() if run.find_task("failed") == QUARANTINED)
    ends = [night.interval.end for night in nights] if course.last_end is None else [course.last_end]
    start = max(ends).astimezone(UTC) if ends else now
    while start + _DAY <= now:
        yield Interval(start, start + _DAY)
        start += _DAY


def _make(destination: QuarantinedDestination, event: str, interval: Interval) -> Night:
    schedule = destination.schedule
    return Night(event, interval, call_interval(interval, schedule.timezone), find_due(interval, schedule))
