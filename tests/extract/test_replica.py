"""Is a replica that lags behind read only once it has what the primary had by midnight?"""

from __future__ import annotations

import json
import logging
import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from event_delivery.delivery import Delivery
from event_delivery.extract import SourceNotReadyError, beside, extract_events, shared_snapshot
from event_delivery.formats import format_staged_events
from local_servers.postgres import (
    UNPRIVILEGED_USER,
    Postgres,
    create_database,
    postgres_program,
    running_postgres,
)
from tests import PROJECT
from tests.docs.test_docs import blocks, section
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area")
SETTINGS = {"fsync": "off", "wal_level": "replica", "hot_standby": "on"}
[*_, FROM_A_REPLICA] = blocks(section(PROJECT / "docs/events.md", "## When the source is complete"), "sql")


def copy_cluster(primary: Postgres, folder: Path) -> None:
    """Make a folder's cluster a streaming replica of the primary."""
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    group = pwd.getpwnam(user).pw_gid if user else None
    folder.mkdir()
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    command = [postgres_program("pg_basebackup"), "-d", primary.uri(), "-D", folder / "data", "-R", "-c", "fast"]
    made = subprocess.run(command, user=user, group=group, cwd="/", capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    """A session on a primary, and one on its replica, which is what Airflow knows as the source."""
    with TemporaryDirectory(prefix="replica-") as folder:
        Path(folder).chmod(0o711)
        with running_postgres(Path(folder) / "primary", SETTINGS) as primary:
            create_database(primary, "events")
            with psycopg.connect(primary.uri("events"), autocommit=True) as source:
                source.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
                copy_cluster(primary, Path(folder) / "replica")
                with running_postgres(Path(folder) / "replica", SETTINGS) as replica:
                    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", replica.uri("events"))
                    with psycopg.connect(replica.uri("events"), autocommit=True) as copy:
                        yield source, copy


def ask_replica(copy: psycopg.Connection[Any], question: str, wanted: Any) -> None:
    """Wait until the replica answers so."""
    deadline = time.monotonic() + 30
    while copy.execute(question).fetchone() != (wanted,):
        assert time.monotonic() < deadline, question
        time.sleep(0.05)


def staged_ids(delivery: Delivery) -> set[str]:
    extract_events(delivery)
    return {event["id"] for event in json.loads(Path(format_staged_events(delivery).path).read_text())}


def test_a_replica_that_lags_is_waited_for(cluster, delivery, include):
    """Without a statement the day's last event is missed; with the one of the docs it is in the day's file."""
    source, copy = cluster
    copy.execute("select pg_wal_replay_pause()")
    ask_replica(copy, "select pg_get_wal_replay_pause_state()", "paused")
    event = insert_event(source, now(source))
    midnight = now(source)
    night = replace(delivery, interval_start=midnight - timedelta(days=1), interval_end=midnight)
    insert_event(source, now(source))  # the primary goes on
    assert staged_ids(night) == set()
    (include / "sql/source_ready.sql").write_text(FROM_A_REPLICA)
    with pytest.raises(SourceNotReadyError, match="include/sql/source_ready.sql says"):
        extract_events(night)
    copy.execute("select pg_wal_replay_resume()")
    ask_replica(copy, f"select pg_last_xact_replay_timestamp() >= '{midnight}'", True)
    assert staged_ids(night) == {event}


def test_a_replica_s_day_is_proven_over_a_second_connection(cluster, delivery, monkeypatch, caplog):
    """A hot standby exports snapshots, too, and names those that it shares as a primary does."""
    caplog.set_level(logging.INFO)
    source, copy = cluster
    event = insert_event(source, noon(DAY))
    ask_replica(copy, "select count(*) from events", 1)
    seen = []
    monkeypatch.setattr(beside, "PROVEN_BESIDE_FROM", 1)
    monkeypatch.setattr(beside, "join_snapshot", lambda *given: seen.append(shared_snapshot.join_snapshot(*given)))
    assert staged_ids(delivery) == {event}
    assert seen == [None]
    assert "No second connection" not in caplog.text


def now(connection: psycopg.Connection[Any]) -> datetime:
    [instant] = connection.execute("select clock_timestamp()").fetchone() or [None]
    assert instant is not None
    return instant
