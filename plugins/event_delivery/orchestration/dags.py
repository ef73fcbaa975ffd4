"""Which DAGs does a destination have?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from airflow.sdk import DAG, Param
from airflow.sdk.api.datamodels._generated import DagRunType

from event_delivery.destinations import Destination, QuarantinedDestination, load_destination, load_destinations
from event_delivery.limits import LONGEST_RUN, RUNS_OF_A_DAG
from event_delivery.orchestration.guide import describe_nightly, describe_test_file
from event_delivery.orchestration.names import (
    DAY_PARAM,
    EVENT_PARAM,
    EXACT_PARAM,
    OVERLAP_PARAM,
    QUARANTINE_DAG,
    QUARANTINED,
    RELEASE_PARAM,
    SUPPLEMENT_PARAM,
    UNCONFIRMED_PARAM,
    dag_id_of_test_file,
    destination_of_dag,
    nightly_dag_id,
)
from event_delivery.orchestration.params import (
    day_param,
    event_param,
    exact_param,
    overlap_param,
    release_param,
    supplement_param,
    unconfirmed_param,
)
from event_delivery.orchestration.quarantine import build_quarantine_dag, build_quarantined_dag
from event_delivery.orchestration.tasks import add_nightly_tasks, add_test_file_tasks
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.schedule import NightlySchedule, start_of

# Not "Materialize": who wants another DAG to run again must not have a day sent again by that.
_ASKED_FOR = [DagRunType(name) for name in ("scheduled", "manual", "backfill", "operator_triggered")]


def build_dags(dag_id: str | None = None, task_id: str | None = None) -> Iterator[DAG]:
    """Yield the DAGs of every destination, or, in a task's process, of the one that it belongs to.

    Never raises for one destination's sake: what cannot be built is quarantined.
    """
    quarantined = []
    for destination in _destinations_of(dag_id, task_id):
        built = _build_or_quarantine(destination, None if task_id == QUARANTINED else dag_id)
        if isinstance(built, QuarantinedDestination):
            quarantined.append(built)
            yield build_quarantined_dag(built)
        else:
            yield from built
    if quarantined and dag_id in (None, QUARANTINE_DAG):
        yield build_quarantine_dag(quarantined)


def build_nightly_dag(destination: Destination) -> DAG:
    """Return the nightly DAG: extract >> format >> upload."""
    with DAG(
        nightly_dag_id(destination.id),
        schedule=_timetable(destination.schedule),
        start_date=start_of(destination.start_date, destination.timezone),
        catchup=destination.catchup,
        max_active_runs=RUNS_OF_A_DAG,
        allowed_run_types=_ASKED_FOR,
        dagrun_timeout=LONGEST_RUN,
        tags=_tags(destination),
        doc_md=describe_nightly(destination),
    ) as dag:
        add_nightly_tasks(destination)
    params = {
        DAY_PARAM: day_param(destination),
        UNCONFIRMED_PARAM: unconfirmed_param(),
        OVERLAP_PARAM: overlap_param(),
        SUPPLEMENT_PARAM: supplement_param(),
        EVENT_PARAM: event_param(destination),
        RELEASE_PARAM: release_param(),
        EXACT_PARAM: exact_param(),
    }
    return _give_params(dag, params)


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
    ) as dag:
        add_test_file_tasks(destination)
    return _give_params(dag, {UNCONFIRMED_PARAM: unconfirmed_param()})


def _give_params(dag: DAG, params: dict[str, Param]) -> DAG:
    """Give a DAG its params once its tasks are there, so that no task has a copy of them.

    A run gets the DAG's in any case (`process_params`). Airflow checks each copy against its JSON schema, and the
    schema itself, whenever it makes, compares or serializes one: that was most of what many destinations cost the
    dag processor at every pass (benchmarks/parsing.py).
    """
    dag.params.update(params)
    return dag


def _build_or_quarantine(
    destination: Destination | QuarantinedDestination, dag_id: str | None
) -> list[DAG] | QuarantinedDestination:
    if isinstance(destination, QuarantinedDestination):
        return destination
    if not destination.enabled:
        return []
    try:
        return [build(destination) for build in _builders_of(destination, dag_id)]
    except Exception as error:
        message = f"{destination.id}: the DAG cannot be built: {type(error).__name__}: {error}"
        return QuarantinedDestination(destination.id, message)


def _builders_of(destination: Destination, dag_id: str | None) -> Sequence[Callable[[Destination], DAG]]:
    """Both, or the only one that a task's process needs."""
    builders = {nightly_dag_id: build_nightly_dag, dag_id_of_test_file: build_test_file_dag}
    asked = [build for name, build in builders.items() if dag_id == name(destination.id)]
    return asked or list(builders.values())


def _destinations_of(dag_id: str | None, task_id: str | None) -> Iterable[Destination | QuarantinedDestination]:
    """Read one file where one will do; a quarantined destination may be so because of another's file."""
    if dag_id is None or dag_id == QUARANTINE_DAG or task_id == QUARANTINED:
        return load_destinations()
    return [load_destination(destination_of_dag(dag_id) or dag_id)]


def _timetable(schedule: NightlySchedule) -> LocalDayTimetable:
    return LocalDayTimetable(schedule.timezone, schedule.deliver_at, schedule.starts_after)


def _tags(destination: Destination) -> list[str]:
    return list(dict.fromkeys(["sftp", destination.id, destination.client]))
