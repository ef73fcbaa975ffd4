"""Do the page and the hourly pass mean the same by a missing day?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from event_delivery.completeness.missing_days import list_missing
from event_delivery.destinations.destination import Destination
from event_delivery.page.answers.named import read_named
from event_delivery.schedule import Interval, LocalDay, next_interval
from tests.page.knowledge import EVENT, add_dag
from tests.sample_events import COMPANY

FIRST, DAYS = date(2026, 2, 27), 20  # New York changes its clocks on 8 March
LATER = datetime(2026, 3, 20, 23, 30, tzinfo=UTC)  # the tries of every zone's latest night are over
ZONES = ("America/New_York", "Asia/Tokyo", "America/Los_Angeles", "Australia/Lord_Howe")
STATES = ("delivered", "delivered", "none", "none", "failed", "cancelled", "uploading", "unconfirmed", "held")


def settle(zone, **more):
    return Destination(id="acme", client="Acme", company_id=COMPANY, timezone=zone, **more)


def join(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the periods that these intervals cover together."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(end, joined[-1].end))
        else:
            joined.append(Interval(start, end))
    return joined


def live(night, ledger, zones, chance):
    """Write down scheduled nights, each of them somehow: intervals tile time when the zone changes."""
    end = LocalDay(FIRST, zones[0]).start
    for place in range(DAYS):
        zone = zones[min(place * len(zones) // DAYS, len(zones) - 1)]
        interval = next_interval(settle(zone).schedule, end, end, None, {})
        end = interval.end
        state = chance.choice(STATES) if place else "delivered"
        if state in ("unconfirmed", "held"):
            night(interval, "uploading")
            change = "update event_delivery.delivery_record set state = %s where interval_start = %s"
            ledger.execute(change, [state, interval.start])
        elif state != "none":
            night(interval, state)


def find_on_page(airflow, destination):
    """Return what the page calls missing, failed or cancelled."""
    dates = [FIRST + timedelta(place) for place in range(-1, DAYS + 4)]
    nights = [each for day in dates for each in read_named(airflow, destination, day, LATER)]
    return [night.interval for night, cell in nights if cell["state"] in ("missing", "failed", "cancelled")]


@pytest.mark.parametrize("seed", range(12))
def test_the_page_and_the_hourly_pass_mean_the_same_by_a_missing_day(airflow, ledger, night, seed):
    """Once a night's tries are over, whatever became of it, and through changes of zone and of clocks."""
    chance = Random(seed)
    zones = [chance.choice(ZONES) for _ in range(1 + seed % 3)]
    add_dag(airflow)
    live(night, ledger, zones, chance)
    more = {"start_date": str(FIRST + timedelta(5))} if seed % 4 == 3 else {}
    destination = settle(zones[-1], **more)
    missing = list_missing(destination, LATER)
    assert all(each.event == EVENT for each in missing)
    assert missing
    bound = destination.day(destination.start_date).start if more else LocalDay(FIRST, zones[0]).start
    shown = [Interval(max(start, bound), end) for start, end in find_on_page(airflow, destination) if end > bound]
    assert join(shown) == join(each.interval for each in missing)
