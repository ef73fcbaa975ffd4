"""Which instants does a local calendar day span, and when is its delivery due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, order=True)
class LocalDay:
    """The half-open interval [00:00, 24:00) of one date in an IANA time zone: mostly 23, 24 or 25 hours."""

    date: date
    timezone: str

    @property
    def start(self) -> datetime:
        """First instant of the day, in UTC."""
        return first_instant(self.date, time.min, self.timezone)

    @property
    def end(self) -> datetime:
        """First instant of the next day, in UTC."""
        return first_instant(self.date + _ONE_DAY, time.min, self.timezone)

    @property
    def next(self) -> LocalDay:
        """The next day that exists: Samoa skipped 2011-12-30, for one."""
        following = LocalDay(self.date + _ONE_DAY, self.timezone)
        return following if following.start < following.end else following.next

    @property
    def previous(self) -> LocalDay:
        """The latest earlier day that exists."""
        preceding = LocalDay(self.date - _ONE_DAY, self.timezone)
        return preceding if preceding.start < preceding.end else preceding.previous

    def due(self, deliver_at: time) -> datetime:
        """Instant (UTC) at which this day's delivery is due: `deliver_at` on the following date."""
        return first_instant(self.date + _ONE_DAY, deliver_at, self.timezone)


def first_instant(day: date, wall_time: time, timezone: str) -> datetime:
    """Return the first instant (UTC) at or after a local wall time.

    A wall time that happens twice means the first; one that a clock change skips means the
    first instant after the gap.
    """
    zone = ZoneInfo(timezone)
    wall = datetime.combine(day, wall_time, tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall.replace(fold=1).astimezone(UTC), instant, zone)


def day_of(instant: datetime, timezone: str) -> LocalDay:
    """Return the local day that contains an instant."""
    day = LocalDay(instant.astimezone(ZoneInfo(timezone)).date(), timezone)
    while instant >= day.end:  # where clocks fall back across midnight, a date's last hour belongs to the next
        day = day.next
    return day


def named_day(instant: datetime, timezone: str) -> LocalDay | None:
    """Return the day that an instant names by being its midnight, in UTC or local time, else None.

    Airflow's command line reads a bare date as midnight UTC, wherever the destination is.
    """
    in_utc = instant.astimezone(UTC)
    if in_utc.time() == time.min:
        return LocalDay(in_utc.date(), timezone)
    day = day_of(instant, timezone)
    return day if day.start == in_utc else None


def last_day_before(instant: datetime, timezone: str) -> LocalDay:
    """Return the latest local day that has ended by an instant."""
    return day_of(instant, timezone).previous


def first_day_from(bound: datetime, timezone: str) -> LocalDay:
    """Return the first day of a range, its lower bound given in UTC, local or another zone's time."""
    return named_day(bound, timezone) or _nearest_midnight(bound, timezone)


def last_day_until(bound: datetime, timezone: str) -> LocalDay:
    """Return the last day of a range whose upper bound somebody gave.

    Airflow's command line sends midnight of the last day, its UI the last millisecond of that day.
    """
    if bound.second == 59:
        return first_day_from(bound.replace(microsecond=0) + _SECOND, timezone).previous
    return first_day_from(bound, timezone)


def _nearest_midnight(instant: datetime, timezone: str) -> LocalDay:
    day = day_of(instant, timezone)
    return day if instant - day.start <= day.end - instant else day.next


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the instant (whole second) between two instants at which the zone's offset changes."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
