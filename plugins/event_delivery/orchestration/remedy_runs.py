"""Which runs that bring a client what it lacks are started now, by what Airflow tells the task around?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from airflow.sdk import get_current_context

from event_delivery.completeness.handling import Remedy
from event_delivery.completeness.remedy_run import describe_run, name_occasion, refuse_start, share_out, take_days
from event_delivery.errors import PermanentError
from event_delivery.limits import MISSING_AT_ONCE
from event_delivery.orchestration.names import ALL_DESTINATIONS, nightly_dag_id

__all__ = ["choose_runs", "describe_run", "refuse_start"]
_OPEN = ["queued", "running"]
_log = logging.getLogger(__name__)


def is_paused(destination: str) -> bool:
    """Tell whether a destination's DAG is known to be paused, by what Airflow tells the running task."""
    try:
        return bool(get_current_context()["ti"].get_dag(nightly_dag_id(destination)).is_paused)
    except Exception:  # `choose_runs` asks again, and says why no run is started
        return False


def choose_runs(
    instance: Any, remedies: Sequence[Remedy], now: datetime, asked: str | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the runs to start, as TriggerDagRunOperator takes them, and what a person has to hear, in sentences.

    Of a destination's missing days MISSING_AT_ONCE are under way at most, and none is started twice a date, unless
    a person asks for all of that destination or of all (`*`). The log says of the others why not.

    Args:
        instance: the running task's, which asks Airflow.
        remedies: destination by destination, in the order in which they are to come.
        now: the instant.
        asked: whose missing days a person asks for.
    """
    chosen: list[Remedy] = []
    failures: list[str] = []
    for destination, own in groupby(remedies, key=lambda each: each.destination):
        everything = asked in (ALL_DESTINATIONS, destination)
        try:
            chosen += _choose_own(instance, destination, list(own), now, everything)
        except PermanentError as error:
            failures.append(str(error))
        except Exception as error:  # Airflow does not answer, or does not know it
            said = f"{destination}: its DAG cannot be asked for, nothing is started now: {error}"
            _log.warning("%s", said)
            failures.append(said)
    return [_describe_run(each, now, asked) for each in share_out(chosen)], failures


def _describe_run(remedy: Remedy, now: datetime, asked: str | None) -> dict[str, Any]:
    """Return a remedy's run: one that a person asks for comes whatever was tried on that date."""
    is_asked = remedy.why == "missing" and asked in (ALL_DESTINATIONS, remedy.destination)
    return describe_run(remedy, now, name_occasion(now) if is_asked else None)


def _choose_own(
    instance: Any, destination: str, remedies: Sequence[Remedy], now: datetime, everything: bool
) -> list[Remedy]:
    dag, startable = instance.get_dag(nightly_dag_id(destination)), []
    if everything and dag.is_paused:
        raise PermanentError(f"{destination}: its DAG is paused, nothing is started. Unpause it, and ask again.")
    for remedy in remedies:
        if refusal := refuse_start(remedy, bool(dag.is_paused), dag.next_dagrun):
            _log.warning("%s", refusal)
        else:
            startable.append(remedy)
    late = [each for each in startable if each.why == "late"]
    missing = [each for each in startable if each.why == "missing"]
    return late + (missing if everything or not missing else _keep_few(instance, destination, missing, now))


def _keep_few(instance: Any, destination: str, missing: Sequence[Remedy], now: datetime) -> list[Remedy]:
    """Return the days that may be under way beside what is, less those with a run of today or an open one."""
    dag_id = nightly_dag_id(destination)
    room = MISSING_AT_ONCE - instance.get_dr_count(dag_id, states=_OPEN)
    if room <= 0:
        _log.warning("%s: runs of it are under way; its missing days come when these are through.", destination)
        return []

    def is_started(remedy: Remedy) -> bool:
        ids = [describe_run(remedy, day)["trigger_run_id"] for day in (now, now - timedelta(days=1))]
        is_there = instance.get_dr_count(dag_id, run_ids=ids[:1])
        return bool(is_there or instance.get_dr_count(dag_id, run_ids=ids[1:], states=_OPEN))

    return take_days([each for each in missing if not is_started(each)], room)
