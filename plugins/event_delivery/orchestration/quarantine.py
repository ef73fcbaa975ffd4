"""What does Airflow show of destinations whose files are wrong?"""

from __future__ import annotations

from collections.abc import Sequence

from airflow.sdk import DAG, task

from event_delivery.destinations import QuarantinedDestination
from event_delivery.limits import RUNS_OF_A_DAG
from event_delivery.orchestration.guide import describe_quarantine, describe_quarantined
from event_delivery.orchestration.names import DAY_PARAM, QUARANTINE_DAG, QUARANTINED, nightly_dag_id
from event_delivery.orchestration.params import day_param
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of


def build_quarantined_dag(quarantined: QuarantinedDestination) -> DAG:
    """Return a DAG without a schedule, whose every run fails at once with what is wrong with the destination.

    A run by the built-in schedule would carry a day of a zone that may not be the destination's, and keep it.
    """
    with DAG(
        nightly_dag_id(quarantined.id),
        schedule=None,
        start_date=start_of(None, quarantined.schedule.timezone),
        catchup=False,
        max_active_runs=RUNS_OF_A_DAG,
        tags=["sftp", "quarantined", quarantined.id],
        doc_md=describe_quarantined(quarantined),
        params={DAY_PARAM: day_param(quarantined)},
    ) as dag:
        _add_task([quarantined.message])
    return dag


def build_quarantine_dag(quarantined: Sequence[QuarantinedDestination]) -> DAG:
    """Return the one DAG that fails each night and names every quarantined destination; without one it is gone."""
    schedule = BUILT_IN_SCHEDULE
    with DAG(
        QUARANTINE_DAG,
        schedule=LocalDayTimetable(schedule.timezone, schedule.deliver_at),
        start_date=start_of(None, schedule.timezone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # it has one purpose: to be noticed
        tags=["sftp", "quarantined"],
        doc_md=describe_quarantine(quarantined),
    ) as dag:
        _add_task(_describe_each(quarantined))
    return dag


def _add_task(messages: Sequence[str]) -> None:
    """Add a task to the DAG around that fails at once with what is wrong with these destinations."""

    @task(task_id=QUARANTINED)
    def fail() -> None:
        from airflow.sdk.exceptions import AirflowFailException

        raise AirflowFailException("\n".join(messages))

    fail()


def _describe_each(quarantined: Sequence[QuarantinedDestination]) -> list[str]:
    """Return what is wrong with each destination; what is wrong with many, such as a default, stands once."""
    reasons: dict[str, list[str]] = {}
    for each in quarantined:
        reasons.setdefault(each.message, []).append(each.id)
    return [f"{', '.join(ids)}: {message}" for message, ids in reasons.items()]
