"""How does the Deliveries page reach Airflow's API server? As an ASGI app that is built when it is first asked.

`known_destinations`, `runs` and `knowledge` read, `night` judges, `overview`, `delivery_detail` and
`destination_detail` answer, `access` guards, `actions` acts, `app` serves; `__main__` is the command line.
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


def page_href() -> str:
    """Return the page's path on Airflow's server, which may stand below a prefix."""
    from urllib.parse import urlsplit

    from airflow.configuration import conf

    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PREFIX + "/"
