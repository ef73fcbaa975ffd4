"""Is a file held whose number of events is out of line, or flagged, as its destination says?"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from airflow.sdk import RetryAction

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events, format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import Attempt, Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.counts import read_counts_of_weekday
from event_delivery.ledger.deliveries import record_delivered, record_failed, record_unsent
from event_delivery.orchestration.upload_operator import PromisedRetries
from event_delivery.staging import read_manifest
from event_delivery.upload import DeliveredFile, HeldError, UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area", "sftp_server")
RUN = UploadRun("nightly_sftp_events__acme", "run")
USUAL = [40, 44, 38, 41, 45, 39, 42, 40]


@pytest.fixture
def ledger(events_db):
    """The ledger, upgraded."""
    with open_ledger() as connection:
        yield connection


def begin(ledger: psycopg.Connection, delivery: Delivery, rows: int, sha256: str = "0" * 64) -> Attempt:
    recipe = {"format": "json", "company_id": delivery.destination.company_id}
    file = RecordedFile(delivery.file_name, recipe, rows, 1, sha256, {})
    return begin_attempt(ledger, delivery, file, "dag", "earlier", False)


def deliver_before(ledger: psycopg.Connection, delivery: Delivery, rows: int) -> None:
    record_delivered(ledger, begin(ledger, delivery, rows), "/file", 1.0, Sent())


@pytest.fixture
def history(ledger, acme):
    """Eight weeks of the same weekday, all delivered, and the days beside it."""
    for weeks, rows in enumerate(USUAL, start=1):
        deliver_before(
            ledger, nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(7 * weeks))), rows
        )


@pytest.fixture
def holding(delivery) -> Delivery:
    """The night of a destination that holds back what is unusual."""
    return of_destination(delivery, unusual_count="hold")


def of_destination(delivery: Delivery, **fields) -> Delivery:
    return replace(delivery, destination=delivery.destination.model_copy(update=fields))


def stage(events_db: psycopg.Connection, delivery: Delivery, rows: int) -> None:
    events_db.execute("truncate events")
    for minute in range(rows):
        insert_event(events_db, noon(DAY, minute))
    extract_events(delivery)
    format_staged_events(delivery)


def deliver(delivery: Delivery, **run) -> DeliveredFile:
    return deliver_file(delivery, replace(RUN, **run), logging.getLogger("task"))


def read_night(ledger: psycopg.Connection) -> tuple:
    query = (
        "select state, rows, attempts, unusual, last_error from event_delivery.delivery "
        "where interval_start = timestamptz '2026-03-09 04:00Z'"
    )
    row = ledger.execute(query).fetchone()
    assert row is not None
    return row


def read_held(ledger: psycopg.Connection) -> str | None:
    query = "select held_sha256 from event_delivery.delivery_record where interval_start = '2026-03-09 04:00Z'"
    row = ledger.execute(query).fetchone()
    assert row is not None
    return row[0]


FEW = "acme, courseCompletion: unusually few events, 3: the last 8 days of this weekday had 38 to 45, "
UNUSUAL = FEW + "40 in the middle."


def test_an_unusual_day_is_delivered_and_flagged_by_default(events_db, ledger, history, delivery, caplog):
    """Log, ledger and what the task returns, of which the run's note is made, hold the same sentence."""
    stage(events_db, delivery, 3)
    with caplog.at_level(logging.WARNING):
        assert deliver(delivery).remarks == (UNUSUAL,)
    assert f"{UNUSUAL} It is delivered all the same." in caplog.messages
    assert read_night(ledger) == ("delivered", 3, 1, UNUSUAL, None)


def test_a_usual_day_is_delivered_by_who_holds(events_db, ledger, history, holding):
    """Nobody is asked."""
    stage(events_db, holding, 41)
    assert deliver(holding).remarks == ()
    assert read_night(ledger) == ("delivered", 41, 1, None, None)


