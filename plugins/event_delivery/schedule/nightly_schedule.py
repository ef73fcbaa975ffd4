"""When is each local day delivered, and which day does a run carry?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from event_delivery.schedule.local_day import LocalDay, day_of, last_day_before, named_day

_FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class NightlySchedule:
    """Each local day of an IANA time zone, due at `deliver_at` of the next, and started so long after that."""

    timezone: str
    deliver_at: time
    starts_after: timedelta = timedelta(0)

    @property
    def spread(self) -> str:
        """How much later than `deliver_at` it starts, behind that: ` + 0:17:05`, or nothing."""
        return f" + {self.starts_after}" if self.starts_after else ""

    def last_due_day(self, now: datetime) -> LocalDay:
        """Return the latest day whose run starts until an instant; a start may be spread beyond midnight."""
        day = last_day_before(now, self.timezone)
        while day.due(self.deliver_at) + self.starts_after > now:
            day = day.previous
        return day

    def manual_day(self, instant: datetime) -> LocalDay:
        """Return the day that a manual run's date names, else the last whole day before it."""
        return named_day(instant, self.timezone) or last_day_before(instant, self.timezone)


@dataclass(frozen=True)
class RunDates:
    """What a manual run is given: `day` is its param (YYYY-MM-DD), the rest are instants."""

    run_after: datetime
    day: str | None = None
    logical_date: datetime | None = None
    interval_start: datetime | None = None


BUILT_IN_SCHEDULE = NightlySchedule("America/New_York", time(2, 0))


def resolve_day(schedule: NightlySchedule, run: RunDates) -> LocalDay:
    """Return the day that a manual run asks for when it is made.

    Its param `day`, else the data interval or logical date that it was given, else the last whole day before it.
    Airflow's command line gives `--logical-date` runs the interval of the moment of triggering, so an interval
    that merely repeats what `run_after` implies gives way to the logical date.

    Raises:
        ValueError: `day` is not a date.
    """
    zone = schedule.timezone
    if run.day:
        return LocalDay(datetime.strptime(run.day, "%Y-%m-%d").replace(tzinfo=UTC).date(), zone)
    implied = schedule.manual_day(run.run_after)
    given = day_of(run.interval_start, zone) if run.interval_start else implied
    if run.logical_date and given == implied:
        return schedule.manual_day(run.logical_date)
    return given


def start_of(start_date: date | None, timezone: str) -> datetime:
    """Return the first instant (UTC) of the first day that may be delivered."""
    return LocalDay(start_date or _FIRST_DAY, timezone).start
