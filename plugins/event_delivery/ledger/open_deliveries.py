"""What is recorded of deliveries that their run has left open?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


RUN_IS_OVER = "Deliver the day again."  # ends the reason of what a run has left open


@dataclass(frozen=True)
class OpenDeliveries:
    """The deliveries of a run that no upload has ended: their event types, their kind, and why in one sentence."""

    destination: str
    events: Sequence[str]
    interval: Interval
    dag_id: str
    run_id: str
    reason: str
    kind: str = "nightly"


def record_cancelled(connection: Connection[Any], left: OpenDeliveries) -> None:
    """Record that an edit has cancelled them; what was delivered before stays so."""
    run_statement(connection, "cancel_deliveries.sql", _values(left))


def record_silent_failure(connection: Connection[Any], left: OpenDeliveries) -> None:
    """Record that they failed, where nobody could say why: a worker died, or the run took too long."""
    run_statement(connection, "record_silent_failure.sql", _values(left))


def _values(left: OpenDeliveries) -> dict[str, Any]:
    return {
        "destination": left.destination,
        "events": list(left.events),
        "interval_start": left.interval.start,
        "interval_end": left.interval.end,
        "dag_id": left.dag_id,
        "run_id": left.run_id,
        "error": left.reason,
        "kind": left.kind,
    }
