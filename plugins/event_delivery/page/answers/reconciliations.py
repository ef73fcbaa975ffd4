"""What has been found when a destination was reconciled, and what is being looked at now?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.reconciliations import RecordedReconciliation, read_reconciliations
from event_delivery.limits import REPORTS_SHOWN
from event_delivery.orchestration.links import link_run
from event_delivery.orchestration.names import RECONCILIATION_DAG
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.shapes.reconciliation import (
    DifferingInterval,
    Reconciliation,
    Reconciliations,
    UnreportedRun,
)
from event_delivery.page.sources.reconciling import ReconcilingRun, read_reconciling

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def describe_reconciliations(session: Session, destination_id: str) -> Reconciliations:
    """Return the latest reports on a destination, and the runs that are under way or came to none."""
    with open_ledger_reading() as ledger:
        reports = read_reconciliations(ledger, destination_id, REPORTS_SHOWN)
    reported = {report.run_id for report in reports}
    oldest = min((report.recorded_at for report in reports), default=None)
    runs = [
        run
        for run in read_reconciling(session, destination_id)
        if run.is_active or (run.run_id not in reported and (oldest is None or run.asked_at > oldest))
    ]
    return {"reports": [_describe(each) for each in reports], "runs": [_describe_run(each) for each in runs]}


def _describe(report: RecordedReconciliation) -> Reconciliation:
    return {
        "id": report.id,
        "first": str(report.first),
        "last": str(report.last),
        "queried_at": show_instant(report.queried_at),
        "clean": report.clean,
        "totals": report.totals,
        "unknown": report.unknown,
        "differing": [_describe_interval(each, report.totals) for each in report.differing],
        "differing_count": report.differing_count,
        "sha256": report.sha256,
        "link": link_run(RECONCILIATION_DAG, report.run_id) if report.run_id else None,
    }


def _describe_interval(row: dict[str, Any], totals: dict[str, int | None]) -> DifferingInterval:
    counts = {name: row[name] for name in totals if name in row}
    return {"event": row["event"], "day": row["day"], "counts": counts, "note": row["note"]}


def _describe_run(run: ReconcilingRun) -> UnreportedRun:
    return {
        "running": run.is_active,
        "first": run.first,
        "last": run.last,
        "asked_at": show_instant(run.asked_at),
        "link": link_run(RECONCILIATION_DAG, run.run_id),
    }
