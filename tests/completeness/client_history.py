"""What can happen to a destination that brings late events, and what has its client got, by own eyes?"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.restored import find_all_forgotten
from event_delivery.completeness.supplement import check_beside, extract_supplement
from event_delivery.delivery import Delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.extract import extract_events
from event_delivery.formats import format_events, format_staged_events
from event_delivery.staging import StagedGoneError, check_staged
from event_delivery.upload import UploadRun, attempt, deliver_file
from local_servers.sftp_server import SftpServer
from tests.completeness.deliveries import night, read_counted, read_rows
from tests.completeness.ledger_backup import back_up, restore
from tests.sample_events import DAY, insert_event, noon

DAYS = tuple(DAY + timedelta(days=number) for number in range(3))
START = datetime(2026, 3, 14, 8, tzinfo=UTC)
STEPS = ("extract", "format", "upload")
_log = logging.getLogger(__name__)


class KilledError(BaseException):
    """A worker is killed: nothing in it gets a last word."""


@dataclass
class Run:
    """A run of Airflow: the step that it has reached, and whether its upload has been tried."""

    day: date
    supplement: int
    number: int
    reached: int = 0
    retrying: bool = False


@dataclass
class ClientHistory:
    """One destination, its source and its client's folder."""

    number: int
    source: psycopg.Connection[Any]
    server: SftpServer
    staging: Path
    wish: str
    format: str
    now: datetime = START
    runs: list[Run] = field(default_factory=list)
    began: int = 0
    moved: set[str] = field(default_factory=set)
    blind: bool = False
    backed_up: bool = False
    restored: bool = False
    edited: bool = False

    def __post_init__(self) -> None:
        self.name = f"h{self.number}"
        self.company = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"completeness {self.name}"))
        self.folder = self.server.user_folder("acme") / self.name
        self.folder.mkdir()

    @property
    def destination(self) -> Destination:
        """The destination as its YAML is now."""
        return Destination(
            id=self.name,
            client=self.name,
            company_id=self.company,
            connection="sftp_acme",
            path=f"/{self.name}",
            transfer_id=self.number,
            format=self.format,
            late_events=self.wish,
            late_window_days=90,
        )

    def add_event(self, day: int) -> None:
        """Let an event reach the source."""
        minutes = len(self.list_events()) % 300
        insert_event(self.source, noon(DAYS[day], minutes), company_id=self.company)

    def list_events(self, day: date | None = None) -> list[str]:
        """Return the ids at the source, of a day: all tests' events are at noon."""
        query = """
            select id::text from events
            where company_id = %s and "timestamp"::date = coalesce(%s, "timestamp"::date)
            order by id
        """
        return [row[0] for row in self.source.execute(query, [self.company, day])]

    def delete_event(self, index: int) -> None:
        """Let the source lose an event."""
        if ids := self.list_events():
            self.source.execute("delete from events where id = %s", [ids[index % len(ids)]])

    def move_event(self, index: int, days: int) -> None:
        """Let the source correct an event's timestamp."""
        if ids := self.list_events():
            event = ids[index % len(ids)]
            self.moved.add(event)
            at = noon(DAYS[days], index % 300)
            self.source.execute('update events set "timestamp" = %s where id = %s', [at, event])

    def change_event(self, index: int) -> None:
        """Let the source correct an event's title."""
        if ids := self.list_events():
            title = f"Changed {uuid.uuid4()}"
            self.source.execute("update events set title = %s where id = %s", [title, ids[index % len(ids)]])

    def count_changed(self, day: date) -> int:
        """Return how many events of a day's files that count stand otherwise at the source."""
        query = """
            select id::text, to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), title
            from events
            where company_id = %s and "timestamp"::date = %s
        """
        source = {row[0]: tuple(row[1:]) for row in self.source.execute(query, [self.company, day])}
        counted = read_counted(self.folder, read_rows).items()
        files = [file for stamp, files in counted if stamp.date() - timedelta(days=1) == day for file in files]
        return sum(source[id] != row for file in files for id, row in file.items() if id in source)

    def back_up(self) -> None:
        """Keep what the ledger says now, as if it were of hours ago."""
        back_up(self.source)
        self.backed_up = True

    def restore(self) -> None:
        """Let the ledger know what it knew at the last backup."""
        restore(self.source)
        self.restored = True

    def adopt(self) -> None:
        """Do what the docs say: end what was under way at the backup, then what the command says of each file."""
        query = """
            select interval_start::date, coalesce(substring(kind from 'supplement-(.*)')::int, 0)
            from event_delivery.delivery
            where destination = %s and state = 'uploading'
        """
        for day, number in self.source.execute(query, [self.name]).fetchall():
            self.go_on(self.begin(day, number))
        for destination, forgotten in find_all_forgotten():
            if destination == self.name:
                self.go_on(self.begin(date.fromisoformat(forgotten.kept.day), forgotten.number))

    def begin(self, day: date, supplement: int = 0) -> Run:
        """Begin a run; Airflow has one at most of the same kind and day."""
        self.runs = [run for run in self.runs if (run.day, run.supplement) != (day, supplement)]
        self.began += 1
        self.runs.append(Run(day, supplement, self.began))
        return self.runs[-1]

    def go_on(self, run: Run, until: int = len(STEPS)) -> None:
        """Carry a run on to a step; a task that fails leaves it where it is."""
        try:
            while run.reached < until:
                getattr(self, f"_{STEPS[run.reached]}")(run)
                run.reached += 1
        except PermanentError as permanent:
            _log.info("%s", permanent)
            self.runs.remove(run)
        except (DeliveryError, KilledError) as error:
            _log.info("%s", error)
        if run.reached == len(STEPS):
            self.runs.remove(run)

    def look_back(self, days_later: int = 2) -> list[Remedy]:
        """Compare, so much later that every day is compared."""
        self.now += timedelta(days=days_later)
        try:
            return look_back(self.destination, self.now)
        except DeliveryError as error:
            _log.info("%s", error)
            return []

    def bring(self, remedies: list[Remedy], until: int = len(STEPS)) -> None:
        """Start the runs that bring what is late."""
        for remedy in remedies:
            self.go_on(self.begin(remedy.day, remedy.supplement), until)

    def lose(self, kept: bool) -> None:
        """Let what is kept, or all that is staged, be lost."""
        self.blind = True
        for path in (self.staging / self.name).rglob("kept-*" if kept else "*"):
            if path.is_file():
                path.unlink()

    def _delivery(self, run: Run) -> Delivery:
        delivery = night(self.destination, run.day)
        return supplement_of(delivery, run.supplement) if run.supplement else delivery

    def _extract(self, run: Run) -> Any:
        delivery = self._delivery(run)
        return extract_supplement(delivery) if run.supplement else extract_events(delivery)

    def _format(self, run: Run) -> None:
        try:
            format_staged_events(self._delivery(run))
        except StagedGoneError:
            format_events(self._delivery(run), self._extract(run))

    def _upload(self, run: Run) -> None:
        delivery = self._delivery(run)
        try:
            check_staged(delivery, delivery.file_name)
            if run.supplement:
                check_beside(delivery)
        except StagedGoneError:
            format_events(delivery, self._extract(run))
        retrying, run.retrying = run.retrying, True
        deliver_file(delivery, UploadRun("dag", f"run {run.number}", retrying), _log)

    def read_files(self) -> dict[date, list[list[str]]]:
        """Return the ids of each day's files that count; a file is named after the day that follows its own."""
        return {stamp.date() - timedelta(days=1): files for stamp, files in read_counted(self.folder).items()}

    def check_nothing_twice(self) -> None:
        """No event is in two files that count, unless the source moved it."""
        ids = Counter(each for files in self.read_files().values() for file in files for each in file)
        twice = {each for each, count in ids.items() if count > 1} - self.moved
        assert not twice, (self.name, twice, self.read_files())
        for files in self.read_files().values():
            within = Counter(each for file in files for each in file)
            assert max(within.values(), default=0) < 2, (self.name, within)

    @contextmanager
    def away(self, what: str, port: int) -> Iterator[None]:
        """Let nobody answer where a Connection leads."""
        scheme = "sftp" if what.startswith("SFTP") else "postgresql"
        with pytest.MonkeyPatch.context() as patch:
            ledger = os.environ["AIRFLOW_CONN_EVENTS_DB"]
            patch.setenv("AIRFLOW_CONN_LEDGER_DB", ledger)
            patch.setenv(f"AIRFLOW_CONN_{what}", f"{scheme}://a:b@127.0.0.1:{port}/c")
            yield


@contextmanager
def killed_before(what: str) -> Iterator[None]:
    """Let the worker be killed when the client has the file: before it is kept, or before it is recorded."""

    def die(*_: Any) -> None:
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attempt, what, die)
        patch.setattr(attempt, "record_failure", lambda *_: None)
        yield


def clear_folder(folder: Path) -> None:
    """Remove what is left of a history."""
    shutil.rmtree(folder, ignore_errors=True)
