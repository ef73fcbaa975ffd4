"""Airflow's own database and a ledger, both real and empty."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy
from airflow.models.dagbundle import DagBundleModel
from sqlalchemy.orm import Session

from event_delivery.ledger import open_ledger
from local_servers.postgres import create_database
from tests.airflow_database import airflow_tables
from tests.ledger_contents import accept_rows

AIRFLOW, LEDGER = "overview_airflow", "overview_ledger"


@pytest.fixture(scope="session")
def engine(postgres):
    """Airflow's own tables in a real PostgreSQL."""
    with airflow_tables(postgres, AIRFLOW) as engine:
        yield engine


@pytest.fixture
def airflow(engine):
    """A session with an empty metadata database, which knows one bundle."""
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("truncate dag, dag_bundle, dag_run, task_instance, log cascade"))
    with Session(engine) as session:
        session.add(DagBundleModel(name="dags"))
        session.commit()
        yield session


@pytest.fixture(scope="session")
def ledger_uri(postgres):
    """A database for the ledger."""
    return create_database(postgres, LEDGER)


@pytest.fixture
def ledger(ledger_uri, monkeypatch):
    """An empty ledger."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", ledger_uri)
    with open_ledger(), psycopg.connect(ledger_uri, autocommit=True) as connection:
        tables = ("delivery_record", "host_key", "server_behaviour", "comparison", "reconciliation")
        connection.execute("truncate " + ", ".join(f"event_delivery.{table}" for table in tables) + " cascade")
        accept_rows(connection)
        yield connection
