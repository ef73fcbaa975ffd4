"""Does a real scheduler hand every event of every day to the right client exactly once?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import asyncssh
import psycopg
import pytest

from event_delivery.schedule.local_day import LocalDay
from local_servers.airflow_client import AirflowClient, ApiError
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.ledger_contents import read_attempts
from tests.sample_events import insert_event
from tests.sftp_logins import CHARACTERS, confirmed_uri, sftp_uri
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.slow

SPECIAL = f" {CHARACTERS}{CHARACTERS[::-1]} "
WRONG = "wr0ng-p@ss/word"
CLOCK_CHANGES = {
    "new_york_spring": ("America/New_York", date(2026, 3, 6), 5),
    "new_york_autumn": ("America/New_York", date(2025, 10, 31), 4),
    "berlin": ("Europe/Berlin", date(2026, 3, 27), 4),
    "lord_howe": ("Australia/Lord_Howe", date(2026, 4, 4), 3),
    "kolkata": ("Asia/Kolkata", date(2026, 3, 7), 3),
    "sao_paulo": ("America/Sao_Paulo", date(2018, 11, 3), 3),
}
PLAIN = ("acme", "special", "form", "locked_out", "caught_up", "killed", "moved")


def company(destination: str) -> str:
    import uuid

    return str(uuid.uuid5(uuid.NAMESPACE_DNS, destination))


@dataclass
class World:
    """Everything that one nightly delivery needs, running."""

    stack: AirflowStack
    api: AirflowClient
    sftp: SftpServer
    events: psycopg.Connection[Any]
    metadata: str

    def dag(self, destination: str) -> str:
        return f"nightly_sftp_events__{destination}"

    def unpause(self, dag_id: str) -> None:
        self.api.patch(f"/dags/{dag_id}", {"is_paused": False})

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        return self.api.get(f"/dags/{dag_id}/dagRuns", limit=100, order_by="run_after")["dag_runs"]

    def wait_for_all(self, dag_id: str, count: int, kind: str) -> list[dict[str, Any]]:
        """Wait until so many runs of a kind, and any other run of it, have ended."""
        runs: list[dict[str, Any]] = []

        def are_over() -> bool:
            runs[:] = [run for run in self.runs(dag_id) if run["run_type"] == kind]
            return len(runs) >= count and all(run["state"] in ("success", "failed") for run in runs)

        wait_until(are_over, lambda: [(run["dag_run_id"], run["state"]) for run in runs])
        return runs

    def trigger(self, dag_id: str, **body: Any) -> dict[str, Any]:
        run = self.api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None} | body)
        return self.api.wait_for_run(dag_id, run["dag_run_id"])

    def files(self, destination: str) -> dict[str, bytes]:
        folder = self.sftp.user_folder(user(destination))
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def interval(self, run: dict[str, Any]) -> tuple[datetime, datetime]:
        start, end = run["data_interval_start"], run["data_interval_end"]
        return datetime.fromisoformat(start), datetime.fromisoformat(end)


def user(destination: str) -> str:
    return SPECIAL if destination == "special" else destination


def password(destination: str) -> str:
    return {"special": f"{SPECIAL}s ", "form": f" f{SPECIAL}"}.get(destination, "p@ss:word/1")


def write_destinations(folder: Path) -> None:
    folder.mkdir()
    zones = {name: zone for name, (zone, _, _) in CLOCK_CHANGES.items()} | dict.fromkeys(PLAIN, "America/New_York")
    for name, zone in zones.items():
        text = f"client: {name}\ncompany_id: {company(name)}\ntimezone: {zone}\nformat: json\n"
        (folder / f"{name}.yaml").write_text(text)
    start = datetime.now(ZoneInfo("America/New_York")).date() - timedelta(4)
    with (folder / "caught_up.yaml").open("a") as file:
        file.write(f"catchup: true\nstart_date: {start}\n")
    (folder / "broken.yaml").write_text(f"client: broken\ncompany_id: {company('broken')}\nformat: xml\n")


@pytest.fixture(scope="module")
def world(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Airflow, PostgreSQL and an SFTP server, with a destination for each clock change and some more."""
    folder = tmp_path_factory.mktemp("world")
    write_destinations(folder / "destinations")
    names = [*CLOCK_CHANGES, *PLAIN]
    events_uri = create_database(postgres, "end_to_end_events")
    with SftpServer(folder / "sftp", [SftpUser(user(name), password(name)) for name in names]) as sftp:
        ready = [*CLOCK_CHANGES, "acme", "caught_up", "killed"]
        environment = {
            f"AIRFLOW_CONN_SFTP_{name.upper()}": confirmed_uri(sftp, user(name), password(name)) for name in ready
        }
        environment["AIRFLOW_CONN_SFTP_LOCKED_OUT"] = confirmed_uri(sftp, "locked_out", WRONG)
        environment |= {
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
            "AIRFLOW_CONN_EVENTS_DB": events_uri,
            "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
            "EVENT_DELIVERY_STAGING": str(folder / "staging"),
        }
        metadata_uri = create_database(postgres, "end_to_end_airflow")
        metadata = postgres.sqlalchemy_uri("end_to_end_airflow")
        stack = AirflowStack(folder / "airflow", metadata, find_free_port(), extra_env=environment)
        with psycopg.connect(events_uri, autocommit=True) as events:
            events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
            try:
                stack.start()
                made = World(stack, stack.client(), sftp, events, metadata_uri)
                wait_for_dags(made, names)
                yield made
            finally:
                stack.stop()


