"""The ledger is restored to an older state, and knows nothing of files that the client has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from event_delivery.delivery import ROBOT, SEND_AGAIN, Delivery
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.staging import find_kept
from event_delivery.upload import UnconfirmedError
from tests.completeness.deliveries import received
from tests.completeness.ledger_backup import age_kept, back_up, restore
from tests.sample_events import DAY, insert_event, noon


def changed(delivery: Delivery, **fields: Any) -> Delivery:
    """Return the delivery by an edited YAML."""
    return replace(delivery, destination=delivery.destination.model_copy(update=fields))


def recorded(delivery: Delivery) -> DeliveryRecord | None:
    """Return what the ledger says of a delivery."""
    start, end = delivery.interval
    with open_ledger_reading() as ledger:
        return ledger.find_delivery(
            delivery.destination.id, delivery.event, delivery.kind, start, start + timedelta(seconds=1), end
        )


def files_of(server: Any) -> dict[str, int]:
    """Return when each of the client's files was written last."""
    return {path.name: path.stat().st_mtime_ns for path in server.user_folder("acme").iterdir()}


@pytest.fixture
def backed_up(events_db, delivery, deliver) -> None:
    """A ledger that knows of the day before alone."""
    day = delivery.destination.day(DAY - timedelta(days=1))
    deliver(replace(delivery, interval_start=day.start, interval_end=day.end))
    back_up(events_db)
    insert_event(events_db, noon(DAY))


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("edit", [{}, {"transfer_id": 77}, {"format": "csv"}])
def test_a_forgotten_night_is_adopted_where_it_is_seen(events_db, sftp_server, delivery, deliver, edit):
    """Nothing is sent again, whatever came late or was edited since; the ledger says when the client got it."""
    deliver(delivery)
    (kept,), before = find_kept(delivery), files_of(sftp_server)
    restore(events_db)
    insert_event(events_db, noon(DAY, 1))
    deliver(changed(delivery, **edit))
    assert files_of(sftp_server) == before
    record = recorded(delivery)
    assert (record.state, record.file_name, record.rows) == ("delivered", kept.file_name, 1)
    assert (record.sha256, record.delivered_at) == (kept.manifest.sha256, kept.delivered_at)
    assert find_kept(delivery) == [kept]


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("robot", [False, True])
@pytest.mark.parametrize("decision", [ROBOT, SEND_AGAIN])
def test_a_forgotten_night_that_is_not_seen_waits_for_a_person(
    events_db, sftp_server, staging_area, delivery, deliver, robot, decision
):
    """A robot took it, or the client moved it: nothing is sent until somebody decides."""
    delivery = changed(delivery, robot=robot)
    deliver(delivery)
    age_kept(staging_area)
    (kept,) = find_kept(delivery)
    next(sftp_server.user_folder("acme").glob(f"*{kept.file_name[-12:]}")).unlink()
    before = files_of(sftp_server)
    restore(events_db)
    late = insert_event(events_db, noon(DAY, 1))
    for _ in range(2):
        with pytest.raises(UnconfirmedError, match="was the ledger restored to an older state"):
            deliver(delivery)
        assert files_of(sftp_server) == before
        assert recorded(delivery).state == "unconfirmed"
    deliver(delivery, decision=decision)
    record = recorded(delivery)
    if decision == ROBOT:
        assert files_of(sftp_server) == before
        assert (record.rows, record.delivered_at) == (1, kept.delivered_at)
    else:
        assert late in received(sftp_server)
        assert record.rows == 2
    assert record.state == "delivered"


@pytest.mark.usefixtures("backed_up")
def test_other_bytes_under_its_name_are_not_adopted(events_db, sftp_server, delivery, deliver):
    """A client's server changed the file, with as many bytes: a person decides."""
    deliver(delivery)
    restore(events_db)
    path = next(sftp_server.user_folder("acme").glob(f"*{delivery.file_name[-12:]}"))
    path.write_text(path.read_text().replace("New Student", "Old Student"))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    assert "Old Student" in path.read_text()


@pytest.mark.usefixtures("backed_up")
def test_what_the_ledger_knows_is_delivered_again_when_asked(events_db, sftp_server, delivery, deliver):
    """A cleared run of a day that nobody forgot sends the day as it is now."""
    deliver(delivery)
    late = insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    assert late in received(sftp_server)
    assert recorded(delivery).attempts == 2
