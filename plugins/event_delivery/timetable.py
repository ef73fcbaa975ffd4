"""Which day does a run carry, and when does it start?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from event_delivery.local_day import (
    LocalDay,
    day_of,
    first_day_from,
    last_day_before,
    last_day_until,
    named_day,
)


class LocalDayTimetable(Timetable):
    """One run for each local calendar day, started at `deliver_at` of the next.

    Airflow's own timetables lose or repeat a day at clock changes, or take 02:00 to 02:00 as the day.
    """

    def __init__(self, timezone: str, deliver_at: time) -> None:
        self.timezone = timezone
        self.deliver_at = deliver_at
        self.description = f"Each local day, delivered at {deliver_at:%H:%M} {timezone} of the next"

    def serialize(self) -> dict[str, Any]:
        """Return what `deserialize` needs, as JSON values."""
        return {"timezone": self.timezone, "deliver_at": self.deliver_at.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> LocalDayTimetable:
        """Return the timetable that `serialize` described."""
        return cls(data["timezone"], time.fromisoformat(data["deliver_at"]))

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"{self.deliver_at:%H:%M} {self.timezone}"

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Return the day that a manual run's date names, else the last whole day before it.

        The REST API passes the logical date here, the command line the moment of triggering.
        """
        named = named_day(run_after, self.timezone)
        return data_interval(named or last_day_before(run_after, self.timezone))

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next day to deliver within the restriction, or None when there is none."""
        if restriction.earliest is None:
            return None
        day = first_day_from(restriction.earliest, self.timezone)
        if last_automated_data_interval:
            day = max(day, day_of(last_automated_data_interval.start, self.timezone).next)
        if not restriction.catchup:
            day = max(day, self._last_due_day(datetime.now(UTC)))
        if restriction.latest and day > last_day_until(restriction.latest, self.timezone):
            return None
        return DagRunInfo(
            run_after=pendulum.instance(day.due(self.deliver_at)),
            data_interval=data_interval(day),
            partition_key=None,
            partition_date=None,
        )

    def _last_due_day(self, now: datetime) -> LocalDay:
        day = last_day_before(now, self.timezone)
        return day if day.due(self.deliver_at) <= now else day.previous


def data_interval(day: LocalDay) -> DataInterval:
    """Return a local day as Airflow's data interval, in UTC."""
    return DataInterval(pendulum.instance(day.start), pendulum.instance(day.end))


def resolve_day(
    timetable: LocalDayTimetable,
    *,
    day: str | None,
    manual: bool,
    logical_date: datetime | None,
    interval_start: datetime | None,
    run_after: datetime,
) -> LocalDay:
    """Return the day that a run carries.

    An automated run carries the day of its logical date. A manual one: its param `day` (YYYY-MM-DD),
    else the data interval or logical date that it was given, else the last whole day before it.
    Airflow's command line gives `--logical-date` runs the interval of the moment of triggering, so
    an interval that merely repeats what `run_after` implies gives way to the logical date.
    """
    zone = timetable.timezone
    if manual and day:
        return LocalDay(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date(), zone)
    implied = day_of(_inferred_start(timetable, run_after), zone)
    given = day_of(interval_start, zone) if interval_start else implied
    if logical_date and (not manual or given == implied):
        return day_of(_inferred_start(timetable, logical_date), zone)
    return given


def _inferred_start(timetable: LocalDayTimetable, instant: datetime) -> datetime:
    return timetable.infer_manual_data_interval(run_after=pendulum.instance(instant)).start


BUILT_IN_SCHEDULE = LocalDayTimetable("America/New_York", time(2, 0))
_FIRST_DAY = date(2000, 1, 1)


def start_of(start_date: date | None, timezone: str) -> datetime:
    """Return the first instant (UTC) of the first day that may be delivered."""
    return LocalDay(start_date or _FIRST_DAY, timezone).start
