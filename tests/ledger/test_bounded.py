"""Is whoever asks the ledger answered, or let go, in time?"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from event_delivery.errors import PermanentError
from event_delivery.ledger import BoundedLedger, LedgerError, open_ledger
from local_servers.postgres import Postgres
from tests.frail_postgres import DATABASE, freeze, thaw

pytest_plugins = ["tests.frail_postgres"]
SECONDS, UPGRADE_SECONDS = 0.6, 30.0


@pytest.fixture
def frail(frail_postgres, monkeypatch) -> Iterator[Postgres]:
    """A server that a test may freeze, awake at the start, known as `ledger_db`, its ledger made."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", frail_postgres.uri(DATABASE))
    with open_ledger():
        pass
    yield frail_postgres
    thaw(frail_postgres)


def one(connection: psycopg.Connection) -> int:
    return connection.execute("select 1").fetchone()[0]


def sleep(connection: psycopg.Connection) -> None:
    connection.execute("select pg_sleep(30)")


def fail(connection: psycopg.Connection) -> None:
    raise ValueError("no such thing")


def elapsed(started: float) -> float:
    return time.monotonic() - started


def test_it_answers_and_closes(frail):
    """A question is a function of the connection; at the end nothing of it is left."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        assert ledger.ask(one) == 1
    with psycopg.connect(frail.uri("ledger"), autocommit=True) as connection:  # a transaction sees one moment only
        clients = (
            "select count(*) from pg_stat_activity "
            "where datname = 'ledger' and backend_type = 'client backend' and pid <> pg_backend_pid()"
        )
        deadline = time.monotonic() + 5
        while connection.execute(clients).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_frozen_ledger_is_let_go_in_time(frail):
    """It heeds no statement_timeout; whoever asked gets a sentence, and every later question the same."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        freeze(frail)
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(LedgerError, match="ledger_db: no answer within 1 s"):
                ledger.ask(one)
            assert elapsed(started) < SECONDS + 1


def test_a_ledger_that_is_frozen_before_it_is_opened_is_let_go_in_time(frail):
    """Connecting is bounded too."""
    freeze(frail)
    started = time.monotonic()
    with pytest.raises(LedgerError, match="ledger_db: no answer"), BoundedLedger(SECONDS, UPGRADE_SECONDS):
        pass
    assert elapsed(started) < 2 * SECONDS + 1


def test_a_frozen_ledger_holds_no_event_loop_up(frail):
    """Other work of the loop goes on while the question waits: a deadline is noticed when it passes."""

    async def ask_and_tick(ledger: BoundedLedger) -> int:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.ensure_future(tick())
        with pytest.raises(LedgerError):
            await ledger.ask_soon(one)
        ticking.cancel()
        return ticks

    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        freeze(frail)
        assert asyncio.run(ask_and_tick(ledger)) > 10


def test_a_question_that_takes_too_long_is_ended_by_the_server(frail):
    """The statement is cancelled there, the connection and its locks live on."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        with pytest.raises(LedgerError, match="ledger_db: canceling statement due to statement timeout"):
            ledger.ask(sleep, seconds=10)
        assert ledger.ask(one) == 1


def test_a_broken_connection_fails_every_further_question(frail):
    """Its lock is gone with it: a new connection would go on without."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        pid = ledger.ask(lambda connection: connection.info.backend_pid)
        os.kill(pid, signal.SIGTERM)
        for _ in range(2):
            with pytest.raises(LedgerError, match="ledger_db: terminating connection"):
                ledger.ask(one)


def test_a_ledger_that_turned_read_only_has_failed_over(frail):
    """The retry finds the new primary: it is no refusal for good, as that of a ledger that never was writable."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        ledger.ask(lambda connection: connection.execute("set default_transaction_read_only = on"))
        with pytest.raises(LedgerError, match="ledger_db: .*read-only transaction"):
            ledger.ask(lambda connection: connection.execute("create table event_delivery.nothing ()"))


def test_a_function_s_own_error_is_handed_on(frail):
    """And a refusal for good stays one."""
    with BoundedLedger(SECONDS, UPGRADE_SECONDS) as ledger:
        with pytest.raises(ValueError, match="no such thing"):
            ledger.ask(fail)
        with pytest.raises(PermanentError, match="ledger_db: .*does not exist"):
            ledger.ask(lambda connection: connection.execute("select * from nothing"))
        assert ledger.ask(one) == 1
