"""Do the demo's servers start, survive kills, stop without orphans, and keep their secrets?"""

from __future__ import annotations

import json
import logging
import os
import random
import runpy
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko
import psutil
import psycopg
import pytest
import yaml

from demo.airflow_settings import make_environment
from demo.airflow_stack import find_free_port
from demo.deliveries import Delivery
from demo.events import CLIENTS, Client, load_events, make_events
from demo.learners import make_uuid
from demo.listing import cut_line, describe_file
from demo.logins import DESTINATIONS, LOGINS, SPECIAL, keep_passwords, make_users
from demo.postgres import Postgres, create_database, find_postgres, running_postgres, start_postgres
from demo.processes import ServerError, death_notice, find_process, start_process, stop_processes
from demo.sftp_server import SftpServer, SftpUser, write_config
from demo.showcase import list_cures

PROJECT = Path(__file__).resolve().parents[1]
SMALL = Client("Small", CLIENTS[0].company_id, "America/New_York", 500)


def log_in(server: SftpServer, user: str, password: str) -> paramiko.SFTPClient:
    """Log in once; the client closes its transport when it is collected."""
    transport = paramiko.Transport((server.host, server.port))
    transport.connect(username=user, password=password)
    client = paramiko.SFTPClient.from_transport(transport)
    assert client
    return client


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_postgres_recovers_from_a_kill_and_from_a_pid_file_of_another_process(tmp_path: Path) -> None:
    """A crash leaves a pid file whose number may belong to anybody by now."""
    with running_postgres(tmp_path / "pg") as postgres:
        uri = create_database(postgres, "events")
        server = find_process(tmp_path / "pg", "postgres")
        assert server
        os.kill(server.pid, signal.SIGKILL)
        pid_file = tmp_path / "pg" / "data" / "postmaster.pid"
        pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]))
        assert find_postgres(tmp_path / "pg") is None
        again = start_postgres(tmp_path / "pg")
        assert psycopg.connect(uri).execute("select 1").fetchone() == (1,)
        assert find_postgres(tmp_path / "pg") == again == postgres
    assert find_postgres(tmp_path / "pg") is None


def test_postgres_starts_in_a_folder_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    """A socket's path may have 107 bytes at most."""
    folder = tmp_path / ("long " * 30).strip()
    with running_postgres(folder) as postgres:
        assert mode(postgres.socket_folder) == 0o700
        assert psycopg.connect(postgres.uri()).execute("select 1").fetchone() == (1,)
    assert not postgres.socket_folder.exists()


def test_stopping_a_server_ends_what_a_killed_one_left_behind(tmp_path: Path) -> None:
    """The children of a server that was killed are found by its session."""
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])"
    server = start_process("parent", [sys.executable, "-c", child], tmp_path)
    while len(server.members()) < 2:
        time.sleep(0.05)
    members = server.members()
    os.kill(server.pid, signal.SIGKILL)
    found = find_process(tmp_path, "parent")
    assert found
    stop_processes([found])
    assert not found.is_running()
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in members)


def test_stopping_spares_a_process_that_has_the_id_of_an_earlier_server(tmp_path: Path) -> None:
    """A record from before a reboot names ids that belong to others now."""
    other = start_process("other", [sys.executable, "-c", "import time; time.sleep(99)"], tmp_path)
    (tmp_path / "stale.json").write_text(json.dumps({"pid": other.pid, "created": other.created - 3600}))
    stale = find_process(tmp_path, "stale")
    assert stale
    assert not stale.is_running()
    stop_processes([stale])
    assert other.is_running()
    stop_processes([other])


def test_a_dead_server_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The reader shall not have to look for the log."""
    server = start_process("short", [sys.executable, "-c", "print('no such luck')"], tmp_path)
    while server.is_running():
        time.sleep(0.05)
    assert "short died" in str(death_notice(server))
    assert "no such luck" in str(death_notice(server))


def test_the_sftp_server_tells_the_login_exactly_as_it_came(tmp_path: Path) -> None:
    """Tests of credentials rely on it."""
    user = SftpUser(f" {SPECIAL}user ", SPECIAL)
    with SftpServer(tmp_path, [user]) as server:
        log_in(server, user.name, user.password).close()
        with pytest.raises(paramiko.AuthenticationException):
            log_in(server, user.name, SPECIAL.strip())
    attempts = [(attempt.user, attempt.password, attempt.accepted) for attempt in server.logins]
    assert attempts == [(user.name, SPECIAL, True), (user.name, SPECIAL.strip(), False)]


def test_the_sftp_server_locks_each_user_into_a_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody sees another client's files, and a rename leaves a line in the log."""
    caplog.set_level(logging.INFO, "sftp")
    with SftpServer(tmp_path, [SftpUser("a", "x"), SftpUser("../a", "y")]) as server:
        assert server.user_folder("../a").parent == server.user_folder("a").parent
        client = log_in(server, "../a", "y")
        with client.open("/../../.part", "w") as stream:
            stream.write("text")
        client.posix_rename("/.part", "/whole")
        assert (server.user_folder("../a") / "whole").read_text() == "text"
        assert client.listdir("..") == ["whole"]
    assert "renamed /.part to /whole" in caplog.text
    assert "'y'" not in caplog.text


