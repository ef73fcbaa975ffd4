"""How is a day delivered again: all of it, or one event type?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fastapi import HTTPException, Request

from event_delivery.destinations import AnyDestination
from event_delivery.orchestration.links import quote_part
from event_delivery.orchestration.names import DAY_PARAM, EXACT_PARAM, nightly_dag_id, task_ids
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.http.airflow_api import call_airflow
from event_delivery.page.http.chosen import choose_decided
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.refusals import refuse_event, refuse_foreign, refuse_unready
from event_delivery.page.http.starting import describe_started, trigger_run, warn_of_pause
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.run import Run
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import Interval


async def redeliver(
    request: Request, destination: AnyDestination, day: date, asked: Interval | None, event: str | None
) -> Started:
    """Clear the run of a delivery, or trigger one where none reads the source; what is unconfirmed is decided."""
    await answer_in_time(refuse_unready, destination)
    await answer_in_time(refuse_event, destination, event)
    interval = await answer_in_time(choose_decided, destination, day, asked)
    dag_id = nightly_dag_id(destination.id)
    run = await answer_in_time(_find_run, destination, interval)
    if run is None or run.exact:
        refuse_busy(run)
        await answer_in_time(refuse_foreign, destination, interval, day)
        run_id = await trigger_run(request, dag_id, {DAY_PARAM: str(day)})
        said = f"A run was started that delivers {day}{await answer_in_time(_say_all, destination)}."
    else:
        run_id, said = run.run_id, await _clear(request, dag_id, run, day, event)
    return describe_started(dag_id, run_id, said + await warn_of_pause(dag_id))


async def redeliver_exactly(
    request: Request, destination: AnyDestination, day: date, asked: Interval | None
) -> Started:
    """Trigger a run that sends a day byte for byte as it was delivered; the run that made it reads the source."""
    await answer_in_time(refuse_unready, destination)
    interval = await answer_in_time(choose_decided, destination, day, asked)
    refuse_busy(await answer_in_time(_find_run, destination, interval))
    await answer_in_time(refuse_foreign, destination, interval, day)
    dag_id = nightly_dag_id(destination.id)
    run_id = await trigger_run(request, dag_id, {DAY_PARAM: str(day), EXACT_PARAM: True})
    said = f"A run was started that sends {day}{await answer_in_time(_say_all, destination)}, as it was delivered."
    return describe_started(dag_id, run_id, said + await warn_of_pause(dag_id))


def refuse_busy(run: Run | None, own: Sequence[str] = ()) -> None:
    """Raise HTTPException 409 where one of these tasks of a run, or any where none is named, is running."""
    tasks = [task.task for task in run.tasks if task.state == "running"] if run else []
    if busy := next((task for task in tasks if not own or task in own), None):
        raise HTTPException(409, f"This day is being delivered at this moment: the task {busy!r} is running.")


def plan_clearing(dag_id: str, run: Run, event: str | None) -> tuple[str, dict[str, object]]:
    """Return what Airflow is asked, and with which body: to clear one event type's tasks, else the whole run.

    Raises:
        HTTPException: 409, a task that would be cleared is running.
    """
    dag, own = f"/dags/{quote_part(dag_id)}", _list_own(run, event)
    refuse_busy(run, own)
    if own:
        options = {"only_failed": False, "reset_dag_runs": True, "dry_run": False}
        return f"{dag}/clearTaskInstances", {"dag_run_id": run.run_id, "task_ids": own, **options}
    return f"{dag}/dagRuns/{quote_part(run.run_id)}/clear", {"dry_run": False}


def _list_own(run: Run, event: str | None) -> list[str]:
    """Return the tasks that deliver an event type, if they are all that it waits for in this run, else nothing."""
    if event is None:
        return []
    tasks = run.tasks_for(event)
    whole = tuple(task.task for task in tasks) == task_ids(event) and all(
        task.state != "removed" for task in tasks
    )
    return list(task_ids(event)) if whole else []


async def _clear(request: Request, dag_id: str, run: Run, day: date, event: str | None) -> str:
    path, body = plan_clearing(dag_id, run, event)
    await call_airflow(request, "POST", path, body)
    which = f" for {event}" if "task_ids" in body else ""
    return f"The run of {day} was cleared{which}: it delivers the same file again."


def _find_run(destination: AnyDestination, interval: Interval) -> Run | None:
    with open_metadata() as session:
        return find_run(session, destination, interval)


def _say_all(destination: AnyDestination) -> str:
    return ", all its event types" if len(read_setup(destination).events) > 1 else ""
