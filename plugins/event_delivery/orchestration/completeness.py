"""What does Airflow do to have every event delivered, also one that came late?

Each hour it looks at the destinations of which something was delivered since: each is looked at after its night.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, get_current_context, task

from event_delivery.completeness.handling import Remedy
from event_delivery.destinations import Destination, load_destinations
from event_delivery.errors import DeliveryError
from event_delivery.limits import QUICK_TASK
from event_delivery.orchestration.guide import describe_completeness
from event_delivery.orchestration.names import (
    COMPLETENESS_DAG,
    DAY_PARAM,
    DELIVER_LATE,
    EVENT_PARAM,
    FIND_LATE,
    SUPPLEMENT_PARAM,
    TELL_UNCOMPARED,
    nightly_dag_id,
)
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

_FAILURES = "failures"
_log = logging.getLogger(__name__)


def build_completeness_dag() -> DAG:
    """Return the one DAG that compares what was delivered with the source, and starts runs that bring the rest."""
    with DAG(
        COMPLETENESS_DAG,
        schedule="@hourly",
        start_date=start_of(None, BUILT_IN_SCHEDULE.timezone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # else nobody notices an event that came late
        tags=["sftp", "completeness"],
        doc_md=describe_completeness(),
        default_args={"execution_timeout": QUICK_TASK},
    ) as dag:
        _add_late_events()
    return dag


def _add_late_events() -> None:
    @task(task_id=FIND_LATE)
    def find() -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        remedies, failures = find_late_events(now)
        get_current_context()["ti"].xcom_push(key=_FAILURES, value=failures)
        return [describe_run(each, now) for each in remedies if not _is_paused(each)]

    @task(task_id=TELL_UNCOMPARED)
    def tell() -> None:
        refuse_failures(get_current_context()["ti"].xcom_pull(task_ids=FIND_LATE, key=_FAILURES))

    found = find()
    found >> tell()
    TriggerDagRunOperator.partial(
        task_id=DELIVER_LATE,
        logical_date=None,
        skip_when_already_exists=True,
        openlineage_inject_parent_info=False,
    ).expand_kwargs(found)


def refuse_failures(failures: Sequence[str] | None) -> None:
    """Fail where destinations could not be compared.

    Raises:
        AirflowFailException: the sentence of each.
    """
    from airflow.sdk.exceptions import AirflowFailException

    if failures:
        raise AirflowFailException("These destinations could not be compared:\n" + "\n".join(failures))


def find_late_events(now: datetime) -> tuple[list[Remedy], list[str]]:
    """Compare every enabled destination's last days; returns the runs to start, and what failed, in words."""
    from event_delivery.completeness.look_back import look_back

    remedies: list[Remedy] = []
    failures: list[str] = []
    for destination in load_destinations():
        if not isinstance(destination, Destination) or not destination.enabled:
            continue
        try:
            remedies += look_back(destination, now)
        except DeliveryError as error:
            _log.error("%s: %s", destination.id, error)
            failures.append(f"{destination.id}: {error}")
    return remedies, failures


def describe_run(remedy: Remedy, now: datetime) -> dict[str, Any]:
    """Return a remedy's run, as TriggerDagRunOperator takes it: at most one a date for each day and event type."""
    conf: dict[str, Any] = {DAY_PARAM: str(remedy.day), EVENT_PARAM: remedy.event}
    if remedy.supplement:
        conf[SUPPLEMENT_PARAM] = remedy.supplement
    run_id = f"late__{remedy.event}__{remedy.day}__{now.astimezone(UTC):%Y-%m-%d}"
    return {"trigger_dag_id": nightly_dag_id(remedy.destination), "trigger_run_id": run_id, "conf": conf}


def _is_paused(remedy: Remedy) -> bool:
    """Tell whether the destination's DAG is paused: no run waits behind that, and the day is found again later."""
    paused = get_current_context()["ti"].get_dag(nightly_dag_id(remedy.destination)).is_paused
    if paused:
        _log.warning("%s: its DAG is paused; %s is not brought now.", remedy.destination, remedy.day)
    return bool(paused)
