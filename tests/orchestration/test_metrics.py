"""Are deliveries counted, under the names that are documented, and does a broken counter harm none?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk.exceptions import AirflowRescheduleException
from airflow.sdk.execution_time.context import OutletEventAccessors
from airflow.sdk.observability import stats

from event_delivery.orchestration.backlog import tell_statistics
from event_delivery.orchestration.gauges import GAUGES, INCIDENTS, tell_incidents
from event_delivery.orchestration.metrics import ATTEMPTS, COUNTERS, TIMERS, counting_failure
from event_delivery.orchestration.upload_operator import UploadOperator
from event_delivery.upload import HeldError, UnconfirmedError, UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon
from tests.statistics_server import StatisticsServer, running_statistics_server
from tests.waiting import wait_until


@pytest.fixture
def told() -> Iterator[list[tuple[str, Any, dict[str, str] | None]]]:
    """Each thing that Airflow's statistics are told: name, value, tags."""
    told: list[tuple[str, Any, dict[str, str] | None]] = []

    class Keeping(NoStatsLogger):
        @classmethod
        def incr(cls, stat, count=1, rate=1, *, tags=None):
            told.append((stat, count, tags))

        @classmethod
        def gauge(cls, stat, value, rate=1, delta=False, *, tags=None):
            told.append((stat, value, tags))

        @classmethod
        def timing(cls, stat, dt, *, tags=None):
            told.append((stat, dt, tags))

    stats.initialize(factory=Keeping, export_legacy_names=False)
    yield told
    stats.initialize(factory=NoStatsLogger, export_legacy_names=False)


def context_of(
    delivery: Any, run_id: str = "scheduled__2026-03-10", run_type: str = "scheduled"
) -> dict[str, Any]:
    """Return what Airflow hands a task of a night's run."""
    start, end = delivery.interval
    run = SimpleNamespace(
        dag_id="nightly_sftp_events__acme",
        run_id=run_id,
        run_type=run_type,
        conf={},
        data_interval_start=start,
        data_interval_end=end,
        logical_date=start,
        run_after=end,
        clear_number=0,
        start_date=None,
    )
    instance = SimpleNamespace(try_number=1, max_tries=10)
    return {"ti": instance, "dag_run": run, "params": {}, "outlet_events": OutletEventAccessors()}


def upload(delivery: Any, **context: Any) -> dict[str, Any]:
    """Run the upload task, whose file is staged by it."""
    operator = UploadOperator(task_id="upload", destination=delivery.destination, event=delivery.event)
    given = context_of(delivery, **context)
    operator.pre_execute(given)
    return operator.execute(given)


def test_a_delivered_night_is_counted_with_its_size_and_its_lateness(
    events_db, staging_area, sftp_server, delivery, told
):
    """By destination and event type."""
    insert_event(events_db, noon(DAY))
    sent = upload(delivery)
    tags = {"destination": "acme", "event": "courseCompletion"}
    values = {name: value for name, value, _ in told}
    assert all(given == tags for _, _, given in told)
    assert (values["event_delivery.attempts.delivered"], values["event_delivery.rows"]) == (1, 1)
    assert values["event_delivery.bytes"] == sent["bytes"]
    assert values["event_delivery.upload_time"] == timedelta(seconds=sent["seconds"])
    assert values["event_delivery.after_due"] > datetime.now(UTC) - delivery.due - timedelta(minutes=10)


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_a_day_that_somebody_asks_for_is_not_late(events_db, staging_area, sftp_server, delivery, told, run_type):
    """It was not due by the schedule."""
    upload(delivery, run_id=f"{run_type}__1", run_type=run_type)
    assert {name for name, _, _ in told} == {ATTEMPTS["delivered"], *COUNTERS[-2:], TIMERS[0]}


