"""Does a ledger or a source behind a pooler that hands out a session for each transaction keep every promise?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import psycopg
import pytest

from event_delivery.errors import RetryableError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.ledger import BoundedLedger, LedgerError, open_ledger_reading
from event_delivery.ledger.deliveries import lock_delivery
from event_delivery.ledger.host_leases import take_host_lease
from event_delivery.ledger.retention import purge_ledger
from event_delivery.ledger.schema import LATEST, list_migrations, read_version
from event_delivery.upload import UploadRun, deliver_file
from local_servers.pgbouncer import PROGRAM, PgBouncer, running_pgbouncer
from local_servers.postgres import Postgres
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon

RUN = UploadRun("dag", "run")


@pytest.fixture(scope="module", params=[("transaction", 1), ("transaction", 5), ("session", 20)], ids=str)
def pooler(
    request: pytest.FixtureRequest, postgres: Postgres, give_up: Callable[[str], NoReturn]
) -> Iterator[PgBouncer]:
    """Debian's pgbouncer, by default as clouds set it up."""
    if PROGRAM is None:
        give_up("apt-get install pgbouncer")
    with running_pgbouncer(postgres, *request.param) as pooler:
        yield pooler


@pytest.fixture
def pooled(pooler: PgBouncer, events_db: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of the source behind the pooler, which is `events_db` and the ledger now."""
    uri = pooler.uri(events_db.info.dbname)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    return uri


def test_a_night_behind_a_pooler_is_delivered_as_any(pooled, events_db, delivery, staging_area, folder, log):
    """Extract, ledger and upload, a hundred events and a second time, as a retry."""
    for minute in range(100):
        insert_event(events_db, noon(DAY, minute % 60))
    assert extract_events(delivery).rows == 100
    format_staged_events(delivery)
    for _ in range(7):
        assert deliver_file(delivery, RUN, log).rows == 100
    assert read_record(delivery)["attempts"] == 7


def test_a_delivery_is_held_by_one_alone(pooled, delivery):
    """Whichever of the pool's sessions either of them gets."""
    with BoundedLedger(10, 60) as one, BoundedLedger(10, 60) as other:
        one.ask(lock_delivery, delivery)
        for _ in range(3):
            with pytest.raises(RetryableError, match="Another run is delivering"):
                other.ask(lock_delivery, delivery)
    with BoundedLedger(10, 60) as next_one:
        next_one.ask(lock_delivery, delivery)


def test_no_setting_of_ours_is_left_behind_in_a_session_that_others_get(pooled, delivery):
    """A statement_timeout of the ledger's would end somebody's report."""
    with BoundedLedger(10, 60) as ledger:
        ledger.ask(lock_delivery, delivery)
        with psycopg.connect(pooled, autocommit=True) as others:
            assert others.execute("show statement_timeout").fetchone() == ("0",)
            assert others.execute("show lock_timeout").fetchone() == ("0",)


def test_a_holder_that_died_behind_a_pooler_holds_no_longer_than_an_attempt_may_take(pooled, delivery, events_db):
    """Nobody can ask whether it lives: its session is the pool's. Its successor is not let go of by it."""
    dead = BoundedLedger(10, 60).__enter__()
    dead.ask(lock_delivery, delivery)
    over = (
        "update event_delivery.held_delivery set expires_at = clock_timestamp() where expires_at < {} returning 1"
    )
    assert not events_db.execute(over.format("now() + interval '290 s'")).fetchall()
    assert events_db.execute(over.format("now() + interval '320 s'")).fetchall() == [(1,)]
    with BoundedLedger(10, 60) as after:
        after.ask(lock_delivery, delivery)
        dead.__exit__()
        with BoundedLedger(10, 60) as other, pytest.raises(RetryableError, match="Another run .* behind a pooler"):
            other.ask(lock_delivery, delivery)


@pytest.mark.parametrize("pooled_first", [True, False])
def test_workers_with_and_without_the_pooler_hold_against_each_other(
    pooled, delivery, events_db, monkeypatch, pooled_first
):
    """While an instance changes over, or where some workers reach the ledger directly."""
    direct = f"postgresql://postgres@/{events_db.info.dbname}?host={events_db.info.host}"
    first, second = (pooled, direct) if pooled_first else (direct, pooled)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", first)
    one = BoundedLedger(10, 60).__enter__()
    one.ask(lock_delivery, delivery)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", second)
    with BoundedLedger(10, 60) as other:
        with pytest.raises(RetryableError, match="Another run is delivering"):
            other.ask(lock_delivery, delivery)
        one.__exit__()
        other.ask(lock_delivery, delivery)


def test_a_question_behind_a_pooler_ends_at_its_limit(pooled, delivery):
    """And the next one has an answer."""
    with BoundedLedger(10, 60) as ledger:
        pass
    with BoundedLedger(1, 60) as ledger:
        with pytest.raises(LedgerError, match="statement timeout"):
            ledger.ask(lambda connection: connection.execute("select pg_sleep(5)"), seconds=4)
        assert ledger.ask(lambda connection: connection.execute("select 1").fetchone()) == (1,)


def test_what_is_asked_often_is_asked_of_whichever_session_there_is(pooled, delivery):
    """A prepared statement would be another session's."""
    with BoundedLedger(10, 60) as one, BoundedLedger(10, 60) as other:
        for _ in range(12):
            for each in (one, other):
                assert each.ask(lambda connection: connection.execute("select %s", ["x"]).fetchone()) == ("x",)


def test_several_that_find_no_ledger_behind_a_pooler_make_one(pooled, events_db):
    """Each migration is applied once, whoever comes first."""

    def open_it() -> int | None:
        with BoundedLedger(30, 60) as ledger:
            return ledger.ask(read_version)

    with ThreadPoolExecutor(6) as workers:
        assert {made.result() for made in [workers.submit(open_it) for _ in range(6)]} == {LATEST}
    count = "select count(*), count(distinct version) from event_delivery.schema_version"
    [(rows, versions)] = events_db.execute(count).fetchall()
    assert rows == versions == len(list_migrations())


def test_hosts_are_shared_behind_a_pooler_too(pooled):
    """A lease is a row of one transaction."""
    with BoundedLedger(10, 60) as ledger:
        for number in range(3):
            taken = ledger.ask(take_host_lease, str(number), "host:22", 2, 300)
            assert (taken is None) == (number == 2)


def test_the_pages_ledger_is_read_behind_a_pooler(pooled, events_db, delivery, staging_area, sftp_server, log):
    """With the right to select alone, many statements in one transaction."""
    insert_event(events_db, noon(DAY))
    extract_events(delivery)
    format_staged_events(delivery)
    deliver_file(delivery, RUN, log)
    with open_ledger_reading() as ledger:
        for _ in range(6):
            start = delivery.interval_start
            assert len(ledger.read_nights(["acme"], start, delivery.interval_end)) == 1
    assert purge_ledger(dry_run=True).attempts == 0
