"""Who is told that an incident has begun, and from when on? Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from event_delivery.destinations import Destination
from event_delivery.incidents.alerts import Alerts, Rule
from event_delivery.incidents.kinds import GRAVE_STAGES, KINDS
from event_delivery.ledger.incident_messages import CONTACT, Opening
from event_delivery.ledger.incidents import IncidentRecord
from event_delivery.schedule import day_of


def fingerprint(
    incident: IncidentRecord,
    alerts: Alerts,
    destinations: Mapping[str, Destination],
    heard: Collection[str] = (),
) -> str:
    """Return what decides who is told: when it changes, it is decided anew who has not been told yet.

    The rules and the contacts are part of it: what began before anybody was named is told once somebody is.
    And so is who has `heard` of all its nights already: when another joins, those are told.
    """
    named = [f"{hit.destination} {hit.stage in GRAVE_STAGES}" for hit in incident.hits]
    rules = [rule.model_dump_json() for rule in alerts.rules]
    contacts = list_contacts(incident, destinations) if alerts.contact_sender else []
    known = [f"heard {each}" for each in sorted(heard)]
    text = "\n".join([incident.kind, incident.severity, *named, *rules, *contacts, *known])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def choose_openings(
    incident: IncidentRecord,
    alerts: Alerts,
    destinations: Mapping[str, Destination],
    now: datetime,
    heard: Collection[str] = (),
) -> list[Opening]:
    """Return the senders of every rule that concerns an incident, each once, and the contacts of its clients.

    Who has `heard` of it is left out.
    """
    chosen: dict[str, datetime] = {}
    for rule in alerts.rules:
        from_when = _find_instant(rule, alerts.timezone, now) if rule.concerns(incident) else None
        for sender in rule.send_to if from_when else ():
            chosen[sender] = min(from_when or now, chosen.get(sender, from_when or now))
    contacts = list_contacts(incident, destinations) if alerts.contact_sender else []
    openings = [Opening(name, at) for name, at in chosen.items()] + [Opening(name, now) for name in contacts]
    return [each for each in openings if each.recipient not in heard]


def list_contacts(incident: IncidentRecord, destinations: Mapping[str, Destination]) -> list[str]:
    """Return whose contacts are told: what their client can do something about, or has to know."""
    told = [
        hit.destination for hit in incident.hits if KINDS[incident.kind].for_client or hit.stage in GRAVE_STAGES
    ]
    known = [destinations.get(name) for name in told]
    return [f"{CONTACT}{each.id}" for each in known if each is not None and each.contact]


def _find_instant(rule: Rule, timezone: str, now: datetime) -> datetime | None:
    """Return from when on a rule sends what has begun now: at once, when its hours begin, or not at all."""
    if rule.span is None:
        return now
    begin, end = rule.span
    wall = now.astimezone(ZoneInfo(timezone)).time()
    if _is_within(wall, begin, end):
        return now
    return None if rule.outside == "skip" else _find_next(begin, timezone, now)


def _is_within(wall: time, begin: time, end: time) -> bool:
    return begin <= wall < end if begin < end else wall >= begin or wall < end


def _find_next(begin: time, timezone: str, now: datetime) -> datetime:
    day = day_of(now, timezone).previous
    instant = day.due(begin)
    return instant if instant > now else day.next.due(begin)
