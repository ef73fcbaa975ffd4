"""Which events happen in the tests, at which company, on which day?"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

COMPANY = "3aabdfb8-3891-5011-ad35-8e2351c5fdaf"
DAY = date(2026, 3, 9)


def insert_event(connection: psycopg.Connection[Any], timestamp: datetime, **changes: Any) -> str:
    """Insert one event; returns its id."""
    detail = {
        "id": "61149b2c-3f37-5032-be63-f5d984de10b6",
        "firstName": "Bob",
        "lastName": "Johnson",
        "externalCustomerId": "000111222333",
        "sfContactId": None,
        "sfAccountId": None,
        "client": "00f928f4-8718-5043-9164-32398b165c60",
        "ref1": "111222333444",
        "ref2": "Department",
        "ref3": "...",
    } | changes.pop("user_detail", {})
    row = {
        "id": str(uuid.uuid4()),
        "source": "course_completed",
        "timestamp": timestamp,
        "type": "status_change",
        "user": "bobjohnson@school.com",
        "company_id": COMPANY,
        "event": "courseCompletion",
        "notifiable_id": "7670fdbe-15ed-504b-a680-d404fa4b0eb4",
        "title": "New Student Orientation",
        "user_detail": json.dumps(detail),
    } | changes
    columns = ", ".join(f'"{name}"' for name in row)
    values = ", ".join(["%s"] * len(row))
    connection.execute(f"insert into events ({columns}) values ({values})", list(row.values()))
    return row["id"]


def noon(day: date, minutes: int = 0) -> datetime:
    """Return an instant well inside a New York day."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC) + timedelta(minutes=minutes)


@contextmanager
def events_arriving(uri: str) -> Iterator[None]:
    """Let events of the day arrive meanwhile, one after another, over a connection of their own."""
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(uri, autocommit=True) as connection:
            while not stop.is_set():
                insert_event(connection, noon(DAY))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stop.set()
        writer.join()
