"""What does a cluster need, and how does one of its machines die?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from cluster.broker import running_redis
from cluster.machine import VARIABLE
from local_servers.airflow_settings import PROJECT
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.many_destinations import LOGIN, write_destinations
from local_servers.postgres import create_database, running_postgres
from local_servers.processes import ServerProcess, start_process, stop_processes
from local_servers.s3_server import make_bucket, running_s3
from local_servers.sftp_server import SftpServer

EVENTS = 100  # of each destination
MAIN, WORKERS = "scheduler", ("worker-1", "worker-2")
# A killed worker is noticed within half a minute, not five; its tasks then take their own retries.
SETTINGS = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CORE__PARALLELISM": "32",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
    "AIRFLOW__CORE__HOSTNAME_CALLABLE": "cluster.machine.read_machine",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
    "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
    "AIRFLOW__SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP": "100",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "40",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
}


@dataclass(frozen=True)
class Cluster:
    """A scheduler's machine and two workers'; their Airflow's database and the source, as URIs."""

    stack: AirflowStack
    workers: dict[str, ServerProcess]
    server: SftpServer
    metadata: str
    source: str

    def kill(self, name: str) -> None:
        """Let a worker's machine lose its power: nothing on it ends in order."""
        worker = self.workers[name]
        processes = {*worker.members(), *psutil.Process(worker.pid).children(recursive=True)}
        for process in processes:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue


@contextmanager
def open_cluster(folder: Path, destinations: int) -> Iterator[Cluster]:
    """Start all machines, the DAGs of that many destinations paused; stop them at the end.

    Raises:
        ServerError: something does not start.
    """
    with ExitStack() as resources:
        server = resources.enter_context(SftpServer(folder / "sftp", [LOGIN]))
        postgres = resources.enter_context(running_postgres(folder / "postgres", {"fsync": "off"}))
        store = resources.enter_context(running_s3(folder / "s3"))
        make_bucket(store)
        broker = resources.enter_context(running_redis(folder / "redis"))
        source = create_database(postgres, "events")
        metadata = create_database(postgres, "airflow")
        environment = SETTINGS | {
            **write_destinations(folder / "destinations", source, server, destinations, EVENTS, ("json",)),
            "PYTHONPATH": os.pathsep.join([str(PROJECT / "config"), str(PROJECT)]),
            "AIRFLOW__CELERY__BROKER_URL": broker,
            "AIRFLOW_CONN_STAGING_S3": store.connection_uri(),
            "EVENT_DELIVERY_STAGING": f"s3://staging_s3@{store.bucket}/nightly",
            VARIABLE: MAIN,
        }
        database = postgres.sqlalchemy_uri("airflow")
        stack = AirflowStack(folder / MAIN, database, find_free_port(), extra_env=environment)
        resources.callback(stack.stop)
        stack.start()
        workers = {name: start_worker(folder / name, name, stack.environment()) for name in WORKERS}
        resources.callback(stop_processes, workers.values())
        yield Cluster(stack, workers, server, metadata, source)


def start_worker(home: Path, name: str, environment: Mapping[str, str]) -> ServerProcess:
    """Start a worker with an AIRFLOW_HOME and a scratch area of its own."""
    own = {"AIRFLOW_HOME": str(home), "EVENT_DELIVERY_SCRATCH": str(home / "scratch"), VARIABLE: name}
    command = ["-m", "airflow", "celery", "worker", "--celery-hostname", f"{name}@%h", "--skip-serve-logs"]
    return start_process(name, [sys.executable, *command], home / "servers", {**environment, **own})


def count_rows(uri: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Return what a statement returns, in a connection of its own."""
    with psycopg.connect(uri) as connection:
        return connection.execute(statement.encode(), values or None).fetchall()
