"""What does Airflow do to notice that a delivered file was lost or changed on the client's server?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from airflow.sdk import DAG, task

from event_delivery.destinations import (
    Destination,
    QuarantinedDestination,
    load_destination,
    load_destinations,
)
from event_delivery.limits import LIMITS, QUICK_TASK, RUNS_STARTED_AT_ONCE, VERIFIED_AT_ONCE
from event_delivery.orchestration.guide import describe_verification
from event_delivery.orchestration.names import FIND_UNVERIFIED, UPLOAD_POOL, VERIFICATION_DAG, VERIFY
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

_log = logging.getLogger(__name__)


def build_verification_dag() -> DAG:
    """Return the one DAG that looks at delivered files again, of each destination with `verify_after`."""
    with DAG(
        VERIFICATION_DAG,
        schedule="@hourly",
        start_date=start_of(None, BUILT_IN_SCHEDULE.timezone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # whoever sets verify_after counts on it
        tags=["sftp", "completeness"],
        doc_md=describe_verification(),
    ) as dag:
        _add_tasks()
    return dag


def _add_tasks() -> None:
    """Add the task that finds the destinations, and one for each of them, so that none waits for another's server.

    No retry: a login that is refused is not tried again by itself.
    """

    @task(task_id=FIND_UNVERIFIED, execution_timeout=QUICK_TASK)
    def find() -> list[str]:
        return list_due(datetime.now(UTC))

    @task(
        task_id=VERIFY,
        pool=UPLOAD_POOL,
        retries=0,
        execution_timeout=timedelta(seconds=LIMITS.task),
        max_active_tis_per_dag=VERIFIED_AT_ONCE,
    )
    def verify(destination_id: str) -> None:
        verify_deliveries(destination_id, datetime.now(UTC))

    verify.expand(destination_id=find())


def list_due(now: datetime) -> list[str]:
    """Return the ids of the destinations that have files to look at; raises LedgerError.

    Those beyond the most that Airflow maps over come in the next hour.
    """
    asking = [each for each in load_destinations() if _may_be_asked(each)]
    if not asking:
        return []
    from event_delivery.ledger import BoundedLedger
    from event_delivery.verification import is_due

    with BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade) as ledger:
        due = [each.id for each in asking if is_due(each, ledger, now)]
    return due[:RUNS_STARTED_AT_ONCE]


def verify_deliveries(destination_id: str, now: datetime) -> None:
    """Look at a destination's delivered files that are due.

    Raises:
        AirflowFailException: what is not as it was sent, or why that could not be found out, a sentence each.
        PermanentError, RetryableError: the ledger is another instance's, or gave no answer.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from event_delivery.verification import verify_destination

    destination = load_destination(destination_id)
    if not _may_be_asked(destination):
        return
    if told := verify_destination(destination, now, _log):
        raise AirflowFailException("\n".join(told))


def _may_be_asked(destination: Destination | QuarantinedDestination | None) -> TypeGuard[Destination]:
    return isinstance(destination, Destination) and destination.enabled and destination.verified_after is not None
