"""Are healthy clients served while the uploads to dead hosts are tried again?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from local_servers.airflow_client import AirflowClient
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

DEAD = ("dead1", "dead2", "dead3")
FIRST, RETRIES = "sftp_uploads", "sftp_upload_retries"
WAITING = ("scheduled", "queued")


@dataclass
class Instance:
    """An Airflow with as many slots for uploads as there are dead hosts, and one for their retries."""

    stack: AirflowStack
    api: AirflowClient
    sftp: SftpServer

    def unpause(self, *destinations: str) -> None:
        """Let each destination's test file be sent, which it is once by itself."""
        for destination in destinations:
            self.api.patch(f"/dags/{test_file(destination)}", {"is_paused": False})

    def runs(self, destination: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"/dags/{test_file(destination)}/dagRuns")["dag_runs"]
        return found

    def upload(self, destination: str) -> dict[str, Any]:
        """Return the task instance that uploads the test file."""
        [run] = self.runs(destination)
        [found] = [t for t in self.api.tasks(run["dag_id"], run["dag_run_id"]) if t["task_id"] == "upload"]
        return found

    def clear_upload(self, destination: str) -> None:
        [run] = self.runs(destination)
        body = {"dag_run_id": run["dag_run_id"], "task_ids": ["upload"], "dry_run": False, "only_failed": False}
        self.api.post(f"/dags/{run['dag_id']}/clearTaskInstances", body | {"reset_dag_runs": True})


def test_file(destination: str) -> str:
    return f"sftp_test_file__{destination}"


test_file.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Airflow, a healthy server, and three hosts that accept and never say anything."""
    folder = tmp_path_factory.mktemp("fair")
    (folder / "destinations").mkdir()
    for name in (*DEAD, "healthy"):
        text = f"client: {name}\ncompany_id: {COMPANY}\n"
        (folder / "destinations" / f"{name}.yaml").write_text(text)
    create_database(postgres, "fair_airflow")
    events_uri = create_database(postgres, "fair_events")
    with psycopg.connect(events_uri, autocommit=True) as events:
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
    with ExitStack() as servers:
        sftp = servers.enter_context(SftpServer(folder / "sftp", [SftpUser("healthy", PASSWORD, "healthy")]))
        environment = {"AIRFLOW_CONN_SFTP_HEALTHY": confirmed_uri(sftp, "healthy", PASSWORD)}
        for name in DEAD:
            dead = servers.enter_context(socket.create_server(("127.0.0.1", 0), backlog=50))
            environment[f"AIRFLOW_CONN_SFTP_{name.upper()}"] = sftp_uri("x", PASSWORD, dead.getsockname()[1])
        environment |= {
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
        }
        metadata = postgres.sqlalchemy_uri("fair_airflow")
        stack = AirflowStack(folder / "airflow", metadata, find_free_port(), extra_env=environment)
        servers.callback(stack.stop)
        stack.start(lambda: stack.run_cli("pools", "set", FIRST, str(len(DEAD)), "small"))
        stack.run_cli("pools", "set", RETRIES, "1", "one")
        yield Instance(stack, stack.client(), sftp)


def test_a_healthy_client_is_served_while_retries_to_dead_hosts_wait_for_each_other(instance):
    """They have a pool of their own: one is tried again, the others wait, none holds a first slot."""
    instance.unpause(*DEAD)
    wait_until(lambda: all(instance.runs(name) for name in DEAD))
    wait_until(lambda: all(instance.upload(name)["try_number"] >= 2 for name in DEAD))
    uploads = [instance.upload(name) for name in DEAD]
    assert {upload["pool"] for upload in uploads} == {RETRIES}
    assert any(upload["state"] in WAITING for upload in uploads)
    instance.unpause("healthy")
    wait_until(lambda: instance.runs("healthy"))
    [run] = instance.runs("healthy")
    assert instance.api.wait_for_run(run["dag_id"], run["dag_run_id"])["state"] == "success"
    assert any(instance.upload(name)["state"] in WAITING for name in DEAD)
    assert instance.upload("healthy")["pool"] == FIRST


def test_a_cleared_upload_is_a_first_attempt_again(instance):
    """Whoever clears does not wait behind the retries, whether it waited or was running."""
    waiting = next(name for name in DEAD if instance.upload(name)["state"] in (*WAITING, "up_for_retry"))
    wait_until(lambda: any(instance.upload(name)["state"] == "running" for name in DEAD))
    running = next(name for name in DEAD if instance.upload(name)["state"] == "running")
    assert instance.upload(running)["pool"] == RETRIES
    for name in {waiting, running}:
        instance.clear_upload(name)
        assert instance.upload(name)["pool"] == FIRST
    tries = instance.upload(running)["try_number"]
    wait_until(lambda: instance.upload(running)["try_number"] > tries)
    assert instance.upload(running)["pool"] == FIRST
