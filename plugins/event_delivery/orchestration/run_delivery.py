"""Which delivery does a task of a run carry?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination
from event_delivery.orchestration.names import DAY_PARAM
from event_delivery.schedule import RunDates, resolve_day


def nightly_delivery_of_run(destination: Destination, event: str, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of the local day that the run carries (see `resolve_day`)."""
    dates = run_dates(context["dag_run"], context["params"].get(DAY_PARAM))
    return nightly_delivery(destination, event, resolve_day(destination.schedule, dates))


def delivery_of_test_file_run(destination: Destination, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of the first event type's test file, named by the instant at which its run started."""
    run = context["dag_run"]
    return delivery_of_test_file(destination, destination.events[0], run.start_date or run.run_after)


def run_dates(run: Any, day: str | None) -> RunDates:
    """Return the dates of one of Airflow's runs; `day` is its param."""
    return RunDates(
        manual=str(getattr(run.run_type, "value", run.run_type)) == "manual",
        run_after=run.run_after,
        day=day,
        logical_date=run.logical_date,
        interval_start=run.data_interval_start,
    )
