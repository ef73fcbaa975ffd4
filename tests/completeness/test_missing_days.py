"""Days that no night delivered: found in the ledger's tiling, and delivered oldest first, a few a night."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.completeness.gaps import NEVER_TRIED, MissingDay, find_missing
from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.missing_days import choose_missing, list_missing, look_for_missing, tell_day
from event_delivery.destinations import Destination
from event_delivery.ledger.coverage import Coverage, UndeliveredNight
from event_delivery.limits import MISSING_A_NIGHT
from event_delivery.schedule import Interval, LocalDay
from event_delivery.upload import UploadRun, deliver_file
from tests.completeness.deliveries import night
from tests.sample_events import COMPANY, DAY

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia")


def night_of(
    interval: Interval, state: str = "failed", may_have_arrived: bool = False, **more: Any
) -> UndeliveredNight:
    """Return a night of which nothing was delivered, as the ledger has it."""
    return UndeliveredNight(interval, state, "scheduled__1", may_have_arrived, False)._replace(**more)


def cover(
    begin: datetime, covered: Iterable[Interval] = (), undelivered: Iterable[UndeliveredNight] = ()
) -> Coverage:
    """Return what the ledger has of an event type."""
    return Coverage(begin, tuple(sorted(covered)), tuple(sorted(undelivered)))


def day(destination: Destination, wanted: date) -> Interval:
    local = destination.day(wanted)
    return Interval(local.start, local.end)


def find(destination: Destination, covered: list[Interval], first: date = DAY, **more: Any) -> list[MissingDay]:
    known = cover(destination.day(first).start, covered, **more)
    return list(find_missing(destination, "courseCompletion", known, NOW))


def test_days_between_and_after_the_delivered_ones_are_missing(acme):
    """Until the last night whose tries are over."""
    missing = find(acme, [day(acme, DAY), day(acme, DAY + timedelta(3))])
    wanted = [DAY + timedelta(days) for days in (1, 2, 4, 5, 6, 7, 8, 9, 10)]
    assert [each.day for each in missing] == wanted
    assert all(each.obstacle is None and not each.was_tried for each in missing)


def test_tonight_is_not_missing_while_it_may_be_tried(acme):
    """Due at 06:00Z, after two hours' wait for the source tried until 11:25Z, and given half an hour more."""
    latest = date(2026, 3, 19)
    for hour, wanted in ((11, []), (12, [latest])):
        now = datetime(2026, 3, 20, hour, tzinfo=UTC)
        found = find_missing(acme, "courseCompletion", cover(acme.day(latest).start), now)
        assert [each.day for each in found] == wanted


def test_nothing_is_missing_before_a_first_night_nor_of_who_is_disabled(acme):
    """What lies before the first night nobody promised; a file that says `enabled: false` promises nothing."""
    assert list(find_missing(acme, "courseCompletion", Coverage(), NOW)) == []
    assert find(acme.model_copy(update={"enabled": False}), []) == []


@pytest.mark.parametrize(
    ("state", "told"), [("failed", "failed"), ("cancelled", "cancelled"), ("uploading", "cut off")]
)
def test_a_night_of_which_nothing_was_delivered_says_what_became_of_it(acme, state, told):
    """Its own file, wherever it got to, is no obstacle to another run of just this day."""
    [found] = [
        each for each in find(acme, [], undelivered=[night_of(day(acme, DAY), state, True)]) if each.day == DAY
    ]
    assert (found.state, found.was_tried, found.obstacle) == (told, True, None)


def test_what_a_change_of_zone_left_is_told_and_not_delivered(acme):
    """No run of today's zone could carry it without some of what was delivered."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    missing = find(moved, [day(acme, DAY), day(acme, DAY + timedelta(2))])
    parts = [each for each in missing if each.obstacle]
    assert [each.day for each in parts] == [DAY + timedelta(days) for days in range(4)]
    assert all("allow_overlap" in each.obstacle for each in parts)
    chosen = choose_missing(moved, missing, 0, True)
    assert {each.day for each in chosen}.isdisjoint(each.day for each in parts)
    assert "cannot be delivered by itself: the client has a part of this day" in tell_day(parts[0])


def test_the_run_of_a_failed_rest_is_the_one_to_clear(acme):
    """It carries just what is lacking; a run of the whole day would be refused."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    rest = Interval(day(acme, DAY).end, moved.day(DAY + timedelta(1)).end)
    [found, *_] = [
        each for each in find(moved, [day(acme, DAY)], undelivered=[night_of(rest)]) if each.interval == rest
    ]
    assert "clear the run scheduled__1" in found.obstacle


