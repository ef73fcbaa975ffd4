"""What does Airflow serve for the Deliveries page, and to whom?"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from event_delivery.errors import DeliveryError
from event_delivery.orchestration.names import destination_of_dag
from event_delivery.page.http.access import User, login_url, require_user
from event_delivery.page.http.action_routes import acting
from event_delivery.page.http.airflow_api import AIRFLOW_APP
from event_delivery.page.http.boarding_routes import onboarding
from event_delivery.page.http.file_routes import files
from event_delivery.page.http.guard import serve_guarded
from event_delivery.page.http.health import health
from event_delivery.page.http.incident_routes import incidents
from event_delivery.page.http.read_routes import reading
from event_delivery.page.http.responses import send_problems, send_reason, send_refusal

ASSETS = Path(__file__).parents[1] / "assets"
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'; object-src 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
}
_HANDLERS = {
    DeliveryError: send_reason,
    StarletteHTTPException: send_refusal,
    RequestValidationError: send_problems,
}


@cache
def page_app() -> FastAPI:
    """Return the app that Airflow mounts; every question but an uptime check's needs a user first."""
    app = FastAPI(title="Deliveries", docs_url=None, redoc_url=None, openapi_url=None)
    api = APIRouter(prefix="/api", dependencies=[Depends(require_user)])
    api.include_router(reading)
    api.include_router(files)
    api.include_router(onboarding)
    api.include_router(acting)
    api.include_router(incidents)
    app.include_router(api)
    app.include_router(health)
    app.add_api_route("/", show_page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/assets/{name:path}", send_asset, methods=["GET"], include_in_schema=False)
    for failure, handler in _HANDLERS.items():
        app.add_exception_handler(failure, handler)
    return app


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request; the app around ours is Airflow's own."""
    scope[AIRFLOW_APP] = scope.get("app")
    await serve_guarded(page_app(), scope, receive, send)


async def show_page(request: Request) -> Response:
    """Send the page; an anonymous visitor is sent to Airflow's login."""
    try:
        await require_user(request)
    except HTTPException as refusal:
        if refusal.status_code != 401:
            raise
        return RedirectResponse(login_url(str(request.url)), status_code=307)
    dag_id = request.query_params.get("destination", "")
    if identifier := destination_of_dag(dag_id):
        return RedirectResponse(str(request.url.include_query_params(destination=identifier)), status_code=307)
    return FileResponse(ASSETS / "index.html", headers=_HEADERS)


async def send_asset(name: str, _: User) -> Response:
    """Send a script, style or image of the page."""
    if name not in _list_assets():
        raise HTTPException(404, "There is no such asset.")
    return FileResponse(ASSETS / name, headers=_HEADERS)


@cache
def _list_assets() -> frozenset[str]:
    return frozenset(path.name for path in ASSETS.iterdir() if path.is_file())
