"""What is wrong, since when, and who was told?"""

from __future__ import annotations

from collections.abc import Collection, Set
from datetime import datetime
from typing import cast

from event_delivery.incidents import ToldIncident, describe, recent_incidents
from event_delivery.incidents.kinds import SEVERITIES, Severity
from event_delivery.ledger.incident_messages import CONTACT, MessageRecord
from event_delivery.ledger.incidents import Hit, IncidentRecord
from event_delivery.page.answers.instants import show_instant, show_known
from event_delivery.page.answers.shapes.incident import Incident, IncidentHit, IncidentMessage, Incidents

_SHARED = "Shared with destinations that you may not read: whoever may read them all sees the cause."


def read_incidents(
    readable: Collection[str],
    destination: str | None,
    closed_since: datetime | None,
    now: datetime,
    changeable: Set[str] = frozenset(),
) -> Incidents:
    """Return the open incidents and those over since an instant, of a destination or of all `readable` ones.

    What is said of another destination is left out. One that hits none, such as a full disk, is everybody's.
    `changeable`: the destinations that the reader may act on.

    Raises:
        PermanentError, RetryableError: the ledger cannot be read.
    """
    found = recent_incidents(closed_since, destination)
    told = [each for each in found if is_readable(each.incident, readable)]
    shown = [_describe(each, readable, changeable) for each in sorted(told, key=_rank)]
    return {"now": show_instant(now), "incidents": shown}


def is_readable(incident: IncidentRecord, readable: Collection[str]) -> bool:
    """Tell whether somebody who may read these destinations may read of an incident."""
    return not incident.hits or any(hit.destination in readable for hit in incident.hits)


def may_answer(incident: IncidentRecord, readable: Collection[str], changeable: Set[str]) -> bool:
    """Tell whether somebody may act on all destinations of an open incident; of one that hits none, on all."""
    concerned = [hit.destination for hit in incident.hits] or readable
    return incident.closed_at is None and bool(changeable) and set(concerned) <= changeable


def _rank(told: ToldIncident) -> tuple[bool, int]:
    """The ledger gives the latest first, which stays among equals."""
    is_over = told.incident.closed_at is not None
    return is_over, 0 if is_over else -SEVERITIES.index(cast("Severity", told.incident.severity))


def _describe(told: ToldIncident, readable: Collection[str], changeable: Set[str]) -> Incident:
    incident, words = told.incident, describe(told.incident)
    return {
        "id": incident.id,
        "kind": incident.kind,
        "severity": cast("Severity", incident.severity),
        "concerns": incident.concerns,
        "title": words.title,
        "cause": incident.cause if _is_all_readable(incident, readable) else _SHARED,
        "advice": words.advice,
        "hits": [_describe_hit(hit) for hit in incident.hits if hit.destination in readable],
        "opened_at": show_instant(incident.opened_at),
        "last_seen_at": show_instant(incident.last_seen_at),
        "closed_at": show_known(incident.closed_at),
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": show_known(incident.acknowledged_at),
        "snoozed_until": show_known(incident.snoozed_until),
        "snooze_reason": incident.snooze_reason,
        "messages": [_describe_message(each) for each in told.messages if _is_named(each.recipient, readable)],
        "may_answer": may_answer(incident, readable, changeable),
    }


def _is_all_readable(incident: IncidentRecord, readable: Collection[str]) -> bool:
    """Tell whether no other destination may stand in the cause, as it may where many share it."""
    return all(hit.destination in readable for hit in incident.hits)


def _describe_hit(hit: Hit) -> IncidentHit:
    return {"destination": hit.destination, "stage": hit.stage, "days": list(hit.days)}


def _is_named(recipient: str, readable: Collection[str]) -> bool:
    return not recipient.startswith(CONTACT) or recipient.removeprefix(CONTACT) in readable


def _describe_message(message: MessageRecord) -> IncidentMessage:
    return {
        "ending": message.ending,  # type: ignore[typeddict-item]
        "recipient": message.recipient,
        "state": message.state,  # type: ignore[typeddict-item]
        "made_at": show_instant(message.made_at),
        "sent_at": show_known(message.sent_at),
        "tries": message.tries,
        "error": message.last_error,
    }
