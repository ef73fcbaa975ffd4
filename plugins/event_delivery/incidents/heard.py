"""Who has heard of an incident's nights already, by the incident of nights that nobody had begun? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from event_delivery.incidents.belonging import Night, list_nights
from event_delivery.incidents.kinds import KINDS, UNDELIVERED
from event_delivery.ledger.incident_messages import MessageRecord
from event_delivery.ledger.incidents import IncidentRecord

Heard = Mapping[Night, frozenset[str]]
_NOT_BEGUN = KINDS["not_begun"].topic


def list_not_begun(incidents: Iterable[IncidentRecord]) -> list[IncidentRecord]:
    """Return the incidents of nights that nobody had begun."""
    return [each for each in incidents if each.topic == _NOT_BEGUN]


def map_heard(not_begun: Sequence[IncidentRecord], messages: Iterable[MessageRecord]) -> Heard:
    """Return who was, or will be, told of each of these nights that nobody had begun it."""
    told: dict[int, set[str]] = {}
    for message in messages:
        if message.ending == "opened" and message.state != "failed":
            told.setdefault(message.incident_id, set()).add(message.recipient)
    heard: dict[Night, frozenset[str]] = {}
    for incident in not_begun:
        for night in list_nights(incident.hits):
            heard[night] = heard.get(night, frozenset()) | told.get(incident.id, set())
    return heard


def find_heard(incident: IncidentRecord, heard: Heard) -> frozenset[str]:
    """Return who knows of all nights of a destination's own incident: a night that began late, and then failed."""
    nights = list_nights(incident.hits)
    if incident.topic != UNDELIVERED or not nights:
        return frozenset()
    return frozenset.intersection(*(heard.get(night, frozenset()) for night in nights))
