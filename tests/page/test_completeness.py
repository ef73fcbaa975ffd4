"""Does the page say of a delivered night whether the client has every event of it?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from event_delivery.page.answers.delivery_detail import read_delivery
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.schedule import LocalDay, interval_of
from tests.page.knowledge import (
    DAY,
    DUE,
    EVENT,
    NOW,
    ZONE,
    add_comparison,
    add_record,
    add_run,
    add_supplement,
    add_try,
    cell,
)

HOUR = timedelta(hours=1)


def find(airflow, destination, day=DAY):
    return read_delivery(airflow, destination, EVENT, day, "nightly", None, NOW)


def test_a_night_that_was_never_compared_says_nothing_of_it(airflow, ledger, acme):
    """Neither that it is complete, nor that it is not."""
    add_record(ledger)
    found = find(airflow, acme)
    assert (found["comparison"], found["supplements"]) == (None, [])
    assert (found["unready"], found["unusual"]) == (None, None)


def test_a_night_that_is_as_the_source_is_complete_at_an_instant(airflow, ledger, acme):
    """That of the comparison."""
    add_record(ledger)
    add_comparison(ledger)
    assert find(airflow, acme)["comparison"] == {
        "compared_at": "2026-03-10T08:00:00Z",
        "found_at": None,
        "difference": None,
        "handling": None,
        "outdated": False,
    }


@pytest.mark.parametrize(("late", "deleted"), [(2, 1), (0, 3), (None, None)])
def test_a_night_that_differs_says_how_since_when_and_what_was_done(airflow, ledger, acme, late, deleted):
    """Where nobody can tell which events differ, there are no numbers."""
    add_record(ledger)
    add_comparison(ledger, late, deleted, handling="supplement 1")
    found = find(airflow, acme)["comparison"]
    assert found["difference"] == {"late": late, "deleted": deleted}
    assert (found["found_at"], found["handling"]) == ("2026-03-10T07:00:00Z", "supplement 1")


@pytest.mark.parametrize(("hours", "outdated"), [(1, False), (3, True)])
def test_what_was_found_before_the_latest_file_is_outdated(airflow, ledger, acme, hours, outdated):
    """A supplement, or the day again, may have brought what was late."""
    add_record(ledger)
    add_comparison(ledger, 2)
    add_supplement(ledger, 1, DUE + hours * HOUR)
    assert find(airflow, acme)["comparison"]["outdated"] is outdated


def test_the_day_again_outdates_a_comparison_too(airflow, ledger, acme):
    """It holds everything that the source holds."""
    add_record(ledger, delivered_at=DUE + 3 * HOUR)
    add_comparison(ledger, 2)
    assert find(airflow, acme)["comparison"]["outdated"] is True


def test_a_comparison_is_found_by_the_very_interval(airflow, ledger, acme):
    """Another zone's day that starts with it is another night."""
    add_record(ledger)
    local = LocalDay(DAY, ZONE)
    add_comparison(ledger, 2, interval_end=local.end + HOUR)
    assert find(airflow, acme)["comparison"] is None


def test_supplements_are_further_files_of_their_day(airflow, ledger, acme):
    """Each with name, rows, sha256 and instant; and whether the day that came again replaced it."""
    add_record(ledger, delivered_at=DUE + 3 * HOUR)
    add_supplement(ledger, 1, DUE + 2 * HOUR)
    add_supplement(ledger, 2, DUE + 4 * HOUR, rows=5)
    add_supplement(ledger, 1, DUE + 2 * HOUR, day=DAY - timedelta(1))
    one, two = find(airflow, acme)["supplements"]
    assert one == {
        "number": 1,
        "state": "delivered",
        "file_name": "acme-supplement-1-2026-03-09.json",
        "rows": 2,
        "sha256": "ab" * 32,
        "delivered_at": "2026-03-10T08:00:00Z",
        "replaced": True,
        "error": None,
    }
    assert (two["number"], two["rows"], two["replaced"]) == (2, 5, False)


def test_supplements_are_in_the_order_of_their_numbers(airflow, ledger, acme):
    """The tenth comes after the second."""
    add_record(ledger)
    for number in (10, 2, 1):
        add_supplement(ledger, number, DUE + HOUR)
    assert [each["number"] for each in find(airflow, acme)["supplements"]] == [1, 2, 10]


