"""What do a DAG's tasks do, and how often are they tried?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context, task

from event_delivery.destinations import Destination, QuarantinedDestination
from event_delivery.errors import PermanentError
from event_delivery.limits import QUICK_RETRIES, QUICK_RETRY, QUICK_TASK
from event_delivery.orchestration.names import EXTRACT, FORMAT, QUARANTINED, UPLOAD, UPLOAD_POOL
from event_delivery.orchestration.run_delivery import delivery_of_test_file_run, nightly_delivery_of_run
from event_delivery.orchestration.upload_operator import UploadOperator, promise_retries

_QUICK_RETRIES: dict[str, Any] = {
    "retries": QUICK_RETRIES,
    "retry_delay": timedelta(seconds=QUICK_RETRY),
    "retry_exponential_backoff": 2,
    "execution_timeout": QUICK_TASK,
    "retry_policy": ExceptionRetryPolicy([RetryRule(PermanentError, RetryAction.FAIL)]),
}


def add_nightly_tasks(destination: Destination) -> None:
    """Add extract >> format >> upload to the DAG around, mapped over the event types when there are several."""

    @task(task_id=EXTRACT, **_QUICK_RETRIES)
    def extract(event: str) -> dict[str, Any]:
        from event_delivery.extract import extract_events

        return asdict(extract_events(nightly_delivery_of_run(destination, event, get_current_context())))

    @task(task_id=FORMAT, **_QUICK_RETRIES)
    def format_file(event: str) -> dict[str, Any]:
        from event_delivery.formats import format_staged_events

        return asdict(format_staged_events(nightly_delivery_of_run(destination, event, get_current_context())))

    upload: dict[str, Any] = {"task_id": UPLOAD, "destination": destination, "pool": UPLOAD_POOL}
    if len(destination.events) == 1:
        [event] = destination.events
        extract(event) >> format_file(event) >> UploadOperator(event=event, **upload)
    else:
        events = list(destination.events)
        uploaded = UploadOperator.partial(**upload, **promise_retries(destination)).expand(event=events)
        extract.expand(event=events) >> format_file.expand(event=events) >> uploaded


def add_test_file_tasks(destination: Destination) -> None:
    """Add format >> upload of the documented sample event to the DAG around."""

    @task(task_id=FORMAT, **_QUICK_RETRIES)
    def format_file() -> dict[str, Any]:
        from event_delivery.extract import stage_sample_event
        from event_delivery.formats import format_events

        delivery = delivery_of_test_file_run(destination, get_current_context())
        return asdict(format_events(delivery, stage_sample_event(delivery)))

    format_file() >> UploadOperator(task_id=UPLOAD, destination=destination, event=None, pool=UPLOAD_POOL)


def add_quarantine_task(quarantined: QuarantinedDestination) -> None:
    """Add a task to the DAG around that fails at once with what is wrong with the destination."""

    @task(task_id=QUARANTINED)
    def fail() -> None:
        from airflow.sdk.exceptions import AirflowFailException

        raise AirflowFailException(quarantined.message)

    fail()
