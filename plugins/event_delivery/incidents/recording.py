"""How does one pass of the watch stand in the ledger, also where it is killed, or two watch at once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import Destination
from event_delivery.incidents.alerts import Alerts
from event_delivery.incidents.findings import Look
from event_delivery.incidents.heard import Heard, find_heard, list_not_begun, map_heard
from event_delivery.incidents.lifecycle import Steps, advance, list_outdated
from event_delivery.incidents.routing import choose_openings, fingerprint
from event_delivery.ledger.incident_messages import Opening, add_closings, add_openings, read_messages
from event_delivery.ledger.incidents import (
    IncidentRecord,
    close_incident,
    lock_incidents,
    note_routing,
    open_incident,
    read_incidents,
    read_last_look,
    update_incident,
)
from event_delivery.limits import LOOKS_AT_ONCE

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Watched:
    """A pass: what was found, and by which rules it is told; None: they are wrong, and are asked another time.

    `outages`: incidents of which people were told while the ledger could not keep them, and whom.
    """

    look: Look
    alerts: Alerts | None
    destinations: Mapping[str, Destination]
    outages: Sequence[tuple[IncidentRecord, Sequence[Opening]]] = field(default_factory=tuple)
    settle: timedelta = Alerts().settle


def record_pass(connection: Connection[Any], watched: Watched) -> Steps | None:
    """Open, update and close incidents, and have people told, all in one transaction.

    One that another watch was quicker than, by a later look, changes nothing, and returns None.
    """
    with connection.transaction():
        lock_incidents(connection)
        last = read_last_look(connection)
        if last is not None and timedelta(0) < last - watched.look.at <= LOOKS_AT_ONCE:
            return None
        for outage, openings in watched.outages:
            _record_outage(connection, outage, openings, watched)
        before = read_incidents(connection)
        heard = _read_heard(connection, before)
        steps = advance(before, watched.look, watched.settle)
        for opened in steps.opened:
            _route(connection, replace(opened, id=open_incident(connection, opened)), watched, heard)
        for updated in steps.updated:
            update_incident(connection, updated)
            _route(connection, updated, watched, heard)
        for closed in steps.closed:
            _close(connection, closed, watched.look)
    return steps


def _read_heard(connection: Connection[Any], incidents: Sequence[IncidentRecord]) -> Heard:
    not_begun = list_not_begun(incidents)
    messages = read_messages(connection, [each.id for each in not_begun]) if not_begun else []
    return map_heard(not_begun, messages)


def _route(connection: Connection[Any], incident: IncidentRecord, watched: Watched, heard: Heard) -> None:
    if watched.alerts is None:
        return
    known = find_heard(incident, heard)
    routed_as = fingerprint(incident, watched.alerts, watched.destinations, known)
    if incident.routed_as == routed_as:
        return
    openings = choose_openings(incident, watched.alerts, watched.destinations, watched.look.at, known)
    add_openings(connection, incident.id, openings, watched.look.at)
    note_routing(connection, incident.id, routed_as)


def _record_outage(
    connection: Connection[Any], outage: IncidentRecord, openings: Sequence[Opening], watched: Watched
) -> None:
    number = open_incident(connection, outage)
    add_openings(connection, number, openings, watched.look.at)
    alerts = watched.alerts or Alerts()
    note_routing(connection, number, fingerprint(outage, alerts, watched.destinations))


def _close(connection: Connection[Any], incident: IncidentRecord, look: Look) -> None:
    close_incident(connection, incident.id, look.at)
    add_closings(connection, incident.id, look.at, look.wanted, list_outdated(incident, look))
