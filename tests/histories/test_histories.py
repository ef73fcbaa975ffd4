"""Does every history of a living instance deliver every event to its interval's file, once?

`make histories` runs a thousand of them; here a few dozen do.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from event_delivery.destinations import EVENT_TYPES, EventType
from event_delivery.orchestration import source_wait
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.histories.airflow_models import open_airflow
from tests.histories.clock import Clock, telling
from tests.histories.destination_history import SECOND_TYPE, History, World
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri

pytestmark = pytest.mark.slow

HISTORIES = int(os.environ.get("HISTORIES", "25"))
ZONES = ("America/New_York", "Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "UTC")
NEIGHBOURS = ("America/New_York", "America/Chicago", "America/Denver", "Asia/Tokyo", "Asia/Singapore")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Airflow's database, the source, the ledger and an SFTP server."""
    folder = tmp_path_factory.mktemp("histories")
    (folder / "destinations").mkdir()
    airflow = f"{folder.name}_airflow"  # of this module's own: others have such a world too
    create_database(postgres, airflow)
    uri = create_database(postgres, f"{folder.name}_events", "file_copy")
    with (
        pytest.MonkeyPatch.context() as patch,
        SftpServer(folder / "sftp", [SftpUser("client", PASSWORD, "client")]) as sftp,
        psycopg.connect(uri, autocommit=True) as events,
    ):
        events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        patch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder / "destinations"))
        patch.setenv("EVENT_DELIVERY_STAGING", str(folder / "staging"))
        # Airflow writes an edited DAG 30 s after the last edit at the earliest, by the database's clock.
        patch.setenv("AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL", str(-10 * 365 * 86_400))
        patch.setenv("AIRFLOW_CONN_LEDGER_DB", uri)
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
        patch.setenv("AIRFLOW_CONN_SFTP_CLIENT", confirmed_uri(sftp, "client", PASSWORD))
        patch.setitem(EVENT_TYPES, SECOND_TYPE, write_second_type(folder))
        with open_airflow(postgres.sqlalchemy_uri(airflow)) as engine:
            yield World(engine, events, sftp, folder)


def write_second_type(folder: Any) -> EventType:
    """Return an event type with a statement of its own."""
    first = EVENT_TYPES["courseCompletion"]
    statement = (PROJECT / "include/sql" / first.sql).read_text()
    path = folder / "quiz_passed.sql"
    path.write_text(statement.replace("'courseCompletion'", f"'{SECOND_TYPE}'"))
    return EventType(file_prefix=SECOND_TYPE, sql=str(path))