def test_a_held_day_is_sent_nowhere_and_says_how_to_release_it(events_db, ledger, history, holding, sftp_server):
    """No attempt and no retry is spent, and the ledger says held."""
    stage(events_db, holding, 3)
    with pytest.raises(HeldError) as caught:
        deliver(holding)
    assert str(caught.value) == (
        f"{UNUSUAL} Held: unusual_count is hold, and nothing was sent. Is the number right? Then: airflow dags "
        """trigger nightly_sftp_events__acme --conf '{"day": "2026-03-09", "event": "courseCompletion", """
        f'"release": "{caught.value.sha256}"}}\'. Else mend the source, and clear the run.'
    )
    assert read_night(ledger) == ("held", None, 0, None, str(caught.value))
    assert list(sftp_server.user_folder("acme").iterdir()) == []
    assert PromisedRetries().evaluate(caught.value, 1, 10).action == RetryAction.FAIL


def test_a_released_day_is_delivered_and_never_held_again_with_as_many_events(events_db, ledger, history, holding):
    """The yes is a run's; a redelivery of the same day needs none, one with another number does."""
    stage(events_db, holding, 3)
    with pytest.raises(HeldError) as caught:
        deliver(holding)
    assert read_held(ledger) == caught.value.sha256
    assert deliver(holding, run_id="released", release=caught.value.sha256).remarks == (UNUSUAL,)
    assert read_night(ledger) == ("delivered", 3, 1, UNUSUAL, None)
    assert read_held(ledger) is None
    deliver(holding, run_id="again")
    assert read_night(ledger)[:3] == ("delivered", 3, 2)
    stage(events_db, holding, 2)
    with pytest.raises(HeldError):
        deliver(holding, run_id="other")
    assert read_night(ledger)[:3] == ("delivered", 3, 2)


def test_a_yes_to_one_file_lets_no_other_go(events_db, ledger, history, holding, sftp_server):
    """A run that was released keeps its param when it is cleared, and the day may hold something else by then."""
    stage(events_db, holding, 3)
    with pytest.raises(HeldError) as first:
        deliver(holding)
    stage(events_db, holding, 2)
    with pytest.raises(HeldError, match="What was released is another file than this") as second:
        deliver(holding, run_id="released", release=first.value.sha256)
    assert first.value.sha256 != second.value.sha256 == read_held(ledger)
    assert list(sftp_server.user_folder("acme").iterdir()) == []
    deliver(holding, run_id="released", release=second.value.sha256, try_number=2, first_try=2)
    stage(events_db, holding, 1)
    with pytest.raises(HeldError):
        deliver(holding, run_id="released", release=second.value.sha256, try_number=3, first_try=3)
    assert read_night(ledger)[:3] == ("delivered", 2, 1)
    assert read_held(ledger) is not None


def test_a_day_that_fails_otherwise_after_it_was_held_waits_for_no_yes(events_db, ledger, history, holding):
    """Nobody is asked to release what is not there any more."""
    stage(events_db, holding, 3)
    with pytest.raises(HeldError):
        deliver(holding)
    record_unsent(ledger, holding, Failure("gone", permanent=False), "dag", "run")
    assert read_night(ledger)[0] == "failed"
    assert read_held(ledger) is None


def test_a_held_day_whose_source_is_mended_goes_out_when_its_run_is_cleared(events_db, ledger, history, holding):
    """It is judged anew; what was said of it is gone."""
    stage(events_db, holding, 0)
    with pytest.raises(HeldError, match="acme, courseCompletion: no events: "):
        deliver(holding)
    stage(events_db, holding, 43)
    deliver(holding, try_number=2, first_try=2)
    assert read_night(ledger) == ("delivered", 43, 1, None, None)


def test_an_attempt_that_had_begun_is_carried_on_though_the_history_has_changed_since(
    events_db, ledger, acme, holding
):
    """What was let pass is not stopped halfway: days of a backfill may be delivered meanwhile."""
    stage(events_db, holding, 3)
    sha256 = read_manifest(holding, holding.file_name).sha256
    record_failed(ledger, begin(ledger, holding, 3, sha256), Failure("busy", permanent=False), Sent())
    for weeks in range(1, 9):
        deliver_before(
            ledger, nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(7 * weeks))), 40
        )
    deliver(holding, retrying=True, try_number=2)
    assert read_night(ledger)[0] == "delivered"


