"""Does every day keep its identity while destinations are edited, runs cleared and dates asked for at will?"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from event_delivery.schedule import LocalDay, last_day_before
from local_servers.airflow_client import AirflowClient
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY, insert_event
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

ZONE = "America/New_York"
OTHER_DAGS = len(list((PROJECT / "dags").glob("*.py"))) - 1  # all but the one that makes the destinations'
NAMES = (
    "east",
    "west",
    "asked",
    "bounded",
    "kept",
    "mended",
    "expired",
    "crowded",
    "renamed",
    "grows",
    "tardy",
    "twice",
    "lost",
    "quiet",
)
NOBODY = "3d0f6ac2-5d2e-4a49-9f2f-0b1f5a8c7e10"  # a company whose days have no events
LEARNED = ("quiz_passed", "quizPassed")


@dataclass
class Instance:
    """An Airflow whose YAML, runs and clock-bound settings a test changes while it works."""

    folder: Path
    stack: AirflowStack
    api: AirflowClient
    sftp: SftpServer
    events: psycopg.Connection[Any]

    def dag(self, destination: str) -> str:
        return f"nightly_sftp_events__{destination}"

    def write(self, destination: str, **fields: str) -> None:
        """Write a destination's YAML anew."""
        required = {"client": destination, "company_id": COMPANY}
        text = "".join(f"{name}: {value}\n" for name, value in (required | fields).items())
        (self.folder / "destinations" / f"{destination}.yaml").write_text(text)

    def edit(self, destination: str, see: Callable[[dict[str, Any]], bool], **fields: str) -> None:
        """Write a destination's YAML anew, and wait until Airflow sees the edit."""
        self.write(destination, **fields)
        wait_until(lambda: see(self.api.get(f"/dags/{self.dag(destination)}/details")))

    def unpause(self, destination: str) -> None:
        self.api.patch(f"/dags/{self.dag(destination)}", {"is_paused": False})

    def runs(self, destination: str, kind: str | None = None) -> list[dict[str, Any]]:
        found = self.api.get(f"/dags/{self.dag(destination)}/dagRuns", limit=100, order_by="run_after")["dag_runs"]
        return [run for run in found if kind in (None, run["run_type"])]

    def wait_for(self, destination: str, run_id: str) -> dict[str, Any]:
        return self.api.wait_for_run(self.dag(destination), run_id)

    def wait_for_scheduled(self, destination: str) -> dict[str, Any]:
        """Wait until there is a scheduled run that is over, and return the latest."""
        wait_until(lambda: bool(self.runs(destination, "scheduled")))
        return self.wait_for(destination, self.runs(destination, "scheduled")[-1]["dag_run_id"])

    def trigger(self, destination: str, wait: bool = True, **body: Any) -> dict[str, Any]:
        run = self.api.post(f"/dags/{self.dag(destination)}/dagRuns", {"logical_date": None} | body)
        return self.wait_for(destination, run["dag_run_id"]) if wait else run

    def clear(self, destination: str, run_id: str) -> dict[str, Any]:
        self.api.post(f"/dags/{self.dag(destination)}/dagRuns/{run_id}/clear", {"dry_run": False})
        return self.wait_for(destination, run_id)

    def clear_task(self, destination: str, run_id: str, task: str) -> dict[str, Any]:
        body = {"dag_run_id": run_id, "task_ids": [task], "dry_run": False, "only_failed": False}
        self.api.post(f"/dags/{self.dag(destination)}/clearTaskInstances", body | {"reset_dag_runs": True})
        return self.wait_for(destination, run_id)

    def files(self, destination: str) -> dict[str, list[str]]:
        """Return the ids of the events in each file that the client has."""
        paths = self.sftp.user_folder(destination).glob("*")
        return {path.name: [event["id"] for event in json.loads(path.read_bytes())] for path in paths}

    def record(self, run_id: str, destination: str, event: str = "courseCompletion") -> dict[str, Any]:
        """Return the row of the contracted view that names a run."""
        statement = "select * from event_delivery.delivery where run_id = %s and destination = %s and event = %s"
        with self.events.cursor(row_factory=dict_row) as cursor:
            [row] = cursor.execute(statement, [run_id, destination, event]).fetchall()
        return row

    def next_start(self, destination: str) -> datetime:
        """Return where the interval of the next scheduled run starts."""
        dag = self.api.get(f"/dags/{self.dag(destination)}")
        return datetime.fromisoformat(dag["next_dagrun_data_interval_start"])


