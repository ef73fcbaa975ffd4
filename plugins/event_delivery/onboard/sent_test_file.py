"""Is the test file sent and delivered, where Airflow runs?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from event_delivery.errors import DeliveryError
from event_delivery.ledger import open_ledger_reading
from event_delivery.onboard.stopped import StoppedError
from event_delivery.run_names import dag_id_of_test_file, nightly_dag_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DELIVERED = "delivered"
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Patience:
    """How long to wait for the test file, and how often to look, in seconds."""

    limit: float = 300.0
    pause: float = 2.0


def advise_test_file(destination_id: str) -> str:
    """Return the command that sends the test file where Airflow runs: once unpaused, it goes out by itself."""
    return f"airflow dags unpause {dag_id_of_test_file(destination_id)}"


def advise_nights(destination_id: str) -> str:
    """Return the command that lets the nights begin."""
    return f"airflow dags unpause {nightly_dag_id(destination_id)}"


def send_test_file(session: Session, destination_id: str, patience: Patience, user: str) -> str:
    """Unpause the test file's DAG, start a run if none comes by itself, and wait; returns what was delivered when.

    Raises:
        StoppedError: Airflow does not run here, has not read the destination in time, or the file did not arrive.
    """
    _require_scheduler(session)
    deadline = time.monotonic() + patience.limit
    dag_id, since = dag_id_of_test_file(destination_id), datetime.now(UTC)
    if not _wait(lambda: _is_read(session, dag_id), deadline, patience.pause):
        said = f"Airflow has not read {dag_id} within {patience.limit:.0f} s: run this again later."
        raise StoppedError("ours", said)
    _start(session, dag_id, user)
    found = _wait(lambda: _find_end(destination_id, since), deadline, patience.pause)
    if found is None:
        said = f"The test file is under way after {patience.limit:.0f} s yet: the run of {dag_id} says more."
        raise StoppedError("ours", said)
    return f"Test file delivered {found.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _require_scheduler(session: Session) -> None:
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    job = SchedulerJobRunner.most_recent_job(session=session)
    if job is None or not job.is_alive():
        raise StoppedError("ours", "Airflow's scheduler does not run.")


def _is_read(session: Session, dag_id: str) -> bool:
    from airflow.models.dag import DagModel

    session.rollback()  # else this session would see what it saw before
    dag = session.get(DagModel, dag_id)
    return dag is not None and not dag.is_stale


def _start(session: Session, dag_id: str, user: str) -> None:
    """Unpause: the first run comes by itself then. A further one is triggered, whatever became of those before."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.types import DagRunTriggeredByType
    from sqlalchemy import select

    dag = session.get(DagModel, dag_id)
    ran_before = session.scalar(select(DagRun.id).where(DagRun.dag_id == dag_id).limit(1)) is not None
    if dag is not None:
        dag.is_paused = False
    session.commit()
    if ran_before:
        trigger_dag(dag_id, triggered_by=DagRunTriggeredByType.CLI, triggering_user_name=user, session=session)
        session.commit()


def _find_end(destination_id: str, since: datetime) -> datetime | None:
    """Return when the latest test file was delivered, if that was since; raises where it failed since."""
    try:
        with open_ledger_reading() as ledger:
            latest = ledger.read_test_files([destination_id]).get(destination_id)
    except DeliveryError as error:
        raise StoppedError("ours", str(error)) from None
    if latest is None or latest.at < since:
        return None
    if latest.state == _DELIVERED:
        return latest.at
    if latest.last_error:
        raise StoppedError("ours", f"The test file did not arrive: {latest.last_error} Airflow tries it again.")
    return None


def _wait(look: Callable[[], _Found], deadline: float, pause: float) -> _Found | None:
    while not (found := look()):
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
    return found
