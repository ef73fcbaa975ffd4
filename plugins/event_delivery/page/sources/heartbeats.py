"""When was each part of Airflow that the nights need seen last?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from event_delivery.orchestration.names import WATCH_DAG

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SCHEDULER, _DAG_PROCESSOR = "SchedulerJob", "DagProcessorJob"


class Heartbeats(NamedTuple):
    """When the latest of each kind was seen, `watch`: when a run of it last ended well; None: never."""

    scheduler: datetime | None
    dag_processor: datetime | None
    watch: datetime | None


def read_heartbeats(session: Session) -> Heartbeats:
    """Return them from Airflow's own database."""
    from airflow.jobs.job import Job
    from airflow.models.dagrun import DagRun
    from airflow.utils.state import DagRunState
    from sqlalchemy import func, select

    kinds = (_SCHEDULER, _DAG_PROCESSOR)
    latest = select(Job.job_type, func.max(Job.latest_heartbeat)).where(Job.job_type.in_(kinds))
    seen = {str(kind): at for kind, at in session.execute(latest.group_by(Job.job_type))}
    well = (DagRun.dag_id == WATCH_DAG, DagRun.state == DagRunState.SUCCESS)
    ended = session.scalar(select(func.max(DagRun.end_date)).where(*well))
    return Heartbeats(seen.get(_SCHEDULER), seen.get(_DAG_PROCESSOR), ended)