def interval(run: dict[str, Any]) -> tuple[datetime, datetime]:
    return tuple(datetime.fromisoformat(run[f"data_interval_{side}"]) for side in ("start", "end"))  # type: ignore[return-value]


def is_scheduled_in(zone: str) -> Callable[[dict[str, Any]], bool]:
    return lambda dag: zone in (dag["timetable_summary"] or "")


def yesterday(zone: str = ZONE) -> LocalDay:
    """Return the day of a run that is scheduled now: due two hours after midnight."""
    return last_day_before(datetime.now(UTC) - timedelta(hours=2), zone)


def copy_project(folder: Path) -> tuple[Path, Path]:
    """Return dags/ and plugins/ of a copy of the project with a second event type, as a data engineer adds one."""
    for name in ("dags", "plugins", "include"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    stem, event = LEARNED
    statement = (folder / "include/sql/course_completion.sql").read_text()
    (folder / f"include/sql/{stem}.sql").write_text(statement.replace("'courseCompletion'", f"'{event}'"))
    shutil.copy(folder / "include/samples/course_completion.json", folder / f"include/samples/{stem}.json")
    return folder / "dags", folder / "plugins"


@pytest.fixture(scope="module")
def instance(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Airflow, PostgreSQL and an SFTP server with an account for each destination."""
    folder = tmp_path_factory.mktemp("living")
    (folder / "destinations").mkdir()
    dags, plugins = copy_project(folder / "project")
    events_uri = create_database(postgres, "living_events")
    create_database(postgres, "living_airflow")
    with SftpServer(folder / "sftp", [SftpUser(name, PASSWORD, name) for name in NAMES]) as sftp:
        environment = {f"AIRFLOW_CONN_SFTP_{name.upper()}": confirmed_uri(sftp, name, PASSWORD) for name in NAMES}
        environment["AIRFLOW_CONN_SFTP_CROWDED"] = sftp_uri("crowded", PASSWORD, find_free_port())
        environment |= {
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3",
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
        }
        metadata = postgres.sqlalchemy_uri("living_airflow")
        stack = AirflowStack(folder / "airflow", metadata, find_free_port(), dags, plugins, environment)
        with psycopg.connect(events_uri, autocommit=True) as events:
            events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
            made = Instance(folder, stack, stack.client(), sftp, events)
            for name in NAMES:
                made.write(name)
            made.write("bounded", start_date=str(yesterday().date))
            made.write("tardy", late_events="supplement")
            made.write("twice", robot="true")
            made.write("quiet", company_id=NOBODY, empty_day="skip", late_events="supplement")
            made.write("mended", timezone="Europe/Berln")
            insert_event_of_each_hour(events)
            try:
                stack.start()
                wait_until(lambda: len(made.api.get("/dags", limit=100)["dags"]) == 2 * len(NAMES) + OTHER_DAGS)
                yield made
            finally:
                stack.stop()


def insert_event_of_each_hour(events: psycopg.Connection[Any]) -> None:
    """Insert four days of events, to now."""
    now = datetime.now(UTC).replace(minute=17, second=0, microsecond=0)
    for hours in range(96):
        insert_event(events, now - timedelta(hours=hours))


def ids_within(instance: Instance, start: datetime, end: datetime) -> list[str]:
    """Return the ids of the source's events in an interval, by a query of the test's own."""
    query = 'select id::text from events where "timestamp" >= %s and "timestamp" < %s order by "timestamp", id'
    return [identifier for (identifier,) in instance.events.execute(query, [start, end])]


def test_a_change_of_zone_leaves_every_run_its_interval_and_the_schedule_no_gap(instance):
    """East and west: a cleared run delivers what it shows, the next one starts where the last one ended."""
    shown = {}
    for name in ("east", "west"):
        instance.unpause(name)
        run = instance.wait_for_scheduled(name)
        assert run["state"] == "success"
        shown[name] = interval(run)
        [ids] = instance.files(name).values()
        assert ids == ids_within(instance, *shown[name])
    before = {name: instance.files(name) for name in shown}
    for name, zone in (("east", "Asia/Tokyo"), ("west", "America/Los_Angeles")):
        instance.edit(name, is_scheduled_in(zone), timezone=zone)
    for name in shown:
        [run, *unasked] = instance.runs(name, "scheduled")
        cleared = instance.clear(name, run["dag_run_id"])
        assert (cleared["state"], interval(cleared)) == ("success", shown[name])
        assert {file: ids for file, ids in instance.files(name).items() if file in before[name]} == before[name]
        start = interval(unasked[0])[0] if unasked else instance.next_start(name)
        assert start == shown[name][1]


def test_a_day_that_overlaps_what_another_zone_delivered_is_refused_unless_asked_for(instance):
    """Manual or backfilled: red, without a file, naming the one that has its events; the schedule stays."""
    name, zone = "east", "Asia/Tokyo"
    run = instance.runs(name, "scheduled")[0]
    delivered = instance.record(run["dag_run_id"], name)["file_name"]
    day = LocalDay((interval(run)[0] + timedelta(hours=9)).date(), zone)
    assert day.start < interval(run)[1]
    files, upcoming = instance.files(name), instance.next_start(name)
    refused = instance.trigger(name, conf={"day": str(day.date)})
    assert refused["state"] == "failed"
    assert instance.files(name) == files
    record = instance.record(refused["dag_run_id"], name)
    assert record["state"] == "failed"
    assert f"from another zone's day: {delivered}" in record["last_error"]
    body = {"dag_id": instance.dag(name), "from_date": f"{day.date}T00:00:00Z", "to_date": f"{day.date}T00:00:00Z"}
    body |= {"reprocess_behavior": "none", "max_active_runs": 2, "dag_run_conf": {}, "run_backwards": False}
    instance.api.post("/backfills", body)
    wait_until(lambda: bool(instance.runs(name, "backfill")))
    backfilled = instance.wait_for(name, instance.runs(name, "backfill")[0]["dag_run_id"])
    assert (backfilled["state"], interval(backfilled)) == ("failed", (day.start, day.end))
    time.sleep(8)  # Airflow parses the DAG again, and asks for its next run
    assert instance.next_start(name) == upcoming
    asked = instance.trigger(name, conf={"day": str(day.date), "allow_overlap": True})
    assert asked["state"] == "success"
    assert len(instance.files(name)) == len(files) + 1


def test_a_day_that_is_not_over_is_refused_however_it_is_asked_for(instance):
    """Today and a day in a month, by REST and by the command line: red, no file, the reason in the ledger."""
    instance.unpause("asked")
    instance.wait_for_scheduled("asked")
    files = instance.files("asked")
    today = datetime.now(ZoneInfo(ZONE)).date()
    dag_id = instance.dag("asked")
    for day in (today, today + timedelta(30)):
        by_rest = instance.trigger("asked", conf={"day": str(day)})
        run_id = f"by_hand_{day}"
        instance.stack.run_cli("dags", "trigger", dag_id, "--conf", json.dumps({"day": str(day)}), "-r", run_id)
        for run in (by_rest, instance.wait_for("asked", run_id)):
            assert run["state"] == "failed"
            assert interval(run) == (LocalDay(day, ZONE).start, LocalDay(day, ZONE).end)
            [extract] = [t for t in instance.api.tasks(dag_id, run["dag_run_id"]) if t["task_id"] == "extract"]
            assert extract["try_number"] == 1
        assert f"{day} is not over before" in instance.record(run_id, "asked")["last_error"]
    assert instance.files("asked") == files


def test_a_manual_run_never_takes_a_night_s_place(instance):
    """One with the logical date of the night to come, and one of yesterday's before that is due."""
    day = yesterday()
    due_in_a_while = (datetime.now(ZoneInfo(ZONE)) + timedelta(minutes=1, seconds=30)).replace(second=0)
    instance.edit(
        "kept",
        lambda dag: f"{due_in_a_while:%H:%M}" in dag["timetable_summary"],
        deliver_at=f'"{due_in_a_while:%H:%M}"',
    )
    night = last_day_before(due_in_a_while, ZONE)
    for logical_date in (night.start, night.next.start):
        run = instance.trigger("kept", wait=False, logical_date=logical_date.isoformat())
        assert run["logical_date"] is None
        assert interval(run) in [(night.start, night.end), (night.next.start, night.next.end)]
    instance.unpause("kept")
    wait_until(
        lambda: any(interval(run) == (night.start, night.end) for run in instance.runs("kept", "scheduled"))
    )
    scheduled = instance.wait_for_scheduled("kept")
    assert scheduled["state"] == "success"
    assert instance.next_start("kept") == night.end
    assert day.date <= night.date


def test_no_day_before_the_start_date_is_delivered(instance):
    """Neither by a manual run nor by a backfill; the message says which field to change."""
    day = yesterday().previous
    refused = instance.trigger("bounded", wait=False, conf={"day": str(day.date)})
    instance.unpause("bounded")
    refused = instance.wait_for("bounded", refused["dag_run_id"])
    assert refused["state"] == "failed"
    record = instance.record(refused["dag_run_id"], "bounded")
    assert "lies before start_date" in record["last_error"]
    body = {"dag_id": instance.dag("bounded"), "from_date": f"{day.previous.date}T00:00:00Z"}
    body |= {"to_date": f"{day.date}T00:00:00Z", "reprocess_behavior": "none", "max_active_runs": 2}
    instance.api.post("/backfills", body | {"dag_run_conf": {}, "run_backwards": False})
    wait_until(lambda: len(instance.runs("bounded", "backfill")) == 2)
    for run in instance.runs("bounded", "backfill"):
        assert instance.wait_for("bounded", run["dag_run_id"])["state"] == "failed"
    assert instance.wait_for_scheduled("bounded")["state"] == "success"
    assert len(instance.files("bounded")) == 1


def test_a_mended_destination_delivers_the_latest_day_and_the_one_that_was_asked_for(instance):
    """Quarantined it has no schedule; one DAG fails for all; the cleared run carries its day in the right zone."""
    dag_id, zone = instance.dag("mended"), "Europe/Berlin"
    assert instance.api.get(f"/dags/{dag_id}")["timetable_summary"] in (
        None,
        "Never, external triggers only",
        "None",
    )
    instance.unpause("mended")
    day = yesterday(zone).previous
    asked = instance.trigger("mended", conf={"day": str(day.date)})
    assert asked["state"] == "failed"
    [loud] = [instance.api.get("/dags/quarantined_destinations")]
    assert loud["is_paused"] is False
    wait_until(lambda: bool(instance.api.get("/dags/quarantined_destinations/dagRuns")["dag_runs"]))
    [run] = instance.api.get("/dags/quarantined_destinations/dagRuns")["dag_runs"]
    run = instance.api.wait_for_run("quarantined_destinations", run["dag_run_id"])
    [task] = instance.api.tasks("quarantined_destinations", run["dag_run_id"])
    assert run["state"] == "failed"
    assert "mended: mended.yaml: field 'timezone': found 'Europe/Berln'" in instance.api.task_log(task)
    instance.edit("mended", is_scheduled_in(zone), timezone=zone)
    scheduled = instance.wait_for_scheduled("mended")
    latest = yesterday(zone)
    assert (scheduled["state"], interval(scheduled)) == ("success", (latest.start, latest.end))
    cleared = instance.clear("mended", asked["dag_run_id"])
    assert (cleared["state"], interval(cleared)) == ("success", (day.start, day.end))
    assert sorted(instance.files("mended").values()) == sorted(
        ids_within(instance, each.start, each.end) for each in (day, latest)
    )


def test_what_is_gone_from_the_staging_area_is_staged_again(instance):
    """Weeks later only `upload` is cleared, then only `format`: both deliver the same file."""
    instance.unpause("expired")
    run = instance.wait_for_scheduled("expired")
    files = instance.files("expired")
    for task in ("upload", "format"):
        shutil.rmtree(instance.folder / "staging/expired")
        for path in instance.sftp.user_folder("expired").glob("*"):
            path.unlink()
        again = instance.clear_task("expired", run["dag_run_id"], task)
        assert again["state"] == "success"
        if task == "format":
            instance.clear_task("expired", run["dag_run_id"], "upload")
        assert instance.files("expired") == files


def test_an_event_that_came_late_is_brought_without_anybody(instance):
    """The hourly comparison finds it, and starts one run, which sends it alone; then the day reconciles."""
    instance.unpause("tardy")
    night = instance.wait_for_scheduled("tardy")
    (first,) = instance.files("tardy")
    start, end = interval(night)
    late = insert_event(instance.events, start + (end - start) / 2)
    compare = instance.api.post("/dags/event_delivery_completeness/dagRuns", {"logical_date": None})
    found = instance.api.wait_for_run("event_delivery_completeness", compare["dag_run_id"])
    assert found["state"] == "success"
    run_id = f"late__courseCompletion__{yesterday().date}__supplement-1__{datetime.now(UTC).date()}"
    wait_until(lambda: run_id in [run["dag_run_id"] for run in instance.runs("tardy")])
    run = instance.wait_for("tardy", run_id)
    assert (run["state"], interval(run)) == ("success", (start, end))
    files = instance.files("tardy")
    (supplement,) = files.keys() - {first}
    assert "-supplement-1-" in supplement
    assert files[supplement] == [late]
    assert sorted(files[first] + files[supplement]) == sorted(ids_within(instance, start, end))
    record = instance.record(run["dag_run_id"], "tardy")
    assert (record["kind"], record["state"], record["rows"]) == ("supplement-1", "delivered", 1)
    day = str(yesterday().date)
    asked = {"logical_date": None, "conf": {"destination": "tardy", "from": day, "to": day}}
    run = instance.api.post("/dags/reconcile_deliveries/dagRuns", asked)
    assert instance.api.wait_for_run("reconcile_deliveries", run["dag_run_id"])["state"] == "success"


def test_a_day_without_events_may_bring_no_file_and_its_late_event_comes(instance):
    """The run is green, the ledger says skipped and not delivered; an event that comes late makes it a file."""
    instance.unpause("quiet")
    night = instance.wait_for_scheduled("quiet")
    assert (night["state"], instance.files("quiet")) == ("success", {})
    record = instance.record(night["dag_run_id"], "quiet")
    assert (record["state"], record["rows"]) == ("skipped", 0)
    assert ask_for_missing(instance, "--destination", "quiet")[0] == 0
    start, end = interval(night)
    late = insert_event(instance.events, start + (end - start) / 2, company_id=NOBODY)
    compare = instance.api.post("/dags/event_delivery_completeness/dagRuns", {"logical_date": None})
    assert instance.api.wait_for_run("event_delivery_completeness", compare["dag_run_id"])["state"] == "success"
    wait_until(lambda: list(instance.files("quiet").values()) == [[late]])


def test_a_night_that_airflow_has_forgotten_is_not_sent_twice(instance):
    """Its metadata were restored: the scheduler makes the run again, which sends nothing until it is cleared."""
    instance.unpause("twice")
    night = instance.wait_for_scheduled("twice")
    (name,) = instance.files("twice")
    (instance.sftp.user_folder("twice") / name).unlink()  # by the robot
    path = f"/dags/{instance.dag('twice')}/dagRuns/{night['dag_run_id']}"
    instance.api.delete(path)
    wait_until(lambda: bool(instance.runs("twice", "scheduled")))
    again = instance.wait_for_scheduled("twice")
    assert (again["dag_run_id"], again["state"]) == (night["dag_run_id"], "success")
    assert interval(again) == interval(night)
    assert instance.files("twice") == {}
    assert instance.record(night["dag_run_id"], "twice")["attempts"] == 1
    assert instance.clear("twice", night["dag_run_id"])["state"] == "success"
    assert list(instance.files("twice")) == [name]


def test_thirty_runs_that_wait_for_a_dead_server_do_not_hold_up_tonight_s(instance):
    """Tonight's run starts within minutes of being due, and not when they have had their hours."""
    first = date(2026, 1, 1)
    instance.edit("crowded", lambda dag: "23:59" in dag["timetable_summary"], deliver_at='"23:59"')
    for number in range(30):
        instance.trigger("crowded", wait=False, conf={"day": str(first + timedelta(number))})
    instance.unpause("crowded")
    wait_until(lambda: count_waiting(instance, "crowded") >= 30)
    due = (datetime.now(ZoneInfo(ZONE)) + timedelta(minutes=2)).replace(second=0)
    instance.edit("crowded", lambda dag: f"{due:%H:%M}" in dag["timetable_summary"], deliver_at=f'"{due:%H:%M}"')
    night = last_day_before(due, ZONE)

    def find_tonight() -> dict[str, Any] | None:
        found = [run for run in instance.runs("crowded", "scheduled") if interval(run) == (night.start, night.end)]
        return found[0] if found and found[0]["start_date"] else None

    wait_until(lambda: find_tonight() is not None)
    tonight = find_tonight()
    assert tonight is not None
    started, wanted = (datetime.fromisoformat(tonight[name]) for name in ("start_date", "run_after"))
    assert (started - wanted).total_seconds() < 240
    instance.api.patch(f"/dags/{instance.dag('crowded')}", {"is_paused": True})


def count_waiting(instance: Instance, destination: str) -> int:
    path = f"/dags/{instance.dag(destination)}/dagRuns/~/taskInstances"
    found = instance.api.get(path, task_id="upload", state="up_for_retry", limit=1)
    return int(found["total_entries"])


def test_a_name_that_stands_in_the_ledger_survives_every_edit(instance):
    """`transfer_id` and `deliver_at` concern days to come; another format, or packing, is a further file."""
    instance.unpause("renamed")
    run = instance.wait_for_scheduled("renamed")
    [name] = instance.files("renamed")
    instance.edit(
        "renamed", lambda dag: "05:00" in dag["timetable_summary"], transfer_id="7", deliver_at='"05:00"'
    )
    instance.clear("renamed", run["dag_run_id"])
    assert list(instance.files("renamed")) == [name]
    instance.write("renamed", transfer_id="7", deliver_at='"05:00"', format="csv")
    assert instance.clear("renamed", run["dag_run_id"])["state"] == "success"
    have = {path.name for path in instance.sftp.user_folder("renamed").glob("*")}
    assert have == {name, name.replace(".json", ".csv")}
    record = instance.record(run["dag_run_id"], "renamed")
    assert (record["file_name"], record["replaces"]) == (name.replace(".json", ".csv"), name)
    asked = {"csv": '{delimiter: ";"}', "columns": "[id, title]", "compression": "gzip", "companion": "checksum"}
    instance.write("renamed", transfer_id="7", deliver_at='"05:00"', format="csv", **asked)
    assert instance.clear("renamed", run["dag_run_id"])["state"] == "success"
    packed = instance.sftp.user_folder("renamed") / name.replace(".json", ".csv.gz")
    assert gzip.decompress(packed.read_bytes()).startswith(b"id;title\n")
    told = packed.with_name(f"{packed.name}.sha256").read_text()
    assert told == f"{hashlib.sha256(packed.read_bytes()).hexdigest()}  {packed.name}\n"


def test_an_event_type_comes_and_goes_and_no_other_delivery_notices(instance):
    """Added while an upload waits for its retry, it cancels nothing; removed, its own delivery is cancelled."""
    event = LEARNED[1]
    upload = lambda run_id: {t["task_id"]: t["state"] for t in instance.api.tasks(instance.dag("grows"), run_id)}  # noqa: E731
    shutil.move(instance.sftp.user_folder("grows"), instance.folder / "away")
    instance.sftp.user_folder("grows").write_text("no folder: every upload fails")
    instance.unpause("grows")
    wait_until(lambda: bool(instance.runs("grows", "scheduled")))
    [run] = instance.runs("grows", "scheduled")
    run_id = run["dag_run_id"]
    wait_until(lambda: upload(run_id).get("upload") == "up_for_retry")
    instance.write("grows", events=f"[{event}, courseCompletion]")
    wait_until(lambda: f"upload__{event}" in upload_ids(instance, "grows"))
    assert upload(run_id)["upload"] in ("up_for_retry", "scheduled", "queued", "running")
    both = instance.trigger("grows", wait=False, conf={"day": "2026-02-02"})["dag_run_id"]
    wait_until(lambda: upload(both).get(f"upload__{event}") == "up_for_retry")
    instance.write("grows")
    wait_until(lambda: f"upload__{event}" not in upload_ids(instance, "grows"))
    instance.sftp.user_folder("grows").unlink()
    shutil.move(instance.folder / "away", instance.sftp.user_folder("grows"))
    assert instance.wait_for("grows", run_id)["state"] == "success"
    ended = instance.wait_for("grows", both)
    cancelled = instance.record(both, "grows", event)
    assert cancelled["state"] == "cancelled"
    assert f"**Cancelled: {event}**" in ended["note"]
    assert len(instance.files("grows")) == 2


def upload_ids(instance: Instance, destination: str) -> set[str]:
    return {task["task_id"] for task in instance.api.get(f"/dags/{instance.dag(destination)}/tasks")["tasks"]}


def remember_night(instance: Instance, destination: str, day: LocalDay) -> None:
    """Write a night down as delivered by its scheduled run, in the days before Airflow was away."""
    statement = """
        insert into event_delivery.delivery_record (
          destination, event, interval_start, interval_end, kind, state, delivered_at, run_id
        )
        values (%s, 'courseCompletion', %s, %s, 'nightly', 'delivered', now(), 'scheduled__long_ago')
    """
    instance.events.execute(statement, [destination, day.start, day.end])


def look_for_missing(instance: Instance) -> dict[str, str | None]:
    """Run the hourly pass by hand; returns the states of its tasks."""
    dag_id = "event_delivery_completeness"
    run = instance.api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None})
    assert instance.api.wait_for_run(dag_id, run["dag_run_id"])["state"] == "success"
    return {each["task_id"]: each["state"] for each in instance.api.tasks(dag_id, run["dag_run_id"])}


