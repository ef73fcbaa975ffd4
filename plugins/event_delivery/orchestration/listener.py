"""What must the scheduler do that no timetable can?"""

from __future__ import annotations

import contextlib
from typing import Any

from airflow.listeners import hookimpl

from event_delivery.orchestration.names import DAY_PARAM, UPLOAD, UPLOAD_POOL, UPLOAD_SLOTS, destination_of_dag
from event_delivery.orchestration.run_delivery import run_dates
from event_delivery.orchestration.timetable import LocalDayTimetable, data_interval
from event_delivery.schedule import resolve_day


@hookimpl
def on_starting(component: Any) -> None:
    """Make the pool of uploads when a server starts: in a pool that is missing, tasks would wait for ever.

    Airflow calls this before the component knows its own kind, so scheduler, triggerer and dag
    processor all come here, perhaps at the same moment. So does every task's process, which has no database.
    """
    if type(component).__name__ != "Job":
        return
    from airflow.models.pool import Pool
    from sqlalchemy.exc import IntegrityError

    with contextlib.suppress(IntegrityError):
        if Pool.get_pool(UPLOAD_POOL) is None:
            Pool.create_or_update_pool(UPLOAD_POOL, UPLOAD_SLOTS, "Uploads to clients' servers", False)


@hookimpl
def on_dag_run_running(dag_run: Any, msg: str) -> None:  # noqa: ARG001 - Airflow calls it by name
    """Give a manual run the data interval of the day that it carries, whatever way it was triggered.

    Airflow leaves it empty without a logical date, and takes the moment of triggering on the command line.
    """
    timetable = getattr(dag_run.dag, "timetable", None)
    if not isinstance(timetable, LocalDayTimetable) or dag_run.run_type != "manual":
        return
    day = resolve_day(timetable.schedule, run_dates(dag_run, (dag_run.conf or {}).get(DAY_PARAM)))
    dag_run.data_interval_start, dag_run.data_interval_end = data_interval(day)


@hookimpl
def on_dag_run_success(dag_run: Any, msg: str) -> None:  # noqa: ARG001 - Airflow calls it by name
    """Note the names of the delivered files on the run, unless somebody has written a note of their own."""
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or destination_of_dag(dag_run.dag_id) is None or dag_run.note:
        return
    with session.no_autoflush:
        files = _read_files(session, dag_run)
    if files:
        dag_run.note = (describe_files(files), None)


def describe_files(files: list[dict[str, Any]]) -> str:
    """Return a run's note, of the results of its uploads."""
    names = ", ".join(f"`{name}`" for name in sorted(file["file_name"] for file in files))
    rehearsed = any(file.get("rehearsal") for file in files)
    return f"Rehearsed, and sent to no client: {names}" if rehearsed else f"Delivered {names}"


def _read_files(session: Any, dag_run: Any) -> list[dict[str, Any]]:
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, task_ids=UPLOAD, key="return_value")
    results = [XComModel.deserialize_value(row) for row in session.scalars(query)]
    return [result for result in results if isinstance(result, dict)]
