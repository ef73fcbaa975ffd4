"""How is a file let go that is held, since the number of its events is out of line?"""

from __future__ import annotations

from datetime import date

from fastapi import HTTPException, Request

from event_delivery.destinations import AnyDestination
from event_delivery.ledger import open_ledger_reading
from event_delivery.orchestration.names import DAY_PARAM, EVENT_PARAM, RELEASE_PARAM, nightly_dag_id
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.http.chosen import choose_decided
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.refusals import refuse_event, refuse_foreign, refuse_unready
from event_delivery.page.http.starting import describe_started, trigger_run, warn_of_pause
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.schedule import Interval


async def release(
    request: Request, destination: AnyDestination, day: date, event: str, sha256: str, asked: Interval | None
) -> Started:
    """Trigger a run that delivers the held file of a day; `sha256`: of the one that was seen.

    Raises:
        HTTPException: 409, that file is not held, or not any more; and what Airflow refuses.
    """
    await answer_in_time(refuse_unready, destination)
    await answer_in_time(refuse_event, destination, event)
    interval = await answer_in_time(choose_decided, destination, day, asked)
    await answer_in_time(refuse_foreign, destination, interval, day)
    await answer_in_time(_refuse_unheld, destination, event, interval, sha256)
    dag_id = nightly_dag_id(destination.id)
    conf = {DAY_PARAM: str(day), EVENT_PARAM: event, RELEASE_PARAM: sha256}
    run_id = await trigger_run(request, dag_id, conf)
    said = f"A run was started that delivers the held file of {day}. Should the day hold something else by then, "
    return describe_started(dag_id, run_id, said + "that is held again." + await warn_of_pause(dag_id))


def _refuse_unheld(destination: AnyDestination, event: str, interval: Interval, sha256: str) -> None:
    with open_ledger_reading() as ledger:
        record = ledger.find_night(destination.id, event, interval)
    if record is None or record.held_sha256 is None:
        raise HTTPException(409, f"There is nothing to release: no file of {event} is held of that day.")
    if record.held_sha256 != sha256:
        raise HTTPException(409, "Another file is held by now than the one that you saw. Look at the day again.")
    with open_metadata() as session:
        run = find_run(session, destination, interval)
    if run and run.is_active:
        raise HTTPException(409, f"A run of that day is under way: {run.run_id}. Wait until it is over.")
