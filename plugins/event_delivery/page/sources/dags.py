"""What does Airflow's scheduler know about the destinations' DAGs?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DagState:
    """A DAG as the scheduler sees it; its scheduled runs go from `first_start` to `last_end`."""

    paused: bool
    stale: bool
    first_start: datetime | None
    last_end: datetime | None


def read_dags(session: Session, dag_ids: Sequence[str]) -> dict[str, DagState]:
    """Return what is known about these DAGs; one that was never parsed is left out."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    scheduled = (
        select(DagRun.logical_date)
        .where(DagRun.dag_id == DagModel.dag_id, DagRun.run_id.startswith("scheduled__", autoescape=True))
        .limit(1)
    )
    first = scheduled.order_by(DagRun.logical_date).scalar_subquery()
    ends = scheduled.with_only_columns(DagRun.data_interval_end).where(DagRun.data_interval_end.is_not(None))
    last = ends.order_by(DagRun.logical_date.desc()).scalar_subquery()
    query = select(DagModel.dag_id, DagModel.is_paused, DagModel.is_stale, first, last)
    rows = session.execute(query.where(DagModel.dag_id.in_(dag_ids)))
    return {dag_id: DagState(bool(paused), bool(stale), *bounds) for dag_id, paused, stale, *bounds in rows}
