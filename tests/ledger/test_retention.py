"""Is what may be personal forgotten in time, and the proof of every delivery kept?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.ledger import open_ledger, open_ledger_reading
from event_delivery.ledger.__main__ import main
from event_delivery.ledger.attempts import Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered, record_failed, record_unsent
from event_delivery.ledger.retention import FORGOTTEN, Purged, purge_ledger
from tests.sample_events import DAY

PROFILE = {"rows_by_hour": {"3": 1}, "top_titles": {"Coping with grief": 1}}
FILE = RecordedFile("acme.json", {"format": "json"}, 3, 30, "0" * 64, PROFILE)
SENT = Sent(30, 0.5, False)
REFUSED = Failure("jane@example.com: no such folder", False)
UNTOUCHED = ("state", "file_name", "rows", "bytes", "sha256", "attempts", "delivered_at", "remote_path")


def fail(ledger: Any, delivery: Delivery, run: str, unconfirmed: bool = False) -> None:
    attempt = begin_attempt(ledger, delivery, FILE, "dag", run, True)
    record_failed(ledger, attempt, replace(REFUSED, unconfirmed=unconfirmed), SENT)


def deliver(ledger: Any, delivery: Delivery, run: str) -> None:
    attempt = begin_attempt(ledger, delivery, FILE, "dag", run, True)
    record_delivered(ledger, attempt, "/in/acme.json", 1.5, SENT)


def age(ledger: psycopg.Connection[Any], days: float, delivery: Delivery | None = None) -> None:
    """Let everything that the ledger knows, or one day's delivery, have happened so many days before."""
    values = {"age": timedelta(days), "start": delivery and delivery.interval_start}
    chosen = "(%(start)s::timestamptz is null or interval_start = %(start)s)"
    ledger.execute(
        f"""
        update event_delivery.delivery_attempt as made
        set started_at = started_at - %(age)s, ended_at = ended_at - %(age)s
        from event_delivery.delivery_record as recorded
        where recorded.id = made.delivery_id and {chosen}
        """,
        values,
    )
    ledger.execute(
        f"""
        update event_delivery.delivery_record
        set
          first_attempt_at = first_attempt_at - %(age)s, delivered_at = delivered_at - %(age)s,
          failed_at = failed_at - %(age)s
        where {chosen}
        """,
        values,
    )


def read_rows(ledger: psycopg.Connection[Any], view: str) -> list[dict[str, Any]]:
    with ledger.cursor(row_factory=dict_row) as cursor:
        order = "interval_start" + (", attempt" if view == "attempt" else "")
        return cursor.execute(f"select * from event_delivery.{view} order by {order}").fetchall()


@pytest.fixture
def days(acme) -> list[Delivery]:
    """Deliveries of six days, long past."""
    day, found = acme.day(DAY), []
    for _ in range(6):
        found.append(nightly_delivery(acme, "courseCompletion", day))
        day = day.previous
    return found[::-1]


def test_the_proof_of_a_delivery_outlives_what_may_be_personal(events_db, delivery):
    """Name, counts, checksum, state and times stay; titles, errors and needless attempts are gone."""
    with open_ledger() as ledger:
        for _ in range(3):
            fail(ledger, delivery, "scheduled__1")
        deliver(ledger, delivery, "scheduled__1")
        age(ledger, 401)
    [before] = read_rows(events_db, "delivery")
    assert purge_ledger() == Purged(profiles=1, attempts=2, reasons=3)
    [after] = read_rows(events_db, "delivery")
    assert {name: after[name] for name in UNTOUCHED} == {name: before[name] for name in UNTOUCHED}
    assert after["profile"] is None
    attempts = [(row["attempt"], row["error"]) for row in read_rows(events_db, "attempt")]
    assert attempts == [(1, FORGOTTEN), (4, None)]
    assert purge_ledger() == Purged()


