"""What does the Deliveries page answer, and to whom?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse

from event_delivery.errors import DeliveryError
from event_delivery.orchestration.names import destination_of_dag
from event_delivery.page.answers import delivery_detail, destination_detail
from event_delivery.page.answers.overview import choose_range, read_overview
from event_delivery.page.http import access, actions
from event_delivery.page.http.access import FromOurPage, User
from event_delivery.page.sources.knowledge import open_metadata

ASSETS = Path(__file__).parents[1] / "assets"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
api = APIRouter(prefix="/api", dependencies=[Depends(access.require_user)])


@cache
def page_app() -> FastAPI:
    """Return the app that Airflow mounts."""
    app = FastAPI(title="Deliveries", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(api)
    app.add_api_route("/", show_page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/assets/{name:path}", send_asset, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(DeliveryError, _explain)
    return app


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request; the app around ours is Airflow's own."""
    scope[actions.AIRFLOW_APP] = scope.get("app")
    await page_app()(scope, receive, send)


async def show_page(request: Request) -> Response:
    """Send the page; an anonymous visitor is sent to Airflow's login."""
    try:
        await access.require_user(request)
    except HTTPException as refusal:
        if refusal.status_code != 401:
            raise
        return RedirectResponse(access.login_url(str(request.url)), status_code=307)
    dag_id = request.query_params.get("destination", "")
    if identifier := destination_of_dag(dag_id):
        return RedirectResponse(str(request.url.include_query_params(destination=identifier)), status_code=307)
    return FileResponse(ASSETS / "index.html", headers={**_HEADERS, "Cache-Control": "no-cache"})


async def send_asset(name: str, _: User) -> Response:
    """Send a script, style or image of the page."""
    path = (ASSETS / name).resolve()
    if not path.is_relative_to(ASSETS.resolve()) or not path.is_file():
        raise HTTPException(404, "There is no such asset.")
    return FileResponse(path, headers={**_HEADERS, "Cache-Control": "no-cache"})


@api.get("/overview")
def overview(
    user: User,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> Response:
    """Every delivery's state in a range of days, of the destinations that the user may read."""
    now = datetime.now(UTC)
    destinations = access.filter_readable(user)
    try:
        first, last = choose_range(destinations, first, last, now)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    with open_metadata() as session:
        answer = read_overview(session, destinations, first, last, now)
    return _answer(answer | {"may": {"act": access.may_act(user, destinations)}})


@api.get("/delivery")
def delivery(
    request: Request,
    user: User,
    destination: str,
    event: str,
    day: date,
    kind: str = "nightly",
    start: datetime | None = None,
) -> Response:
    """All that is known about one delivery."""
    found = access.read_permitted(request, user, destination)
    with open_metadata() as session:
        answer = delivery_detail.read_delivery(session, found, event, day, kind, start, datetime.now(UTC))
    if answer is None:
        raise HTTPException(404, f"Nothing is known about {found.id}, {event}, {day}.")
    return _answer(answer)


@api.get("/destination")
def destination(request: Request, user: User, identifier: Annotated[str, Query(alias="id")]) -> Response:
    """A destination's configuration, server and last 90 days."""
    found = access.read_permitted(request, user, identifier)
    with open_metadata() as session:
        return _answer(destination_detail.read_destination(session, found, datetime.now(UTC)))


@api.post("/test-file")
async def send_test_file(request: Request, _: FromOurPage, user: User, body: actions.Named) -> Response:
    """Send the test file."""
    found = await run_in_threadpool(access.read_permitted, request, user, body.destination)
    return _answer(await actions.send_test_file(request, found))


@api.post("/redeliver")
async def redeliver(request: Request, _: FromOurPage, user: User, body: actions.OfDay) -> Response:
    """Deliver a day again."""
    found = await run_in_threadpool(access.read_permitted, request, user, body.destination)
    return _answer(await actions.redeliver(request, found, body.day))


@api.post("/backfill")
async def backfill(request: Request, _: FromOurPage, user: User, body: actions.OfDays) -> Response:
    """Deliver the days of a range that were not delivered."""
    found = await run_in_threadpool(access.read_permitted, request, user, body.destination)
    return _answer(await actions.backfill(request, found, body.first, body.last))


@api.post("/pause")
async def pause(request: Request, _: FromOurPage, user: User, body: actions.OfPause) -> Response:
    """Pause or unpause the nightly deliveries."""
    found = await run_in_threadpool(access.read_permitted, request, user, body.destination)
    return _answer(await actions.pause(request, found, body.paused))


def _answer(content: dict[str, Any]) -> Response:
    """Return JSON as it stands: FastAPI's own encoder would take a second for a thousand destinations."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, media_type="application/json", headers=_NOT_KEPT)


async def _explain(_: Request, error: Exception) -> Response:
    """Say why the ledger cannot be read; a delivery's errors hold no secrets."""
    return JSONResponse({"detail": str(error)}, status_code=503, headers=_NOT_KEPT)
