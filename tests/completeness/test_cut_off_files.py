"""A file was sent and kept, and the ledger was told nothing more of it: what does the next attempt do?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from event_delivery.errors import RetryableError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.ledger import LedgerError
from event_delivery.upload import UnconfirmedError, UploadRun, attempt, deliver_file
from tests.completeness.deliveries import received
from tests.completeness.ledger_backup import age_kept
from tests.completeness.test_restored_ledger import changed, recorded
from tests.sample_events import DAY, insert_event, noon


@contextmanager
def lost_ledger() -> Iterator[pytest.MonkeyPatch]:
    """A ledger that is away whenever an attempt ends."""

    def lose(*_: Any, **__: Any) -> None:
        raise LedgerError("the ledger is away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempt, "record_success", lose)
        patch.setattr(attempt, "record_failure", lambda *_, **__: None)
        yield patch


@contextmanager
def server_down() -> Iterator[None]:
    """A client's server that refuses connections."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:x@127.0.0.1:1/")
        yield


def age(events_db: Any, staging_area: Path) -> None:
    """Let all that was done have been done 20 minutes earlier."""
    age_kept(staging_area, timedelta(minutes=20))
    events_db.execute(
        "update event_delivery.delivery_attempt "
        "set started_at = started_at - interval '20 minutes', ended_at = ended_at - interval '20 minutes'"
    )


def empty(sftp_server: Any) -> Path:
    """Take all files away, as a robot does; returns the folder."""
    folder: Path = sftp_server.user_folder("acme")
    for path in folder.iterdir():
        path.unlink()
    return folder


@pytest.fixture
def cut_off(events_db, staging_area, delivery, deliver) -> str:
    """A night that was sent, by an attempt of which the ledger knows no end; returns the id of its event."""
    event = insert_event(events_db, noon(DAY))
    with lost_ledger(), pytest.raises(LedgerError):
        deliver(changed(delivery, robot=True))
    age(events_db, staging_area)
    return event


@pytest.mark.parametrize("fields", [{}, {"robot": True}, {"upload_mode": "direct"}])
@pytest.mark.parametrize("is_late", [True, False])
def test_a_night_that_is_cleared_after_a_cut_off_attempt_goes_out(
    events_db, sftp_server, staging_area, delivery, deliver, fields, is_late
):
    """No ledger was restored: the file is that attempt's, although the next one, of other bytes, sent nothing."""
    delivery = changed(delivery, **fields)
    ids = [insert_event(events_db, noon(DAY))]
    with lost_ledger(), pytest.raises(LedgerError):
        deliver(delivery)
    age(events_db, staging_area)
    if "robot" in fields:
        empty(sftp_server)
    if is_late:
        ids.append(insert_event(events_db, noon(DAY, 1)))
    with server_down(), pytest.raises(RetryableError):
        deliver(delivery, try_number=2, first_try=2)
    for path in sftp_server.user_folder("acme").iterdir():
        if "upload_mode" in fields:
            path.write_bytes(path.read_bytes()[:100])
    deliver(delivery, try_number=3, first_try=2, retrying=True)
    assert received(sftp_server) == sorted(ids)
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", len(ids))


@pytest.mark.parametrize("how", ["leaves_delivered", "leaves_since", "uncleared_night", "retrying"])
def test_no_machine_sends_a_cut_off_file_a_second_time(events_db, sftp_server, cut_off, delivery, deliver, how):
    """The robot has it: a run that nobody asked for carries on where it was cut off, whatever came late."""
    delivery = changed(delivery, robot=True)
    folder = empty(sftp_server)
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery, **{how: delivery.due if how == "leaves_since" else True})
    assert list(folder.iterdir()) == []
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 1)


def test_a_machine_sends_a_cut_off_file_that_never_got_its_name(events_db, sftp_server, delivery, deliver):
    """It was closed and not renamed, and a robot would have taken nothing: what lies there gets its name."""
    event = insert_event(events_db, noon(DAY))
    with lost_ledger(), pytest.raises(LedgerError):
        deliver(delivery)
    (path,) = sftp_server.user_folder("acme").iterdir()
    events_db.execute("update event_delivery.delivery_file set step = 'closing'")
    (temporary,) = events_db.execute("select temporary_path from event_delivery.delivery_file").fetchone()
    path.rename(path.with_name(temporary))
    deliver(delivery, leaves_delivered=True)
    assert received(sftp_server) == [event]
    assert recorded(delivery).state == "delivered"


@pytest.mark.usefixtures("cut_off")
def test_a_cut_off_file_of_another_company_does_not_go_out(sftp_server, delivery, deliver):
    """Somebody has corrected the YAML since: what is staged now goes out, and not the other company's learners."""
    empty(sftp_server)
    delivery = changed(delivery, robot=True, company_id="00000000-0000-4000-8000-000000000000")
    deliver(delivery, leaves_delivered=True)
    assert received(sftp_server) == []
    assert recorded(delivery).rows == 0


@pytest.mark.parametrize("asked", [{}, {"try_number": 3, "first_try": 2, "retrying": True}])
def test_a_cleared_run_sends_a_cut_off_day_again_as_it_is(
    events_db, sftp_server, cut_off, delivery, deliver, asked
):
    """That is what clearing means, also where its first try never came as far as the ledger."""
    empty(sftp_server)
    late = insert_event(events_db, noon(DAY, 1))
    deliver(changed(delivery, robot=True), **asked)
    assert received(sftp_server) == sorted([cut_off, late])


def test_a_retry_on_a_disk_without_hard_links_brings_what_was_sent(events_db, sftp_server, delivery, deliver):
    """The kept file took the staged one's place, and what is staged now holds a late event."""
    delivery = changed(delivery, robot=True)
    insert_event(events_db, noon(DAY))

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(1, "Operation not permitted")

    with lost_ledger() as patch:
        patch.setattr(os, "link", refuse)
        with pytest.raises(LedgerError):
            deliver(delivery)
    folder = empty(sftp_server)
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery, retrying=True, try_number=2)
    assert list(folder.iterdir()) == []
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 1)


def test_what_was_under_way_at_the_backup_is_looked_for(events_db, sftp_server, cut_off, delivery, log):
    """The ledger was restored to the middle of the attempt: the kept file alone proves that it was whole."""
    events_db.execute("update event_delivery.delivery_file set step = 'sending'")
    folder = empty(sftp_server)
    extract_events(delivery)
    format_staged_events(delivery)
    with pytest.raises(UnconfirmedError, match="was the ledger restored"):
        deliver_file(delivery, UploadRun("dag", "missing", leaves_delivered=True), log)
    assert list(folder.iterdir()) == []
