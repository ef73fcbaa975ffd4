"""What is recorded of deliveries that an edit has taken out of their destination?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection


def record_cancelled(
    connection: Connection[Any],
    destination: str,
    events: Sequence[str],
    interval: Interval,
    reason: str,
    dag_id: str,
    run_id: str,
) -> None:
    """Record that nightly deliveries of these event types were cancelled; what was delivered before stays so."""
    values = {
        "destination": destination,
        "events": list(events),
        "error": reason,
        "dag_id": dag_id,
        "run_id": run_id,
    }
    interval_values = {"interval_start": interval.start, "interval_end": interval.end}
    run_statement(connection, "cancel_deliveries.sql", values | interval_values)
