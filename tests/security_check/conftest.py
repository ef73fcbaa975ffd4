"""A real database of Airflow's, a folder of destinations, and what the check says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from airflow.models import import_all_models
from airflow.models.base import Base
from airflow.models.connection import Connection
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from event_delivery.security_check import check_security
from local_servers.postgres import create_database
from tests.sample_events import COMPANY

DATABASE = "security_check_airflow"
LONG = "a-long-password"


@pytest.fixture(scope="session")
def engine(postgres: Any) -> Iterator[sqlalchemy.Engine]:
    """Airflow's own tables in a real PostgreSQL."""
    create_database(postgres, DATABASE)
    engine = sqlalchemy.create_engine(postgres.sqlalchemy_uri(DATABASE))
    import_all_models()
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def airflow(engine: sqlalchemy.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session of a database without Connections, with settings that nothing is wrong with."""
    from airflow.models.crypto import get_fernet

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    get_fernet.cache_clear()
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("truncate connection, log cascade"))
    with Session(engine) as session:
        yield session
    get_fernet.cache_clear()


@pytest.fixture
def destinations(tmp_path: Path, staging_area: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one destination, acme."""
    folder = tmp_path / "destinations"
    folder.mkdir(mode=0o750)
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    write_destination(folder, "acme")
    return folder


@pytest.fixture
def find(airflow: Session) -> Callable[[str], list[tuple[str, str]]]:
    """Return severity and words of the findings about a place whose name holds a text."""

    def find(place: str) -> list[tuple[str, str]]:
        airflow.flush()
        return [(each.severity, each.what) for each in check_security(airflow) if place in each.where]

    return find


@pytest.fixture
def add(airflow: Session) -> Callable[..., Connection]:
    """Store a Connection; `sftp_acme` of a login that nothing is wrong with, unless told otherwise."""

    def add(connection_id: str = "sftp_acme", **fields: Any) -> Connection:
        usual = {"conn_type": "sftp", "host": "sftp.example.com", "login": "acme", "password": LONG}
        connection = Connection(conn_id=connection_id, **{**usual, **fields})
        airflow.add(connection)
        airflow.flush()
        return connection

    return add


def write_destination(folder: Path, identifier: str, client: str = "", **fields: object) -> None:
    """Write a destination's file."""
    given = {"client": client or identifier, "company_id": COMPANY, **fields}
    (folder / f"{identifier}.yaml").write_text("".join(f"{name}: {value}\n" for name, value in given.items()))
