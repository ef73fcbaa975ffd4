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
    """A DAG as the scheduler sees it; `first_day` is the day of its first scheduled run."""

    paused: bool
    stale: bool
    first_day: datetime | None


def read_dags(session: Session, dag_ids: Sequence[str]) -> dict[str, DagState]:
    """Return what is known about these DAGs; one that was never parsed is left out."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from sqlalchemy import func, select

    first = (
        select(func.min(DagRun.logical_date))
        .where(DagRun.dag_id == DagModel.dag_id, DagRun.run_type == "scheduled")
        .scalar_subquery()
    )
    query = select(DagModel.dag_id, DagModel.is_paused, DagModel.is_stale, first)
    rows = session.execute(query.where(DagModel.dag_id.in_(dag_ids)))
    return {dag_id: DagState(bool(paused), bool(stale), first) for dag_id, paused, stale, first in rows}