def test_the_run_of_a_failed_night_is_the_one_to_clear_whatever_day_it_is_now(acme):
    """Between delivered nights of the zone before: it brings all that is lacking, once."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    failed = night_of(day(acme, DAY + timedelta(1)))
    missing = find(moved, [day(acme, DAY), day(acme, DAY + timedelta(2))], undelivered=[failed])
    parts = [each for each in missing if failed.interval.start <= each.interval.start < failed.interval.end]
    assert len(parts) == 2
    assert all(f"clear the run scheduled__1, which carries {failed.interval}" in each.obstacle for each in parts)


@pytest.mark.parametrize(
    ("state", "what"), [("unconfirmed", "decide that one first"), ("held", "release"), ("uploading", "under way")]
)
def test_a_night_beside_it_that_is_open_comes_first(acme, state, what):
    """Nobody knows yet what of the day the client will have."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    other = day(acme, DAY + timedelta(2))
    stuck = find(moved, [day(acme, DAY), other], undelivered=[night_of(other, state, is_open=True)])
    told = [each.obstacle for each in stuck if each.obstacle]
    assert str(other) in told[-1]
    assert what in told[-1]


@pytest.mark.parametrize("may_have_arrived", [True, False])
def test_another_zones_file_that_may_have_arrived_is_an_obstacle(acme, may_have_arrived):
    """Nobody knows whether the client has those events."""
    moved = acme.model_copy(update={"timezone": "Europe/Berlin"})
    lost = night_of(day(acme, DAY + timedelta(2)), may_have_arrived=may_have_arrived)
    stuck = [each.day for each in find(moved, [], undelivered=[lost]) if each.obstacle]
    assert stuck == ([DAY + timedelta(2), DAY + timedelta(3)] if may_have_arrived else [])


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
    missing = list(find_missing(today, "courseCompletion", cover(begin, intervals), NOW))
    spans = sorted([*(each.interval for each in missing), *intervals])
    assert all(before.end == after.start for before, after in itertools.pairwise(spans))
    assert spans[0].start == begin
    for each in missing:
        whole = day(today, each.day)
        assert whole.start <= each.interval.start < each.interval.end <= whole.end
        assert bool(each.obstacle) == any(one.overlaps(whole) for one in intervals), "a run would be refused"


def missing_days(*tried: bool) -> list[MissingDay]:
    acme = Destination(id="acme", client="Acme", company_id=COMPANY)
    days = [DAY + timedelta(place) for place in range(len(tried))]
    return [
        MissingDay("acme", "courseCompletion", each, day(acme, each), "failed" if failed else NEVER_TRIED)
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


def test_a_night_is_bounded_by_days_whatever_event_types_they_have(acme):
    """Each day's runs count once."""
    delivers = acme.model_copy(update={"missing_days": "deliver"})
    missing = missing_days(*[False] * 30)
    both = sorted([*missing, *(replace(each, event="quizPassed") for each in missing)], key=lambda each: each.day)
    chosen = choose_missing(delivers, both, 1, False)
    assert len(chosen) == 2 * (MISSING_A_NIGHT - 1)
    assert len({each.day for each in chosen}) == MISSING_A_NIGHT - 1


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


def test_a_night_that_waits_for_its_source_is_not_missing(acme):
    """Its tries begin when the source is complete, `wait_for_source` after it was due at the latest."""
    waits = acme.model_copy(update={"wait_for_source": "6h"})
    latest = date(2026, 3, 19)
    for hour, wanted in ((11, []), (17, [latest])):
        now = datetime(2026, 3, 20, hour, tzinfo=UTC)
        missing = find_missing(waits, "courseCompletion", cover(acme.day(latest).start), now)
        assert [each.day for each in missing] == wanted