@pytest.mark.parametrize(
    ("state", "shown"), [("failed", "failed"), ("unconfirmed",) * 2, ("uploading", "running")]
)
def test_a_supplement_that_did_not_arrive_says_so(airflow, ledger, acme, state, shown):
    """With its reason; what the client does not have has no sha256 to compare."""
    add_record(ledger)
    add_record(ledger, kind="supplement-1", file_name="one", state=state, delivered_at=None, last_error="refused")
    [one] = find(airflow, acme)["supplements"]
    assert (one["state"], one["error"], one["file_name"]) == (shown, "refused", "one")
    assert (one["sha256"], one["rows"], one["replaced"]) == (None, None, False)


def test_the_summary_for_the_client_lists_the_supplements_that_it_has(airflow, ledger, acme):
    """And no other: a file that never came can only confuse."""
    add_record(ledger, delivered_at=DUE + 3 * HOUR)
    add_supplement(ledger, 1, DUE + 2 * HOUR)
    add_record(
        ledger, kind="supplement-2", file_name="two", state="failed", delivered_at=None, last_error="refused"
    )
    support = find(airflow, acme)["support"]
    assert "Supplement 1: acme-supplement-1-2026-03-09.json, 2 rows, 2026-03-10T08:00:00Z, SHA-256 abab" in support
    assert "replaced by the file of the whole day since" in support
    assert "Supplement 2" not in support


def test_what_a_person_should_know_of_a_file_is_in_its_detail(airflow, ledger, acme):
    """That the source was not complete, and that the number of its events is out of line."""
    add_record(ledger)
    ledger.execute("update event_delivery.delivery_record set unready = 'lags', unusual = 'too few'")
    found = find(airflow, acme)
    assert (found["unready"], found["unusual"]) == ("lags", "too few")


@pytest.mark.parametrize(("late", "deleted"), [(2, 0), (0, 1), (None, None)])
def test_a_cell_says_how_its_night_differs_from_the_source(airflow, ledger, acme, late, deleted):
    """Only while it does."""
    add_record(ledger)
    add_record(ledger, DAY - timedelta(1))
    add_comparison(ledger, late, deleted)
    add_comparison(ledger, day=DAY - timedelta(1))
    assert cell(airflow, acme)["differs"] == {"late": late, "deleted": deleted}
    assert "differs" not in cell(airflow, acme, day=DAY - timedelta(1))


@pytest.mark.parametrize(("hours", "signs"), [(1, {"differs", "supplements"}), (3, {"supplements"})])
def test_a_cell_whose_late_events_were_brought_says_so_and_not_that_they_lack(airflow, ledger, acme, hours, signs):
    """What was found before the supplement came is over; what was found after it is not."""
    add_record(ledger)
    add_supplement(ledger, 1, DUE + hours * HOUR)
    add_comparison(ledger, 2)
    found = cell(airflow, acme)
    assert {"differs", "supplements"} & found.keys() == signs
    assert (found["state"], found["rows"], found["supplements"]) == ("delivered", 3, 1)


def test_only_supplements_after_the_whole_day_count_in_a_cell(airflow, ledger, acme):
    """A day that came again holds what they brought."""
    add_record(ledger, delivered_at=DUE + 3 * HOUR)
    add_comparison(ledger, 2)
    add_supplement(ledger, 1, DUE + 2 * HOUR)
    assert not {"differs", "supplements"} & cell(airflow, acme).keys()
    for number in (2, 3):
        add_supplement(ledger, number, DUE + 4 * HOUR)
    add_record(ledger, kind="supplement-4", file_name="four", state="failed", delivered_at=None)
    assert cell(airflow, acme)["supplements"] == 2


@pytest.mark.parametrize("state", ["queued", "running", "failed"])
def test_a_run_that_brings_a_supplement_is_not_the_days_own(airflow, ledger, acme, state):
    """The day stays delivered, and who delivers it again clears its own run."""
    add_record(ledger)
    own = add_run(airflow, state="success")
    add_try(airflow, own, state="success")
    conf = {"day": str(DAY), "event": EVENT, "supplement": 1}
    other = add_run(airflow, date(2026, 3, 12), state, run_type="manual", conf=conf, **bounds())
    add_try(airflow, other, state="failed" if state == "failed" else "running", number=2)
    assert cell(airflow, acme)["state"] == "delivered"
    assert find_run(airflow, acme, interval_of(LocalDay(DAY, ZONE))).run_id == own


def bounds():
    local = LocalDay(DAY, ZONE)
    return {"logical_date": None, "data_interval_start": local.start, "data_interval_end": local.end}
