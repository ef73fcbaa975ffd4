"""Which delivery does a task of a run carry?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from event_delivery.delivery import Delivery, nightly_delivery, test_delivery
from event_delivery.destination import Destination
from event_delivery.sample import SAMPLE_EVENT_TYPE
from event_delivery.timetable import LocalDayTimetable, resolve_day


def nightly_delivery_of_run(destination: Destination, event: str, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of the local day that the run carries (see `resolve_day`)."""
    run = context["dag_run"]
    day = resolve_day(
        LocalDayTimetable(destination.timezone, destination.deliver_at),
        day=context["params"].get("day"),
        manual=str(getattr(run.run_type, "value", run.run_type)) == "manual",
        logical_date=run.logical_date,
        interval_start=run.data_interval_start,
        run_after=run.run_after,
    )
    return nightly_delivery(destination, event, day)


def test_delivery_of_run(destination: Destination, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of a test file, named by the instant at which its run started."""
    run = context["dag_run"]
    return test_delivery(destination, SAMPLE_EVENT_TYPE, run.start_date or run.run_after)