def test_the_sftp_server_runs_as_a_process_with_its_key_and_passwords_kept_private(tmp_path: Path) -> None:
    """The host key stays the same, and no password shows in the list of processes."""
    server = SftpServer(tmp_path, [SftpUser("acme", "pass word")], port=find_free_port())
    key = server.host_key()
    write_config(tmp_path / "config.json", server)
    command: list[str | Path] = [sys.executable, "-m", "demo.sftp_server", "--config", tmp_path / "config.json"]
    process = start_process("sftp", command, tmp_path, {**os.environ, "PYTHONPATH": str(PROJECT)})
    while "listening" not in process.log.read_text():
        assert process.is_running(), death_notice(process)
        time.sleep(0.05)
    client = log_in(server, "acme", "pass word")
    channel = client.get_channel()
    assert channel
    assert channel.get_transport().get_remote_server_key().get_base64() == key.split()[1]
    assert "pass word" not in " ".join(psutil.Process(process.pid).cmdline())
    stop_processes([process])
    assert {mode(tmp_path / "host_key"), mode(tmp_path / "config.json")} == {0o600}


def test_events_are_the_same_for_the_same_day_and_touch_its_edges() -> None:
    """An event at local midnight belongs to the day that begins there."""
    day = date(2026, 3, 8)
    rows = list(make_events(SMALL, day))
    timestamps = [row[2] for row in rows]
    assert rows == list(make_events(SMALL, day))
    assert rows != list(make_events(SMALL, day + timedelta(days=7)))
    assert timestamps == sorted(timestamps)
    assert timestamps[0] == datetime(2026, 3, 8, 5, tzinfo=UTC) == timestamps[1]
    assert timestamps[-1] == datetime(2026, 3, 9, 3, 59, 59, 999_000, tzinfo=UTC)
    assert all(timestamp.microsecond % 1000 == 0 for timestamp in timestamps)
    assert {row[6] for row in rows} > {"courseCompletion"}


def test_events_are_awkward() -> None:
    """Quotes, commas, newlines, emoji, right-to-left text, nulls and leading zeros all occur."""
    details = [json.loads(row[9]) for row in make_events(CLIENTS[0], date(2026, 3, 9))]
    text = json.dumps(details, ensure_ascii=False)
    assert all(part in text for part in ('\\"', ",", "\\n", "🎓", "محمد", "null", '"00'))
    assert list(details[0])[:4] == ["id", "firstName", "lastName", "externalCustomerId"]
    assert make_uuid(random.Random(1)) == make_uuid(random.Random(1))


def test_events_are_loaded_once_and_go_on_where_they_ended(postgres: Postgres) -> None:
    """A second `make demo` adds what has happened since, and nothing twice."""
    uri = create_database(postgres, f"demo_{os.getpid()}_{time.monotonic_ns()}")
    now = datetime(2026, 3, 9, 15, 30, tzinfo=UTC)
    first = load_events(uri, now, [SMALL], days=2)
    assert load_events(uri, now, [SMALL], days=2) == 0
    later = load_events(uri, now + timedelta(days=1), [SMALL], days=2)
    days = [date(2026, 3, day) for day in (7, 8, 9, 10)]
    expected = [row for day in days for row in make_events(SMALL, day) if row[2] <= now + timedelta(days=1)]
    with psycopg.connect(uri) as connection:
        ids = {str(row[0]) for row in connection.execute("select id from events")}
    assert first + later == len(expected)
    assert ids == {row[0] for row in expected}


def test_every_destination_has_a_login_and_the_company_of_its_client() -> None:
    """The YAML files, the logins and the events must name the same clients."""
    fields = {path.stem: yaml.safe_load(path.read_text()) for path in DESTINATIONS.glob("[!_]*.yaml")}
    clients = {client.name: client for client in CLIENTS}
    assert set(fields) == {login.destination for login in LOGINS}
    for destination in fields.values():
        client = clients[destination["client"]]
        assert destination["company_id"] == str(client.company_id)
        assert destination.get("timezone", "America/New_York") == client.timezone
    assert {destination["format"] for destination in fields.values()} == {"json", "csv"}
    assert len(clients) > len(fields), "another company's events must be there, and must not be delivered"


def test_the_awkward_password_holds_every_special_character_and_survives_the_url(tmp_path: Path) -> None:
    """It begins and ends with a space, as clients' passwords may."""
    awkward = LOGINS[-1]
    password = keep_passwords(tmp_path)[awkward.destination]
    assert set("][?/<~#\\`!@$%^&*()+=}|:\";',>{ ") <= set(password)
    assert password[0] == password[-1] == " "
    url = urlsplit(awkward.connection_uri(password, 2222))
    assert (unquote(url.username or ""), unquote(url.password or "")) == (awkward.user, password)
    assert make_users(tmp_path)[-1] == SftpUser(awkward.user, password, awkward.destination)
    assert mode(tmp_path / "passwords.json") == 0o600


