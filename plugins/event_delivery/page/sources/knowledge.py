"""What do the ledger and Airflow together know about many destinations, in a fixed number of queries?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from event_delivery.destinations import EVENT_TYPES, AnyDestination, Destination, QuarantinedDestination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import LatestTestFile, NightRecord
from event_delivery.orchestration.names import dag_id_of_test_file, destination_of_dag, nightly_dag_id
from event_delivery.page.sources.runs import DagState, Run, RunOfDag, read_dags, read_open_runs
from event_delivery.schedule import NightlySchedule, RunDates, day_of, resolve_day

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ZONES_SPAN = timedelta(hours=14)
_NOON = timedelta(hours=12)


@dataclass
class Knowledge:
    """What is known, by destination; days are the destination's own."""

    records: dict[str, dict[tuple[str, date], NightRecord]] = field(default_factory=dict)
    runs: dict[str, dict[date, Run]] = field(default_factory=dict)
    first_nights: dict[str, datetime] = field(default_factory=dict)
    dags: dict[str, DagState] = field(default_factory=dict)
    test_files: dict[str, LatestTestFile] = field(default_factory=dict)
    test_runs: dict[str, Run] = field(default_factory=dict)


def gather_knowledge(
    session: Session, destinations: Sequence[AnyDestination], first: date, last: date
) -> Knowledge:
    """Read what is known about these destinations' nights from the first to the last day."""
    since, until = span_of_days(first, last)
    ids = [destination.id for destination in destinations]
    known = Knowledge()
    with open_ledger_reading() as ledger:
        records = ledger.read_nights(ids, since, until)
        wanted = [(each.id, event) for each in destinations for event in events_of(each)]
        known.first_nights = ledger.read_first_nights(wanted)
        known.test_files = ledger.read_test_files(ids)
    nightly, test_file = [nightly_dag_id(each) for each in ids], [dag_id_of_test_file(each) for each in ids]
    known.dags = read_dags(session, nightly)
    _sort_records(known, records, destinations)
    _sort_runs(known, read_open_runs(session, nightly + test_file, since, until), destinations)
    return known


@contextmanager
def open_metadata() -> Iterator[Session]:
    """Open a session with Airflow's own database."""
    from airflow.utils.session import create_session

    with create_session() as session:
        yield session


def span_of_days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return a half-open span that holds the starts of these days in every time zone."""
    start = datetime.combine(first, time(), UTC) - _ZONES_SPAN
    return start, datetime.combine(last, time(), UTC) + _ZONES_SPAN


def events_of(destination: AnyDestination) -> tuple[str, ...]:
    """Return the event types; of a quarantined destination any may have been delivered before."""
    return tuple(EVENT_TYPES) if isinstance(destination, QuarantinedDestination) else destination.events


def day_of_run(run: RunOfDag, schedule: NightlySchedule) -> date | None:
    """Return the day that a run carries, or None when its param `day` is not one."""
    if run.run_type != "manual" and run.interval_start:
        return _local_date(run.interval_start, schedule.timezone)
    dates = RunDates(
        manual=run.run_type == "manual",
        run_after=run.run_after,
        day=run.day,
        logical_date=run.logical_date,
        interval_start=run.interval_start,
    )
    try:
        return resolve_day(schedule, dates).date
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _local_date(start: datetime, timezone: str) -> date:
    """Return the date of the day that starts at an instant; at noon no clock changes."""
    return (start + _NOON).astimezone(ZoneInfo(timezone)).date()


def first_day_of(destination: Destination, known: Knowledge) -> date | None:
    """Return the first day that the schedule was to deliver, or None when it is not known to have begun."""
    dag = known.dags.get(nightly_dag_id(destination.id))
    starts = (known.first_nights.get(destination.id), dag.first_day if dag else None)
    days = [day_of(start, destination.timezone).date for start in starts if start]
    if destination.catchup and destination.start_date and dag and not dag.paused:
        days.append(destination.start_date)
    return min(days, default=None)


def _sort_records(
    known: Knowledge, records: Sequence[NightRecord], destinations: Sequence[AnyDestination]
) -> None:
    zones = {each.id: each.schedule.timezone for each in destinations}
    for record in records:
        day = _local_date(record.interval_start, zones[record.destination])
        known.records.setdefault(record.destination, {})[record.event, day] = record


def _sort_runs(known: Knowledge, runs: Sequence[RunOfDag], destinations: Sequence[AnyDestination]) -> None:
    schedules = {nightly_dag_id(each.id): (each.id, each.schedule) for each in destinations}
    for run in runs:
        if run.dag_id not in schedules:
            known.test_runs[destination_of_dag(run.dag_id) or run.dag_id] = run.run
            continue
        identifier, schedule = schedules[run.dag_id]
        day = day_of_run(run, schedule)
        days = known.runs.setdefault(identifier, {})
        if day and not (day in days and days[day].is_active and not run.run.is_active):
            days[day] = run.run
