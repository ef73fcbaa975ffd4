"""What did a person say of an open incident: seen, or not now?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.errors import PermanentError
from event_delivery.ledger.statements import run_statement

if TYPE_CHECKING:
    from psycopg import Connection


def acknowledge_incident(connection: Connection[Any], incident_id: int, user: str, now: datetime) -> None:
    """Record who has seen an incident, and when; of several the first stays. Raises as `snooze_incident`."""
    _require_open(connection, "acknowledge_incident.sql", {"id": incident_id, "user": user, "now": now})


def snooze_incident(connection: Connection[Any], incident_id: int, until: datetime, reason: str) -> None:
    """Have nothing told of an incident until an instant, or until it is over; why is shown beside it.

    Raises:
        PermanentError: it is over by now.
    """
    _require_open(connection, "snooze_incident.sql", {"id": incident_id, "until": until, "reason": reason})


def unsnooze_incident(connection: Connection[Any], incident_id: int) -> None:
    """Have what is to be told of an incident told again, from now on. Raises as `snooze_incident`."""
    _require_open(connection, "unsnooze_incident.sql", {"id": incident_id})


def _require_open(connection: Connection[Any], statement: str, values: dict[str, Any]) -> None:
    if run_statement(connection, statement, values).fetchone() is None:
        raise PermanentError(f"Incident {values['id']} is over by now: there is nothing to do.")
