"""What do the ledger and Airflow together know about many destinations, in a fixed number of queries?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import EVENT_TYPES, AnyDestination, Destination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import LatestTestFile, NightRecord
from event_delivery.orchestration.names import dag_id_of_test_file, destination_of_dag, nightly_dag_id
from event_delivery.page.sources.dags import DagState, read_dags
from event_delivery.page.sources.run import Run, RunOfDag
from event_delivery.page.sources.run_days import day_of_run, local_date, span_of_days
from event_delivery.page.sources.runs import read_open_runs
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import day_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

RecordsOfDays = dict[tuple[str, date], NightRecord]
RunsOfDays = dict[date, Run]


@dataclass(frozen=True)
class LedgerKnowledge:
    """What the ledger knows, by destination; `notice` says why it knows nothing, if that has a reason."""

    notice: str | None
    records: dict[str, RecordsOfDays]
    first_nights: dict[str, datetime]
    test_files: dict[str, LatestTestFile]


@dataclass(frozen=True)
class Knowledge:
    """What is known, by destination; days are the destination's own."""

    ledger: LedgerKnowledge
    dags: dict[str, DagState]
    runs: dict[str, RunsOfDays]
    test_runs: dict[str, Run]


def gather_knowledge(
    session: Session, destinations: Sequence[AnyDestination], first: date, last: date
) -> Knowledge:
    """Read what is known about these destinations' nights from the first to the last day."""
    since, until = span_of_days(first, last)
    nightly = {nightly_dag_id(each.id): each for each in destinations}
    test_files = [dag_id_of_test_file(each.id) for each in destinations]
    dags = read_dags(session, list(nightly))
    runs = read_open_runs(session, [*nightly, *test_files], since, until)
    return Knowledge(
        ledger=_read_ledger(destinations, since, until),
        dags={nightly[dag_id].id: dag for dag_id, dag in dags.items()},
        runs=_sort_runs(runs, nightly),
        test_runs={
            destination_of_dag(run.dag_id) or run.dag_id: run.run for run in runs if run.dag_id not in nightly
        },
    )


def first_day_of(destination: Destination, known: Knowledge) -> date | None:
    """Return the first day that the schedule was to deliver, or None when it is not known to have begun."""
    dag = known.dags.get(destination.id)
    starts = (known.ledger.first_nights.get(destination.id), dag.first_day if dag else None)
    days = [day_of(start, destination.timezone).date for start in starts if start]
    if destination.catchup and destination.start_date and dag and not dag.paused:
        days.append(destination.start_date)
    return min(days, default=None)


def _read_ledger(destinations: Sequence[AnyDestination], since: datetime, until: datetime) -> LedgerKnowledge:
    ids = [destination.id for destination in destinations]
    wanted = [(each.id, event) for each in destinations for event in _list_events(each)]
    with open_ledger_reading() as ledger:
        return LedgerKnowledge(
            notice=ledger.notice,
            records=_sort_records(ledger.read_nights(ids, since, until), destinations),
            first_nights=ledger.read_first_nights(wanted),
            test_files=ledger.read_test_files(ids),
        )


def _list_events(destination: AnyDestination) -> tuple[str, ...]:
    """Return the event types; of a quarantined destination any may have been delivered before."""
    return read_setup(destination).events or tuple(EVENT_TYPES)


def _sort_records(
    records: Sequence[NightRecord], destinations: Sequence[AnyDestination]
) -> dict[str, RecordsOfDays]:
    zones = {each.id: each.schedule.timezone for each in destinations}
    kept: dict[str, RecordsOfDays] = {}
    for record in records:
        day = local_date(record.interval_start, zones[record.destination])
        kept.setdefault(record.destination, {})[record.event, day] = record
    return kept


def _sort_runs(runs: Sequence[RunOfDag], nightly: dict[str, AnyDestination]) -> dict[str, RunsOfDays]:
    """Return each day's run; one that is under way counts before one that is over."""
    kept: dict[str, RunsOfDays] = {}
    for run in runs:
        if destination := nightly.get(run.dag_id):
            day = day_of_run(run, destination.schedule)
            days = kept.setdefault(destination.id, {})
            if day and not (day in days and days[day].is_active and not run.run.is_active):
                days[day] = run.run
    return kept
