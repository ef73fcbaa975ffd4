"""What can happen to one destination, and does the client have exactly what the ledger says afterwards?"""

from __future__ import annotations

import json
import shutil
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Engine

from event_delivery.completeness.gaps import MissingDay
from event_delivery.completeness.missing_days import list_missing
from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination, find_destination
from event_delivery.orchestration.backfilled_runs import is_uncleared_night, leaves_delivered
from event_delivery.orchestration.names import event_of_task
from local_servers.sftp_server import SftpServer
from tests.histories.airflow_models import Airflow
from tests.histories.clock import Clock
from tests.sample_events import insert_event

SECOND_TYPE = "quizPassed"
Key = tuple[str, datetime, datetime]


@dataclass
class World:
    """The real services that all histories share."""

    engine: Engine
    events: psycopg.Connection[Any]
    sftp: SftpServer
    folder: Path


@dataclass
class History:
    """One destination from its first night on; each action is one that Airflow, YAML or database allow."""

    world: World
    number: int
    clock: Clock
    fields: dict[str, str] = field(default_factory=lambda: {"timezone": "America/New_York"})
    readings: dict[Key, list[list[str]]] = field(default_factory=dict)
    asked_twice: bool = False
    shown: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    gapless_from: int = 0

    def __post_init__(self) -> None:
        self.name = f"h{self.number}"
        self.company = str(uuid.uuid5(uuid.NAMESPACE_DNS, self.name))
        self.airflow = Airflow(self.world.engine, self.clock, f"nightly_sftp_events__{self.name}")
        self.client = self.world.sftp.user_folder("client") / self.name
        self.client.mkdir()
        self.edit()
        self.airflow.pause(False)

    def edit(self, **fields: str | None) -> None:
        """Change fields of the YAML (None takes one out), and let Airflow parse it."""
        self.fields = {name: value for name, value in (self.fields | fields).items() if value is not None}
        fixed = {"client": self.name, "company_id": self.company, "connection": "sftp_client"}
        text = "".join(
            f"{name}: {value}\n"
            for name, value in (fixed | {"path": f"/{self.name}", "create_folder": "true"} | self.fields).items()
        )
        folder = self.world.folder / "destinations"
        (folder / f"{self.name}.yaml").write_text(text)
        self.airflow.parse()

    @property
    def zone(self) -> str:
        """The zone of today's YAML, the built-in one where that is wrong."""
        zone = self.fields.get("timezone", "America/New_York")
        return "America/New_York" if zone == "Europe/Berln" else zone

    def edit_catchup(self, catchup: bool) -> None:
        """Turn catchup on, from the first day of the history, or off."""
        runs = self.airflow.runs()
        self.gapless_from = max((run.id for run in runs), default=0) + 1
        self.edit(
            **(
                {"catchup": "true", "start_date": "2026-03-04"}
                if catchup
                else dict.fromkeys(("catchup", "start_date"))
            )
        )

    def add_events(self, minutes_back: list[int]) -> None:
        """Let events of the last days reach the source, late ones too."""
        for minutes in minutes_back:
            for event in ("courseCompletion", SECOND_TYPE):
                at = self.clock.now - timedelta(minutes=minutes)
                insert_event(self.world.events, at, company_id=self.company, event=event)

    def pass_time(self, hours: float, airflow_runs: bool) -> None:
        """Let time pass, with or without a scheduler that works meanwhile."""
        until = self.clock.now + timedelta(hours=hours)
        while airflow_runs and self.clock.now + timedelta(hours=3) < until:
            self.clock.advance(timedelta(hours=3))
            self.settle()
        self.clock.advance(until - self.clock.now)
        self.settle()

    def settle(self) -> None:
        """Let dag processor, scheduler and worker do what is to be done; then all must be as it is said to be."""
        self.airflow.parse()
        self.airflow.schedule()
        self._remember_shown()
        self.airflow.work()
        self._remember_shown()
        self.check()

    def trigger(self, days_back: int | None, overlap: bool, by_logical_date: bool, number: int) -> None:
        """Trigger a run: of yesterday, of a day by its param, or by a logical date at local midnight."""
        if not self.airflow.serialized():
            return
        day = (self.clock.now - timedelta(days=days_back or 0)).date()
        conf: dict[str, Any] = {"allow_overlap": True} if overlap else {}
        self.asked_twice |= overlap
        logical_date = datetime.combine(day, time(), UTC) if by_logical_date else None
        if days_back is not None and not by_logical_date:
            conf["day"] = str(day)
        self.airflow.trigger(number, conf, logical_date)

    def backfill(self, first_back: int, days: int, behaviour: str) -> None:
        """Backfill a range of dates."""
        first = datetime.combine(self.clock.now.date() - timedelta(first_back), time(), UTC)
        if self.airflow.serialized().timetable.can_be_scheduled:
            self.airflow.backfill(first, first + timedelta(days), behaviour)

    def recover(self) -> None:
        """Let the hourly pass deliver what is missing until it starts nothing more; no run of it is refused."""
        self.edit(missing_days="deliver")
        self.settle()
        for _ in range(40):
            runs = {run["trigger_run_id"]: run["conf"] for run in self.airflow.recover()}
            if not runs:
                return
            self.settle()
            missing = {(day.event, str(day.day)) for day in self.find_missing() if day.obstacle is None}
            for run in self.airflow.runs():
                if run.run_id in runs and run.state == "success":
                    brought = (runs[run.run_id]["event"], runs[run.run_id]["day"])
                    assert brought not in missing, f"{run.run_id} brought nothing"
            refused = [row for row in self._read_rows() if row["run_id"] in runs and is_overlap(row["last_error"])]
            assert not refused, refused
        raise AssertionError("the days that are missing do not come to an end")

    def find_missing(self) -> list[MissingDay]:
        """Return what is missing now by the ledger."""
        destination = find_destination(self.name)
        return list_missing(destination, self.clock.now) if isinstance(destination, Destination) else []

    def clear(self, index: int) -> None:
        """Clear one of the runs that are over."""
        over = [run for run in self.airflow.runs() if run.state in ("success", "failed")]
        if over:
            self.airflow.clear(over[index % len(over)])

    def kill(self, after: bool) -> None:
        """Let the next task's worker die, before it has done anything or when all is done but nobody told."""
        self.airflow.kills = "after" if after else "before"

    def lose_staging(self) -> None:
        """Let everything expire in the staging area."""
        shutil.rmtree(self.world.folder / "staging" / self.name, ignore_errors=True)

    def check(self) -> None:
        """Hold what Airflow and the ledger say against the client's folder and the source."""
        rows = self._read_rows()
        files = {path.name: path for path in self.client.rglob("*") if path.is_file()}
        self._check_rows(rows, files)
        self._check_runs(rows)
        self._check_schedule()
        if not self.asked_twice:
            self._check_nothing_twice(rows, files)
        left = [name for name in files if name.startswith(".")]
        assert not left, f"left behind: {left}"

    def _check_rows(self, rows: list[dict[str, Any]], files: dict[str, Path]) -> None:
        """Whatever is delivered lies there, with exactly the source's events of the interval of its row."""
        for row in rows:
            if row["state"] != "delivered":
                continue
            key = (row["event"], row["interval_start"], row["interval_end"])
            path = self.client.parent / row["remote_path"].lstrip("/")
            assert path.name == row["file_name"], row
            assert path.is_file(), (path, sorted(files))
            self._check_ids(key, read_ids(path))

    def _check_ids(self, key: Key, ids: list[str]) -> None:
        """A file holds what a reading of the source found: the last one, unless a run has come less far since.

        A run that read again and died before its upload has changed nothing yet; no older reading comes back. Nor
        has a night that another run had delivered since it was due: it reads, and leaves that as it is.
        """
        readings = self.readings[key]
        assert ids in readings, key
        newest = max(place for place, reading in enumerate(readings) if reading == ids)
        del readings[:newest]
        runs = [run for run in self.airflow.runs() if (run.data_interval_start, run.data_interval_end) == key[1:]]
        leaving = [run for run in runs if leaves_delivered(run) or (len(runs) > 1 and is_uncleared_night(run))]
        if runs and not leaving and all(run.state == "success" for run in runs):
            assert len(readings) == 1, f"{key}: read again, and not delivered"

    def _check_runs(self, rows: list[dict[str, Any]]) -> None:
        """A green run has its file, a red one its reason, and none shows another interval than it did."""
        states = {(row["event"], row["interval_start"], row["interval_end"]): row for row in rows}
        for run in self.airflow.runs():
            bounds = (run.data_interval_start, run.data_interval_end)
            if run.run_id in self.shown:
                assert bounds == self.shown[run.run_id], run.run_id
            if bounds[0] is None:
                assert run.state != "success", run.run_id
                continue
            mine = [
                states[key] for event in ("courseCompletion", SECOND_TYPE) if (key := (event, *bounds)) in states
            ]
            if run.state == "success":
                instances = run.get_task_instances(session=self.airflow.session)
                done = {event_of_task(each.task_id) for each in instances if each.state == "success"}
                assert done, f"{run.run_id} is green, and has done nothing"
                for event in done:
                    row = states.get((event, *bounds))
                    assert row, f"{run.run_id} is green, and the ledger knows nothing of {event}"
                    assert row["delivered_at"] or row["state"] == "cancelled", (run.run_id, row)
            elif run.state == "failed":
                reasons = [row for row in mine if row["last_error"] or row["state"] == "delivered"]
                instances = run.get_task_instances(session=self.airflow.session)
                quarantined = any(each.task_id == "quarantined" for each in instances)
                assert reasons or quarantined, f"{run.run_id} is red, and nobody knows why"

    def _check_schedule(self) -> None:
        """Scheduled intervals follow one another without overlap, and without a gap where catchup says so."""
        runs = sorted(
            (run for run in self.airflow.runs() if run.run_id.startswith("scheduled__")),
            key=lambda run: run.data_interval_start,
        )
        others = [
            (run.data_interval_start, run.data_interval_end) for run in self.airflow.runs() if run.logical_date
        ]
        for before, after in pairwise(runs):
            assert before.data_interval_end <= after.data_interval_start, (before.run_id, after.run_id)
            if self.fields.get("catchup") == "true" and before.id >= self.gapless_from:
                end = before.data_interval_end
                while end < after.data_interval_start and (held := [e for s, e in others if s == end]):
                    end = held[0]
                assert end == after.data_interval_start, (before.run_id, after.run_id)

    def _check_nothing_twice(self, rows: list[dict[str, Any]], files: dict[str, Path]) -> None:
        """Over all current files of an event type, no event is there twice."""
        for event in ("courseCompletion", SECOND_TYPE):
            names = [row["file_name"] for row in rows if row["event"] == event and row["delivered_at"]]
            counts = Counter(event_id for name in names if name in files for event_id in read_ids(files[name]))
            twice = [event_id for event_id, count in counts.items() if count > 1]
            assert not twice, (twice, names)

    def _remember_shown(self) -> None:
        for run in self.airflow.runs():
            if run.data_interval_start:
                self.shown.setdefault(run.run_id, (run.data_interval_start, run.data_interval_end))

    def note_source(self, delivery: Delivery) -> None:
        """Note what the source holds of an interval that is about to be read, by a query of the test's own."""
        query = """
            select id::text from events
            where company_id = %s and event = %s and "timestamp" >= %s and "timestamp" < %s
            order by "timestamp", id
        """
        key = (delivery.event, delivery.interval_start, delivery.interval_end)
        found = self.world.events.execute(query, [self.company, *key]).fetchall()
        self.readings.setdefault(key, []).append([identifier for (identifier,) in found])

    def _read_rows(self) -> list[dict[str, Any]]:
        query = "select * from event_delivery.delivery where destination = %s and kind = 'nightly'"
        if not self.world.events.execute("select to_regclass('event_delivery.delivery')").fetchone()[0]:  # type: ignore[index]
            return []
        with self.world.events.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, [self.name]).fetchall()

    def close(self) -> None:
        """Let nothing of this history be left for the next one."""
        (self.world.folder / "destinations" / f"{self.name}.yaml").unlink(missing_ok=True)
        self.airflow.close()


def is_overlap(error: str | None) -> bool:
    """Tell whether the ledger refused a day of which the client has a part."""
    return error is not None and "from another zone's day" in error


def read_ids(path: Path) -> list[str]:
    """Return the ids of a file's events, in their order."""
    if path.suffix == ".json":
        return [event["id"] for event in json.loads(path.read_bytes())]
    return [line.split(b",", 1)[0].decode() for line in path.read_bytes().splitlines()[1:]]
