"""What do the ledger and Airflow together know about many destinations, in a fixed number of queries?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.limits import MISSING_AFTER
from event_delivery.orchestration.names import dag_id_of_test_file, destination_of_dag, nightly_dag_id
from event_delivery.page.sources.carried import read_carried, read_pausings
from event_delivery.page.sources.dags import DagState, read_dags
from event_delivery.page.sources.recorded import LedgerKnowledge, read_ledger_knowledge
from event_delivery.page.sources.run import CarriedInterval, Run, RunOfDag
from event_delivery.page.sources.run_intervals import interval_of_run, span_of_days
from event_delivery.page.sources.runs import read_open_runs
from event_delivery.page.sources.settled import is_settled
from event_delivery.schedule import Interval
from event_delivery.upload.forecast import Forecast

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

RunsOfIntervals = dict[Interval, Run]
_BEFORE = timedelta(days=14)  # whether a night was promised depends on those before: so long may Airflow be away


@dataclass(frozen=True)
class Knowledge:
    """What is known, by destination.

    `runs` are those under way and those that failed, by what they carry; `carried` is every run's interval, also
    of some days before, of destinations of which the ledger does not tell all.
    `pausings` are known of the DAGs of which a scheduled run was made late.
    """

    ledger: LedgerKnowledge
    dags: dict[str, DagState]
    runs: dict[str, RunsOfIntervals]
    carried: dict[str, list[CarriedInterval]]
    pausings: Mapping[str | None, list[datetime]]
    test_runs: dict[str, Run]

    def is_paused(self, destination_id: str) -> bool:
        """Tell whether a destination's DAG is known, and paused."""
        dag = self.dags.get(destination_id)
        return dag is not None and dag.paused

    def forecasts(self, destination_id: str) -> list[Forecast]:
        """Return what is foretold of a destination's files."""
        return self.ledger.forecasts.get(destination_id, [])


def gather_knowledge(
    session: Session, destinations: Sequence[AnyDestination], first: date, last: date, now: datetime
) -> Knowledge:
    """Read what is known about these destinations' nights from the first to the last day."""
    since, until = span_of_days(first, last)
    nightly = {nightly_dag_id(each.id): each for each in destinations}
    test_files = [dag_id_of_test_file(each.id) for each in destinations]
    ledger = read_ledger_knowledge(destinations, since, until, now)
    runs = read_open_runs(session, [*nightly, *test_files], since, until)
    unsettled = _list_unsettled(nightly, ledger, first, last, now)
    carried = read_carried(session, unsettled, since - _BEFORE, until) if unsettled else {}
    made_late = [dag_id for dag_id, intervals in carried.items() if any(map(_was_made_late, intervals))]
    pausings = read_pausings(session, made_late, since - _BEFORE) if made_late else {}
    return Knowledge(
        ledger=ledger,
        dags={nightly[dag_id].id: dag for dag_id, dag in read_dags(session, list(nightly)).items()},
        runs=_sort_runs(runs, nightly),
        carried={nightly[dag_id].id: intervals for dag_id, intervals in carried.items()},
        pausings={nightly[dag_id].id if dag_id else None: instants for dag_id, instants in pausings.items()},
        test_runs={destination_of_dag(run.dag_id) or "": run.run for run in runs if run.dag_id not in nightly},
    )


def _list_unsettled(
    nightly: Mapping[str, AnyDestination], ledger: LedgerKnowledge, first: date, last: date, now: datetime
) -> list[str]:
    """Return the DAGs of which Airflow has to be asked what their runs carried."""
    records = ledger.records
    return [
        dag_id
        for dag_id, destination in nightly.items()
        if not is_settled(destination, records.get(destination.id, {}), first, last, now)
    ]


def _was_made_late(run: CarriedInterval) -> bool:
    return run.is_scheduled and run.made > run.due + MISSING_AFTER


def _sort_runs(runs: Sequence[RunOfDag], nightly: dict[str, AnyDestination]) -> dict[str, RunsOfIntervals]:
    """Return each interval's run; one that is under way counts before one that is over."""
    kept: dict[str, RunsOfIntervals] = {}
    for run in runs:
        if destination := nightly.get(run.dag_id):
            interval = interval_of_run(run, destination.schedule)
            runs_of = kept.setdefault(destination.id, {})
            if interval and not (interval in runs_of and runs_of[interval].is_active and not run.run.is_active):
                runs_of[interval] = run.run
    return kept
