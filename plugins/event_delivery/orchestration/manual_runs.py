"""Which interval does a manual run carry, from the moment that it is made?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from event_delivery.destinations import Destination, find_destination
from event_delivery.orchestration.names import ASKED_AT, DAY_PARAM, destination_of_dag, sends_test_file
from event_delivery.schedule import Interval, NightlySchedule, RunDates, interval_of, resolve_day

_AUTOMATED = ("scheduled", "backfill")


def watch_manual_runs() -> None:
    """Have each manual run of a nightly DAG given its interval when it is inserted, whatever way it was triggered.

    Airflow takes the interval from the logical date, on the command line from the moment of triggering, or leaves
    it empty; and it silently skips a night whose logical date any run holds. No listener or timetable hears of a
    run before it is made, so this is SQLAlchemy's own event for all mappers.
    """
    from sqlalchemy import event
    from sqlalchemy.orm import Mapper

    if not event.contains(Mapper, "before_insert", _give_interval):
        event.listen(Mapper, "before_insert", _give_interval)


def is_manual(run: Any) -> bool:
    """Tell whether a run was triggered by a person or a program, not by the schedule or a backfill."""
    return str(getattr(run.run_type, "value", run.run_type)) not in _AUTOMATED


def asked_day(run: Any) -> str | None:
    """Return the param `day` of a run, `YYYY-MM-DD`, or None."""
    day = (run.conf or {}).get(DAY_PARAM)
    return day if isinstance(day, str) and day else None


def interval_asked_for(schedule: NightlySchedule, run: Any) -> Interval | None:
    """Return the interval that a manual run asks for, or None where its `day` is not a date, or no day at all."""
    kept = (run.conf or {}).get(ASKED_AT)
    try:
        logical_date = run.logical_date or (datetime.fromisoformat(kept) if isinstance(kept, str) else None)
        dates = RunDates(run.run_after, asked_day(run), logical_date, run.data_interval_start)
        interval = interval_of(resolve_day(schedule, dates))
    except (ValueError, OverflowError):
        return None
    return interval if interval.start < interval.end else None  # Samoa skipped 2011-12-30


def _give_interval(mapper: Any, _connection: Any, run: Any) -> None:
    """Fix the interval of a run that is being inserted, and let go of a logical date that may be a night's."""
    if (mapper.class_.__module__, mapper.class_.__name__) != ("airflow.models.dagrun", "DagRun"):
        return
    if not is_manual(run) or sends_test_file(run.dag_id):
        return
    destination_id = destination_of_dag(run.dag_id)
    if destination_id is None:
        return
    destination = find_destination(destination_id)
    if isinstance(destination, Destination):
        interval = interval_asked_for(destination.schedule, run)
        run.data_interval_start, run.data_interval_end = interval or (None, None)
    else:
        _keep_asked_date(run)
    if str(getattr(run.triggered_by, "value", run.triggered_by)) != "test":  # which finds its runs by that date
        run.logical_date = None


def _keep_asked_date(run: Any) -> None:
    """Keep the date that a run of a quarantined destination asks for: which day that is, its cure decides."""
    if run.logical_date and not asked_day(run):
        run.conf = {**(run.conf or {}), ASKED_AT: run.logical_date.isoformat()}
    run.data_interval_start = run.data_interval_end = None
