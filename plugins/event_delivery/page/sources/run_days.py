"""Which day does a run carry, and which run carries a day?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from event_delivery.destinations import AnyDestination
from event_delivery.orchestration.names import nightly_dag_id
from event_delivery.page.sources.run import Run, RunOfDag
from event_delivery.page.sources.runs import read_runs_of_days
from event_delivery.schedule import Interval, NightlySchedule, RunDates, date_of, resolve_day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ZONES_SPAN = timedelta(hours=14)
_NOON = timedelta(hours=12)


def find_run_of_day(session: Session, destination: AnyDestination, day: date) -> Run | None:
    """Return the latest run that carries a day."""
    runs = read_runs_of_days(session, nightly_dag_id(destination.id), *span_of_days(day, day))
    schedule = destination.schedule
    return next((run.run for run in reversed(runs) if day_of_run(run, schedule) == day), None)


def day_of_run(run: RunOfDag, schedule: NightlySchedule) -> date | None:
    """Return the day that a run carries, or None when its param `day` is not one."""
    if run.interval_start and run.interval_end:
        return date_of(Interval(run.interval_start, run.interval_end), schedule.timezone)
    try:
        return resolve_day(schedule, RunDates(run.run_after, run.day, run.logical_date)).date
    except ValueError:
        return None


def span_of_days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return a half-open span that holds the starts of these days in every time zone."""
    start = datetime.combine(first, time(), UTC) - _ZONES_SPAN
    return start, datetime.combine(last, time(), UTC) + _ZONES_SPAN


@lru_cache(maxsize=4096)
def local_date(start: datetime, timezone: str) -> date:
    """Return the date of the day that starts at an instant; at noon no clock changes."""
    return (start + _NOON).astimezone(ZoneInfo(timezone)).date()
