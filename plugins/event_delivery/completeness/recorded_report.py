"""How does a report get into the ledger, where the Deliveries page finds it?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from event_delivery.completeness.report import Report
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.claims import record_if_ours
from event_delivery.ledger.reconciliations import MadeReconciliation, record_reconciliation
from event_delivery.limits import DIFFERING_SHOWN, LIMITS

_BESIDE = ("source", "delivered")  # what is compared, and no difference


def record_report(report: Report, run_id: str) -> None:
    """Record what a run has found.

    Raises:
        PermanentError, RetryableError: the ledger cannot be written, or is another instance's.
    """
    made = describe_report(report.write_json(), run_id)
    with BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade) as ledger:
        ledger.ask(record_if_ours, record_reconciliation, made)


def describe_report(text: str, run_id: str) -> MadeReconciliation:
    """Return a report, of which this is the JSON, as the ledger keeps it."""
    found = json.loads(text)
    totals = _describe_totals(found)
    differing = [row for row in found["intervals"] if _differs(row, totals)]
    return MadeReconciliation(
        destination=found["destination"],
        first=found["from"],
        last=found["to"],
        queried_at=found["queried_at"],
        clean=found["clean"],
        totals=totals,
        unknown=found["unknown"],
        differing=differing[:DIFFERING_SHOWN],
        differing_count=len(differing),
        report=text,
        sha256=found["sha256"],
        run_id=run_id,
    )


def _describe_totals(found: Mapping[str, Any]) -> dict[str, int | None]:
    """Return what was counted: None where nobody can tell of some day, and nothing of what was not looked for."""
    counted = {name: count for name, count in found["totals"].items() if count is not None}
    unknown = {"changed"} if found["unknown_changes"] else set()
    return {name: None if name in unknown else count for name, count in counted.items()}


def _differs(row: Mapping[str, Any], totals: Mapping[str, int | None]) -> bool:
    """Tell whether anything that was looked for is not 0, or not known."""
    return any(row[name] != 0 for name in totals if name not in _BESIDE)
