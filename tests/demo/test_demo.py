"""Does the demo have the events, logins and files that it shows?"""

from __future__ import annotations

import json
import os
import random
import socket
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import yaml

from demo.deliveries import Delivery
from demo.events import CLIENTS, Client, load_events, make_events
from demo.learners import make_uuid
from demo.listing import cut_line, describe_file
from demo.logins import DESTINATIONS, LOGINS, keep_passwords, make_users
from demo.parts import make_stack
from demo.showcase import list_cures
from event_delivery.delivery import delivery_of_test_file, nightly_delivery
from event_delivery.destinations import EVENT_TYPES, Destination, load_destination
from event_delivery.extract import extract_events, stage_sample_event
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpUser
from tests import PROJECT

SMALL = Client("Small", CLIENTS[0].company_id, "America/New_York", 500)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
    url = urlsplit(awkward.connection_uri(password, 2222, "ssh-ed25519 AAAA"))
    assert (unquote(url.username or ""), unquote(url.password or "")) == (awkward.user, password)
    assert make_users(tmp_path)[-1] == SftpUser(awkward.user, password, awkward.destination)
    assert mode(tmp_path / "passwords.json") == 0o600


def test_one_destination_is_refused_until_the_reader_mends_it(tmp_path: Path) -> None:
    """Its Connection holds a wrong password, and the demo says the right one and where it belongs."""
    [login] = [login for login in LOGINS if login.mistyped]
    password = keep_passwords(tmp_path)[login.destination]
    url = urlsplit(login.connection_uri(password, 2222, "ssh-ed25519 AAAA"))
    assert url.username == login.user
    assert unquote(url.password or "") not in ("", password)
    [cure] = list_cures(tmp_path, [Delivery(login, None)])
    assert password in cure
    assert f"sftp_{login.destination}" in cure
    assert list_cures(tmp_path, [Delivery(login, date(2026, 3, 7))]) == []


def test_the_demos_instance_names_the_promised_source_addresses(tmp_path: Path, postgres: Postgres) -> None:
    """The library knows none: each instance has its own."""
    told = make_stack(tmp_path, postgres, 8080).environment()["EVENT_DELIVERY_SOURCE_ADDRESSES"]
    assert told == "44.214.229.234, 44.215.13.175, 34.230.114.128, 54.243.7.71"


def test_a_delivery_knows_its_run_and_its_file(tmp_path: Path) -> None:
    """The file of a day carries the instant at which that day was due, also where 02:00 is skipped."""
    delivery = Delivery(LOGINS[1], date(2026, 3, 7))
    due = tmp_path / "courseCompletion-1234567890_2026-03-08T07-00-00-abc1234.csv"
    for path in (due, tmp_path / "courseCompletion-1_2026-03-09T06-00-00-abc1234.csv"):
        path.touch()
    assert delivery.find_files(tmp_path) == [due]
    assert delivery.dag_id == "nightly_sftp_events__harbor_health"
    assert Delivery(LOGINS[1], None).dag_id == "sftp_test_file__harbor_health"


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


def test_the_schema_can_be_applied_twice(events_db: psycopg.Connection[Any]) -> None:
    """`make demo` applies it at every start."""
    events_db.execute((PROJECT / "include" / "sql" / "demo_schema.sql").read_text())


def test_the_demos_event_types_are_the_shipped_one_and_one_of_its_own(
    events_db: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, staging_area: Path
) -> None:
    """Harbor Health gets both; each sample fits its statement, and each file holds its own events alone."""
    monkeypatch.setattr(EVENT_TYPES, "include", PROJECT / "demo" / "include")
    harbor = load_destination("harbor_health", DESTINATIONS)
    assert isinstance(harbor, Destination)
    assert list(harbor.events) == list(EVENT_TYPES) == ["courseCompletion", "courseEnrollment"]
    assert EVENT_TYPES["courseCompletion"].statement.resolve().is_relative_to(PROJECT / "include")
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    client = next(each for each in CLIENTS if each.name == harbor.client)
    load_events(events_db.info.dsn, now, [replace(client, events_per_day=300)], days=2)
    for event in harbor.events:
        assert stage_sample_event(delivery_of_test_file(harbor, event, now)).rows == 1
        staged = extract_events(nightly_delivery(harbor, event, harbor.day(date(2026, 3, 9))))
        count = "select count(*) from events where event = %s and timestamp >= '2026-03-09 04:00Z' "
        wanted = events_db.execute(count + "and timestamp < '2026-03-10 04:00Z'", [event]).fetchone()
        assert (staged.rows,) == wanted
        assert staged.rows > 0


def test_another_folder_of_event_types_is_a_setting(tmp_path: Path) -> None:
    """A process that starts with it knows the event types that lie there, and no others."""
    for name in ("sql", "samples"):
        (tmp_path / name).mkdir()
    (tmp_path / "sql" / "quiz.sql").write_text("-- file prefix: q\nselect 1")
    (tmp_path / "samples" / "quiz.json").write_text("{}")
    command = (
        "from event_delivery.destinations import EVENT_TYPES; print(*EVENT_TYPES, EVENT_TYPES['quiz'].statement)"
    )
    environment = {
        **os.environ,
        "EVENT_DELIVERY_EVENT_TYPES": str(tmp_path),
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    run = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.split() == ["quiz", str(tmp_path / "sql" / "quiz.sql")]
