"""Does the page name every period that nobody delivered, and call only what was promised late?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy
from fastapi import HTTPException

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.quarantined import QuarantinedDestination
from event_delivery.page.answers.delivery_detail import read_delivery
from event_delivery.page.answers.destination_detail import read_destination
from event_delivery.page.answers.table import render_overview
from event_delivery.page.http.refusals import refuse_days, refuse_foreign, refuse_undeliverable
from event_delivery.schedule import Interval, LocalDay, day_of, interval_of
from tests.page.knowledge import (
    DAY,
    DUE,
    EVENT,
    NOW,
    ZONE,
    add_dag,
    add_pausing,
    add_record,
    add_run,
    add_try,
    cell,
    look,
)
from tests.sample_events import COMPANY

BROKEN = QuarantinedDestination("acme", "acme.yaml: field 'format': found 'xml'")
FIRST = DAY - timedelta(4)


def deliver(airflow, ledger, day, **run):
    """Add a scheduled night and its delivery."""
    add_run(airflow, day, "success", **run)
    due = LocalDay(day, ZONE).end + timedelta(hours=2)
    add_record(ledger, day, first_attempt_at=due, delivered_at=due)


def states(answer):
    [row] = answer["destinations"]
    return [(each["day"][-2:], each["state"]) for each in row["cells"]]


def expect(**states):
    """Return what `states` does, of days given as `d05="missing"`, or of several as `d06_08="missing"`."""
    days = [(name[1:3], name[-2:], state) for name, state in states.items()]
    return [(f"{day:02}", state) for first, last, state in days for day in range(int(first), int(last) + 1)]


def test_each_night_that_a_quarantine_cost_is_named_and_missing_once_it_is_mended(airflow, ledger, acme):
    """No run is made meanwhile; one backfill delivers them."""
    add_dag(airflow)
    deliver(airflow, ledger, FIRST)
    answer = look(airflow, BROKEN, first=FIRST)
    assert states(answer) == expect(d05="delivered", d06_09="quarantined")
    [row] = answer["destinations"]
    assert row["cells"][1]["error"] == BROKEN.message
    assert "has cost 4 days, 2026-03-06 to 2026-03-09 so far" in row["notice"]
    assert read_destination(airflow, BROKEN, NOW)["notice"] == row["notice"]
    table = render_overview(answer)
    assert [line.split()[2] for line in table.splitlines() if " quarantined " in line][1:] == [
        f"2026-03-{day:02}" for day in range(6, 10)
    ]
    mended = look(airflow, acme, first=FIRST)
    assert states(mended) == expect(d05="delivered", d06_09="missing")
    deliver(airflow, ledger, DAY)
    went_on = look(airflow, acme, first=FIRST)
    assert states(went_on) == expect(d05="delivered", d06_08="missing", d09="delivered")
    [row] = went_on["destinations"]
    assert row["notice"] == (
        "No run carries 3 days, 2026-03-06 to 2026-03-08. One backfill, Deliver what is missing, delivers them."
    )
    assert "No run carries 2026-03-06T05:00:00Z to 2026-03-07T05:00:00Z" in row["cells"][1]["error"]


def test_a_quarantine_is_not_blamed_for_the_days_of_a_pause(airflow, ledger):
    """While the DAG is paused nothing would be delivered by a right file either."""
    add_dag(airflow, paused=True)
    deliver(airflow, ledger, FIRST)
    add_try(airflow, add_run(airflow, FIRST + timedelta(1), "failed"), "quarantined", "failed")
    answer = look(airflow, BROKEN, first=FIRST)
    assert states(answer) == [("05", "delivered")]
    [row] = answer["destinations"]
    assert (row["worst"], row["notice"], answer["counts"]["quarantined"]) == ("quarantined", None, 1)
    assert read_destination(airflow, BROKEN, NOW)["notice"] is None


@pytest.mark.parametrize(("line", "cost"), [("enabled: false # since May", 0), ("enabled: true", 4)])
def test_a_quarantine_is_not_blamed_for_the_days_of_a_disabled_destination(
    airflow, ledger, tmp_path, monkeypatch, line, cost
):
    """Its wrong file still says that it is; a right one would not be delivered either."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    (tmp_path / "acme.yaml").write_text(f"client: Acme\n{line}\nformat: xml\n")
    add_dag(airflow)
    deliver(airflow, ledger, FIRST)
    [row] = look(airflow, BROKEN, first=FIRST)["destinations"]
    assert [each["state"] for each in row["cells"]] == ["delivered", *["quarantined"] * cost]
    assert (row["worst"], row["enabled"], row["notice"] is None) == ("quarantined", cost > 0, cost == 0)


