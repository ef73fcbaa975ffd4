"""In which pool does an upload wait, over Airflow's own models? A real scheduler is asked in test_fair_shares."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy
from airflow.models.dagbundle import DagBundleModel
from airflow.models.pool import Pool
from airflow.models.taskinstance import TaskInstance
from sqlalchemy.orm import Session

from event_delivery.orchestration.names import POOLS, UPLOAD_POOL, UPLOAD_RETRY_POOL
from event_delivery.orchestration.pools import watch_retries
from tests.airflow_database import airflow_tables
from tests.page.knowledge import add_dag, add_run, add_try


@pytest.fixture(scope="module")
def engine(postgres):
    """Airflow's own tables in a real PostgreSQL."""
    with airflow_tables(postgres, "pools_airflow") as engine:
        watch_retries()
        yield engine


@pytest.fixture(params=[False, True], ids=["flushed at the end", "flushed at each query"])
def airflow(engine, request):
    """A session as Airflow's are, and one that flushes between, with a run and both pools."""
    with engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("truncate dag, dag_bundle, dag_run, task_instance, log, slot_pool cascade")
        )
    with Session(engine, autoflush=request.param) as session:
        session.add(DagBundleModel(name="dags"))
        for name, (slots, description) in POOLS.items():
            session.add(Pool(pool=name, slots=slots, description=description, include_deferred=False))
        session.commit()
        add_dag(session)
        add_run(session)
        yield session


def start(airflow: Session, task: str = "upload", pool: str = UPLOAD_POOL, state: str = "running") -> TaskInstance:
    add_try(airflow, "scheduled__2026-03-09", task=task, pool=pool, state=state)
    return airflow.scalars(sqlalchemy.select(TaskInstance).where(TaskInstance.task_id == task)).one()


def fail_as_the_scheduler_does(airflow: Session, instance: TaskInstance) -> None:
    """Do what happens to a task whose worker died."""
    TaskInstance.fetch_handle_failure_context(instance, None, session=airflow)
    airflow.commit()


def fail_as_the_api_server_does(airflow: Session, instance: TaskInstance) -> None:
    """Do what happens to a task that reports that it is to be tried again: the state is set by a statement."""
    key = instance.id
    instance.prepare_db_for_next_try(airflow)
    with airflow.no_autoflush:
        airflow.execute(sqlalchemy.update(TaskInstance).where(TaskInstance.id == key).values(state="up_for_retry"))
    airflow.commit()


def clear(airflow: Session, instance: TaskInstance, pool: str = UPLOAD_POOL) -> None:
    """Do what `clear_task_instances` does; the rest of it needs a serialized DAG."""
    instance.prepare_db_for_next_try(airflow)
    if instance.state == "running":
        instance.state = "restarting"
    else:
        airflow.scalar(sqlalchemy.select(1))
        instance.pool, instance.state = pool, None
    airflow.commit()


def pool_of(airflow: Session, instance: TaskInstance) -> Any:
    airflow.expire_all()
    query = sqlalchemy.select(TaskInstance.pool).where(TaskInstance.task_id == instance.task_id)
    return airflow.scalars(query).one()


def weight_of(airflow: Session) -> Any:
    airflow.expire_all()
    return airflow.scalars(sqlalchemy.select(TaskInstance.priority_weight)).one()


@pytest.mark.parametrize("fail", [fail_as_the_scheduler_does, fail_as_the_api_server_does])
def test_an_upload_that_failed_waits_in_the_retries_pool(airflow, fail):
    """Whoever learns of the failure, the worker's death included; and it stays there."""
    instance = start(airflow)
    for _ in range(2):
        fail(airflow, instance)
        assert pool_of(airflow, instance) == UPLOAD_RETRY_POOL
        instance.state = "running"
        airflow.commit()
        assert pool_of(airflow, instance) == UPLOAD_RETRY_POOL


def test_a_retry_goes_before_nobody_s_first_try(airflow):
    """Depth first gives uploads the highest weight: dead hosts would keep everybody's extracts waiting."""
    instance = start(airflow)
    instance.priority_weight = 3
    fail_as_the_api_server_does(airflow, instance)
    assert weight_of(airflow) == 1
    instance.state = "running"
    airflow.commit()
    clear(airflow, instance)
    assert weight_of(airflow) == 3


@pytest.mark.parametrize("state", ["running", "up_for_retry", "failed", "success"])
def test_a_cleared_upload_is_a_first_attempt(airflow, state):
    """From whatever state; the try that a clear interrupts is no failure."""
    instance = start(airflow, pool=UPLOAD_RETRY_POOL, state=state)
    clear(airflow, instance)
    assert pool_of(airflow, instance) == UPLOAD_POOL
    if instance.state == "restarting":
        fail_as_the_scheduler_does(airflow, instance)
        assert pool_of(airflow, instance) == UPLOAD_POOL


@pytest.mark.parametrize("slots", [None, 0])
def test_without_slots_for_retries_they_wait_where_they_were(airflow, slots):
    """In a pool that is missing or empty a task waits for ever."""
    pool = airflow.scalars(sqlalchemy.select(Pool).where(Pool.pool == UPLOAD_RETRY_POOL)).one()
    if slots is None:
        airflow.delete(pool)
    else:
        pool.slots = slots
    airflow.commit()
    instance = start(airflow)
    fail_as_the_api_server_does(airflow, instance)
    assert pool_of(airflow, instance) == UPLOAD_POOL


@pytest.mark.parametrize(
    "task, pool, then",
    [
        ("extract", "default_pool", "default_pool"),
        ("format", UPLOAD_POOL, UPLOAD_POOL),
        ("upload", "of_somebody", "of_somebody"),
        ("upload__quizPassed", UPLOAD_POOL, UPLOAD_RETRY_POOL),
    ],
)
def test_only_uploads_of_the_first_pool_change_it(airflow, task, pool, then):
    """Of every event type; what a person has put elsewhere stays there."""
    instance = start(airflow, task=task, pool=pool)
    fail_as_the_api_server_does(airflow, instance)
    assert pool_of(airflow, instance) == then
