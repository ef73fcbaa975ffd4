"""Events that reach the source after their day's file was made: found, and brought as the destination says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import Delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, RefusedError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.comparisons import ComparisonRecord
from event_delivery.ledger.coverage import read_coverage
from tests.completeness.deliveries import kept_files, received
from tests.sample_events import DAY, insert_event, noon

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)


def changed(delivery: Delivery, **fields: Any) -> Delivery:
    """Return the delivery by an edited YAML."""
    edited = delivery.destination.model_copy(update=fields)
    return Delivery(edited, delivery.event, *delivery.interval, delivery.due)


def found(destination: Destination) -> ComparisonRecord:
    """Return what the ledger says of the day's comparison."""
    with open_ledger_reading() as ledger:
        (record,) = ledger.read_comparisons([destination.id], NOW - timedelta(days=9), NOW)
    return record


def test_a_day_that_is_complete_is_recorded_as_such(events_db, delivery, deliver):
    """And compared once, until something is delivered again or a day has passed."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    assert look_back(delivery.destination, NOW) == []
    record = found(delivery.destination)
    assert (record.differs, record.late, record.deleted, record.rows) == (False, 0, 0, 1)
    insert_event(events_db, noon(DAY, 1))
    look_back(delivery.destination, NOW)
    assert not found(delivery.destination).differs, "it was compared again at once"
    look_back(delivery.destination, NOW + timedelta(days=40))
    assert not found(delivery.destination).differs, "it was compared outside the window"


@pytest.mark.parametrize("is_compared_before", [True, False])
def test_a_window_that_closed_while_nothing_looked_is_looked_through_once(
    events_db, delivery, deliver, is_compared_before
):
    """An outage of a week began before anything compared the night, or after; an event came late meanwhile."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    if is_compared_before:
        look_back(delivery.destination, NOW)
    insert_event(events_db, noon(DAY, 1))
    after = NOW + timedelta(days=8)
    (remedy,) = look_back(delivery.destination, after)
    deliver(supplement_of(delivery, remedy.supplement))
    assert look_back(delivery.destination, after + timedelta(days=2)) == []
    insert_event(events_db, noon(DAY, 2))
    assert look_back(delivery.destination, after + timedelta(days=4)) == [], "the window is closed"


