"""Which instants does a run cover, what is that called, and which run comes next?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from event_delivery.schedule.local_day import LocalDay, day_of
from event_delivery.schedule.nightly_schedule import NightlySchedule

_HALF_A_DAY = timedelta(hours=12)
_EASTERNMOST = timedelta(hours=14)
_MICROSECOND = timedelta(microseconds=1)
LONGEST_INTERVAL = timedelta(days=2)  # of a run: a local day has 25 hours at most, and then some


class Interval(NamedTuple):
    """The half-open data interval [start, end) of a run, fixed when the run is made."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Both bounds in UTC."""
        return f"{write_instant(self.start)} to {write_instant(self.end)}"

    def overlaps(self, other: Interval) -> bool:
        """Tell whether the two have an instant in common."""
        return self.start < other.end and other.start < self.end


def interval_of(day: LocalDay) -> Interval:
    """Return the instants of a local day."""
    return Interval(day.start, day.end)


def interval_from(start: datetime, timezone: str) -> Interval:
    """Return what lies between an instant and the next midnight: a whole day, if that instant is a midnight."""
    return Interval(start, day_of(start, timezone).end)


def local_day_of(interval: Interval, timezone: str) -> LocalDay | None:
    """Return the local day that an interval is, else None: it was made under another zone, or is part of a day."""
    day = day_of(interval.start, timezone)
    return day if (day.start, day.end) == interval else None


def date_of(interval: Interval, timezone: str) -> date:
    """Return the date by which people call an interval, whatever the zone is today.

    A day of this zone is called by its date. So is the rest of one: what a change of zone left until midnight. Any
    other interval was a day of another zone, and started at its midnight: in no zone from UTC-12 to UTC+12 is that
    nearer to another date's midnight in UTC.
    """
    last = day_of(interval.end - _MICROSECOND, timezone)
    if last.end == interval.end and last.start <= interval.start:
        return last.date
    return (interval.start.astimezone(UTC) + _HALF_A_DAY).date()


def may_be_called(interval: Interval, day: str, timezone: str) -> bool:
    """Tell whether an interval can be the day of this date (YYYY-MM-DD), in this zone or, if not, in any other."""
    if local := local_day_of(interval, timezone):
        return str(local.date) == day
    midnight = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return midnight - _EASTERNMOST <= interval.start <= midnight + _HALF_A_DAY


def due_of(interval: Interval, schedule: NightlySchedule) -> datetime:
    """Return the instant (UTC) at which an interval's delivery is due: `deliver_at` on the date after its last."""
    return day_of(interval.end - _MICROSECOND, schedule.timezone).due(schedule.deliver_at)


def begin_of(interval: Interval, schedule: NightlySchedule) -> datetime:
    """Return the instant (UTC) at which an interval's scheduled run starts: after it is due, by a spread."""
    return due_of(interval, schedule) + schedule.starts_after


def next_interval(
    schedule: NightlySchedule,
    earliest: datetime,
    last_end: datetime | None,
    catch_up_to: datetime | None,
    held: Mapping[datetime, datetime],
) -> Interval:
    """Return the interval of the next scheduled run, which starts where the last one ended.

    After a change of zone that is the rest of a day, until the new zone's midnight. `catch_up_to`: without catchup
    now, of what is due by then only the latest day is delivered. `held` are start and end of the intervals whose
    logical dates other runs have: Airflow would skip a night that starts there, so the schedule goes on behind it.
    """
    start = max(earliest, last_end) if last_end else earliest
    while True:
        interval = interval_from(start, schedule.timezone)
        if catch_up_to and (latest := schedule.last_due_day(catch_up_to)).start > start:
            interval = interval_of(latest)
        if interval.start not in held:
            return interval
        end = held[interval.start]
        start = end if end > interval.start else interval.end


def refuse_interval(interval: Interval, timezone: str, start_date: date | None, now: datetime) -> str | None:
    """Return why an interval may not be delivered now, or None: it must be over, and not before the start.

    `start_date` is the first day that may be delivered.
    """
    day = date_of(interval, timezone)
    if interval.end > now:
        return f"{day} is not over before {write_instant(interval.end)} ({timezone}). Deliver it after that."
    if start_date and interval.end <= LocalDay(start_date, timezone).start:
        return f"{day} lies before start_date, {start_date}. To deliver it, set an earlier start_date."
    return None


def write_instant(instant: datetime) -> str:
    """Return an instant as `2026-01-31T05:00:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
