"""Which run brings a client what it lacks, and is it started now?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context

from event_delivery.completeness.handling import Remedy
from event_delivery.destinations import Destination, find_destination
from event_delivery.orchestration.names import (
    DAY_PARAM,
    EVENT_PARAM,
    LEAVE_DELIVERED,
    LEAVE_DELIVERED_SINCE,
    SUPPLEMENT_PARAM,
    nightly_dag_id,
)

_log = logging.getLogger(__name__)


def describe_run(remedy: Remedy, now: datetime) -> dict[str, Any]:
    """Return a remedy's run, as TriggerDagRunOperator takes it: one a date for each day, event type and number."""
    conf: dict[str, Any] = {DAY_PARAM: str(remedy.day), EVENT_PARAM: remedy.event}
    if remedy.supplement:
        conf[SUPPLEMENT_PARAM] = remedy.supplement
    if remedy.why == "missing":
        conf[LEAVE_DELIVERED] = True
    else:
        conf[LEAVE_DELIVERED_SINCE] = now.isoformat()  # by the run of the date before, which waited for its turn
    number = f"__supplement-{remedy.supplement}" if remedy.supplement else ""
    run_id = f"{remedy.why}__{remedy.event}__{remedy.day}{number}__{now.astimezone(UTC):%Y-%m-%d}"
    return {"trigger_dag_id": nightly_dag_id(remedy.destination), "trigger_run_id": run_id, "conf": conf}


def refuse_start(remedy: Remedy, is_paused: bool, next_start: datetime | None) -> str | None:
    """Return why no run is started now, or None; the day is found again later.

    Args:
        remedy: what the run would bring.
        is_paused: whether the destination's DAG is: a run would wait behind that.
        next_start: where the interval of its next scheduled run starts; from there on catchup delivers every day.
    """
    if is_paused:
        return f"{remedy.destination}: its DAG is paused; {remedy.day} is not brought now."
    destination = find_destination(remedy.destination)
    if remedy.why == "late" or next_start is None or not isinstance(destination, Destination):
        return None
    if destination.day(remedy.day).start < next_start:
        return None
    return f"{remedy.destination}: {remedy.day} is still to be scheduled; it is left to the schedule."


def may_start(remedy: Remedy) -> bool:
    """Tell whether a remedy's run is started now, by what Airflow tells the task around; the log says why not."""
    try:
        dag = get_current_context()["ti"].get_dag(nightly_dag_id(remedy.destination))
    except Exception as error:  # Airflow does not know it yet, or not any more
        _log.warning("%s: its DAG cannot be asked for, nothing is started now: %s", remedy.destination, error)
        return False
    if refusal := refuse_start(remedy, bool(dag.is_paused), dag.next_dagrun):
        _log.warning("%s", refusal)
    return refusal is None