def test_other_events_of_the_same_number_are_held_again(events_db, ledger, history, holding):
    """What was let pass, and did not arrive, is not what the source holds now."""
    record_failed(ledger, begin(ledger, holding, 3), Failure("busy", permanent=False), Sent())
    stage(events_db, holding, 3)
    with pytest.raises(HeldError):
        deliver(holding, retrying=True, try_number=2)


def test_a_test_file_is_never_held(ledger, history, acme):
    """It has one event, whatever the nights have."""
    test_file = delivery_of_test_file(
        acme.model_copy(update={"unusual_count": "hold"}), "courseCompletion", noon(DAY)
    )
    format_events(test_file, stage_sample_event(test_file))
    assert deliver(test_file).remarks == ()


def test_a_part_of_a_day_is_never_held(events_db, ledger, history, holding):
    """What a change of zone left until midnight has fewer events than a day."""
    part = replace(holding, interval_end=holding.interval_start + timedelta(hours=6))
    stage(events_db, part, 0)
    deliver(part)


@pytest.mark.parametrize(
    "change", [{"company_id": "4711"}, {"id": "beta"}, {"event": "quizPassed"}], ids=["company", "name", "event"]
)
def test_only_days_of_the_same_client_and_event_type_are_compared_with(ledger, history, delivery, change):
    """Another company's days, another destination's, or another event type's say nothing."""
    assert read_counts_of_weekday(ledger, delivery, 8) == USUAL
    asked = replace(delivery, **change) if "event" in change else of_destination(delivery, **change)
    assert read_counts_of_weekday(ledger, asked, 8) == []


@pytest.mark.parametrize("zones", [("Asia/Tokyo", "America/New_York"), ("America/New_York", "Asia/Tokyo")])
def test_an_edit_of_the_zone_changes_no_weekday(ledger, acme, zones):
    """A Monday of Tokyo begins on New York's Sunday, and is a Monday all the same."""
    before, after = (acme.model_copy(update={"timezone": zone}) for zone in zones)
    for days in range(2, 30):
        deliver_before(
            ledger, nightly_delivery(before, "courseCompletion", before.day(DAY - timedelta(days))), days
        )
    asked = nightly_delivery(after, "courseCompletion", after.day(DAY))
    assert read_counts_of_weekday(ledger, asked, 8) == [7, 14, 21, 28]


def test_what_is_compared_with_was_delivered_before_the_day_and_not_long_before(ledger, history, delivery, acme):
    """A day delivered again months later is compared with its own time; a failed or a held day counts nothing."""
    for days in (-7, 1, 6, 7 * 14):
        other = nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(days)))
        deliver_before(ledger, other, 9_999)
    late = nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(7 * 13)))
    deliver_before(ledger, late, 7)
    assert read_counts_of_weekday(ledger, delivery, 10) == [*USUAL, 7]
    last = nightly_delivery(acme, "courseCompletion", acme.day(DAY - timedelta(7)))
    record_failed(ledger, begin(ledger, last, 41), Failure("busy", permanent=False), Sent())
    assert read_counts_of_weekday(ledger, delivery, 10) == [*USUAL[1:], 7]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 25)])
def test_days_that_clock_changes_make_shorter_or_longer_are_of_their_weekday(ledger, acme, zone, day):
    """23, 24.5 and 25 hours are a day; eight weeks before and after the change too."""
    there = acme.model_copy(update={"timezone": zone})
    for days in range(1, 60):
        deliver_before(ledger, nightly_delivery(there, "courseCompletion", there.day(day - timedelta(days))), days)
    counts = read_counts_of_weekday(ledger, nightly_delivery(there, "courseCompletion", there.day(day)), 8)
    assert counts == [7, 14, 21, 28, 35, 42, 49, 56]
