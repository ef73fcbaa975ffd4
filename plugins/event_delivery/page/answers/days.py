"""Which days does a range hold, and when is each of them due?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from event_delivery.destinations import AnyDestination
from event_delivery.schedule import LocalDay, NightlySchedule, last_day_before

USUAL_DAYS = 30
MAX_DAYS = 366


class DueDay(NamedTuple):
    """A local day as a date and as it is written, its bounds, and when its delivery is due, not spread."""

    date: date
    text: str
    start: datetime
    end: datetime
    due: datetime


class LatestDays(NamedTuple):
    """The latest day that is over, where it ends, and the latest that is due."""

    over: date
    end: datetime
    due: date


@dataclass(frozen=True)
class Calendar:
    """The days of a range as each schedule has them; what was worked out once is kept."""

    first: date
    last: date
    kept: dict[tuple[str, time], list[DueDay]] = field(default_factory=dict)
    latest: dict[tuple[NightlySchedule, datetime], LatestDays] = field(default_factory=dict)

    def latest_of(self, schedule: NightlySchedule, now: datetime) -> LatestDays:
        """Return the latest days of a schedule."""
        key = (schedule, now)
        if key not in self.latest:
            over = last_day_before(now, schedule.timezone)
            self.latest[key] = LatestDays(over.date, over.end, schedule.last_due_day(now).date)
        return self.latest[key]

    def days_of(self, schedule: NightlySchedule) -> list[DueDay]:
        """Return the days of a schedule's time zone, in order."""
        key = (schedule.timezone, schedule.deliver_at)
        if key not in self.kept:
            days = (LocalDay(day, schedule.timezone) for day in list_days(self.first, self.last))
            self.kept[key] = [
                DueDay(day.date, str(day.date), day.start, day.end, day.due(schedule.deliver_at))
                for day in days
                if day.start < day.end  # a zone that moved over the date line has a date without a day
            ]
        return self.kept[key]


def choose_range(
    destinations: Sequence[AnyDestination], first: date | None, last: date | None, now: datetime
) -> tuple[date, date]:
    """Return the first and the last day to show: by default 30 up to yesterday, wherever it is latest.

    Raises:
        ValueError: the range is empty or longer than 366 days.
    """
    zones = {destination.schedule.timezone for destination in destinations} or {"UTC"}
    last = last or max(last_day_before(now, zone).date for zone in zones)
    first = first or last - timedelta(USUAL_DAYS - 1)
    check_range(first, last)
    return first, last


def check_range(first: date, last: date) -> None:
    """Raise ValueError, in a sentence, for a range that is empty or too long."""
    if not 0 <= (last - first).days < MAX_DAYS:
        raise ValueError(f"Wanted from and to in order, at most {MAX_DAYS} days; found {first} to {last}.")


def list_days(first: date, last: date) -> list[date]:
    """Return the dates from the first to the last, both included."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]
