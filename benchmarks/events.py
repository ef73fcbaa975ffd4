"""Which events are measured? The same ones for the same numbers, made by PostgreSQL itself."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import psycopg

from benchmarks import ROOT
from demo.learners import DEPARTMENTS, FIRST_NAMES, LAST_NAMES, TITLES
from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.destinations.destination import Destination
from local_servers.postgres import Postgres, create_database

SCHEMA = ROOT / "include" / "sql" / "demo_schema.sql"
SQL_FOLDER = ROOT / "benchmarks" / "sql"
COMPANY_ID = "3aabdfb8-3891-5011-ad35-8e2351c5fdaf"
LEARNERS = 100_000
_EPOCH = date(2026, 1, 5)
_TEXTS = {"first_names": FIRST_NAMES, "last_names": LAST_NAMES, "departments": DEPARTMENTS, "titles": TITLES}


def measured_delivery(rows: int, format: str) -> Delivery:
    """Return the delivery of the local day that holds so many thousand events."""
    fields = {"id": "bench", "client": "Bench", "company_id": COMPANY_ID, "format": format}
    destination = Destination.model_validate(fields)
    day = destination.day(_EPOCH + timedelta(days=rows // 1000))
    return nightly_delivery(destination, "courseCompletion", day)


def make_database(postgres: Postgres, sizes: Iterable[int]) -> str:
    """Return the URI of a database with a day for each size; its name says what it holds, so it is reused."""
    sizes = list(sizes)
    recipe = [read_sql("make_learners.sql"), read_sql("make_events.sql"), SCHEMA.read_text(), _TEXTS, sizes]
    uri = create_database(postgres, f"events_{hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]}")
    with psycopg.connect(uri) as connection:
        if connection.execute("select to_regclass('events')").fetchone() == (None,):
            _fill(connection, sizes)
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("vacuum analyze events")
        connection.execute("checkpoint")
    return uri


def read_sql(name: str) -> str:
    """Return one of the statements of benchmarks/sql."""
    return (SQL_FOLDER / name).read_text(encoding="utf-8")


def _fill(connection: psycopg.Connection[Any], sizes: list[int]) -> None:
    """Fill the table in one transaction, its indexes last."""
    schema = SCHEMA.read_text(encoding="utf-8")
    connection.execute(schema)
    connection.execute("alter table events drop constraint events_pkey")
    connection.execute("drop index events_company_id_event_timestamp")
    connection.execute("set local work_mem to '256MB'")
    connection.execute(read_sql("make_learners.sql"), {**_TEXTS, "learners": LEARNERS})
    for rows in sizes:
        delivery = measured_delivery(rows, "csv")
        bounds = {"start": delivery.interval_start, "end": delivery.interval_end, "company_id": COMPANY_ID}
        values = {**_TEXTS, **bounds, "rows": rows, "learners": LEARNERS}
        connection.execute(read_sql("make_events.sql"), values)
    connection.execute("alter table events add primary key (id)")
    connection.execute(schema)
