"""What does this package add to Airflow itself?"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from event_delivery.orchestration import listener
from event_delivery.orchestration.links import PAGE_PREFIX, PAGE_ROUTE, page_href
from event_delivery.orchestration.manual_runs import watch_manual_runs
from event_delivery.orchestration.pools import watch_retries
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.page import DeliveriesPage


class EventDeliveryPlugin(AirflowPlugin):
    """The schedule of local days, what the scheduler does around a run, and the Deliveries page."""

    name = "event_delivery"
    timetables = [LocalDayTimetable]  # noqa: RUF012 - Airflow's own spelling
    listeners = [listener]  # noqa: RUF012
    fastapi_apps = [  # noqa: RUF012
        {"app": DeliveriesPage(), "url_prefix": PAGE_PREFIX, "name": "Deliveries"}
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Deliveries",
            "href": page_href(),
            "url_route": PAGE_ROUTE,
            "destination": "nav",
            "nav_top_level": True,
        },
        {
            "name": "Deliveries",
            "href": page_href() + "?destination={DAG_ID}",
            "url_route": "deliveries_of_dag",
            "destination": "dag",
        },
    ]

    @classmethod
    def on_load(cls, *_: Any, **__: Any) -> None:
        """Let no manual run be made without its interval, and retries wait in a pool of their own."""
        watch_manual_runs()
        watch_retries()
