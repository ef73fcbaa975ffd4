"""Days that no night delivered: found in the ledger's tiling, and delivered oldest first, a few a night."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.missing_days import (
    MissingDay,
    choose_missing,
    find_missing,
    list_missing,
    look_for_missing,
)
from event_delivery.destinations import Destination
from event_delivery.ledger.records import NightRecord
from event_delivery.limits import MISSING_A_NIGHT
from event_delivery.schedule import Interval, LocalDay
from event_delivery.upload import UploadRun, deliver_file
from tests.completeness.deliveries import night
from tests.sample_events import COMPANY, DAY

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia")


def record(interval: Interval, state: str = "delivered", delivered: bool | None = None) -> NightRecord:
    """Return a night as the ledger has it."""
    at = NOW if (state == "delivered" if delivered is None else delivered) else None
    return NightRecord(
        "acme",
        "courseCompletion",
        interval,
        state,
        1,
        1,
        at,
        1.0,
        1,
        at,
        at,
        "scheduled__",
        None,
        None,
        None,
        None,
        None,
    )


def day(destination: Destination, wanted: date) -> Interval:
    local = destination.day(wanted)
    return Interval(local.start, local.end)


def find(destination: Destination, records: list[NightRecord], first: date = DAY) -> list[MissingDay]:
    return list(find_missing(destination, "courseCompletion", destination.day(first).start, records, NOW))


def test_days_between_and_after_the_delivered_ones_are_missing(acme):
    """Until the last night whose tries are over."""
    records = [record(day(acme, DAY)), record(day(acme, DAY + timedelta(3)))]
    missing = find(acme, records)
    wanted = [DAY + timedelta(days) for days in (1, 2, 4, 5, 6, 7, 8, 9, 10)]
    assert [each.day for each in missing] == wanted
    assert all(each.is_whole and not each.tried for each in missing)


def test_tonight_is_not_missing_while_it_may_be_tried(acme):
    """Due at 06:00Z, after two hours' wait for the source tried until 11:25Z, and given half an hour more."""
    latest = date(2026, 3, 19)
    for hour, wanted in ((11, []), (12, [latest])):
        now = datetime(2026, 3, 20, hour, tzinfo=UTC)
        found = find_missing(acme, "courseCompletion", acme.day(latest).start, [], now)
        assert [each.day for each in found] == wanted


@pytest.mark.parametrize(
    ("state", "delivered", "is_missing"),
    [
        ("failed", False, True),
        ("cancelled", False, True),
        ("failed", True, False),
        ("unconfirmed", False, False),
        ("held", False, False),
        ("uploading", False, False),
    ],
)
def test_what_counts_as_missing(acme, state, delivered, is_missing):
    """What failed; not what was delivered before, is under way, or waits for a person."""
    found = [each for each in find(acme, [record(day(acme, DAY), state, delivered)]) if each.day == DAY]
    assert bool(found) == is_missing
    assert all(each.tried for each in found)


