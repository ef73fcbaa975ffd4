"""Does a client's URL become a proven destination within five minutes, where Airflow runs, and leave again?"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from event_delivery.sftp.host_key import fingerprint
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY

pytestmark = pytest.mark.slow

SECRET = "hunter2-p@ss/word"
FIVE_MINUTES = 300


@dataclass
class Instance:
    """Airflow, which knows no destination yet, and a new client's server."""

    stack: AirflowStack
    sftp: SftpServer
    destinations: Path

    def run(self, room: str, *arguments: str, given: str = "") -> tuple[int, str]:
        """Run a command of ours as an operator does; returns its exit status and all that it printed."""
        environment = {**os.environ, **self.stack.environment(), "PYTHONPATH": str(PROJECT / "plugins")}
        command = [sys.executable, "-m", f"event_delivery.{room}", *arguments]
        done = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, cwd="/")
        return done.returncode, done.stdout + done.stderr

    def board(self, url: str, *options: str) -> tuple[int, str]:
        """Take the client on board with this URL."""
        asked = ["--client", "Acme University", "--company-id", str(COMPANY)]
        return self.run("onboard", "acme", *asked, *options, given=url)


@pytest.fixture
def instance(postgres: Postgres, tmp_path: Path) -> Iterator[Instance]:
    """An instance without a client."""
    destinations = tmp_path / "destinations"
    destinations.mkdir()
    create_database(postgres, "boarding_airflow")
    events = create_database(postgres, "boarding_events")
    with psycopg.connect(events, autocommit=True) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
    environment = {
        "AIRFLOW_CONN_EVENTS_DB": events,
        "EVENT_DELIVERY_DESTINATIONS": str(destinations),
        "EVENT_DELIVERY_STAGING": str(tmp_path / "staging"),
    }
    metadata = postgres.sqlalchemy_uri("boarding_airflow")
    stack = AirflowStack(tmp_path / "airflow", metadata, find_free_port(), extra_env=environment)
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", SECRET, "acme")]) as sftp:
        try:
            stack.start()
            yield Instance(stack, sftp, destinations)
        finally:
            stack.stop()


def test_a_new_client_is_proven_in_five_minutes_and_leaves_again(instance):
    """Two mistakes, two corrections, the test file in the client's folder; once more; a refusal; the end."""
    begun = time.monotonic()
    wrong = f"sftp://acme:{SECRET}@127.0.0.1:{instance.sftp.port}/"
    status, told = instance.board(wrong)
    assert (status, "found '@', wanted %40" in told) == (1, True), told
    status, told = instance.board(wrong.replace("p@ss", "p%40ss"))
    assert (status, "found '/', wanted %2F" in told) == (1, True), told
    right = wrong.replace(SECRET, quote(SECRET, safe=""))
    key = fingerprint(instance.sftp.host_key())
    status, told = instance.board(right, "--host-key", key, "--nights")
    assert status == 0, told
    assert "✓ Test file delivered" in told
    assert time.monotonic() - begun < FIVE_MINUTES
    assert len(list_test_files(instance)) == 1
    assert instance.stack.client().get("/dags/nightly_sftp_events__acme")["is_paused"] is False

    status, told = instance.board(right)
    assert (status, "✓ Test file delivered" in told) == (0, True), told
    assert len(list_test_files(instance)) == 2

    instance.sftp.interfere = refuse
    status, told = instance.board(right)
    assert (status, "✗" in told, "cannot write a file" in told) == (1, True, True), told

    status, told = instance.run("offboard", "acme", "--yes")
    assert status == 0, told
    assert instance.stack.client().get("/dags/nightly_sftp_events__acme")["is_paused"] is True
    assert "enabled: false" in (instance.destinations / "acme.yaml").read_text()
    assert "hunter2" not in told


def refuse(_user: str, operation: str) -> None:
    """Let nobody write."""
    if operation == "write":
        raise PermissionError("no")


def list_test_files(instance: Instance) -> list[Path]:
    """Return the test files in the client's folder, where only delivered files lie."""
    found = [path for path in instance.sftp.user_folder("acme").rglob("*") if path.is_file()]
    assert all(path.name.startswith("courseCompletion-") for path in found)
    return [path for path in found if "-test-" in path.name]
