"""A load job replaces the source's table while a day is read: is the day as it was before, or as it is after?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from event_delivery.errors import RetryableError
from event_delivery.extract import events, extract_events
from event_delivery.extract.settled import ReplacedError, query_settled
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.limits import SNAPSHOTS_OPENED
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area")
REFILLED = (
    "create temporary table kept as select * from events; truncate events; insert into events select * from kept"
)
SWAPPED = (
    "create table fresh (like events including all); insert into fresh select * from events; "
    "alter table events rename to stale; alter table fresh rename to events"
)
REWRITTEN = "alter table events alter column title type varchar using upper(title)"


@pytest.fixture
def meanwhile(events_db, postgres) -> Callable[[str, Callable[[], Any]], Any]:
    """Do something while a transaction that has run a statement is open; it commits when that waits for it."""

    def act(statement: str, read: Callable[[], Any]) -> Any:
        answers: list[Any] = []
        with psycopg.connect(postgres.uri(events_db.info.dbname)) as job:
            job.execute(statement)
            reading = threading.Thread(target=lambda: answers.append(read()), daemon=True)
            reading.start()
            _wait_until_one_waits(events_db)
            job.commit()
            reading.join(60)
        return answers[0]

    return act


def _wait_until_one_waits(connection: psycopg.Connection[Any]) -> None:
    question = "select count(*) from pg_locks where not granted and locktype = 'relation'"
    deadline = time.monotonic() + 30
    while connection.execute(question).fetchone() == (0,):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)


@pytest.mark.parametrize("statement", [REFILLED, SWAPPED, REWRITTEN], ids=["refilled", "swapped", "rewritten"])
def test_a_table_that_is_replaced_under_way_is_read_as_it_is_after(events_db, delivery, meanwhile, statement):
    """PostgreSQL shows an older snapshot an empty table then: the day would go out without its events."""
    for _ in range(3):
        insert_event(events_db, noon(DAY))
    staged = meanwhile(statement, lambda: extract_events(delivery))
    assert staged.rows == 3


def test_a_comparison_with_a_replaced_table_is_no_finding(events_db, delivery, meanwhile):
    """It would say that the client got events which the source does not hold."""
    insert_event(events_db, noon(DAY))

    def compare() -> str:
        with open_snapshot() as cursor:
            try:
                return str(query_settled(cursor, delivery))
            except ReplacedError as error:
                return str(error)

    said = meanwhile(REFILLED, compare)
    assert "a table that include/sql/course_completion.sql reads was replaced" in said
    with open_snapshot() as cursor:
        assert query_settled(cursor, delivery).names[:1] == ["id"]


def test_a_source_whose_tables_are_always_replaced_is_tried_again_later(events_db, delivery, monkeypatch):
    """Some snapshots, one after another; the last one's word is the failure's."""
    asked = []

    def refuse(*_: Any) -> None:
        asked.append(1)
        raise ReplacedError("replaced")

    monkeypatch.setattr(events, "query_settled", refuse)
    with pytest.raises(RetryableError, match="replaced"):
        extract_events(delivery)
    assert len(asked) == SNAPSHOTS_OPENED
