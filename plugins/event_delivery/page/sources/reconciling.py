"""Which runs that reconcile a destination are under way, or came to no report?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from event_delivery.limits import RECONCILING_RUNS_READ, REPORTS_SHOWN
from event_delivery.orchestration.names import DESTINATION_PARAM, FROM_PARAM, RECONCILIATION_DAG, TO_PARAM
from event_delivery.page.sources.run import ACTIVE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ReconcilingRun:
    """A run that reconciles a destination: under way or failed; what it was asked for, in its own words."""

    run_id: str
    is_active: bool
    first: str | None
    last: str | None
    asked_at: datetime


def read_reconciling(session: Session, destination_id: str) -> list[ReconcilingRun]:
    """Return the latest runs under way, and the latest that failed, the latest first."""
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    columns = (DagRun.run_id, DagRun.state, DagRun.conf, DagRun.run_after)
    query = select(*columns).where(DagRun.dag_id == RECONCILIATION_DAG, DagRun.state.in_((*ACTIVE, "failed")))
    rows = session.execute(query.order_by(DagRun.run_after.desc()).limit(RECONCILING_RUNS_READ))
    found = [
        ReconcilingRun(run_id, state in ACTIVE, _read(conf, FROM_PARAM), _read(conf, TO_PARAM), run_after)
        for run_id, state, conf, run_after in rows
        if _read(conf, DESTINATION_PARAM) == destination_id
    ]
    return found[:REPORTS_SHOWN]


def _read(conf: object, name: str) -> str | None:
    """Return what a run was triggered with; anybody may hand over anything."""
    value = conf.get(name) if isinstance(conf, dict) else None
    return value[:100] if isinstance(value, str) else None