def test_one_destination_is_refused_until_the_reader_mends_it(tmp_path: Path) -> None:
    """Its Connection holds a wrong password, and the demo says the right one and where it belongs."""
    [login] = [login for login in LOGINS if login.mistyped]
    password = keep_passwords(tmp_path)[login.destination]
    url = urlsplit(login.connection_uri(password, 2222))
    assert url.username == login.user
    assert unquote(url.password or "") not in ("", password)
    [cure] = list_cures(tmp_path, [Delivery(login, None)])
    assert password in cure
    assert f"sftp_{login.destination}" in cure
    assert list_cures(tmp_path, [Delivery(login, date(2026, 3, 7))]) == []


def test_a_delivery_knows_its_run_and_its_file(tmp_path: Path) -> None:
    """The file of a day carries the instant at which that day was due, also where 02:00 is skipped."""
    delivery = Delivery(LOGINS[1], date(2026, 3, 7))
    due = tmp_path / "courseCompletion-1234567890_2026-03-08T07-00-00-abc1234.csv"
    for path in (due, tmp_path / "courseCompletion-1_2026-03-09T06-00-00-abc1234.csv"):
        path.touch()
    assert delivery.find_files(tmp_path) == [due]
    assert delivery.dag_id == "nightly_sftp_events__harbor_health"
    assert Delivery(LOGINS[1], None).dag_id == "sftp_test_file__harbor_health"


def test_airflow_gets_an_environment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the caller's Airflow do not leak in, and secrets are made once and kept private."""
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://elsewhere")
    monkeypatch.setenv("NO_PROXY", "example.com")

    def environment() -> dict[str, str]:
        return make_environment(tmp_path, "db", 1, PROJECT, PROJECT, {"EVENT_DELIVERY_STAGING": "s"})

    assert environment() == environment()
    assert environment()["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW_CONN_EVENTS_DB" not in environment()
    assert environment()["NO_PROXY"] == "example.com,127.0.0.1,localhost"
    assert {mode(tmp_path / name) for name in ("secrets.json", "passwords.json")} == {0o600}


def test_only_commands_that_fork_tasks_preload() -> None:
    """Elsewhere the imports would cost 2 s of CPU for nothing."""
    forks_tasks = runpy.run_path(str(PROJECT / "config" / "airflow_local_settings.py"))["forks_tasks"]
    assert forks_tasks(["airflow", "scheduler", "--skip-serve-logs"])
    assert forks_tasks(["airflow", "celery", "worker"])
    assert not forks_tasks(["airflow", "dags", "list"])
    assert not forks_tasks(["airflow"])


def test_a_free_port_is_the_wanted_one_if_nobody_has_it() -> None:
    """A port in use is passed over."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert find_free_port(port) != port
    assert find_free_port(port) == port


def test_a_line_is_cut_at_the_columns_of_the_terminal(tmp_path: Path) -> None:
    """Wide characters take two columns; control and direction characters are not sent to it."""
    assert cut_line("short", 10) == "short"
    assert cut_line("日本語日本語", 6) == "日本…"
    assert "\x1b" not in cut_line("\x1b[31mred\u202e", 40)
    (tmp_path / "file").write_text("one\ntwo\nthree\nfour\n")
    assert list(describe_file(tmp_path / "file", tmp_path, 80, 2)) == ["file  (19 bytes)", "  one", "  two"]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"EVENT_DELIVERY_DEMO_PORT": "{taken}"}, "Port {taken} (EVENT_DELIVERY_DEMO_PORT) is in use"),
        ({"EVENT_DELIVERY_DEMO_PORT": "eighty"}, "wanted a port number"),
        ({"EVENT_DELIVERY_DEMO": "/dev/null/demo"}, "folder is not usable"),
    ],
)
def test_what_stands_in_the_way_is_said_in_one_line(
    environment: dict[str, str], message: str, tmp_path: Path
) -> None:
    """Without a traceback, and with exit code 1."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        given = {name: value.format(taken=port) for name, value in environment.items()}
        run = run_demo({"EVENT_DELIVERY_DEMO": str(tmp_path)} | given)
    assert run.returncode == 1
    assert message.format(taken=port) in run.stderr
    assert "Traceback" not in run.stderr


def run_demo(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo", "up"]
    return subprocess.run(
        command, env={**os.environ, **environment}, cwd=PROJECT, capture_output=True, text=True, timeout=60
    )


def test_a_server_that_cannot_start_is_an_error_of_its_own(tmp_path: Path) -> None:
    """A missing program does not surface as a bare OSError."""
    with pytest.raises(ServerError, match="ghost cannot be started"):
        start_process("ghost", [tmp_path / "no such program"], tmp_path)
    assert find_process(tmp_path, "ghost") is None


def test_the_schema_can_be_applied_twice(events_db: psycopg.Connection[Any]) -> None:
    """`make demo` applies it at every start."""
    events_db.execute((PROJECT / "include" / "sql" / "demo_schema.sql").read_text())
