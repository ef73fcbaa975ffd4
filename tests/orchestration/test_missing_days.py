"""Does each hourly pass start the right runs for missing days, and only these?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time.context import set_current_context

from event_delivery.completeness.handling import Remedy
from event_delivery.errors import PermanentError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.claims import claim_ledger
from event_delivery.limits import MISSING_AT_ONCE
from event_delivery.orchestration.completeness import (
    build_completeness_dag,
    find_missing_days,
    look_at_each,
)
from event_delivery.orchestration.names import MISSING_DAYS, destination_of_dag
from event_delivery.orchestration.remedy_runs import choose_runs
from event_delivery.schedule import LocalDay
from tests import PROJECT
from tests.ledger_contents import connect_ledger
from tests.sample_events import COMPANY

ZONE = "America/New_York"
NOW = datetime(2026, 3, 20, 14, tzinfo=UTC)  # the latest night is that of the 19th, and its tries are over
FIRST = LocalDay(date(2026, 3, 10), ZONE)


@dataclass
class Airflow:
    """What a task can ask Airflow: of DAGs that are paused, busy or not there, and of runs by their ids."""

    paused: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    busy: dict[str, int] = field(default_factory=dict)
    run_ids: set[str] = field(default_factory=set)
    open_ids: set[str] = field(default_factory=set)
    next_start: datetime | None = LocalDay(date(2026, 3, 20), ZONE).start

    pushed: dict[str, object] = field(default_factory=dict)

    def xcom_push(self, key, value):
        self.pushed[key] = value

    def get_dag(self, dag_id):
        destination = destination_of_dag(dag_id)
        if destination in self.gone:
            raise RuntimeError("DAG not found")
        return SimpleNamespace(is_paused=destination in self.paused, next_dagrun=self.next_start)

    def get_dr_count(self, dag_id, run_ids=None, states=None):
        if run_ids is None:
            return self.busy.get(destination_of_dag(dag_id), 0)
        return len((self.open_ids if states else self.run_ids) & set(run_ids))


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes destinations' YAML, `missing_days: deliver` unless told otherwise."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))

    def write(name, missing_days="deliver", **fields):
        required = {"client": name, "company_id": COMPANY, "missing_days": missing_days}
        text = "".join(f"{key}: {value}\n" for key, value in (required | fields).items())
        (tmp_path / f"{name}.yaml").write_text(text)

    return write


def start(airflow, now=NOW, asked=None):
    """Return the runs of one pass."""
    remedies, failures = look_at_each(find_missing_days, now, {"deliver_missing": asked})
    assert failures == []
    return choose_runs(airflow, remedies, now, asked)[0]


def find(airflow, now=NOW, asked=None):
    """Return the destinations and days of these."""
    runs = start(airflow, now, asked)
    return [(destination_of_dag(run["trigger_dag_id"]), int(run["conf"]["day"][-2:])) for run in runs]


def test_the_oldest_days_come_first_and_few_at_once(night, write):
    """A month without Airflow buries neither source nor client; nobody's outage holds up another."""
    for name, first in (("acme", FIRST), ("other", LocalDay(date(2026, 3, 16), ZONE))):
        write(name)
        night(first, destination=name)
    assert find(Airflow()) == [
        ("acme", 11), ("other", 17), ("acme", 12), ("other", 18), ("acme", 13), ("other", 19)
    ]  # fmt: skip
    assert MISSING_AT_ONCE == 3


def test_what_is_under_way_takes_from_the_three(night, write, caplog):
    """The next ones wait until these are through; a person may have all of them at once."""
    write("acme")
    night(FIRST)
    assert find(Airflow(busy={"acme": 2})) == [("acme", 11)]
    assert find(Airflow(busy={"acme": 3})) == []
    assert "acme: runs of it are under way; its missing days come when these are through." in caplog.messages
    assert len(find(Airflow(busy={"acme": 3}), asked="acme")) == 9


def test_a_run_that_is_there_already_takes_no_place_from_the_next_day(night, write):
    """A green run that brought nothing is not waited for: it comes again with the next date."""
    write("acme")
    night(FIRST)
    first = start(Airflow())
    names = {run["trigger_run_id"] for run in first}
    assert find(Airflow(run_ids=names)) == [("acme", 14), ("acme", 15), ("acme", 16)]
    assert find(Airflow(run_ids=names, next_start=None), NOW + timedelta(days=1))[0] == ("acme", 11)


def test_a_run_of_yesterday_that_is_not_over_is_not_doubled(night, write):
    """It waits for its turn: the ledger knows nothing of it yet."""
    write("acme")
    night(FIRST)
    names = {run["trigger_run_id"] for run in start(Airflow(), NOW - timedelta(days=1))}
    assert find(Airflow(open_ids=names)) == [("acme", 14), ("acme", 15), ("acme", 16)]


def test_what_a_person_asks_for_comes_though_it_was_tried_today(night, write):
    """The server is mended since; a run of the same id would be skipped, and the pass be green."""
    write("acme")
    night(FIRST)
    tried = {run["trigger_run_id"] for run in start(Airflow())}
    asked = {run["trigger_run_id"] for run in start(Airflow(run_ids=tried), asked="acme")}
    assert len(asked) == 9
    assert asked.isdisjoint(tried)