def wait_for_dags(world: World, names: list[str]) -> None:
    wanted = {world.dag(name) for name in [*names, "broken"]}
    find_missing = lambda: wanted - {dag["dag_id"] for dag in world.api.get("/dags", limit=100)["dags"]}  # noqa: E731
    wait_until(lambda: not find_missing(), lambda: (find_missing(), world.api.get("/importErrors")))


def insert_days(world: World, destination: str, zone: str, first: date, days: int) -> dict[str, date]:
    """Insert events at the edges and inside of each day; returns the day of each event's id."""
    inserted = {}
    for number in range(-1, days + 1):
        day = LocalDay(first + timedelta(number), zone)
        instants = [day.start, day.end - timedelta(milliseconds=1)]
        instants += [day.start + (day.end - day.start) * part / 7 for part in range(1, 7)]
        for instant in instants:
            inserted[insert_event(world.events, instant, company_id=company(destination))] = day.date
    return inserted


@pytest.fixture(scope="module")
def backfilled(world: World) -> dict[str, dict[str, date]]:
    """The day of each event's id by destination, with a backfill of all of them under way at once."""
    inserted = {}
    for name, (zone, first, days) in CLOCK_CHANGES.items():
        inserted[name] = insert_days(world, name, zone, first, days)
        last = first + timedelta(days - 1)
        world.unpause(world.dag(name))
        if name == "new_york_spring":
            bounds = ["--from-date", str(first), "--to-date", str(last)]
            world.stack.run_cli("backfill", "create", "--dag-id", world.dag(name), *bounds)
        else:
            create_backfill(world, world.dag(name), first, last)
    return inserted


