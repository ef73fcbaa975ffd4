"""Is a file that outgrows its line told of weeks before, and one that does not left alone?"""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered, record_failed
from event_delivery.ledger.growth import LargestOfWeek, read_largest_of_weeks
from event_delivery.upload.forecast import forecast_sizes, forecast_weeks
from event_delivery.upload.trend import find_trend

TODAY = date(2026, 11, 28)
MEGABYTE = 1_000_000


def grow(size, growth, weeks=8, format="json", rate=5e6):
    """Return the largest file of each week, the latest first; each is smaller than the next by `growth`."""
    sizes = [round(size / (1 + growth) ** ago) for ago in range(weeks)]
    return [
        LargestOfWeek("acme", "courseCompletion", format, ago, size, size / rate if rate else None)
        for ago, size in enumerate(sizes)
    ]


def forecast(weeks, quota=None):
    return list(forecast_weeks(weeks, quota, TODAY))


def test_a_growing_file_is_told_of_with_its_day_and_what_to_do():
    """1.2 GB at 5 MB/s, 6 % more each week: 1.45 GB fit, for some three weeks."""
    [found] = forecast(grow(1_000 * MEGABYTE, 0.06))
    assert (found.bytes, found.limit) == (1_000 * MEGABYTE, 1_450 * MEGABYTE)
    assert found.growth == pytest.approx(0.06)
    weeks = math.log(1.45) / math.log(1.06)
    assert abs(found.first - TODAY - timedelta(weeks=weeks)) <= timedelta(days=1)
    assert str(found) == (
        "acme, courseCompletion: a week's largest file, about 1.0 GB, grows 6.0% a week: from about 2027-01-11 "
        "on (at the earliest 2027-01-11, at the latest 2027-01-11) it does not fit into the 290 s of an attempt: "
        "at its usual rate, 5.00 MB/s, 1.4 GB do. Ask the client for a faster line or a nearer server, or set "
        "format: csv, which is smaller."
    )


def test_csv_is_not_advised_to_who_has_it():
    """Nor where the quota ends it: that is raised."""
    [found] = forecast(grow(1_000 * MEGABYTE, 0.06, format="csv"))
    assert "csv" not in str(found)
    [found] = forecast(grow(900 * MEGABYTE, 0.06), quota=1_000 * MEGABYTE)
    assert found.rate is None
    assert str(found).endswith("it does not fit into EVENT_DELIVERY_STAGING_QUOTA, 1.0 GB. Raise it.")


def test_a_file_that_does_not_fit_today_is_told_of_though_it_does_not_grow():
    """No day is named: it is now."""
    [found] = forecast(grow(2_000 * MEGABYTE, 0.0))
    assert found.first is None
    assert "about 2.0 GB, does not fit into the 290 s" in str(found)


@pytest.mark.parametrize(
    "weeks",
    [
        grow(1_000 * MEGABYTE, 0.06, weeks=3),
        grow(1_000 * MEGABYTE, 0.0),
        grow(1_000 * MEGABYTE, -0.06),
        grow(10 * MEGABYTE, 0.06),
        [],
    ],
    ids=["three weeks", "even", "shrinking", "years away", "nothing"],
)
def test_nothing_is_foretold_without_a_reason(weeks):
    """Few weeks say nothing, what does not grow fits, and what is years away nobody can tell."""
    assert forecast(weeks) == []


def test_without_a_measured_rate_only_the_quota_foretells():
    """What nobody measured is not guessed."""
    assert forecast(grow(1_000 * MEGABYTE, 0.06, rate=None)) == []
    assert forecast(grow(900 * MEGABYTE, 0.06, rate=None), quota=1_000 * MEGABYTE)


def test_a_week_out_of_line_changes_little():
    """Ten times the size once, or next to nothing: the trend stays."""
    for odd in (10.0, 0.01):
        sizes = [(ago, round(1e9 / 1.06**ago * (odd if ago == 3 else 1))) for ago in range(8)]
        trend = find_trend(sizes)
        assert trend.growth == pytest.approx(1.06, abs=0.005)
        assert trend.least <= trend.growth <= trend.most


def test_another_format_begins_anew():
    """JSON is some twice CSV: a change of it is no growth."""
    weeks = [*grow(700 * MEGABYTE, 0.0, weeks=4), *grow(300 * MEGABYTE, 0.0, format="csv")[4:]]
    assert forecast(weeks) == []


def test_even_sizes_with_chance_in_them_are_rarely_foretold():
    """Some 20 % up and down, without a trend: one in twenty, some chance aside, grows surely."""
    random.seed(4)
    told = 0
    for _ in range(400):
        sizes = [(ago, round(1e9 * math.exp(random.gauss(0, 0.2)))) for ago in range(8)]
        told += find_trend(sizes).least > 1
    assert told <= 0.08 * 400


