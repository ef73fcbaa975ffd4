"""A real ledger whose nights a test writes down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from event_delivery.ledger import open_ledger
from event_delivery.schedule import Interval, interval_of
from tests.ledger_contents import accept_rows, connect_ledger

EVENT = "courseCompletion"


@pytest.fixture
def ledger(events_db):
    """An empty ledger that takes rows, read as Airflow's tasks read it."""
    with open_ledger():
        pass
    with connect_ledger() as connection:
        accept_rows(connection)
        yield connection


@pytest.fixture
def night(ledger):
    """Return a function that writes a night down: delivered by its scheduled run, unless told otherwise."""

    def write(day, state="delivered", destination="acme", event=EVENT, **values):
        interval = day if isinstance(day, Interval) else interval_of(day)
        at = interval.end + timedelta(hours=6)
        row = {
            "destination": destination, "event": event, "interval_start": interval.start,
            "interval_end": interval.end, "kind": "nightly", "file_name": f"{event}-{interval.start}",
            "state": state, "attempts": 1, "first_attempt_at": at,
            "delivered_at": at if state == "delivered" else None,
            "run_id": f"scheduled__{interval.start.isoformat()}",
        } | values  # fmt: skip
        kept = "failed" if state == "cancelled" else state  # a delivery is, its file is not
        insert(ledger, "delivery", row | {"state": kept})
        if row["attempts"]:
            names = ("destination", "event", "interval_start", "interval_end", "kind", "run_id")
            insert(ledger, "attempt", {name: row[name] for name in names} | {"attempt": 1, "started_at": at})
        if state in ("failed", "cancelled"):
            ledger.execute(
                "update event_delivery.delivery_record set failed_at = %s, state = %s where interval_start = %s",
                [at, state, interval.start],
            )

    return write


def insert(ledger, table, row):
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    ledger.execute(f"insert into event_delivery.{table} ({names}) values ({marks})", list(row.values()))
