"""Which deliveries has a destination in a range, each with its own interval: made, under way, or lacking?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from event_delivery.destinations import Destination
from event_delivery.ledger.records import NightRecord
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.expectations import find_begin
from event_delivery.page.answers.night import Night
from event_delivery.page.answers.periods import split_by_days
from event_delivery.page.answers.promises import find_promised, was_promised_by_ledger
from event_delivery.page.sources.knowledge import Knowledge, RunsOfIntervals
from event_delivery.page.sources.run import CarriedInterval
from event_delivery.page.sources.run_intervals import call_interval, find_due, find_recorded_due
from event_delivery.schedule import Interval, find_uncovered, start_of


@dataclass(frozen=True)
class Course:
    """What Airflow knows of a destination's runs, by interval; which were promised; where the last one ends."""

    runs: RunsOfIntervals
    carried: dict[Interval, CarriedInterval]
    promised: Collection[Interval]
    last_end: datetime | None


def read_course(destination_id: str, known: Knowledge) -> Course:
    """Return it; of an interval's runs the schedule's own counts first, then the latest."""
    carried: dict[Interval, CarriedInterval] = {}
    intervals = known.carried.get(destination_id, [])
    for run in intervals:
        if run.is_scheduled or run.interval not in carried or not carried[run.interval].is_scheduled:
            carried[run.interval] = run
    pausings = [*known.pausings.get(destination_id, ()), *known.pausings.get(None, ())]
    dag = known.dags.get(destination_id)
    promised = find_promised(intervals, pausings)
    return Course(known.runs.get(destination_id, {}), carried, promised, dag.last_end if dag else None)


def list_nights(destination: Destination, known: Knowledge, calendar: Calendar, now: datetime) -> list[Night]:
    """Return the nights of each event type, in order; of those no longer in the YAML only what is left open."""
    course, records = read_course(destination.id, known), known.ledger.records.get(destination.id, {})
    nights: list[Night] = []
    for event in destination.events:
        begin = find_begin(destination, event, known, now)
        made = list_made(destination, event, records.get(event, ()), course, begin)
        made = [_mark_refused(night, destination, now) for night in made]
        covered = [night.interval for night in made]
        lacking = _list_lacking(destination, event, course, begin, covered, calendar, now) if begin else ()
        nights += sorted([*made, *lacking], key=_start)
    for event in sorted(records.keys() - set(destination.events)):
        left = [record for record in records[event] if record.state not in ("delivered", "skipped")]
        open_nights = (make_night(destination, event, record, course) for record in left)
        nights += [_mark_refused(night, destination, now) for night in open_nights]
    return [night for night in nights if calendar.first <= night.date <= calendar.last]


def list_made(
    destination: Destination, event: str, records: Sequence[NightRecord], course: Course, begin: datetime | None
) -> list[Night]:
    """Return the nights that the ledger knows, those of open runs, and those that a run should have delivered."""
    nights = [make_night(destination, event, record, course) for record in records]
    recorded = {record.interval for record in records}
    runs = {interval for interval, run in course.runs.items() if run.carries(event)}
    carried = {
        interval for interval, run in course.carried.items()
        if run.state == "success" and begin and begin <= interval.start
    }  # fmt: skip
    return nights + [_make(destination, event, interval, course) for interval in (runs | carried) - recorded]


def make_night(destination: Destination, event: str, record: NightRecord, course: Course) -> Night:
    """Return a night that stands in the ledger."""
    return _make(destination, event, record.interval, course, record)


def _mark_refused(night: Night, destination: Destination, now: datetime) -> Night:
    """Mark a day that was asked for by mistake, and never tried: one before the start, or not over yet."""
    if (night.run and night.run.is_active) or night.record is None or night.record.attempts:
        return night
    early = night.interval.end <= start_of(destination.start_date, destination.timezone)
    refused = early or (night.record.state == "failed" and night.interval.end > now)
    return night._replace(refused=refused)


def _make(
    destination: Destination, event: str, interval: Interval, course: Course, record: NightRecord | None = None
) -> Night:
    schedule, carried = destination.schedule, course.carried.get(interval)
    if carried and carried.is_scheduled:
        due, promised = carried.due, interval in course.promised
    elif record:
        due = find_recorded_due(record, schedule)
        promised = was_promised_by_ledger(record, due)
    else:
        due, promised = find_due(interval, schedule), False
    day, run = call_interval(interval, schedule.timezone), course.runs.get(interval)
    if run and not run.carries(event):
        run = None
    return Night(event, interval, day, due, record, run, carried, promised, event in destination.events)


def _list_lacking(
    destination: Destination, event: str, course: Course, begin: datetime, covered: Sequence[Interval],
    calendar: Calendar, now: datetime,
) -> Iterator[Night]:  # fmt: skip
    """Yield what no run has carried of the days that are over; the schedule has gone past some of it."""
    schedule, last_end = destination.schedule, course.last_end
    for period in find_uncovered(begin, calendar.latest_of(schedule, now).end, covered):
        for piece in split_by_days(period, calendar.days_of(schedule)):
            skipped = last_end is not None and piece.interval.end <= last_end
            due = piece.day.due + schedule.starts_after if piece.is_whole else find_due(piece.interval, schedule)
            yield Night(event, piece.interval, piece.day.date, due, skipped=skipped, is_whole=piece.is_whole)


def _start(night: Night) -> datetime:
    return night.interval.start