def test_a_quarantine_knows_its_nights_by_the_zone_of_the_last_one(airflow, ledger):
    """The file is wrong, so its zone is not known: the last scheduled interval ended at its midnight."""
    tokyo = interval_of(LocalDay(DAY - timedelta(2), "Asia/Tokyo"))
    add_dag(airflow)
    bounds = {"logical_date": tokyo.start, "data_interval_start": tokyo.start, "data_interval_end": tokyo.end}
    add_run(airflow, DAY - timedelta(2), "success", **bounds)
    answer = look(airflow, BROKEN, first=FIRST, last=DAY + timedelta(1), now=tokyo.end + timedelta(hours=50))
    assert states(answer) == [("08", "quarantined"), ("09", "quarantined")]


def test_a_quarantine_that_has_cost_nothing_says_so(airflow, ledger):
    """As for a new destination, which never ran."""
    [row] = look(airflow, BROKEN)["destinations"]
    assert (row["cells"], row["notice"]) == ([], "The quarantine has cost no night so far, in the days shown.")


def test_a_part_of_a_day_that_was_skipped_is_named_with_its_instants(airflow, ledger):
    """Without catchup, a change of zone skips the rest of a day: no run can carry it alone."""
    before, after = LocalDay(date(2026, 3, 6), "Asia/Tokyo"), LocalDay(date(2026, 3, 7), "America/Los_Angeles")
    add_dag(airflow)
    for name, day in (("a", before), ("b", after)):
        start, end = interval_of(day)
        due = end + timedelta(hours=2)
        bounds = {"logical_date": start, "data_interval_start": start, "data_interval_end": end, "run_after": due}
        add_run(airflow, day.date, "success", run_id=f"scheduled__{name}", created_at=due, **bounds)
        add_record(ledger, interval_start=start, interval_end=end, first_attempt_at=due, delivered_at=due)
    moved = Destination(id="acme", client="A", company_id=COMPANY, timezone="America/Los_Angeles")
    answer = look(airflow, moved, first=FIRST, last=date(2026, 3, 7), now=after.end + timedelta(hours=5))
    assert states(answer) == [("06", "missing"), ("07", "delivered")]
    [row] = answer["destinations"]
    skipped = Interval(before.end, after.start)
    assert str(skipped) == "2026-03-06T15:00:00Z to 2026-03-07T08:00:00Z"
    assert row["cells"][0]["part"] is True
    assert (row["cells"][0]["deliveries"], str(skipped) in row["cells"][0]["error"]) == (2, True)
    assert row["notice"] == f"No run carries {skipped}, part of a day."


def test_a_gap_that_begins_before_the_range_is_seen_in_it(airflow, ledger, acme):
    """And days before `start_date` are not missing, for they could not be delivered."""
    add_dag(airflow)
    deliver(airflow, ledger, date(2026, 2, 1))
    deliver(airflow, ledger, DAY)
    first = DAY - timedelta(2)
    assert states(look(airflow, acme, first=first)) == [("07", "missing"), ("08", "missing"), ("09", "delivered")]
    started = acme.model_copy(update={"start_date": DAY - timedelta(1)})
    assert states(look(airflow, started, first=first)) == [("08", "missing"), ("09", "delivered")]


LATE = {"first_attempt_at": DUE + timedelta(hours=3), "delivered_at": DUE + timedelta(hours=3)}


@pytest.mark.parametrize(
    ("run", "state"),
    [
        ({"created_at": DUE + timedelta(seconds=5)}, "late"),  # a worker was away
        ({"created_at": DUE + timedelta(hours=3)}, "delivered"),  # catching up: nothing ran before it was due
        ({"created_at": DUE, "run_type": "backfill"}, "delivered"),
        ({"created_at": DUE + timedelta(hours=3), "run_type": "manual"}, "delivered"),
    ],
)
def test_late_is_only_a_night_that_the_schedule_made_in_time(airflow, ledger, acme, run, state):
    """Never a backfill, a manual run, or a run that catches up with days from before."""
    add_run(airflow, state="success", **run)
    add_record(ledger, run_id=f"{run.get('run_type', 'scheduled')}__{DAY}", **LATE)
    assert cell(airflow, acme)["state"] == state


def test_late_is_a_night_that_was_scheduled_and_delivered_by_hand_days_after(airflow, ledger, acme):
    """Whichever run brought it: the client had waited."""
    add_run(airflow, state="failed")
    add_record(ledger, run_id="manual__later", **LATE)
    assert cell(airflow, acme)["state"] == "late"


@pytest.mark.parametrize(("unpaused", "state"), [(None, "late"), (2, "delivered"), (-20, "late")])
def test_a_run_that_was_made_late_is_late_unless_somebody_unpaused_its_dag_meanwhile(
    airflow, ledger, acme, unpaused, state
):
    """Airflow's scheduler was away, or the DAG was: the audit log tells."""
    add_dag(airflow)
    deliver(airflow, ledger, DAY - timedelta(1))
    add_run(airflow, state="success", created_at=DUE + timedelta(hours=3))
    add_record(ledger, **LATE)
    if unpaused is not None:
        add_pausing(airflow, DUE + timedelta(hours=unpaused))
        add_pausing(airflow, DUE + timedelta(hours=2), "other")
    assert cell(airflow, acme)["state"] == state


