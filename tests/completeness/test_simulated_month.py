"""Does a month with late events and outages end complete, by nights and what follows them alone?"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.missing_days import look_for_missing
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import read_report
from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.schedule import last_day_before
from event_delivery.upload import UploadRun, deliver_file
from local_servers.free_port import find_free_port
from tests.completeness.deliveries import night
from tests.sample_events import insert_event

pytestmark = pytest.mark.slow

FIRST, NIGHTS, EVENTS_A_DAY, LATE_SHARE = date(2026, 3, 10), 30, 15, 0.03
LATEST = timedelta(days=5)
NO_AIRFLOW = {8, *range(15, 21)}
FAILOVER, SERVER_DOWN, PAUSED = {12}, {24, 25}, {5, 6, 7}
ZONES = {
    "newyork": ("America/New_York", {"late_events": "supplement", "missing_days": "deliver"}),
    "berlin": ("Europe/Berlin", {"late_events": "redeliver", "missing_days": "deliver", "format": "csv"}),
    "tokyo": ("Asia/Tokyo", {"late_events": "supplement", "missing_days": "report", "format": "csv"}),
    "lordhowe": ("Australia/Lord_Howe", {"late_events": "supplement", "missing_days": "deliver"}),
}
DOWN, PAUSES = "newyork", "tokyo"
_log = logging.getLogger(__name__)


@dataclass(order=True)
class Arrival:
    """An event, and when it reaches the source."""

    at: datetime
    happened: datetime
    destination: str


@dataclass
class Month:
    """The instance at one night after another."""

    source: Any
    arrivals: list[Arrival]
    destinations: dict[str, Destination]
    late: int = 0
    paused: bool = False
    now: datetime = field(default_factory=lambda: _instant(0))

    def arrive(self) -> None:
        """Let everything reach the source whose time has come."""
        while self.arrivals and self.arrivals[0].at <= self.now:
            each = self.arrivals.pop(0)
            company = self.destinations[each.destination].company_id
            insert_event(self.source, each.happened, company_id=str(company))

    def run_night(self, destination: Destination) -> None:
        """Deliver yesterday, and then bring what is late or missing, as `event_delivery_completeness` does."""
        day = last_day_before(self.now, destination.timezone).date
        self.paused = destination.id == PAUSES and self.now in map(_instant, PAUSED)
        self.deliver(destination, Remedy(destination.id, "courseCompletion", day, why="scheduled"))
        for find in (look_back, look_for_missing):
            self.bring(destination, find)

    def bring(self, destination: Destination, find: Any, *asked: Any) -> None:
        """Deliver what is found lacking."""
        try:
            remedies = find(destination, self.now, *asked)
        except DeliveryError as error:
            _log.info("%s", error)
            return
        for remedy in remedies:
            self.deliver(destination, remedy)

    def deliver(self, destination: Destination, remedy: Remedy) -> None:
        """Run the three tasks; what fails stays undelivered tonight, and no run starts behind a pause."""
        if self.paused:
            return
        run_id = f"{remedy.why}__{remedy.event}__{remedy.day}__{self.now:%Y-%m-%d}"
        whole = night(destination, remedy.day, remedy.event)
        delivery = supplement_of(whole, remedy.supplement) if remedy.supplement else whole
        try:
            extract_supplement(delivery) if remedy.supplement else extract_events(delivery)
            format_staged_events(delivery)
            run = UploadRun("dag", run_id, leaves_delivered=remedy.why == "missing")
            deliver_file(delivery, run, _log)
        except DeliveryError as error:
            _log.info("%s", error)
        else:
            self.late += remedy.why == "late"


def _instant(number: int) -> datetime:
    """Return half past the last night of a day: it is after 02:00 and its tries everywhere."""
    return datetime(FIRST.year, FIRST.month, FIRST.day, 12, 30, tzinfo=UTC) + timedelta(days=number)


def make_arrivals() -> list[Arrival]:
    """Return a month's events, some of which come up to five days late."""
    chance, first = Random(13), _instant(0) - timedelta(days=2)
    arrivals = []
    for destination in ZONES:
        for _ in range(EVENTS_A_DAY * (NIGHTS + 2)):
            happened = first + chance.random() * timedelta(days=NIGHTS + 2)
            delay = chance.random() * LATEST if chance.random() < LATE_SHARE else timedelta()
            arrivals.append(Arrival(happened + delay, happened, destination))
    return sorted(arrivals)


@contextmanager
def away(name: str, scheme: str) -> Iterator[None]:
    """Let nobody answer where a Connection leads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"AIRFLOW_CONN_{name}", f"{scheme}://a:b@127.0.0.1:{find_free_port()}/c")
        yield


@pytest.fixture
def month(events_db, sftp_server, staging_area, monkeypatch) -> Month:
    """Four destinations in four zones, whose ledger is not lost with the source."""
    import os

    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", os.environ["AIRFLOW_CONN_EVENTS_DB"])
    destinations = {}
    for name, (zone, fields) in ZONES.items():
        company = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{name.upper()}", os.environ["AIRFLOW_CONN_SFTP_ACME"])
        place = {"connection": f"sftp_{name}", "path": f"/{name}", "create_folder": True}
        destinations[name] = Destination(
            id=name, client=name, company_id=company, timezone=zone, **(place | fields)
        )
    return Month(events_db, make_arrivals(), destinations)


def test_a_month_of_late_events_and_outages_ends_complete(month):
    """Two outages of Airflow, a source that failed over, a server that was down, and a DAG that was paused."""
    for number in range(NIGHTS):
        month.now = _instant(number)
        month.arrive()
        for destination in month.destinations.values():
            if number in NO_AIRFLOW:
                continue
            if number in FAILOVER:
                with away("EVENTS_DB", "postgresql"):
                    month.run_night(destination)
            elif number in SERVER_DOWN and destination.id == DOWN:
                with away(f"SFTP_{DOWN.upper()}", "sftp"):
                    month.run_night(destination)
            else:
                month.run_night(destination)
    for number in range(NIGHTS, NIGHTS + LATEST.days + 1):
        month.now = _instant(number)
        month.arrive()
        for destination in month.destinations.values():
            month.run_night(destination)
    assert not month.arrivals
    month.bring(month.destinations[PAUSES], look_for_missing, True)
    last = last_day_before(month.now, "UTC").date - timedelta(days=1)
    reports = {}
    for destination in month.destinations.values():
        first = last_day_before(_instant(0), destination.timezone).date
        with open_reconciliation(destination, first, last, month.now) as reconciliation:
            reports[destination.id] = read_report(reconciliation)
    texts = "\n\n".join(report.write_text() for report in reports.values())
    assert all(report.is_clean for report in reports.values()), texts
    assert all(report.totals["source"] > EVENTS_A_DAY * NIGHTS for report in reports.values()), texts
    assert month.late > NIGHTS, "hardly anything came late"
    days = [row.interval for row in reports["lordhowe"].rows]
    assert all(before.end == after.start for before, after in pairwise(days))
