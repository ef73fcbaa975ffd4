"""How does a person have a period reconciled in Airflow?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from airflow.sdk import DAG, Param, get_current_context, task

from event_delivery.limits import LONGEST_RUN, QUICK_TASK
from event_delivery.orchestration.guide import describe_reconciliation
from event_delivery.orchestration.names import (
    DESTINATION_PARAM,
    FROM_PARAM,
    RECONCILE,
    RECONCILIATION_DAG,
    SOURCE_POOL,
    TO_PARAM,
)

_IDS_ONLY = "ids_only"
_EXPLAIN_IDS_ONLY = "Do not look for rows that were changed since: that reads each of them from the source."
_log = logging.getLogger(__name__)


def build_reconciliation_dag() -> DAG:
    """Return the DAG that a person triggers: source ids against delivered ids, for a destination and a period."""
    with DAG(
        RECONCILIATION_DAG,
        schedule=None,
        catchup=False,
        max_active_runs=2,
        dagrun_timeout=LONGEST_RUN,
        is_paused_upon_creation=False,
        tags=["sftp", "completeness"],
        doc_md=describe_reconciliation(),
        params={
            DESTINATION_PARAM: Param("", type="string", minLength=1, maxLength=100, title="Destination"),
            FROM_PARAM: Param(None, type=["null", "string"], format="date", title="From"),
            TO_PARAM: Param(None, type=["null", "string"], format="date", title="To"),
            _IDS_ONLY: Param(False, type="boolean", title="Ids only", description_md=_EXPLAIN_IDS_ONLY),
        },
    ) as dag:
        _add_task()
    return dag


def _add_task() -> None:
    @task(task_id=RECONCILE, pool=SOURCE_POOL, execution_timeout=6 * QUICK_TASK)
    def reconcile() -> dict[str, Any]:
        context = get_current_context()
        return reconcile_period(context["params"], context["dag_run"].run_id)

    reconcile()


def reconcile_period(params: Mapping[str, Any], run_id: str = "") -> dict[str, Any]:
    """Reconcile what a run asks for, log and record the report; returns its verdict, totals, moment and checksum.

    Raises:
        AirflowFailException: not every event was delivered once; the log says which days.
        PermanentError, RetryableError: that could not be found out.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from event_delivery.completeness.asked import choose_period, require_destination
    from event_delivery.completeness.reconciliation import open_reconciliation
    from event_delivery.completeness.recorded_report import record_report
    from event_delivery.completeness.report import read_report

    now, destination = datetime.now(UTC), require_destination(params[DESTINATION_PARAM])
    first, last = (
        date.fromisoformat(params[name]) if params.get(name) else None for name in (FROM_PARAM, TO_PARAM)
    )
    period = choose_period(destination, first, last, now)
    ids_only = bool(params.get(_IDS_ONLY))
    with open_reconciliation(destination, *period, now, ids_only=ids_only) as reconciliation:
        report = read_report(reconciliation)
    _log.info("%s", report.write_text())
    record_report(report, run_id)
    if not report.is_clean:
        raise AirflowFailException("\n" + report.write_text())
    return {"clean": True, "totals": report.totals, "queried_at": report.moment, "sha256": report.sha256}