def test_after_an_outage_of_days_every_night_of_it_is_late_and_after_a_pause_none(airflow, ledger):
    """With catchup, each run is made when Airflow is back."""
    acme = Destination(id="acme", client="A", company_id=COMPANY, catchup=True, start_date=str(FIRST))
    add_dag(airflow)
    back = DUE + timedelta(hours=3)
    deliver(airflow, ledger, FIRST)
    for number in (1, 2, 3, 4):
        day = FIRST + timedelta(number)
        add_run(airflow, day, "success", created_at=back)
        add_record(ledger, day, first_attempt_at=back, delivered_at=back)
    assert states(look(airflow, acme, first=FIRST)) == expect(d05="delivered", d06_09="late")
    for day in (FIRST + timedelta(number) for number in range(5)):
        panel = read_delivery(airflow, acme, EVENT, day, "nightly", None, NOW)
        assert panel["state"] == ("delivered" if day == FIRST else "late")
    add_pausing(airflow, back - timedelta(minutes=1), event="cli_dag_unpause")
    assert read_delivery(airflow, acme, EVENT, DAY, "nightly", None, NOW)["state"] == "delivered"
    assert {state for _, state in states(look(airflow, acme, first=FIRST))} == {"delivered"}


def test_a_night_whose_run_airflow_forgot_is_judged_by_the_ledger(airflow, ledger, acme):
    """By when its first attempt began, and whose that was."""
    add_record(ledger, first_attempt_at=DUE + timedelta(minutes=29), delivered_at=DUE + timedelta(hours=3))
    add_record(ledger, DAY - timedelta(1), **LATE)
    add_record(
        ledger, DAY - timedelta(2), run_id="manual__1", first_attempt_at=DUE - timedelta(2), delivered_at=DUE
    )
    answer = look(airflow, acme, first=DAY - timedelta(2))
    assert states(answer) == [("07", "delivered"), ("08", "delivered"), ("09", "late")]


def test_a_day_counts_in_the_last_night_once_it_is_over_and_due(airflow, ledger, acme):
    """A run by hand for a day that is not over is refused, and no night."""
    add_dag(airflow)
    deliver(airflow, ledger, DAY)
    today = DAY + timedelta(1)
    add_record(ledger, today, state="failed", delivered_at=None, last_error="is not over")
    add_run(airflow, today, "failed", run_type="manual")
    answer = look(airflow, acme, last=today)
    assert states(answer) == [("09", "delivered"), ("10", "failed")]
    assert answer["last_night"] == {"delivered": 1}
    [row] = answer["destinations"]
    assert (row["last_over"], row["last_due"], row["start_date"]) == ("2026-03-09", "2026-03-09", None)
    [row] = look(airflow, acme, last=today, now=day_of(NOW, ZONE).start + timedelta(hours=1))["destinations"]
    assert (row["last_over"], row["last_due"]) == ("2026-03-09", "2026-03-08")


def test_the_headline_counts_the_latest_night_and_none_of_before(airflow, ledger, acme):
    """Not one of a destination that was disabled since, nor of an event type that was taken out since."""
    off = Destination(id="off", client="Off", company_id=COMPANY, enabled=False)
    for destination in ("acme", "off"):
        add_dag(airflow, destination)
        add_record(ledger, FIRST, destination)
    add_record(ledger)
    left = {"event": "courseStarted", "state": "failed", "delivered_at": None}
    add_record(ledger, FIRST, **left)
    answer = look(airflow, acme, off, first=FIRST)
    assert answer["last_night"] == {"delivered": 1}
    assert {row["id"]: row["worst"] for row in answer["destinations"]} == {"acme": "delivered", "off": "disabled"}
    add_record(ledger, **left)
    answer = look(airflow, acme, off, first=FIRST)
    assert answer["last_night"] == {"delivered": 1}
    assert answer["destinations"][0]["worst"] == "failed"


def test_the_headline_of_an_older_range_is_of_its_last_day(airflow, ledger, acme):
    """And while the latest is merely due, of the night before."""
    add_dag(airflow)
    deliver(airflow, ledger, FIRST)
    deliver(airflow, ledger, DAY - timedelta(1))
    assert look(airflow, acme, first=FIRST, last=FIRST)["last_night"] == {"delivered": 1}
    assert look(airflow, acme, first=FIRST, now=DUE)["last_night"] == {"delivered": 1}
    assert look(airflow, acme, first=FIRST)["last_night"] == {"missing": 1}


