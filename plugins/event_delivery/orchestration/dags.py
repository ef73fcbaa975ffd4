"""Which DAGs does a destination have?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from airflow.sdk import DAG, Param

from event_delivery.destinations import Destination, QuarantinedDestination, load_destination, load_destinations
from event_delivery.limits import LONGEST_RUN
from event_delivery.orchestration.guide import describe_nightly, describe_quarantined, describe_test_file
from event_delivery.orchestration.names import (
    ACCEPT_HOST_KEY_PARAM,
    DAY_PARAM,
    QUARANTINED,
    ROBOT,
    SEND_AGAIN,
    UNCONFIRMED_PARAM,
    dag_id_of_test_file,
    destination_of_dag,
    nightly_dag_id,
)
from event_delivery.orchestration.tasks import add_nightly_tasks, add_quarantine_task, add_test_file_tasks
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.schedule import NightlySchedule, start_of


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
    """Return the nightly DAG: extract >> format >> upload."""
    with DAG(
        nightly_dag_id(destination.id),
        schedule=_timetable(destination.schedule),
        start_date=start_of(destination.start_date, destination.timezone),
        catchup=destination.catchup,
        max_active_runs=2,  # days stay in order, and one stuck night does not hold up the next
        dagrun_timeout=LONGEST_RUN,
        tags=_tags(destination),
        doc_md=describe_nightly(destination),
        params={DAY_PARAM: _day_param(destination), UNCONFIRMED_PARAM: _unconfirmed_param()},
    ) as dag:
        add_nightly_tasks(destination)
    return dag


def build_test_file_dag(destination: Destination) -> DAG:
    """Return the DAG that sends the documented sample event: once by itself, and whenever it is triggered."""
    with DAG(
        dag_id_of_test_file(destination.id),
        schedule="@once",
        start_date=start_of(None, destination.timezone),
        catchup=False,
        max_active_runs=16,  # one that waits for its retry must not hold up the next, which may have the cure
        tags=[*_tags(destination), "test file"],
        doc_md=describe_test_file(destination),
        params={ACCEPT_HOST_KEY_PARAM: _host_key_param(), UNCONFIRMED_PARAM: _unconfirmed_param()},
    ) as dag:
        add_test_file_tasks(destination)
    return dag


def build_quarantined_dag(quarantined: QuarantinedDestination) -> DAG:
    """Return a DAG whose every run fails at once with what is wrong with the destination."""
    with DAG(
        nightly_dag_id(quarantined.id),
        schedule=_timetable(quarantined.schedule),
        start_date=start_of(None, quarantined.schedule.timezone),
        catchup=False,
        max_active_runs=1,
        tags=["sftp", "quarantined", quarantined.id],
        doc_md=describe_quarantined(quarantined),
        params={DAY_PARAM: _day_param(quarantined)},
    ) as dag:
        add_quarantine_task(quarantined)
    return dag


def _build_dags_of(destination: Destination | QuarantinedDestination) -> list[DAG]:
    if isinstance(destination, QuarantinedDestination):
        return [build_quarantined_dag(destination)]
    if not destination.enabled:
        return []
    return [build_nightly_dag(destination), build_test_file_dag(destination)]


def _destinations_of(dag_id: str | None, task_id: str | None) -> Iterable[Destination | QuarantinedDestination]:
    """Read one file where one will do; a quarantined destination may be so because of another's file."""
    if dag_id is None or task_id == QUARANTINED:
        return load_destinations()
    return [load_destination(destination_of_dag(dag_id) or dag_id)]


def _timetable(schedule: NightlySchedule) -> LocalDayTimetable:
    return LocalDayTimetable(schedule.timezone, schedule.deliver_at)


def _tags(destination: Destination) -> list[str]:
    return list(dict.fromkeys(["sftp", destination.id, destination.client]))


def _day_param(destination: Destination | QuarantinedDestination) -> Param:
    zone = destination.schedule.timezone
    return Param(
        default=None,
        type=["null", "string"],
        format="date",
        title="Day",
        description_md=f"The local calendar day ({zone}) to deliver, `YYYY-MM-DD`. Empty: yesterday.",
    )


def _unconfirmed_param() -> Param:
    return Param(
        default=None,
        type=["null", "string"],
        enum=[None, ROBOT, SEND_AGAIN],
        title="Unconfirmed delivery",
        description_md=f"Only where nobody can tell whether the file arrived. `{ROBOT}`: a robot takes files "
        f"there, this one counts as delivered; `{SEND_AGAIN}`: it is sent once more.",
    )


def _host_key_param() -> Param:
    return Param(
        default=None,
        type=["null", "string"],
        pattern="^SHA256:[A-Za-z0-9+/]{43}$",
        title="Accept host key",
        description_md="The fingerprint of a changed host key, confirmed by the client: it is remembered.",
    )
