"""Does a month of seven clients with late events and outages end complete, by nights and one command?

Airflow's runs are played here; what they do is real. tests/end_to_end brings a late event on a real scheduler.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.missing_days import look_for_missing
from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import Report, read_report
from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.schedule import last_day_before
from event_delivery.upload import UploadRun, deliver_file
from local_servers.free_port import find_free_port
from tests.completeness.deliveries import night, read_counted
from tests.completeness.month_events import LATEST, Arrival, company_of, make_arrivals
from tests.sample_events import insert_event

pytestmark = pytest.mark.slow

FIRST, NIGHTS = date(2026, 3, 10), 30
NO_AIRFLOW = {8, *range(15, 21)}
FAILOVER, SERVER_DOWN, PAUSED = 12, {24, 25}, {5, 6, 7}
BACKUP_AGE = timedelta(hours=36)
CLIENTS = {
    "newyork": ("America/New_York", {"late_events": "supplement", "missing_days": "deliver"}),
    "berlin": ("Europe/Berlin", {"late_events": "redeliver", "missing_days": "deliver", "format": "csv"}),
    "tokyo": ("Asia/Tokyo", {"late_events": "supplement", "missing_days": "report", "format": "csv"}),
    "lordhowe": ("Australia/Lord_Howe", {"late_events": "supplement", "missing_days": "deliver"}),
    "utc": ("UTC", {"late_events": "redeliver", "missing_days": "deliver"}),
    "kolkata": ("Asia/Kolkata", {"late_events": "supplement", "missing_days": "deliver", "format": "csv"}),
    "denver": ("America/Denver", {"late_events": "supplement", "missing_days": "deliver"}),
}
DOWN, PAUSES = "newyork", "tokyo"
_log = logging.getLogger(__name__)


@dataclass
class Month:
    """The instance at one night after another."""

    source: Any
    arrivals: list[Arrival]
    destinations: dict[str, Destination]
    late: int = 0
    arrived: list[Arrival] = field(default_factory=list)
    paused: bool = False
    now: datetime = field(default_factory=lambda: _instant(0))

    def arrive(self) -> None:
        """Let everything reach the source whose time has come."""
        while self.arrivals and self.arrivals[0].at <= self.now:
            each = self.arrivals.pop(0)
            insert_event(self.source, each.happened, id=each.id, company_id=company_of(each.client))
            self.arrived.append(each)

    def fail_over(self) -> None:
        """Let the source go on from a backup: delivered events go, and are loaded again two days later."""
        lost = [each for each in self.arrived if each.at > self.now - BACKUP_AGE]
        self.source.execute("delete from events where id = any(%s)", [[each.id for each in lost]])
        self.arrived = [each for each in self.arrived if each not in lost]
        again = [replace(each, at=self.now + timedelta(days=2)) for each in lost]
        self.arrivals = sorted([*self.arrivals, *again])

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


@contextmanager
def away(name: str, scheme: str) -> Iterator[None]:
    """Let nobody answer where a Connection leads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"AIRFLOW_CONN_{name}", f"{scheme}://a:b@127.0.0.1:{find_free_port()}/c")
        yield


@pytest.fixture
def month(events_db, sftp_server, staging_area, monkeypatch) -> Month:
    """Seven destinations in seven zones, whose ledger is not lost with the source."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", os.environ["AIRFLOW_CONN_EVENTS_DB"])
    destinations = {}
    for name, (zone, fields) in CLIENTS.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{name.upper()}", os.environ["AIRFLOW_CONN_SFTP_ACME"])
        place = {"connection": f"sftp_{name}", "path": f"/{name}", "create_folder": True}
        named = {"id": name, "client": name, "company_id": company_of(name), "timezone": zone}
        destinations[name] = Destination(**named, **place, **fields)
    arrivals = make_arrivals(list(CLIENTS), FIRST - timedelta(days=2), NIGHTS + 2)
    return Month(events_db, arrivals, destinations)


def run_nights(month: Month) -> None:
    """Let every night of the month come, and as many more as an event may be late."""
    for number in range(NIGHTS + LATEST.days + 1):
        month.now = _instant(number)
        month.arrive()
        if number == FAILOVER:
            month.fail_over()
        for destination in month.destinations.values():
            if number in NO_AIRFLOW:
                continue
            if number == FAILOVER:
                with away("EVENTS_DB", "postgresql"):
                    month.run_night(destination)
            elif number in SERVER_DOWN and destination.id == DOWN:
                with away(f"SFTP_{DOWN.upper()}", "sftp"):
                    month.run_night(destination)
            else:
                month.run_night(destination)


def reconcile(month: Month, destination: Destination) -> Report:
    """Reconcile the month from the destination's first night on."""
    first = last_day_before(_instant(0), destination.timezone).date
    last = last_day_before(month.now, "UTC").date - timedelta(days=1)
    with open_reconciliation(destination, first, last, month.now) as reconciliation:
        return read_report(reconciliation)


def check_folder(month: Month, folder: Path, destination: Destination, report: Report) -> None:
    """Hold what lies on the server against the source, by the test's own eyes."""
    counted = Counter(each for files in read_counted(folder).values() for file in files for each in file)
    start, end = report.rows[0].interval.start, report.rows[-1].interval.end
    query = """select id::text from events where company_id = %s and "timestamp" >= %s and "timestamp" < %s"""
    source = {row[0] for row in month.source.execute(query, [destination.company_id, start, end])}
    twice = {each for each, count in counted.items() if count > 1}
    assert (source - counted.keys(), twice) == (set(), set()), destination.id
    assert report.totals["source"] == len(source), destination.id


def test_a_month_of_late_events_and_outages_ends_complete(month, sftp_server):
    """Two outages of Airflow, a failover, a server that was down, and a DAG that was paused."""
    run_nights(month)
    assert not month.arrivals
    month.bring(month.destinations[PAUSES], look_for_missing, True)
    reports = {each.id: reconcile(month, each) for each in month.destinations.values()}
    texts = "\n\n".join(report.write_text() for report in reports.values())
    assert all(report.is_clean for report in reports.values()), texts
    for name, report in reports.items():
        check_folder(month, sftp_server.user_folder("acme") / name, month.destinations[name], report)
        assert all(before.interval.end == after.interval.start for before, after in pairwise(report.rows))
    assert month.late > NIGHTS // 2, "hardly anything came late"
    print(json.dumps({name: report.totals for name, report in reports.items()}))  # noqa: T201 - the month's result