def test_nothing_is_forgotten_before_its_time(events_db, delivery, monkeypatch):
    """400 days unless the environment says otherwise."""
    with open_ledger() as ledger:
        fail(ledger, delivery, "run")
        deliver(ledger, delivery, "run")
        age(ledger, 399)
    assert purge_ledger() == Purged()
    monkeypatch.setenv("EVENT_DELIVERY_LEDGER_DAYS", "398.5")
    assert purge_ledger().profiles == 1


def test_open_and_unconfirmed_deliveries_keep_everything(events_db, days):
    """However old: a person has to decide, or a run to end, with all that is known."""
    open_, unconfirmed, failed = days[:3]
    with open_ledger() as ledger:
        fail(ledger, open_, "run")
        begin_attempt(ledger, open_, FILE, "dag", "run", True)
        fail(ledger, unconfirmed, "run", unconfirmed=True)
        fail(ledger, failed, "run")
        age(ledger, 4_000)
        before = read_rows(ledger, "delivery")[:2], read_rows(ledger, "attempt")[:3]
        purge_ledger()
        assert (read_rows(ledger, "delivery")[:2], read_rows(ledger, "attempt")[:3]) == before
        last = read_rows(ledger, "delivery")[2]
    assert (last["state"], last["profile"], last["last_error"]) == ("failed", None, FORGOTTEN)


def test_an_old_day_that_failed_again_today_keeps_its_reason(events_db, days):
    """Also where it failed before an attempt: how old the day is does not count."""
    before_upload, at_upload = days[:2]
    with open_ledger() as ledger:
        for delivery in (before_upload, at_upload):
            deliver(ledger, delivery, "scheduled__1")
        age(ledger, 500)
        record_unsent(ledger, before_upload, REFUSED, "dag", "manual__2")
        fail(ledger, at_upload, "manual__2")
        ledger.execute(
            "update event_delivery.delivery_record set failed_at = null where interval_start = %s",
            [at_upload.interval_start],  # as an earlier release recorded it
        )
        before = read_rows(ledger, "delivery"), read_rows(ledger, "attempt")
        assert purge_ledger() == Purged()
        assert (read_rows(ledger, "delivery"), read_rows(ledger, "attempt")) == before


def test_a_held_day_that_nobody_released_keeps_its_reason_no_longer_than_a_failed_one(events_db, days):
    """It has no attempt, and no file."""
    held = replace(REFUSED, held=True)
    with open_ledger() as ledger:
        record_unsent(ledger, days[0], held, "dag", "scheduled__1")
        assert read_rows(ledger, "delivery")[0]["state"] == "held"
        assert purge_ledger() == Purged()
        age(ledger, 500)
        purge_ledger()
        assert read_rows(ledger, "delivery")[0]["last_error"] == FORGOTTEN


def test_what_the_page_says_of_a_night_is_the_same_after_it(events_db, days):
    """First arrival, first run and first promised night rest on attempts that stay."""
    with open_ledger() as ledger:
        for number, delivery in enumerate(days):
            for _ in range(number):
                fail(ledger, delivery, f"scheduled__{number}")
            if number % 2:
                deliver(ledger, delivery, f"scheduled__{number}")
            fail(ledger, delivery, f"manual__{number}")
            deliver(ledger, delivery, f"manual__{number}")
        age(ledger, 700)
    key = [("acme", "courseCompletion")]

    def read() -> Any:
        with open_ledger_reading() as reading:
            nights = reading.read_nights(["acme"], days[0].interval_start, days[-1].interval_end)
            return nights, reading.read_first_nights(key)

    before = read()
    assert len(before[0]) == len(days)
    assert purge_ledger().attempts > 0
    assert read() == before
    with open_ledger_reading() as reading:
        record = reading.find_night("acme", "courseCompletion", days[-1].interval)
        assert record is not None
        assert record.profile is None
        assert record.attempts > len(reading.read_attempts(record))


