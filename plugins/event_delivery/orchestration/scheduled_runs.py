"""How far has a DAG's schedule come, and which dates behind it do other runs hold?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SCHEDULED = "scheduled__"


@dataclass(frozen=True)
class ScheduledRuns:
    """The interval that was scheduled last, and the logical dates from its end on that any run holds.

    `held` leads from a logical date to the end of that run's interval.
    """

    last: Interval | None
    held: Mapping[datetime, datetime]


def read_scheduled_runs(dag_run: Any) -> ScheduledRuns | None:
    """Read them of a run's DAG, in the session that the run was read in; without one nothing is known.

    A scheduled run that a backfill has cleared has the type of a backfill, and still a scheduled run's id.
    """
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return None
    last = _read_last(session, dag_run.dag_id)
    return ScheduledRuns(last, _read_held(session, dag_run.dag_id, last))


def _read_last(session: Session, dag_id: str) -> Interval | None:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    query = (
        select(DagRun.data_interval_start, DagRun.data_interval_end)
        .where(
            DagRun.dag_id == dag_id,
            DagRun.run_id.startswith(_SCHEDULED, autoescape=True),
            DagRun.data_interval_end.is_not(None),
        )
        .order_by(DagRun.logical_date.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return Interval(row[0], row[1]) if row and row[0] and row[1] else None


def _read_held(session: Session, dag_id: str, last: Interval | None) -> dict[datetime, datetime]:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    query = select(DagRun.logical_date, DagRun.data_interval_end).where(
        DagRun.dag_id == dag_id, DagRun.logical_date.is_not(None)
    )
    if last:
        query = query.where(DagRun.logical_date >= last.end)
    return {start: end or start for start, end in session.execute(query) if start}
