"""Does a destination's answer show what was found for periods, and what is being looked at now?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

from airflow.models.dag import DagModel

from event_delivery.ledger.reconciliations import MadeReconciliation, record_reconciliation
from event_delivery.orchestration.names import RECONCILIATION_DAG
from event_delivery.page.answers.reconciliations import describe_reconciliations
from tests.page.knowledge import add_run

TOTALS = {"source": 3, "delivered": 2, "missing": 1, "duplicated": 0, "unexpected": 0, "changed": 4}
ROW = {"event": "courseCompletion", "day": "2026-03-09", "note": None, "files": [], **TOTALS}
NOW = datetime.now(UTC) + timedelta(hours=1)  # after the reports that are made here


def make(run_id, destination="acme"):
    return MadeReconciliation(
        destination, "2026-03-01", "2026-03-31", "2026-04-01T05:00:00Z", False, TOTALS, 0, [ROW], 5,
        json.dumps({}), "ab" * 32, run_id,
    )  # fmt: skip


def add_reconciling(airflow, run_id, state, asked_at, destination="acme"):
    """Add a run of the DAG that reconciles."""
    conf = {"destination": destination, "from": "2026-03-01", "to": "2026-03-31"}
    values = {"run_id": run_id, "run_type": "manual", "conf": conf, "run_after": asked_at, "logical_date": None}
    if not airflow.get(DagModel, RECONCILIATION_DAG):
        airflow.add(DagModel(dag_id=RECONCILIATION_DAG, bundle_name="dags", fileloc="x"))
        airflow.commit()
    add_run(airflow, date(2026, 3, 9), state, dag_id=RECONCILIATION_DAG, **values)


def test_reports_are_shown_with_verdict_totals_and_what_differs(airflow, ledger):
    """The latest first; a number that a later release counts is among them."""
    record_reconciliation(ledger, make("manual__1"))
    record_reconciliation(ledger, make("manual__2"))
    record_reconciliation(ledger, make("manual__3", "beta"))
    found = describe_reconciliations(airflow, "acme")
    assert found["runs"] == []
    latest, first = found["reports"]
    assert latest["id"] > first["id"]
    assert latest["link"] == "/dags/reconcile_deliveries/runs/manual__2"
    assert (latest["first"], latest["queried_at"], latest["clean"]) == (
        "2026-03-01",
        "2026-04-01T05:00:00Z",
        False,
    )
    assert (latest["totals"], latest["differing_count"]) == (TOTALS, 5)
    assert latest["differing"] == [
        {"event": "courseCompletion", "day": "2026-03-09", "counts": TOTALS, "note": None}
    ]


def test_runs_without_a_report_are_shown_as_what_they_are(airflow, ledger):
    """Under way, or failed since the last report; one that failed because it was not clean has its report."""
    record_reconciliation(ledger, make("manual__reported"))
    add_reconciling(airflow, "manual__reported", "failed", NOW + timedelta(minutes=1))
    add_reconciling(airflow, "manual__failed", "failed", NOW + timedelta(minutes=2))
    add_reconciling(airflow, "manual__running", "running", NOW + timedelta(minutes=3))
    add_reconciling(airflow, "manual__old", "failed", NOW - timedelta(days=30))
    add_reconciling(airflow, "manual__other", "running", NOW + timedelta(minutes=4), "beta")
    runs = describe_reconciliations(airflow, "acme")["runs"]
    assert [(run["running"], run["link"].rpartition("__")[2]) for run in runs] == [
        (True, "running"),
        (False, "failed"),
    ]
    assert (runs[0]["first"], runs[0]["last"]) == ("2026-03-01", "2026-03-31")
