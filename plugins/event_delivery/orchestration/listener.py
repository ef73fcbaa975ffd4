"""What must the scheduler do that no timetable can?"""

from __future__ import annotations

from typing import Any

from airflow.listeners import hookimpl

from event_delivery.orchestration.backfilled_runs import leave_delivered
from event_delivery.orchestration.manual_runs import interval_asked_for, is_manual
from event_delivery.orchestration.names import destination_of_dag, sends_test_file
from event_delivery.orchestration.outcome import OUR_NOTES, read_outcome
from event_delivery.orchestration.pools import make_pools
from event_delivery.orchestration.run_end import record_failed_run, record_removed
from event_delivery.orchestration.timetable import LocalDayTimetable, data_interval


@hookimpl
def on_starting(component: Any) -> None:
    """Make the pools of uploads when a server starts.

    Airflow calls this before the component knows its own kind, so scheduler, triggerer and dag
    processor all come here, perhaps at the same moment. So does every task's process, which has no database.
    """
    if type(component).__name__ == "Job":
        make_pools()


@hookimpl
def on_dag_run_running(dag_run: Any, msg: str) -> None:  # noqa: ARG001 - Airflow calls it by name
    """Give a manual run its interval if it has none: it was made where this plugin was not, or in quarantine."""
    if dag_run.backfill_id is not None and destination_of_dag(dag_run.dag_id):
        leave_delivered(dag_run)
    timetable = getattr(dag_run.dag, "timetable", None)
    if not isinstance(timetable, LocalDayTimetable) or not is_manual(dag_run):
        return
    is_new = dag_run.logical_date is not None and not dag_run.clear_number  # made by a release that kept its date
    if dag_run.data_interval_start and not is_new:
        return
    if interval := interval_asked_for(timetable.schedule, dag_run):
        dag_run.data_interval_start, dag_run.data_interval_end = data_interval(interval)
    dag_run.logical_date = None


@hookimpl
def on_dag_run_success(dag_run: Any, msg: str) -> None:  # noqa: ARG001 - Airflow calls it by name
    """Note on the run what it delivered, and what it did not: a success to Airflow may have left deliveries open.

    Airflow takes a task that an edit has removed from its DAG, or that a person has marked, as done.
    """
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or destination_of_dag(dag_run.dag_id) is None:
        return
    with session.no_autoflush:
        outcome = read_outcome(session, dag_run)
    if outcome.removed:
        record_removed(dag_run, outcome.removed)
    ours = not dag_run.note or dag_run.note.startswith(OUR_NOTES)
    if ours and (note := outcome.describe()):
        dag_run.note = (note, None)


@hookimpl
def on_dag_run_failed(dag_run: Any, msg: str) -> None:  # noqa: ARG001 - Airflow calls it by name
    """Have the ledger know of deliveries that failed and of which no task could say why."""
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or destination_of_dag(dag_run.dag_id) is None or sends_test_file(dag_run.dag_id):
        return
    with session.no_autoflush:
        outcome = read_outcome(session, dag_run)
    record_failed_run(dag_run, [*outcome.open, *outcome.removed], outcome.failed_tasks)
