"""What does Airflow do to have every event delivered, also one that came late?

Each hour it looks at the destinations of which something was delivered since: each is looked at after its night.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, get_current_context, task

from event_delivery.completeness.handling import Remedy
from event_delivery.destinations import Destination, QuarantinedDestination, find_destination, load_destinations
from event_delivery.errors import describe_reason
from event_delivery.limits import QUICK_TASK
from event_delivery.orchestration.backlog import add_statistics_task
from event_delivery.orchestration.guide import describe_completeness
from event_delivery.orchestration.names import (
    ALL_DESTINATIONS,
    COMPLETENESS_DAG,
    DELIVER_MISSING_PARAM,
    LATE_EVENTS,
    MISSING_DAYS,
    SOURCE_POOL,
    StepIds,
)
from event_delivery.orchestration.params import deliver_missing_param
from event_delivery.orchestration.remedy_runs import choose_runs, is_paused
from event_delivery.plain_text import make_plain
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

FindRemedies = Callable[[Destination, datetime, Mapping[str, Any]], list[Remedy]]
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
        params={DELIVER_MISSING_PARAM: deliver_missing_param()},
    ) as dag:
        _add_step(LATE_EVENTS, find_late_events)
        _add_step(MISSING_DAYS, find_missing_days)
        add_statistics_task()
    return dag


def _add_step(ids: StepIds, find_remedies: FindRemedies) -> None:
    """Add a task that finds what is lacking, the runs that bring it, and a task that fails where it could not."""

    @task(task_id=ids.find, pool=SOURCE_POOL)
    def find() -> list[dict[str, Any]]:
        from event_delivery.ledger.preparing import prepare_ledger

        prepare_ledger()
        now, context = datetime.now(UTC), get_current_context()
        remedies, failures = look_at_each(find_remedies, now, context["params"])
        failures += list_unknown(context["params"])
        runs, refused = choose_runs(context["ti"], remedies, now, context["params"].get(DELIVER_MISSING_PARAM))
        context["ti"].xcom_push(key=_FAILURES, value=failures + refused)
        return runs

    @task(task_id=ids.tell)
    def tell() -> None:
        refuse_failures(get_current_context()["ti"].xcom_pull(task_ids=ids.find, key=_FAILURES))

    found = find()
    found >> tell()
    TriggerDagRunOperator.partial(
        task_id=ids.deliver,
        logical_date=None,
        skip_when_already_exists=True,
        fail_when_dag_is_paused=True,  # since it was looked at: a run would pile up behind that
        openlineage_inject_parent_info=False,
    ).expand_kwargs(found)


def refuse_failures(failures: Sequence[str] | None) -> None:
    """Fail where destinations could not be looked at, or what a person asked for was not started.

    Raises:
        AirflowFailException: the sentence of each.
    """
    from airflow.sdk.exceptions import AirflowFailException

    if failures:
        raise AirflowFailException("Not everything could be looked at, or started:\n" + "\n".join(failures))


def look_at_each(
    find_remedies: FindRemedies, now: datetime, params: Mapping[str, Any]
) -> tuple[list[Remedy], list[str]]:
    """Look at every enabled destination; returns the runs to start, and what failed, in words."""
    remedies: list[Remedy] = []
    failures: list[str] = []
    for destination in load_destinations():
        if isinstance(destination, QuarantinedDestination):
            _log.warning("%s is quarantined, so what it lacks cannot be told: mend its file.", destination.id)
            continue
        if not destination.enabled:
            continue
        try:
            remedies += find_remedies(destination, now, params)
        except Exception as error:
            reason = describe_reason(error, QUICK_TASK.total_seconds())
            _log.error("%s: %s", destination.id, reason)
            failures.append(f"{destination.id}: {reason}")
    return remedies, failures


def list_unknown(params: Mapping[str, Any]) -> list[str]:
    """Return a sentence where a run asks for a destination that delivers nothing: there is none, or not now."""
    asked = params.get(DELIVER_MISSING_PARAM)
    found = find_destination(asked) if asked and asked != ALL_DESTINATIONS else None
    if not asked or asked == ALL_DESTINATIONS or (isinstance(found, Destination) and found.enabled):
        return []
    why = "quarantined" if isinstance(found, QuarantinedDestination) else "not enabled" if found else "not there"
    return [f"{DELIVER_MISSING_PARAM}: destination {make_plain(str(asked), 100)!r} is {why}. Nothing was started."]


def find_late_events(destination: Destination, now: datetime, _params: Mapping[str, Any]) -> list[Remedy]:
    """Compare a destination's last days with the source; raises as `look_back`."""
    from event_delivery.completeness.look_back import look_back

    return look_back(destination, now, is_paused=cache(lambda: is_paused(destination.id)))


def find_missing_days(destination: Destination, now: datetime, params: Mapping[str, Any]) -> list[Remedy]:
    """Look for days that were never delivered; all of them are where the run asks for that destination, or `*`."""
    from event_delivery.completeness.missing_days import look_for_missing

    everything = params.get(DELIVER_MISSING_PARAM) in (ALL_DESTINATIONS, destination.id)
    return look_for_missing(destination, now, everything)