def test_what_was_found_in_time_is_brought_although_its_window_has_closed(events_db, delivery, deliver):
    """Its run failed, or the destination was paused: it is compared on until it is brought, for a month."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    last = NOW + timedelta(days=6)
    assert len(look_back(delivery.destination, last)) == 1
    assert len(look_back(delivery.destination, last + timedelta(days=3))) == 1
    assert look_back(delivery.destination, last + timedelta(days=40)) == []
    assert look_back(changed(delivery, late_events="report").destination, last + timedelta(days=5)) == []
    assert found(delivery.destination).handling == "supplement 1", "a report was written again"


def test_no_window_means_no_look(events_db, delivery, deliver):
    """`late_window_days: 0` compares nothing, whatever was never compared."""
    delivery = changed(delivery, late_window_days=0)
    deliver(delivery)
    look_back(delivery.destination, NOW)
    with open_ledger_reading() as ledger:
        assert ledger.read_comparisons(["acme"], NOW - timedelta(days=9), NOW) == []


@pytest.mark.parametrize("format", ["csv", "json"])
def test_late_and_deleted_events_are_counted(events_db, delivery, deliver, format):
    """What the source has got and lost since is told apart, by id; nothing is sent by itself."""
    delivery = changed(delivery, format=format)
    first = insert_event(events_db, noon(DAY), title='a "title",\nof two lines')
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 2))
    insert_event(events_db, noon(DAY, 3))
    events_db.execute("delete from events where id = %s", [first])
    assert look_back(delivery.destination, NOW) == []
    record = found(delivery.destination)
    assert (record.differs, record.late, record.deleted, record.rows) == (True, 2, 1, 3)
    assert record.handling == "reported"
    assert record.found_at is not None


def test_a_late_event_is_missed_by_no_exchange(events_db, delivery, deliver):
    """One came and one went, so that the number of events is as it was."""
    gone = insert_event(events_db, noon(DAY))
    deliver(delivery)
    events_db.execute("delete from events where id = %s", [gone])
    insert_event(events_db, noon(DAY, 5))
    look_back(delivery.destination, NOW)
    assert (found(delivery.destination).late, found(delivery.destination).deleted) == (1, 1)


@pytest.mark.parametrize("format", ["csv", "json"])
def test_supplements_bring_what_came_late_and_nothing_else(events_db, sftp_server, delivery, deliver, format):
    """Each is a numbered file of its own name; with them, every event has come exactly once."""
    delivery = changed(delivery, late_events="supplement", format=format)
    destination = delivery.destination
    ids = [insert_event(events_db, noon(DAY, minutes)) for minutes in range(3)]
    deliver(delivery)
    for number in (1, 2):
        ids.append(insert_event(events_db, noon(DAY, 60 * number)))
        assert look_back(destination, NOW + timedelta(hours=26 * number)) == [
            Remedy("acme", "courseCompletion", DAY, number)
        ]
        assert found(destination).handling == f"supplement {number}"
        deliver(supplement_of(delivery, number))
        assert received(sftp_server) == sorted(ids)
        assert look_back(destination, NOW + timedelta(hours=26 * number, minutes=1)) == []
        assert not found(destination).differs
    names = sorted(path.name for path in sftp_server.user_folder("acme").iterdir())
    assert [name.split("-")[1:3] for name in names[1:]] == [["supplement", "1"], ["supplement", "2"]]
    assert len({name[-11:] for name in names}) == 3, "each has a suffix of its own"


def test_a_supplement_that_is_made_again_is_the_same(events_db, sftp_server, delivery, deliver, staging_area):
    """A killed task, a cleared run: the same events, bytes and name, also when another one came later."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    first = extract_supplement(supplement_of(delivery, 1))
    assert extract_supplement(supplement_of(delivery, 1)).sha256 == first.sha256
    deliver(supplement_of(delivery, 1))
    insert_event(events_db, noon(DAY, 2))
    deliver(supplement_of(delivery, 2))
    before = received(sftp_server)
    deliver(supplement_of(delivery, 2))
    assert received(sftp_server) == before


def test_a_redelivered_day_replaces_its_supplements(events_db, sftp_server, delivery, deliver):
    """It holds their events; what comes late afterwards is told by the whole day, and is the next supplement."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    deliver(delivery)
    assert look_back(delivery.destination, NOW) == []
    assert not found(delivery.destination).differs
    last = insert_event(events_db, noon(DAY, 2))
    remedies = look_back(delivery.destination, NOW + timedelta(hours=26))
    assert remedies == [Remedy("acme", "courseCompletion", DAY, 2)]
    deliver(supplement_of(delivery, 2))
    (path,) = sftp_server.user_folder("acme").glob("*-supplement-2-*")
    assert [event["id"] for event in json.loads(path.read_text())] == [last]
    assert look_back(delivery.destination, NOW + timedelta(hours=27)) == []


def test_a_supplement_of_nothing_is_refused(events_db, delivery, deliver):
    """So is one whose night, or the supplement before it, was never delivered."""
    insert_event(events_db, noon(DAY))
    with pytest.raises(
        RefusedError, match=r"acme, courseCompletion, 2026-03-09, supplement-1: the night itself was"
    ):
        extract_supplement(supplement_of(delivery, 1))
    deliver(delivery)
    with pytest.raises(RefusedError, match="the client has every event of that day"):
        extract_supplement(supplement_of(delivery, 1))
    insert_event(events_db, noon(DAY, 1))
    with pytest.raises(RefusedError, match="supplement-1 was not delivered"):
        extract_supplement(supplement_of(delivery, 2))


def test_what_is_not_kept_is_not_guessed(events_db, delivery, deliver, staging_area):
    """Without the delivered file the events that are late have no names: reported, and a supplement is refused."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    for path in staging_area.rglob("kept-*"):
        path.unlink()
    insert_event(events_db, noon(DAY, 1))
    assert look_back(delivery.destination, NOW) == []
    record = found(delivery.destination)
    assert (record.differs, record.late, record.rows) == (True, None, 2)
    assert record.handling.startswith("reported, no supplement: ")
    with pytest.raises(PermanentError, match="Deliver the whole day again"):
        extract_supplement(supplement_of(delivery, 1))


