"""Which incidents are open, and which does a pass of the watch open, update and close?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Hit:
    """A destination that an incident concerns: how far its trouble is, and of which days (`YYYY-MM-DD`)."""

    destination: str
    stage: str = ""
    days: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncidentRecord:
    """One thing that is wrong, from its first sign until it is over.

    `topic` and `concerns` say which one it is: one of them is open at a time. `kind` is what it is called now,
    `cause` one sentence for the operator. `last_seen_at`: by the latest look that found it.
    """

    id: int
    topic: str
    concerns: str
    kind: str
    severity: str
    cause: str
    hits: tuple[Hit, ...]
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    routed_as: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    snooze_reason: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Which incident it is."""
        return self.topic, self.concerns


def lock_incidents(connection: Connection[Any]) -> None:
    """Wait, within the transaction around, until no other watch records; raises `psycopg.Error`."""
    run_statement(connection, "lock_incidents.sql", {})


def read_last_look(connection: Connection[Any]) -> datetime | None:
    """Return when a watch last saw an incident or closed one."""
    last: datetime | None = read_one(connection, "read_last_look.sql", {})[0]
    return last


def read_incidents(
    connection: Connection[Any], closed_since: datetime | None = None, destination: str | None = None
) -> list[IncidentRecord]:
    """Return the open incidents, of all or one destination, then those closed since; each the latest first."""
    values = {"closed_since": closed_since, "destination": destination}
    rows = run_statement(connection, "read_incidents.sql", values)
    return [_make(*row) for row in rows]


def find_incident(connection: Connection[Any], incident_id: int) -> IncidentRecord | None:
    """Return an incident by its number."""
    row = run_statement(connection, "find_incident.sql", {"id": incident_id}).fetchone()
    return _make(*row) if row else None


def open_incident(connection: Connection[Any], incident: IncidentRecord) -> int:
    """Record an incident that has begun; returns its number. One that stands there already is not doubled."""
    number: int = read_one(connection, "open_incident.sql", _values(incident))[0]
    return number


def update_incident(connection: Connection[Any], incident: IncidentRecord) -> None:
    """Record what is known of an open incident now."""
    run_statement(connection, "update_incident.sql", _values(incident))


def close_incident(connection: Connection[Any], incident_id: int, at: datetime) -> None:
    """Record that an incident is over."""
    run_statement(connection, "close_incident.sql", {"id": incident_id, "closed_at": at})


def note_routing(connection: Connection[Any], incident_id: int, routed_as: str) -> None:
    """Record for what it was decided who is told of an incident."""
    run_statement(connection, "note_routing.sql", {"id": incident_id, "routed_as": routed_as})


def write_hits(hits: Sequence[Hit]) -> str:
    """Return the destinations of an incident as JSON."""
    return json.dumps([asdict(hit) for hit in hits])


def read_hits(hits: Sequence[dict[str, Any]]) -> tuple[Hit, ...]:
    """Return the destinations of an incident."""
    return tuple(Hit(each["destination"], each["stage"], tuple(each["days"])) for each in hits)


def _make(*row: Any) -> IncidentRecord:
    return IncidentRecord(*[*row[:6], read_hits(row[6]), *row[7:]])


def _values(incident: IncidentRecord) -> dict[str, Any]:
    kept = {name: getattr(incident, name) for name in IncidentRecord.__dataclass_fields__}
    return kept | {"hits": write_hits(incident.hits)}