@pytest.mark.parametrize(
    ("why", "told"), [("paused", "Unpause it, and ask again"), ("gone", "cannot be asked for")]
)
def test_a_person_hears_of_what_was_not_started(night, write, why, told):
    """The pass is red for it, and starts what it can."""
    for name in ("acme", "other"):
        write(name)
        night(LocalDay(date(2026, 3, 18), ZONE), destination=name)
    airflow = Airflow(**{why: {"acme"}})
    remedies, _ = look_at_each(find_missing_days, NOW, {"deliver_missing": "*"})
    runs, [failure] = choose_runs(airflow, remedies, NOW, "*")
    assert [destination_of_dag(run["trigger_dag_id"]) for run in runs] == ["other"]
    assert failure.startswith("acme: ")
    assert told in failure


@pytest.mark.parametrize(("why", "told"), [("paused", "its DAG is paused"), ("gone", "cannot be asked for")])
def test_nothing_is_started_behind_a_dag_that_is_paused_or_gone(night, write, caplog, why, told):
    """What is missing is told all the same, and the others are served."""
    for name in ("acme", "other"):
        write(name)
        night(LocalDay(date(2026, 3, 18), ZONE), destination=name)
    assert find(Airflow(**{why: {"acme"}})) == [("other", 19)]
    assert "acme, courseCompletion, 2026-03-19: missing, never tried." in caplog.messages
    assert any(told in line for line in caplog.messages if line.startswith("acme: "))


def test_what_the_schedule_has_yet_to_bring_is_left_to_it(night, write):
    """With catchup it makes a run for each day; a run of ours beside it would do the work twice."""
    write("acme", catchup="true", start_date="2026-03-01")
    night(FIRST)
    assert find(Airflow(next_start=LocalDay(date(2026, 3, 12), ZONE).start)) == [("acme", 11)]


def test_a_day_that_would_be_refused_is_told_with_what_to_do_and_not_tried(night, write, caplog):
    """After a change of zone the client has a part of it; the day after is started."""
    night(LocalDay(date(2026, 3, 17), ZONE))
    write("acme", timezone="Europe/Berlin")
    assert find(Airflow()) == [("acme", 19)]
    [told] = [line for line in caplog.messages if "by itself" in line]
    assert told.startswith("acme, courseCompletion, 2026-03-18: missing, never tried; 2026-03-18T04:00:00Z to ")
    assert "allow_overlap" in told


def test_a_quarantined_destination_stops_no_other_and_is_told(night, write, caplog):
    """Mended, its days are found."""
    for name in ("acme", "other"):
        write(name)
        night(LocalDay(date(2026, 3, 18), ZONE), destination=name)
    write("acme", "sometimes")
    assert find(Airflow()) == [("other", 19)]
    assert "acme is quarantined, so what it lacks cannot be told: mend its file." in caplog.messages
    write("acme")
    assert find(Airflow()) == [("acme", 19), ("other", 19)]


def test_late_events_are_not_held_up_by_missing_days(write):
    """The three are of missing days."""
    write("acme")
    remedies = [Remedy("acme", "courseCompletion", FIRST.date + timedelta(place), 1) for place in range(5)]
    assert len(choose_runs(Airflow(busy={"acme": 9}), remedies, NOW, None)[0]) == 5


def test_one_pass_is_bounded_for_all_together(monkeypatch, write):
    """Everybody's oldest comes before anybody's second."""
    monkeypatch.setattr("event_delivery.completeness.remedy_run.share_out.__defaults__", (3,))
    for name in ("acme", "other"):
        write(name)
    remedies = [
        Remedy(name, "courseCompletion", FIRST.date + timedelta(place), why="missing")
        for name in ("acme", "other") for place in range(3)
    ]  # fmt: skip
    runs, _ = choose_runs(Airflow(), remedies, NOW, "*")
    assert [destination_of_dag(run["trigger_dag_id"]) for run in runs] == ["acme", "other", "acme"]


def test_a_dag_that_is_paused_meanwhile_gets_no_run(monkeypatch, tmp_path):
    """The task that starts it fails, and the next hour looks again."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    starts = build_completeness_dag().get_task(MISSING_DAYS.deliver)
    assert starts.partial_kwargs["fail_when_dag_is_paused"] is True


def run_task(airflow):
    """Run the task that looks, as a worker does."""
    looks = build_completeness_dag().get_task(MISSING_DAYS.find)
    with set_current_context({"params": {"deliver_missing": None}, "ti": airflow}):
        return looks.python_callable()


def test_the_task_returns_the_runs_and_leaves_what_failed_for_the_next_one(night, write):
    """The operator behind it starts them."""
    write("acme")
    night(FIRST)
    airflow = Airflow(next_start=None)
    assert len(run_task(airflow)) == MISSING_AT_ONCE
    assert airflow.pushed == {"failures": []}


def test_an_older_ledger_is_upgraded_by_the_pass(events_db, write):
    """After an upgrade of the package the next pass is green, however long the next night is off."""
    write("acme")
    events_db.execute((PROJECT / "tests/ledger/ledger_of_0_1_0.sql").read_text())
    airflow = Airflow()
    assert run_task(airflow) == []
    assert airflow.pushed == {"failures": []}
    with open_ledger_reading() as ledger:
        assert ledger.notice is None


def test_a_ledger_of_another_instance_starts_nothing(night, write, monkeypatch):
    """A copy of an instance would start runs that are refused one by one."""
    write("acme")
    night(FIRST)
    with connect_ledger() as ledger:
        claim_ledger(ledger, "a", rehearsal=False)
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "b")
    with pytest.raises(PermanentError, match="'a'"):
        run_task(Airflow())