class Histories(RuleBasedStateMachine):
    """Every action that can happen to a destination, in any order."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.clock = Clock()
        self.told = telling(self.clock)
        self.told.__enter__()
        self.history = History(self.world, next(_numbers), self.clock)
        real = source_wait.extract_events

        def observed(delivery: Any, accept_unready: bool = False) -> Any:
            self.history.note_source(delivery)
            return real(delivery, accept_unready)

        self.patch.setattr(source_wait, "extract_events", observed)

    def teardown(self) -> None:
        if hasattr(self, "history"):
            self.history.close()
            self.patch.undo()
            self.told.__exit__(None, None, None)

    @rule(minutes=st.lists(st.integers(0, 5_000), min_size=1, max_size=6))
    def events_arrive(self, minutes: list[int]) -> None:
        self.history.add_events(minutes)

    @rule(hours=st.integers(1, 60), airflow_runs=st.booleans())
    def time_passes(self, hours: int, airflow_runs: bool) -> None:
        self.history.pass_time(hours, airflow_runs)

    @rule(zone=st.sampled_from(ZONES))
    def the_zone_is_edited(self, zone: str) -> None:
        self.history.edit(timezone=zone)
        self.history.settle()

    @rule(deliver_at=st.sampled_from(['"00:00"', '"02:00"', '"02:30"', '"18:45"']))
    def deliver_at_is_edited(self, deliver_at: str) -> None:
        self.history.edit(deliver_at=deliver_at)
        self.history.settle()

    @rule(zone=st.sampled_from(NEIGHBOURS), hour=st.integers(0, 3))
    def the_zone_is_edited_and_the_instant_kept(self, zone: str, hour: int) -> None:
        self.history.edit(timezone=zone, deliver_at=f'"0{hour}:00"')
        self.history.settle()

    @rule(
        fields=st.sampled_from(
            [{"transfer_id": "7"}, {"format": "csv"}, {"format": "json"}, {"transfer_id": None}]
        )
    )
    def the_file_is_edited(self, fields: dict[str, str | None]) -> None:
        self.history.edit(**fields)
        self.history.settle()

    @rule(folder=st.sampled_from(["", "/inbox"]))
    def the_path_is_edited(self, folder: str) -> None:
        self.history.edit(path=f"/{self.history.name}{folder}")
        self.history.settle()

    @rule(catchup=st.booleans())
    def catchup_is_edited(self, catchup: bool) -> None:
        self.history.edit_catchup(catchup)
        self.history.settle()

    @rule(events=st.sampled_from(["[courseCompletion]", f"[{SECOND_TYPE}, courseCompletion]", f"[{SECOND_TYPE}]"]))
    def the_event_types_are_edited(self, events: str) -> None:
        self.history.edit(events=events)
        self.history.settle()

    @rule()
    def the_file_is_broken_and_mended(self) -> None:
        zone = self.history.fields["timezone"]
        self.history.edit(timezone="Europe/Berln")
        self.history.settle()
        self.history.edit(timezone=zone)
        self.history.settle()

    @rule(zone=st.sampled_from(ZONES), hours=st.integers(1, 50))
    def the_file_is_broken_for_a_while(self, zone: str, hours: int) -> None:
        self.history.edit(timezone="Europe/Berln")
        self.history.pass_time(hours, airflow_runs=True)
        self.history.edit(timezone=zone)
        self.history.settle()

    @rule(hours=st.integers(1, 50))
    def the_dag_is_paused_for_a_while(self, hours: int) -> None:
        self.history.airflow.pause(True)
        self.history.pass_time(hours, airflow_runs=True)
        self.history.airflow.pause(False)
        self.history.settle()

    @rule(what=st.sampled_from(["SFTP_CLIENT", "EVENTS_DB", "LEDGER_DB"]), hours=st.integers(0, 8))
    def something_is_away_for_a_while(self, what: str, hours: int) -> None:
        name, port = f"AIRFLOW_CONN_{what}", find_free_port()
        kept = os.environ[name]
        nobody = (
            sftp_uri("client", PASSWORD, port) if what == "SFTP_CLIENT" else f"postgresql://a:b@127.0.0.1:{port}/c"
        )
        os.environ[name] = nobody
        self.history.pass_time(hours, airflow_runs=True)
        os.environ[name] = kept
        self.history.pass_time(1, airflow_runs=True)

    @rule(days_back=st.none() | st.integers(-2, 6), overlap=st.booleans(), by_logical_date=st.booleans())
    def a_run_is_triggered(self, days_back: int | None, overlap: bool, by_logical_date: bool) -> None:
        overlap = overlap and days_back == 3  # mostly nobody asks for events twice
        self.history.trigger(days_back, overlap, by_logical_date, next(_numbers))
        self.history.settle()

    @rule(
        first_back=st.integers(0, 8),
        days=st.integers(0, 4),
        behaviour=st.sampled_from(["none", "failed", "completed"]),
    )
    def days_are_backfilled(self, first_back: int, days: int, behaviour: str) -> None:
        self.history.backfill(first_back, days, behaviour)
        self.history.settle()

    @rule()
    def what_is_missing_is_delivered(self) -> None:
        self.history.recover()

    @rule(index=st.integers(0, 20))
    def a_run_is_cleared(self, index: int) -> None:
        self.history.clear(index)
        self.history.settle()

    @rule(after=st.booleans(), hours=st.integers(0, 3))
    def a_worker_dies(self, after: bool, hours: int) -> None:
        self.history.kill(after)
        self.history.pass_time(hours, airflow_runs=True)

    @rule()
    def the_staging_area_is_lost(self) -> None:
        self.history.lose_staging()

    @precondition(lambda self: hasattr(self, "history"))
    @rule()
    def the_destination_is_disabled_for_a_while(self) -> None:
        self.history.edit(enabled="false")
        self.history.pass_time(26, airflow_runs=True)
        self.history.edit(enabled=None)
        self.history.settle()


def test_every_history_ends_with_what_the_ledger_says(world):
    """A state machine of edits, events, outages, deaths, clears, backfills and dates asked for at will."""
    from hypothesis.stateful import run_state_machine_as_test

    Histories.world = world
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=12,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=checks,
            database=None,
        ),
    )
    deliveries = world.events.execute("select state, count(*) from event_delivery.delivery group by 1").fetchall()
    print(json.dumps({"histories": HISTORIES, "deliveries": dict(deliveries)}))  # noqa: T201 - the soak's result
    assert dict(deliveries).get("delivered", 0) > HISTORIES
