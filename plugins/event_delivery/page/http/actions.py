"""How does the page act? By Airflow's own REST API, called within the process in the user's name.

So Airflow checks the permission, writes its audit log and refuses what it refuses anywhere else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, NoReturn

import httpx
from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from event_delivery.destinations import AnyDestination, QuarantinedDestination
from event_delivery.limits import AIRFLOW_ANSWER
from event_delivery.orchestration.links import link_backfills, link_dag, link_run, quote_part
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id
from event_delivery.page.answers.overview import MAX_DAYS
from event_delivery.page.sources.knowledge import day_of_run, open_metadata, span_of_days
from event_delivery.page.sources.runs import RunOfDag, read_dags, read_runs_of_days

AIRFLOW_APP = "event_delivery.airflow_app"  # where in a request's scope the app around ours stands
_FORWARDED = ("authorization", "cookie", "referer", "user-agent")


class Named(BaseModel):
    """An action on a destination."""

    model_config = ConfigDict(extra="forbid")
    destination: str


class OfDay(Named):
    """An action on a day."""

    day: date


class OfDays(Named):
    """An action on the days from the first to the last."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")


class OfPause(Named):
    """Whether to pause."""

    paused: bool


async def send_test_file(request: Request, destination: AnyDestination) -> dict[str, Any]:
    """Trigger the test-file DAG."""
    _refuse_unready(destination)
    dag_id = dag_id_of_test_file(destination.id)
    run_id = await _trigger(request, dag_id, {})
    return _started(dag_id, run_id, "A test file is on its way." + await _warn_of_pause(dag_id))


async def redeliver(request: Request, destination: AnyDestination, day: date) -> dict[str, Any]:
    """Clear the run of a day, or trigger one where there is none."""
    _refuse_unready(destination)
    dag_id = nightly_dag_id(destination.id)
    run = await run_in_threadpool(_find_run, destination, day)
    if run is None:
        run_id = await _trigger(request, dag_id, {"day": str(day)})
        said = f"A run was started that delivers {day}."
    else:
        if busy := next((this.task for this in run.run.tries if this.state == "running"), None):
            raise HTTPException(409, f"{day} is being delivered at this moment: the task {busy!r} is running.")
        run_id = run.run.run_id
        await _call(
            request, "POST", f"/dags/{quote_part(dag_id)}/dagRuns/{quote_part(run_id)}/clear", {"dry_run": False}
        )
        said = f"The run of {day} was cleared: it delivers the same file again."
    return _started(dag_id, run_id, said + await _warn_of_pause(dag_id))


async def backfill(request: Request, destination: AnyDestination, first: date, last: date) -> dict[str, Any]:
    """Create a backfill: days without a run get one, failed ones run again, delivered ones are left alone."""
    if not 0 <= (last - first).days < MAX_DAYS:
        raise HTTPException(422, f"Wanted from and to in order, at most {MAX_DAYS} days; found {first} to {last}.")
    _refuse_unready(destination)
    dag_id = nightly_dag_id(destination.id)
    bounds = {"from_date": _midnight(first), "to_date": _midnight(last)}
    options = {"run_backwards": False, "reprocess_behavior": "failed", "max_active_runs": 2, "dag_run_conf": {}}
    made = await _call(request, "POST", "/backfills", {"dag_id": dag_id, **bounds, **options})
    said = f"A backfill was started that delivers what is missing from {first} to {last}."
    answer = {"dag_id": dag_id, "run_id": None, "backfill_id": made["id"], "link": link_backfills(dag_id)}
    return answer | {"said": said + await _warn_of_pause(dag_id)}


async def pause(request: Request, destination: AnyDestination, paused: bool) -> dict[str, Any]:
    """Pause or unpause the nightly DAG."""
    dag_id = nightly_dag_id(destination.id)
    await _call(request, "PATCH", f"/dags/{quote_part(dag_id)}?update_mask=is_paused", {"is_paused": paused})
    said = "Nothing is delivered until it is unpaused." if paused else "The nights are delivered again."
    return {"dag_id": dag_id, "run_id": None, "backfill_id": None, "link": link_dag(dag_id), "said": said}


async def _trigger(request: Request, dag_id: str, conf: dict[str, str]) -> str:
    run = await _call(request, "POST", f"/dags/{quote_part(dag_id)}/dagRuns", {"logical_date": None, "conf": conf})
    return str(run["dag_run_id"])


async def _call(request: Request, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
    visitor = (request.client.host, request.client.port) if request.client else ("", 0)
    transport = httpx.ASGITransport(app=request.scope[AIRFLOW_APP], client=visitor)
    base = f"{request.url.scheme}://{request.url.netloc}/api/v2"
    async with httpx.AsyncClient(transport=transport, headers=headers, timeout=AIRFLOW_ANSWER) as client:
        answer = await client.request(method, base + path, json=body)
    if answer.is_error:
        _refuse(answer)
    result: dict[str, Any] = answer.json()
    return result


def _refuse(answer: httpx.Response) -> NoReturn:
    """Hand on Airflow's refusal, as one sentence."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = f"Airflow refused with status {answer.status_code}."
    if not isinstance(detail, str):
        problems = detail if isinstance(detail, list) else [detail]
        detail = "; ".join(
            str(each.get("msg", each)) if isinstance(each, dict) else str(each) for each in problems
        )
    raise HTTPException(answer.status_code if answer.status_code < 500 else 502, detail)


def _refuse_unready(destination: AnyDestination) -> None:
    """Refuse what could only fail."""
    if isinstance(destination, QuarantinedDestination):
        raise HTTPException(409, f"{destination.id} is quarantined, mend its file first: {destination.message}")
    if not destination.enabled:
        raise HTTPException(409, f"{destination.id} is disabled: its file says `enabled: false`.")


def _find_run(destination: AnyDestination, day: date) -> RunOfDag | None:
    """Return the latest run that carries a day."""
    with open_metadata() as session:
        runs = read_runs_of_days(session, nightly_dag_id(destination.id), *span_of_days(day, day))
    schedule = destination.schedule
    return next((run for run in reversed(runs) if day_of_run(run, schedule) == day), None)


async def _warn_of_pause(dag_id: str) -> str:
    def is_paused() -> bool:
        with open_metadata() as session:
            dag = read_dags(session, [dag_id]).get(dag_id)
            return bool(dag and dag.paused)

    return f" It waits until {dag_id} is unpaused." if await run_in_threadpool(is_paused) else ""


def _started(dag_id: str, run_id: str, said: str) -> dict[str, Any]:
    link = link_run(dag_id, run_id)
    return {"dag_id": dag_id, "run_id": run_id, "backfill_id": None, "link": link, "said": said}


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat()
