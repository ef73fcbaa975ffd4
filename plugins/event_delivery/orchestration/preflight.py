"""What does Airflow do by day to learn what would fail at night?"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from airflow.sdk import DAG, task

from event_delivery.destinations import read_time_zone
from event_delivery.limits import LIMITS, PREFLIGHT_TASK
from event_delivery.orchestration.names import LOOK_OVER, PREFLIGHT_DAG, nightly_dag_id
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

AT = "EVENT_DELIVERY_PREFLIGHT_AT"
_USUAL = time(16, 0)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_log = logging.getLogger(__name__)
_GUIDE = """
### Preflight

Looks over, each day in working hours, every destination that is due within 24 hours, without a login and without
a file: Connection, server, host key, source, staging area and ledger. Red: something would fail tonight, and its
message says what, a sentence each; mend it, or call the client, and trigger this DAG again. It keeps no delivery
from being made. What was found last stands in the ledger (`event_delivery.preflight_finding`). The same on a
command line, with pools and scheduler besides: `python -m event_delivery.preflight`.

"""


def build_preflight_dag() -> DAG:
    """Return the one DAG that looks over, each day in working hours, every destination that is due that night.

    It starts at EVENT_DELIVERY_PREFLIGHT_AT (`HH:MM`, else 16:00) in the `timezone` of `_defaults.yaml`.
    """
    zone, at = read_time_zone() or BUILT_IN_SCHEDULE.timezone, _read_time()
    with DAG(
        PREFLIGHT_DAG,
        schedule=LocalDayTimetable(zone, at or _USUAL),
        start_date=start_of(None, zone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # who pauses it learns at 02:00
        tags=["sftp", "preflight"],
        doc_md=_GUIDE,
    ) as dag:
        _add_task()
    return dag


def _add_task() -> None:
    """Add the one task: a look holds no slot of a delivery, and nobody is asked twice by a retry."""

    @task(task_id=LOOK_OVER, retries=0, execution_timeout=PREFLIGHT_TASK)
    def look_over(ti: Any = None) -> None:
        preflight_deliveries(datetime.now(UTC), lambda dag_id: bool(ti.get_dag(dag_id).is_paused))

    look_over()


def preflight_deliveries(now: datetime, is_paused: Callable[[str], bool]) -> None:
    """Look over what is due, and keep in the ledger what was found.

    `is_paused` tells it of a DAG by its id; where it cannot, the DAG counts as one that runs.

    Raises:
        AirflowFailException: something would fail tonight, a sentence each.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from event_delivery.preflight import look_over, record_look

    report = look_over(now, find_paused=lambda names: {each for each in names if _ask(is_paused, each)})
    told = [f"{each.told} {each.advice}" for each in report.findings] + _check_setting()
    told += record_look(report, LIMITS)
    if told:
        raise AirflowFailException("\n".join(told))
    _log.info("%d destinations are due, and nothing would fail that shows without a login.", report.destinations)


def _ask(is_paused: Callable[[str], bool], destination: str) -> bool:
    try:
        return is_paused(nightly_dag_id(destination))
    except Exception:  # Airflow has not read the DAG yet, or does not answer: it may run
        return False


def _read_time() -> time | None:
    """Return the time that the setting says, None: it says nothing, or what is none."""
    match = _TIME.fullmatch(os.environ.get(AT, "").strip())
    return time(int(match[1]), int(match[2])) if match else None


def _check_setting() -> list[str]:
    """Return what is wrong with the setting: to raise while DAGs are read would lose the look itself."""
    text = os.environ.get(AT, "").strip()
    if not text or _read_time():
        return []
    return [f"{AT}: found {text[:40]!r}, wanted a time such as 16:00. Until then it is {_USUAL:%H:%M}."]
