"""How does a run wait for a source that is not complete yet?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from airflow.sdk.exceptions import AirflowRescheduleException

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.extract import SourceNotReadyError, extract_events
from event_delivery.limits import SOURCE_ASKED_FIRST, SOURCE_ASKED_LAST, SOURCE_ASKED_SOONEST
from event_delivery.schedule import write_instant
from event_delivery.staging import Manifest

_log = logging.getLogger(__name__)


def extract_when_ready(delivery: Delivery, run: Any, now: datetime | None = None, again: bool = False) -> Manifest:
    """Stage the events of a run's delivery, as soon as the source is complete.

    Counted from the start of the run, so that a killed worker goes on waiting, and a cleared run waits anew.
    `again`: the run has read the source before, when that was complete, and what it staged is gone.

    Raises:
        AirflowRescheduleException: not complete yet; the task takes no slot and no try until it is started again.
        PermanentError: not complete within `wait_for_source`, and `source_not_ready` is `fail`; else as
            `extract_events`.
        RetryableError: the same, of a run that reads `again`; as `extract_events`.
    """
    now = now or datetime.now(UTC)
    began, destination = run.start_date or run.run_after, delivery.destination
    until = began + destination.source_wait
    try:
        manifest = extract_events(delivery, now >= until and destination.source_not_ready == "deliver")
    except SourceNotReadyError as unready:
        if now >= until:
            raise _explain_end(unready, began, destination.wait_for_source, again) from None
        asked_next = _choose_instant(began, now, until)
        words = "%s Waiting for the source since %s, until %s at most; it is asked again at %s."
        _log.warning(words, unready, *map(write_instant, (began, until, asked_next)))
        raise AirflowRescheduleException(asked_next) from None
    if manifest.unready:
        _log.warning("%s What is there is delivered: source_not_ready is deliver.", manifest.unready)
    return manifest


def _choose_instant(began: datetime, now: datetime, until: datetime) -> datetime:
    """Return when the source is asked again: at the end of the wait, too, but never at once.

    Airflow 3.3 spends a try on a task that is started again before its scheduler has heard that it had stopped.
    """
    pause = min(SOURCE_ASKED_LAST, max(SOURCE_ASKED_FIRST, (now - began) / 10))
    return max(min(until, now + pause), now + SOURCE_ASKED_SOONEST)


def _explain_end(unready: SourceNotReadyError, began: datetime, wait: str, again: bool) -> DeliveryError:
    """Return why a run does not wait any longer; nobody knows how often it asked: it may have begun late."""
    waited = f"The run began at {write_instant(began)} and waits {wait} at most (wait_for_source)"
    said = f"{unready} {waited}: that time is over"
    if again:
        return RetryableError(
            f"{said}. What it staged before is gone, so the source is asked at the next try again."
        )
    return PermanentError(
        f"{said}, and source_not_ready is fail. Nothing was delivered. Clear the run when the source is complete."
    )
