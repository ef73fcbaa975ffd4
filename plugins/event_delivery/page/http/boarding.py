"""How is a client taken on board on the page, by whom, and what is answered?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fastapi import HTTPException, Request

from event_delivery.destinations.folder import destinations_folder
from event_delivery.errors import describe_reason
from event_delivery.limits import BOARDED_AT_ONCE, BOARDING_STEP
from event_delivery.onboard.form import Form, Told, look_at_server, may_write_file, take_aboard
from event_delivery.orchestration.links import link_dag, quote_part
from event_delivery.orchestration.names import dag_id_of_test_file
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.answers.shapes.boarding import Boarding, BoardingPlace
from event_delivery.page.http.access import may_use_connection, require_adding, require_readable
from event_delivery.page.http.airflow_api import call_airflow
from event_delivery.page.http.bodies import OfBoarding

_NEAR = ("host", "connect")
_places = threading.BoundedSemaphore(BOARDED_AT_ONCE)


def describe_place(user: Any) -> BoardingPlace:
    """Return where a new destination would be kept; raises HTTPException 403 as `board`."""
    from airflow.configuration import conf

    require_adding(user)
    backend = conf.get("secrets", "backend", fallback="")
    return {
        "database": not backend, "folder": str(destinations_folder()), "writable": may_write_file("_"),
    }  # fmt: skip


def board(request: Request, user: Any, body: OfBoarding, does: bool) -> Boarding:
    """Look at the server, or do the rest; a step that fails is an answer, too.

    Raises:
        HTTPException: 403, the user may not make this Connection, or not read such a destination; 503, others are
            taken on board at this moment; 500, something unforeseen, told without what was given.
    """
    require_adding(user, body.connection or f"sftp_{body.destination}")
    require_readable(request, user, body.destination)
    form = _fill(user, body)
    if not _places.acquire(blocking=False):
        raise HTTPException(503, "Others are taken on board at this moment. Try again in a minute.")
    try:
        return _describe(body.destination, _try(take_aboard if does else look_at_server, form))
    finally:
        _places.release()


async def send_first_test_file(request: Request, destination_id: str) -> Started:
    """Unpause the test file's DAG, so that its first file goes out by itself."""
    dag_id = dag_id_of_test_file(destination_id)
    path = f"/dags/{quote_part(dag_id)}?update_mask=is_paused"
    await call_airflow(request, "PATCH", path, {"is_paused": False})
    said = "Its DAG is unpaused: the first test file goes out by itself."
    return {"dag_id": dag_id, "run_id": None, "backfill_id": None, "link": link_dag(dag_id), "said": said}


def _fill(user: Any, body: OfBoarding) -> Form:
    return Form(
        destination_id=body.destination,
        fields=body.fields,
        url=body.url.get_secret_value(),
        host_key=body.host_key,
        replace=body.replace,
        keeps=body.keeps,
        user=str(user.get_name()),
        may_edit=lambda name: may_use_connection(user, name, "PUT"),
        seconds=BOARDING_STEP,
    )


def _try(step: Callable[[Form], Told], form: Form) -> Told:
    """Take a step; what nobody foresaw may quote what was given, so only its type is told, and nothing logged."""
    try:
        return step(form)
    except Exception as error:
        raise HTTPException(500, describe_reason(error, BOARDING_STEP)) from None


def _describe(destination_id: str, told: Told) -> Boarding:
    hint = (
        "This was asked from Airflow's API server. Where the client lets only your workers through, run "
        f"`python -m event_delivery.onboard {destination_id}` on one of them."
    )
    return {
        "done": list(told.done),
        "failed": told.failed or None,
        "hint": hint if told.step in _NEAR else None,
        "email": told.email or None,
        "fingerprint": told.fingerprint or None,
        "commands": told.commands or None,
        "file_name": f"{destination_id}.yaml",
        "yaml": told.yaml or None,
        "written": told.written,
        "aboard": told.aboard,
    }
