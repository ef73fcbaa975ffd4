"""A client's server that nobody knows yet, an empty folder of destinations, and Airflow's own database."""

from __future__ import annotations

import pytest
import sqlalchemy
from airflow.models.connection import Connection

from local_servers.sftp_server import SftpServer, SftpUser
from tests.onboard.clients_server import SECRET


@pytest.fixture
def destinations(tmp_path, monkeypatch):
    """An empty folder of destinations."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    return folder


@pytest.fixture
def server(tmp_path):
    """A client's real server, which nobody knows yet."""
    with SftpServer(tmp_path / "client", [SftpUser("acme", SECRET, "acme")]) as server:
        yield server


@pytest.fixture
def stored(airflow_session):
    """Return the stored Connection, or None."""

    def stored():
        airflow_session.rollback()
        return airflow_session.scalar(sqlalchemy.select(Connection).where(Connection.conn_id == "sftp_acme"))

    return stored
