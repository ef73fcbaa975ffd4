"""Airflow's own database, real, with no Connection and no audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session, sessionmaker

from local_servers.postgres import Postgres, create_database

DATABASE = "airflow_with_connections"


@contextmanager
def airflow_tables(postgres: Postgres, name: str) -> Iterator[sqlalchemy.Engine]:
    """Make a database of this name that holds Airflow's own tables, empty."""
    from airflow.models import import_all_models
    from airflow.models.base import Base

    create_database(postgres, name)
    engine = sqlalchemy.create_engine(postgres.sqlalchemy_uri(name))
    import_all_models()
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def airflow_engine(postgres: Postgres) -> Iterator[sqlalchemy.Engine]:
    """Airflow's own tables in a real PostgreSQL."""
    with airflow_tables(postgres, DATABASE) as engine:
        yield engine


@pytest.fixture
def airflow_session(airflow_engine: sqlalchemy.Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session of that database, which this process's Airflow uses too, and encrypts."""
    from airflow import settings
    from airflow.models.crypto import get_fernet

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    monkeypatch.setattr(settings, "Session", sessionmaker(airflow_engine))
    get_fernet.cache_clear()
    with airflow_engine.begin() as connection:
        connection.execute(sqlalchemy.text("truncate connection, log cascade"))
    with Session(airflow_engine) as session:
        yield session
    get_fernet.cache_clear()
