"""What becomes of a run whose staged files are gone: expired, on another worker, or not what was staged?"""

from __future__ import annotations

import logging
from typing import Any

from airflow.sdk.execution_time.timeout import timeout

from event_delivery.delivery import Delivery
from event_delivery.extract import stage_sample_event
from event_delivery.formats import format_events, format_staged_events
from event_delivery.limits import QUICK_TASK
from event_delivery.orchestration.source_wait import extract_when_ready
from event_delivery.staging import Manifest, StagedGoneError, check_staged

_log = logging.getLogger(__name__)


def format_or_stage_again(delivery: Delivery, run: Any) -> Manifest:
    """Write the delivery file; what `extract` staged and is gone is staged again, once.

    Raises:
        PermanentError, RetryableError: as `format_events` and `extract_when_ready` do.
    """
    try:
        return format_staged_events(delivery)
    except StagedGoneError as gone:
        _log.warning("%s The events are read and staged again.", gone)
        return format_events(delivery, stage_events(delivery, run, again=True))


def ensure_staged(delivery: Delivery, run: Any) -> None:
    """Have the delivery file in the staging area; one that is gone, or whose day has come again, is made again.

    Raises:
        PermanentError, RetryableError: as `format_events` and `extract_when_ready` do.
    """
    try:
        _check_made(delivery)
    except StagedGoneError as gone:
        _log.warning("%s The delivery file is made again.", gone)
        with timeout(int(QUICK_TASK.total_seconds())):
            format_events(delivery, stage_events(delivery, run, again=True))


def _check_made(delivery: Delivery) -> None:
    """Raise StagedGoneError where what lies there is not what this run made."""
    if check_staged(delivery, delivery.file_name).exact:
        raise StagedGoneError(f"{delivery.file_name}: another run has staged the day as it was delivered.")
    if delivery.supplement:
        from event_delivery.completeness.supplement import check_beside

        check_beside(delivery)


def stage_events(delivery: Delivery, run: Any, again: bool = False) -> Manifest:
    """Stage what a delivery of a run holds: a day's events, those that came late, or the sample.

    `again`: the run has done so before, and it is gone.

    Raises:
        PermanentError, RetryableError: as what stages each.
    """
    if delivery.kind == "test":
        return stage_sample_event(delivery)
    if delivery.supplement:
        from event_delivery.completeness.supplement import extract_supplement

        return extract_supplement(delivery)
    return extract_when_ready(delivery, run, again=again)
