"""A folder of destinations, their Connections, and what the check says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.models.connection import Connection
from sqlalchemy.orm import Session

from event_delivery.security_check import check_security
from tests.sample_events import COMPANY

LONG = "a-long-password"


@pytest.fixture
def destinations(tmp_path: Path, staging_area: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one destination, acme."""
    folder = tmp_path / "destinations"
    folder.mkdir(mode=0o750)
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    write_destination(folder, "acme")
    return folder


@pytest.fixture
def find(airflow_session: Session) -> Callable[[str], list[tuple[str, str]]]:
    """Return severity and words of the findings about a place whose name holds a text."""

    def find(place: str) -> list[tuple[str, str]]:
        airflow_session.flush()
        return [(each.severity, each.what) for each in check_security(airflow_session) if place in each.where]

    return find


@pytest.fixture
def add(airflow_session: Session) -> Callable[..., Connection]:
    """Store a Connection; `sftp_acme` of a login that nothing is wrong with, unless told otherwise."""

    def add(connection_id: str = "sftp_acme", **fields: Any) -> Connection:
        usual = {"conn_type": "sftp", "host": "sftp.example.com", "login": "acme", "password": LONG}
        connection = Connection(conn_id=connection_id, **{**usual, **fields})
        airflow_session.add(connection)
        airflow_session.flush()
        return connection

    return add


def write_destination(folder: Path, identifier: str, client: str = "", **fields: object) -> None:
    """Write a destination's file."""
    given = {"client": client or identifier, "company_id": COMPANY, **fields}
    (folder / f"{identifier}.yaml").write_text("".join(f"{name}: {value}\n" for name, value in given.items()))
