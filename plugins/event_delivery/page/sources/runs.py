"""What does Airflow's own database know about the destinations' DAGs and runs?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.orchestration.names import UPLOAD
from event_delivery.schedule import attempt_of, retry_delay

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class TaskState:
    """One task of a run, as Airflow's scheduler knows it."""

    task: str
    map_index: int
    state: str | None
    try_number: int
    max_tries: int
    ended_at: datetime | None
    wait_seconds: float | None

    @property
    def attempt(self) -> int:
        """Number of the attempt since the run was last cleared; 1 for one that has not begun."""
        return max(1, attempt_of(self.try_number, self.max_tries))

    @property
    def next_at(self) -> datetime | None:
        """When it is tried again, if it waits for that."""
        if self.state != "up_for_retry" or not self.ended_at:
            return None
        wait = retry_delay(self.attempt) if self.wait_seconds is None else self.wait_seconds
        return self.ended_at + timedelta(seconds=wait)


@dataclass(frozen=True)
class Run:
    """A run that is under way or has failed."""

    run_id: str
    state: str
    tries: tuple[TaskState, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it is under way."""
        return self.state in ACTIVE

    def upload_of(self, event_index: int) -> TaskState | None:
        """Return the upload of one event type: a mapped task has one for each, once it is expanded."""
        uploads = {this.map_index: this for this in self.tries if this.task == UPLOAD}
        return uploads.get(event_index) or uploads.get(-1)


@dataclass(frozen=True)
class DagState:
    """A DAG as the scheduler sees it; `first_day` is the day of its first scheduled run."""

    paused: bool
    stale: bool
    first_day: datetime | None


@dataclass(frozen=True)
class RunOfDag:
    """A run, and what says which day it carries."""

    dag_id: str
    run: Run
    run_type: str
    day: str | None
    logical_date: datetime | None
    interval_start: datetime | None
    run_after: datetime


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


def read_open_runs(session: Session, dag_ids: Sequence[str], since: datetime, until: datetime) -> list[RunOfDag]:
    """Return the runs that are under way, and those that failed and carry a day that starts in [since, until).

    Succeeded runs need no look: the ledger holds what they delivered.
    """
    from airflow.models.dagrun import DagRun
    from sqlalchemy import and_, or_

    start = DagRun.data_interval_start
    inside = or_(start.is_(None), and_(start >= since, start < until))
    wanted = or_(DagRun.state.in_(ACTIVE), and_(DagRun.state == "failed", inside))
    return _read_runs(session, DagRun.dag_id.in_(dag_ids), wanted)


def read_runs_of_days(session: Session, dag_id: str, since: datetime, until: datetime) -> list[RunOfDag]:
    """Return all runs of a DAG that may carry a day that starts in [since, until), the latest last."""
    from airflow.models.dagrun import DagRun
    from sqlalchemy import and_, or_

    start = DagRun.data_interval_start
    inside = or_(start.is_(None), and_(start >= since, start < until))
    return _read_runs(session, DagRun.dag_id == dag_id, inside)


def read_accepted_host_keys(session: Session, dag_id: str) -> set[str]:
    """Return the fingerprints that operators accepted by a run of the test-file DAG."""
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    query = select(DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_type == "manual")
    confs = [conf for conf in session.scalars(query) if isinstance(conf, dict)]
    return {conf["accept_host_key"] for conf in confs if conf.get("accept_host_key")}


def _read_runs(session: Session, *conditions: Any) -> list[RunOfDag]:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import and_, select

    columns = (
        DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.run_type, DagRun.conf, DagRun.logical_date,
        DagRun.data_interval_start, DagRun.run_after,
        TaskInstance.task_id, TaskInstance.map_index, TaskInstance.state, TaskInstance.try_number,
        TaskInstance.max_tries, TaskInstance.end_date, TaskInstance.retry_delay_override,
    )  # fmt: skip
    same = and_(TaskInstance.dag_id == DagRun.dag_id, TaskInstance.run_id == DagRun.run_id)
    query = select(*columns).outerjoin(TaskInstance, same).where(*conditions)
    return _gather(session.execute(query.order_by(DagRun.run_after, DagRun.id, TaskInstance.task_id)))


def _gather(rows: Iterable[Any]) -> list[RunOfDag]:
    runs: dict[tuple[str, str], RunOfDag] = {}
    tries: dict[tuple[str, str], list[TaskState]] = {}
    for dag_id, run_id, state, run_type, conf, logical_date, start, run_after, task, *rest in rows:
        key = (dag_id, run_id)
        if key not in runs:
            day = conf.get("day") if isinstance(conf, dict) else None
            run = Run(run_id, _plain(state) or "")
            runs[key] = RunOfDag(dag_id, run, str(_plain(run_type)), day, logical_date, start, run_after)
        if task:
            map_index, task_state, *numbers = rest
            tries.setdefault(key, []).append(TaskState(task, map_index, _plain(task_state), *numbers))
    return [replace(this, run=replace(this.run, tries=tuple(tries.get(key, ())))) for key, this in runs.items()]


def _plain(state: Any) -> str | None:
    return None if state is None else str(getattr(state, "value", state))
