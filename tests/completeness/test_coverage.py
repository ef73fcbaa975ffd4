"""Does the ledger tell what was delivered, or may yet be, from what was left?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from event_delivery.completeness.missing_days import list_missing
from event_delivery.errors import RetryableError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.coverage import Coverage, UndeliveredNight, read_coverage
from event_delivery.schedule import Interval, LocalDay, interval_of
from tests.nights import insert

EVENT, ZONE = "courseCompletion", "America/New_York"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
FIRST, SECOND, THIRD, FOURTH, FIFTH = (LocalDay(date(2026, 3, number), ZONE) for number in range(6, 11))


def read(now=NOW, destination="acme", event=EVENT):
    with open_ledger_reading() as ledger:
        return read_coverage(ledger, [(destination, event)], now)[destination, event]


def test_nights_that_touch_are_one_period(night):
    """A healthy destination's years are a single row; what is another's, or a test file's, is none of them."""
    for day in (SECOND, FIRST, FOURTH):
        night(day)
    night(THIRD, destination="other")
    night(FIFTH, kind="test")
    assert read() == Coverage(FIRST.start, (Interval(FIRST.start, SECOND.end), Interval(FOURTH.start, FOURTH.end)))


def test_a_night_within_another_zones_longer_one_ends_no_period(night):
    """A redelivery with allow_overlap leaves intervals that lie over each other."""
    night(Interval(FIRST.start, FOURTH.end))
    night(SECOND)
    night(FIFTH)
    assert read().covered == (Interval(FIRST.start, FIFTH.end),)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_night_that_failed_is_left_unless_the_client_has_it_from_before(night, ledger, state):
    """A redelivery that fails takes nothing back."""
    night(FIRST)
    night(SECOND, state)
    [left] = read().undelivered
    assert left == UndeliveredNight(interval_of(SECOND), state, left.run_id, False, False)
    ledger.execute("update event_delivery.delivery_record set delivered_at = now() where state = %s", [state])
    assert read() == Coverage(FIRST.start, (Interval(FIRST.start, SECOND.end),))


@pytest.mark.parametrize("step", ["renaming", "taken"])
def test_a_failed_file_that_may_stand_under_its_name_is_told(night, step):
    """The ledger refuses another zone's day over it."""
    night(FIRST, "failed", step=step)
    assert [left.may_have_arrived for left in read().undelivered] == [True]


def test_what_is_under_way_is_left_only_once_no_run_can_be(night):
    """A run lasts less than a day; one that was deleted never ends its delivery."""
    night(FIRST)
    night(SECOND, "uploading")
    begun = SECOND.end + timedelta(hours=6)
    assert read(begun + timedelta(hours=19)).covered == (Interval(FIRST.start, SECOND.end),)
    cut_off = read(begun + timedelta(hours=21))
    assert cut_off.covered == (interval_of(FIRST),)
    assert [tuple(left)[1:] for left in cut_off.undelivered] == [
        ("uploading", "scheduled__2026-03-07T05:00:00+00:00", True, False)
    ]


def test_a_night_that_is_tried_again_and_again_is_under_way_by_its_last_attempt(night, ledger):
    """Tried first more than a run's time ago, and once more since: it must not be started beside that."""
    night(FIRST)
    night(SECOND, "uploading")
    begun = SECOND.end + timedelta(hours=6)
    again = {"interval_start": SECOND.start, "interval_end": SECOND.end, "run_id": "scheduled__2", "attempt": 2}
    named = {"destination": "acme", "event": EVENT, "kind": "nightly"}
    insert(ledger, "attempt", named | again | {"started_at": begun + timedelta(hours=19)})
    assert read(begun + timedelta(hours=38)).covered == (Interval(FIRST.start, SECOND.end),)
    assert read(begun + timedelta(hours=40)).covered == (interval_of(FIRST),)


@pytest.mark.parametrize("state", ["unconfirmed", "held"])
def test_a_night_that_waits_for_a_person_is_no_gap(night, ledger, state):
    """A run of it would send nothing before somebody has decided."""
    night(FIRST)
    night(SECOND, "uploading")
    ledger.execute("update event_delivery.delivery_record set state = %s where state = 'uploading'", [state])
    [left] = read().undelivered
    assert (left.state, left.is_open) == (state, True)
    assert read().covered == (Interval(FIRST.start, SECOND.end),)


def test_a_first_night_stays_the_first_when_a_later_run_of_it_fails_too(night, acme):
    """A failure before its upload leaves the ledger only the last run's id."""
    night(FIRST, "failed", attempts=0, run_id="missing__2026-03-06T05-00-00Z__night_2026-03-08")
    night(SECOND)
    assert read().begin == FIRST.start
    days = list_missing(acme, THIRD.start + timedelta(hours=12))
    assert [(each.day, each.state) for each in days] == [(FIRST.date, "failed")]


def test_a_new_event_type_begins_with_its_own_first_night(night, acme, include):
    """The other's nights before that are not expected of it."""
    text = (include / "sql/course_completion.sql").read_text()
    (include / "sql/quiz_passed.sql").write_text(text)
    (include / "samples/quiz_passed.json").write_text((include / "samples/course_completion.json").read_text())
    night(FIRST)
    night(THIRD, event="quizPassed")
    both = acme.model_copy(update={"events": (EVENT, "quizPassed")})
    days = list_missing(both, FOURTH.end + timedelta(hours=12))
    assert [(each.event, each.day.day) for each in days] == [
        (EVENT, 7), (EVENT, 8), (EVENT, 9), ("quizPassed", 9)
    ]  # fmt: skip


def test_without_a_ledger_nothing_is_missing(events_db, acme):
    """The first delivery makes it."""
    assert list_missing(acme, NOW) == []


def test_a_ledger_that_cannot_be_reached_is_told(acme, monkeypatch):
    """In one sentence, and as something that may pass."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(RetryableError, match="^ledger_db: connection failed"):
        list_missing(acme, NOW)