def create_backfill(world: World, dag_id: str, first: date, last: date, again: str = "none") -> int:
    """Ask for a backfill as the form does; `again` says which runs that exist run again."""
    body = {"dag_id": dag_id, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z"}
    body |= {"reprocess_behavior": again, "max_active_runs": 2, "dag_run_conf": {}, "run_backwards": False}
    return world.api.post("/backfills", body)["id"]


@pytest.mark.parametrize("name", CLOCK_CHANGES)
def test_a_backfill_across_a_clock_change_delivers_every_event_once(world, backfilled, name):
    """Each day's file holds exactly that local day's events, though days have 23, 24.5 or 25 hours."""
    zone, first, days = CLOCK_CHANGES[name]
    inserted = backfilled[name]
    last = first + timedelta(days - 1)
    dag_id = world.dag(name)
    runs = world.wait_for_all(dag_id, days, "backfill")
    assert [run["state"] for run in runs] == ["success"] * days
    wanted = [LocalDay(first + timedelta(number), zone) for number in range(days)]
    assert sorted(world.interval(run) for run in runs) == [(day.start, day.end) for day in wanted]
    delivered = Counter(event["id"] for data in world.files(name).values() for event in json.loads(data))
    inside = {event for event, day in inserted.items() if first <= day <= last}
    assert delivered == Counter(inside)
    [scheduled] = world.wait_for_all(dag_id, 1, "scheduled")
    assert world.interval(scheduled)[1] > datetime.now(UTC) - timedelta(hours=50)
    assert len(world.files(name)) == days + 1


def test_a_second_backfill_makes_no_second_run_and_no_second_file(world):
    """`none` leaves delivered days alone, `completed` runs the same runs again to the same files."""
    dag_id = world.dag("acme")
    insert_days(world, "acme", "America/New_York", date(2026, 2, 2), 2)
    world.unpause(dag_id)
    for again in ("none", "none", "completed"):
        backfill = create_backfill(world, dag_id, date(2026, 2, 2), date(2026, 2, 3), again)
        runs = world.wait_for_all(dag_id, 2, "backfill")
        assert len(runs) == 2
        end_backfill(world, backfill)
    names = [name for name in world.files("acme") if "_2026-02-0" in name]
    assert len(names) == 2


def end_backfill(world: World, backfill: int) -> None:
    """End it now: the scheduler finds out up to half a minute later, and a DAG has one backfill at a time."""
    with contextlib.suppress(ApiError):  # it has found out
        world.api.put(f"/backfills/{backfill}/cancel")


def test_missed_days_are_caught_up_from_the_start_date(world):
    """`catchup: true`: every day since `start_date` that is due gets its run and its file, in order."""
    now = datetime.now(UTC)
    first = LocalDay(datetime.now(ZoneInfo("America/New_York")).date() - timedelta(4), "America/New_York")
    days = [LocalDay(first.date + timedelta(number), first.timezone) for number in range(4)]
    due = [day for day in days if day.due(datetime.min.time().replace(hour=2)) <= now]
    world.unpause(world.dag("caught_up"))
    runs = world.wait_for_all(world.dag("caught_up"), len(due), "scheduled")
    assert [world.interval(run) for run in runs] == [(day.start, day.end) for day in due]
    assert len(world.files("caught_up")) == len(due) >= 3


def test_a_manual_run_carries_yesterday_or_the_day_that_it_is_given(world):
    """No date: yesterday. `day` in the form or on the command line decides; the run shows the interval."""
    world.unpause(world.dag("acme"))
    zone = "America/New_York"
    yesterday = LocalDay(LocalDay(datetime.now(UTC).date(), zone).date, zone)
    run = world.trigger(world.dag("acme"))
    start, end = world.interval(run)
    assert start < end <= datetime.now(UTC)
    assert datetime.now(UTC) - end < timedelta(hours=25)
    assert start in (yesterday.previous.start, yesterday.previous.previous.start)
    run = world.trigger(world.dag("acme"), conf={"day": "2014-08-20"})
    given = LocalDay(date(2014, 8, 20), zone)
    assert world.interval(run) == (given.start, given.end)
    world.stack.run_cli("dags", "trigger", world.dag("acme"), "--conf", '{"day": "2014-08-21"}', "-r", "by_hand")
    run = world.api.wait_for_run(world.dag("acme"), "by_hand")
    assert world.interval(run) == (given.end, given.next.end)
    assert any("_2014-08-22T06-00-00-" in name for name in world.files("acme"))


def test_a_wrong_day_is_refused_before_a_run_exists(world):
    """The form's date is checked."""
    with pytest.raises(ApiError):
        world.trigger(world.dag("acme"), conf={"day": "20 August"})


def test_a_new_destination_s_test_file_is_sent_by_itself(world):
    """Unpausing its DAG is enough; triggering sends another one."""
    world.unpause("sftp_test_file__acme")
    [run] = world.wait_for_all("sftp_test_file__acme", 1, "scheduled")
    assert run["state"] == "success"
    time.sleep(1.1)
    assert world.trigger("sftp_test_file__acme")["state"] == "success"
    sent = {name: data for name, data in world.files("acme").items() if "-test-" in name}
    assert len(sent) == 2
    golden = (PROJECT / "tests/formats/golden/sample.json").read_bytes()
    assert set(sent.values()) == {golden}


def test_credentials_of_every_character_work_from_the_command_line_and_the_form(world):
    """`airflow connections add --conn-uri` and the UI's request store them unchanged."""
    uri = confirmed_uri(world.sftp, user("special"), password("special"))
    world.stack.run_cli("connections", "add", "sftp_special", "--conn-uri", uri)
    form = {"connection_id": "sftp_form", "conn_type": "sftp", "host": "127.0.0.1", "port": world.sftp.port}
    world.api.post("/connections", form | {"login": "form", "password": password("form")})
    for name in ("special", "form"):
        world.unpause(f"sftp_test_file__{name}")
        [run] = world.wait_for_all(f"sftp_test_file__{name}", 1, "scheduled")
        assert run["state"] == "success"
        logins = [login for login in world.sftp.logins if login.user == user(name)]
        assert [(login.password, login.accepted) for login in logins] == [(password(name), True)]


def test_a_quarantined_destination_fails_at_once_and_stops_nobody(world):
    """Its DAG is there, tagged, and its run says what is wrong with the file."""
    dag_id = world.dag("broken")
    dag = world.api.get(f"/dags/{dag_id}")
    assert "quarantined" in {tag["name"] for tag in dag["tags"]}
    world.unpause(dag_id)
    run = world.trigger(dag_id)
    assert run["state"] == "failed"
    [task] = world.api.tasks(dag_id, run["dag_run_id"])
    assert task["try_number"] == 1
    assert "field 'format': found 'xml', wanted 'csv', 'json', 'ndjson' or 'parquet'" in world.api.task_log(task)


def test_a_failed_upload_waits_exactly_twenty_seconds_and_logs_in_once_a_try(world):
    """Retry 1 comes 20 s after the failure, not 40; its reason is stored, no secret is in what is left behind."""
    dag_id = world.dag("locked_out")
    world.unpause(dag_id)
    run = world.api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"day": "2026-02-02"}})
    upload = wait_for_tries(world, dag_id, run["dag_run_id"], 2)
    path = f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}/taskInstances/upload/tries"
    first, second = world.api.get(path)["task_instances"][:2]
    waited = datetime.fromisoformat(second["start_date"]) - datetime.fromisoformat(first["end_date"])
    assert 20 <= waited.total_seconds() < 40
    passwords = [login.password for login in world.sftp.logins if login.user == "locked_out"]
    assert passwords == [WRONG] * len(read_attempts(world.events, "locked_out"))
    assert "refuses the login of user 'locked_out'" in world.api.task_log({**upload, "try_number": 1}, 50)
    record = world.events.execute(
        "select state, attempts, last_error from event_delivery.delivery"
        " where destination = 'locked_out' and run_id = %s",
        [run["dag_run_id"]],
    ).fetchone()
    assert record[0] in ("failed", "uploading")
    assert record[1] == upload["try_number"]
    assert "refuses the login" in record[2]
    world.api.patch(f"/dags/{dag_id}", {"is_paused": True})


