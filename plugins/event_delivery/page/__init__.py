"""How does the Deliveries page reach Airflow's API server? As an ASGI app that is built when it is first asked.

overview and detail answer, knowledge, night and runs know, access and actions guard and act, app serves.
"""

from __future__ import annotations

from typing import Any

PREFIX = "/event_delivery"
AIRFLOW = "event_delivery.airflow_app"


class DeliveriesPage:
    """The page; every process of Airflow loads plugins, and a task must not wait for FastAPI's import."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; the app around this one is Airflow's own."""
        from event_delivery.page.app import page_app

        scope[AIRFLOW] = scope.get("app")
        await page_app()(scope, receive, send)
