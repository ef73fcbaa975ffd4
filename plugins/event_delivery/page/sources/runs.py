"""Which runs does Airflow's own database know?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.orchestration.names import DAY_PARAM, EXACT_PARAM, SUPPLEMENT_PARAM
from event_delivery.page.sources.run import ACTIVE, Run, RunOfDag, TaskState

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session


def read_open_runs(session: Session, dag_ids: Sequence[str], since: datetime, until: datetime) -> list[RunOfDag]:
    """Return the runs under way, and those that failed and carry an interval that starts in [since, until).

    Succeeded runs need no look: the ledger holds what they delivered.
    """
    from airflow.models.dagrun import DagRun
    from sqlalchemy import and_, or_

    wanted = or_(DagRun.state.in_(ACTIVE), and_(DagRun.state == "failed", _starts_within(since, until)))
    return _read_runs(session, DagRun.dag_id.in_(dag_ids), wanted)


def read_runs_of_days(session: Session, dag_id: str, since: datetime, until: datetime) -> list[RunOfDag]:
    """Return all runs of a DAG that may carry an interval that starts in [since, until), the latest last."""
    from airflow.models.dagrun import DagRun

    return _read_runs(session, DagRun.dag_id == dag_id, _starts_within(since, until))


def _starts_within(since: datetime, until: datetime) -> ColumnElement[bool]:
    """A run that was queued by hand has no data interval yet: it may carry any day that was over by then."""
    from airflow.models.dagrun import DagRun
    from sqlalchemy import and_, or_

    start = DagRun.data_interval_start
    return or_(and_(start.is_(None), DagRun.run_after >= since), and_(start >= since, start < until))


def _read_runs(session: Session, *conditions: ColumnElement[bool]) -> list[RunOfDag]:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance

    query = _select_runs().where(*conditions)
    return _gather(session.execute(query.order_by(DagRun.run_after, DagRun.id, TaskInstance.task_id)))


def _select_runs() -> Select[Any]:
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import and_, select

    columns = (
        DagRun.dag_id, DagRun.run_id, DagRun.state, DagRun.conf, DagRun.logical_date,
        DagRun.data_interval_start, DagRun.data_interval_end, DagRun.run_after,
        TaskInstance.task_id, TaskInstance.state, TaskInstance.try_number,
        TaskInstance.max_tries, TaskInstance.end_date, TaskInstance.retry_delay_override,
    )  # fmt: skip
    same = and_(
        TaskInstance.dag_id == DagRun.dag_id, TaskInstance.run_id == DagRun.run_id, TaskInstance.map_index == -1
    )
    return select(*columns).outerjoin(TaskInstance, same)


def _gather(rows: Iterable[Any]) -> list[RunOfDag]:
    """Return each run that carries a whole day once, with all its tasks; a supplement's is not that day's."""
    runs: dict[tuple[str, str], RunOfDag] = {}
    tasks: dict[tuple[str, str], list[TaskState]] = {}
    for dag_id, run_id, state, conf, logical_date, start, end, run_after, task, *numbers in rows:
        if _asks_for_supplement(conf):
            continue
        key = (dag_id, run_id)
        if key not in runs:
            exact = isinstance(conf, dict) and conf.get(EXACT_PARAM) is True
            run, day = Run(run_id, state or "", exact=exact), _read_param(conf, DAY_PARAM)
            runs[key] = RunOfDag(dag_id, run, day, logical_date, start, end, run_after)
        if task:
            tasks.setdefault(key, []).append(TaskState(task, *numbers))
    return [replace(this, run=replace(this.run, tasks=tuple(tasks.get(key, ())))) for key, this in runs.items()]


def _asks_for_supplement(conf: object) -> bool:
    number = conf.get(SUPPLEMENT_PARAM) if isinstance(conf, dict) else None
    return isinstance(number, int) and number > 0


def _read_param(conf: object, name: str) -> str | None:
    """Return what a run was triggered with; anybody may hand over anything."""
    value = conf.get(name) if isinstance(conf, dict) else None
    return value if isinstance(value, str) else None
