"""What stands in the ledger, seen by a connection of the test's own?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import psycopg

from event_delivery.delivery import Delivery
from event_delivery.ledger.deliveries import open_ledger


@dataclass(frozen=True)
class RecordedAttempt:
    """What the ledger says of one attempt; one of a killed worker has not ended."""

    error: str | None
    ended: bool


def connect_ledger() -> psycopg.Connection[Any]:
    """Connect to the database of the ledger that Airflow knows."""
    return psycopg.connect(os.environ["AIRFLOW_CONN_EVENTS_DB"], autocommit=True)


def read_record(delivery: Delivery) -> dict[str, Any]:
    """Return the delivery's record, through the library's own reading."""
    with open_ledger() as ledger:
        record = ledger.read_delivery(delivery)
    assert record is not None, f"{delivery.file_name} is not in the ledger"
    return record


def read_attempts(ledger: psycopg.Connection[Any], destination: str) -> list[RecordedAttempt]:
    """Return all attempts for a destination, in order."""
    statement = """
        select error, ended_at is not null
        from event_delivery.attempt
        where destination = %s
        order by interval_start, kind, attempt
    """
    return [RecordedAttempt(*row) for row in ledger.execute(statement, [destination])]


def count_locks(ledger: psycopg.Connection[Any]) -> int:
    """Return how many deliveries are held by a run."""
    statement = """
        select count(*)
        from pg_locks
        where locktype = 'advisory'
          and database = (select oid from pg_database where datname = current_database())
    """
    [count] = ledger.execute(statement).fetchone() or [0]
    return count


def forget_host_keys() -> None:
    """Let every contact be the first again."""
    with connect_ledger() as ledger:
        ledger.execute("delete from event_delivery.host_key")
