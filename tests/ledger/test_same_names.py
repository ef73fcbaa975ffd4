"""Do two deliveries of a destination never share a name, whatever its YAML says by and by?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.ledger import open_ledger
from event_delivery.ledger.attempts import RecordedFile
from event_delivery.ledger.beginning import begin_attempt
from tests.sample_events import DAY


@pytest.fixture
def name(events_db):
    """Begin an attempt of a delivery, and return what its file is called."""

    def begin(delivery: Delivery) -> str:
        file = RecordedFile(delivery.file_name, {}, 3, 30, "0" * 64, {})
        with open_ledger() as ledger:
            return begin_attempt(ledger, delivery, file, "dag", "run", False).file_name

    return begin


def change(delivery: Delivery, **fields: object) -> Delivery:
    told = {"id": "acme", "client": "Acme", "company_id": str(delivery.destination.company_id)}
    shaped = {"file_name": "{event}_{day}"} | fields
    return replace(delivery, destination=Destination.model_validate(told | shaped))


def moved_west(delivery: Delivery, **fields: object) -> Delivery:
    """Return the hours between the last day in New York and the first in Los Angeles: of one date with that."""
    there = change(delivery, timezone="America/Los_Angeles", **fields)
    return replace(there, interval_start=delivery.interval_end, interval_end=datetime(2026, 3, 10, 7, tzinfo=UTC))


def test_hours_of_a_date_that_was_delivered_have_a_name_of_their_own(delivery, name):
    """A zone moved west makes two intervals of one date: the later one gets its suffix, for ever."""
    day, hours = change(delivery), moved_west(delivery)
    assert day.file_name == hours.file_name
    assert name(day) == "courseCompletion_2026-03-09.json"
    given = name(hours)
    assert given.startswith("courseCompletion_2026-03-09-")
    assert (name(hours), name(day)) == (given, "courseCompletion_2026-03-09.json")


@pytest.mark.parametrize(
    "packed", [{"format": "csv"}, {"compression": "gzip"}, {"format": "csv", "compression": "zip"}]
)
def test_another_ending_makes_no_name_of_its_own(delivery, name, packed):
    """A day whose format changes later would take the name of what came between."""
    assert name(change(delivery)) == "courseCompletion_2026-03-09.json"
    later = name(moved_west(delivery, **packed))
    again = name(change(delivery, **packed))
    assert again.startswith("courseCompletion_2026-03-09.")
    assert later.startswith("courseCompletion_2026-03-09-")
    assert again != later


def test_a_name_that_another_one_begins_with_is_free(delivery, name):
    """`a_2026-03-09-x` is not `a_2026-03-09`."""
    day = change(delivery)
    assert name(supplement_of(change(delivery, file_name="{event}_{day:%Y-%m-%d}"), 1)) != name(day)
    assert name(day) == "courseCompletion_2026-03-09.json"


def test_two_test_files_of_a_day_and_two_event_types_have_their_own_names(delivery, name, monkeypatch):
    """Nothing that a destination gets on a day replaces what it got before."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("courseStarted", "course_started.sql"))
    destination = change(delivery).destination
    tests = [
        delivery_of_test_file(destination, delivery.event, datetime(2026, 3, 9, hour, tzinfo=UTC))
        for hour in (8, 9)
    ]
    night = nightly_delivery(destination, delivery.event, destination.day(DAY))
    other = replace(night, event="courseStarted")
    every = [*tests, night, other, supplement_of(night, 1), supplement_of(night, 2)]
    assert len({name(each) for each in every}) == len(every)


@pytest.mark.parametrize(
    "first, second, wanted",
    [
        ({}, {"compression": "gzip"}, "courseCompletion_2026-03-09.json.gz"),
        ({"compression": "gzip"}, {}, "courseCompletion_2026-03-09.json"),
        ({"format": "csv", "compression": "gzip"}, {"format": "csv"}, "courseCompletion_2026-03-09.csv"),
        (
            {"format": "csv", "compression": "gzip", "encryption": {"recipients": "k"}},
            {"format": "json"},
            "courseCompletion_2026-03-09.json",
        ),
        (
            {"format": "csv", "encryption": {"recipients": "k", "armor": True}},
            {"format": "ndjson", "encryption": {"recipients": "k"}},
            "courseCompletion_2026-03-09.ndjson.pgp",
        ),
        ({"file_name": "{event}_{day}.txt"}, {"file_name": "x_{day}.txt"}, "courseCompletion_2026-03-09.txt"),
        ({"file_name": "{event}_{day}.txt"}, {"format": "csv"}, "courseCompletion_2026-03-09.csv"),
        ({"format": "csv"}, {"format": "csv", "csv": {"delimiter": ";"}}, "courseCompletion_2026-03-09.csv"),
    ],
)
def test_a_day_that_comes_again_changes_no_more_than_its_ending(delivery, name, first, second, wanted):
    """Another format or packing has another ending; whatever else the YAML says by then, the name stays."""
    name(change(delivery, **first))
    assert name(change(delivery, **second)) == wanted
