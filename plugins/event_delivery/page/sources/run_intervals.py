"""Which interval does a run carry, and which run carries an interval?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.ledger.records import NightRecord
from event_delivery.orchestration.names import nightly_dag_id
from event_delivery.page.sources.run import Run, RunOfDag
from event_delivery.page.sources.runs import read_runs_of_days
from event_delivery.schedule import Interval, NightlySchedule, RunDates, date_of, due_of, interval_of, resolve_day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MARGIN = timedelta(hours=38)  # 14 hours between zones, and the longest day before that


def find_run(session: Session, destination: AnyDestination, interval: Interval) -> Run | None:
    """Return the latest run that carries exactly this interval."""
    start = interval.start - _MARGIN
    runs = read_runs_of_days(session, nightly_dag_id(destination.id), start, interval.end)
    schedule = destination.schedule
    return next((run.run for run in reversed(runs) if interval_of_run(run, schedule) == interval), None)


def interval_of_run(run: RunOfDag, schedule: NightlySchedule) -> Interval | None:
    """Return the interval that a run carries, or None when its param `day` is not one."""
    if run.interval_start and run.interval_end:
        return Interval(run.interval_start.astimezone(UTC), run.interval_end.astimezone(UTC))
    try:
        return interval_of(resolve_day(schedule, RunDates(run.run_after, run.day, run.logical_date)))
    except (ValueError, OverflowError):
        return None


def span_of_days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return a half-open span that holds the start of every interval that shares an instant with these days.

    In every time zone, and of whichever zone the interval was a day.
    """
    midnight = datetime.combine(first, time(), UTC)
    return midnight - _MARGIN, datetime.combine(last, time(), UTC) + _MARGIN


@lru_cache(maxsize=65_536)
def call_interval(interval: Interval, timezone: str) -> date:
    """Return the date by which people call an interval; a thousand clients have the same ones."""
    return date_of(interval, timezone)


def find_recorded_due(record: NightRecord, schedule: NightlySchedule) -> datetime:
    """Return when a recorded night was due: a scheduled run's id tells, whatever today's schedule is."""
    told = read_due(record.first_run_id) if record.first_run_id else None
    return told if told and told >= record.interval.end else find_due(record.interval, schedule)


@lru_cache(maxsize=65_536)
def read_due(run_id: str) -> datetime | None:
    """Return the instant in a scheduled run's id, or None where there is none."""
    kind, _, text = run_id.partition("__")
    try:
        instant = datetime.fromisoformat(text) if kind == "scheduled" else None
    except ValueError:
        return None
    return instant if instant and instant.tzinfo else None


def find_due(interval: Interval, schedule: NightlySchedule) -> datetime:
    """Return when an interval's run starts by a schedule; what a thousand clients share is worked out once."""
    return _find_due(interval, schedule.timezone, schedule.deliver_at) + schedule.starts_after


@lru_cache(maxsize=65_536)
def _find_due(interval: Interval, timezone: str, deliver_at: time) -> datetime:
    return due_of(interval, NightlySchedule(timezone, deliver_at))
