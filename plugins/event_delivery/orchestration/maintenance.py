"""What does Airflow do each day for all destinations, whether or not one of their DAGs runs?

Each task stands alone: one that fails keeps none of the others from its work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, ExceptionRetryPolicy, RetryAction, RetryRule, task

from event_delivery.errors import PermanentError
from event_delivery.limits import DAY, QUICK_RETRIES, QUICK_RETRY, QUICK_TASK
from event_delivery.orchestration.guide import describe_maintenance
from event_delivery.orchestration.names import EXPIRE_STAGED, MAINTENANCE_DAG, PURGE_LEDGER
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

if TYPE_CHECKING:
    from event_delivery.staging import Outlived

_SETTINGS: dict[str, Any] = {
    "retries": QUICK_RETRIES,
    "retry_delay": timedelta(seconds=QUICK_RETRY),
    "execution_timeout": QUICK_TASK,
    "retry_policy": ExceptionRetryPolicy([RetryRule(PermanentError, RetryAction.FAIL)]),
}


def build_maintenance_dag() -> DAG:
    """Return the one DAG that clears away, each day, what nobody needs any more."""
    with DAG(
        MAINTENANCE_DAG,
        schedule="@daily",
        start_date=start_of(None, BUILT_IN_SCHEDULE.timezone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # else personal data stays where every client's DAG is paused
        tags=["sftp", "maintenance"],
        doc_md=describe_maintenance(),
        default_args=_SETTINGS,
    ) as dag:
        _add_expiry()
        _add_purge()
    return dag


def _add_expiry() -> None:
    @task(task_id=EXPIRE_STAGED)
    def expire() -> None:
        from event_delivery.staging import expire_staged

        _show("To be deleted now", expire_staged(dry_run=True))
        expire_staged()
        _show("To be deleted tomorrow", expire_staged(now=time.time() + DAY, dry_run=True))

    expire()


def _show(title: str, outlived: Sequence[Outlived]) -> None:
    log = logging.getLogger(__name__)
    log.info("%s: %d files", title, len(outlived))
    for each in outlived:
        log.info("%s: %s", title, each)


def _add_purge() -> None:
    @task(task_id=PURGE_LEDGER)
    def purge() -> None:
        from event_delivery.ledger.retention import purge_ledger

        logging.getLogger(__name__).info("Removed from the ledger: %s", purge_ledger())

    purge()