def ask_for_missing(instance: Instance, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Ask the command; returns its exit status, and what it says."""
    command = [sys.executable, "-m", "event_delivery.completeness", "missing", "--json", *arguments]
    environment = instance.stack.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(PROJECT / "plugins"), environment["PYTHONPATH"]])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd="/")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_missing_days_come_by_the_hourly_pass_or_by_one_command(instance):
    """Each in a run that carries its day, none behind a DAG that is paused, and nothing is started twice."""
    name, days = "lost", [yesterday()]
    for _ in range(3):
        days.insert(0, days[0].previous)
    instance.edit(name, lambda dag: True, missing_days="deliver")
    instance.unpause(name)
    instance.wait_for_scheduled(name)
    remember_night(instance, name, days[1])
    instance.api.patch(f"/dags/{instance.dag(name)}", {"is_paused": True})
    assert look_for_missing(instance)["deliver_missing_days"] == "skipped"
    assert instance.runs(name, "operator_triggered") == []
    instance.unpause(name)
    assert look_for_missing(instance)["deliver_missing_days"] == "success"
    [run] = instance.runs(name, "operator_triggered")
    assert interval(run) == (days[2].start, days[2].end)
    assert (run["logical_date"], instance.wait_for(name, run["dag_run_id"])["state"]) == (None, "success")
    assert ids_within(instance, *interval(run)) in instance.files(name).values()
    assert look_for_missing(instance)["deliver_missing_days"] == "skipped"
    assert ask_for_missing(instance, "--destination", name)[0] == 0
    remember_night(instance, name, days[0].previous)
    status, told = ask_for_missing(instance, "--destination", name, "--deliver")
    assert (status, [each["day"] for each in told["started"]]) == (1, [str(days[0].date)])
    asked = instance.wait_for(name, told["started"][0]["run_id"])
    assert (asked["state"], interval(asked)) == ("success", (days[0].start, days[0].end))
    assert ask_for_missing(instance, "--destination", name)[0] == 0
