"""Where on the Deliveries page does an upload lead to?"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from airflow.sdk import BaseOperatorLink

from event_delivery.delivery import Delivery
from event_delivery.local_day import day_of
from event_delivery.page import page_href
from event_delivery.page.links import link_delivery
from event_delivery.run_delivery import nightly_delivery_of_run, test_delivery_of_run


def delivery_of_upload(operator: Any, context: Any) -> Delivery:
    """Return what an upload of a run delivers: an event type's file of the day, or the test file."""
    if operator.event:
        return nightly_delivery_of_run(operator.destination, operator.event, context)
    return test_delivery_of_run(operator.destination, context)


class DeliveryLink(BaseOperatorLink):
    """A button on the upload's page in Airflow; the worker makes its address when the task ends."""

    name = "Delivery"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address; `ti_key` is the running task instance."""
        from airflow.configuration import conf

        delivery = delivery_of_upload(operator, ti_key.get_template_context())
        start = delivery.interval_start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        day = day_of(delivery.interval_start, delivery.destination.timezone)
        test_start = start if delivery.kind == "test" else None
        path = link_delivery(page_href(), delivery.destination.id, delivery.event, str(day.date), test_start)
        return str(conf.get("api", "base_url", fallback="")).rstrip("/") + path
