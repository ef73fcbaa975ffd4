"""How does Airflow work in a history? Its own models and functions, without its processes.

Real: the serialization of DAGs and what the dag processor writes of them, the making of scheduled, manual
and backfilled runs, the start of queued ones, clearing, decisions about runs and tasks, retries, listeners.
Replaced: the query that compares with the database's clock (`DagModel.dags_needing_dagruns`), the executor and the
worker (`run_task`), and the dag processor's marking of DAGs that are gone (`_mark_stale`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models import import_all_models
from airflow.models.backfill import AlreadyRunningBackfill, ReprocessBehavior, _create_backfill
from airflow.models.base import Base
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import DAG
from airflow.sdk.execution_time.context import set_current_context
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.db import synchronize_log_template
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy.orm import Session

from event_delivery.orchestration.completeness import find_missing_days, look_at_each
from event_delivery.orchestration.dags import build_dags
from event_delivery.orchestration.manual_runs import watch_manual_runs
from event_delivery.orchestration.remedy_runs import choose_runs
from tests.histories.clock import Clock

BUNDLE = "dags"


@contextmanager
def open_airflow(uri: str) -> Iterator[sqlalchemy.Engine]:
    """Make Airflow's own database, the one that Airflow itself opens too."""
    from airflow import settings

    import_all_models()
    with _configured(settings, uri):
        assert settings.engine is not None
        Base.metadata.create_all(settings.engine)
        watch_manual_runs()
        with Session(settings.engine) as session:
            session.add(DagBundleModel(name=BUNDLE))
            synchronize_log_template(session=session)
            session.commit()
        yield settings.engine


@contextmanager
def _configured(settings: Any, uri: str) -> Iterator[None]:
    kept = settings.SQL_ALCHEMY_CONN
    settings.SQL_ALCHEMY_CONN = uri
    settings.configure_orm()
    try:
        yield
    finally:
        settings.dispose_orm(do_log=False)
        settings.SQL_ALCHEMY_CONN = kept


class WorkerDiedError(Exception):
    """A worker died: nobody asks the task's retry policy, and the scheduler finds out by its heartbeat."""


