"""When does Airflow start a run, and which day does it carry?"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from event_delivery.schedule import LocalDay, NightlySchedule, day_of, first_day_from, last_day_until


class LocalDayTimetable(Timetable):
    """One run for each local calendar day, started at `deliver_at` of the next.

    Airflow's own timetables lose or repeat a day at clock changes, or take 02:00 to 02:00 as the day.
    """

    # Airflow's database names the timetable of each serialized DAG by this path, that of runs under way too.
    __module__ = "event_delivery.timetable"

    def __init__(self, timezone: str, deliver_at: time) -> None:
        self.schedule = NightlySchedule(timezone, deliver_at)
        self.description = f"Each local day, delivered at {deliver_at:%H:%M} {timezone} of the next"

    def serialize(self) -> dict[str, Any]:
        """Return what `deserialize` needs, as JSON values."""
        return {"timezone": self.schedule.timezone, "deliver_at": self.schedule.deliver_at.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> LocalDayTimetable:
        """Return the timetable that `serialize` described."""
        return cls(data["timezone"], time.fromisoformat(data["deliver_at"]))

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"{self.schedule.deliver_at:%H:%M} {self.schedule.timezone}"

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Return the day that a manual run's date names, else the last whole day before it.

        The REST API passes the logical date here, the command line the moment of triggering.
        """
        return data_interval(self.schedule.manual_day(run_after))

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next day to deliver within the restriction, or None when there is none."""
        if restriction.earliest is None:
            return None
        zone = self.schedule.timezone
        day = first_day_from(restriction.earliest, zone)
        if last_automated_data_interval:
            day = max(day, day_of(last_automated_data_interval.start, zone).next)
        if not restriction.catchup:
            day = max(day, self.schedule.last_due_day(datetime.now(UTC)))
        if restriction.latest and day > last_day_until(restriction.latest, zone):
            return None
        return DagRunInfo(
            run_after=pendulum.instance(day.due(self.schedule.deliver_at)),
            data_interval=data_interval(day),
            partition_key=None,
            partition_date=None,
        )


def data_interval(day: LocalDay) -> DataInterval:
    """Return a local day as Airflow's data interval, in UTC."""
    return DataInterval(pendulum.instance(day.start), pendulum.instance(day.end))
