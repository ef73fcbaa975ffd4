"""What can the page do, and what does it say was started?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from fastapi import Request

from event_delivery.destinations import AnyDestination
from event_delivery.orchestration.links import link_backfills, link_dag, quote_part
from event_delivery.orchestration.names import (
    DAY_PARAM,
    UNCONFIRMED_PARAM,
    dag_id_of_test_file,
    nightly_dag_id,
)
from event_delivery.page.answers.shapes.action import Decision, Started
from event_delivery.page.http.airflow_api import MadeBackfill, call_airflow
from event_delivery.page.http.chosen import check_undecided
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.refusals import (
    name_delivery,
    refuse_days,
    refuse_decided_test_file,
    refuse_unready,
)
from event_delivery.page.http.starting import describe_started, trigger_run, warn_of_pause
from event_delivery.schedule import Interval

_DECIDED: dict[Decision, str] = {
    "robot": "A run was started that records {} as delivered.",
    "send again": "A run was started that sends {} again.",
}


async def send_test_file(request: Request, destination: AnyDestination) -> Started:
    """Trigger the test-file DAG."""
    await answer_in_time(refuse_unready, destination)
    dag_id = dag_id_of_test_file(destination.id)
    run_id = await trigger_run(request, dag_id, {})
    return describe_started(dag_id, run_id, "A test file is on its way." + await warn_of_pause(dag_id))


async def resolve(
    request: Request, destination: AnyDestination, day: date, decision: Decision, asked: Interval | None = None
) -> Started:
    """Trigger a run that carries what a person decided of an unconfirmed day."""
    await answer_in_time(refuse_unready, destination)
    await answer_in_time(check_undecided, destination, day, asked)
    dag_id, conf = nightly_dag_id(destination.id), {DAY_PARAM: str(day), UNCONFIRMED_PARAM: str(decision)}
    run_id = await trigger_run(request, dag_id, conf)
    return describe_started(
        dag_id, run_id, _DECIDED[decision].format(name_delivery(day)) + await warn_of_pause(dag_id)
    )


async def resolve_test_file(request: Request, destination: AnyDestination, decision: Decision) -> Started:
    """Trigger a run that carries what a person decided of the latest test file, and sends another."""
    await answer_in_time(refuse_unready, destination)
    await answer_in_time(refuse_decided_test_file, destination)
    dag_id = dag_id_of_test_file(destination.id)
    run_id = await trigger_run(request, dag_id, {UNCONFIRMED_PARAM: str(decision)})
    said = "A run was started that sends another test file." + await warn_of_pause(dag_id)
    return describe_started(dag_id, run_id, said)


async def backfill(request: Request, destination: AnyDestination, first: date, last: date) -> Started:
    """Create a backfill: days without a run get one, failed ones run again, delivered ones are left alone."""
    await answer_in_time(refuse_unready, destination)
    await answer_in_time(refuse_days, destination, first, last)
    dag_id = nightly_dag_id(destination.id)
    bounds = {"from_date": _midnight(first), "to_date": _midnight(last)}
    options = {"run_backwards": False, "reprocess_behavior": "failed", "max_active_runs": 2, "dag_run_conf": {}}
    answer = await call_airflow(request, "POST", "/backfills", {"dag_id": dag_id, **bounds, **options})
    made = MadeBackfill.model_validate_json(answer)
    said = f"A backfill was started: it delivers each day from {first} to {last} that has no run, or a failed one."
    said += await warn_of_pause(dag_id)
    return {
        "dag_id": dag_id, "run_id": None, "backfill_id": made.id, "link": link_backfills(dag_id), "said": said,
    }  # fmt: skip


async def pause(request: Request, destination: AnyDestination, paused: bool) -> Started:
    """Pause or unpause the nightly DAG."""
    dag_id = nightly_dag_id(destination.id)
    path = f"/dags/{quote_part(dag_id)}?update_mask=is_paused"
    await call_airflow(request, "PATCH", path, {"is_paused": paused})
    said = "Nothing is delivered until it is unpaused." if paused else "The nights are delivered again."
    return {"dag_id": dag_id, "run_id": None, "backfill_id": None, "link": link_dag(dag_id), "said": said}


def choose_dag(destination: AnyDestination, day: date | None) -> str:
    """Return the id of the DAG that delivers a day, or a test file where no day is given."""
    return nightly_dag_id(destination.id) if day else dag_id_of_test_file(destination.id)


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
