"""What does Airflow do so that somebody is told when a delivery is in trouble, and when it is over?"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, ExceptionRetryPolicy, RetryAction, RetryRule, task

from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.limits import QUICK_RETRY, WATCH_MINUTES, WATCH_TASK
from event_delivery.orchestration.names import WATCH, WATCH_DAG
from event_delivery.orchestration.remedy_runs import is_paused
from event_delivery.schedule import BUILT_IN_SCHEDULE, start_of

if TYPE_CHECKING:
    from event_delivery.incidents import Memory

SETTING = "EVENT_DELIVERY_WATCH_MINUTES"
OUTAGE = "event_delivery_ledger_outage"
_FEWEST, _MOST, _FIRST_OF_ALL = 1, 59, 1_000
_GUIDE = """
### Watch

Looks every few minutes at the ledger, the destinations, the source and the staging area. What is wrong is an
*incident*: it is kept in the ledger (`event_delivery.incident`) and told once when it begins and once when it is
over, by the rules of `include/alerts.yaml`; see docs/alerts.md. `watch` fails where a message could not be sent,
or the rules are wrong, and says why. It delivers nothing, and harms no delivery.

"""


def build_watch_dag() -> DAG:
    """Return the one DAG that tells of incidents."""
    with DAG(
        WATCH_DAG,
        schedule=f"*/{read_minutes() or WATCH_MINUTES} * * * *",
        start_date=start_of(None, BUILT_IN_SCHEDULE.timezone),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,  # else nobody is told that nobody is told
        tags=["sftp"],
        doc_md=_GUIDE,
    ) as dag:
        _add_task()
    return dag


def read_minutes() -> int | None:
    """Return how many minutes lie between two looks, as the environment says; None: nothing, or nonsense."""
    text = os.environ.get(SETTING, "")
    return int(text) if text.isdecimal() and _FEWEST <= int(text) <= _MOST else None


def _add_task() -> None:
    """Add the one task; it waits for no pool that deliveries use, and goes first where many wait."""

    @task(
        task_id=WATCH,
        retries=1,
        retry_delay=timedelta(seconds=QUICK_RETRY),
        retry_policy=ExceptionRetryPolicy([RetryRule(PermanentError, RetryAction.FAIL)]),
        execution_timeout=WATCH_TASK,
        priority_weight=_FIRST_OF_ALL,
    )
    def watch() -> None:
        watch_once()

    watch()


def _remember() -> Memory:
    """Return a memory that outlives an outage of the ledger, for any worker: an Airflow Variable."""
    from airflow.sdk import Variable

    from event_delivery.incidents import Memory

    return Memory(
        read=lambda: Variable.get(OUTAGE, default=None),
        write=lambda text: Variable.set(
            OUTAGE, text, description=f"Kept by {WATCH_DAG} while the ledger is away."
        ),
        forget=lambda: Variable.delete(OUTAGE),
    )


def watch_once() -> None:
    """Look once and tell.

    Raises:
        AirflowFailException: what could not be looked at or told, a sentence each; the next look tries again.
        PermanentError: the ledger is another instance's.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from event_delivery.incidents import Surroundings, watch
    from event_delivery.orchestration.dag_processor import describe_silence

    around = Surroundings(lambda: datetime.now(UTC), _remember(), is_paused, describe_silence=describe_silence)
    troubles = watch(around)
    if os.environ.get(SETTING) and read_minutes() is None:
        troubles.append(f"{SETTING}: wanted {_FEWEST} to {_MOST} minutes; it looks every {WATCH_MINUTES}.")
    _tell_statistics()
    if troubles:
        raise AirflowFailException("\n".join(troubles))


def _tell_statistics() -> None:
    """Tell Airflow's statistics how many incidents are open; of a ledger that cannot be read, nothing."""
    from event_delivery.incidents import open_incidents
    from event_delivery.orchestration.gauges import tell_incidents

    with contextlib.suppress(DeliveryError):
        tell_incidents(told.incident.severity for told in open_incidents())
