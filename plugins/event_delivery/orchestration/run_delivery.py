"""Which delivery does a task of a run carry, and may it go out?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import RefusedError, RetryableError
from event_delivery.limits import CLOCKS_DIFFER
from event_delivery.orchestration.asked import asked_supplement
from event_delivery.orchestration.manual_runs import asked_day, interval_asked_for, is_manual
from event_delivery.orchestration.names import ACCEPT_HOST_KEY
from event_delivery.schedule import Interval, may_be_called, refuse_interval


def nightly_delivery_of_run(destination: Destination, event: str, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of the interval that the run shows, whatever the destination's zone is today.

    Raises:
        RefusedError: the run has no interval, for its `day` is not a date.
    """
    run = context["dag_run"]
    if run.data_interval_start and run.data_interval_end:
        interval: Interval | None = Interval(run.data_interval_start, run.data_interval_end)
    else:
        interval = interval_asked_for(destination.schedule, run) if is_manual(run) else None
    if interval is None:
        raise RefusedError(
            f"{destination.id}: param 'day': found {asked_day(run)!r}, wanted a date such as 2026-01-31."
        )
    night = nightly_delivery(destination, event, interval)
    number = asked_supplement(run)
    return supplement_of(night, number) if number else night


def check_run(delivery: Delivery, context: Mapping[str, Any]) -> None:
    """Check that a nightly run may deliver what it carries.

    Raises:
        RetryableError: its day is over in less than a minute: this machine's clock may be behind the scheduler's.
        RefusedError: its day is not over, lies before the destination's `start_date`, or is not the one asked for.
    """
    destination, run = delivery.destination, context["dag_run"]
    zone = destination.timezone
    now = datetime.now(UTC)
    refusal = refuse_interval(delivery.interval, zone, destination.start_date, now)
    if refusal and timedelta(0) < delivery.interval.end - now < CLOCKS_DIFFER:
        raise RetryableError(f"{destination.id}: {refusal}")
    asked = asked_day(run) if is_manual(run) else None
    if not refusal and asked and not may_be_called(delivery.interval, asked, zone):
        refusal = f"the run asks for {asked}, but carries {delivery.interval}. Trigger it again."
    if refusal:
        raise RefusedError(f"{destination.id}: {refusal} Nothing was delivered.")


def refuse_accepting(delivery: Delivery, conf: object) -> None:
    """Let no run change which host key is trusted: whoever may trigger one may not therefore edit Connections.

    Raises:
        RefusedError: the run was triggered with `accept_host_key`, as it could be before.
    """
    if isinstance(conf, Mapping) and conf.get(ACCEPT_HOST_KEY) is not None:
        raise RefusedError(
            f"{delivery.destination.id}: {ACCEPT_HOST_KEY} was handed to the run; no run changes which host key "
            f"counts. Confirm the key on the Deliveries page, or with: python -m event_delivery.host_keys. "
            f"Nothing was delivered."
        )


def delivery_of_test_file_run(destination: Destination, context: Mapping[str, Any]) -> Delivery:
    """Return the delivery of the first event type's test file, named by the instant at which its run started."""
    run = context["dag_run"]
    return delivery_of_test_file(destination, destination.events[0], run.start_date or run.run_after)


def delivery_of_task(destination: Destination, event: str | None, context: Mapping[str, Any]) -> Delivery:
    """Return what a task of a run delivers: of an event type what the run asks for; without one the test file."""
    if event:
        return nightly_delivery_of_run(destination, event, context)
    return delivery_of_test_file_run(destination, context)
