"""The ledger freezes, breaks off or fails over in mid-upload: is the attempt over in time, the file sent once?"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from event_delivery.ledger import LedgerError, open_ledger
from event_delivery.upload import UploadRun, deliver_file
from local_servers.postgres import Postgres
from tests.faults.fault import Fault
from tests.faults.night import CONTENT, LIMITS, Night, wait_for_lock
from tests.frail_postgres import DATABASE, cut_clients, fail_over, freeze, thaw
from tests.ledger_contents import connect_ledger

pytest_plugins = ["tests.frail_postgres"]
pytestmark = pytest.mark.slow
PATIENCE = replace(LIMITS, ledger=0.8, last_words=0.4)
LONGEST = 4 * PATIENCE.ledger + PATIENCE.grace + 10.0  # asking, asking anew, cleaning up; a busy machine
FINAL, TEMPORARY = "[!.]*", ".*.part"
MOMENTS = {
    "before anything is recorded": Fault("stat", "", path=FINAL),
    "when the file is opened": Fault("open", "", path=TEMPORARY),
    "while it is sent": Fault("write", "", path=TEMPORARY, nth=10),
    "before its CLOSE is recorded": Fault("fsync", "", path=TEMPORARY, after=True),
    "before it is closed": Fault("close", "", path=TEMPORARY),
    "when it is closed": Fault("close", "", path=TEMPORARY, after=True),
    "before its renaming is recorded": Fault("stat", "", path=TEMPORARY, after=True),
    "before it is renamed": Fault("posix_rename", "", path=FINAL),
    "when it is renamed": Fault("posix_rename", "", path=FINAL, after=True),
    "before its delivery is recorded": Fault("stat", "", path=FINAL, nth=2, after=True),
}


@pytest.fixture(scope="module")
def faults_ledger(frail_postgres, tmp_path_factory) -> Iterator[None]:
    """A ledger that can be treated badly, for this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", frail_postgres.uri(DATABASE))
        patch.setenv("EVENT_DELIVERY_STAGING", str(tmp_path_factory.mktemp("staging")))
        with open_ledger():
            pass
        yield


@pytest.fixture
def frail(frail_postgres, faulty_server) -> Iterator[Postgres]:
    """The ledger's server, which goes on when the test is over."""
    yield frail_postgres
    thaw(frail_postgres)
    wait_for_lock()


def disturb(moment: str, meanwhile) -> Fault:
    return replace(MOMENTS[moment], what="disturbance", meanwhile=meanwhile)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_frozen_ledger_ends_the_attempt_in_time_and_the_retry_delivers_once(faulty_server, frail, note, moment):
    """Nothing is done on the server that is not recorded; the next try finds out what became of the file."""
    night = Night(faulty_server)
    faulty_server.script.set(disturb(moment, lambda: freeze(frail)))
    with night.watched():
        attempt = night.attempt(PATIENCE, recorded=False)
        assert faulty_server.script.struck
        assert isinstance(attempt.error, LedgerError)
        assert "ledger_db: no answer within 1 s" in str(attempt.error)
        assert attempt.seconds < LONGEST
        faulty_server.script.set()
        thaw(frail)
        wait_for_lock()
        night.retry()
    assert len(night.attempts) == 2
    assert sum(operation.name == "open" for operation in faulty_server.operations) <= 3
    note("the ledger", moment, "its server freezes", night)


def test_a_ledger_that_is_frozen_from_the_start_costs_one_try(faulty_server, frail):
    """Nobody is asked for a login before the attempt is recorded."""
    night = Night(faulty_server)
    freeze(frail)
    started = time.monotonic()
    attempt = night.attempt(PATIENCE, recorded=False)
    assert time.monotonic() - started < LONGEST
    assert attempt.connections == 0
    assert str(attempt.error) == "ledger_db: no answer within 1 s"
    thaw(frail)
    night.attempts.clear()
    night.attempt()
    night.check_delivered()


@pytest.mark.parametrize("how", [cut_clients, fail_over], ids=["its connection is cut", "it fails over"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_ledger_that_breaks_off_is_told_as_such_and_the_file_is_sent_once(
    faulty_server, frail, note, moment, how
):
    """The end is recorded on a new connection: a success, or the reason; the next try delivers if need be."""
    night = Night(faulty_server)
    faulty_server.script.set(disturb(moment, lambda: how(frail)))
    with night.watched():
        attempt = night.attempt(replace(PATIENCE, ledger=8.0))
        assert faulty_server.script.struck
        if attempt.error:
            assert says_that_it_broke_off(str(attempt.error)), str(attempt.error)
            faulty_server.script.set()
            night.retry()
        night.check_delivered()
    assert len(night.attempts) <= 2
    words = {cut_clients: "its connection is cut", fail_over: "it fails over to another server"}[how]
    note("the ledger", moment, words, night)


def says_that_it_broke_off(error: str) -> bool:
    """Tell whether a sentence says that the ledger broke off, and what is done about that."""
    return "ledger_db: " in error and error.endswith("the next attempt finds out what became of the file.")


def test_a_step_that_somebody_holds_up_ends_in_time(faulty_server, frail):
    """A row that another session has locked: the server's own limit ends the question, not ours."""
    night = Night(faulty_server)
    night.attempt()
    (faulty_server.folder / night.name).unlink()
    with connect_ledger() as holder, holder.transaction():
        statement = "select from event_delivery.delivery_file where file_name = %s for update"
        faulty_server.script.set(
            disturb("before anything is recorded", lambda: holder.execute(statement, [night.name]) and None)
        )
        night.attempts.clear()
        attempt = night.attempt(PATIENCE, recorded=False)
    assert "ledger_db: canceling statement due to lock timeout" in str(attempt.error)
    assert attempt.seconds < LONGEST


def test_who_lost_its_lock_leaves_the_next_attempt_s_files_alone(faulty_server, frail):
    """The first attempt's connection dies, the second delivers, the first wakes: it stops, and removes nothing."""
    night = Night(faulty_server)

    def lose_the_lock_and_be_overtaken() -> None:
        cut_clients(frail)
        wait_for_lock()
        deliver_file(night.delivery, UploadRun("dag", "another run"), logging.getLogger("task"), PATIENCE)

    faulty_server.script.set(
        replace(MOMENTS["while it is sent"], what="disturbance", meanwhile=lose_the_lock_and_be_overtaken)
    )
    faulty_server.patience = 60.0
    error = night.attempt(replace(PATIENCE, ledger=8.0), recorded=False).error
    faulty_server.patience = 1.0
    assert isinstance(error, LedgerError)
    assert faulty_server.files() == {night.name: CONTENT}
    with psycopg.connect(frail.uri(DATABASE)) as ledger:
        rows = ledger.execute(
            "select state, attempts from event_delivery.delivery where destination = %s", [night.identifier]
        ).fetchall()
    assert rows == [("delivered", 2)]
