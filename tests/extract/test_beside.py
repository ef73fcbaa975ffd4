"""Are a large day's events proven while they are copied, in the same snapshot, and what if that cannot be?"""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from event_delivery.database import explain_database
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract import beside, proof, shared_snapshot
from event_delivery.extract.events import extract_events
from event_delivery.staging import staging_folder
from tests.sample_events import DAY, events_arriving, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area", "events_db")
MANY = """select id, timestamptz '2026-03-09 17:00Z' as "timestamp", {} from generate_series(1, {}) as id"""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Any day is large enough."""
    monkeypatch.setattr(beside, "PROVEN_BESIDE_FROM", 1)


@pytest.fixture
def sessions(monkeypatch) -> list[int]:
    """The PostgreSQL sessions of which each proved a day."""
    seen: list[int] = []

    def prove(cursor, query):
        seen.append(cursor.connection.info.backend_pid)
        return proof.prove_events(cursor, query)

    monkeypatch.setattr(beside, "prove_events", prove)
    return seen


@pytest.fixture
def joined(monkeypatch) -> list[int]:
    """The PostgreSQL sessions that joined a snapshot."""
    seen: list[int] = []

    def join(cursor, shared):
        shared_snapshot.join_snapshot(cursor, shared)
        seen.append(cursor.connection.info.backend_pid)

    monkeypatch.setattr(beside, "join_snapshot", join)
    return seen


def write_statement(include, column: str, rows: int | str) -> None:
    (include / "sql/course_completion.sql").write_text(MANY.format(column, rows))


def wait_until_nobody_asks(events_db) -> None:
    """Wait until PostgreSQL runs nothing for us any more."""
    question = (
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend'"
    )
    deadline = time.monotonic() + 10
    while events_db.execute(question).fetchone() != (0,):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_large_day_is_proven_over_a_second_connection(events_db, delivery, sessions, joined, monkeypatch):
    """With the same result as over one."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    beside_it = extract_events(delivery)
    assert joined == sessions != []
    monkeypatch.setenv(shared_snapshot.CONNECTIONS, "1")
    assert extract_events(delivery) == beside_it
    assert len(joined) == 1
    assert len(set(sessions)) == 2


def test_a_small_day_takes_one_connection(events_db, delivery, sessions, joined, monkeypatch):
    """Thousands of small days a night would double the source's connections for nothing."""
    monkeypatch.setattr(beside, "PROVEN_BESIDE_FROM", 1 << 20)
    insert_event(events_db, noon(DAY))
    assert extract_events(delivery).rows == 1
    assert (len(sessions), joined) == (1, [])


def test_both_connections_read_one_snapshot(events_db, delivery, postgres, joined):
    """However busy the table is."""
    insert_event(events_db, noon(DAY))
    with events_arriving(postgres.uri(events_db.info.dbname)):
        for _ in range(10):
            staged = extract_events(delivery)
            assert sum(staged.profile["rows_by_hour"].values()) == staged.rows
            assert len(json.loads(Path(staged.path).read_bytes())) == staged.rows
    assert len(joined) == 10


@pytest.mark.parametrize("number", ["0", "3", "two"])
def test_a_wrong_number_of_connections_is_told(delivery, monkeypatch, number):
    """Nobody guesses what was meant."""
    monkeypatch.setenv(shared_snapshot.CONNECTIONS, number)
    with pytest.raises(PermanentError, match=f"EXTRACT_CONNECTIONS: found '{number}', wanted 1 or 2"):
        extract_events(delivery)


@pytest.fixture
def reader(events_db, monkeypatch):
    """A role of the source that may hold one connection and export no snapshot unless it is told."""
    events_db.execute("drop role if exists one_reader")
    events_db.execute("create role one_reader login connection limit 1")
    events_db.execute("grant select on events to one_reader")
    uri = f"postgresql://one_reader@{events_db.info.host.replace('/', '%2F')}/{events_db.info.dbname}"
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    yield "one_reader"
    events_db.execute("drop owned by one_reader; drop role one_reader")


def test_a_role_of_one_connection_does_with_one(events_db, delivery, reader, sessions, joined, caplog):
    """And the log says so."""
    caplog.set_level(logging.INFO)
    insert_event(events_db, noon(DAY))
    assert extract_events(delivery).rows == 1
    assert (len(sessions), joined) == (1, [])
    assert "No second connection to the source, the events are checked after they are read: " in caplog.text
    assert 'too many connections for role "one_reader"' in caplog.text


def test_a_role_that_may_export_no_snapshot_does_with_one(events_db, delivery, reader, sessions, caplog):
    """The refusal ends a transaction in which nothing was read yet."""
    caplog.set_level(logging.INFO)
    events_db.execute("revoke execute on function pg_export_snapshot() from public")
    insert_event(events_db, noon(DAY))
    assert extract_events(delivery).rows == len(sessions) == 1
    assert "over one connection: permission denied for function pg_export_snapshot" in caplog.text


@pytest.mark.parametrize(
    "change, told",
    [
        ({"identity": "2026-01-01 00:00:00+00 1:1:"}, "leads to another server"),
        ({"name": "00000FFF-00000FFF-1"}, "00000FFF-00000FFF-1"),
    ],
)
def test_another_server_behind_a_proxy_is_noticed(
    events_db, delivery, sessions, monkeypatch, caplog, change, told
):
    """A snapshot of the same name there would be another one."""
    caplog.set_level(logging.INFO)
    insert_event(events_db, noon(DAY))
    share = shared_snapshot.share_snapshot
    monkeypatch.setattr("event_delivery.extract.events.share_snapshot", lambda c: replace(share(c), **change))
    assert extract_events(delivery).rows == len(sessions) == 1
    assert told in caplog.text


