"""In which pool does an upload wait, over Airflow's own models? A real scheduler is asked in test_fair_shares."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy
from airflow.models.dagbundle import DagBundleModel
from airflow.models.pool import Pool
from airflow.models.taskinstance import TaskInstance
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from event_delivery.extract import extract_events
from event_delivery.limits import EXTRACT_CONNECTIONS
from event_delivery.orchestration.completeness import build_completeness_dag
from event_delivery.orchestration.dags import build_nightly_dag, build_test_file_dag
from event_delivery.orchestration.names import SOURCE_POOL, UPLOAD_POOL, UPLOAD_RETRY_POOL
from event_delivery.orchestration.pools import list_pools, make_pools, watch_retries
from event_delivery.orchestration.reconciliation import build_reconciliation_dag
from tests.airflow_database import airflow_tables
from tests.page.knowledge import add_dag, add_run, add_try
from tests.sample_events import DAY, insert_event, noon


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
        for name, slots, description, _ in list_pools():
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


@pytest.fixture
def airflow_models(engine, monkeypatch):
    """Airflow's own models on that database, without a pool."""
    from airflow import settings

    session = scoped_session(sessionmaker(engine))
    monkeypatch.setattr(settings, "Session", session)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("truncate slot_pool"))
    yield engine
    session.remove()


def slots_of(engine: sqlalchemy.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return dict(connection.execute(sqlalchemy.text("select pool, slots from slot_pool")).fetchall())


def test_the_pools_are_made_and_what_a_person_set_stays(airflow_models):
    """At each start of a server, as long as no setting says otherwise."""
    make_pools()
    assert slots_of(airflow_models) == {UPLOAD_POOL: 32, UPLOAD_RETRY_POOL: 8, SOURCE_POOL: 32}
    Pool.create_or_update_pool(UPLOAD_POOL, 5, "", False)
    make_pools()
    assert slots_of(airflow_models)[UPLOAD_POOL] == 5


def test_a_pool_that_no_extract_fits_into_is_made_larger(airflow_models, caplog):
    """Else every extract would wait for ever; without slots it is closed, and none at all is a person's will."""
    make_pools()
    for found, then in ((1, 2), (0, 0), (-1, -1)):
        Pool.create_or_update_pool(SOURCE_POOL, found, "", False)
        make_pools()
        assert slots_of(airflow_models)[SOURCE_POOL] == then
    assert "Pool sftp_extracts: found 1 slots, an extract takes 2: made so." in caplog.text


def test_a_setting_counts_at_each_start(airflow_models, monkeypatch):
    """Whatever the pools had: retries have a quarter; without it, they stay as they are."""
    make_pools()
    monkeypatch.setenv("EVENT_DELIVERY_POOL_SLOTS", "100")
    monkeypatch.setenv("EVENT_DELIVERY_SOURCE_CONNECTIONS", "3")
    make_pools()
    wanted = {UPLOAD_POOL: 100, UPLOAD_RETRY_POOL: 25, SOURCE_POOL: 3}
    assert slots_of(airflow_models) == wanted
    monkeypatch.delenv("EVENT_DELIVERY_POOL_SLOTS")
    make_pools()
    assert slots_of(airflow_models) == wanted
    monkeypatch.setenv("EVENT_DELIVERY_POOL_SLOTS", "1")
    make_pools()
    assert slots_of(airflow_models) == {UPLOAD_POOL: 1, UPLOAD_RETRY_POOL: 1, SOURCE_POOL: 3}


@pytest.mark.parametrize("text", ["0", "-1", "many", "1e3", "10001"])
def test_a_setting_that_is_no_number_is_told_and_the_pools_are_there(airflow_models, monkeypatch, caplog, text):
    """Without them every task would wait for ever, and nobody would know why."""
    monkeypatch.setenv("EVENT_DELIVERY_SOURCE_CONNECTIONS", text)
    make_pools()
    assert slots_of(airflow_models)[SOURCE_POOL] == 32
    assert f"EVENT_DELIVERY_SOURCE_CONNECTIONS: found '{text}', wanted a number from 2 to 10000" in caplog.text


def test_servers_that_start_at_one_moment_make_each_pool_once(airflow_models, monkeypatch):
    """Two schedulers, two dag processors and two triggerers, again and again: nobody fails, nothing is doubled."""
    monkeypatch.setenv("EVENT_DELIVERY_POOL_SLOTS", "12")
    for _ in range(5):
        with airflow_models.begin() as connection:
            connection.execute(sqlalchemy.text("truncate slot_pool"))
        together = Barrier(6)

        def start_server(together: Barrier = together) -> None:
            together.wait()
            make_pools()

        with ThreadPoolExecutor(6) as servers:
            for started in [servers.submit(start_server) for _ in range(6)]:
                started.result()
        assert slots_of(airflow_models) == {UPLOAD_POOL: 12, UPLOAD_RETRY_POOL: 3, SOURCE_POOL: 32}


def test_whatever_reads_the_source_waits_for_a_connection_of_its_own(acme):
    """Extracts, the comparison with the source, reports, and the sample, whose types the source tells."""
    pools = {
        (dag.dag_id, task.task_id): (task.pool, task.pool_slots)
        for dag in (
            build_nightly_dag(acme),
            build_test_file_dag(acme),
            build_completeness_dag(),
            build_reconciliation_dag(),
        )
        for task in dag.tasks
    }
    reading = {key for key, (pool, _) in pools.items() if pool == SOURCE_POOL}
    assert reading == {
        ("nightly_sftp_events__acme", "extract"),
        ("sftp_test_file__acme", "format"),
        ("event_delivery_completeness", "find_late_events"),
        ("event_delivery_completeness", "find_missing_days"),
        ("reconcile_deliveries", "reconcile"),
    }
    assert pools["nightly_sftp_events__acme", "extract"] == (SOURCE_POOL, EXTRACT_CONNECTIONS)


def test_an_extract_takes_no_more_connections_than_its_slots(delivery, events_db, staging_area):
    """Counted by the source itself, while it is read."""
    insert_event(events_db, noon(DAY))
    counted: list[int] = []

    def count(cursor: Any, query: Any) -> list[str]:
        question = "select count(*) from pg_stat_activity where datname = current_database() and pid <> %s"
        counted.append(events_db.execute(question, [events_db.info.backend_pid]).fetchone()[0])
        return []

    extract_events(delivery, choose=count)
    assert 0 < counted[0] <= EXTRACT_CONNECTIONS