def test_a_kept_file_with_other_bytes_is_not_believed(events_db, delivery, deliver, staging_area):
    """It is proven against the sha256 that was delivered, each time that it is read."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    (kept,) = kept_files(staging_area)
    text = kept.read_text()
    kept.unlink()  # the staged file is the same one
    kept.write_text(text.replace("New Student", "Old Student"))
    insert_event(events_db, noon(DAY, 1))
    look_back(delivery.destination, NOW)
    assert found(delivery.destination).late is None


def test_the_whole_day_is_redelivered_where_that_is_wished(events_db, sftp_server, delivery, deliver):
    """The same name gets the whole day; that needs no kept file."""
    delivery = changed(delivery, late_events="redeliver")
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    ids.append(insert_event(events_db, noon(DAY, 1)))
    assert look_back(delivery.destination, NOW) == [Remedy("acme", "courseCompletion", DAY)]
    deliver(delivery)
    assert received(sftp_server) == sorted(ids)
    assert look_back(delivery.destination, NOW) == []
    assert not found(delivery.destination).differs


def test_events_of_a_transaction_that_was_open_over_midnight_are_found(events_db, delivery, deliver, sftp_server):
    """They carry timestamps of the day, and are seen when it commits, after the night has read the source."""
    delivery = changed(delivery, late_events="supplement")
    first = insert_event(events_db, noon(DAY))
    with psycopg.connect(events_db.info.dsn, password=events_db.info.password) as slow:
        late = insert_event(slow, noon(DAY, 30))
        deliver(delivery)
        look_back(delivery.destination, NOW)
        assert not found(delivery.destination).differs
    (remedy,) = look_back(delivery.destination, NOW + timedelta(hours=26))
    deliver(supplement_of(delivery, remedy.supplement))
    assert received(sftp_server) == sorted([first, late])


def test_another_event_type_and_another_destination_are_not_mixed_up(events_db, delivery, deliver):
    """Ids are compared within one destination, event type and interval."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY), company_id="00f928f4-8718-5043-9164-32398b165c60")
    insert_event(events_db, noon(DAY), event="quizPassed")
    insert_event(events_db, noon(DAY) + timedelta(days=1))
    look_back(delivery.destination, NOW)
    assert not found(delivery.destination).differs


def test_a_day_of_another_zone_is_compared_and_left_to_a_person(events_db, delivery, deliver):
    """Its interval is kept for ever; a run of today's zone would carry another one."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    moved = delivery.destination.model_copy(update={"timezone": "Europe/Berlin"})
    assert look_back(moved, NOW) == []
    assert (found(moved).late, found(moved).handling.startswith("reported: the interval is no day")) == (1, True)


def test_a_delivery_of_an_older_release_is_compared_by_number(events_db, delivery, deliver):
    """Its digest is unknown: the same number of events is taken for complete, another one is reported."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    events_db.execute(
        "update event_delivery.delivery_file set delivered_id_digest = null, delivered_sha256 = null"
    )
    look_back(delivery.destination, NOW)
    assert not found(delivery.destination).differs
    insert_event(events_db, noon(DAY, 1))
    look_back(delivery.destination, NOW + timedelta(hours=26))
    assert (found(delivery.destination).differs, found(delivery.destination).late) == (True, None)


