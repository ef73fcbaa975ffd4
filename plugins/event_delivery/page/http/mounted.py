"""What does Airflow mount? An ASGI app that is built when it is first asked."""

from __future__ import annotations

from typing import Any


class DeliveriesPage:
    """The page; every process of Airflow loads plugins, and a task must not wait for FastAPI's import."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        from event_delivery.page.http.app import serve

        await serve(scope, receive, send)