def test_a_failed_attempt_is_counted(events_db, staging_area, delivery, told, monkeypatch):
    """Nobody answers."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:pw@127.0.0.1:9/")
    with pytest.raises(Exception, match="127"):
        upload(delivery)
    assert [name for name, _, _ in told] == ["event_delivery.attempts.failed"]


@pytest.mark.parametrize(
    "error, end",
    [
        (HeldError("x", "y"), "held"),
        (UnconfirmedError("x"), "unconfirmed"),
        (KeyboardInterrupt(), "failed"),
        (AirflowRescheduleException(datetime.now(UTC)), None),
    ],
)
def test_every_end_of_an_attempt_has_a_name(delivery, told, error, end):
    """One that waits for its host is not over."""
    with pytest.raises(type(error)), counting_failure(delivery):
        raise error
    assert [name for name, _, _ in told] == ([ATTEMPTS[end]] if end else [])


def test_statistics_that_fail_harm_no_delivery(
    events_db, staging_area, sftp_server, delivery, monkeypatch, caplog
):
    """It is delivered, and the log says that nobody was told."""

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("down")

    for name in ("incr", "timing", "gauge"):
        monkeypatch.setattr(stats, name, fail)
    assert upload(delivery)["arrived"] == "nightly"
    assert "Statistics could not be told of event_delivery.bytes" in caplog.text


def test_the_last_night_and_the_oldest_undelivered_day_are_told(
    events_db, staging_area, sftp_server, delivery, told, log, tmp_path, monkeypatch
):
    """Of what the ledger says, every state, also those of which there is none."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    (folder / "acme.yaml").write_text(f"client: Acme\ncompany_id: {delivery.destination.company_id}\n")
    deliver_file_of(delivery, log)
    tell_statistics(delivery.due + timedelta(hours=1))
    values = {name: value for name, value, _ in told}
    assert set(values) == set(GAUGES) - set(INCIDENTS.values())
    assert (values["event_delivery.last_night.delivered"], values["event_delivery.last_night.missing"]) == (1, 0)
    assert (values["event_delivery.oldest_undelivered_seconds"], values["event_delivery.missing_days"]) == (0, 0)
    told.clear()
    tell_statistics(now := delivery.due + timedelta(days=2, hours=6))
    values = {name: value for name, value, _ in told}
    assert (values["event_delivery.last_night.delivered"], values["event_delivery.last_night.missing"]) == (0, 1)
    after = delivery.destination.day(DAY + timedelta(1))
    assert values["event_delivery.oldest_undelivered_seconds"] == (now - after.end).total_seconds()
    assert values["event_delivery.missing_days"] == 2


def test_before_the_first_night_nothing_is_missing(events_db, told, tmp_path, monkeypatch, acme):
    """There is no ledger yet."""
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {acme.company_id}\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    tell_statistics(datetime.now(UTC))
    assert {value for _, value, _ in told} == {0}


def deliver_file_of(delivery: Any, log: Any) -> None:
    """Deliver a night as the schedule does."""
    from event_delivery.extract import extract_events
    from event_delivery.formats import format_staged_events

    extract_events(delivery)
    format_staged_events(delivery)
    deliver_file(delivery, UploadRun("dag", "scheduled__1"), log)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A StatsD server that Airflow tells, as `[metrics] statsd_on` has it."""
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    with running_statistics_server() as server:
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.port))
        stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
        yield server
    stats.initialize(factory=NoStatsLogger, export_legacy_names=False)


def test_a_statsd_server_receives_them(events_db, staging_area, sftp_server, delivery, server: StatisticsServer):
    """By Airflow's own client, over UDP."""
    sent = upload(delivery)
    wait_until(lambda: server.find("event_delivery.after_due"))
    assert server.find("event_delivery.attempts.delivered") == ["1|c"]
    assert server.find("event_delivery.bytes") == [f"{sent['bytes']}|c"]
    assert server.find("event_delivery.upload_time")[0].endswith("|ms")


def test_a_name_is_of_one_kind():
    """A server would mix them up."""
    names = [*COUNTERS, *TIMERS, *GAUGES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("event_delivery.") for name in names)


def test_open_incidents_are_told_by_severity(told: list[Any]) -> None:
    """A severity of which none is open is told, too: else its gauge would keep yesterday's number."""
    tell_incidents(["error", "error", "info"])
    name = "event_delivery.incidents."
    assert [each[:2] for each in told] == [(f"{name}info", 1), (f"{name}warning", 0), (f"{name}error", 2)]