@pytest.mark.parametrize(("attempts", "failed"), [(0, 0), (1, 2)])
def test_a_day_that_was_refused_does_not_make_a_destination_failed(airflow, ledger, acme, attempts, failed):
    """Asked for by mistake, before the start or not over: it is shown with its reason, and counts not."""
    started = acme.model_copy(update={"start_date": FIRST})
    early, today = date(2026, 3, 1), DAY + timedelta(1)
    add_dag(airflow)
    deliver(airflow, ledger, DAY)
    for day in (early, today):
        add_record(ledger, day, state="failed", delivered_at=None, attempts=attempts, last_error="refused")
        add_run(airflow, day, "failed", run_type="manual")
    answer = look(airflow, started, first=early, last=today)
    assert [day for day, state in states(answer) if state != "missing"] == ["01", "09", "10"]
    assert answer["counts"]["failed"] == failed
    assert answer["last_night"] == {"delivered": 1}
    [row] = answer["destinations"]
    assert (row["worst"] == "failed") is bool(failed)


def test_a_refused_day_that_is_over_by_now_is_shown(airflow, ledger, acme):
    """Nobody has delivered it since."""
    add_record(ledger, state="failed", delivered_at=None, attempts=0, last_error="is not over")
    assert cell(airflow, acme)["state"] == "failed"


def test_days_that_are_not_over_or_lie_before_the_start_are_refused_in_the_librarys_words():
    """A single one, and a range that reaches there, naming the days."""
    yesterday = day_of(datetime.now(UTC), ZONE).previous
    today, start = yesterday.next, yesterday.date - timedelta(3)
    acme = Destination(id="acme", client="A", company_id=COMPANY, start_date=str(start))
    refuse_undeliverable(acme, interval_of(yesterday))
    refuse_days(acme, start, yesterday.date)
    with pytest.raises(HTTPException, match=f"{today.date} is not over before .*Deliver it after that") as caught:
        refuse_undeliverable(acme, interval_of(today))
    assert caught.value.status_code == 422
    early = start - timedelta(2)
    with pytest.raises(HTTPException, match=f"{early} lies before start_date, {start}"):
        refuse_undeliverable(acme, interval_of(LocalDay(early, ZONE)))
    named = f"{early}, {early + timedelta(1)}, {today.date}. {early} lies before .*{today.date} is not over"
    with pytest.raises(HTTPException, match=named) as caught:
        refuse_days(acme, early, today.date)
    assert caught.value.status_code == 422
    with pytest.raises(HTTPException, match="40 days from"):
        refuse_days(acme, start - timedelta(40), yesterday.date)


def test_an_interval_that_no_new_run_would_carry_is_refused_with_what_to_do(acme):
    """Another zone's day, or a part of one: a run of the day carries the whole local day."""
    refuse_foreign(acme, interval_of(acme.day(DAY)), DAY)
    foreign = interval_of(LocalDay(DAY, "Asia/Tokyo"))
    with pytest.raises(
        HTTPException, match="would not carry 2026-03-08T15:00:00Z to .*timezone.*allow_overlap"
    ) as caught:
        refuse_foreign(acme, foreign, DAY)
    assert caught.value.status_code == 409


def test_a_fresh_instance_counts_nothing(airflow, ledger, acme):
    """No destination, or one without any night."""
    assert look(airflow)["last_night"] == {}
    answer = look(airflow, acme)
    assert (answer["last_night"], states(answer)) == ({}, [])
    assert read_destination(airflow, acme, NOW)["history"] == []


def test_a_start_that_is_spread_is_waited_for_and_an_edit_of_it_judges_no_night_anew(airflow, ledger, acme):
    """Missing and late count from the start; a night that had a run, from that run's."""
    spread = acme.model_copy(update={"deliver_within": "6h"})
    start = DUE + spread.schedule.starts_after
    assert start > DUE + timedelta(hours=1)
    add_dag(airflow)
    minute = timedelta(minutes=1)
    assert [look_at(airflow, spread, start + each * minute) for each in (-1, 29, 31)] == ["due", "due", "missing"]
    assert [look_at(airflow, acme, DUE + each * minute) for each in (29, 31)] == ["due", "missing"]
    run_id = f"scheduled__{start.isoformat()}"
    add_run(airflow, state="success", run_id=run_id, run_after=start, created_at=start)
    add_record(ledger, run_id=run_id, first_attempt_at=start, delivered_at=start + 59 * minute)
    for each in (spread, acme):
        assert look_at(airflow, each, NOW + timedelta(hours=6)) == "delivered"
    airflow.execute(sqlalchemy.text("delete from dag_run"))
    airflow.commit()
    for each in (spread, acme):
        assert look_at(airflow, each, NOW + timedelta(hours=6)) == "delivered"


def look_at(airflow, destination, now):
    found = cell(airflow, destination, now)
    return found["state"] if found else None
