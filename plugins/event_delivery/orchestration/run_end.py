"""How does the ledger learn of what a run has left open? From the scheduler, which must not wait for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from event_delivery.errors import DeliveryError
from event_delivery.limits import LEDGER_LEFT_ALONE, LIMITS
from event_delivery.orchestration.asked import kind_of
from event_delivery.orchestration.names import QUARANTINED, destination_of_dag
from event_delivery.schedule import Interval

_log = logging.getLogger(__name__)
_left_alone_until = 0.0


def record_removed(dag_run: Any, events: Sequence[str]) -> None:
    """Record deliveries whose event types an edit has taken out of their destination."""
    from event_delivery.ledger.open_deliveries import record_cancelled

    destination = destination_of_dag(dag_run.dag_id)
    reason = f"Cancelled: the event type was taken out of {destination}.yaml before it was delivered."
    _record(record_cancelled, dag_run, events, reason)


def record_failed_run(dag_run: Any, events: Sequence[str], failed_tasks: Mapping[str, str]) -> None:
    """Record deliveries of a failed run, for those whose tasks could not say why: their worker died, for one.

    `failed_tasks`: ids by event type; none where the run was ended as a whole.
    """
    from event_delivery.ledger.open_deliveries import RUN_IS_OVER, record_silent_failure

    reasons: dict[str, list[str]] = {}
    for event in events:
        task = QUARANTINED if QUARANTINED in failed_tasks else failed_tasks.get(event)
        reasons.setdefault(_explain(task), []).append(event)
    for reason, those in reasons.items():
        _record(record_silent_failure, dag_run, those, f"{reason} {RUN_IS_OVER}")


def _explain(failed_task: str | None) -> str:
    if failed_task is None:
        return "The run was ended before it was through: it took too long, or somebody stopped it."
    if failed_task == QUARANTINED:
        return "The destination was quarantined before this was delivered: mend its file."
    return f"The task {failed_task!r} ended without a word: its worker died or was stopped."


def _record(how: Callable[..., None], dag_run: Any, events: Sequence[str], reason: str) -> None:
    """Write to the ledger; one that is slow, or does not answer, is left alone for a while, so that runs go on."""
    global _left_alone_until
    from event_delivery.ledger import BoundedLedger
    from event_delivery.ledger.claims import record_if_ours
    from event_delivery.ledger.open_deliveries import OpenDeliveries

    started = time.monotonic()
    if not (events and dag_run.data_interval_start and dag_run.data_interval_end) or started < _left_alone_until:
        return
    destination = destination_of_dag(dag_run.dag_id) or dag_run.dag_id
    interval = Interval(dag_run.data_interval_start, dag_run.data_interval_end)
    left = OpenDeliveries(destination, events, interval, dag_run.dag_id, dag_run.run_id, reason, kind_of(dag_run))
    try:
        with BoundedLedger(LIMITS.last_words, upgrade_seconds=None) as ledger:
            ledger.ask(record_if_ours, how, left)
    except DeliveryError as error:
        _log.warning("%s, %s: the ledger could not record %r: %s", left.dag_id, left.run_id, reason, error)
        _left_alone_until = time.monotonic() + LEDGER_LEFT_ALONE
    if time.monotonic() - started > LIMITS.last_words / 3:
        _left_alone_until = time.monotonic() + LEDGER_LEFT_ALONE
