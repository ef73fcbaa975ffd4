"""Are pools and scheduler healthy, as Airflow's own database says? A task may not ask it, a command may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from event_delivery.ledger.preflights import Finding
from event_delivery.limits import EXTRACT_CONNECTIONS
from event_delivery.pool_names import SOURCE_POOL, UPLOAD_POOL, UPLOAD_RETRY_POOL
from event_delivery.preflight.findings import make_finding
from event_delivery.run_names import NIGHTLY

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# What one task takes of each; fewer slots (-1: any number) let none run, ever.
_FEWEST = {UPLOAD_POOL: 1, UPLOAD_RETRY_POOL: 1, SOURCE_POOL: EXTRACT_CONNECTIONS}


def look_at_airflow(session: Session) -> list[Finding]:
    """Return what is wrong with our pools and the scheduler; `session` is one of Airflow's database."""
    return [*_look_at_pools(session), *_look_at_scheduler(session)]


def read_paused(session: Session) -> set[str]:
    """Return the ids of the destinations whose nightly DAG is paused: nothing of theirs runs tonight."""
    from airflow.models.dag import DagModel
    from sqlalchemy import select

    paused = session.scalars(select(DagModel.dag_id).where(DagModel.is_paused.is_(True)))
    return {dag_id.removeprefix(NIGHTLY) for dag_id in paused if dag_id.startswith(NIGHTLY)}


def _look_at_pools(session: Session) -> Iterator[Finding]:
    from airflow.models.pool import Pool
    from sqlalchemy import select

    slots = {pool.pool: pool.slots for pool in session.scalars(select(Pool))}
    for name, fewest in _FEWEST.items():
        found = slots.get(name)
        if found is None:
            yield make_finding("pool", f"The pool {name!r} is missing.")
        elif 0 <= found < fewest:
            yield make_finding("pool", f"The pool {name!r} has {found} slots, wanted {fewest} or more.")


def _look_at_scheduler(session: Session) -> Iterator[Finding]:
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    job = SchedulerJobRunner.most_recent_job(session=session)
    if job is None:
        yield make_finding("scheduler", "Airflow's scheduler has never run.")
    elif not job.is_alive():
        yield make_finding("scheduler", f"Airflow's scheduler gave no sign of life since {job.latest_heartbeat}.")