def test_a_pool_without_a_second_connection_is_not_waited_for(events_db, delivery, sessions, monkeypatch, caplog):
    """It would come free when the first one ends."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(beside, "SNAPSHOT_JOINED", 0.1)
    monkeypatch.setattr(beside, "join_snapshot", lambda cursor, _: cursor.execute("select pg_sleep(60)"))
    insert_event(events_db, noon(DAY))
    started = time.monotonic()
    assert extract_events(delivery).rows == len(sessions) == 1
    assert time.monotonic() - started < 30
    assert "it did not come about in time" in caplog.text
    wait_until_nobody_asks(events_db)


def test_what_the_proof_finds_ends_the_copy(events_db, delivery, include):
    """A million events more would be read for nothing; no file is left, half or whole."""
    write_statement(include, "repeat('x', 4000) as title", 1_000_000)
    file = include / "sql/course_completion.sql"
    file.write_text(f"{file.read_text()} union all select 1, timestamptz '2026-03-10 17:00Z', ''")
    with pytest.raises(PermanentError, match="event 1 stands 2 times"):
        extract_events(delivery)
    assert list(staging_folder(delivery).iterdir()) == []
    wait_until_nobody_asks(events_db)


def test_a_copy_that_fails_ends_the_proof(events_db, delivery, include, monkeypatch):
    """With the message of the COPY."""
    monkeypatch.setattr(beside, "prove_events", lambda cursor, _: cursor.execute("select pg_sleep(60)"))
    write_statement(include, "case when id < 200000 then '{}'::json else '\"\\u0000\"' end as title", 200_000)
    with pytest.raises(PermanentError, match="an event cannot be written"):
        extract_events(delivery)
    assert list(staging_folder(delivery).iterdir()) == []
    wait_until_nobody_asks(events_db)


def test_a_second_connection_that_breaks_off_is_retryable(events_db, delivery, monkeypatch):
    """As the first one is."""
    insert_event(events_db, noon(DAY))

    def break_off(cursor, _):
        events_db.execute("select pg_terminate_backend(%s)", [cursor.connection.info.backend_pid])
        cursor.execute("select 1")

    monkeypatch.setattr(beside, "prove_events", break_off)
    with pytest.raises(RetryableError, match="events_db: terminating connection due to administrator command"):
        extract_events(delivery)


def test_what_was_found_says_more_than_that_the_database_went(events_db, delivery, monkeypatch):
    """An event that may not go out is told, although the COPY was cut off meanwhile."""
    insert_event(events_db, noon(DAY))
    found = PermanentError("event 1 stands 2 times")

    def find(*_):
        raise found

    def go(cursor, query, target, look):
        look(1)
        while not looked[0].find_error():
            time.sleep(0.01)
        events_db.execute("select pg_terminate_backend(%s)", [cursor.connection.info.backend_pid])
        cursor.execute("select 1")

    looked: list[beside.Beside] = []
    init = beside.Beside.__init__
    monkeypatch.setattr(
        beside.Beside, "__init__", lambda self, *given: (init(self, *given), looked.append(self))[0]
    )
    monkeypatch.setattr(beside, "prove_events", find)
    monkeypatch.setattr("event_delivery.extract.events.copy_events", go)
    with pytest.raises(PermanentError) as caught:
        extract_events(delivery)
    assert caught.value is found


def test_a_change_of_the_table_meanwhile_holds_up_nobody(events_db, delivery, postgres, monkeypatch):
    """It queues between both connections' locks: the second does not wait for it, and the first goes on alone."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    waiting = "select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock'"

    def change_table() -> None:
        with psycopg.connect(postgres.uri(events_db.info.dbname), autocommit=True) as other:
            other.execute("alter table events add column more text")

    change = threading.Thread(target=change_table, daemon=True)

    def join(cursor, shared):
        shared_snapshot.join_snapshot(cursor, shared)
        change.start()
        while events_db.execute(waiting).fetchone() == (0,):
            time.sleep(0.02)

    monkeypatch.setattr(beside, "join_snapshot", join)
    done: list[int] = []
    extract = threading.Thread(target=lambda: done.append(extract_events(delivery).rows), daemon=True)
    extract.start()
    extract.join(60)
    assert done == [3]
    change.join(60)
    assert not change.is_alive()


def test_the_first_connection_is_kept_awake(events_db, delivery, include, monkeypatch):
    """A source that ends idle transactions ends none that waits for the proof."""
    monkeypatch.setattr(beside, "SOURCE_ASKED_AGAIN", 0.2)
    events_db.execute(f"alter database \"{events_db.info.dbname}\" set idle_in_transaction_session_timeout = '1s'")
    slowly = MANY.format("null as more", 3) + " where (select pg_sleep(2)) is not null"
    (include / "sql/course_completion.sql").write_text(slowly)
    assert extract_events(delivery).rows == 3


def test_an_idle_transaction_that_is_ended_all_the_same_is_tried_again():
    """No cure by an operator is needed: the next try may be quicker."""
    ended = psycopg.errors.IdleInTransactionSessionTimeout("terminating connection")
    assert isinstance(explain_database(ended, "events_db"), RetryableError)


def test_two_connections_that_differ_about_now_are_settled_by_the_first(events_db, delivery, include, sessions):
    """A transaction's start is its own, though the snapshot is shared."""
    rows = "(mod(extract(epoch from now())::numeric * 1000, 100000))::int + 5"
    write_statement(include, "null as more", rows)
    assert extract_events(delivery).rows >= 5
    assert len(sessions) == 2