class Airflow:
    """One destination's Airflow: a dag processor, a scheduler and a worker that act when they are told to."""

    def __init__(self, engine: sqlalchemy.Engine, clock: Clock, dag_id: str) -> None:
        self.clock, self.dag_id = clock, dag_id
        self.session = Session(engine, expire_on_commit=False)
        self.scheduler = SchedulerJobRunner(Job(), executors=[])
        self.dags: dict[str, DAG] = {}
        self.kills: str | None = None

    def parse(self) -> None:
        """Do what the dag processor does after an edit, or after its interval."""
        self.dags = {dag.dag_id: dag for dag in build_dags()}
        lazy = []
        for dag in self.dags.values():
            dag.fileloc, dag.relative_fileloc = "/dags/nightly.py", "nightly.py"
            lazy.append(LazyDeserializedDAG.from_dag(dag))
        update_dag_parsing_results_in_db(BUNDLE, None, lazy, {}, None, set(), self.session)
        self.session.commit()
        self._mark_stale()

    def _mark_stale(self) -> None:
        for model in self.session.scalars(sqlalchemy.select(DagModel).where(DagModel.dag_id == self.dag_id)):
            model.is_stale = model.dag_id not in self.dags
            model.is_paused = model.is_paused and model.dag_id == self.dag_id
        self.session.commit()

    def pause(self, paused: bool) -> None:
        """Pause or unpause the nightly DAG."""
        self.model().is_paused = paused
        self.session.commit()

    def model(self) -> DagModel:
        """Return what Airflow keeps of the DAG."""
        self.session.expire_all()
        found = self.session.get(DagModel, self.dag_id)
        assert found is not None
        return found

    def runs(self) -> list[DagRun]:
        """Return every run, in the order of their making."""
        self.session.expire_all()
        query = sqlalchemy.select(DagRun).where(DagRun.dag_id == self.dag_id).order_by(DagRun.id)
        return list(self.session.scalars(query))

    def schedule(self) -> None:
        """Make every run that is due now, as the scheduler does, one after another."""
        for _ in range(60):
            model = self.model()
            due = model.next_dagrun_create_after
            if model.is_paused or model.is_stale or due is None or due > self.clock.now:
                return
            self.scheduler._create_dag_runs([model], self.session)
            self.session.commit()
        raise AssertionError("the schedule does not come to an end")

    def trigger(self, number: int, conf: dict[str, Any], logical_date: datetime | None) -> DagRun:
        """Make a manual run as the REST API does."""
        dag = self.serialized()
        interval = dag.timetable.infer_manual_data_interval(run_after=logical_date) if logical_date else None
        run = dag.create_dagrun(
            run_id=f"manual__{number}",
            logical_date=logical_date,
            data_interval=interval,
            run_after=self.clock.now,
            conf=conf,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.REST_API,
            state="queued",
            session=self.session,
        )
        self.session.commit()
        return run

    def recover(self) -> list[dict[str, Any]]:
        """Let the hourly pass look for missing days, and make the runs that it starts, as its operator does."""
        remedies, failures = look_at_each(find_missing_days, self.clock.now, {})
        assert failures == []
        runs, failures = choose_runs(self, remedies, self.clock.now, None)
        assert failures == []
        for run in runs:
            self.serialized().create_dagrun(
                run_id=run["trigger_run_id"],
                logical_date=None,
                data_interval=None,
                run_after=self.clock.now,
                conf=run["conf"],
                run_type=DagRunType.OPERATOR_TRIGGERED,
                triggered_by=DagRunTriggeredByType.OPERATOR,
                state="queued",
                session=self.session,
            )
            self.session.commit()
        return runs

    def get_dag(self, dag_id: str) -> DagModel:
        """Answer a task as the API server does."""
        assert dag_id == self.dag_id
        return self.model()

    def get_dr_count(self, dag_id: str, run_ids: list[str] | None = None, states: list[str] | None = None) -> int:
        """Answer a task as the API server does."""
        assert dag_id == self.dag_id
        return sum(
            (run_ids is None or run.run_id in run_ids) and (states is None or run.state in states)
            for run in self.runs()
        )

    def backfill(self, first: datetime, last: datetime, behaviour: str) -> None:
        """Make a backfill as the command line does; Airflow's own refusals are answers too."""
        from airflow.models.backfill import Backfill, InvalidBackfillDate, NoBackfillRunsToCreate

        query = sqlalchemy.select(Backfill).where(Backfill.dag_id == self.dag_id, Backfill.completed_at.is_(None))
        for over in self.session.scalars(query):
            over.completed_at = self.clock.now
        self.session.commit()
        try:
            _create_backfill(
                dag_id=self.dag_id,
                from_date=first,
                to_date=last,
                max_active_runs=10,
                reverse=False,
                dag_run_conf={},
                triggering_user_name=None,
                reprocess_behavior=ReprocessBehavior(behaviour),
            )
        except (NoBackfillRunsToCreate, InvalidBackfillDate, AlreadyRunningBackfill):
            self.session.rollback()

    def clear(self, run: DagRun) -> None:
        """Clear a whole run, as the UI does."""
        self.serialized().clear(run_id=run.run_id, session=self.session)
        self.session.commit()

    def serialized(self) -> Any:
        """Return the DAG as scheduler and API server know it."""
        return self.scheduler._get_current_dag(dag_id=self.dag_id, session=self.session)

    def work(self) -> None:
        """Start what is queued, and let tasks run until none is left that may run now."""
        for _ in range(30):
            self.scheduler._start_queued_dagruns(self.session)
            self.session.commit()
            worked = [self._work_on(run) for run in self.runs() if run.state == "running"]
            if not any(worked):
                return
        raise AssertionError("the tasks do not come to an end")

    def _work_on(self, run: DagRun) -> bool:
        self.scheduler._schedule_dag_run(run, self.session)
        self.session.commit()
        query = sqlalchemy.select(TaskInstance).where(
            TaskInstance.run_id == run.run_id, TaskInstance.dag_id == run.dag_id, TaskInstance.state == "scheduled"
        )
        scheduled = list(self.session.scalars(query))
        for instance in scheduled:
            self._run_task(run, instance)
        return bool(scheduled)

    def _run_task(self, run: DagRun, instance: TaskInstance) -> None:
        """Do what a worker does: build the one DAG, run the task, and tell what became of it."""
        instance.start_date = self.clock.now
        built = {dag.dag_id: dag.task_dict for dag in build_dags(run.dag_id, instance.task_id)}
        task: Any = built.get(run.dag_id, {}).get(instance.task_id)
        try:
            if task is None:
                raise LookupError(f"no task {instance.task_id}")
            result = self._live_or_die(task, _make_context(run, instance, task))
        except Exception as error:
            logging.getLogger(__name__).info("%s: %s", instance.task_id, error)
            self._fail(instance, task, error)
        else:
            if result is not None:
                key = {"dag_id": run.dag_id, "task_id": instance.task_id, "run_id": run.run_id, "map_index": -1}
                XComModel.set(key="return_value", value=result, session=self.session, **key)
            instance.state = "success"
        instance.end_date = self.clock.now
        self.session.commit()

    def _live_or_die(self, task: Any, context: dict[str, Any]) -> Any:
        kills, self.kills = self.kills, None
        if kills == "before":
            raise WorkerDiedError
        result = _execute(task, context)
        if kills == "after":
            raise WorkerDiedError
        return result

    def _fail(self, instance: TaskInstance, task: Any, error: Exception) -> None:
        decision = None
        if task is not None and task.retry_policy and not isinstance(error, WorkerDiedError):
            decision = task.retry_policy.evaluate(error, instance.try_number, instance.max_tries)
        gives_up = type(error).__name__ == "AirflowFailException" or (decision and decision.action.value == "fail")
        if gives_up or instance.try_number > instance.max_tries:
            instance.state = "failed"
            return
        instance.state = "up_for_retry"
        delay = decision.retry_delay if decision else None
        instance.retry_delay_override = (delay or timedelta(seconds=30)).total_seconds()

    def close(self) -> None:
        """Let nothing of this history concern the next one."""
        self.session.rollback()
        self.session.execute(sqlalchemy.update(DagRun).where(DagRun.dag_id == self.dag_id).values(state="failed"))
        self.session.execute(sqlalchemy.update(DagModel).values(is_stale=True, is_paused=True))
        self.session.commit()
        self.session.close()


def _make_context(run: DagRun, instance: TaskInstance, task: Any) -> dict[str, Any]:
    params = {name: param.value for name, param in task.dag.params.items()} | (run.conf or {})
    return {"dag_run": run, "ti": instance, "task_instance": instance, "task": task, "params": params}


def _execute(task: Any, context: dict[str, Any]) -> Any:
    with set_current_context(context):  # type: ignore[arg-type]
        task.pre_execute(context)
        if hasattr(task, "python_callable"):
            return task.python_callable(*task.op_args, **task.op_kwargs)
        return task.execute(context)