def test_what_a_change_of_zone_left_is_told_and_not_delivered(acme):
    """No run of today's zone could carry it without some of what was delivered."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    missing = find(moved, [record(day(acme, DAY)), record(day(acme, DAY + timedelta(2)))])
    parts = [each for each in missing if not each.is_whole]
    assert parts
    assert all(
        remedy.day not in [part.day for part in parts] for remedy in choose_missing(moved, missing, 0, True)
    )


def test_days_before_start_date_are_not_missing(acme):
    """They could not be delivered."""
    bounded = acme.model_copy(update={"start_date": date(2026, 3, 18)})
    assert [each.day for each in find(bounded, [])] == [date(2026, 3, 18), date(2026, 3, 19)]


@given(
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=4),
    delivered=st.sets(st.integers(0, 40), max_size=30),
    first=st.dates(date(2026, 1, 1), date(2026, 2, 10)),
)
def test_missing_and_delivered_days_tile_the_time(zones, delivered, first):
    """Whatever zones the nights had, across clock changes: no instant twice, none left out."""
    today = Destination(id="acme", client="Acme", company_id=COMPANY, timezone=zones[-1])
    intervals: list[Interval] = []
    for place in sorted(delivered):
        local = LocalDay(first + timedelta(place), zones[min(len(zones) - 1, place * len(zones) // 41)])
        is_after = not intervals or intervals[-1].end <= local.start
        if is_after and local.date < date(2026, 3, 19):
            intervals.append(Interval(local.start, local.end))
    begin = min([today.day(first).start, *(each.start for each in intervals)])
    missing = list(find_missing(today, "courseCompletion", begin, [record(each) for each in intervals], NOW))
    spans = sorted([*(each.interval for each in missing), *intervals])
    assert all(before.end == after.start for before, after in itertools.pairwise(spans))
    assert spans[0].start == begin
    assert all(each.interval == day(today, each.day) for each in missing if each.is_whole)


def missing_days(*tried: bool) -> list[MissingDay]:
    acme = Destination(id="acme", client="Acme", company_id=COMPANY)
    days = [DAY + timedelta(place) for place in range(len(tried))]
    return [
        MissingDay("courseCompletion", each, day(acme, each), failed, True)
        for each, failed in zip(days, tried, strict=True)
    ]


def test_the_oldest_come_first_and_no_failing_one_holds_up_the_others(acme):
    """As many a night as a client and a source can bear."""
    delivers = acme.model_copy(update={"missing_days": "deliver"})
    missing = missing_days(True, *[False] * 30)
    chosen = choose_missing(delivers, missing, 0, False)
    assert [each.day for each in chosen] == [each.day for each in missing[1 : MISSING_A_NIGHT + 1]]
    assert all(each.why == "missing" for each in chosen)
    assert choose_missing(delivers, missing, MISSING_A_NIGHT, False) == []
    assert choose_missing(delivers, missing_days(True), 0, False) == [
        Remedy("acme", "courseCompletion", DAY, why="missing")
    ]


def test_nothing_is_delivered_by_itself_unless_that_is_wished(acme):
    """A person may ask for all of them at once."""
    missing = missing_days(*[False] * 30)
    assert choose_missing(acme, missing, 0, False) == []
    assert len(choose_missing(acme, missing, MISSING_A_NIGHT, True)) == 30


def test_the_ledger_s_gaps_are_found_and_counted(events_db, acme, deliver, log):
    """From the first night on; without one nothing is missing; a run that was started tonight counts."""
    delivers = acme.model_copy(update={"missing_days": "deliver"})
    assert list_missing(acme, NOW) == []
    deliver_scheduled(night(acme, DAY), "scheduled__1", log)
    assert [each.day for each in list_missing(acme, NOW)][:2] == [DAY + timedelta(1), DAY + timedelta(2)]
    assert look_for_missing(acme, NOW) == []
    first = look_for_missing(delivers, NOW)
    assert len(first) == MISSING_A_NIGHT
    run_id = f"missing__courseCompletion__{first[0].day}__2026-03-20"
    deliver_scheduled(night(acme, first[0].day), run_id, log)
    assert len(look_for_missing(delivers, NOW)) == MISSING_A_NIGHT - 1
    assert len(look_for_missing(delivers, NOW + timedelta(days=1))) == MISSING_A_NIGHT
    assert len(look_for_missing(acme, NOW, everything=True)) == 9
    assert look_for_missing(delivers, NOW + timedelta(days=200))[0].day > DAY + timedelta(100), "the last months"


def deliver_scheduled(delivery: Any, run_id: str, log: Any) -> None:
    from event_delivery.extract import extract_events
    from event_delivery.formats import format_staged_events

    extract_events(delivery)
    format_staged_events(delivery)
    deliver_file(delivery, UploadRun("dag", run_id), log)


def test_a_night_that_was_cut_off_is_missing_once_its_run_must_be_over(acme):
    """Its worker died and its run was deleted: nobody ever records that it failed."""
    cut_off = record(day(acme, DAY), "uploading", False)
    young = cut_off._replace(first_attempt_at=NOW - timedelta(hours=3))
    old = cut_off._replace(first_attempt_at=NOW - timedelta(hours=30))
    assert DAY not in [each.day for each in find(acme, [young])]
    assert DAY in [each.day for each in find(acme, [old])]


def test_a_night_that_waits_for_its_source_is_not_missing(acme):
    """Its tries begin when the source is complete, `wait_for_source` after it was due at the latest."""
    waits = acme.model_copy(update={"wait_for_source": "6h"})
    latest = date(2026, 3, 19)
    for hour, wanted in ((11, []), (17, [latest])):
        now = datetime(2026, 3, 20, hour, tzinfo=UTC)
        missing = find_missing(waits, "courseCompletion", acme.day(latest).start, [], now)
        assert [each.day for each in missing] == wanted