@pytest.mark.parametrize("wish", ["supplement", "redeliver"])
def test_a_changed_company_id_sends_nothing_of_past_days(events_db, delivery, deliver, wish):
    """Whose events they should hold, a person says; a supplement that is asked for is refused."""
    other = "00f928f4-8718-5043-9164-32398b165c60"
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY), company_id=other)
    moved = changed(delivery, company_id=other, late_events=wish)
    assert look_back(moved.destination, NOW) == []
    with pytest.raises(RefusedError, match="another company_id"):
        extract_supplement(supplement_of(moved, 1))


@pytest.mark.parametrize("wish", ["supplement", "redeliver"])
def test_ids_that_all_became_others_send_nothing(events_db, delivery, deliver, include, wish):
    """A statement that was given another id would have every event sent twice: it is reported."""
    delivery = changed(delivery, late_events=wish)
    for minutes in range(4):
        insert_event(events_db, noon(DAY, minutes))
    deliver(delivery)
    statement = include / "sql" / "course_completion.sql"
    statement.write_text(statement.read_text().replace("select\n  id,", "select\n  'new-' || id as id,", 1))
    assert look_back(delivery.destination, NOW) == []
    record = found(delivery.destination)
    assert (record.late, record.deleted) == (4, 4)
    assert record.handling.startswith("reported: no id is what it was")


def test_a_redelivery_by_itself_takes_no_event_away(events_db, delivery, deliver):
    """What the source has lost since, as after a failover, stays with the client: a person decides."""
    delivery = changed(delivery, late_events="redeliver")
    gone = insert_event(events_db, noon(DAY))
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    events_db.execute("delete from events where id = %s", [gone])
    insert_event(events_db, noon(DAY, 2))
    assert look_back(delivery.destination, NOW) == []
    assert found(delivery.destination).handling == "reported: the whole day again would take 1 events away"


@pytest.mark.parametrize("state", ["unconfirmed", "uploading"])
def test_no_supplement_is_made_beside_one_that_is_undecided(events_db, delivery, deliver, state):
    """Made anew with other events, it would be another file by the time that a person decides of it."""
    delivery = changed(delivery, late_events="supplement")
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    events_db.execute(
        "update event_delivery.delivery_record set state = %s, delivered_at = null where kind = 'supplement-1'",
        [state],
    )
    events_db.execute(
        "update event_delivery.delivery_file set delivered_at = null where file_name like '%%supplement-1%%'"
    )
    insert_event(events_db, noon(DAY, 2))
    assert look_back(delivery.destination, NOW) == []
    assert found(delivery.destination).handling == f"reported: supplement 1 is {state}, which is to be over first"


def test_events_that_come_late_into_a_skipped_day_are_late(events_db, delivery, deliver, sftp_server):
    """Its client has no file of it: a supplement brings what came since, as of a day delivered empty."""
    delivery = changed(delivery, late_events="supplement", empty_day="skip")
    deliver(delivery)
    assert look_back(delivery.destination, NOW) == []
    assert not found(delivery.destination).differs
    insert_event(events_db, noon(DAY))
    [remedy] = look_back(delivery.destination, NOW + timedelta(days=2))
    assert (remedy.supplement, found(delivery.destination).late) == (1, 1)
    deliver(supplement_of(delivery, 1))
    assert len(received(sftp_server)) == 1
    assert look_back(delivery.destination, NOW + timedelta(days=4)) == []


def test_a_skipped_day_is_no_missing_day(delivery, deliver):
    """The days before and after it are covered, and so is it."""
    delivery = changed(delivery, empty_day="skip")
    deliver(delivery)
    pair = (delivery.destination.id, delivery.event)
    with open_ledger_reading() as ledger:
        known = read_coverage(ledger, [pair], NOW)[pair]
    assert list(known.covered) == [delivery.interval]
    assert not list(known.undelivered)
