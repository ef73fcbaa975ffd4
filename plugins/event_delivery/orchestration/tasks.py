"""What do a DAG's tasks do, and how often are they tried?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, get_current_context, task

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.limits import EXTRACT_CONNECTIONS, QUICK_RETRIES, QUICK_RETRY, QUICK_TASK, TASKS_AT_ONCE
from event_delivery.orchestration.asked import asks_for
from event_delivery.orchestration.assets import list_assets
from event_delivery.orchestration.exact_redelivery import is_exact, stage_exact
from event_delivery.orchestration.lineage import tell_of_staging
from event_delivery.orchestration.names import FORMAT, SOURCE_POOL, UPLOAD, UPLOAD_POOL, task_ids
from event_delivery.orchestration.recording import recording_failure
from event_delivery.orchestration.run_delivery import (
    check_run,
    delivery_of_test_file_run,
    nightly_delivery_of_run,
)
from event_delivery.orchestration.staging_again import format_or_stage_again, stage_events
from event_delivery.orchestration.upload_operator import UploadOperator
from event_delivery.staging import Manifest

_DEPTH_FIRST: dict[str, Any] = {"weight_rule": "upstream"}  # Airflow's default makes everybody's file first
_QUICK_RETRIES: dict[str, Any] = {
    **_DEPTH_FIRST,
    "retries": QUICK_RETRIES,
    "retry_delay": timedelta(seconds=QUICK_RETRY),
    "retry_exponential_backoff": 2,
    "execution_timeout": QUICK_TASK,
    "retry_policy": ExceptionRetryPolicy([RetryRule(PermanentError, RetryAction.FAIL)]),
}
_FEW_AT_ONCE: dict[str, Any] = {"max_active_tis_per_dag": TASKS_AT_ONCE}


def add_nightly_tasks(destination: Destination) -> None:
    """Add extract >> format >> upload to the DAG around, three tasks for each event type."""
    for event in destination.events:
        _add_tasks_of(destination, event)


def _add_tasks_of(destination: Destination, event: str) -> None:
    ids = task_ids(event)

    @task(task_id=ids.extract, pool=SOURCE_POOL, pool_slots=EXTRACT_CONNECTIONS, **_FEW_AT_ONCE, **_QUICK_RETRIES)
    def extract() -> dict[str, str | int]:
        context: Any = get_current_context()
        skip_unasked(event, context)
        delivery = nightly_delivery_of_run(destination, event, context)
        with recording_failure(delivery, context):
            check_run(delivery, context)
            manifest = _stage(delivery, context)
        context["task"].staged = delivery, manifest
        return manifest.summarize()

    @task(task_id=ids.format, **_FEW_AT_ONCE, **_QUICK_RETRIES)
    def format_file() -> dict[str, str | int]:
        context = get_current_context()
        delivery = nightly_delivery_of_run(destination, event, context)
        with recording_failure(delivery, context):
            return _make_file(delivery, context).summarize()

    settings: dict[str, Any] = {"task_id": ids.upload, "pool": UPLOAD_POOL, **_DEPTH_FIRST, **_FEW_AT_ONCE}
    settings["outlets"] = list_assets(destination.id, event)
    extracted: Any = extract()
    tell_of_staging(extracted.operator, event)
    extracted >> format_file() >> UploadOperator(destination=destination, event=event, **settings)


def _stage(delivery: Delivery, context: Any) -> Manifest:
    return stage_exact(delivery) if is_exact(delivery, context) else stage_events(delivery, context["dag_run"])


def _make_file(delivery: Delivery, context: Any) -> Manifest:
    if is_exact(delivery, context):
        return stage_exact(delivery)
    return format_or_stage_again(delivery, context["dag_run"])


def skip_unasked(event: str, context: Any) -> None:
    """Skip the tasks of an event type that the run was not asked for.

    Raises:
        AirflowSkipException: it was not; so the tasks behind are skipped too.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    if not asks_for(event, context["dag_run"]):
        raise AirflowSkipException(f"The run delivers another event type than {event} alone.")


def add_test_file_tasks(destination: Destination) -> None:
    """Add format >> upload of the documented sample event to the DAG around."""

    @task(task_id=FORMAT, pool=SOURCE_POOL, **_QUICK_RETRIES)
    def format_file() -> dict[str, str | int]:
        from event_delivery.extract import stage_sample_event
        from event_delivery.formats import format_events

        context = get_current_context()
        delivery = delivery_of_test_file_run(destination, context)
        with recording_failure(delivery, context):
            return format_events(delivery, stage_sample_event(delivery)).summarize()

    settings: dict[str, Any] = {"task_id": UPLOAD, "pool": UPLOAD_POOL, **_DEPTH_FIRST}
    format_file() >> UploadOperator(destination=destination, event=None, **settings)
