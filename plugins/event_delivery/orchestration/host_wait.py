"""How does an upload wait while as many are connected to its host as may be?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException

from event_delivery.delivery import Delivery
from event_delivery.limits import (
    HOST_ASKED_LAST,
    LIMITS,
    LONGEST_HOST_WAIT,
    LONGEST_HOST_WAIT_OF_RETRY,
    SOURCE_ASKED_SOONEST,
)
from event_delivery.schedule import write_instant
from event_delivery.upload import DeliveredFile, HostBusyError, UploadRun, deliver_file


def find_first_wait(context: Any) -> datetime | None:
    """Return when this try was first put off, None: it has not been; Airflow is asked only where it has."""
    if not context.get("task_reschedule_count"):
        return None
    first: datetime | None = context["ti"].get_first_reschedule_date(context)
    return first


def deliver_in_turn(
    delivery: Delivery, run: UploadRun, began: datetime | None, log: Any, now: datetime | None = None
) -> DeliveredFile:
    """Deliver, as soon as its host may have one connection more, by `connections_per_host`.

    `began`: when this try was first put off, None: it has not been. After LONGEST_HOST_WAIT (that of a retry is
    shorter) it goes on all the same: a file that does not come is worse for the client than a connection too
    many, which its server may refuse.

    Only the first time a moment is waited in the slot: a thousand that come back would hold all of them.

    Raises:
        AirflowRescheduleException: not yet; the task takes no slot and no try until it is started again.
        PermanentError, RetryableError: as `deliver_file`.
    """
    now = now or datetime.now(UTC)
    until = (began or now) + (LONGEST_HOST_WAIT_OF_RETRY if run.retrying else LONGEST_HOST_WAIT)
    if now >= until:
        log.warning("It has waited for its host since %s, and goes on now", write_instant(began or now))
        return deliver_file(delivery, replace(run, waits_for_host=False), log)
    try:
        return deliver_file(delivery, run, log, replace(LIMITS, host_patience=0.0) if began else LIMITS)
    except HostBusyError as busy:
        asked_next = _choose_instant(delivery, began or now, now, until)
        log.warning("%s Tried again at %s; at %s in any case.", busy, *map(write_instant, (asked_next, until)))
        raise AirflowRescheduleException(asked_next) from None


def _choose_instant(delivery: Delivery, began: datetime, now: datetime, until: datetime) -> datetime:
    """Return when it asks again: not all that were put off at one moment come back at one moment.

    Not sooner than Airflow 3.3 can bear, as in `source_wait`.
    """
    share = int.from_bytes(sha256(f"{delivery.destination.id}/{delivery.key}".encode()).digest()[:2]) / 2**16
    pause = min(HOST_ASKED_LAST, max(SOURCE_ASKED_SOONEST, now - began))
    asked = now + pause * (1 + share)
    return max(min(until, asked), now + SOURCE_ASKED_SOONEST)
