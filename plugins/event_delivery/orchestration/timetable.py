"""When does Airflow start a run, and which interval does it carry?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable

from event_delivery.orchestration.scheduled_runs import ScheduledRuns, read_scheduled_runs
from event_delivery.schedule import (
    Interval,
    NightlySchedule,
    begin_of,
    day_of,
    first_day_from,
    interval_of,
    last_day_until,
    local_day_of,
    next_interval,
)


class LastRuns(DagRunInfo):
    """The last scheduled run; `held` has starts and ends of the intervals behind it that other runs have."""

    held: Mapping[datetime, datetime]

    def __new__(cls, run_after: pendulum.DateTime, runs: ScheduledRuns) -> Self:
        """Return them; `run_after` is that of the run that Airflow knows as the last."""
        made = super().__new__(cls, run_after, runs.last and data_interval(runs.last))
        made.held = runs.held
        return made


class LocalDayTimetable(Timetable):
    """One run for each local calendar day, started at `deliver_at` of the next.

    Airflow's own timetables lose or repeat a day at clock changes, or take 02:00 to 02:00 as the day. Each run
    starts where the last scheduled one ended, whatever the zone was then: no event is lost or sent twice.
    """

    # Airflow's database names the timetable of each serialized DAG by this path, that of runs under way too.
    __module__ = "event_delivery.timetable"

    def __init__(self, timezone: str, deliver_at: time, starts_after: timedelta = timedelta(0)) -> None:
        self.schedule = NightlySchedule(timezone, deliver_at, starts_after)
        then = f", started {starts_after} after that" if starts_after else ""
        self.description = f"Each local day, delivered at {deliver_at:%H:%M} {timezone} of the next{then}"

    def serialize(self) -> dict[str, Any]:
        """Return what `deserialize` needs, as JSON values; where nothing is spread, as older releases did."""
        seconds = self.schedule.starts_after.total_seconds()
        told = {"timezone": self.schedule.timezone, "deliver_at": self.schedule.deliver_at.isoformat()}
        return told | ({"starts_after": seconds} if seconds else {})

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> LocalDayTimetable:
        """Return the timetable that `serialize` described."""
        starts_after = timedelta(seconds=data.get("starts_after", 0))
        return cls(data["timezone"], time.fromisoformat(data["deliver_at"]), starts_after)

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"{self.schedule.deliver_at:%H:%M} {self.schedule.timezone}{self.schedule.spread}"

    def infer_manual_data_interval(self, *, run_after: pendulum.DateTime) -> DataInterval:
        """Return the day that a manual run's date names, else the last whole day before it.

        The REST API passes the logical date here, the command line the moment of triggering.
        """
        return data_interval(interval_of(self.schedule.manual_day(run_after)))

    def generate_run_id(
        self, *, run_type: Any, run_after: pendulum.DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """Return a run's id: Airflow's own, with the start of the interval behind it where that is part of a day.

        The rest of a day may be due at the very instant at which the last run was (New York 02:00 to Chicago
        01:00): a second run of one id would bring the scheduler down.
        """
        usual = super().generate_run_id(
            run_type=run_type, run_after=run_after, data_interval=data_interval, **extra
        )
        if data_interval is None or local_day_of(Interval(*data_interval), self.schedule.timezone):
            return usual
        return f"{usual}__from_{data_interval.start.isoformat()}"

    def run_info_from_dag_run(self, *, dag_run: Any) -> DagRunInfo:
        """Return the last scheduled run, and what lies behind it, where Airflow means the last automated one.

        A backfill may have delivered days of the future of a schedule that was paused, or been refused: neither
        moves the schedule on.
        """
        given = super().run_info_from_dag_run(dag_run=dag_run)
        if (runs := read_scheduled_runs(dag_run)) is None:
            return given
        return LastRuns(given.run_after, runs)

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next run within the restriction, or None when there is none."""
        last = last_dagrun_info.data_interval if last_dagrun_info else None
        held = last_dagrun_info.held if isinstance(last_dagrun_info, LastRuns) else {}
        return self._next(last, restriction, held)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the same where nothing is known of other runs."""
        return self._next(last_automated_data_interval, restriction, {})

    def _next(
        self, last: DataInterval | None, restriction: TimeRestriction, held: Mapping[datetime, datetime]
    ) -> DagRunInfo | None:
        if restriction.earliest is None:
            return None
        if restriction.latest:
            return self._next_of_range(last, restriction.earliest, restriction.latest)
        earliest = first_day_from(restriction.earliest, self.schedule.timezone).start
        due_by = None if restriction.catchup else datetime.now(UTC)
        last_end = last.end if last else None
        return self._describe(next_interval(self.schedule, earliest, last_end, due_by, held))

    def _next_of_range(self, last: DataInterval | None, earliest: datetime, latest: datetime) -> DagRunInfo | None:
        """Return the next whole day of a backfill, whose bounds somebody gave."""
        zone = self.schedule.timezone
        day = day_of(last.start, zone).next if last else first_day_from(earliest, zone)
        return self._describe(interval_of(day)) if day <= last_day_until(latest, zone) else None

    def _describe(self, interval: Interval) -> DagRunInfo:
        begin = begin_of(interval, self.schedule)
        return DagRunInfo(run_after=pendulum.instance(begin), data_interval=data_interval(interval))


def data_interval(interval: Interval) -> DataInterval:
    """Return an interval as Airflow's, in UTC."""
    start, end = (pendulum.instance(instant.astimezone(UTC)) for instant in interval)
    return DataInterval(start, end)
