"""How does one destination get a year of events, and each night's file of it?"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from benchmarks.events import COMPANY_ID, SCHEMA
from event_delivery.destinations import Destination

FIRST, DAYS, ZONE = date(2025, 1, 1), 365, "America/New_York"
_EVENTS = """
insert into events
select
  gen_random_uuid(), 'course_completed', %(start)s + (%(end)s - %(start)s) * (number / (%(events)s + 1.0)),
  'status_change', number || '@school.com', %(company)s, 'courseCompletion', gen_random_uuid(), 'Course', '{}'
from generate_series(1, %(events)s) as number
"""


def fill_year(uri: str, events: int) -> None:
    """Fill an empty source with so many events, spread over the year."""
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)) for day in (FIRST, day_of_year(DAYS))
    )
    with psycopg.connect(uri) as connection:
        connection.execute(SCHEMA.read_text(encoding="utf-8"))
        connection.execute(_EVENTS, {"start": start, "end": end, "events": events, "company": COMPANY_ID})
    run_statement(uri, "vacuum analyze events")


def run_statement(uri: str, statement: str) -> None:
    """Run a statement outside of a transaction."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(statement)


def deliver_nights() -> None:
    """Deliver each night of the year, one after another."""
    from event_delivery.delivery import nightly_delivery
    from event_delivery.extract import extract_events
    from event_delivery.formats import format_staged_events
    from event_delivery.upload import UploadRun, deliver_file

    destination, log = make_destination(), logging.getLogger("bench")
    for number in range(DAYS):
        delivery = nightly_delivery(destination, "courseCompletion", destination.day(day_of_year(number)))
        extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("bench", f"run {number}"), log)


def make_destination() -> Destination:
    """Return the only destination."""
    return Destination(id="bench", client="Bench", company_id=COMPANY_ID, timezone=ZONE, format="csv")


def day_of_year(number: int) -> date:
    """Return a day by its number, from 0."""
    return FIRST + timedelta(days=number)