def test_a_forgotten_day_can_be_delivered_again(events_db, delivery):
    """Its attempts are counted on, its file keeps its name."""
    with open_ledger() as ledger:
        for _ in range(3):
            fail(ledger, delivery, "run")
        age(ledger, 401)
        purge_ledger()
        attempt = begin_attempt(ledger, delivery, FILE, "dag", "manual__2", False)
        record_delivered(ledger, attempt, "/in/acme.json", 1.5, SENT)
    assert (attempt.number, attempt.file_name) == (4, FILE.file_name)
    [record] = read_rows(events_db, "delivery")
    assert (record["state"], record["profile"], record["last_error"]) == ("delivered", PROFILE, None)


def test_many_are_forgotten_in_small_transactions_that_wait_for_nobody_for_long(events_db, days):
    """One that somebody holds ends it with a retryable error; what was forgotten before stays so."""
    with open_ledger() as ledger:
        for delivery in days:
            deliver(ledger, delivery, "run")
        age(ledger, 401)
    holder = psycopg.connect(os.environ["AIRFLOW_CONN_EVENTS_DB"])
    with holder:
        holder.execute(
            "select from event_delivery.delivery_record where interval_start = %s for update",
            [days[-1].interval_start],
        )
        with pytest.raises(RetryableError, match="lock timeout"):
            purge_ledger(batch=2)
        kept = [row["profile"] is not None for row in read_rows(events_db, "delivery")]
        assert kept == [False, False, False, False, True, True]
    assert purge_ledger(batch=2) == Purged(profiles=2)


@pytest.mark.parametrize("value", ["0", "-400", "0.5", "nan", "inf", "1e9", "a year", "400 days"])
def test_a_value_that_is_no_number_of_days_forgets_nothing(events_db, delivery, monkeypatch, value):
    """The error names the variable, what was found and what is wanted."""
    with open_ledger() as ledger:
        deliver(ledger, delivery, "run")
        age(ledger, 5_000)
    monkeypatch.setenv("EVENT_DELIVERY_LEDGER_DAYS", value)
    wanted = f"EVENT_DELIVERY_LEDGER_DAYS: found '{value}', wanted a number of days from 1 to 36500"
    with pytest.raises(PermanentError, match=wanted):
        purge_ledger()
    assert read_rows(events_db, "delivery")[0]["profile"] == PROFILE


def test_where_there_is_no_ledger_yet_there_is_nothing_to_forget(events_db):
    """It is not made for that."""
    assert purge_ledger() == Purged()
    assert events_db.execute("select to_regnamespace('event_delivery')").fetchone() == (None,)


def test_another_instance_s_ledger_is_left_as_it_is(events_db, delivery, monkeypatch):
    """Its days are that instance's to set."""
    with open_ledger() as ledger:
        deliver(ledger, delivery, "run")
        age(ledger, 401)
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "production")
    assert main(["claim"]) == 0
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "test")
    with pytest.raises(PermanentError, match="production"):
        purge_ledger()
    assert read_rows(events_db, "delivery")[0]["profile"] == PROFILE


def test_the_command_line_counts_first_and_then_forgets(events_db, delivery, monkeypatch, capsys):
    """`--dry-run` removes nothing, and says the same numbers."""
    with open_ledger() as ledger:
        for _ in range(3):
            fail(ledger, delivery, "run")
        deliver(ledger, delivery, "run")
        age(ledger, 401)
    removed = "1 profiles, 2 attempts, 0 reports, 0 incidents and the reasons of 3 failures"
    counts = f"{removed}, of deliveries untouched for 400 days.\n"
    assert main(["purge", "--dry-run"]) == 0
    assert capsys.readouterr().out == f"Would remove {counts}"
    assert read_rows(events_db, "delivery")[0]["profile"] == PROFILE
    assert main(["purge"]) == 0
    assert capsys.readouterr().out == f"Removed {counts}"
    assert read_rows(events_db, "delivery")[0]["profile"] is None
    monkeypatch.setenv("EVENT_DELIVERY_LEDGER_DAYS", "0")
    assert main(["purge"]) == 1
    assert "found '0'" in capsys.readouterr().err
