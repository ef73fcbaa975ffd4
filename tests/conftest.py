"""The real services that the tests run against: PostgreSQL, SFTP servers, a staging area."""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests import PROJECT

os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(PROJECT / "plugins")
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(PROJECT / "dags")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"

import psycopg
import yaml

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES
from event_delivery.destinations.folder import load_destination
from local_servers.postgres import Postgres, create_database, running_postgres
from local_servers.sftp_server import SftpServer, SftpUser
from tests.sample_events import COMPANY, DAY
from tests.servers.openssh import OWN_USER
from tests.sftp_logins import PASSWORD, confirmed_uri

pytest_plugins = [
    "tests.full_matrix",
    "tests.servers.matrix",
    "tests.faults.fixtures",
    "tests.faults.summary",
    "tests.airflow_database",
    "tests.nights",
    "tests.object_stores",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow modules, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An AIRFLOW_HOME of its own, so that no configuration of this machine counts."""
    home = tmp_path_factory.mktemp("airflow")
    os.environ["AIRFLOW_HOME"] = str(home)
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, which need not survive the end of the power.

    Not in pytest's own folder: whenever another run of pytest starts, it closes that to PostgreSQL's user.
    """
    settings = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
    with TemporaryDirectory(prefix="postgres-") as folder, running_postgres(Path(folder), settings) as postgres:
        yield postgres


@pytest.fixture
def events_db(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """An empty source database, known to Airflow as `events_db`, with the demo's schema."""
    uri = create_database(postgres, f"events_{uuid.uuid4().hex[:10]}", "file_copy")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        yield connection


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the event types' files that a test may edit as a data engineer does."""
    for folder in ("sql", "samples"):
        shutil.copytree(PROJECT / "include" / folder, tmp_path / "include" / folder)
    monkeypatch.setattr(EVENT_TYPES, "include", tmp_path / "include")
    return tmp_path / "include"


@pytest.fixture
def staging_area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty staging area."""
    folder = tmp_path / "staging"
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", str(folder))
    return folder


@pytest.fixture
def acme() -> Destination:
    """A destination with nothing but the required fields."""
    return Destination(id="acme", client="Acme University", company_id=COMPANY)


@pytest.fixture
def delivery(acme: Destination) -> Delivery:
    """Acme's delivery of one day."""
    return nightly_delivery(acme, "courseCompletion", acme.day(DAY))


@pytest.fixture
def sftp_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A real SFTP server, known to Airflow as `sftp_acme`."""
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", PASSWORD, "acme")]) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
        yield server


@pytest.fixture(params=["asyncssh", *([] if OWN_USER.find_lack() else ["openssh"])])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where files arrive on a real server, known as `sftp_acme`: AsyncSSH's, and OpenSSH's where installed."""
    if request.param == "asyncssh":
        yield request.getfixturevalue("sftp_server").user_folder("acme")
    else:
        server = OWN_USER.start(tmp_path / "openssh")
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", server.connection)
        yield server.folder
        server.stop()


@pytest.fixture
def log() -> logging.Logger:
    """The log of a task."""
    return logging.getLogger("task")


@pytest.fixture
def write_acme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events_db: psycopg.Connection[Any], staging_area: Path
) -> Callable[..., Destination]:
    """Return a function that writes acme's YAML, whose late events come as supplements, for a command to read."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    monkeypatch.setenv("_AIRFLOW_PROCESS_CONTEXT", "server")

    def write(**fields: object) -> Destination:
        told = {"client": "Acme", "company_id": COMPANY, "late_events": "supplement"} | fields
        (folder / "acme.yaml").write_text(yaml.safe_dump(told))
        found = load_destination("acme", folder)
        assert isinstance(found, Destination)
        return found

    return write