def test_a_growth_with_chance_in_it_names_days_around_the_true_one():
    """In four of five cases or more the true day lies between the earliest and the latest."""
    random.seed(5)
    within = told = 0
    for _ in range(300):
        weeks = [
            replace(each, bytes=size, seconds=size / 5e6)
            for each in grow(700 * MEGABYTE, 0.06)
            for size in [round(each.bytes * math.exp(random.gauss(0, 0.05)))]
        ]
        true = TODAY + timedelta(weeks=math.log(1_450 / 700) / math.log(1.06))
        for found in forecast(weeks):
            told += 1
            within += found.earliest <= true <= (found.latest or date.max)
    assert told > 200
    assert within >= 0.8 * told


@pytest.fixture
def ledger(events_db):
    """The ledger, upgraded."""
    with open_ledger() as connection:
        yield connection


def deliver(ledger, destination, ago, size, rate=5e6, fails=False, format="json", today=TODAY):
    """Record a night of so many days ago, of so many bytes, sent at so many bytes a second."""
    delivery = nightly_delivery(destination, "courseCompletion", destination.day(today - timedelta(ago)))
    recorded = RecordedFile(delivery.file_name, {"format": format}, 1, size, "0" * 64, {})
    attempt = begin_attempt(ledger, delivery, recorded, "dag", "run", False)
    sent = Sent(size, size / rate, compressed=False)
    if fails:
        record_failed(ledger, attempt, Failure("the transfer did not end", permanent=False), sent)
    else:
        record_delivered(ledger, attempt, "/file", size / rate, sent)


NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)


def test_what_the_ledger_knows_foretells(ledger, acme, monkeypatch):
    """Nine weeks of nights, Mondays ten times the others, over the end of summer time: Mondays count."""
    for ago in range(1, 64):
        day = TODAY - timedelta(ago)
        size = 1_000 * MEGABYTE / 1.06 ** ((ago - 1) // 7) / (1 if day.weekday() == 0 else 10)
        deliver(ledger, acme, ago, round(size), fails=ago == 2)
    asked, execute = [], psycopg.Connection.execute
    monkeypatch.setattr(psycopg.Connection, "execute", lambda *a, **k: asked.append(a) or execute(*a, **k))
    for destinations in (["acme"], None, ["acme", "globex"]):
        [found] = forecast_sizes(ledger, destinations, NOW)
        assert found.bytes == pytest.approx(1_000 * MEGABYTE, rel=0.01)
        assert found.growth == pytest.approx(0.06, abs=0.002)
        assert found.rate == pytest.approx(5e6)
        assert found.first > TODAY
        assert len(asked) == 1
        asked.clear()
    assert forecast_sizes(ledger, ["globex"], NOW) == []
    assert forecast_sizes(ledger, [], NOW) == []


@pytest.mark.parametrize("today", [TODAY, date(2026, 3, 28)], ids=["after summer time", "in summer time"])
def test_a_week_has_each_weekday_once_when_clocks_change(ledger, acme, today):
    """Also where the week's largest day is that of the latest night."""
    sizes = [round(1_000 * MEGABYTE / 1.06**ago) for ago in range(8)]
    for ago in range(1, 63):
        size = sizes[(ago - 1) // 7] if ago % 7 == 1 and ago < 56 else 1_000
        deliver(ledger, acme, ago, size, today=today)
    now = datetime.combine(today, NOW.time(), UTC)
    assert [week.bytes for week in read_largest_of_weeks(ledger, None, now)] == sizes


def test_the_hour_at_which_one_asks_changes_nothing(ledger, acme):
    """Before the night of the week's largest day is delivered, and after it."""
    for ago in range(1, 70):
        size = 1_000 * MEGABYTE / 1.06 ** ((ago - 1) // 7) / (1 if ago % 7 == 1 else 10)
        deliver(ledger, acme, ago, round(size))
    found = [forecast_sizes(ledger, None, NOW + timedelta(hours=hours)) for hours in (0, 20, 28, 100)]
    assert len({(each[0].bytes, each[0].growth) for each in found}) == 1


def test_a_day_alone_and_a_test_file_foretell_nothing(ledger, acme):
    """Weeks with fewer than four nights say nothing."""
    for ago in range(1, 57, 3):
        deliver(ledger, acme, ago, round(2_000 * MEGABYTE))
    assert forecast_sizes(ledger, None, NOW) == []


def test_an_older_ledger_without_formats_is_read(ledger, acme):
    """Files from before recipes said their format are of one kind."""
    for ago in range(1, 57):
        deliver(ledger, acme, ago, round(2_000 * MEGABYTE))
    ledger.execute("update event_delivery.delivery_file set recipe = '{}'")
    [found] = forecast_sizes(ledger, None, NOW)
    assert found.format is None
    assert found.first is None
