"""What can the page do, and what does it say was started?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from event_delivery.destinations import AnyDestination
from event_delivery.orchestration.links import link_backfills, link_dag, link_run, quote_part
from event_delivery.orchestration.names import (
    DAY_PARAM,
    UNCONFIRMED_PARAM,
    dag_id_of_test_file,
    nightly_dag_id,
)
from event_delivery.page.answers.shapes.action import Decision, Started
from event_delivery.page.http.airflow_api import MadeBackfill, TriggeredRun, call_airflow
from event_delivery.page.http.chosen import check_undecided, choose_decided
from event_delivery.page.http.refusals import (
    name_delivery,
    refuse_days,
    refuse_decided_test_file,
    refuse_foreign,
    refuse_unready,
)
from event_delivery.page.sources.dags import read_dags
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.run import Run
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.schedule import Interval

_DECIDED: dict[Decision, str] = {
    "robot": "A run was started that records {} as delivered.",
    "send again": "A run was started that sends {} again.",
}


async def send_test_file(request: Request, destination: AnyDestination) -> Started:
    """Trigger the test-file DAG."""
    refuse_unready(destination)
    dag_id = dag_id_of_test_file(destination.id)
    run_id = await _trigger(request, dag_id, {})
    return _started(dag_id, run_id, "A test file is on its way." + await _warn_of_pause(dag_id))


async def redeliver(
    request: Request, destination: AnyDestination, day: date, asked: Interval | None = None
) -> Started:
    """Clear the run of a delivery, or trigger one where there is none; what is unconfirmed is decided first."""
    refuse_unready(destination)
    interval = await run_in_threadpool(choose_decided, destination, day, asked)
    dag_id = nightly_dag_id(destination.id)
    run = await run_in_threadpool(_find_run, destination, interval)
    if run is None:
        refuse_foreign(destination, interval, day)
        run_id = await _trigger(request, dag_id, {DAY_PARAM: str(day)})
        said = f"A run was started that delivers {day}."
    else:
        run_id, said = await _clear(request, dag_id, run, day)
    return _started(dag_id, run_id, said + await _warn_of_pause(dag_id))


async def resolve(
    request: Request, destination: AnyDestination, day: date, decision: Decision, asked: Interval | None = None
) -> Started:
    """Trigger a run that carries what a person decided of an unconfirmed day."""
    refuse_unready(destination)
    await run_in_threadpool(check_undecided, destination, day, asked)
    dag_id, conf = nightly_dag_id(destination.id), {DAY_PARAM: str(day), UNCONFIRMED_PARAM: str(decision)}
    run_id = await _trigger(request, dag_id, conf)
    return _started(dag_id, run_id, _DECIDED[decision].format(name_delivery(day)) + await _warn_of_pause(dag_id))


async def resolve_test_file(request: Request, destination: AnyDestination, decision: Decision) -> Started:
    """Trigger a run that carries what a person decided of the latest test file, and sends another."""
    refuse_unready(destination)
    await run_in_threadpool(refuse_decided_test_file, destination)
    dag_id = dag_id_of_test_file(destination.id)
    run_id = await _trigger(request, dag_id, {UNCONFIRMED_PARAM: str(decision)})
    said = "A run was started that sends another test file." + await _warn_of_pause(dag_id)
    return _started(dag_id, run_id, said)


async def backfill(request: Request, destination: AnyDestination, first: date, last: date) -> Started:
    """Create a backfill: days without a run get one, failed ones run again, delivered ones are left alone."""
    refuse_unready(destination)
    refuse_days(destination, first, last)
    dag_id = nightly_dag_id(destination.id)
    bounds = {"from_date": _midnight(first), "to_date": _midnight(last)}
    options = {"run_backwards": False, "reprocess_behavior": "failed", "max_active_runs": 2, "dag_run_conf": {}}
    answer = await call_airflow(request, "POST", "/backfills", {"dag_id": dag_id, **bounds, **options})
    made = MadeBackfill.model_validate_json(answer)
    said = f"A backfill was started: it delivers each day from {first} to {last} that has no run, or a failed one."
    said += await _warn_of_pause(dag_id)
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


async def _trigger(request: Request, dag_id: str, conf: dict[str, str]) -> str:
    body = {"logical_date": None, "conf": conf}
    answer = await call_airflow(request, "POST", f"/dags/{quote_part(dag_id)}/dagRuns", body)
    return TriggeredRun.model_validate_json(answer).dag_run_id


async def _clear(request: Request, dag_id: str, run: Run, day: date) -> tuple[str, str]:
    if busy := run.find_task("running"):
        raise HTTPException(409, f"{day} is being delivered at this moment: the task {busy!r} is running.")
    path = f"/dags/{quote_part(dag_id)}/dagRuns/{quote_part(run.run_id)}/clear"
    await call_airflow(request, "POST", path, {"dry_run": False})
    return run.run_id, f"The run of {day} was cleared: it delivers the same file again."


def _find_run(destination: AnyDestination, interval: Interval) -> Run | None:
    with open_metadata() as session:
        return find_run(session, destination, interval)


async def _warn_of_pause(dag_id: str) -> str:
    def is_paused() -> bool:
        with open_metadata() as session:
            dag = read_dags(session, [dag_id]).get(dag_id)
            return bool(dag and dag.paused)

    return f" It waits until {dag_id} is unpaused." if await run_in_threadpool(is_paused) else ""


def _started(dag_id: str, run_id: str, said: str) -> Started:
    link = link_run(dag_id, run_id)
    return {"dag_id": dag_id, "run_id": run_id, "backfill_id": None, "link": link, "said": said}


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
