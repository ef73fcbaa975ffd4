"""What are our DAGs, tasks, params and pools called? Made and read here, and nowhere else."""

from __future__ import annotations

from typing import NamedTuple

from event_delivery.delivery import ROBOT, SEND_AGAIN
from event_delivery.pool_names import SOURCE_POOL, UPLOAD_POOL, UPLOAD_RETRY_POOL
from event_delivery.run_names import (
    DAY_PARAM,
    EVENT_PARAM,
    LEAVE_DELIVERED,
    LEAVE_DELIVERED_SINCE,
    NIGHTLY,
    SUPPLEMENT_PARAM,
    TEST_FILE,
    dag_id_of_test_file,
    nightly_dag_id,
)

__all__ = [
    "DAY_PARAM",
    "EVENT_PARAM",
    "LEAVE_DELIVERED",
    "LEAVE_DELIVERED_SINCE",
    "ROBOT",
    "SEND_AGAIN",
    "SOURCE_POOL",
    "SUPPLEMENT_PARAM",
    "UPLOAD_POOL",
    "UPLOAD_RETRY_POOL",
    "dag_id_of_test_file",
    "nightly_dag_id",
]
QUARANTINE_DAG, MAINTENANCE_DAG = "quarantined_destinations", "event_delivery_maintenance"
COMPLETENESS_DAG, RECONCILIATION_DAG = "event_delivery_completeness", "reconcile_deliveries"
PREFLIGHT_DAG, LOOK_OVER = "preflight_deliveries", "look_over"
VERIFICATION_DAG, FIND_UNVERIFIED, VERIFY = "verify_deliveries", "find_unverified", "verify"
WATCH_DAG, WATCH = "watch_deliveries", "watch"
EXTRACT, FORMAT, UPLOAD, QUARANTINED = "extract", "format", "upload", "quarantined"
DELIVER_MISSING_PARAM, ALL_DESTINATIONS = "deliver_missing", "*"
RECONCILE, TELL_STATISTICS = "reconcile", "tell_statistics"
DESTINATION_PARAM, FROM_PARAM, TO_PARAM = "destination", "from", "to"
EXPIRE_STAGED, PURGE_LEDGER = "expire_staged", "purge_ledger"
UNCONFIRMED_PARAM = "unconfirmed"
ACCEPT_HOST_KEY = "accept_host_key"  # in the conf of a run, until whoever may trigger one could change trust
OVERLAP_PARAM, RELEASE_PARAM, EXACT_PARAM = "allow_overlap", "release", "exact"
ASKED_AT = "logical_date_asked_for"  # in the conf of a quarantined destination's manual run

_FIRST_EVENT_TYPE = "courseCompletion"  # its tasks had their ids before there were others


class StepIds(NamedTuple):
    """The ids of the tasks that find what is lacking, start the runs that bring it, and tell what failed."""

    find: str
    deliver: str
    tell: str


LATE_EVENTS = StepIds("find_late_events", "deliver_late_events", "tell_uncompared")
MISSING_DAYS = StepIds("find_missing_days", "deliver_missing_days", "tell_unread")


class TaskIds(NamedTuple):
    """The ids of the three tasks that deliver one event type."""

    extract: str
    format: str
    upload: str


def task_ids(event: str) -> TaskIds:
    """Return the ids of an event type's tasks, which no other event type ever has.

    Airflow takes a task that is no longer in its DAG as removed, and the run of a removed task as a success.
    """
    ending = "" if event == _FIRST_EVENT_TYPE else f"__{event}"
    return TaskIds(EXTRACT + ending, FORMAT + ending, UPLOAD + ending)


def kind_of_task(task_id: str) -> str:
    """Return what a task does, whatever event type it is for: the beginning of its id."""
    return task_id.partition("__")[0]


def event_of_task(task_id: str) -> str | None:
    """Return the event type that a task of a nightly DAG is for, or None when it is not one of ours."""
    kind, _, event = task_id.partition("__")
    return (event or _FIRST_EVENT_TYPE) if kind in (EXTRACT, FORMAT, UPLOAD) else None


def destination_of_dag(dag_id: str) -> str | None:
    """Return the id of the destination that a DAG belongs to, or None when it is not one of ours."""
    for prefix in (NIGHTLY, TEST_FILE):
        if dag_id.startswith(prefix):
            return dag_id.removeprefix(prefix)
    return None


def sends_test_file(dag_id: str) -> bool:
    """Tell whether a DAG sends a destination's test file."""
    return dag_id.startswith(TEST_FILE)
