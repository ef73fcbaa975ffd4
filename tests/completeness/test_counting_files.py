"""Which of a day's files count, when deliveries overlap, break off, or bring nothing new?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import Delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import RefusedError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.upload import UploadRun, deliver_file
from tests.completeness.client_history import KilledError, killed_before
from tests.completeness.deliveries import received
from tests.sample_events import DAY, insert_event, noon

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=26)


@pytest.fixture
def delivery(delivery: Delivery) -> Delivery:
    """Acme's day, of which late events come in supplements."""
    acme = delivery.destination.model_copy(update={"late_events": "supplement"})
    return Delivery(acme, delivery.event, *delivery.interval, delivery.due)


def reconcile(destination: Destination) -> tuple[int | None, int | None, int | None]:
    """Return how many events are missing, duplicated and unexpected."""
    with open_reconciliation(destination, DAY, DAY, NOW) as reconciliation:
        (row,) = reconciliation.intervals
    return row.missing, row.duplicated, row.unexpected


def test_a_supplement_that_is_sent_again_leaves_out_what_a_later_one_brought(
    events_db, sftp_server, delivery, deliver
):
    """Its run is cleared when the next one has come: its own events again, and no other."""
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    for number in (1, 2):
        ids.append(insert_event(events_db, noon(DAY, number)))
        deliver(supplement_of(delivery, number))
    deliver(supplement_of(delivery, 1))
    assert received(sftp_server) == sorted(ids)
    assert reconcile(delivery.destination) == (0, 0, 0)


def test_an_event_that_only_a_replaced_file_brought_is_late_again(events_db, sftp_server, delivery, deliver):
    """The source lost it, the day was delivered without it, and the source has it again."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    lost = insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    events_db.execute("delete from events where id = %s", [lost])
    insert_event(events_db, noon(DAY, 2))
    deliver(delivery)
    assert reconcile(delivery.destination) == (0, 0, 0)
    insert_event(events_db, noon(DAY, 1), id=lost)
    assert reconcile(delivery.destination) == (1, 0, 0)
    (remedy,) = look_back(delivery.destination, LATER)
    deliver(supplement_of(delivery, remedy.supplement))
    assert reconcile(delivery.destination) == (0, 0, 0)


def test_what_only_a_replaced_file_holds_is_not_unexpected(events_db, delivery, deliver, staging_area):
    """The day was delivered again without it; nor is that file needed any more to tell what is late."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    lost = insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    events_db.execute("delete from events where id = %s", [lost])
    insert_event(events_db, noon(DAY, 2))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 3))
    assert reconcile(delivery.destination) == (1, 0, 0)
    for path in staging_area.rglob("supplement-1-*/kept-*"):
        path.unlink()
    assert reconcile(delivery.destination) == (1, 0, 0)


def test_a_supplement_that_waits_brings_nothing_that_a_redelivered_day_holds(
    events_db, sftp_server, delivery, deliver, send
):
    """It was staged, the server was away, and its day came again before it could be sent."""
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    ids.append(insert_event(events_db, noon(DAY, 1)))
    late = supplement_of(delivery, 1)
    extract_supplement(late)
    format_staged_events(late)
    deliver(delivery)
    with pytest.raises(RefusedError, match="the client has every event of that day"):
        send(late)
    assert received(sftp_server) == sorted(ids)


@pytest.mark.parametrize("moment", ["keep_delivered", "record_success"])
def test_no_supplement_is_made_beside_a_redelivery_that_broke_off(
    events_db, sftp_server, delivery, deliver, log, moment
):
    """The client has the new file or the old one, and the ledger does not know which: the day comes again."""
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    ids.append(insert_event(events_db, noon(DAY, 1)))
    extract_events(delivery)
    format_staged_events(delivery)
    with killed_before(moment), pytest.raises(KilledError):
        deliver_file(delivery, UploadRun("dag", "cleared"), log)
    ids.append(insert_event(events_db, noon(DAY, 2)))
    assert look_back(delivery.destination, LATER) == []
    with pytest.raises(RefusedError, match="is delivered again, and that is not over"):
        extract_supplement(supplement_of(delivery, 1))
    assert reconcile(delivery.destination) == (None, None, None)
    deliver_file(delivery, UploadRun("dag", "cleared", retrying=True), log)
    (remedy,) = look_back(delivery.destination, LATER)
    deliver(supplement_of(delivery, remedy.supplement))
    assert received(sftp_server) == sorted(ids)


def test_a_redelivery_of_the_same_bytes_replaces_no_supplement(events_db, sftp_server, delivery, deliver):
    """Nothing was sent, so the client has seen no new version of the day."""
    ids: list[Any] = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    ids.append(insert_event(events_db, noon(DAY, 1)))
    deliver(supplement_of(delivery, 1))
    events_db.execute("delete from events where id = %s", [ids[1]])
    deliver(delivery)
    assert received(sftp_server) == sorted(ids)
    assert reconcile(delivery.destination) == (0, 0, 1)
