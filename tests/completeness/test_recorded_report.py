"""Does the ledger keep what a reconciliation has found, as it was written?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException

from event_delivery.completeness.recorded_report import describe_report
from event_delivery.completeness.report_csv import write_csv
from event_delivery.ledger import open_ledger, open_ledger_reading
from event_delivery.ledger.reconciliations import find_reconciliation, read_reconciliations, record_reconciliation
from event_delivery.ledger.retention import Purged, purge_ledger
from event_delivery.orchestration.reconciliation import reconcile_period
from tests.completeness.deliveries import night
from tests.completeness.test_reconciliation import reconcile
from tests.sample_events import COMPANY, DAY, insert_event, noon

PARAMS = {"destination": "acme", "from": str(DAY), "to": str(DAY)}


@pytest.fixture
def described(tmp_path, monkeypatch):
    """The destination, as its file says."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\n")


def read(destination="acme"):
    with open_ledger_reading() as ledger:
        return read_reconciliations(ledger, destination, 9)


def test_a_run_leaves_its_report_clean_or_not(events_db, acme, deliver, described):
    """With the run's id, verdict, totals and what differs; another destination has none."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    reconcile_period(PARAMS, "manual__1")
    insert_event(events_db, noon(DAY, 1))
    with pytest.raises(AirflowFailException):
        reconcile_period(PARAMS, "manual__2")
    late, clean = read()
    assert (clean.run_id, clean.clean, clean.differing, clean.first, clean.last) == (
        "manual__1",
        True,
        [],
        DAY,
        DAY,
    )
    assert (late.run_id, late.clean, late.totals["missing"], late.differing_count) == ("manual__2", False, 1, 1)
    assert [(row["day"], row["missing"]) for row in late.differing] == [(str(DAY), 1)]
    assert read("beta") == []


def test_the_kept_report_is_what_the_command_writes(events_db, acme, deliver, described):
    """Byte for byte as JSON, and so as CSV; its checksum is that of the report."""
    insert_event(events_db, noon(DAY))
    deliver(night(acme, DAY))
    report = reconcile(acme, DAY, DAY + timedelta(1))
    with open_ledger() as ledger:
        record_reconciliation(ledger, describe_report(report.write_json(), "manual__1"))
    [recorded] = read()
    with open_ledger_reading() as ledger:
        text = find_reconciliation(ledger, "acme", recorded.id)
        assert find_reconciliation(ledger, "beta", recorded.id) is None
    assert text == report.write_json()
    assert write_csv(json.loads(text)) == report.write_csv()
    assert recorded.sha256 == report.sha256
    assert (
        report.write_csv().splitlines()[0].startswith("destination,event,day,interval_start,interval_end,source,")
    )


def test_the_csv_has_a_row_for_each_interval_with_the_moment_and_the_checksum():
    """As ever: the files side by side, what nobody can tell empty."""
    row = {
        "event": "e",
        "day": "2026-03-09",
        "source": 3,
        "missing": None,
        "files": ["a.json", "b.json"],
        "note": None,
    }
    report = {"destination": "acme", "queried_at": "2026-03-20T08:00:00Z", "sha256": "ab", "intervals": [row, row]}
    line = "acme,e,2026-03-09,3,,a.json b.json,,2026-03-20T08:00:00Z,ab"
    head = "destination,event,day,source,missing,files,note,queried_at,sha256"
    assert write_csv(report) == "\n".join([head, line, line])


def test_another_number_is_kept_by_itself(events_db, acme, deliver):
    """A release that counts something more needs no change here: a difference, but no part of the verdict."""
    deliver(night(acme, DAY))
    found = json.loads(reconcile(acme).write_json())
    found["totals"]["changed"] = found["intervals"][0]["changed"] = 2
    made = describe_report(json.dumps(found), "manual__1")
    assert (made.clean, made.totals["changed"], made.differing_count) == (True, 2, 1)


def test_what_nobody_can_tell_is_recorded_as_such(events_db, acme, deliver):
    """Nowhere 0: the day is among those to look at; where it was not looked for, it is not spoken of."""
    deliver(night(acme, DAY))
    found = json.loads(reconcile(acme).write_json())
    found |= {"unknown_changes": 1}
    found["intervals"][0]["changed"] = None
    made = describe_report(json.dumps(found), "manual__1")
    assert (made.clean, made.totals["changed"], made.differing_count) == (True, None, 1)
    found |= {"unknown_changes": 0, "compares_rows": False}
    found["totals"]["changed"] = None
    made = describe_report(json.dumps(found), "manual__1")
    assert ("changed" in made.totals, made.differing_count) == (False, 0)


def test_old_reports_are_forgotten_but_for_a_destinations_latest(events_db, acme, deliver):
    """What was found last stays; what will go can be seen before."""
    deliver(night(acme, DAY))
    made = describe_report(reconcile(acme).write_json(), "manual__1")
    with open_ledger() as ledger:
        for _ in range(3):
            record_reconciliation(ledger, made)
        ledger.execute("update event_delivery.reconciliation set recorded_at = now() - interval '401 days'")
    before = read()
    assert purge_ledger(dry_run=True) == Purged(reports=2)
    assert purge_ledger() == Purged(reports=2)
    assert read() == before[:1]
    assert purge_ledger() == Purged()
