"""What stands in the ledger, seen by a connection of the test's own?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from event_delivery.delivery import Delivery


@dataclass(frozen=True)
class RecordedAttempt:
    """What the ledger says of one attempt; one of a killed worker has not ended."""

    error: str | None
    ended: bool


def connect_ledger() -> psycopg.Connection[Any]:
    """Connect to the database of the ledger that Airflow knows."""
    return psycopg.connect(os.environ["AIRFLOW_CONN_EVENTS_DB"], autocommit=True)


def read_record(delivery: Delivery) -> dict[str, Any]:
    """Return the delivery's row of the contracted view, by SQL of the tests' own."""
    statement = """
        select * from event_delivery.delivery
        where destination = %s and event = %s and interval_start = %s and interval_end = %s and kind = %s
    """
    interval = (delivery.interval_start, delivery.interval_end)
    key = (delivery.destination.id, delivery.event, *interval, delivery.kind)
    with connect_ledger() as ledger, ledger.cursor(row_factory=dict_row) as cursor:
        record = cursor.execute(statement, key).fetchone()
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
        from event_delivery.held_delivery as held
        join pg_stat_activity as holder on holder.pid = held.pid and holder.backend_start = held.backend_start
    """
    [count] = ledger.execute(statement).fetchone() or [0]
    return count


def forget_host_keys() -> None:
    """Let every contact be the first again."""
    with connect_ledger() as ledger:
        ledger.execute("delete from event_delivery.host_key")


def accept_rows(ledger: psycopg.Connection[Any]) -> None:
    """Let tests insert into the contracted views `delivery` and `attempt`, as if deliveries had been made."""
    ledger.execute((Path(__file__).parent / "ledger" / "accept_rows.sql").read_text())
