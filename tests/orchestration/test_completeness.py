"""Does Airflow look for late events after each night, and start the runs that bring them?"""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.completeness.handling import Remedy
from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import Destination, find_destination, load_destination
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.orchestration import remedy_runs
from event_delivery.orchestration.asked import asks_for, kind_of
from event_delivery.orchestration.backfilled_runs import leaves_delivered
from event_delivery.orchestration.completeness import (
    find_late_events,
    find_missing_days,
    list_unknown,
    look_at_each,
    refuse_failures,
)
from event_delivery.orchestration.names import LATE_EVENTS, MISSING_DAYS, TELL_STATISTICS
from event_delivery.orchestration.outcome import read_outcome
from event_delivery.orchestration.remedy_runs import describe_run, refuse_start
from event_delivery.upload import UploadRun, deliver_file
from tests import PROJECT
from tests.sample_events import COMPANY, DAY, insert_event, noon

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)


@pytest.fixture
def destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two destinations, acme and broken."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    for name, company in (("acme", COMPANY), ("broken", COMPANY)):
        (folder / f"{name}.yaml").write_text(
            f"client: {name}\ncompany_id: {company}\nconnection: sftp_acme\nshared_connection: true\n"
            f"path: /{name}\ncreate_folder: true\nlate_events: supplement\n"
        )
    return folder


def deliver(name: str, log: Any, run_id: str = "run") -> None:
    destination = Destination(
        id=name, client=name, company_id=COMPANY, connection="sftp_acme", path=f"/{name}", create_folder=True
    )
    delivery = nightly_delivery(destination, "courseCompletion", destination.day(DAY))
    extract_events(delivery)
    format_staged_events(delivery)
    deliver_file(delivery, UploadRun("dag", run_id), log)


def test_the_comparison_runs_hourly_from_the_moment_that_it_is_there(monkeypatch, tmp_path):
    """Nobody need unpause it, and it needs no destination; Airflow reads its file."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "none"))
    dag = runpy.run_path(str(PROJECT / "dags/event_delivery_completeness.py"))["dag"]
    assert (dag.dag_id, dag.is_paused_upon_creation, dag.catchup) == ("event_delivery_completeness", False, False)
    seen = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert seen.timetable.summary == "0 * * * *"
    assert sorted(seen.task_ids) == sorted([*LATE_EVENTS, *MISSING_DAYS, TELL_STATISTICS])


def test_one_destination_that_cannot_be_compared_stops_no_other(
    events_db, staging_area, sftp_server, destinations, log
):
    """Its sentence names it; the others are compared, and what they lack is brought."""
    insert_event(events_db, noon(DAY))
    deliver("broken", log)
    deliver("acme", log)
    insert_event(events_db, noon(DAY, 1))
    (destinations / "broken.yaml").write_text(
        (destinations / "broken.yaml").read_text().replace(COMPANY, "no-uuid-at-all")
    )
    events_db.execute("""
        update event_delivery.delivery_file
        set delivered_recipe = delivered_recipe || '{"company_id": "no-uuid-at-all"}'
        where remote_path like '/broken/%'
    """)
    remedies, failures = look_at_each(find_late_events, NOW, {})
    assert remedies == [Remedy("acme", "courseCompletion", DAY, 1)]
    (failure,) = failures
    assert failure.startswith("broken: ")
    assert "company_id" in failure


@pytest.mark.parametrize(("paused", "answers"), [(True, [True]), (False, [False]), (None, [False])])
def test_airflow_is_asked_once_whether_a_dag_is_paused(destinations, monkeypatch, paused, answers):
    """However many nights of the destination wait; one that Airflow does not know is looked at as ever."""
    asked, told = [], []

    def get_dag(dag_id):
        asked.append(dag_id)
        return SimpleNamespace() if paused is None else SimpleNamespace(is_paused=paused)

    def look_back(destination, now, is_paused):
        told.extend({is_paused() for _ in range(3)})
        return []

    monkeypatch.setattr(remedy_runs, "get_current_context", lambda: {"ti": SimpleNamespace(get_dag=get_dag)})
    monkeypatch.setattr("event_delivery.completeness.look_back.look_back", look_back)
    find_late_events(find_destination("acme"), NOW, {})
    assert asked == ["nightly_sftp_events__acme"]
    assert told == answers


def test_who_is_quarantined_or_disabled_is_not_compared(events_db, staging_area, sftp_server, destinations, log):
    """Its file says nothing, or that nothing is to be done; nobody is asked for it."""
    insert_event(events_db, noon(DAY))
    deliver("acme", log)
    insert_event(events_db, noon(DAY, 1))
    (destinations / "acme.yaml").write_text("client: [")
    (destinations / "broken.yaml").write_text((destinations / "broken.yaml").read_text() + "enabled: false\n")
    assert look_at_each(find_late_events, NOW, {}) == ([], [])


def test_a_remedy_is_started_once_a_date():
    """Its run carries the day, the one event type and the number of the supplement."""
    remedy = Remedy("acme", "courseCompletion", DAY, 2)
    run = describe_run(remedy, NOW)
    assert run == {
        "trigger_dag_id": "nightly_sftp_events__acme",
        "trigger_run_id": "late__courseCompletion__2026-03-09__supplement-2__2026-03-10",
        "conf": {
            "day": "2026-03-09",
            "event": "courseCompletion",
            "supplement": 2,
            "leave_delivered_since": NOW.isoformat(),
        },
    }
    assert describe_run(remedy, NOW + timedelta(hours=9))["trigger_run_id"] == run["trigger_run_id"]
    assert "supplement" not in describe_run(Remedy("acme", "courseCompletion", DAY), NOW)["conf"]
    first = describe_run(replace(remedy, supplement=1), NOW)
    assert first["trigger_run_id"] != run["trigger_run_id"], "the second one of a date would be skipped"


def test_a_missing_day_that_was_delivered_meanwhile_is_left_alone():
    """Its run says so to its upload, as a backfill of what is missing does."""
    run = describe_run(Remedy("acme", "courseCompletion", DAY, why="missing"), NOW)
    assert run["trigger_run_id"].startswith("missing__courseCompletion__2026-03-09__")
    assert leaves_delivered(SimpleNamespace(conf=run["conf"], clear_number=0))


@pytest.mark.parametrize(("asked", "count"), [(None, 0), ("other", 0), ("acme", 2), ("*", 2)])
def test_one_command_delivers_all_missing_days(
    events_db, staging_area, sftp_server, destinations, log, asked, count
):
    """Of one destination or of all, whatever its YAML says."""
    deliver("acme", log, "scheduled__1")
    acme = load_destination("acme")
    now = datetime(2026, 3, 12, 12, tzinfo=UTC)
    found = find_missing_days(acme, now, {"deliver_missing": asked})
    assert [each.day for each in found] == [DAY + timedelta(days=place + 1) for place in range(count)]


def test_what_was_not_compared_is_told_by_a_red_task():
    """With the sentences of those that failed, and no others."""
    for nothing in (None, []):
        refuse_failures(nothing)
    with pytest.raises(AirflowFailException, match="broken: because"):
        refuse_failures(["broken: because"])


@pytest.mark.parametrize("conf", [None, {}, {"event": None}, {"event": "courseCompletion"}])
def test_a_run_delivers_every_event_type_unless_it_names_one(conf):
    """What it was not asked for it neither delivers nor leaves open."""
    run = SimpleNamespace(conf=conf)
    assert asks_for("courseCompletion", run)
    assert asks_for("quizPassed", run) == (not (conf or {}).get("event"))


@pytest.mark.parametrize(
    ("number", "kind"), [(3, "supplement-3"), (0, "nightly"), (True, "nightly"), ("1", "nightly")]
)
def test_a_run_knows_of_which_kind_its_deliveries_are(number, kind):
    """So that one whose worker died leaves its own record in the ledger, and not the night's."""
    assert kind_of(SimpleNamespace(conf={"supplement": number})) == kind


