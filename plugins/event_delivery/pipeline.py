"""Which DAGs does a destination have, and what do their tasks do?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, ExceptionRetryPolicy, Param, RetryAction, RetryRule, get_current_context, task

from event_delivery.destination import Destination
from event_delivery.destination_file import QuarantinedDestination
from event_delivery.destination_folder import load_destination, load_destinations
from event_delivery.errors import PermanentError
from event_delivery.listener import UPLOAD_POOL
from event_delivery.operator_guide import describe_nightly, describe_quarantined, describe_test_file
from event_delivery.run_delivery import nightly_delivery_of_run, test_delivery_of_run
from event_delivery.timetable import BUILT_IN_SCHEDULE, LocalDayTimetable, start_of
from event_delivery.upload import ACCEPT_HOST_KEY, UploadOperator, promise_retries

NIGHTLY, TEST_FILE = "nightly_sftp_events__", "sftp_test_file__"
_QUARANTINED_TASK = "quarantined"
_QUICK_RETRIES: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=15),
    "retry_exponential_backoff": 2,
    "execution_timeout": timedelta(hours=1),
    "retry_policy": ExceptionRetryPolicy([RetryRule(PermanentError, RetryAction.FAIL)]),
}


def build_dags(dag_id: str | None = None, task_id: str | None = None) -> Iterator[DAG]:
    """Yield the DAGs of every destination, or, in a task's process, of the one that it belongs to.

    Never raises for one destination's sake: what cannot be built is quarantined.
    """
    for destination in _destinations_of(dag_id, task_id):
        try:
            yield from _build_dags_of(destination)
        except Exception as error:
            message = f"{destination.id}: the DAG cannot be built: {type(error).__name__}: {error}"
            yield build_quarantined_dag(QuarantinedDestination(destination.id, message))


def build_nightly_dag(destination: Destination) -> DAG:
    """Return the nightly DAG: extract >> format >> upload, mapped over the event types when there are several."""
    with DAG(
        NIGHTLY + destination.id,
        schedule=LocalDayTimetable(destination.timezone, destination.deliver_at),
        start_date=start_of(destination.start_date, destination.timezone),
        catchup=destination.catchup,
        max_active_runs=2,  # days stay in order, and one stuck night does not hold up the next
        dagrun_timeout=timedelta(hours=20),
        tags=_tags(destination),
        doc_md=describe_nightly(destination),
        params={"day": _day_param(destination)},
    ) as dag:

        @task(**_QUICK_RETRIES)
        def extract(event: str) -> dict[str, Any]:
            from event_delivery.extract import extract_events

            return asdict(extract_events(nightly_delivery_of_run(destination, event, get_current_context())))

        @task(task_id="format", **_QUICK_RETRIES)
        def format_file(event: str) -> dict[str, Any]:
            from event_delivery.formats import format_staged_events

            return asdict(format_staged_events(nightly_delivery_of_run(destination, event, get_current_context())))

        upload: dict[str, Any] = {
            "task_id": "upload",
            "destination": destination,
            "pool": UPLOAD_POOL,
        }
        if len(destination.events) == 1:
            [event] = destination.events
            extract(event) >> format_file(event) >> UploadOperator(event=event, **upload)
        else:
            events = list(destination.events)
            uploaded = UploadOperator.partial(**upload, **promise_retries(destination)).expand(event=events)
            extract.expand(event=events) >> format_file.expand(event=events) >> uploaded
    return dag


def build_test_file_dag(destination: Destination) -> DAG:
    """Return the DAG that sends the documented sample event: once by itself, and whenever it is triggered."""
    with DAG(
        TEST_FILE + destination.id,
        schedule="@once",
        start_date=start_of(None, destination.timezone),
        catchup=False,
        max_active_runs=16,  # one that waits for its retry must not hold up the next, which may have the cure
        tags=[*_tags(destination), "test file"],
        doc_md=describe_test_file(destination),
        params={ACCEPT_HOST_KEY: _host_key_param()},
    ) as dag:

        @task(task_id="format", **_QUICK_RETRIES)
        def format_file() -> dict[str, Any]:
            from event_delivery.formats import format_events
            from event_delivery.sample import stage_sample_event

            delivery = test_delivery_of_run(destination, get_current_context())
            return asdict(format_events(delivery, stage_sample_event(delivery)))

        format_file() >> UploadOperator(
            task_id="upload",
            destination=destination,
            event=None,
            pool=UPLOAD_POOL,
        )
    return dag


def build_quarantined_dag(quarantined: QuarantinedDestination) -> DAG:
    """Return a DAG whose every run fails at once with what is wrong with the destination."""
    with DAG(
        NIGHTLY + quarantined.id,
        schedule=BUILT_IN_SCHEDULE,
        start_date=start_of(None, BUILT_IN_SCHEDULE.timezone),
        catchup=False,
        max_active_runs=1,
        tags=["sftp", "quarantined", quarantined.id],
        doc_md=describe_quarantined(quarantined),
        params={"day": _day_param(quarantined)},
    ) as dag:

        @task(task_id=_QUARANTINED_TASK)
        def fail() -> None:
            from airflow.sdk.exceptions import AirflowFailException

            raise AirflowFailException(quarantined.message)

        fail()
    return dag


def _build_dags_of(destination: Destination | QuarantinedDestination) -> list[DAG]:
    if isinstance(destination, QuarantinedDestination):
        return [build_quarantined_dag(destination)]
    if not destination.enabled:
        return []
    return [build_nightly_dag(destination), build_test_file_dag(destination)]


def _destinations_of(dag_id: str | None, task_id: str | None) -> Iterable[Destination | QuarantinedDestination]:
    """Read one file where one will do; a quarantined destination may be so because of another's file."""
    if dag_id is None or task_id == _QUARANTINED_TASK:
        return load_destinations()
    return [load_destination(dag_id.removeprefix(NIGHTLY).removeprefix(TEST_FILE))]


def _tags(destination: Destination) -> list[str]:
    return list(dict.fromkeys(["sftp", destination.id, destination.client]))


def _day_param(destination: Destination | QuarantinedDestination) -> Param:
    zone = getattr(destination, "timezone", BUILT_IN_SCHEDULE.timezone)
    return Param(
        default=None,
        type=["null", "string"],
        format="date",
        title="Day",
        description_md=f"The local calendar day ({zone}) to deliver, `YYYY-MM-DD`. Empty: yesterday.",
    )


def _host_key_param() -> Param:
    return Param(
        default=None,
        type=["null", "string"],
        pattern="^SHA256:[A-Za-z0-9+/]{43}$",
        title="Accept host key",
        description_md="The fingerprint of a changed host key, confirmed by the client: it is remembered.",
    )
