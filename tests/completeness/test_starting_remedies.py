"""A run that was to bring late events is not started: its DAG was paused, or Airflow refused it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from event_delivery.completeness.handling import Remedy, kind_brought
from event_delivery.completeness.look_back import look_back
from event_delivery.delivery import supplement_of
from event_delivery.orchestration.backfilled_runs import leaves_delivered_since
from event_delivery.orchestration.remedy_runs import describe_run
from tests.completeness.ledger_backup import back_up
from tests.completeness.test_restored_ledger import changed, found
from tests.sample_events import DAY, insert_event, noon

HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    """The moment of the first look: its run begins after it, by the ledger's clock."""
    return datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def lacking(events_db, delivery, deliver):
    """Return a day that lacks an event, as its destination wishes it to be handled."""

    def make(wish):
        made = changed(delivery, late_events=wish, late_window_days=3_000)
        insert_event(events_db, noon(DAY))
        deliver(made)
        back_up(events_db)
        insert_event(events_db, noon(DAY, 1))
        return made

    return make


@pytest.mark.parametrize(("wish", "number"), [("supplement", 1), ("redeliver", 0)])
def test_a_run_that_was_not_started_is_found_again_by_the_next_look(lacking, now, wish, number):
    """Each hour, until there is a sign of it; nothing else of the destination was delivered meanwhile."""
    destination = lacking(wish).destination
    wanted = [Remedy("acme", "courseCompletion", DAY, number)]
    for hours in range(3):
        assert look_back(destination, now + hours * HOUR) == wanted
    assert look_back(changed_to_report(destination), now + 3 * HOUR) == []


def test_behind_a_paused_dag_the_source_is_asked_once_a_day(lacking, now):
    """No run is started there, whatever is found; within an hour of its being unpaused one is."""
    destination = lacking("supplement").destination
    wanted = [Remedy("acme", "courseCompletion", DAY, 1)]
    assert look_back(destination, now, is_paused=lambda: True) == wanted
    assert look_back(destination, now + HOUR, is_paused=lambda: True) == []
    assert found(destination).compared_at == now
    assert look_back(destination, now + 2 * HOUR, is_paused=lambda: False) == wanted
    assert look_back(destination, now + 28 * HOUR, is_paused=lambda: True) == wanted


def test_a_run_that_has_begun_is_not_started_again(lacking, events_db, deliver, now):
    """It failed before it sent anything: its own tries, and the look of the next day, are enough."""
    delivery = lacking("supplement")
    look_back(delivery.destination, now)
    events_db.execute(
        """
        insert into event_delivery.delivery_record (
          destination, event, interval_start, interval_end, kind, state, failed_at
        )
        values ('acme', 'courseCompletion', %s, %s, 'supplement-1', 'failed', now())
        """,
        delivery.interval,
    )
    assert look_back(delivery.destination, now + HOUR) == []
    assert len(look_back(delivery.destination, now + 26 * HOUR)) == 1


@pytest.mark.parametrize("wish", ["supplement", "redeliver"])
def test_two_runs_of_one_remedy_bring_it_once(lacking, deliver, sftp_server, now, wish):
    """One waited in the queue past midnight, and the next date's was started: a robot gets the file once."""
    delivery = lacking(wish)
    runs = []
    for found_at in (now - 2 * HOUR, now):
        (remedy,) = look_back(delivery.destination, found_at)
        runs.append(SimpleNamespace(conf=describe_run(remedy, found_at)["conf"], clear_number=0))
    wanted = supplement_of(delivery, remedy.supplement) if remedy.supplement else delivery
    deliver(wanted, leaves_since=leaves_delivered_since(runs[0]))
    for path in sftp_server.user_folder("acme").iterdir():
        path.unlink()
    deliver(wanted, leaves_since=leaves_delivered_since(runs[1]))
    assert list(sftp_server.user_folder("acme").iterdir()) == []
    runs[1].clear_number = 1
    deliver(wanted, leaves_since=leaves_delivered_since(runs[1]))
    assert len(list(sftp_server.user_folder("acme").iterdir())) == 1


@pytest.mark.parametrize("hours", [-6, 2])
def test_a_remedy_s_run_knows_by_the_ledger_s_clock_what_came_since(lacking, deliver, sftp_server, now, hours):
    """The worker's is wrong: the day that was compared counts not as brought, and what was brought does."""
    delivery = lacking("redeliver")
    found_at = now + hours * HOUR
    (remedy,) = look_back(delivery.destination, found_at)
    run = SimpleNamespace(conf=describe_run(remedy, found_at)["conf"], clear_number=0)
    folder = sftp_server.user_folder("acme")
    for brought in (1, 0):
        for path in folder.iterdir():
            path.unlink()
        deliver(delivery, leaves_since=leaves_delivered_since(run))
        assert len(list(folder.iterdir())) == brought


@pytest.mark.parametrize("since", [None, "yesterday", "2026-03-09", 7])
def test_a_moment_that_is_none_leaves_nothing(since):
    """Whoever triggers a run may write anything there."""
    assert leaves_delivered_since(SimpleNamespace(conf={"leave_delivered_since": since}, clear_number=0)) is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [("supplement 12", "supplement-12"), ("redelivery", "nightly"), ("reported", None), ("nothing", None)],
)
def test_what_was_done_says_what_it_was_to_bring(said, kind):
    """As it stands in the ledger."""
    assert kind_brought(said) == kind


def changed_to_report(destination):
    """Return the destination by a YAML that wants nothing sent."""
    return destination.model_copy(update={"late_events": "report"})