def test_an_event_type_that_was_not_asked_for_is_not_left_open():
    """Its skipped upload is no delivery that somebody has marked as done."""
    skipped = SimpleNamespace(task_id="upload__quizPassed", state="skipped")
    session = SimpleNamespace(scalars=lambda _: [])
    run = SimpleNamespace(
        dag_id="nightly_sftp_events__acme",
        run_id="late__1",
        conf={"event": "courseCompletion"},
        get_task_instances=lambda session: [skipped],
    )
    assert read_outcome(session, run).open == ()
    run.conf = {}
    assert read_outcome(session, run).open == ("quizPassed",)


@pytest.mark.parametrize(
    ("why", "paused", "next_start", "starts"),
    [
        ("missing", False, None, True),
        ("missing", False, DAY + timedelta(days=1), True),
        ("missing", False, DAY, False),
        ("missing", False, DAY - timedelta(days=9), False),
        ("late", False, DAY, True),
        ("late", True, None, False),
        ("missing", True, None, False),
    ],
)
def test_what_the_schedule_will_deliver_is_left_to_it(destinations, why, paused, next_start, starts):
    """Catchup comes to each day in the end, and would send it a second time; behind a pause no run waits."""
    acme = load_destination("acme")
    start = next_start and acme.day(next_start).start
    refusal = refuse_start(Remedy("acme", "courseCompletion", DAY, why=why), paused, start)
    assert (refusal is None) == starts


def test_a_wrong_destination_in_a_command_is_told(destinations):
    """A green run that does nothing would be taken for done."""
    assert list_unknown({"deliver_missing": None}) == list_unknown({"deliver_missing": "*"}) == []
    assert list_unknown({"deliver_missing": "acme"}) == []
    assert list_unknown({"deliver_missing": "acmee"}) == [
        "deliver_missing: destination 'acmee' is not there. Nothing was started."
    ]
    (destinations / "acme.yaml").write_text("client: [")
    assert "is quarantined" in list_unknown({"deliver_missing": "acme"})[0]


def test_whatever_goes_wrong_with_one_destination_stops_no_other(destinations):
    """Also what nobody has thought of."""

    def find(destination, now, params):
        if destination.id == "acme":
            raise RuntimeError("disk is full")
        return [Remedy(destination.id, "courseCompletion", DAY, 1)]

    remedies, failures = look_at_each(find, NOW, {})
    assert [each.destination for each in remedies] == ["broken"]
    assert failures[0].startswith("acme: ")


def test_a_number_of_a_supplement_may_come_as_json_writes_it():
    """1.0 passes the param's check, and is 1; else the whole day would go out."""
    assert kind_of(SimpleNamespace(conf={"supplement": 1.0})) == "supplement-1"
    assert kind_of(SimpleNamespace(conf={"supplement": 1.5})) == "nightly"