def wait_for_tries(world: World, dag_id: str, run_id: str, tries: int) -> dict[str, Any]:
    upload: dict[str, Any] = {}

    def has_failed() -> bool:
        [found] = [task for task in world.api.tasks(dag_id, run_id) if task["task_id"] == "upload"]
        upload.update(found)
        return upload["try_number"] >= tries and upload["state"] == "up_for_retry"

    wait_until(has_failed, lambda: upload)
    return upload


def wait_for_the_scheduled_run(world: World, dag_id: str) -> None:
    """Wait until the run that unpausing starts is over, so that what happens next is another run's doing."""
    delivered = ("scheduled", "success")
    wait_until(lambda: any((run["run_type"], run["state"]) == delivered for run in world.runs(dag_id)))


def test_a_worker_killed_in_the_middle_of_an_upload_delivers_one_whole_file_in_the_end(world, monkeypatch):
    """SIGKILL while the file is on its way: the scheduler's retry leaves the one right file, and nothing else."""
    uploading = threading.Event()

    def hold_first(user: str, operation: str) -> Awaitable[None] | None:
        if (user, operation) != ("killed", "write") or uploading.is_set():
            return None
        uploading.set()
        return asyncio.sleep(PATIENCE)

    wanted = insert_event(world.events, datetime(2026, 2, 2, 17, tzinfo=UTC), company_id=company("killed"))
    dag_id = world.dag("killed")
    world.unpause(dag_id)
    wait_for_the_scheduled_run(world, dag_id)
    monkeypatch.setattr(world.sftp, "interfere", hold_first)
    run = world.api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"day": "2026-02-02"}})
    assert uploading.wait(PATIENCE)
    [pid] = [task["pid"] for task in world.api.tasks(dag_id, run["dag_run_id"]) if task["task_id"] == "upload"]
    os.kill(pid, signal.SIGKILL)
    assert world.api.wait_for_run(dag_id, run["dag_run_id"])["state"] == "success"
    files = {name: data for name, data in world.files("killed").items() if "_2026-02-03T" in name}
    [(name, content)] = files.items()
    assert name.startswith("courseCompletion-")
    assert [event["id"] for event in json.loads(content)] == [wanted]
    attempts, state = world.events.execute(
        "select attempts, state from event_delivery.delivery where run_id = %s", [run["dag_run_id"]]
    ).fetchone()
    assert (attempts, state) == (2, "delivered")


