"""Which interval did each run carry, and was its DAG paused meanwhile?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from event_delivery.page.sources.run import CarriedInterval
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_PAUSING = ("patch_dag", "patch_dags", "cli_dag_pause", "cli_dag_unpause")  # as Airflow's audit log calls it


def read_carried(
    session: Session, dag_ids: Sequence[str], since: datetime, until: datetime
) -> dict[str, list[CarriedInterval]]:
    """Return the intervals of each DAG's runs that start in [since, until), in order, in UTC.

    A scheduled run that a backfill has cleared keeps its id, not its type.
    """
    from airflow.models.dagrun import DagRun
    from sqlalchemy import func, select

    start, made = DagRun.data_interval_start, func.coalesce(DagRun.created_at, DagRun.run_after)
    columns = (DagRun.dag_id, start, DagRun.data_interval_end, DagRun.run_id, DagRun.state, DagRun.run_after, made)
    query = select(*columns).where(
        DagRun.dag_id.in_(dag_ids), start >= since, start < until, DagRun.data_interval_end.is_not(None)
    )
    carried: dict[str, list[CarriedInterval]] = {}
    for dag_id, begin, end, run_id, *facts in session.execute(query.order_by(DagRun.dag_id, start, DagRun.id)):
        runs = carried.setdefault(dag_id, [])
        runs.append(CarriedInterval(Interval(begin, end), run_id.startswith("scheduled__"), run_id, *facts))
    return carried


def read_pausings(session: Session, dag_ids: Sequence[str], since: datetime) -> dict[str | None, list[datetime]]:
    """Return when each DAG was paused or unpaused, as Airflow's audit log has it; None stands for many at once."""
    from airflow.models.log import Log
    from sqlalchemy import or_, select

    query = select(Log.dag_id, Log.dttm).where(
        Log.event.in_(_PAUSING), Log.dttm >= since, or_(Log.dag_id.is_(None), Log.dag_id.in_(dag_ids))
    )
    pausings: dict[str | None, list[datetime]] = {}
    for dag_id, at in session.execute(query.order_by(Log.dttm)):
        if at:
            pausings.setdefault(dag_id, []).append(at)
    return pausings