def test_a_changed_host_key_stops_the_night_until_one_command_confirms_it(world):
    """The command stands in the log; the night's own retry delivers then."""
    dag_id = world.dag("moved")
    uri = sftp_uri(user("moved"), password("moved"), world.sftp.port)
    world.stack.run_cli("connections", "add", "sftp_moved", "--conn-uri", uri)
    world.unpause("sftp_test_file__acme")
    world.wait_for_all("sftp_test_file__acme", 1, "scheduled")
    confirmed = "select public_key, state from event_delivery.host_key where port = %s"
    world.events.execute(
        "update event_delivery.host_key set state = 'shown only' where port = %s", [world.sftp.port]
    )
    world.events.execute(
        "insert into event_delivery.host_key (host, port, public_key) values ('127.0.0.1', %s, %s)",
        [world.sftp.port, asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()],
    )
    world.unpause(dag_id)
    run = world.api.post(f"/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": {"day": "2026-02-02"}})
    upload = wait_for_tries(world, dag_id, run["dag_run_id"], 1)
    log = world.api.task_log(upload, 200)
    [command] = set(re.findall(r"python -m (event_delivery.host_keys confirm sftp_moved SHA256:[^ .]+)", log))
    environment = world.stack.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(PROJECT / "plugins"), environment["PYTHONPATH"]])
    subprocess.run([sys.executable, "-m", *command.split()], env=environment, check=True)
    assert world.api.wait_for_run(dag_id, run["dag_run_id"])["state"] == "success"
    states = dict(world.events.execute(confirmed, [world.sftp.port]).fetchall())
    assert states[world.sftp.host_key()] == "confirmed"


def test_airflow_is_told_of_a_staged_file_no_more_than_where_and_how_much(world):
    """Its viewers read what tasks return."""
    world.unpause(world.dag("acme"))
    run = world.trigger(world.dag("acme"), conf={"day": "2026-02-03"})
    for task in ("extract", "format"):
        place = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances/{task}"
        told = world.api.get(f"{place}/xcomEntries/return_value", deserialize="true")["value"]
        assert set(told) == {"path", "rows", "bytes", "sha256"}


def test_no_task_and_no_server_complains_about_our_listener(world):
    """What the plugin adds must work in every process that loads it."""
    logs = [path for root in ("logs", "servers") for path in (world.stack.folder / root).rglob("*.log")]
    assert logs
    assert [path for path in logs if "error calling listener" in path.read_text()] == []


def test_no_secret_is_left_behind(world):
    """Neither plain nor encoded in a log at DEBUG, nor in a table: XComs, rendered fields, delivery records."""
    secrets = [WRONG, *map(password, ("special", "form", "acme"))]
    wanted = {text for secret in secrets for text in (secret, secret.strip(), quote(secret, safe=""))}
    pattern = re.compile(b"|".join(re.escape(text.encode()) for text in wanted))
    found = [
        path
        for root in (world.stack.folder / "logs", world.stack.folder / "servers")
        for path in root.rglob("*")
        if path.is_file() and pattern.search(path.read_bytes())
    ]
    assert found == []
    assert any(b"debug" in path.read_bytes().lower() for path in (world.stack.folder / "logs").rglob("*.log"))
    with psycopg.connect(world.metadata) as metadata:
        for database, schema in ((world.events, "event_delivery"), (metadata, "public")):
            assert find_in_tables(database, schema, pattern) == []


def find_in_tables(
    database: psycopg.Connection[Any], schema: str, pattern: re.Pattern[bytes]
) -> list[tuple[str, str]]:
    tables = database.execute("select table_name from information_schema.tables where table_schema = %s", [schema])
    found = []
    for (table,) in tables.fetchall():
        rows = database.execute(f'select row_to_json(t)::text from {schema}."{table}" t').fetchall()
        found += [(table, row[0]) for row in rows if pattern.search(row[0].encode())]
    return found
